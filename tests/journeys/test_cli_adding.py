"""Each of the ways in, with files that openssl made, and what the inventory then says, compared with openssl."""

from __future__ import annotations

import re
import subprocess
from datetime import datetime, timezone
from pathlib import Path

import pytest

from tests.journeys.command_line import PASSWORD, certtui, make_estate, openssl, process, sign_www

pytestmark = pytest.mark.real("openssl")


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_estate(tmp_path_factory.mktemp("estate"))


def test_a_pfx_brings_certificate_key_and_chain(estate: Path) -> None:
    report = process("import", estate / "www.pfx", "--password-file", estate / "password", "--format", "json").json
    assert set(report) == {"imported", "existing", "rejected"}
    (taken,) = report["imported"]
    assert set(taken) == {"id", "path", "fingerprint_sha256", "key_attached"}
    assert (taken["path"], taken["key_attached"]) == (str(estate / "www.pfx"), True)
    shown = certtui("show", taken["id"], "--format", "json").json
    assert shown["has_private_key"] is True
    assert [each["subject"] for each in shown["chain"]] == ["CN=Example CA,O=Example"]


@pytest.mark.parametrize("files", [("www.crt", "chain.pem"), ("www.der", "ca.crt"), ("fullchain.pem",)], ids=" ".join)
@pytest.mark.parametrize("key", ["www.key", "www.enc.key"])
def test_a_pair_goes_in_from_pem_or_der_with_the_chain_in_any_order(
    estate: Path, files: tuple[str, ...], key: str
) -> None:
    paths = [estate / name for name in files]
    certtui("import", *paths, "--key", estate / key, "--password-file", estate / "password", "--name", "shop")
    (row,) = certtui("list", "--format", "json").json
    assert (row["name"], row["common_name"], row["has_private_key"]) == ("shop", "www.example.com", True)


def test_a_pair_of_strangers_is_refused_naming_both_keys_and_nothing_goes_in(estate: Path) -> None:
    refused = certtui("import", estate / "www.crt", "--key", estate / "ca.key", code=1)
    for name in ("www", "ca"):
        public = openssl("pkey", "-in", estate / f"{name}.key", "-pubout", "-outform", "DER")
        assert openssl("dgst", "-sha256", "-r", stdin=public)[:8].decode() in refused.err
    assert certtui("list", "--format", "json").json == []


def test_keys_that_do_not_fit_are_told_whose_they_are(estate: Path, tmp_path: Path) -> None:
    """*PEM mismatch on import: which key belongs to which*: beside it, in the same import, or in the inventory."""
    www, ca = ((estate / f"{name}.crt", estate / f"{name}.key") for name in ("www", "ca"))
    told = certtui("match", www[0], ca[0], www[1], ca[1], "--format", "json", code=1).json
    (foreign,) = [each["problem"] for each in told["parts"] if each["kind"] == "key" and each["problem"]]
    assert "It is the key of “" in foreign
    # A file of one certificate and another's key, and that other certificate beside it in the folder.
    folder = tmp_path / "swapped"
    folder.mkdir()
    (folder / "www.pem").write_bytes(www[0].read_bytes() + ca[1].read_bytes())
    (folder / "ca.pem").write_bytes(ca[0].read_bytes())
    refused = certtui("import", folder, code=3).err
    assert re.search(
        r"The key sha256:[0-9a-f]{8}… \(.*\) in .*www.pem is that of “.*”, which is in the inventory", refused
    )
    # A pair given by name: the inventory knows whose the key is, or nobody does.
    refused = certtui("import", www[0], "--key", ca[1], code=1).err
    assert re.search(
        r"does not belong to the certificate “www.example.com”.*\n.*is that of “.*”, which is in the inventory", refused
    )
    refused = certtui("import", ca[0], "--key", www[1], code=1).err
    assert "is that of no certificate given or in the inventory." in refused


def test_a_csr_made_here_is_signed_and_completed(estate: Path, tmp_path: Path) -> None:
    made = certtui(
        *("csr", "create", "--cn", "www.example.com", "--san", "DNS:www.example.com", "--san", "IP:10.0.0.7"),
        *("--subject", "O=Example\\, Inc.,OU=Web,C=DE", "--key", "ec-256", "--name", "new-www", "--group", "web"),
    )
    request = tmp_path / "new.csr"
    request.write_text(made.out)
    openssl("req", "-in", request, "-noout", "-verify")
    subject = openssl("req", "-in", request, "-noout", "-subject", "-nameopt", "RFC2253").decode()
    assert "O=Example\\, Inc." in subject
    for name in ("ca.crt", "ca.key"):
        (tmp_path / name).write_bytes((estate / name).read_bytes())
    certtui("csr", "complete", "new-www", sign_www(tmp_path, "new"))
    (row,) = certtui("list", "--format", "json").json
    assert (row["name"], row["business_group"], row["has_private_key"]) == ("new-www", "web", True)
    assert certtui("csr", "list", "--format", "json").json == []


