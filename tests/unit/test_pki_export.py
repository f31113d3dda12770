"""Exports: what comes out is what went in, opens with openssl, and has a safe name."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from certtui.errors import Invalid, NotFound, Unsupported
from certtui.model.certificate import Exported, ExportForm, ExportRequest
from certtui.model.secret import Secret
from certtui.pki.export import export, file_name
from certtui.pki.facts import x509_facts
from certtui.pki.read import read
from tests import hostile
from tests.certs import Made, make_cert, make_chain

LEAF, LOWER, ROOT = make_chain()
PASSWORD = Secret("correct horse é")


def exported(
    form: ExportForm, made: Made = LEAF, *, compat: bool = False, password: Secret | None = PASSWORD
) -> Exported:
    request = ExportRequest(form, password, compat)
    return export(made.facts, [LOWER.facts, ROOT.facts], made.key_facts.pkcs8, request, name="the entry")


@pytest.mark.parametrize(
    ("form", "count"),
    [
        (ExportForm.PEM, 1),
        (ExportForm.FULLCHAIN, 3),
        (ExportForm.CHAIN, 2),
        (ExportForm.DER, 1),
        (ExportForm.PKCS7, 3),
        (ExportForm.PFX, 3),
    ],
)
def test_every_form_reads_back(form: ExportForm, count: int) -> None:
    out = exported(form)
    found = read("f", out.content.reveal(), [PASSWORD])
    expected = [LEAF.facts, LOWER.facts, ROOT.facts][3 - count if form is ExportForm.CHAIN else 0 :][:count]
    assert list(found.certificates) == expected
    assert [k.spki_sha256 for k in found.keys] == ([LEAF.facts.spki_sha256] if out.holds_key else [])
    assert out.holds_key == (form is ExportForm.PFX)


def test_the_key_is_encrypted_pkcs8_unless_no_password_was_asked_for() -> None:
    sealed, plain = exported(ExportForm.KEY), exported(ExportForm.KEY, password=None)
    assert sealed.content.reveal().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert plain.content.reveal().startswith(b"-----BEGIN PRIVATE KEY-----")
    assert read("f", sealed.content.reveal(), [PASSWORD]).keys == read("f", plain.content.reveal()).keys
    assert sealed.holds_key


def test_an_export_never_shows_its_bytes_in_its_repr() -> None:
    assert "PRIVATE KEY" not in repr(exported(ExportForm.KEY, password=None))


def test_an_empty_password_is_refused() -> None:
    for form in (ExportForm.KEY, ExportForm.PFX):
        with pytest.raises(Invalid) as caught:
            exported(form, password=Secret(""))
        assert caught.value.field == "password"


def test_a_pfx_of_an_ml_dsa_key_is_unsupported_and_pkcs8_is_offered() -> None:
    made = make_cert("pq.example.com", kind="ml-dsa-65")
    with pytest.raises(Unsupported) as caught:
        exported(ExportForm.PFX, made)
    assert "PKCS#8" in caught.value.hint
    assert read("f", exported(ExportForm.KEY, made).content.reveal(), [PASSWORD]).keys[0].key_algorithm == "ml-dsa-65"


@pytest.mark.parametrize("form", [ExportForm.PFX, ExportForm.KEY])
def test_without_the_key_there_is_no_export_that_needs_it(form: ExportForm) -> None:
    with pytest.raises(NotFound):
        export(LEAF.facts, [], None, ExportRequest(form, PASSWORD))


def test_a_chain_that_is_not_there_is_not_exported() -> None:
    with pytest.raises(NotFound):
        export(LEAF.facts, [], None, ExportRequest(ExportForm.CHAIN))


@pytest.mark.parametrize(
    ("common_name", "expected"),
    [
        ("www.example.com", "www.example.com.crt"),
        ("*.example.com", "wildcard.example.com.crt"),
        ("../../etc/passwd", "etc_passwd.crt"),
        ("a b\x1b]52;c\u202e", "a_b__52_c.crt"),
        (".hidden", "hidden.crt"),
        ("///", "certificate.crt"),
        ("münchen", "münchen.crt"),
    ],
)
def test_a_file_name_is_safe(common_name: str, expected: str) -> None:
    facts = x509_facts(hostile.raw_cert(subject=hostile.raw_name(("CN", common_name))))
    assert file_name(facts, "", ExportForm.PEM) == expected


def test_a_long_name_is_cut_to_what_file_systems_take() -> None:
    facts = x509_facts(hostile.raw_cert(subject=hostile.raw_name(("CN", "ü" * 400))))
    assert len(file_name(facts, "", ExportForm.FULLCHAIN).encode()) < 128


def test_without_any_name_the_entry_names_the_file() -> None:
    facts = x509_facts(hostile.CERTIFICATES["no CN"]())
    assert file_name(facts, "my entry", ExportForm.DER) == "my_entry.der"


@pytest.mark.real
@pytest.mark.parametrize("kind", ["ec-256", "rsa-2048", "ed25519"])
@pytest.mark.parametrize("compat", [False, True])
def test_openssl_opens_the_pfx(compat: bool, kind: str, tmp_path: Path) -> None:
    made = make_cert("www.example.com", kind=kind, issuer=LOWER)
    (tmp_path / "out.pfx").write_bytes(
        exported(ExportForm.PFX, made, compat=compat, password=Secret("pw")).content.reveal()
    )
    command = ["openssl", "pkcs12", "-in", "out.pfx", "-passin", "pass:pw", "-nodes", "-info"]
    said = subprocess.run([*command, *(["-legacy"] if compat else [])], cwd=tmp_path, capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    assert said.stdout.count("BEGIN CERTIFICATE") == 3
    assert "BEGIN PRIVATE KEY" in said.stdout
    assert "friendlyName: the entry" in said.stdout
    assert f"MAC: {'sha1' if compat else 'sha256'}" in said.stderr
    assert ("pbeWithSHA1And3-KeyTripleDES-CBC" if compat else "AES-256-CBC") in said.stderr


@pytest.mark.real
def test_openssl_opens_key_and_pkcs7(tmp_path: Path) -> None:
    (tmp_path / "k.pem").write_bytes(exported(ExportForm.KEY, password=Secret("pw")).content.reveal())
    (tmp_path / "c.p7b").write_bytes(exported(ExportForm.PKCS7).content.reveal())
    key = ["openssl", "pkey", "-in", "k.pem", "-passin", "pass:pw", "-noout", "-check"]
    assert subprocess.run(key, cwd=tmp_path, capture_output=True).returncode == 0
    bag = ["openssl", "pkcs7", "-inform", "DER", "-in", "c.p7b", "-print_certs"]
    assert subprocess.run(bag, cwd=tmp_path, capture_output=True, text=True).stdout.count("BEGIN CERTIFICATE") == 3


@pytest.fixture
def for_pss_alone(tmp_path: Path) -> Made:
    """A certificate with a key that may sign by RSASSA-PSS only, made by openssl."""
    command = ["openssl", "req", "-x509", "-newkey", "rsa-pss", "-pkeyopt", "rsa_keygen_bits:2048", "-nodes"]
    files = ["-subj", "/CN=pss.example", "-keyout", "k.pem", "-out", "c.pem"]
    subprocess.run([*command, *files], cwd=tmp_path, capture_output=True, check=True)
    found = read("f", (tmp_path / "c.pem").read_bytes() + (tmp_path / "k.pem").read_bytes())
    return found.certificates[0], found.keys[0]


@pytest.mark.real("openssl")
def test_a_key_for_pss_alone_stays_one_when_it_is_exported_encrypted(for_pss_alone, tmp_path: Path) -> None:
    leaf, key = for_pss_alone
    out = export(leaf, [], key.pkcs8, ExportRequest(ExportForm.KEY, password=PASSWORD)).content.reveal()
    assert read("f", out, [PASSWORD]).keys == (key,)
    (tmp_path / "out.pem").write_bytes(out)
    command = ["openssl", "pkey", "-in", "out.pem", "-passin", f"pass:{PASSWORD.reveal().decode()}", "-text", "-noout"]
    text = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True).stdout
    assert b"PSS parameter" in text


@pytest.mark.real("openssl")
def test_a_pfx_that_would_make_plain_rsa_of_a_key_for_pss_alone_is_refused(for_pss_alone) -> None:
    leaf, key = for_pss_alone
    with pytest.raises(Unsupported, match="RSASSA-PSS only"):
        export(leaf, [], key.pkcs8, ExportRequest(ExportForm.PFX, password=PASSWORD))
