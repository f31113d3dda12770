"""Distinguished Encoding Rules, read by hand: just enough of X.690 to walk certificates that a strict parser refuses.

Everything here takes offsets into one `bytes` object, so that raw parts (a name, a key, an extension) can be hashed
exactly as they were written. Malformed input raises `Malformed` and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OID = 1, 2, 3, 4, 5, 6
SEQUENCE, SET = 0x30, 0x31
_DEPTH = 64


class Malformed(ValueError):
    """The bytes are not the ASN.1 that was expected here."""


def tlv(data: bytes, at: int, end: int) -> tuple[int, int, int]:
    """Tag, start and stop of the content of the element at `at`, which must lie within `end`."""
    try:
        size = data[at + 1]
        start = at + 2
        if size > 0x7F:
            octets = size - 0x80
            if not 0 < octets < 5:
                raise Malformed("a length that DER does not know")
            start += octets
            size = int.from_bytes(data[at + 2 : start], "big")
        stop = start + size
        if stop > end:
            raise Malformed("an element is longer than what holds it")
        return data[at], start, stop
    except IndexError:
        raise Malformed("the data ends in the middle of an element") from None


def expect(data: bytes, at: int, end: int, tag: int) -> tuple[int, int]:
    """Start and stop of the content of the element at `at`, which must have this tag."""
    found, start, stop = tlv(data, at, end)
    if found != tag:
        raise Malformed(f"expected tag {tag:#04x}, found {found:#04x}")
    return start, stop


def children(data: bytes, start: int, stop: int) -> Iterator[tuple[int, int, int, int]]:
    """The elements between `start` and `stop` as (tag, offset of the element, start, stop of its content)."""
    at = start
    while at < stop:
        tag, inner, after = tlv(data, at, stop)
        yield tag, at, inner, after
        at = after


def parts(data: bytes, tag: int = SEQUENCE) -> list[tuple[int, int, int, int]]:
    """The elements of a constructed value that fills `data` exactly."""
    start, stop = expect(data, 0, len(data), tag)
    if stop != len(data):
        raise Malformed("bytes follow the end of the value")
    return list(children(data, start, stop))


def integer(data: bytes) -> int:
    """An INTEGER's content as a number."""
    if not data:
        raise Malformed("an integer without octets")
    return int.from_bytes(data, "big", signed=True)


def dotted(content: bytes) -> str:
    """An OBJECT IDENTIFIER's content as its dotted string (X.690, 8.19); raises `Malformed`."""
    if not content or content[-1] & 0x80 or len(content) > 128:
        raise Malformed("an object identifier that ends too early")
    arcs: list[int] = []
    value = 0
    for octet in content:
        value = value << 7 | octet & 0x7F
        if not octet & 0x80:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, [first, arcs[0] - 40 * first, *arcs[1:]]))


def undotted(oid: str) -> bytes:
    """The content octets of a dotted object identifier."""
    first, second, *rest = map(int, oid.split("."))
    out = bytearray()
    for arc in [first * 40 + second, *rest]:
        septets = [arc & 0x7F]
        while arc := arc >> 7:
            septets.append(arc & 0x7F | 0x80)
        out += bytes(reversed(septets))
    return bytes(out)


def encode(tag: int, content: bytes) -> bytes:
    """One element in DER."""
    return head(tag, len(content)) + content


def head(tag: int, size: int) -> bytes:
    """Tag and length of an element whose content has `size` octets."""
    if size < 0x80:
        return bytes((tag, size))
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets


def from_ber(data: bytes) -> bytes:
    """The same value with definite lengths and strings in one piece: some writers of PKCS#7 and PKCS#12 use BER (X.690, 8.1.3.6).

    Raises `Malformed`, also for bytes after the value.
    """
    out, stop = _definite(data, 0, len(data), 0)
    if stop != len(data):
        raise Malformed("bytes follow the end of the value")
    return out


def _definite(data: bytes, at: int, end: int, depth: int) -> tuple[bytes, int]:
    if depth > _DEPTH:
        raise Malformed("nested too deeply")
    if at + 2 > end:
        raise Malformed("the data ends in the middle of an element")
    tag = data[at]
    indefinite = data[at + 1] == 0x80 and tag & 0x20 and tag & 0x1F != 0x1F
    if indefinite:
        start, stop = at + 2, end
    elif tag & 0x1F == 0x1F:
        raise Malformed("a tag that no certificate format uses")
    else:
        _, start, stop = tlv(data, at, end)
        if not tag & 0x20:
            return data[at:stop], stop
    pieces: list[bytes] = []
    cursor = start
    while True:
        if indefinite and data[cursor : cursor + 2] == b"\0\0":
            stop = cursor + 2
            break
        if cursor >= stop:
            if indefinite:
                raise Malformed("a value without an end")
            break
        piece, cursor = _definite(data, cursor, stop, depth + 1)
        pieces.append(piece)
    strings = bool(pieces) and all(p[0] == OCTET_STRING for p in pieces)
    if strings and (tag == 0x24 or (tag == 0xA0 and len(pieces) > 1)):
        joined = b"".join(p[tlv(p, 0, len(p))[1] :] for p in pieces)
        return encode(OCTET_STRING if tag == 0x24 else 0x80, joined), stop
    content = b"".join(pieces)
    if not indefinite and content == data[start:stop]:
        # As it was written, so that hashes and signatures over it stay true.
        return data[at:stop], stop
    return encode(tag, content), stop
