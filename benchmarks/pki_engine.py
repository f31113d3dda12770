"""The X.509 engine of the built-in PKI, without a store: issuing, CRLs and OCSP answers against `cryptography` doing the same alone.

`bare_certificate` and `bare_crl` are what rows with a store are held against, too.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from benchmarks.estate import Estate
from benchmarks.measure import Row, compared, in_turns
from certtui.clock import UTC
from certtui.model.ca import CaSpec, IssuingUrls
from certtui.model.crl import CrlEntry
from certtui.model.csr import CsrRequest, SubjectFields
from certtui.model.template import SERVER
from certtui.pki import csr
from certtui.pki.ca import make_intermediate, make_root
from certtui.pki.crl import build_crl
from certtui.pki.issue import issue
from certtui.pki.ocsp import GOOD, answer, issuer_hashes, make_responder, read_request
from certtui.pki.signing import Signer, load_signer, new_serial

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
WEEK = timedelta(days=7)
ENTRIES = 100_000
LEAVES = 300
ANSWERS = 1000
URLS = IssuingUrls(
    ("http://pki.example.com/ocsp",), ("http://pki.example.com/ca.crt",), ("http://pki.example.com/ca.crl",)
)


@dataclass(frozen=True)
class Authority:
    """An issuing CA as it is made by default (P-384, SHA-256), and its responder."""

    signer: Signer
    responder: Signer


@cache
def authority() -> Authority:
    """The same one for all rows."""
    root = make_root(CaSpec(SubjectFields("Bench Root")), NOW)
    above = load_signer(root.certificate, root.key.pkcs8)
    made = make_intermediate(CaSpec(SubjectFields("Bench Issuing CA"), days=1825, path_length=0), above, NOW, urls=URLS)
    signer = load_signer(made.certificate, made.key.pkcs8, above=(root.certificate.der,))
    responder = make_responder(signer, NOW)
    return Authority(signer, load_signer(responder.certificate, responder.key.pkcs8))


@cache
def requests(count: int) -> tuple[tuple[str, bytes], ...]:
    """Host names and their CSRs (P-256, DER)."""
    names = [f"host-{number}.example.com" for number in range(count)]
    return tuple((name, csr.make(CsrRequest(SubjectFields(name)))[0].der) for name in names)


@cache
def entries(count: int) -> tuple[CrlEntry, ...]:
    """Revocations over a year, of all the common reasons."""
    reasons = ("unspecified", "superseded", "keyCompromise", "cessationOfOperation")
    return tuple(
        CrlEntry(new_serial(), NOW - timedelta(minutes=number % 500_000), reasons[number % 4])
        for number in range(count)
    )


def rows(made: Estate, pairs: int) -> Iterator[Row]:
    """All rows of the engine."""
    yield _issuing(pairs)
    yield _crl(pairs)
    yield _ocsp(pairs)


def _issuing(pairs: int) -> Row:
    signer = authority().signer
    asked = requests(LEAVES)
    loaded = [(name, _public_key(data)) for name, data in asked]

    def ours() -> None:
        for name, data in asked:
            issue(signer, data, SERVER, NOW, subject=SubjectFields(name), sans=(f"DNS:{name}",), urls=URLS)

    def theirs() -> None:
        for name, key in loaded:
            bare_certificate(signer, name, key)

    left, right = in_turns(lambda: _spent(ours), lambda: _spent(theirs), pairs)
    return compared(
        f"issue {LEAVES} certificates, CSR and limits checked, facts read (engine)",
        "building and signing them alone", 0.25, left, right, upside_down=True, note=_rate(LEAVES, left),
    )  # fmt: skip


def _crl(pairs: int) -> Row:
    signer = authority().signer
    revoked = entries(ENTRIES)
    left, right = in_turns(
        lambda: _spent(lambda: build_crl(signer, revoked, 1, NOW, NOW + WEEK)),
        lambda: _spent(lambda: bare_crl(signer, revoked)),
        pairs,
    )
    return compared(f"CRL {ENTRIES:,} entries (engine)", "cryptography building and signing it", 1.5, left, right)


def _ocsp(pairs: int) -> Row:
    both = authority()
    data = bare_question(both.signer)

    def ours() -> None:
        for _ in range(ANSWERS):
            answer(read_request(data), [GOOD], both.responder, NOW, NOW + WEEK)

    def theirs() -> None:
        for _ in range(ANSWERS):
            both.responder.sign(data)

    left, right = in_turns(lambda: _spent(ours), lambda: _spent(theirs), pairs)
    return compared(
        f"{ANSWERS:,} OCSP requests read and answered (engine)", "as many signatures alone", 0.25, left, right,
        upside_down=True, note=_rate(ANSWERS, left),
    )  # fmt: skip


def bare_certificate(signer: Signer, name: str, key: Any) -> bytes:  # Any: any public key of cryptography
    """The same certificate as the template `server` gives, built and signed by `cryptography` and nothing else."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509.oid import AuthorityInformationAccessOID as Access
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
    access = [(Access.OCSP, URLS.ocsp[0]), (Access.CA_ISSUERS, URLS.issuer[0])]
    points = [x509.UniformResourceIdentifier(url) for url in URLS.crl]
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(_issuer(signer.certificate.der))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=90))
        .add_extension(x509.BasicConstraints(False, None), True)
        .add_extension(usage, True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), False)
        .add_extension(x509.AuthorityKeyIdentifier(signer.key_id, None, None), False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False)
        .add_extension(
            x509.AuthorityInformationAccess(
                [x509.AccessDescription(kind, x509.UniformResourceIdentifier(url)) for kind, url in access]
            ),
            False,
        )
        .add_extension(x509.CRLDistributionPoints([x509.DistributionPoint(points, None, None, None)]), False)
    )
    return builder.sign(signer.key, hashes.SHA256()).public_bytes(Encoding.DER)


