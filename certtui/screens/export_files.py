"""What an export is called, how it is asked for on the command line, and how it gets into a file."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from certtui import files
from certtui.errors import CerttuiError, Conflict
from certtui.model.certificate import ExportForm, ExportRequest
from certtui.own_files import spare_the_store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from certtui.backend.base import Backend
    from certtui.model.certificate import Certificate
    from certtui.model.progress import Progress

FORMS: tuple[tuple[ExportForm, str, str], ...] = (
    (ExportForm.PEM, "Certificate alone, PEM", ".crt"),
    (ExportForm.FULLCHAIN, "Full chain: certificate and intermediates, PEM", "-fullchain.pem"),
    (ExportForm.CHAIN, "Chain: intermediates alone, PEM", "-chain.pem"),
    (ExportForm.DER, "Certificate alone, DER", ".der"),
    (ExportForm.PKCS7, "PKCS#7: certificate and intermediates", ".p7b"),
    (ExportForm.PFX, "PFX (PKCS#12): with private key and chain", ".pfx"),
    (ExportForm.KEY, "Private key alone, PKCS#8", ".key"),
)
WITH_KEY = (ExportForm.PFX, ExportForm.KEY)


def why_not(certificate: Certificate, form: ExportForm) -> str:
    """Why this form can't be made of this entry, or ""."""
    if form in WITH_KEY and not certificate.row.has_private_key:
        return "the private key is not here"
    if certificate.x509 is None and form is not ExportForm.KEY:
        return "there is no certificate yet"
    if form is ExportForm.CHAIN and not certificate.chain:
        return "no chain is stored with it"
    return ""


def suggestion(name: str, form: ExportForm) -> str:
    """A path in the working folder, made from the entry's name."""
    suffix = next(suffix for each, _, suffix in FORMS if each is form)
    return f"./{files.safe_name(name)}{suffix}"


def command(reference: object, form: ExportForm, path: str, *, password: str = "", compat: bool = False) -> str:
    """The equivalent command line; `password` is "typed", "random", "none" or "" where none is asked."""
    words = ["certtui", "export", str(reference), "--as", form.value, "--out", path or "FILE"]
    match password:
        case "typed":
            words += ["--password-file", "FILE"]
        case "random":
            words.append("--generate-password")
        case "none":
            words.append("--no-encryption")
    if compat:
        words.append("--compat")
    return " ".join(shlex.quote(word) for word in words)


def target_of(typed: str) -> Path:
    """The path that a person typed, `~` resolved. Raises `Conflict` for a folder."""
    path = Path(typed.strip()).expanduser()
    if path.is_dir():
        raise Conflict(f"{path} is a folder.", "Name a file in it.")
    return path


def write(backend: Backend, certificate_id: int, request: ExportRequest, path: Path, *, overwrite: bool) -> str:
    """Export into a file; the sentence of what was done. In a thread."""
    spare_the_store(backend, path)
    exported = backend.certificates.export(certificate_id, request)
    mode = files.PRIVATE if exported.holds_key else files.PUBLIC
    files.write(path, exported.content.reveal(), mode=mode, overwrite=overwrite)
    return f"Wrote {path}{', readable by you alone' if exported.holds_key else ''}."


@dataclass(frozen=True, slots=True)
class BulkExport:
    """What became of an export of several: files written, and (name, reason) of what was left out."""

    written: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]


def write_many(
    backend: Backend, ids: Sequence[int], request: ExportRequest, folder: Path, *, overwrite: bool, progress: Progress
) -> BulkExport:
    """Export each into its own file of a folder (made 0700); what can't be exported is left out and named. In a thread."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CerttuiError(f"{folder} can't be made: {error.strerror or error}.", "Name another folder.") from None
    written: list[str] = []
    skipped: list[tuple[str, str]] = []
    taken: set[str] = set()
    for number, certificate_id in enumerate(ids):
        progress(number, len(ids))
        name = f"id {certificate_id}"
        try:
            exported = backend.certificates.export(certificate_id, request)
            name = exported.filename
            if name in taken:
                # Two entries of one name: neither takes the other's file.
                stem, dot, suffix = name.rpartition(".")
                name = f"{stem}-{certificate_id}{dot}{suffix}"
            taken.add(name)
            mode = files.PRIVATE if exported.holds_key else files.PUBLIC
            spare_the_store(backend, folder / name)
            files.write(folder / name, exported.content.reveal(), mode=mode, overwrite=overwrite)
            written.append(name)
        except CerttuiError as error:
            skipped.append((name, error.message))
    progress(len(ids), len(ids))
    return BulkExport(tuple(written), tuple(skipped))
