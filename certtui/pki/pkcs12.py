"""PKCS#12 (RFC 7292): read with a guard against iteration bombs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from certtui.errors import Invalid, PasswordNeeded
from certtui.model.secret import Secret
from certtui.model.x509 import KeyFacts
from certtui.pki import der, kdf_cost, keys

_HINT = "Check that the file is whole."


@dataclass(frozen=True, slots=True)
class Bags:
    """What a PFX holds: certificates in DER in the order found, keys, the leaf's friendlyName, sentences to say."""

    certificates: tuple[bytes, ...]
    keys: tuple[KeyFacts, ...]
    friendly_name: str
    warnings: tuple[str, ...]


def read(data: bytes, passwords: Sequence[Secret]) -> Bags:
    """Open a PFX with the first password that fits; none and the empty one are tried by themselves.

    Raises `Invalid` for a damaged or absurd file, `PasswordNeeded` when no password fits.
    """
    from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

    has_mac = _check(data)
    for password in [*[p.reveal() for p in passwords], None, b""]:
        try:
            opened = pkcs12.load_pkcs12(data, password)
        except Exception:
            continue
        found = ([opened.cert] if opened.cert else []) + list(opened.additional_certs)
        name = (opened.cert.friendly_name or b"") if opened.cert else b""
        return Bags(
            tuple(c.certificate.public_bytes(Encoding.DER) for c in found),
            (keys.key_facts(opened.key),) if opened.key else (),
            name.decode("utf-8", "replace"),
            () if has_mac else (NO_MAC,),
        )
    if any(passwords):
        raise PasswordNeeded("The password does not open the PFX file.", "Check the password.", wrong=True)
    raise PasswordNeeded("The PFX file is protected by a password.", "Give its password.")


NO_MAC = "The PFX file has no integrity check (MAC): nothing shows whether it was changed on its way."


def _check(data: bytes) -> bool:
    """Whether there is a MAC; refuses iteration bombs."""
    try:
        content = der.from_ber(data)
        elements = der.parts(content)
        if len(elements) < 3:
            return False
        mac = [content[at:stop] for _, at, _, stop in der.children(content, elements[2][2], elements[2][3])]
        if len(mac) > 2:
            kdf_cost.check_iterations(der.integer(mac[2][der.tlv(mac[2], 0, len(mac[2]))[1] :]))
        return True
    except der.Malformed:
        raise Invalid("The PFX file is cut off or damaged.", _HINT) from None
