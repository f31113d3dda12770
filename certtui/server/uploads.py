"""Certificates that were uploaded: their facts are read here, whatever the client said of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from certtui.backend import wire
from certtui.backend.inspect import SourceFile
from certtui.errors import Invalid
from certtui.model.certificate import NewCertificate

if TYPE_CHECKING:
    from certtui.backend.inspect import Inspect
    from certtui.backend.wire_forms import Upload
    from certtui.model.x509 import KeyFacts, Material, X509Facts

_FEW = 8
"""Pieces without a key that are read at once in this process; more go to a child, which leaves the interpreter free."""


def certificates_of(inspect: Inspect, uploads: Sequence[Upload]) -> list[NewCertificate]:
    """What is to be added. Raises `Invalid` with the field at fault, `PasswordNeeded`."""
    pieces = _pieces(uploads)
    read = _read(inspect, pieces)
    return [_new(inspect, index, each, read) for index, each in enumerate(uploads)]


def certificate_of(inspect: Inspect, upload: Upload, place: str = "") -> NewCertificate:
    """The one certificate of a body. Raises `Invalid` with the field at fault, below `place`."""
    try:
        (new,) = certificates_of(inspect, [upload])
    except Invalid as error:
        error.field = ".".join(filter(None, (place, error.field.removeprefix("certificates[0]").lstrip("."))))
        raise
    return new


def _pieces(uploads: Sequence[Upload]) -> dict[bytes, str]:
    """Every file once, with the first field it stood in: the intermediates of a batch are mostly the same."""
    pieces: dict[bytes, str] = {}
    for index, each in enumerate(uploads):
        place = f"certificates[{index}]"
        if each.pem:
            if each.leaf or each.chain or each.key:
                raise Invalid(
                    "`pem` stands in place of `leaf`, `chain` and `key`.",
                    "Leave one of them out.",
                    field=f"{place}.pem",
                )
            continue
        if not each.leaf:
            raise Invalid(
                "`leaf` is missing.", "Give the certificate as DER in base64, or `pem`.", field=f"{place}.leaf"
            )
        pieces.setdefault(each.leaf, f"{place}.leaf")
        for number, der in enumerate(each.chain):
            pieces.setdefault(der, f"{place}.chain[{number}]")
        if each.key is not None:
            pieces.setdefault(each.key.reveal(), f"{place}.key")
    return pieces


def _read(inspect: Inspect, pieces: dict[bytes, str]) -> dict[bytes, Material]:
    files = [SourceFile(place, data) for data, place in pieces.items()]
    if len(files) <= _FEW:
        return {file.data: _read_one(inspect, file) for file in files}
    found: dict[bytes, Material] = {}
    for file, result in zip(files, inspect.read_many(files), strict=True):
        if result.material is None:
            raise Invalid(result.reason, "Send DER.", field=file.path)
        found[file.data] = result.material
    return found


def _read_one(inspect: Inspect, file: SourceFile) -> Material:
    try:
        return inspect.read(file)
    except Invalid as error:
        raise Invalid(error.message, error.hint, field=file.path) from None


def _new(inspect: Inspect, index: int, each: Upload, read: dict[bytes, Material]) -> NewCertificate:
    place = f"certificates[{index}]"
    if each.pem:
        try:
            material = inspect.read(SourceFile("pem", each.pem.encode()), (each.password,) if each.password else ())
            pair = inspect.pair([material])
        except Invalid as error:
            raise wire.within(place, error) from None
        return NewCertificate(
            pair.leaf, pair.chain, pair.key, each.labels, each.source, each.csr_id, each.reason, each.repository_id
        )
    return NewCertificate(
        x509=_certificate(read[each.leaf], f"{place}.leaf"),
        chain=tuple(_certificate(read[der], f"{place}.chain[{number}]") for number, der in enumerate(each.chain)),
        key=None if each.key is None else _key(read[each.key.reveal()], f"{place}.key"),
        labels=each.labels,
        source=each.source,
        csr_id=each.csr_id,
        reason=each.reason,
        repository_id=each.repository_id,
    )


def _certificate(material: Material, place: str) -> X509Facts:
    if len(material.certificates) != 1 or material.keys or material.requests:
        raise Invalid("Exactly one certificate is expected here.", "Send one as DER.", field=place)
    return material.certificates[0]


def _key(material: Material, place: str) -> KeyFacts:
    if len(material.keys) != 1 or material.certificates or material.requests:
        raise Invalid("Exactly one private key is expected here.", "Send it as PKCS#8 DER.", field=place)
    return material.keys[0]
