"""What goes between certtui and its reading child: length-prefixed frames, JSON for words, raw octets for DER and keys.

The child parses hostile files, so what it answers is not trusted either: pickle and marshal would let it run code in the
parent or crash it; JSON only makes values, and it is parsed in C. Every field is checked for its type before use.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

from certtui.clock import epoch, from_epoch
from certtui.errors import CerttuiError, Invalid, PasswordNeeded
from certtui.model.secret import Secret
from certtui.model.x509 import CsrFacts, KeyFacts, Material, X509Facts

MAX_FRAME = 256 * 1024 * 1024
CERTIFICATES_PER_FRAME = 1000
PARTS, RESULTS = 1, 2
_HEAD = struct.Struct("!BII")
_SIZE = struct.Struct("!I")

Row = list[Any]  # what JSON holds: checked value by value in `_fact`, `_texts` and `_outcome`
ReadExactly = Callable[[int], bytes]
"""Reads that many octets, fewer only at the end of the stream."""


class Garbled(ValueError):
    """The child answered something that it does not say when it is well."""


def pack_blobs(blobs: Sequence[bytes]) -> bytes:
    """A frame of octet strings: passwords, or the files of one batch."""
    sizes = b"".join(_SIZE.pack(len(blob)) for blob in blobs)
    body = _SIZE.pack(len(blobs)) + sizes + b"".join(blobs)
    return _SIZE.pack(len(body)) + body


def read_blobs(read: ReadExactly) -> list[bytes] | None:
    """The next frame of octet strings; None at the end of the stream. Raises `Garbled`."""
    head = read(4)
    if len(head) < 4:
        return None
    body = read(_SIZE.unpack(head)[0])
    try:
        (count,) = _SIZE.unpack_from(body)
        sizes = struct.unpack_from(f"!{count}I", body, 4)
    except struct.error:
        raise Garbled("a batch that is cut off") from None
    at = 4 + 4 * count
    blobs = []
    for size in sizes:
        blobs.append(body[at : at + size])
        at += size
    if at != len(body):
        raise Garbled("a batch that is cut off")
    return blobs


def pack_answer(kind: int, rows: Sequence[Any], blobs: Sequence[bytes]) -> bytes:
    """A frame of the child: JSON, then the octets that it names by size."""
    text = json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    body = b"".join(blobs)
    return _HEAD.pack(kind, len(text), len(body)) + text + body


def read_answer(read: ReadExactly) -> tuple[int, bytes, bytes] | None:
    """The next frame of the child as (kind, JSON, octets); None at the end of the stream. Raises `Garbled`."""
    head = read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    kind, words, octets = _HEAD.unpack(head)
    if words > MAX_FRAME or octets > MAX_FRAME:
        raise Garbled("a frame that is too large")
    text, body = read(words), read(octets)
    return None if len(body) < octets or len(text) < words else (kind, text, body)


def certificate_row(facts: X509Facts, blobs: list[bytes]) -> Row:
    """One certificate as a row, its DER added to the octets."""
    blobs.append(facts.der)
    return [
        len(facts.der),
        epoch(facts.not_before),
        epoch(facts.not_after),
        facts.is_ca,
        facts.self_issued,
        facts.sans,
        facts.fingerprint_sha256,
        facts.fingerprint_sha1,
        facts.spki_sha256,
        facts.subject,
        facts.issuer,
        facts.subject_id,
        facts.issuer_id,
        facts.common_name,
        facts.issuer_name,
        facts.serial_number,
        facts.key_algorithm,
        facts.signature_digest,
        facts.subject_key_id,
        facts.authority_key_id,
    ]


def result_row(material: Material, certificates: Iterable[X509Facts], blobs: list[bytes]) -> Row:
    """One file's material; `certificates` are those that did not go ahead in frames of their own."""
    rows = [certificate_row(facts, blobs) for facts in certificates]
    keys = []
    for key in material.keys:
        blobs.append(key.pkcs8.reveal())
        keys.append([len(blobs[-1]), key.spki_sha256, key.key_algorithm])
    requests = []
    for request in material.requests:
        blobs.append(request.der)
        words = [request.spki_sha256, request.subject, request.common_name, request.key_algorithm]
        requests.append([len(request.der), request.signature_valid, request.sans, *words])
    said = [material.warnings, material.unread]
    return ["ok", material.form, material.friendly_name, said, rows, keys, requests]


