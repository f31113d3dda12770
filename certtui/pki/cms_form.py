"""The forms a message comes and goes in: DER, PEM, and S/MIME as far as it is one base64 body (RFC 8551, 3.5.2)."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator

from certtui.errors import Invalid
from certtui.model.cms import FORMS, MAX_CONTENT, MAX_MESSAGE
from certtui.pki import pem
from certtui.pki.cms_asn1 import Indefinite, Malformed

_LABELS = (b"CMS", b"PKCS7", b"PKCS #7 SIGNED DATA")
"""RFC 7468, 8 and 9, and what old programs write."""
_BLANK = re.compile(rb"\r?\n[ \t]*\r?\n")
_CHUNK = 48 * 16384
"""Octets that are full lines of base64."""
_HEADER_MAX = 16 * 1024
_NO_MESSAGE = "This is not a CMS message."
_HINT = "Give a file in DER or PEM, as `openssl cms -outform PEM` writes it."


def to_der(message: bytes) -> bytes:
    """The DER of a message in any form that is read. Raises `Invalid`."""
    refuse_too_large(message, "message")
    if message[:1] == b"\x30":
        return message
    if pem.looks_like_pem(message):
        return _from_pem(message)
    return _from_mime(message)


def written(message: bytes, form: str) -> bytes:
    """DER as it is, or as PEM with the label of RFC 7468, 9."""
    return b"".join([b"-----BEGIN CMS-----\n", *_lines(message), b"-----END CMS-----\n"]) if form == "pem" else message


def check_form(form: str) -> None:
    """Raises `Invalid` for what can't be written."""
    if form not in FORMS:
        raise Invalid(f"“{form}” is not a form of a message.", f"Choose {' or '.join(FORMS)}.", field="form")


def refuse_too_large(data: bytes, what: str = "content") -> None:
    """Raises `Invalid` for more of a content or a message than is held in memory."""
    limit = MAX_MESSAGE if what == "message" else MAX_CONTENT
    if len(data) > limit:
        raise Invalid(
            f"The {what} is larger than {limit // 2**20} MiB, and it is held in memory.",
            "Use another program for it, or sign its digest: a file of checksums.",
        )


def _from_pem(text: bytes) -> bytes:
    for label in _LABELS:
        begin = text.find(b"-----BEGIN " + label + b"-----")
        if begin < 0:
            continue
        start = begin + len(label) + 16
        stop = _find(text, b"-----END " + label + b"-----", start)
        if stop < 0:
            raise Invalid(
                f"The PEM block “{label.decode()}” is cut off: its END line is missing.",
                "Check that the file is whole.",
            )
        return _decoded(text[start:stop])
    found = next(pem.blocks(text), None)
    what = f"a PEM block “{found.label}”" if found else "something else"
    raise Invalid(f"{_NO_MESSAGE[:-1]}: the file holds {what}.", _HINT)


def _find(text: bytes, what: bytes, start: int) -> int:
    """As `bytes.find`, in pieces."""
    for at in range(start, len(text), _CHUNK):
        if (found := text.find(what, at, at + _CHUNK + len(what))) >= 0:
            return found
    return -1


def _from_mime(text: bytes) -> bytes:
    """Headers, an empty line, and base64 of the message."""
    empty = _BLANK.search(text, 0, _HEADER_MAX)
    if empty is None:
        raise Invalid(_NO_MESSAGE, _HINT)
    headers = text[: empty.start()].lower()
    if b"multipart/signed" in headers:
        raise Invalid(
            "This is an S/MIME mail of several parts (multipart/signed), which is not read.",
            "Verify it with a mail program, or take the signature out as DER and give the signed part as the content.",
        )
    if not re.search(rb"content-type:\s*application/(x-)?pkcs7-(mime|signature)", headers):
        raise Invalid(_NO_MESSAGE, _HINT)
    return _decoded(text[empty.end() :])


def _decoded(body: bytes) -> bytes:
    """In pieces, between which others get their turn."""
    pieces: list[bytes] = []
    rest = b""
    try:
        for at in range(0, len(body), _CHUNK):
            text = rest + body[at : at + _CHUNK].translate(None, b"\r\n\t ")
            whole = len(text) // 4 * 4
            rest = text[whole:]
            if not whole:
                continue
            if pieces and len(pieces[-1]) % 3:
                raise binascii.Error("padding in the middle")
            pieces.append(binascii.a2b_base64(text[:whole], strict_mode=True))
        if rest:
            raise binascii.Error("not whole")
    except binascii.Error:
        raise Invalid("The message is not base64 throughout.", "Check that the file is whole.") from None
    return b"".join(pieces)


def _lines(message: bytes) -> Iterator[bytes]:
    """Base64 in lines of 64, many at once: one by one they take five seconds for the largest message (measured)."""
    for at in range(0, len(message), _CHUNK):
        text = binascii.b2a_base64(message[at : at + _CHUNK], newline=False)
        full = len(text) // 64
        lines = bytearray(b"\n") * (65 * full)
        for column in range(64):
            lines[column::65] = text[column : 64 * full : 64]
        yield bytes(lines)
        if rest := text[64 * full :]:
            yield rest + b"\n"


def unreadable(error: Malformed) -> Invalid:
    """The sentence for a message that cannot be taken apart."""
    if isinstance(error, Indefinite):
        return Invalid(
            "The message is written in pieces of indefinite length (BER), which is not read.",
            "Write it again without -stream: `openssl cms` then gives its length in advance.",
            field="message",
        )
    return Invalid("The message cannot be parsed.", "Check that the file is whole.", field="message")