def bare_crl(signer: Signer, revoked: Sequence[CrlEntry]) -> bytes:
    """The same list, built and signed by `cryptography`, its entries handed over at once: one by one takes quadratic time."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding

    found = []
    for entry in revoked:
        one = x509.RevokedCertificateBuilder(int(entry.serial_number, 16), entry.revoked_at.replace(tzinfo=None))
        if entry.reason != "unspecified":
            one = one.add_extension(x509.CRLReason(x509.ReasonFlags(entry.reason)), False)
        found.append(one.build())
    said: list[x509.ExtensionType] = [x509.AuthorityKeyIdentifier(signer.key_id, None, None), x509.CRLNumber(1)]
    extensions = [x509.Extension(each.oid, False, each) for each in said]
    naive = NOW.replace(tzinfo=None)
    builder = x509.CertificateRevocationListBuilder(
        _issuer(signer.certificate.der), naive, naive + WEEK, extensions, found
    )
    return builder.sign(signer.key, hashes.SHA256()).public_bytes(Encoding.DER)


def bare_question(issuer: Signer) -> bytes:
    """An OCSP request for one certificate of the CA, with SHA-1, as most programs ask."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509.ocsp import OCSPRequestBuilder

    name, key = (bytes.fromhex(each) for each in issuer_hashes(issuer.certificate, "sha1"))
    builder = OCSPRequestBuilder().add_certificate_by_hash(name, key, int(new_serial(), 16), hashes.SHA1())
    return builder.build().public_bytes(Encoding.DER)


def _public_key(data: bytes) -> Any:  # Any: any public key of cryptography
    from cryptography import x509

    return x509.load_der_x509_csr(data).public_key()


@cache
def _issuer(data: bytes) -> Any:  # Any: a Name, whose module is not imported at the start
    from cryptography import x509

    return x509.load_der_x509_certificate(data).subject


def _spent(act: Callable[[], object]) -> float:
    """Milliseconds."""
    start = time.perf_counter()
    act()
    return (time.perf_counter() - start) * 1000


def _rate(count: int, spent: list[float]) -> str:
    return f"{sorted(count / each for each in spent)[len(spent) // 2] * 1000:,.0f} a second"
