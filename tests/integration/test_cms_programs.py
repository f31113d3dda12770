"""CMS with OpenSSL and GnuTLS as the partner, both ways: every form that docs/cms.md lists."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509

from certtui.errors import Invalid
from certtui.model.cms import FORMS
from certtui.model.secret import Secret
from certtui.model.x509 import X509Facts
from certtui.pki import cms
from tests.certs import NOW, Made, make_chain
from tests.cms_forms import (
    CONTENT,
    READ_ENCRYPTED,
    READ_SIGNED,
    REFUSED,
    WRITTEN_ENCRYPTED,
    WRITTEN_SIGNED,
    Refused,
    Signed,
)

AT = str(int(NOW.timestamp()))
ALL = x509.KeyUsage(True, False, True, False, True, False, False, False, False)


def made(kind: str, number: int = 40) -> tuple[Made, ...]:
    """A leaf that may do everything, its intermediate and its root."""
    serial = number * 1000 + sum(kind.encode())
    return make_chain("Ada Signs", kind=kind, number=number, serial=serial, server=False, key_usage=ALL)


def keep(folder: Path, kind: str, number: int = 40) -> tuple[str, str]:
    """The files of a leaf and its key; the root is in root.pem, the content in `content`."""
    leaf, _, root = made(kind, number)
    names = f"{kind}.pem", f"{kind}.key"
    (folder / names[0]).write_bytes(leaf.pem)
    (folder / names[1]).write_bytes(leaf.key_pem)
    (folder / "root.pem").write_bytes(root.pem)
    (folder / "ca.pem").write_bytes(made(kind, number)[1].pem)
    (folder / "content").write_bytes(CONTENT)
    return names


def run(folder: Path, *words: str) -> bytes:
    done = subprocess.run(words, cwd=folder, capture_output=True, timeout=30)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def trusting(certificate: X509Facts, included: object) -> cms.Judgement:
    return cms.Judgement(True, "")


@pytest.mark.real("openssl")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", WRITTEN_SIGNED)
def test_openssl_verifies_what_is_signed_here(tmp_path: Path, name: str, form: str) -> None:
    kind, options = WRITTEN_SIGNED[name]
    keep(tmp_path, kind)
    leaf, issuing, _ = made(kind)
    options = replace(options, form=form)
    message = cms.sign(CONTENT, leaf.facts, Secret(leaf.key_der), [issuing.der], options, NOW)
    (tmp_path / "message").write_bytes(message)
    words = ["-inform", form.upper(), "-in", "message", "-CAfile", "root.pem", "-attime", AT]
    beside = ["-content", "content"] if options.detached else []
    assert run(tmp_path, "openssl", "cms", "-verify", "-binary", "-cades", *words, *beside) == CONTENT


@pytest.mark.real("certtool")
@pytest.mark.parametrize("name", WRITTEN_SIGNED)
def test_gnutls_verifies_what_is_signed_here(tmp_path: Path, name: str) -> None:
    kind, options = WRITTEN_SIGNED[name]
    certificate, _ = keep(tmp_path, kind)
    leaf, issuing, _ = made(kind)
    # GnuTLS 3.7 verifies no PSS with another digest, whoever wrote it; OpenSSL does.
    options = replace(options, form="der", digest="sha256" if options.pss else options.digest)
    message = cms.sign(CONTENT, leaf.facts, Secret(leaf.key_der), [issuing.der], options, NOW)
    (tmp_path / "message").write_bytes(message)
    # By the certificate itself: certtool knows no other day than today.
    words = ["certtool", "--p7-verify", "--inder", "--infile", "message", "--load-certificate", certificate]
    run(tmp_path, *words, *(["--load-data", "content"] if options.detached else []))


@pytest.mark.real("openssl")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", WRITTEN_ENCRYPTED)
def test_openssl_decrypts_what_is_encrypted_here(tmp_path: Path, name: str, form: str) -> None:
    kind, options = WRITTEN_ENCRYPTED[name]
    certificate, key = keep(tmp_path, kind)
    others = [made("rsa-2048", 41)[0].facts, made("ec-256", 42)[0].facts]
    message = cms.encrypt(CONTENT, [others[0], made(kind)[0].facts, others[1]], replace(options, form=form), NOW)
    (tmp_path / "message").write_bytes(message)
    words = ["-inform", form.upper(), "-in", "message", "-recip", certificate, "-inkey", key]
    assert run(tmp_path, "openssl", "cms", "-decrypt", "-binary", *words) == CONTENT


def signed_elsewhere(folder: Path, form: Signed) -> bytes:
    pairs = [keep(folder, kind) for kind in form.kinds]
    if form.program == "certtool":
        certificate, key = pairs[0]
        words = ["--p7-time", "--p7-include-cert", "--load-certificate", certificate, "--load-privkey", key]
        run(folder, "certtool", *form.words, *words, "--infile", "content", "--outder", "--outfile", "message")
    else:
        signers = [word for cert, key in pairs for word in ("-signer", cert, "-inkey", key)]
        run(
            folder,
            *("openssl", form.program, "-sign", "-binary", "-in", "content", "-certfile", "ca.pem", *signers),
            *(*form.words, "-out", "message"),
        )
    return (folder / "message").read_bytes()


@pytest.mark.real("openssl", "certtool")
@pytest.mark.parametrize("name", READ_SIGNED)
def test_what_others_sign_is_verified_here(tmp_path: Path, name: str) -> None:
    form = READ_SIGNED[name]
    message = signed_elsewhere(tmp_path, form)
    found = cms.verify(message, CONTENT if form.detached else None, judge=trusting)
    assert (found.valid, found.detached, len(found.signers)) == (True, form.detached, len(form.kinds)), found.summary
    assert form.algorithm in {each.algorithm for each in found.signers}
    assert found.content == (b"" if form.detached else CONTENT)
    assert all(each.signed_at is not None for each in found.signers) == ("-noattr" not in form.words)
    wrong = cms.verify(message, CONTENT + b"!", judge=trusting) if form.detached else None
    assert wrong is None or not any(each.good for each in wrong.signers)


@pytest.mark.real("openssl")
def test_a_signer_whose_certificate_is_left_out_is_found_where_it_is_known(tmp_path: Path) -> None:
    certificate, key = keep(tmp_path, "rsa-2048")
    words = ["-nodetach", "-nocerts", "-outform", "DER", "-signer", certificate, "-inkey", key]
    message = run(tmp_path, "openssl", "cms", "-sign", "-binary", "-in", "content", *words)
    leaf = made("rsa-2048")[0].facts
    alone = cms.verify(message, judge=trusting)
    assert alone.signers[0].problem == "Its certificate is not in the message and not known here."
    assert cms.verify(message, judge=trusting, find=lambda named: [leaf]).valid


@pytest.mark.real("openssl")
@pytest.mark.parametrize("name", READ_ENCRYPTED)
def test_what_others_encrypt_is_decrypted_here(tmp_path: Path, name: str) -> None:
    form = READ_ENCRYPTED[name]
    files = [keep(tmp_path, kind)[0] for kind in form.kinds]
    recipients = files if form.program == "smime" else [word for each in files for word in ("-recip", each)]
    words = ["-encrypt", "-binary", "-in", "content", "-out", "message", *form.words, *recipients, *form.options]
    run(tmp_path, "openssl", form.program, *words)
    message = (tmp_path / "message").read_bytes()
    for kind in form.kinds:
        leaf = made(kind)[0]
        found = cms.decrypt(message, leaf.facts, Secret(leaf.key_der))
        assert found.content == CONTENT
    assert (found.cipher, found.key_encryption) == (form.cipher, form.way)
    assert found.authenticated == form.cipher.endswith("gcm")


def refused_elsewhere(folder: Path, form: Refused) -> bytes:
    certificate, key = keep(folder, form.kind)
    words = [word.format(certificate=certificate, key=key) for word in form.words]
    run(folder, "openssl", "cms", *words[:1], "-binary", "-in", "content", "-out", "message", *words[1:])
    return (folder / "message").read_bytes()


@pytest.mark.real("openssl")
@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_read_is_refused_with_its_sentence(tmp_path: Path, name: str) -> None:
    form = REFUSED[name]
    message = refused_elsewhere(tmp_path, form)
    try:
        if form.act == "verify":
            found = cms.verify(message, judge=trusting)
            assert not found.valid
            said = found.signers[0].problem
        else:
            leaf = made(form.kind)[0]
            cms.decrypt(message, leaf.facts, Secret(leaf.key_der))
            said = "decrypted"
    except Invalid as refused:
        said = refused.message
    assert said == form.said
