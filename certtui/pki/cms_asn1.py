"""The ASN.1 of CMS (RFC 5652) as a reader walks it and a writer makes it: elements, algorithm identifiers, content infos.

Only definite lengths are read. Whatever is wrong is a `Malformed`, or `Indefinite` for BER that was written in pieces;
nothing here recurses, so that nesting costs a hostile writer's own octets and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from certtui.pki import der
from certtui.pki.der import Malformed as Malformed

DATA = "1.2.840.113549.1.7.1"
SIGNED_DATA = "1.2.840.113549.1.7.2"
ENVELOPED_DATA = "1.2.840.113549.1.7.3"
AUTH_ENVELOPED_DATA = "1.2.840.113549.1.9.16.1.23"
MAX_ELEMENTS = 512
"""Of one SET or SEQUENCE: signers, recipients, certificates, attributes. No honest message comes near."""
NULL = b"\x05\x00"


class Indefinite(Malformed):
    """Written in pieces of indefinite length (X.690, 8.1.3.6), which is not read."""


class Element(NamedTuple):
    """One element of `data`: its tag, its offset, and where its content starts and stops."""

    data: bytes
    tag: int
    at: int
    start: int
    stop: int

    @property
    def raw(self) -> bytes:
        """The whole element as it was written."""
        return self.data[self.at : self.stop]

    @property
    def content(self) -> bytes:
        return self.data[self.start : self.stop]

    def expect(self, tag: int) -> Element:
        """Itself. Raises `Malformed` for another tag."""
        if self.tag != tag:
            raise Malformed(f"expected tag {tag:#04x}, found {self.tag:#04x}")
        return self

    def children(self, least: int = 0) -> list[Element]:
        """What a constructed element holds. Raises `Malformed`, also for fewer than `least` or more than MAX_ELEMENTS."""
        found: list[Element] = []
        at = self.start
        while at < self.stop:
            if len(found) == MAX_ELEMENTS:
                raise Malformed("more elements than anything honest has")
            found.append(_element(self.data, at, self.stop))
            at = found[-1].stop
        if len(found) < least:
            raise Malformed("too few elements")
        return found

    def only(self) -> Element:
        """The one element inside of an explicit tag. Raises `Malformed`."""
        inside = self.children()
        if len(inside) != 1:
            raise Malformed("one element was expected")
        return inside[0]

    def oid(self) -> str:
        return der.dotted(self.expect(der.OID).content)

    def number(self) -> int:
        content = self.expect(der.INTEGER).content
        if len(content) > 64:
            raise Malformed("a number of absurd length")
        return der.integer(content)


def _element(data: bytes, at: int, end: int) -> Element:
    if data[at + 1 : at + 2] == b"\x80":
        raise Indefinite("an indefinite length")
    tag, start, stop = der.tlv(data, at, end)
    return Element(data, tag, at, start, stop)


def whole(data: bytes) -> Element:
    """The one element that fills `data` exactly. Raises `Malformed`."""
    found = _element(data, 0, len(data))
    if found.stop != len(data):
        raise Malformed("bytes follow the end of the value")
    return found


class Algorithm(NamedTuple):
    """An AlgorithmIdentifier: its OID, its parameters (None if absent), and the element as it was written."""

    oid: str
    parameters: Element | None
    raw: bytes


def algorithm(element: Element) -> Algorithm:
    """Take an AlgorithmIdentifier apart. Raises `Malformed`."""
    first, *rest = element.expect(der.SEQUENCE).children(1)
    if len(rest) > 1:
        raise Malformed("an algorithm has one set of parameters")
    return Algorithm(first.oid(), rest[0] if rest else None, element.raw)


def content_info(data: bytes) -> tuple[str, Element]:
    """Content type and content of a message (RFC 5652, 3). Raises `Malformed`."""
    parts = whole(data).expect(der.SEQUENCE).children()
    if len(parts) != 2:
        raise Malformed("a message has a type and a content")
    kind, wrapped = parts
    return kind.oid(), wrapped.expect(0xA0).only()


Pieces = tuple[bytes, ...]
"""An element that is not joined yet: a content of hundreds of megabytes is copied once, not for each level around it."""


def around(tag: int, *inside: bytes | Pieces) -> Pieces:
    """An element in pieces around others."""
    pieces = [piece for each in inside for piece in (each if isinstance(each, tuple) else (each,))]
    return (der.head(tag, sum(map(len, pieces))), *pieces)


def sequence(*parts: bytes) -> bytes:
    return der.encode(der.SEQUENCE, b"".join(parts))


def set_of(parts: Iterable[bytes], tag: int = der.SET) -> bytes:
    """A SET OF in DER order (X.690, 11.6)."""
    return der.encode(tag, b"".join(sorted(parts)))


def oid(dotted: str) -> bytes:
    return der.encode(der.OID, der.undotted(dotted))


def octets(content: bytes) -> bytes:
    return der.encode(der.OCTET_STRING, content)


def small(number: int) -> bytes:
    """An INTEGER that is not negative."""
    return der.encode(der.INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def identifier(dotted: str, parameters: bytes = b"") -> bytes:
    """An AlgorithmIdentifier."""
    return sequence(oid(dotted), parameters)


def wrapped_info(kind: str, content: bytes | Pieces) -> bytes:
    """A ContentInfo, joined."""
    return b"".join(around(der.SEQUENCE, oid(kind), around(0xA0, content)))
