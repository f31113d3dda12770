"""What a person named that is stored here, as parts to compare: `cert:NAME`, `container:REF`, `secret:NAME`.

Keys are compared by the hash of their public key, which is known without opening them. A file whose name begins so is given
as `./cert:…`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from certtui.backend.inspect import SourceFile
from certtui.errors import CerttuiError, Invalid
from certtui.model.match import StoredPart
from certtui.model.status import Status
from certtui.model.stored_secret import ENCRYPTED
from certtui.model.x509 import CsrFacts, Material

if TYPE_CHECKING:
    from certtui.backend.base import Backend
    from certtui.backend.inspect import Inspect
    from certtui.model.certificate import Certificate
    from certtui.model.stored_secret import StoredSecretRow

CERTIFICATE, CONTAINER, SECRET = "cert:", "container:", "secret:"

_KINDS = {"private": "key", "public": "public key", "certificate": "certificate"}
"""Types of stored secrets that have a public key, and what kind of part they are."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One thing of the inventory: what can be read of it, what is sealed, and what stands against using it."""

    material: Material
    parts: tuple[StoredPart, ...] = ()
    unfit: tuple[str, ...] = ()
    judged: bool = False
    """Its validity is among `unfit`."""


def is_stored(name: str) -> bool:
    """Whether this names something stored, and no file."""
    return name.startswith((CERTIFICATE, CONTAINER, SECRET))


def read(backend: Backend, inspect: Inspect, name: str) -> Stored:
    """What is meant by the name. Raises `NotFound`, `Ambiguous`, `Invalid` for what has no key to compare."""
    scheme, _, reference = name.partition(":")
    if not reference.strip():
        raise Invalid(f"{name} names nothing.", f"Write {scheme}: and its name or id.")
    match f"{scheme}:":
        case "cert:":
            certificate = backend.certificates.get(backend.certificates.resolve(reference))
            return _certificate(inspect, name, certificate)
        case "container:":
            return _container(backend, inspect, name, reference)
        case _:
            row = backend.secrets.get(backend.secrets.resolve(reference)).row
            if row.type not in _KINDS:
                raise Invalid(f"{name} is of type {row.type}: it has no key to compare.", "Keys and certificates have.")
            return Stored(Material(name, "stored"), (_secret(name, row),))


def _certificate(inspect: Inspect, path: str, certificate: Certificate) -> Stored:
    row, x509 = certificate.row, certificate.x509
    requests: tuple[CsrFacts, ...] = ()
    if certificate.csr_pem:
        requests = inspect.read(SourceFile(path, certificate.csr_pem.encode())).requests
    key = StoredPart(path, "key", row.key_algorithm, certificate.spki_sha256, row.key_algorithm)
    return Stored(
        Material(path, "stored", certificates=() if x509 is None else (x509, *certificate.chain), requests=requests),
        (key,) if row.has_private_key else (),
        (f"The certificate {row.name} is revoked.",) if row.status is Status.REVOKED else (),
    )


def _container(backend: Backend, inspect: Inspect, path: str, reference: str) -> Stored:
    """What it gives out now, and what its own check says."""
    container = backend.containers.get(backend.containers.resolve(reference))
    found = Stored(Material(path, "stored"))
    if container.row.certificate_id is not None:
        found = _certificate(inspect, path, backend.certificates.get(container.row.certificate_id))
    parts = list(found.parts)
    for part in container.parts:
        if part.secret_id is not None and part.secret:
            row = backend.secrets.get(part.secret_id).row
            if row.type in _KINDS:
                parts.append(_secret(path, row))
    try:
        checked = backend.containers.check(container.id)
    except CerttuiError as error:
        return Stored(found.material, tuple(parts), (f"{path} was not checked: {error}", *found.unfit))
    problems = tuple(f"{path}, {one.part}: {one.problem}" for one in checked.problems)
    return Stored(found.material, tuple(parts), problems, judged=True)


def _secret(path: str, row: StoredSecretRow) -> StoredPart:
    unseen = ""
    if row.algorithm == ENCRYPTED:
        unseen = f"The private key {row.name} is kept under a passphrase of its own: which key it is can't be told."
    return StoredPart(path, _KINDS[row.type], row.name, row.spki_sha256, row.algorithm, row.expires_at, unseen)
