"""A renewed certificate that comes as a file: read, paired, put into the inventory with the old one's labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from certtui.given import Given, load
from certtui.model.certificate import Labels, NewCertificate

if TYPE_CHECKING:
    from certtui.backend.base import Backend
    from certtui.backend.inspect import Inspect
    from certtui.model.certificate import Certificate
    from certtui.model.secret import Secret


def entry_from_file(
    backend: Backend, inspect: Inspect, path: str, passwords: Sequence[Secret], old: Certificate, reason: str = ""
) -> int:
    """The id of the entry of the certificate in this file, added if it was not there. In a thread.

    Raises `Invalid`, `PasswordNeeded`, `Locked` when a key comes and the store is locked.
    """
    pairing = inspect.pair([inspect.read(load(Given(path)), passwords)])
    labels = Labels(
        business_group=old.row.business_group, description=old.description, contact_email=old.row.contact_email
    )
    new = NewCertificate(x509=pairing.leaf, chain=pairing.chain, key=pairing.key, labels=labels, reason=reason)
    (outcome,) = backend.certificates.add([new])
    return outcome.id
