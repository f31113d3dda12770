"""Issues leaf certificates: a CSR, what the order says, a template and a signer make one certificate."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from certtui.errors import Invalid
from certtui.model.ca import Issued, IssuingUrls, Validity
from certtui.model.csr import CsrRequest, SubjectFields
from certtui.model.template import KEY_USAGES, LEAF_KEYS, SAN_KINDS, Template
from certtui.pki import bounds, profile
from certtui.pki.algorithms import key_algorithm
from certtui.pki.certificate_parts import spki_parts
from certtui.pki.csr import checked, distinguished_name
from certtui.pki.facts import x509_facts
from certtui.pki.key_identity import key_identity
from certtui.pki.request import RequestedNames as RequestedNames
from certtui.pki.request import names_of_csr as names_of_csr
from certtui.pki.request import requested_key, wishes
from certtui.pki.signing import Signer, key_identifier, new_serial, serial_octets

_RSA = "1.2.840.113549.1.1.1"
_NO_URLS = IssuingUrls()
_NO_NAME = b"\x30\x00"
_CA_USAGES = ("keyCertSign", "cRLSign")


def issue(
    signer: Signer,
    csr: bytes,
    template: Template,
    now: datetime,
    *,
    subject: SubjectFields,
    sans: tuple[str, ...],
    days: int | None = None,
    serial_number: str = "",
    urls: IssuingUrls = _NO_URLS,
) -> Issued:
    """One certificate for the key of a DER CSR; `days` is the template's where None, `serial_number` a new one where "".

    Of the CSR only the key counts: names are those of the order, extensions those of the template. Raises `Invalid`.
    """
    spki, attributes = requested_key(csr)
    kind = check_key(signer, spki, template)
    order = check_order(signer, template, now, subject=subject, sans=sans, days=days)
    usages = extended_usages(template)
    extensions = (
        profile.leaf_constraints()
        + profile.key_usage(_key_usages(template, kind, spki_parts(spki)[0]))
        + (profile.extended_key_usage(usages) if usages else b"")
        + profile.subject_key_id(key_identifier(spki))
        + profile.authority_key_id(signer.key_id)
        + (profile.alternative_names(order.sans, critical=order.name == _NO_NAME) if order.sans else b"")
        + profile.published(urls)
    )
    tbs = profile.tbs_certificate(
        serial_octets(serial_number or new_serial()),
        signer.algorithm,
        signer.name,
        profile.dates(order.dates.not_before, order.dates.not_after),
        order.name,
        spki,
        extensions,
    )
    notes = (*filter(None, [order.dates.note]), *(wishes(csr, attributes) if attributes else ()))
    return Issued(x509_facts(signer.sign(tbs)), notes)


class CheckedOrder(NamedTuple):
    """What an order comes to: names as they will be written, and the dates."""

    subject: SubjectFields
    sans: tuple[str, ...]
    name: bytes
    """The subject in DER."""
    dates: Validity


def check_order(
    issuer: bounds.Issuer,
    template: Template,
    now: datetime,
    *,
    subject: SubjectFields,
    sans: tuple[str, ...],
    days: int | None = None,
    key_type: str = "",
) -> CheckedOrder:
    """All that `issue` asks before it signs, but the key itself: for a preview, with a `bounds.known_issuer`. Raises `Invalid`."""
    if key_type:
        _check_kind(key_type, template)
    bounds.check_may_issue(issuer)
    bounds.check_path(issuer)
    bounds.check_usages(issuer, extended_usages(template))
    subject, sans = checked(CsrRequest(subject, sans))
    _check_names(sans, template)
    name = distinguished_name(subject).public_bytes()
    bounds.check_names(issuer, sans, subject, name)
    wanted = template.days if days is None else days
    if wanted > template.max_days:
        raise Invalid(
            f"The template “{template.name}” allows at most {template.max_days} days.",
            f"Give {template.max_days} days or less.",
            field="days",
        )
    return CheckedOrder(subject, sans, name, bounds.validity(wanted, now, issuer.certificate))


def check_key(issuer: bounds.Issuer, spki: bytes, template: Template) -> str:
    """The kind of a public key, if the template allows it and it is not the CA's own. Raises `Invalid`."""
    kind = key_algorithm(spki)
    _check_kind(kind, template)
    if key_identity(spki) == issuer.certificate.spki_sha256:
        raise Invalid("The CSR was made with the key of the CA itself.", "Make a key of its own.", field="csr")
    return kind


