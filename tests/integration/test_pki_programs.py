"""What the built-in PKI signs, judged by OpenSSL, and by GnuTLS as a second opinion."""

from __future__ import annotations

import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from certtui.clock import UTC, epoch
from certtui.model.ca import CaSpec, IssuingUrls
from certtui.model.crl import CrlEntry
from certtui.model.csr import SubjectFields
from certtui.model.template import BOTH, CODE_SIGNING
from certtui.model.x509 import X509Facts
from certtui.pki import csr, pem
from certtui.pki.ca import check_ca_pair, intermediate_csr, make_intermediate
from certtui.pki.crl import build_crl
from certtui.pki.facts import x509_facts
from certtui.pki.keys import pkcs8_pem
from certtui.pki.ocsp import GOOD, UNKNOWN, OcspStatus, answer, asks_about, read_request
from certtui.pki.signing import Signer, load_signer
from tests import authority
from tests.certs import NOW

WEEK = timedelta(days=7)
AT = str(epoch(NOW + timedelta(minutes=1)))


@pytest.fixture
def pki(tmp_path: Path) -> Path:
    """root.pem, ca.pem, leaf.pem, and the empty CRLs root.crl and ca.crl; `all.pem` is what `openssl verify` may use."""
    made = authority.authority()
    write(tmp_path / "root.pem", made.root.certificate)
    write(tmp_path / "ca.pem", made.issuing.certificate)
    write(tmp_path / "leaf.pem", authority.leaf().certificate)
    (tmp_path / "root.crl").write_bytes(crl(made.root_signer))
    (tmp_path / "ca.crl").write_bytes(crl(made.signer))
    return tmp_path


def write(place: Path, *certificates: X509Facts) -> X509Facts:
    place.write_bytes(b"".join(pem.encode("CERTIFICATE", each.der) for each in certificates))
    return certificates[0]


def crl(signer: Signer, *entries: CrlEntry, number: int = 1, base: int | None = None) -> bytes:
    freshest = () if base is not None else ("http://pki.example.com/delta.crl",)
    data = build_crl(signer, entries, number, NOW, NOW + WEEK, base_number=base, freshest=freshest)
    return pem.encode("X509 CRL", data)


def run(folder: Path, *words: str, ok: bool = True) -> str:
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=20)
    assert (done.returncode == 0) is ok, done.stdout + done.stderr
    return done.stdout + done.stderr


def verify(folder: Path, *more: str, ok: bool = True) -> str:
    lists = [word for each in sorted(folder.glob("*.crl")) for word in ("-CRLfile", each.name)]
    words = ["-attime", AT, "-CAfile", "root.pem", "-untrusted", "ca.pem", "-crl_check_all", *lists]
    return run(folder, "openssl", "verify", "-x509_strict", *words, *more, "leaf.pem", ok=ok)


@pytest.mark.real("openssl")
def test_openssl_accepts_the_chain_with_its_lists(pki: Path) -> None:
    assert verify(pki, "-purpose", "sslserver", "-verify_hostname", "www.example.com").strip() == "leaf.pem: OK"


@pytest.mark.real("openssl")
def test_openssl_refuses_a_leaf_that_is_in_the_list(pki: Path) -> None:
    serial = write(pki / "leaf.pem", authority.leaf().certificate).serial_number
    (pki / "ca.crl").write_bytes(crl(authority.authority().signer, CrlEntry(serial, NOW, "keyCompromise")))
    assert "certificate revoked" in verify(pki, ok=False)


@pytest.mark.real("openssl")
def test_openssl_refuses_everything_below_a_revoked_intermediate(pki: Path) -> None:
    made = authority.authority()
    entry = CrlEntry(made.issuing.certificate.serial_number, NOW, "cACompromise")
    (pki / "root.crl").write_bytes(crl(made.root_signer, entry))
    assert "certificate revoked" in verify(pki, ok=False)


@pytest.mark.real("openssl")
def test_openssl_finds_a_revocation_in_the_delta_of_a_full_list(pki: Path) -> None:
    serial = write(pki / "leaf.pem", authority.leaf().certificate).serial_number
    signer = authority.authority().signer
    (pki / "delta.crl").write_bytes(crl(signer, CrlEntry(serial, NOW, "superseded"), number=2, base=1))
    assert "certificate revoked" in verify(pki, "-use_deltas", "-extended_crl", ok=False)


@pytest.mark.real("openssl")
@pytest.mark.parametrize("key_type", ["rsa-2048", "ec-384", "ec-521", "ed25519"])
def test_openssl_accepts_chains_of_every_kind_of_key_that_it_knows(tmp_path: Path, key_type: str) -> None:
    made = authority.authority(key_type, "sha512")
    write(tmp_path / "root.pem", made.root.certificate)
    write(tmp_path / "ca.pem", made.issuing.certificate)
    write(tmp_path / "leaf.pem", authority.leaf(by=made.signer, key_type=key_type).certificate)
    (tmp_path / "root.crl").write_bytes(crl(made.root_signer))
    (tmp_path / "ca.crl").write_bytes(crl(made.signer))
    assert verify(tmp_path).strip() == "leaf.pem: OK"


