"""Makes certification authorities: roots, intermediates, and the request of one that an offline root signs."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from certtui.errors import Invalid
from certtui.model.ca import CA_KEY_TYPES, CaSpec, Issued, IssuingUrls, MadePair, Validity
from certtui.model.csr import SubjectFields
from certtui.model.x509 import CsrFacts, KeyFacts, X509Facts
from certtui.pki import bounds, der, profile
from certtui.pki.algorithms import key_algorithm
from certtui.pki.csr import checked_subject, distinguished_name, new_key
from certtui.pki.facts import csr_facts, x509_facts
from certtui.pki.key_identity import key_identity
from certtui.pki.keys import key_facts
from certtui.pki.name_limits import constraints_value, unlimited, within_issuer
from certtui.pki.request import requested_key
from certtui.pki.signing import (
    Signer,
    digest_of,
    key_identifier,
    load_signer,
    new_serial,
    public_der,
    serial_octets,
    signature_algorithm,
    signed,
)

_LONGEST_PATH = 32
_USAGES = ("keyCertSign", "cRLSign")
_EXTENSION_REQUEST = der.encode(der.OID, der.undotted("1.2.840.113549.1.9.14"))


def make_root(spec: CaSpec, now: datetime) -> MadePair:
    """A new key and a certificate that it signs itself. Raises `Invalid` naming the field. RSA 4096 may take seconds."""
    name, extensions = _checked(spec, spec.path_length, spec.usages)
    dates = bounds.validity(spec.days, now)
    algorithm = signature_algorithm(spec.key_type, spec.digest)
    key = new_key(spec.key_type)
    spki = public_der(key)
    identifier = key_identifier(spki)
    tbs = profile.tbs_certificate(
        serial_octets(new_serial()),
        algorithm,
        name,
        profile.dates(dates.not_before, dates.not_after),
        name,
        spki,
        # A root may leave out whose key signed it (RFC 5280, 4.2.1.1); readers that don't know its algorithm need it.
        extensions + profile.subject_key_id(identifier) + profile.authority_key_id(identifier),
    )
    data = signed(tbs, key, digest_of(spec.key_type, spec.digest), algorithm)
    return MadePair(x509_facts(data), key_facts(key), unlimited(spec.permitted, spec.excluded))


def make_intermediate(
    spec: CaSpec, issuer: Signer, now: datetime, *, urls: IssuingUrls | None = None, serial_number: str = ""
) -> MadePair:
    """A new key and a certificate that `issuer` signs, within the issuer's limits. Raises `Invalid` naming the field."""
    extensions, name, dates, notes = _within(spec, issuer, now)
    signature_algorithm(spec.key_type, spec.digest)
    key = new_key(spec.key_type)
    data = _certify(issuer, name, dates, public_der(key), extensions, urls, serial_number)
    return MadePair(data, key_facts(key), notes)


def sign_intermediate(
    csr: bytes,
    spec: CaSpec,
    issuer: Signer,
    now: datetime,
    *,
    urls: IssuingUrls | None = None,
    serial_number: str = "",
) -> Issued:
    """A CA whose key is elsewhere: the certificate for the key of a DER CSR, all else as `spec` says. Raises `Invalid`."""
    spki, _ = requested_key(csr)
    if key_identity(spki) == issuer.certificate.spki_sha256:
        raise Invalid("The CSR was made with the key of the CA itself.", "Make a key of its own.", field="csr")
    extensions, name, dates, notes = _within(replace(spec, key_type=key_algorithm(spki)), issuer, now)
    return Issued(_certify(issuer, name, dates, spki, extensions, urls, serial_number), notes)


def _within(spec: CaSpec, issuer: Signer, now: datetime) -> tuple[bytes, bytes, Validity, tuple[str, ...]]:
    """Extensions, DER name, dates and notes of a CA below the issuer, once all of its limits were asked."""
    bounds.check_may_issue(issuer)
    notes: list[str] = []
    path_length = _path_length(spec, issuer, notes)
    usages = _usages(spec, issuer, notes)
    name, extensions = _checked(spec, path_length, usages)
    within_issuer(issuer, spec.permitted)
    # A CA's common name is no host, whatever it looks like.
    bounds.check_names(issuer, (), SubjectFields(email=checked_subject(spec.subject).email), name)
    if name == issuer.name:
        raise Invalid(
            "An intermediate can't have the name of the CA that signs it.",
            "Give it a common name of its own.",
            field="common_name",
        )
    dates = bounds.validity(spec.days, now, issuer.certificate)
    return extensions, name, dates, (*notes, *filter(None, [dates.note]), *unlimited(spec.permitted, spec.excluded))


