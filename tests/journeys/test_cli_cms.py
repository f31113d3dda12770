"""Signing and decrypting from a script, with openssl at the other end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.command_line import certtui, openssl

pytestmark = pytest.mark.real("openssl")
CONTENT = b"Pay 100 to Alice.\r\n\x00\xff"


@pytest.fixture
def pki(tmp_path: Path) -> Path:
    """A private repository with a certificate of each kind of key; root.pem, rsa.pem, ec.pem and `content` are in the folder."""
    certtui("ca", "create-root", "Example Root")
    certtui("ca", "create-intermediate", "Example Issuing", "--parent", "Example Root", "--profile", "internal")
    certtui("repository", "create", "private", "--source", "private", "--ca", "Example Issuing")
    for name, key in (("rsa", "rsa-2048"), ("ec", "ec-256")):
        options = ("--template", "messages", "--key", key, "--name", name, "--submit")
        certtui("order", "create", "--authority", "internal", "--cn", f"{name}.example.com", *options)
        certtui("export", name, "--as", "pem", "--out", tmp_path / f"{name}.pem")
    certtui("export", "Example Root", "--as", "pem", "--out", tmp_path / "root.pem")
    (tmp_path / "content").write_bytes(CONTENT)
    return tmp_path


def test_what_is_signed_here_is_verified_by_openssl_and_the_other_way_round(pki: Path) -> None:
    for name, *options in (("rsa",), ("rsa", "--pss", "--digest", "sha512"), ("ec", "--detached", "--form", "der")):
        certtui(
            "repository", "sign", "private", pki / "content", "--cert", name, *options, "--out", pki / "m", "--force"
        )
        form = "DER" if "der" in options else "PEM"
        beside = ("-content", pki / "content") if "--detached" in options else ()
        words = ("-binary", "-inform", form, "-in", pki / "m", "-CAfile", pki / "root.pem", *beside)
        assert openssl("cms", "-verify", *words) == CONTENT
        ours = ("--content", pki / "content") if "--detached" in options else ()
        found = certtui("repository", "verify", "private", pki / "m", *ours, "--format", "json").json
        assert (found["valid"], found["signers"][0]["name"]) == (True, f"{name}.example.com")


def test_pipes_need_no_files(pki: Path) -> None:
    signed = certtui("repository", "sign", "private", "--cert", "rsa", stdin=CONTENT).raw
    assert certtui("repository", "verify", "private", "--out", "-", stdin=signed).raw == CONTENT
    sealed = certtui("repository", "encrypt", "private", "--cert", "rsa", "--cert", "ec", stdin=CONTENT).raw
    opened = certtui("repository", "decrypt", "private", "--cert", "ec", stdin=sealed)
    assert opened.raw == CONTENT
    assert "Opened with the key of ec (ecdh sha256, aes-256-gcm)." in opened.err


def test_a_bad_signature_ends_with_1_and_its_content_is_not_written(pki: Path) -> None:
    signed = certtui("repository", "sign", "private", "--cert", "rsa", "--form", "der", stdin=CONTENT).raw
    changed = signed.replace(b"Alice", b"Malet")
    done = certtui("repository", "verify", "private", "--out", pki / "content.out", stdin=changed, code=1)
    assert "not good" in done.out
    assert "its digest is another" in done.err
    assert not (pki / "content.out").exists()
    found = certtui("repository", "verify", "private", "--format", "json", stdin=changed, code=1).json
    assert (found["valid"], found["signers"][0]["good"]) == (False, False)


def test_openssl_encrypts_to_a_certificate_and_it_is_decrypted_here(pki: Path) -> None:
    for name, *cipher in (("rsa", "-aes-256-gcm"), ("ec", "-aes-256-cbc"), ("ec", "-aes-128-gcm")):
        openssl(
            *("cms", "-encrypt", "-binary", "-in", pki / "content", "-out", pki / "m", "-outform", "PEM"),
            *(*cipher, pki / f"{name}.pem"),
        )
        out = pki / "opened"
        done = certtui("repository", "decrypt", "private", pki / "m", "--out", out, "--force")
        assert out.read_bytes() == CONTENT
        assert out.stat().st_mode & 0o777 == 0o600
        assert ("protects from no change" in done.err) == cipher[0].endswith("cbc")


def test_what_may_not_be_done_is_told_with_its_exit_code(pki: Path) -> None:
    certtui("repository", "create", "uploads", "--source", "uploaded")
    refused = certtui("repository", "sign", "uploads", "--cert", "rsa", stdin=CONTENT, code=1)
    assert "Keys are used in private and compliant repositories" in refused.err
    assert (
        "not filed in private"
        in certtui("repository", "sign", "private", "--cert", "Example Root", stdin=CONTENT, code=4).err
    )
    assert certtui("repository", "sign", "private", stdin=CONTENT, code=2).err
    assert (
        "RSASSA-PSS is for RSA keys"
        in certtui("repository", "sign", "private", "--cert", "ec", "--pss", stdin=CONTENT, code=1).err
    )
    certtui("repository", "sign", "private", "--cert", "ec", "--out", pki / "m", stdin=CONTENT)
    there = certtui("repository", "sign", "private", "--cert", "ec", "--out", pki / "m", stdin=CONTENT, code=1)
    assert "--force" in there.err
    events = certtui("audit", "list", "event:repository.sign.success", "--format", "json").json
    assert [each["object_name"] for each in events] == ["ec", "ec"]
