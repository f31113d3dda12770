"""What an issuer allows below it: dates, path length, extended key usages and names (RFC 5280, 6), asked before signing."""

from __future__ import annotations

from datetime import datetime, timedelta

from certtui.errors import Invalid
from certtui.model.ca import Validity
from certtui.model.x509 import X509Facts
from certtui.pki.extensions import KEY_USAGE, Limits, breaks_constraints, key_usage_bits, limits, raw_extensions
from certtui.pki.signing import Signer

BACKDATED = timedelta(minutes=5)
"""A certificate is valid a little earlier than it was made, for clocks that are late."""
_ANY_USAGE = "2.5.29.37.0"
_CRL_SIGN = 6


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


def check_may_issue(signer: Signer) -> None:
    """Whether the signer is a CA that may sign certificates. Raises `Invalid`."""
    _check_ca(signer.certificate, signer.limits[0])


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


def check_path(signer: Signer) -> None:
    """Whether the path lengths on the way allow a leaf. Raises `Invalid`."""
    room = longest_path(signer)
    if room is not None and room < 0:
        name = signer.certificate.common_name or signer.certificate.subject
        raise Invalid(
            f"The CA “{name}” stands below one that allows no CA there (path length).",
            "Issue by another CA.",
            field="certificate",
        )


def longest_path(signer: Signer) -> int | None:
    """How many CAs may stand below the signer, None without a limit; negative where not even a leaf may."""
    allowed = [each.path_length - above for above, each in enumerate(signer.limits) if each.path_length is not None]
    return min(allowed, default=None)


def check_usages(signer: Signer, usages: tuple[str, ...]) -> None:
    """Whether every CA on the way allows these extended key usages (dotted OIDs). Raises `Invalid` (field "usages")."""
    allowed = allowed_usages(signer)
    if allowed is None:
        return
    name = signer.certificate.common_name or signer.certificate.subject
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


def allowed_usages(signer: Signer) -> tuple[str, ...] | None:
    """The dotted extended key usages that all CAs on the way allow; None where none of them sets a limit."""
    found: tuple[str, ...] | None = None
    for each in signer.limits:
        if each.usages is None or _ANY_USAGE in each.usages:
            continue
        found = each.usages if found is None else tuple(usage for usage in found if usage in each.usages)
    return found


def check_names(signer: Signer, sans: tuple[str, ...], email: str = "") -> None:
    """Whether the name constraints on the way allow these names and the subject's e-mail. Raises `Invalid` (field "sans")."""
    names = (*sans, *((f"EMAIL:{email}",) if email else ()))
    for each in signer.limits:
        if each.permitted or each.excluded:
            wrong = breaks_constraints(names, each.permitted, each.excluded)
            if wrong:
                name = signer.certificate.common_name or signer.certificate.subject
                raise Invalid(
                    f"The CA “{name}” may not issue for {wrong} (name constraints).",
                    "Choose other names or another CA.",
                    field="sans",
                )
