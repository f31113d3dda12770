"""A small built-in PKI for tests: a root, an issuing CA below it, and what they sign; made by certtui's own engine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from certtui.model.ca import CaSpec, Issued, IssuingUrls, MadePair
from certtui.model.csr import CsrRequest, SubjectFields
from certtui.model.template import SERVER, Template
from certtui.model.x509 import KeyFacts, X509Facts
from certtui.pki import csr
from certtui.pki.ca import make_intermediate, make_root
from certtui.pki.issue import issue
from certtui.pki.ocsp import make_responder
from certtui.pki.signing import Signer, load_signer
from tests.certs import NOW

URLS = IssuingUrls(
    ocsp=("http://pki.example.com/ocsp",),
    issuer=("http://pki.example.com/ca.crt",),
    crl=("http://pki.example.com/ca.crl",),
)


@dataclass(frozen=True)
class Authority:
    """A root and an issuing CA with their keys loaded."""

    root: MadePair
    issuing: MadePair
    root_signer: Signer
    signer: Signer


def authority(key_type: str = "ec-256", digest: str = "sha256", number: int = 0, now: datetime = NOW) -> Authority:
    """The same one for the same arguments within a test run. The issuing CA may not have CAs below it."""
    return _authority(key_type, digest, number, now)


@cache
def _authority(key_type: str, digest: str, number: int, now: datetime) -> Authority:
    root = make_root(CaSpec(SubjectFields(f"Test Root {number}"), key_type, digest, 3650), now)
    above = load_signer(root.certificate, root.key.pkcs8, digest=digest)
    spec = CaSpec(SubjectFields(f"Test Issuing CA {number}", "Example"), key_type, digest, 1825, path_length=0)
    issuing = make_intermediate(spec, above, now, urls=URLS)
    signer = load_signer(issuing.certificate, issuing.key.pkcs8, digest=digest, above=(root.certificate.der,))
    return Authority(root, issuing, above, signer)


def request(key_type: str = "ec-256", common_name: str = "www.example.com") -> tuple[bytes, KeyFacts]:
    """A CSR in DER and its key, the same one within a test run."""
    return _request(key_type, common_name)


@cache
def _request(key_type: str, common_name: str) -> tuple[bytes, KeyFacts]:
    facts, key = csr.make(CsrRequest(SubjectFields(common_name), (), key_type))
    return facts.der, key


def leaf(
    template: Template = SERVER,
    *,
    by: Signer | None = None,
    key_type: str = "ec-256",
    subject: SubjectFields | None = None,
    sans: tuple[str, ...] | None = None,
    now: datetime = NOW,
    urls: IssuingUrls = URLS,
    days: int | None = None,
) -> Issued:
    """A leaf for www.example.com by the ordinary authority."""
    names = ("DNS:www.example.com",) if sans is None and "DNS" in template.san_kinds else sans or ()
    return issue(
        by or authority().signer,
        request(key_type)[0],
        template,
        now,
        subject=subject or SubjectFields("www.example.com"),
        sans=names,
        days=days,
        urls=urls,
    )


def responder(key_type: str = "ec-256", now: datetime = NOW) -> tuple[X509Facts, Signer]:
    """The delegated OCSP responder of an issuing CA, the same one within a test run."""
    return _responder(key_type, now)


@cache
def _responder(key_type: str, now: datetime) -> tuple[X509Facts, Signer]:
    made = make_responder(authority(key_type, now=now).signer, now)
    return made.certificate, load_signer(made.certificate, made.key.pkcs8)