@pytest.mark.real("openssl")
def test_openssl_reads_everything_in_a_list(tmp_path: Path) -> None:
    entries = (
        CrlEntry("ff", NOW),
        CrlEntry("1a2b3c", NOW, "keyCompromise", NOW - timedelta(days=2)),
        CrlEntry("7fffffffffffffffffffffffffffffff", NOW, "cessationOfOperation"),
    )
    (tmp_path / "x.crl").write_bytes(crl(authority.authority().signer, *entries, number=0x1234))
    text = run(tmp_path, "openssl", "crl", "-in", "x.crl", "-noout", "-text", "-nameopt", "RFC2253")
    for line in (
        "Issuer: CN=Test Issuing CA 0,O=Example",
        "Last Update: Jun 15 12:00:00 2026 GMT",
        "Next Update: Jun 22 12:00:00 2026 GMT",
        "4660",
        "Serial Number: FF",
        "Key Compromise",
        "Jun 13 12:00:00 2026 GMT",
        "Serial Number: 7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
        "Cessation Of Operation",
        "URI:http://pki.example.com/delta.crl",
    ):
        assert line in text
    assert text.count("X509v3 CRL Reason Code") == 2


@pytest.mark.real("openssl")
def test_openssl_reads_the_delta_indicator_as_critical(tmp_path: Path) -> None:
    (tmp_path / "x.crl").write_bytes(crl(authority.authority().signer, number=9, base=7))
    text = run(tmp_path, "openssl", "crl", "-in", "x.crl", "-noout", "-text")
    assert "X509v3 Delta CRL Indicator: critical\n                7" in text


def ask(folder: Path, status: OcspStatus, *words: str, now: datetime = NOW, by: Signer | None = None) -> None:
    """Writes q.der as OpenSSL asks, and a.der as we answer."""
    run(folder, "openssl", "ocsp", *words, "-issuer", "ca.pem", "-cert", "leaf.pem", "-reqout", "q.der")
    question = read_request((folder / "q.der").read_bytes())
    assert all(asks_about(item, authority.authority().issuing.certificate) for item in question.items)
    signer = by or authority.responder()[1]
    data = answer(question, [status] * len(question.items), signer, now, now + timedelta(hours=1))
    (folder / "a.der").write_bytes(data)


TRUST = ("-issuer", "ca.pem", "-CAfile", "root.pem", "-verify_other", "ca.pem", "-attime", AT, "-respin", "a.der")
AGE = ("-validity_period", "999999999")
"""OpenSSL 3.0 holds the answer's own times against the machine's clock, whatever -attime says."""


@pytest.mark.real("openssl")
@pytest.mark.parametrize("digest", ["-sha1", "-sha256"])
def test_openssl_accepts_an_answer_with_its_nonce(pki: Path, digest: str) -> None:
    ask(pki, GOOD, digest, "-nonce")
    said = run(pki, "openssl", "ocsp", *TRUST, "-reqin", "q.der")
    assert "Response verify OK" in said
    assert "Nonce" not in said


@pytest.mark.real("openssl")
def test_openssl_tells_a_good_a_revoked_and_an_unknown_certificate(pki: Path) -> None:
    def told(status: OcspStatus) -> str:
        ask(pki, status, "-no_nonce")
        return run(pki, "openssl", "ocsp", *TRUST, *AGE, "-no_nonce", "-cert", "leaf.pem")

    assert "leaf.pem: good" in told(GOOD)
    assert "leaf.pem: unknown" in told(UNKNOWN)
    said = told(CrlEntry("1", NOW - timedelta(hours=5), "keyCompromise"))
    assert "leaf.pem: revoked" in said
    assert "Reason: keyCompromise" in said
    assert "Revocation Time: Jun 15 07:00:00 2026 GMT" in said
    assert "Reason" not in told(CrlEntry("1", NOW))


@pytest.mark.real("openssl")
def test_openssl_accepts_an_answer_that_the_ca_signed_itself(pki: Path) -> None:
    ask(pki, GOOD, "-nonce", by=authority.authority().signer)
    assert "Response verify OK" in run(pki, "openssl", "ocsp", *TRUST, "-reqin", "q.der")