def error_row(error: CerttuiError) -> Row:
    """Why a file was refused, as a row."""
    match error:
        case PasswordNeeded(wrong=wrong):
            return ["password", error.message, error.hint, wrong]
        case _:
            return ["invalid", error.message, error.hint, getattr(error, "field", "")]


class Octets:
    """Takes the octets of a frame apart in the order of its rows."""

    __slots__ = ("_at", "_body")

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    def take(self, size: object) -> bytes:
        if type(size) is not int or size < 0 or self._at + size > len(self._body):
            _garbled()
        start, self._at = self._at, self._at + size
        return self._body[start : self._at]


def rows_of(text: bytes) -> list[Row]:
    """The rows of a frame. Raises `Garbled`."""
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError):
        _garbled()
    if type(rows) is not list or any(type(row) is not list for row in rows):
        _garbled()
    return rows


def certificate_of(row: Row, octets: Octets) -> X509Facts:
    """A certificate from its row. Raises `Garbled`."""
    try:
        size, not_before, not_after, is_ca, self_issued, sans, *texts = row
        (sha256, sha1, spki, subject, issuer, subject_id, issuer_id, common, signer, serial, key, digest, ski, aki) = (
            texts
        )
        for text in texts:
            if type(text) is not str:
                _garbled()
        names = _texts(sans)
        return X509Facts(
            octets.take(size),
            sha256,
            sha1,
            spki,
            subject,
            issuer,
            subject_id,
            issuer_id,
            common,
            signer,
            names,
            serial,
            key,
            digest,
            from_epoch(not_before),
            from_epoch(not_after),
            bool(is_ca),
            bool(self_issued),
            ski,
            aki,
        )
    except (ValueError, TypeError, OverflowError):
        _garbled()


def material_of(row: Row, octets: Octets, path: str, ahead: Sequence[X509Facts]) -> Material:
    """One file's material from its row. Raises the error that it holds (`Invalid`, `PasswordNeeded`), or `Garbled`."""
    try:
        kind, first, second, third, *rest = row
        if kind in ("password", "invalid"):
            raise _refusal(str(kind), _text(first), _text(second), third)
        warnings, unread = map(_texts, third)
        certificates, keys, requests = rest
        return Material(
            path,
            _text(first),
            (*ahead, *(certificate_of(c, octets) for c in certificates)),
            tuple(_key(k, octets) for k in keys),
            tuple(_request(r, octets) for r in requests),
            _text(second),
            warnings,
            unread,
        )
    except (ValueError, TypeError):
        _garbled()


def _key(row: Row, octets: Octets) -> KeyFacts:
    size, spki, algorithm = row
    return KeyFacts(_text(spki), _text(algorithm), Secret(octets.take(size)))


def _request(row: Row, octets: Octets) -> CsrFacts:
    size, valid, sans, spki, subject, common, algorithm = row
    data = octets.take(size)
    return CsrFacts(data, _text(spki), _text(subject), _text(common), _texts(sans), _text(algorithm), valid is True)


def _refusal(kind: str, message: str, hint: str, more: object) -> CerttuiError:
    if kind == "password":
        return PasswordNeeded(message, hint, wrong=more is True)
    return Invalid(message, hint, field=_text(more))


def _text(value: object) -> str:
    if type(value) is not str:
        _garbled()
    return value


def _texts(value: object) -> tuple[str, ...]:
    if type(value) is not list or any(type(v) is not str for v in value):
        _garbled()
    return tuple(value)


def _garbled() -> NoReturn:
    raise Garbled("an answer that does not have the agreed form")


# A field added to the facts must be added to the rows too; this stops the first import instead of losing it.
if len(X509Facts.__match_args__) != 20:
    raise AssertionError("certtui.pki.wire does not carry all fields of X509Facts")