def _certify(
    issuer: Signer,
    name: bytes,
    dates: Validity,
    spki: bytes,
    extensions: bytes,
    urls: IssuingUrls | None,
    serial_number: str,
) -> X509Facts:
    tbs = profile.tbs_certificate(
        serial_octets(serial_number or new_serial()),
        issuer.algorithm,
        issuer.name,
        profile.dates(dates.not_before, dates.not_after),
        name,
        spki,
        extensions
        + profile.subject_key_id(key_identifier(spki))
        + profile.authority_key_id(issuer.key_id)
        + profile.published(urls or IssuingUrls()),
    )
    return x509_facts(issuer.sign(tbs))


def intermediate_csr(spec: CaSpec) -> tuple[CsrFacts, KeyFacts]:
    """A new key and a request to be a CA, for an offline root to sign. Raises `Invalid` naming the field."""
    name, extensions = _checked(spec, spec.path_length, spec.usages)
    algorithm = signature_algorithm(spec.key_type, spec.digest)
    key = new_key(spec.key_type)
    spki = public_der(key)
    listed = der.encode(der.SEQUENCE, extensions + profile.subject_key_id(key_identifier(spki)))
    attribute = der.encode(der.SEQUENCE, _EXTENSION_REQUEST + der.encode(der.SET, listed))
    # CertificationRequestInfo (RFC 2986, 4.1): version 0, subject, key, attributes.
    info = der.encode(der.SEQUENCE, b"\x02\x01\x00" + name + spki + der.encode(0xA0, attribute))
    return csr_facts(signed(info, key, digest_of(spec.key_type, spec.digest), algorithm)), key_facts(key)


def check_ca_pair(certificate: X509Facts, key: KeyFacts | None, now: datetime) -> tuple[str, ...]:
    """Whether an imported certificate can issue here, or without its key stand above one that does; sentences to read.

    Raises `Invalid` where it can't.
    """
    notes: list[str] = []
    if key is not None:
        signer = load_signer(certificate, key.pkcs8)
        bounds.check_may_issue(signer)
        bounds.check_strength(certificate)
        signer.sign(b"\x30\x00")
    else:
        bounds.check_ca(certificate)
        notes.append("Its private key is not here: it can't sign certificates or CRLs here.")
    name = certificate.common_name or certificate.subject
    if now > certificate.not_after:
        raise Invalid(f"The CA “{name}” expired {certificate.not_after:%Y-%m-%d}.", "Import one that is valid.")
    if now < certificate.not_before:
        notes.append(f"It is not valid before {certificate.not_before:%Y-%m-%d %H:%M} UTC.")
    return (*notes, *bounds.oddities(certificate))


def _checked(spec: CaSpec, path_length: int | None, usages: tuple[str, ...]) -> tuple[bytes, bytes]:
    """The DER name, and the extensions that say what it may do."""
    if spec.key_type not in CA_KEY_TYPES:
        raise Invalid(
            f"“{spec.key_type}” is not a kind of key that a CA can have here.",
            f"Choose one of {', '.join(CA_KEY_TYPES)}.",
            field="key_type",
        )
    subject = checked_subject(spec.subject)
    if not subject.common_name:
        raise Invalid("The CA has no name.", "Give a common name.", field="common_name")
    if path_length is not None and not 0 <= path_length <= _LONGEST_PATH:
        raise Invalid(
            f"A path length is a number from 0 to {_LONGEST_PATH}.",
            "Give 0 for a CA of leaves only.",
            field="path_length",
        )
    extensions = profile.ca_constraints(path_length) + profile.key_usage(_USAGES)
    if usages:
        extensions += profile.extended_key_usage(tuple(dict.fromkeys(map(profile.usage_oid, usages))))
    if spec.permitted or spec.excluded:
        value = constraints_value(spec.permitted, spec.excluded)
        extensions += profile.extension("2.5.29.30", value, critical=True)
    return distinguished_name(subject).public_bytes(), extensions


def _path_length(spec: CaSpec, issuer: Signer, notes: list[str]) -> int | None:
    room = bounds.longest_path(issuer)
    if room is None:
        return spec.path_length
    name = bounds.title(issuer)
    if room < 1:
        raise Invalid(
            f"The CA “{name}” may not issue for another CA (path length).",
            "Choose a CA higher up, or one with a longer path.",
            field="path_length",
        )
    if spec.path_length is None:
        notes.append(f"Its path length is {room - 1}, since the CA “{name}” allows no more.")
        return min(room - 1, _LONGEST_PATH)
    if spec.path_length > room - 1:
        raise Invalid(
            f"The CA “{name}” allows a path length of at most {room - 1} below it.",
            f"Give {room - 1} or less.",
            field="path_length",
        )
    return spec.path_length


def _usages(spec: CaSpec, issuer: Signer, notes: list[str]) -> tuple[str, ...]:
    allowed = bounds.allowed_usages(issuer)
    if spec.usages or allowed is None:
        bounds.check_usages(issuer, tuple(map(profile.usage_oid, spec.usages)))
        return spec.usages
    name = bounds.title(issuer)
    notes.append(f"It is limited to the extended key usages that the CA “{name}” is limited to.")
    return allowed
