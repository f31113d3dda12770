"""Which files of a folder may hold certificates: walked in a fixed order, each real file once, nothing skipped unsaid."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from certtui.record import dataclass

LIMIT = 32 * 1024 * 1024
"""Bytes of the largest file that is read; the trust store of a whole system is a quarter of a megabyte."""

_SNIFFED = 1024 * 1024
_SUFFIXES = (
    *(".pem", ".crt", ".cer", ".cert", ".der", ".p7b", ".p7c", ".p7s"),
    *(".pfx", ".p12", ".ca-bundle", ".bundle"),
)
_KEY_SUFFIXES = (".key",)
"""Worth a look, but many another program calls its keys so too: this one's own store key, for instance."""
_PEM_LABEL = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----")
_MATERIAL = (b"CERTIFICATE", b"PRIVATE KEY", b"PKCS7", b"PKCS #7", b"CMS", b"PKCS12")
_FOREIGN = (b"OPENSSH", b"PGP", b"SSH2", b"ATTRIBUTE")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One file to read. `named`: the person gave this very path, so that it is never skipped."""

    path: str
    size: int
    named: bool


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A path that is not read, and the sentence of why; `rejected` when it may hold a certificate that is missed so."""

    path: str
    reason: str
    rejected: bool


def walk(paths: Iterable[Path]) -> Iterator[Candidate | PassedOver]:
    """Every file under these paths, folders in depth and by name. Links are followed; the same real file comes once."""
    met: dict[tuple[int, int], str] = {}
    # A stack, since a folder tree can be deeper than Python's own.
    waiting = [(path, True) for path in paths][::-1]
    while waiting:
        path, named = waiting.pop()
        try:
            facts = path.stat()
        except OSError as error:
            # A dangling link in a folder is housekeeping that was not done, not a certificate that is missed.
            dangling = not named and isinstance(error, FileNotFoundError)
            yield PassedOver(str(path), _sentence(error), rejected=not dangling)
            continue
        if (before := met.setdefault((facts.st_dev, facts.st_ino), str(path))) != str(path):
            yield PassedOver(str(path), f"It is the same file as {before}.", rejected=False)
        elif stat.S_ISREG(facts.st_mode) or (named and stat.S_ISFIFO(facts.st_mode)):
            # A pipe that somebody names is what a shell makes of `<(ssh host cat www.pem)`.
            yield Candidate(str(path), facts.st_size, named)
        elif not stat.S_ISDIR(facts.st_mode):
            yield PassedOver(str(path), "It is neither a file nor a folder.", rejected=named)
        else:
            try:
                waiting += [(child, False) for child in sorted(path.iterdir(), key=_order, reverse=True)]
            except OSError as error:
                yield PassedOver(str(path), _sentence(error), rejected=True)


def read(candidate: Candidate) -> bytes | PassedOver:
    """The bytes of a candidate, or why it is passed over; of a large file that shows nothing only the beginning is read."""
    # Room for what the file had when it was met, and one octet that shows whether it grew: a buffer of the limit's size
    # for every small file costs more than reading it. A pipe has no size.
    first = min(candidate.size + 1, _SNIFFED) if candidate.size else _SNIFFED
    try:
        with open(candidate.path, "rb") as file:  # noqa: PTH123 - pathlib takes half as long again
            data = file.read(first)
            if not candidate.named and (reason := _nothing_there(candidate, data)):
                return PassedOver(candidate.path, reason, rejected=False)
            if len(data) == first:
                data += file.read(LIMIT + 1 - first)
    except OSError as error:
        return PassedOver(candidate.path, _sentence(error), rejected=True)
    if len(data) > LIMIT:
        return PassedOver(candidate.path, f"It is larger than {LIMIT // 1024 // 1024} MiB.", rejected=True)
    return data


def says_certificate(path: str) -> bool:
    """Whether the name alone says that certificates are in there."""
    return path.lower().endswith(_SUFFIXES)


def has_pem_material(data: bytes) -> bool:
    """Whether a PEM heading announces a certificate, a request or a key that X.509 knows."""
    return any(map(_is_material, _PEM_LABEL.findall(data)))


def _nothing_there(candidate: Candidate, data: bytes) -> str:
    if has_pem_material(data):
        return ""
    if labels := sorted(set(_PEM_LABEL.findall(data))):
        return f"It holds {', '.join(label.decode().lower() for label in labels)}, no certificate."
    if (
        says_certificate(candidate.path)
        or candidate.path.lower().endswith(_KEY_SUFFIXES)
        or _is_der(data, candidate.size)
    ):
        return ""
    return "It holds no certificate."


def _is_material(label: bytes) -> bool:
    return any(word in label for word in _MATERIAL) and not any(word in label for word in _FOREIGN)


def _is_der(data: bytes, size: int) -> bool:
    """A SEQUENCE with a length in the long form (every certificate has one) that fits into the file, or BER's indefinite one."""
    if len(data) < 4 or data[0] != 0x30:
        return False
    octets = data[1] & 0x7F
    if not data[1] & 0x80 or octets > 4:
        return False
    return octets == 0 or int.from_bytes(data[2 : 2 + octets], "big") + 2 + octets <= size


def _order(path: Path) -> tuple[bool, str]:
    # Names that say "certificate" first: of `GlobalSign.pem` and the link `002c0b4f.0` to it, the former is reported.
    return (not says_certificate(path.name), path.name)


def _sentence(error: OSError) -> str:
    match error:
        case FileNotFoundError():
            return "There is no such file or folder."
        case PermissionError():
            return "It can't be read: permission denied."
        case _:
            return f"It can't be read: {(error.strerror or str(error)).lower()}."