def test_a_certificate_for_another_saved_csr_is_refused_naming_that_one(estate: Path, tmp_path: Path) -> None:
    for name in ("ca.crt", "ca.key"):
        (tmp_path / name).write_bytes((estate / name).read_bytes())
    for name in ("one", "two"):
        made = certtui("csr", "create", "--cn", f"{name}.example.com", "--key", "ed25519", "--name", name)
        (tmp_path / f"{name}.csr").write_text(made.out)
    signed = sign_www(tmp_path, "two")
    refused = certtui("csr", "complete", "one", signed, code=1)
    assert "certtui csr complete" in refused.err
    number = next(each["id"] for each in certtui("csr", "list", "--format", "json").json if each["name"] == "two")
    assert f"complete {number} " in refused.err
    certtui("csr", "complete", "two", signed)


@pytest.mark.parametrize("key", ["rsa-2048", "rsa-3072", "ec-384", "ec-521", "ed25519"])
def test_every_kind_of_key_makes_a_request_that_openssl_verifies(key: str, tmp_path: Path) -> None:
    (tmp_path / "x.csr").write_text(
        certtui("csr", "create", "--cn", "x", "--key", key, "--san", "DNS:münchen.example").out
    )
    text = openssl("req", "-in", tmp_path / "x.csr", "-noout", "-verify", "-text").decode()
    assert "DNS:xn--mnchen-3ya.example" in text


def test_everything_show_says_is_what_openssl_says(estate: Path) -> None:
    certtui("import", estate / "www.crt")
    shown = certtui("show", "www.example.com", "--format", "json").json

    def ask(*what: str) -> str:
        return openssl("x509", "-in", estate / "www.crt", "-noout", *what).decode().strip()

    assert shown["serial_number"] == f"{int(ask('-serial').partition('=')[2], 16):x}"
    assert shown["fingerprint_sha256"] == ask("-fingerprint", "-sha256").partition("=")[2].replace(":", "").lower()
    assert shown["fingerprint_sha1"] == ask("-fingerprint", "-sha1").partition("=")[2].replace(":", "").lower()
    assert shown["issuer"] == ask("-issuer", "-nameopt", "RFC2253").removeprefix("issuer=")
    assert _set_of_parts(shown["subject"]) == _set_of_parts(
        ask("-subject", "-nameopt", "RFC2253").removeprefix("subject=")
    )
    assert shown["not_before"] == _instant(ask("-startdate"))
    assert shown["not_after"] == _instant(ask("-enddate"))
    assert shown["sans"] == [
        "DNS:www.example.com",
        "DNS:*.api.example.com",
        "IP:10.0.0.7",
        "EMAIL:ops@example.com",
        "URI:https://example.com/x",
    ]
    assert (shown["key_algorithm"], shown["signature_digest"]) == ("rsa-2048", "sha256")
    assert openssl("x509", "-outform", "DER", stdin=shown["pem"].encode()) == (estate / "www.der").read_bytes()
    public = openssl("pkey", "-in", estate / "www.key", "-pubout", "-outform", "DER")
    assert openssl("dgst", "-sha256", "-r", stdin=public).decode().startswith(shown["spki_sha256"])
    assert shown["days_remaining"] in (89, 90)
    assert shown["status"] == "active"
    assert "Digital Signature" in shown["key_usages"]
    assert len(shown["extended_key_usages"]) == 2


def test_the_list_says_the_same_as_show(estate: Path) -> None:
    certtui("import", estate / "www.pfx", "--password-file", estate / "password")
    (row,) = certtui("list", "--format", "json").json
    shown = certtui("show", row["id"], "--format", "json").json
    assert {key: shown[key] for key in row} == row


