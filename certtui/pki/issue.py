"""Issues leaf certificates: a CSR, what the order says, a template and a signer make one certificate."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from certtui.errors import Invalid
from certtui.model.ca import Issued, IssuingUrls
from certtui.model.csr import CsrRequest, SubjectFields
from certtui.model.template import Template
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
    bounds.check_may_issue(signer)
    spki, attributes = requested_key(csr)
    kind = _check_key(signer, spki, template)
    subject, sans = checked(CsrRequest(subject, sans))
    _check_names(sans, template)
    usages = extended_usages(template)
    bounds.check_path(signer)
    bounds.check_usages(signer, usages)
    bounds.check_names(signer, sans, subject.email)
    wanted = template.days if days is None else days
    if wanted > template.max_days:
        raise Invalid(
            f"The template “{template.name}” allows at most {template.max_days} days.",
            f"Give {template.max_days} days or less.",
            field="days",
        )
    dates = bounds.validity(wanted, now, signer.certificate)
    name = distinguished_name(subject).public_bytes()
    extensions = (
        profile.leaf_constraints()
        + profile.key_usage(_key_usages(template, kind, spki_parts(spki)[0]))
        + (profile.extended_key_usage(usages) if usages else b"")
        + profile.subject_key_id(key_identifier(spki))
        + profile.authority_key_id(signer.key_id)
        + (profile.alternative_names(sans, critical=name == b"\x30\x00") if sans else b"")
        + profile.published(urls)
    )
    tbs = profile.tbs_certificate(
        serial_octets(serial_number or new_serial()),
        signer.algorithm,
        signer.name,
        profile.dates(dates.not_before, dates.not_after),
        name,
        spki,
        extensions,
    )
    notes = (*filter(None, [dates.note]), *(wishes(csr, attributes) if attributes else ()))
    return Issued(x509_facts(signer.sign(tbs)), notes)


@lru_cache(maxsize=64)
def extended_usages(template: Template) -> tuple[str, ...]:
    """The dotted OIDs of a template's extended key usages. Raises `Invalid`."""
    return tuple(dict.fromkeys(map(profile.usage_oid, template.usages)))


def _check_key(signer: Signer, spki: bytes, template: Template) -> str:
    kind = key_algorithm(spki)
    if kind not in template.key_types:
        raise Invalid(
            f"The template “{template.name}” does not allow a key of the kind {kind or 'that the CSR has'}.",
            f"Make the CSR with one of {', '.join(template.key_types)}.",
            field="key_type",
        )
    if key_identity(spki) == signer.certificate.spki_sha256:
        raise Invalid("The CSR was made with the key of the CA itself.", "Make a key of its own.", field="csr")
    return kind


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
