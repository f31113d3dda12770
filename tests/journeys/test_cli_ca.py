"""`certtui ca` from a first root to a retired CA, its output taken as a script takes it, with openssl as the offline root."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.journeys.command_line import certtui, openssl


def root(*more: str) -> int:
    return int(certtui("ca", "create-root", "Example Root", "--format", "json", *more).json["id"])


def issuing(*more: str) -> int:
    command = ("ca", "create-intermediate", "Example Issuing", "--parent", "Example Root", "--format", "json")
    return int(certtui(*command, *more).json["id"])


def test_a_root_and_an_intermediate_with_everything_that_can_be_said(tmp_path: Path) -> None:
    assert root("--subject", "O=Example,C=DE", "--key", "rsa-2048", "--digest", "sha384", "--days", "4000") == 1
    made = certtui(
        *("ca", "create-intermediate", "Example Issuing", "--parent", "1", "--path-length", "0", "--days", "100"),
        *("--permit", "DNS:example.com", "--exclude", "DNS:secret.example.com", "--usage", "serverAuth"),
        *("--crl-days", "3", "--delta-hours", "6", "--crl-file", str(tmp_path / "ca.crl"), "--format", "json"),
        *("--crl-url", "http://a.example.com/ca.crl", "--crl-url", "http://b.example.com/ca.crl"),
        *("--ocsp-url", "http://a.example.com/ocsp"),
    ).json
    assert (made["state"], made["parent_id"], made["chain"]) == ("active", 1, ["Example Root"])
    assert made["profiles"] == ["Example Issuing"]
    assert made["settings"]["crl_urls"] == ["http://a.example.com/ca.crl", "http://b.example.com/ca.crl"]
    assert made["crl"]["published"] == str(tmp_path / "ca.crl")
    assert len(made["limits"]) == 4
    text = openssl(
        "x509", "-noout", "-text", stdin=certtui("export", "Example Issuing", "--as", "pem", "--out", "-").raw
    )
    for said in (b"pathlen:0", b"DNS:secret.example.com", b"TLS Web Server Authentication", b"sha384WithRSAEncryption"):
        assert said in text
    listed = certtui("ca", "list", "kind:root", "--format", "json").json
    assert [(row["name"], row["living"], row["crl_number"]) for row in listed] == [("Example Root", 1, 1)]
    shown = certtui("ca", "show", "Example Issuing").out
    assert "At most" not in shown
    assert "It issues no CAs, only leaves (path length 0)." in shown
    assert certtui("ca", "list").out.startswith("ID")


def test_without_a_profile_nothing_can_be_ordered_of_it() -> None:
    root()
    issuing("--no-profile")
    assert certtui("ca", "show", "2", "--format", "json").json["profiles"] == []


@pytest.mark.real("openssl")
def test_crls_are_shown_issued_and_written(tmp_path: Path) -> None:
    root()
    assert certtui("ca", "crl", "1", "--format", "json").json["number"] == 1
    assert certtui("ca", "crl", "1", "--new", "--format", "json").json["number"] == 2
    out = tmp_path / "root.crl"
    certtui("ca", "crl", "1", "--out", out)
    assert b"Issuer: CN = Example Root" in openssl("crl", "-inform", "DER", "-in", out, "-noout", "-text")
    certtui("ca", "crl", "1", "--out", out, code=1)
    certtui("ca", "crl", "1", "--out", out, "--pem", "--force")
    assert openssl("crl", "-in", out, "-noout", "-crlnumber").strip() == b"crlNumber=0x02"
    assert openssl("crl", "-noout", stdin=certtui("ca", "crl", "1", "--pem", "--out", "-").raw) == b""
    refused = certtui("ca", "crl", "1", "--delta", "--new", code=1)
    assert "has no delta CRLs" in refused.err
    certtui("ca", "crl", "nobody", code=4)


def test_settings_are_changed_and_taken_away() -> None:
    root("--ocsp-url", "http://a.example.com/ocsp")
    certtui("ca", "edit", "1", "--crl-days", "30")
    certtui("ca", "edit", "1", "--ocsp-url", "")
    settings = certtui("ca", "show", "1", "--format", "json").json["settings"]
    assert (settings["crl_days"], settings["ocsp_urls"]) == (30, [])
    certtui("ca", "edit", "1", code=2)
    wrong = certtui("ca", "edit", "1", "--crl-file", "here.crl", code=1)
    assert "not a path from the root on" in wrong.err


@pytest.mark.real("openssl")
def test_an_offline_root_of_openssl_signs_a_ca_and_its_crl_is_taken_in(tmp_path: Path) -> None:
    key, above = tmp_path / "root.key", tmp_path / "root.pem"
    extensions = ("-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    openssl(
        *("req", "-x509", "-newkey", "rsa:2048", "-noenc", "-keyout", key, "-out", above, "-subj", "/CN=Offline Root"),
        *("-days", "3000", *extensions),
    )
    csr = tmp_path / "issuing.csr"
    csr.write_bytes(certtui("ca", "request", "Example Issuing", "--path-length", "0").raw)
    signed = tmp_path / "issuing.pem"
    command = ("x509", "-req", "-in", csr, "-CA", above, "-CAkey", key, "-days", "1000", "-out", signed)
    openssl(*command)
    assert "is not a CA" in certtui("ca", "complete", "Example Issuing", signed, code=1).err
    openssl(*command, "-copy_extensions", "copy")
    done = certtui("ca", "complete", "Example Issuing", signed, "--format", "json").json
    assert (done["state"], done["crl"]["number"], done["profiles"]) == ("active", 1, ["Example Issuing"])
    offline = certtui("ca", "import", above, "--format", "json").json
    assert (offline["state"], offline["kind"], offline["issued"]) == ("offline", "root", 1)
    assert certtui("ca", "show", "Example Issuing", "--format", "json").json["chain"] == ["Offline Root"]
    crl = offline_crl(tmp_path, key, above, signed)
    taken = certtui("ca", "accept-crl", "Offline Root", crl, "--format", "json").json
    assert (taken["number"], taken["entries"]) == (0x1000, 1)
    assert certtui("list", "status:revoked", "--format", "json").json[0]["name"] == "Example Issuing"


def offline_crl(folder: Path, key: Path, above: Path, revoked: Path) -> Path:
    """What `openssl ca` makes of a revocation, with the little database that it wants."""
    (folder / "index.txt").write_text("")
    (folder / "crlnumber").write_text("1000\n")
    config = folder / "ca.cnf"
    config.write_text(
        f"[ca]\ndefault_ca=d\n[d]\ndatabase={folder}/index.txt\ncrlnumber={folder}/crlnumber\ndefault_md=sha256\n"
        "default_crl_days=30\npolicy=p\n[p]\ncommonName=supplied\n"
    )
    signer = ("ca", "-config", config, "-keyfile", key, "-cert", above)
    openssl(*signer, "-revoke", revoked)
    openssl(*signer, "-gencrl", "-out", folder / "root.crl")
    return folder / "root.crl"


@pytest.mark.real("openssl")
def test_a_ca_is_imported_with_its_key_and_issues(tmp_path: Path) -> None:
    extensions = ("-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    openssl(
        *("req", "-x509", "-newkey", "rsa:2048", "-noenc", "-keyout", tmp_path / "ca.key", "-out", tmp_path / "ca.pem"),
        *("-subj", "/CN=Existing", "-days", "3000", *extensions),
    )
    done = certtui("ca", "import", tmp_path / "ca.pem", "--key", tmp_path / "ca.key", "--format", "json").json
    assert (done["state"], done["kind"]) == ("active", "root")
    assert (
        certtui("ca", "create-intermediate", "Below", "--parent", "Existing", "--format", "json").json["parent_id"] == 1
    )
    certtui("ca", "import", tmp_path / "ca.pem", "--key", tmp_path / "ca.key", code=1)


def test_a_ca_is_rolled_over_and_retired_with_the_number_that_was_seen() -> None:
    root()
    issuing()
    young = certtui("ca", "rollover", "Example Issuing", "--format", "json").json
    assert (young["name"], young["profiles"]) == ("Example Issuing G2", ["Example Issuing"])
    assert certtui("ca", "show", "2", "--format", "json").json["successor_id"] == young["id"]
    certtui("ca", "rollover", "1", "--key", "ec-256", code=2)
    renamed = certtui("ca", "rollover", "1", "--name", "Root of 2040", "--key", "ec-256", "--format", "json").json
    assert (renamed["name"], renamed["key_algorithm"]) == ("Root of 2040", "ec-256")
    living = certtui("ca", "living", "Example Root", "--format", "json").json
    assert [one["name"] for one in living] == ["Example Issuing", "Example Issuing G2"]
    refused = certtui("ca", "retire", "Example Root", "--yes", code=2)
    assert "confirm with --living 2" in refused.err
    certtui("ca", "retire", "Example Root", "--living", "1", code=1)
    certtui("ca", "retire", "Example Root", "--living", "2")
    certtui("ca", "retire", "Example Issuing")
    states = certtui("ca", "list", "--format", "json").json
    assert {row["name"]: row["state"] for row in states}["Example Root"] == "retired"


def test_a_ca_that_is_refused_leaves_nothing(tmp_path: Path) -> None:
    refused = certtui("ca", "create-root", "Root", "--permit", "example.com", code=1)
    assert "name constraint" in refused.err
    certtui("ca", "create-root", "Root", "--days", "0", code=2)
    assert json.loads(certtui("ca", "list", "--format", "json").out) == []


@pytest.mark.parametrize("command", ["create-root NAME", "create-intermediate N", "request", "complete", "import", "list",
                                     "show", "edit", "crl", "accept-crl", "rollover", "living", "retire"])  # fmt: skip
def test_every_command_explains_itself(command: str) -> None:
    assert f"usage: certtui ca {command.split()[0]}" in certtui("ca", command.split()[0], "--help").out