def _check_kind(kind: str, template: Template) -> None:
    if kind not in template.key_types:
        raise Invalid(
            f"The template “{template.name}” does not allow {f'a key of the kind {kind}' if kind else 'this key'}.",
            f"Choose one of {', '.join(template.key_types)}.",
            field="key_type",
        )


@lru_cache(maxsize=64)
def extended_usages(template: Template) -> tuple[str, ...]:
    """The dotted OIDs of a template's extended key usages. Raises `Invalid`."""
    return tuple(dict.fromkeys(map(profile.usage_oid, template.usages)))


def check_template(template: Template) -> None:
    """Whether a template, as a person changed it, can be issued by. Raises `Invalid` naming its field."""
    if not template.name.strip():
        raise Invalid("The template has no name.", "Give a short one.", field="name")
    if template.days < 1:
        raise Invalid("A certificate is valid for at least one day.", "Give the number of days.", field="days")
    if template.max_days < template.days:
        raise Invalid("The longest validity is shorter than the usual one.", "Give more days.", field="max_days")
    for field, values, known in (
        ("key_types", template.key_types, LEAF_KEYS),
        ("key_usages", template.key_usages, KEY_USAGES),
        ("san_kinds", template.san_kinds, SAN_KINDS),
    ):
        for value in values:
            if value not in known:
                raise Invalid(f"“{value}” is not known.", f"Choose of {', '.join(known)}.", field=field)
    if not template.key_types:
        raise Invalid("The template allows no kind of key.", f"Choose of {', '.join(LEAF_KEYS)}.", field="key_types")
    if template.needs_san and not template.san_kinds:
        raise Invalid("The template needs a SAN and has no place for any.", "Choose kinds.", field="san_kinds")
    extended_usages(template)
    # Each kind of key must be left with a usage.
    for kind in template.key_types:
        _key_usages(template, kind, _RSA if kind.startswith("rsa") else "")


def _check_names(sans: tuple[str, ...], template: Template) -> None:
    if template.needs_san and not sans:
        raise Invalid(
            f"The template “{template.name}” needs at least one SAN.", "Give a host name or an address.", field="sans"
        )
    for san in sans:
        if san.partition(":")[0] not in template.san_kinds:
            raise Invalid(
                f"The template “{template.name}” has no place for {san}.",
                f"It takes names of the kinds {', '.join(template.san_kinds)}.",
                field="sans",
            )


def _key_usages(template: Template, kind: str, algorithm: str) -> tuple[str, ...]:
    """Those of the template that make sense for the kind of key (RFC 3279, 5480, 8410, 9881)."""
    for usage in _CA_USAGES:
        if usage in template.key_usages:
            raise Invalid(f"A leaf can't have the key usage {usage}.", "Change the template.", field="key_usages")
    return _fitting(template.key_usages, kind.partition("-")[0], algorithm)


@lru_cache(maxsize=256)
def _fitting(usages: tuple[str, ...], family: str, algorithm: str) -> tuple[str, ...]:
    unfit: set[str] = set()
    if algorithm != _RSA:
        unfit |= {"keyEncipherment", "dataEncipherment"}
    if family != "ec":
        unfit |= {"keyAgreement", "encipherOnly", "decipherOnly"}
    found = tuple(usage for usage in usages if usage not in unfit)
    if not found:
        raise Invalid(
            "The template has no key usage that fits this kind of key.",
            "Add digitalSignature to the template.",
            field="key_usages",
        )
    return found