def test_a_folder_gives_each_certificate_once_and_its_key_from_another_file(estate: Path) -> None:
    report = certtui("import", estate, "--password-file", estate / "password", "--format", "json").json
    rows = certtui("list", "--format", "json").json
    assert sorted(row["common_name"] for row in rows) == ["Example CA", "Example Root", "www.example.com"]
    assert all(row["has_private_key"] for row in rows)
    assert report["rejected"] == []
    assert len(report["imported"]) == 3
    again = certtui("import", estate, "--password-file", estate / "password", "--format", "json").json
    assert again["imported"] == []


def test_the_table_of_an_import_has_what_changed_and_counts_the_rest(estate: Path) -> None:
    certtui("import", estate / "www.crt")
    twice = estate / "twice.pem"
    twice.write_bytes((estate / "www.crt").read_bytes() * 2)
    done = certtui("import", estate, "--password-file", estate / "password")
    assert done.out.count("Example CA") == 1
    assert done.out.count("there already") == 1  # its key came: that is a change
    assert "With -v" in done.err
    again = certtui("import", estate, "--password-file", estate / "password", "-v")
    assert again.out.count("there already") >= 3
    assert "With -v" not in again.err


def test_the_one_that_was_there_already_is_named_with_its_id(estate: Path) -> None:
    certtui("import", estate / "www.crt")
    done = certtui("import", estate / "www.crt")
    assert "www.example.com" in done.out
    assert "With -v" not in done.err


def test_standard_input_is_read(estate: Path) -> None:
    process("import", "-", stdin=(estate / "www.crt").read_bytes())
    assert len(certtui("list", "--format", "json").json) == 1


def test_a_key_that_comes_later_is_attached_and_that_is_said(estate: Path) -> None:
    certtui("import", estate / "www.crt")
    done = certtui("import", estate / "www.key", "--format", "json")
    assert [each["key_attached"] for each in done.json["existing"]] == [True]
    assert "got their key" in done.err


def test_what_is_rejected_decides_the_exit_code(estate: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.pem"
    bad.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    assert certtui("import", bad, "--format", "json", code=1).json["rejected"][0]["path"] == str(bad)
    certtui("import", bad, estate / "www.crt", code=3)
    certtui("import", estate / "www.crt", code=0)


def test_a_wrong_password_is_a_rejection_that_says_so(estate: Path, tmp_path: Path) -> None:
    (tmp_path / "wrong").write_text("not it\n")
    (rejected,) = certtui(
        "import", estate / "www.pfx", "--password-file", tmp_path / "wrong", "--format", "json", code=1
    ).json["rejected"]
    assert "password" in rejected["reason"].lower()


def test_a_server_is_asked_for_what_it_presents(estate: Path) -> None:
    server = subprocess.Popen(
        [
            *("openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", str(estate / "www.crt")),
            *("-key", str(estate / "www.key"), "-cert_chain", str(estate / "ca.crt")),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.PIPE,  # at the end of its input it would hang up
    )
    try:
        assert server.stdout is not None
        port = next(match[1] for line in server.stdout if (match := re.match(rb"ACCEPT .*:(\d+)", line))).decode()
        certtui("import", "--from", f"127.0.0.1:{port}")
    finally:
        server.kill()
        server.communicate()
    (row,) = certtui("list", "--format", "json").json
    assert (row["common_name"], row["source"], row["has_private_key"]) == ("www.example.com", "discovered", False)
    assert len(certtui("show", row["id"], "--format", "json").json["chain"]) == 1


def test_a_server_that_is_not_there_is_a_rejection(estate: Path) -> None:
    assert "127.0.0.1:1" in certtui("import", "--from", "127.0.0.1:1", code=1).err


def test_no_password_and_no_key_is_left_in_the_clear(estate: Path, own_home: Path) -> None:
    certtui("import", estate / "www.pfx", "--password-file", estate / "password")
    # Of an RSA key the end is secret; the beginning is the public modulus.
    key = openssl("pkcs8", "-topk8", "-nocrypt", "-in", estate / "www.key", "-outform", "DER")
    for path in own_home.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert key[-300:-268] not in data
            assert PASSWORD.encode() not in data
            assert path.stat().st_mode & 0o077 == 0, path


def _instant(line: str) -> str:
    parsed = datetime.strptime(line.partition("=")[2], "%b %d %H:%M:%S %Y GMT").replace(tzinfo=timezone.utc)
    return parsed.strftime("%Y-%m-%dT%H:%M:%SZ")


def _set_of_parts(name: str) -> list[frozenset[str]]:
    """Relative names in order; the attributes of a multi-valued one have none."""
    return [frozenset(part.split("+")) for part in re.split(r"(?<!\\),", name)]
