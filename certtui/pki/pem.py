"""PEM (RFC 7468) as it is met, not as it is written: text around the blocks, CRLF, no last newline, several blocks."""

from __future__ import annotations

import binascii
from collections.abc import Iterator

from certtui.record import dataclass

_BEGIN = b"-----BEGIN "
_END = b"-----END "
_DASHES = b"-----"
_LABEL_MAX = 64


@dataclass(frozen=True, slots=True)
class Block:
    """One block: its label, its decoded bytes (b"" where `problem` says why not), and its own text with the armour."""

    label: str
    der: bytes
    text: bytes
    encrypted: bool
    """It carries a DEK-Info header (RFC 1421): the traditional way of OpenSSL to encrypt a key."""
    problem: str = ""


def looks_like_pem(data: bytes) -> bool:
    """Whether there is any block to find."""
    return _BEGIN in data


def blocks(data: bytes) -> Iterator[Block]:
    """Every block in order; one that is cut off or not base64 is given with its problem. Never raises."""
    at = 0
    while (begin := data.find(_BEGIN, at)) >= 0:
        label_at = begin + len(_BEGIN)
        label_end = data.find(_DASHES, label_at, label_at + _LABEL_MAX + len(_DASHES))
        if label_end < 0 or b"\n" in data[label_at:label_end]:
            at = label_at
            continue
        label = data[label_at:label_end].decode("latin-1")
        body_at = label_end + len(_DASHES)
        # The next BEGIN first: looking for each END up to the end of the file would take quadratic time.
        following = data.find(_BEGIN, body_at)
        stop = following if following >= 0 else len(data)
        end = data.find(_END + data[label_at:label_end] + _DASHES, body_at, stop)
        if end < 0:
            at = stop
            yield Block(label, b"", data[begin:at], False, f"The block “{label}” is cut off: its END line is missing.")
            continue
        at = end + len(_END) + len(label) + len(_DASHES)
        yield _block(label, data[body_at:end], data[begin:at] + b"\n")


def encode(label: str, der: bytes) -> bytes:
    """One block with lines of 64 characters and LF."""
    body = binascii.b2a_base64(der, newline=False)
    lines = [body[i : i + 64] for i in range(0, len(body), 64)]
    name = label.encode("ascii")
    return b"\n".join([_BEGIN + name + _DASHES, *lines, _END + name + _DASHES, b""])


def _block(label: str, body: bytes, text: bytes) -> Block:
    encrypted = False
    if b":" in body:
        # RFC 1421 headers, ended by an empty line.
        head, _, rest = body.replace(b"\r\n", b"\n").lstrip().partition(b"\n\n")
        encrypted = b"ENCRYPTED" in head
        body = rest
    try:
        return Block(label, binascii.a2b_base64(b"".join(body.split()), strict_mode=True), text, encrypted)
    except binascii.Error:
        return Block(label, b"", text, encrypted, f"The block “{label}” is not base64.")