@pytest.mark.real("openssl")
def test_openssl_may_ask_about_several_certificates_at_once(pki: Path) -> None:
    other = write(pki / "other.pem", authority.leaf().certificate)
    first = write(pki / "leaf.pem", authority.leaf().certificate)
    both = ("-cert", "leaf.pem", "-cert", "other.pem")
    run(pki, "openssl", "ocsp", "-no_nonce", "-issuer", "ca.pem", *both, "-reqout", "q.der")
    question = read_request((pki / "q.der").read_bytes())
    assert [item.serial_number for item in question.items] == [first.serial_number, other.serial_number]
    signer = authority.responder()[1]
    statuses = [GOOD, CrlEntry(other.serial_number, NOW)]
    (pki / "a.der").write_bytes(answer(question, statuses, signer, NOW, NOW + timedelta(hours=1)))
    said = run(pki, "openssl", "ocsp", *TRUST, *AGE, "-no_nonce", *both)
    assert "leaf.pem: good" in said
    assert "other.pem: revoked" in said


@pytest.mark.real("openssl")
def test_an_offline_root_of_openssl_signs_our_request(tmp_path: Path) -> None:
    spec = CaSpec(SubjectFields("Issuing CA", "Example"), "ec-256", path_length=0, usages=("serverAuth",))
    facts, key = intermediate_csr(spec)
    (tmp_path / "ca.csr").write_text(csr.csr_pem(facts))
    made = authority.authority()
    write(tmp_path / "root.pem", made.root.certificate)
    (tmp_path / "root.key").write_bytes(pkcs8_pem(made.root.key.pkcs8, None))
    assert "verify OK" in run(tmp_path, "openssl", "req", "-in", "ca.csr", "-verify", "-noout")
    words = ("-CA", "root.pem", "-CAkey", "root.key", "-copy_extensions", "copyall", "-days", "3650")
    run(tmp_path, "openssl", "x509", "-req", "-in", "ca.csr", *words, "-out", "ca.der", "-outform", "DER")
    certificate = x509_facts((tmp_path / "ca.der").read_bytes())
    # OpenSSL 3.0 dates by the machine's clock.
    now = certificate.not_before + timedelta(hours=1)
    assert check_ca_pair(certificate, key, now) == ()
    signer = load_signer(certificate, key.pkcs8, above=(made.root.certificate.der,))
    write(tmp_path / "ca.pem", certificate)
    write(tmp_path / "leaf.pem", authority.leaf(by=signer, now=now).certificate)
    words = ("-attime", str(epoch(now)), "-CAfile", "root.pem", "-untrusted", "ca.pem")
    assert run(tmp_path, "openssl", "verify", *words, "leaf.pem").strip() == "leaf.pem: OK"


@pytest.mark.real("openssl")
def test_openssl_accepts_names_within_constraints_and_code_signing(pki: Path) -> None:
    made = authority.authority()
    spec = CaSpec(
        SubjectFields("Limited CA"),
        "ec-256",
        permitted=("DNS:example.com", "IP:10.0.0.0/8"),
        excluded=("DNS:secret.example.com",),
        path_length=0,
    )
    limited = make_intermediate(spec, made.root_signer, NOW)
    write(pki / "ca.pem", limited.certificate)
    signer = load_signer(limited.certificate, limited.key.pkcs8, above=(made.root.certificate.der,))
    for template, sans in ((BOTH, ("DNS:*.shop.example.com", "IP:10.1.2.3")), (CODE_SIGNING, ())):
        leaf = authority.leaf(template, by=signer, subject=SubjectFields("A name"), sans=sans, urls=IssuingUrls())
        write(pki / "leaf.pem", leaf.certificate)
        words = ("-attime", AT, "-CAfile", "root.pem", "-untrusted", "ca.pem")
        assert run(pki, "openssl", "verify", "-x509_strict", *words, "leaf.pem").strip() == "leaf.pem: OK"


@pytest.mark.real("certtool")
@pytest.mark.parametrize("key_type", ["ec-256", "rsa-2048", "ed25519"])
def test_gnutls_accepts_chain_and_list(tmp_path: Path, key_type: str) -> None:
    # GnuTLS asks the machine's clock, and can't be told another time.
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    made = authority.authority(key_type, now=now)
    leaf = authority.leaf(by=made.signer, key_type=key_type, now=now).certificate
    write(tmp_path / "chain.pem", leaf, made.issuing.certificate, made.root.certificate)
    write(tmp_path / "ca.pem", made.issuing.certificate)
    revoked = CrlEntry("1a2b", now, "keyCompromise")
    (tmp_path / "ca.crl").write_bytes(pem.encode("X509 CRL", build_crl(made.signer, [revoked], 1, now, now + WEEK)))
    said = run(tmp_path, "certtool", "--verify-chain", "--infile", "chain.pem")
    assert "Chain verification output: Verified. The certificate is trusted." in said
    text = run(tmp_path, "certtool", "--crl-info", "--infile", "ca.crl")
    for line in ("Revoked certificates (1)", "Serial Number (hex): 1a2b", "CRL Number (not critical): 01"):
        assert line in text
    said = run(tmp_path, "certtool", "--verify-crl", "--load-ca-certificate", "ca.pem", "--infile", "ca.crl")
    assert "Verification output: Verified" in said
