"""Whether the parts of a container are complete and belong together, and what is in them once they are opened."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from certtui.backend.local import sealing
from certtui.errors import Invalid, PasswordNeeded
from certtui.model.container import (
    CERTIFICATE,
    INTERMEDIATES,
    MOST_PARTS,
    PART_TYPES,
    PASSPHRASE,
    PRIVATE_KEY,
    PUBLIC_KEY,
    ContainerType,
)
from certtui.record import dataclass

if TYPE_CHECKING:
    from certtui.backend.local.containers_content import StoredPart
    from certtui.backend.local.keyring import WrappingKey
    from certtui.backend.local.open_store import OpenStore
    from certtui.model.secret import Secret
    from certtui.model.x509 import KeyFacts

ALLOWED = {
    ContainerType.CERTIFICATE: (CERTIFICATE, PRIVATE_KEY, INTERMEDIATES, PASSPHRASE),
    ContainerType.RSA: (PUBLIC_KEY, PRIVATE_KEY, PASSPHRASE),
}
"""The parts that containers of a type may have; generic ones have any."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
"""What a part may be called: it is a file's name one day."""


@dataclass(frozen=True, slots=True)
class OpenPart:
    """A stored secret that was opened."""

    about: StoredPart
    payload: Secret


def check_names(kind: ContainerType, parts: Mapping[str, int]) -> None:
    """Raises `Invalid` (the part as the field) for parts that containers of this type don't have, and for too many."""
    allowed = ALLOWED.get(kind)
    for name in parts:
        if allowed is not None and name not in allowed:
            raise Invalid(
                f"A container of type {kind} has no part {name}.", f"It has {', '.join(allowed)}.", field="parts"
            )
        if not _NAME.fullmatch(name):
            raise Invalid(
                f"“{name}” can't be the name of a part.",
                "Take up to 64 of a to z, 0 to 9, and _ . - behind the first.",
                field="parts",
            )
    if len(parts) > MOST_PARTS:
        raise Invalid(f"A container has at most {MOST_PARTS} parts.", "Make two of it.", field="parts")


def check_types(kind: ContainerType, parts: Mapping[str, StoredPart]) -> None:
    """Raises `Invalid` (the part as the field) for a part that is missing, or whose secret is of another type."""
    if kind is ContainerType.GENERIC:
        if not parts:
            raise Invalid("A container without parts holds nothing.", "Name a stored secret.", field="parts")
        return
    for name, part in parts.items():
        if part.type != PART_TYPES[name]:
            raise Invalid(
                f"{name} is of type {PART_TYPES[name]}, and {part.name} is of type {part.type}.",
                "Name another stored secret.",
                field=name,
            )
    if kind is ContainerType.RSA:
        for name in (PUBLIC_KEY, PRIVATE_KEY):
            if name not in parts:
                raise Invalid(f"The part {name} is missing.", "Name a stored secret for it.", field=name)


def check_pair(parts: Mapping[str, OpenPart]) -> None:
    """Raises `Invalid` (the part as the field) unless these are a pair of RSA keys, and the passphrase opens the private one."""
    from certtui.pki.keys import short_identity

    public, private = parts[PUBLIC_KEY].about, parts[PRIVATE_KEY].about
    key = opened_key(parts)
    for name, algorithm in ((PUBLIC_KEY, public.algorithm), (PRIVATE_KEY, key.key_algorithm)):
        if not algorithm.startswith("rsa-"):
            raise Invalid(f"The {name} is {algorithm}, no RSA key.", "Make a generic container of it.", field=name)
    if key.spki_sha256 != public.spki_sha256:
        raise Invalid(
            f"The private key {private.name} is {short_identity(key.spki_sha256, key.key_algorithm)}, "
            f"the public key {public.name} is {short_identity(public.spki_sha256, public.algorithm)}.",
            "Name the two of one pair.",
            field=PRIVATE_KEY,
        )


def opened_key(parts: Mapping[str, OpenPart]) -> KeyFacts:
    """The private key among the parts, by its passphrase if it has one. Raises `Invalid` (the part as the field)."""
    from certtui.pki.stored import key_in

    private, passphrase = parts[PRIVATE_KEY], parts.get(PASSPHRASE)
    try:
        return key_in(private.payload, None if passphrase is None else passphrase.payload)
    except PasswordNeeded:
        if passphrase is None:
            raise Invalid(
                f"The private key {private.about.name} is encrypted, and {PASSPHRASE} is missing.",
                "Name the stored passphrase that opens it.",
                field=PASSPHRASE,
            ) from None
        raise Invalid(
            f"The passphrase {passphrase.about.name} does not open the private key {private.about.name}.",
            "Name the one that does.",
            field=PASSPHRASE,
        ) from None
    except Invalid as problem:
        raise Invalid(problem.message, problem.hint, field=PRIVATE_KEY) from None


def open_parts(store: OpenStore, wrapping: WrappingKey, stored: Mapping[str, StoredPart]) -> dict[str, OpenPart]:
    """The payloads of stored parts. Raises `Locked`, `Unreachable`."""
    if not stored:
        return {}
    store_key = store.keyring.open(wrapping)
    return {
        name: OpenPart(part, sealing.unseal(part.sealed, wrapping.store_uid, store_key))
        for name, part in stored.items()
    }
