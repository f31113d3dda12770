"""What using a key comes to: the file that is read, the file that is written, and the command line that means the same."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from certtui import files
from certtui.errors import Invalid, NotFound, Unreachable
from certtui.model.cms import CIPHERS, DIGESTS, FORMS, MAX_CONTENT, MAX_MESSAGE, OAEP, EncryptOptions, SignOptions
from certtui.own_files import spare_the_store
from certtui.text import sentence

if TYPE_CHECKING:
    from certtui.backend.base import Backend
    from certtui.model.cms import CmsVerification

SIGN, VERIFY, ENCRYPT, DECRYPT = ACTS = ("sign", "verify", "encrypt", "decrypt")
_SUFFIXES = (".p7m", ".p7s", ".cms", ".pem", ".der")


@dataclass(frozen=True, slots=True)
class Use:
    """One use of keys as it is asked for; what its act does not need is left as it is."""

    act: str
    repository_id: int
    certificates: tuple[int, ...] = ()
    file: str = ""
    content: str = ""
    """Of a detached message that is verified."""
    out: str = ""
    detached: bool = False
    digest: str = DIGESTS[0]
    pss: bool = False
    cipher: str = CIPHERS[0]
    rsa: str = OAEP
    form: str = FORMS[0]

    @property
    def needs_key(self) -> bool:
        return self.act in (SIGN, DECRYPT)


def command(use: Use) -> str:
    """The equivalent command line."""
    words = ["certtui", "repository", use.act, str(use.repository_id), use.file or "FILE"]
    if use.act in (SIGN, ENCRYPT) or use.certificates:
        for each in use.certificates or ("CERT",):
            words += ["--cert", str(each)]
    if use.act == SIGN:
        words += ["--detached"] * use.detached + ["--pss"] * use.pss
        words += ["--digest", use.digest] if use.digest != DIGESTS[0] else []
    if use.act == ENCRYPT:
        words += ["--cipher", use.cipher] if use.cipher != CIPHERS[0] else []
        words += [f"--{use.rsa}"] if use.rsa != OAEP else []
    if use.act in (SIGN, ENCRYPT) and use.form != FORMS[0]:
        words += ["--form", use.form]
    if use.act == VERIFY and use.content:
        words += ["--content", use.content]
    if use.out or use.act != VERIFY:
        words += ["--out", use.out or "FILE"]
    return " ".join(shlex.quote(word) for word in words)


def suggestion(use: Use) -> str:
    """Where the result could go: beside what is read. "" for a verification, which writes only when asked."""
    if not use.file or use.act == VERIFY:
        return ""
    if use.act == DECRYPT:
        stem = next((use.file[: -len(each)] for each in _SUFFIXES if use.file.endswith(each)), "")
        return stem or f"{use.file}.out"
    return f"{use.file}{'.p7s' if use.act == SIGN and use.detached else '.p7m'}"


def perform(backend: Backend, use: Use, *, overwrite: bool) -> tuple[str, CmsVerification | None]:
    """Read, do it, write; the sentence of what was done, and what verifying found. In a thread."""
    target = Path(use.out).expanduser() if use.out else None
    if target is not None:
        spare_the_store(backend, target)
    repositories = backend.repositories
    match use.act:
        case "sign":
            options = SignOptions(use.digest, use.pss, use.detached, use.form)
            made = repositories.sign(use.repository_id, use.certificates[0], read(use.file), options)
            return _written(target, made, overwrite=overwrite), None
        case "encrypt":
            sealing = EncryptOptions(use.cipher, use.rsa, use.form)
            made = repositories.encrypt(use.repository_id, use.certificates, read(use.file), sealing)
            return _written(target, made, overwrite=overwrite), None
        case "decrypt":
            only = use.certificates[0] if use.certificates else None
            opened = repositories.decrypt(use.repository_id, only, read(use.file, MAX_MESSAGE))
            said = _written(target, opened.content, overwrite=overwrite, private=True)
            unsure = "" if opened.authenticated else " Its cipher protects from no change on the way."
            return f"{said} Opened with the key of {opened.certificate_name}.{unsure}", None
        case _:
            content = read(use.content) if use.content else None
            found = repositories.verify(use.repository_id, read(use.file, MAX_MESSAGE), content)
            if target is None or not found.valid:
                return "", found
            inside = content if found.detached and content is not None else found.content
            return _written(target, inside, overwrite=overwrite, private=True), found


def read(typed: str, limit: int = MAX_CONTENT) -> bytes:
    """A whole file. Raises `NotFound`, `Unreachable`, `Invalid` for one that is too large."""
    try:
        with Path(typed).expanduser().open("rb") as file:
            data = file.read(limit + 1)
    except FileNotFoundError:
        raise NotFound(sentence(f"There is no file {typed}"), "Check the path.") from None
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no path"
        raise Unreachable(f"{typed} can't be read: {reason}.", "Check its path and mode.") from None
    if len(data) > limit:
        raise Invalid(f"{typed} is larger than {limit // 2**20} MiB, and goes through memory.", "Use another program.")
    return data


def _written(path: Path | None, content: bytes, *, overwrite: bool, private: bool = False) -> str:
    if path is None:
        raise Invalid("There is no file to write to.", "Name one.", field="out")
    files.write(path, content, mode=files.PRIVATE if private else files.PUBLIC, overwrite=overwrite)
    return f"Wrote {path}{', readable by you alone' if private else ''}."
