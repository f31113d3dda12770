"""What an issuer allows below it: dates, path length, extended key usages and names (RFC 5280, 6), asked before signing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from certtui.errors import Invalid
from certtui.model.ca import Validity
from certtui.model.csr import SubjectFields
from certtui.model.x509 import X509Facts
from certtui.pki.extensions import KEY_USAGE, Limits, breaks_constraints, key_usage_bits, limits, raw_extensions
from certtui.pki.sans import host_or_address
from certtui.record import dataclass

BACKDATED = timedelta(minutes=5)
"""A certificate is valid a little earlier than it was made, for clocks that are late."""
_ANY_USAGE = "2.5.29.37.0"
_CRL_SIGN = 6
_MIN_RSA_BITS = 2048
_NO_NAME = b"\x30\x00"
_LIKE_A_HOST = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_.-]*\Z")


class Issuer(Protocol):
    """A CA as it is bound; a `Signer` is one, and a `KnownIssuer`, which needs no key."""

    @property
    def certificate(self) -> X509Facts:
        """Its own."""

    @property
    def limits(self) -> tuple[Limits, ...]:
        """Its own, then those of the CAs above it that are known."""


@dataclass(frozen=True, slots=True)
class KnownIssuer:
    """A CA without its key: enough for a preview of what it would sign."""

    certificate: X509Facts
    limits: tuple[Limits, ...]


def known_issuer(certificate: X509Facts, above: Sequence[bytes] = ()) -> KnownIssuer:
    """The CA of this certificate; `above` are the DER certificates of its issuers, the nearest first."""
    return KnownIssuer(certificate, tuple(limits(each) for each in (certificate.der, *above)))


def validity(days: int, now: datetime, issuer: X509Facts | None = None) -> Validity:
    """The dates of a certificate for so many days, cut where its issuer ends. Raises `Invalid` (field "days").

    Both ends count (RFC 5280, 4.1.2.5): the last second is taken off, so that N days are N days.
    """
    if days < 1:
        raise Invalid("A certificate is valid for at least one day.", "Give the number of days.", field="days")
    instant = now.replace(microsecond=0)
    not_before = instant - BACKDATED
    try:
        not_after = not_before + timedelta(days=days, seconds=-1)
    except OverflowError:
        raise Invalid(f"{days} days end after the year 9999.", "Give fewer days.", field="days") from None
    if issuer is None:
        return Validity(not_before, not_after)
    name = issuer.common_name or issuer.subject
    if instant < issuer.not_before:
        raise Invalid(
            f"The CA “{name}” is not valid before {issuer.not_before:%Y-%m-%d %H:%M} UTC.", "Wait until then."
        )
    if instant > issuer.not_after:
        raise Invalid(f"The CA “{name}” expired {issuer.not_after:%Y-%m-%d}.", "Issue by a CA that is valid.")
    not_before = max(not_before, issuer.not_before)
    if not_after <= issuer.not_after:
        return Validity(not_before, not_after)
    return Validity(
        not_before,
        issuer.not_after,
        f"It ends {issuer.not_after:%Y-%m-%d} instead of {not_after:%Y-%m-%d}, since the CA “{name}” ends then.",
    )


def check_may_issue(issuer: Issuer) -> None:
    """Whether the issuer is a CA that may sign certificates. Raises `Invalid`."""
    _check_ca(issuer.certificate, issuer.limits[0])


def check_ca(certificate: X509Facts) -> None:
    """Whether a certificate is that of a CA that may sign certificates. Raises `Invalid` (field "certificate")."""
    _check_ca(certificate, limits(certificate.der))


def _check_ca(certificate: X509Facts, own: Limits) -> None:
    name = certificate.common_name or certificate.subject
    if not own.is_ca:
        raise Invalid(f"“{name}” is not a CA.", "Choose the certificate of a CA.", field="certificate")
    if own.may_sign_certificates is False:
        raise Invalid(f"The CA “{name}” may not sign certificates (keyUsage).", field="certificate")
    if own.problems:
        raise Invalid(f"The CA “{name}” {own.problems[0]}.", "Take another CA.", field="certificate")


def check_strength(certificate: X509Facts) -> None:
    """Whether the key of a CA is strong enough to sign today. Raises `Invalid` (field "key")."""
    kind, _, bits = certificate.key_algorithm.partition("-")
    if (kind == "rsa" and bits.isdigit() and int(bits) < _MIN_RSA_BITS) or certificate.key_algorithm == "ec-192":
        raise Invalid(
            f"The key of the CA is too weak to sign with ({certificate.key_algorithm}).",
            "Make a new CA, or import this one without its key.",
            field="key",
        )


def oddities(certificate: X509Facts) -> tuple[str, ...]:
    """What a person should know of an imported CA before it issues, one sentence each."""
    found = []
    extensions = {each.oid: each for each in raw_extensions(certificate.der)}
    usage = extensions.get(KEY_USAGE)
    if usage is None:
        found.append("It has no key usage, so any use of its key counts.")
    elif _CRL_SIGN not in key_usage_bits(usage.value):
        found.append("It may not sign CRLs (keyUsage), so CRLs are not to be had from it.")
    if not certificate.subject_key_id:
        found.append("It has no subject key identifier; one is made of its key for what it issues.")
    if certificate.signature_digest in ("md2", "md4", "md5", "sha1") and not certificate.self_issued:
        found.append(f"It is signed with {certificate.signature_digest.upper()}, which is too weak.")
    return tuple(found)


def check_path(issuer: Issuer) -> None:
    """Whether the path lengths on the way allow a leaf. Raises `Invalid`."""
    room = longest_path(issuer)
    if room is not None and room < 0:
        name = title(issuer)
        raise Invalid(
            f"The CA “{name}” stands below one that allows no CA there (path length).",
            "Issue by another CA.",
            field="certificate",
        )


def longest_path(issuer: Issuer) -> int | None:
    """How many CAs may stand below the issuer, None without a limit; negative where not even a leaf may."""
    allowed = [each.path_length - above for above, each in enumerate(issuer.limits) if each.path_length is not None]
    return min(allowed, default=None)


def check_usages(issuer: Issuer, usages: tuple[str, ...]) -> None:
    """Whether every CA on the way allows these extended key usages (dotted OIDs). Raises `Invalid` (field "usages")."""
    allowed = allowed_usages(issuer)
    if allowed is None:
        return
    name = title(issuer)
    if not usages:
        raise Invalid(
            f"The CA “{name}” is limited to certain extended key usages, and none is asked for.",
            "Choose a template with extended key usages.",
            field="usages",
        )
    for usage in usages:
        if usage not in allowed:
            raise Invalid(
                f"The CA “{name}” may not issue for the extended key usage {usage}.",
                "Choose another template or CA.",
                field="usages",
            )


def allowed_usages(issuer: Issuer) -> tuple[str, ...] | None:
    """The dotted extended key usages that all CAs on the way allow; None where none of them sets a limit."""
    found: tuple[str, ...] | None = None
    for each in issuer.limits:
        if each.usages is None or _ANY_USAGE in each.usages:
            continue
        found = each.usages if found is None else tuple(usage for usage in found if usage in each.usages)
    return found


def check_names(issuer: Issuer, sans: tuple[str, ...], subject: SubjectFields, name: bytes = b"") -> None:
    """Whether the name constraints on the way allow these names. Raises `Invalid` (field "sans").

    `subject` counts with its e-mail address, and with a common name that is a host: some readers take it for one. `name`
    is the whole subject in DER.
    """
    if not any(each.permitted or each.excluded for each in issuer.limits):
        return
    implied = host_or_address(subject.common_name) if subject.common_name else ""
    names = dict.fromkeys(sans)
    if subject.email:
        names["EMAIL:" + subject.email] = None
    if implied:
        names[implied] = None
    if _LIKE_A_HOST.match(subject.common_name) and not any(san.startswith("DNS:") for san in sans):
        # OpenSSL takes such a common name for a host where no SAN is one: addresses too, and A-labels that are none.
        names["DNS:" + subject.common_name] = None
    if name and name != _NO_NAME:
        names["DIRNAME:" + name.hex()] = None
    for each in issuer.limits:
        wrong = breaks_constraints(tuple(names), each.permitted, each.excluded) or _covers(sans, each.excluded)
        if wrong:
            said = "this subject" if wrong == name.hex() else wrong
            raise Invalid(
                f"The CA “{title(issuer)}” may not issue for {said} (name constraints).",
                "Choose other names or another CA.",
                field="sans",
            )


def _covers(sans: tuple[str, ...], excluded: tuple[str, ...]) -> str:
    """A wildcard that stands for an excluded host."""
    for san in sans:
        if san.startswith("DNS:*."):
            for tree in excluded:
                host = tree.removeprefix("DNS:").removeprefix(".")
                if tree.startswith("DNS:") and host.partition(".")[2] == san.removeprefix("DNS:*."):
                    return san.removeprefix("DNS:")
    return ""


def title(issuer: Issuer) -> str:
    """How sentences call a CA."""
    return issuer.certificate.common_name or issuer.certificate.subject
