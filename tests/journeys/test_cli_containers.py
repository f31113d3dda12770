"""Containers, consumers and stored secrets on the command line, as a script and a person use them."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path

import pytest

from tests.journeys.command_line import PASSWORD, certtui, make_estate, openssl
from tests.journeys.test_cli_orders import make_pki
from tests.pty import Terminal

pytestmark = pytest.mark.real("openssl")

ORDER = ("order", "create", "--authority", "internal", "--cn", "shop.example.com", "--key", "ec-256", "--submit")


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_estate(tmp_path_factory.mktemp("estate"))


def ordered(*more: str) -> dict[str, object]:
    """An order that is complete, as JSON."""
    order: dict[str, object] = certtui(*ORDER, *more, "--format", "json").json
    assert order["status"] == "complete"
    return order


def pair_in(folder: Path) -> None:
    """Key and certificate in a folder are one pair, and the chain leads to its CA."""
    public = openssl("x509", "-in", folder / "certificate.pem", "-noout", "-pubkey")
    assert openssl("pkey", "-in", folder / "private_key.pem", "-pubout") == public
    assert openssl("x509", "-in", folder / "chain.pem", "-noout", "-subject").strip().endswith(b"CN = Issuing")
    combined = (folder / "combined.pem").read_bytes()
    assert combined == (folder / "private_key.pem").read_bytes() + (folder / "fullchain.pem").read_bytes()


def test_a_script_fetches_what_an_order_made_and_again_only_what_a_renewal_changed(tmp_path: Path) -> None:
    make_pki()
    first = ordered()
    ref, out, told = str(first["container_ref"]), tmp_path / "tls", tmp_path / "told"
    fetch = (
        *("container", "fetch", f"containers/{ref}", "--out", out, "--consumer", "nginx:host:web-1", "--exit-code"),
        *("--exec-if-changed", f"{sys.executable} -c \"open('{told}', 'a').write('x')\""),
    )
    done = certtui(*fetch, "--format", "json")
    assert (done.json["changed"], done.json["number"]) == (True, 1)
    assert b"PRIVATE KEY" not in done.raw
    pair_in(out)
    assert stat.S_IMODE((out / "private_key.pem").stat().st_mode) == 0o600
    before = (out / "combined.pem").stat().st_mtime_ns
    assert "Nothing is new" in certtui(*fetch, code=6).err
    assert (out / "combined.pem").stat().st_mtime_ns == before
    ordered("--renews", str(first["certificate_id"]))
    assert certtui("container", "list", "behind", "--format", "json").json[0]["ref"] == ref
    assert "Wrote version 2" in certtui(*fetch).err
    pair_in(out)
    assert told.read_text() == "xx"
    back = certtui("container", "rollback", ref, "--format", "json").json
    assert (back["number"], back["certificate_id"]) == (3, first["certificate_id"])
    assert "Wrote version 3" in certtui(*fetch).err
    consumers = certtui("consumer", "list", ref, "--format", "json").json
    assert [(each["service"], each["resource"], each["fetched_number"]) for each in consumers] == [
        ("nginx", "web-1", 3)
    ]


def test_a_command_that_failed_is_run_again_by_the_next_fetch(tmp_path: Path) -> None:
    make_pki()
    ref, out = str(ordered()["container_ref"]), tmp_path / "tls"
    fetch = ("container", "fetch", ref, "--out", out, "--exec-if-changed")
    done = certtui(*fetch, "false", code=1)
    assert "The files are there, but false ended with 1." in done.err
    assert "could not be run" in certtui(*fetch, "/nothing/here", code=1).err
    certtui(*fetch, "true")
    certtui(*fetch, "false")  # nothing is new, and nothing is left to run


def test_a_folder_with_other_files_or_another_container_is_left_alone(tmp_path: Path) -> None:
    make_pki()
    one, other = str(ordered()["container_ref"]), str(ordered("--san", "b.example.com")["container_ref"])
    out = tmp_path / "tls"
    certtui("container", "fetch", one, "--out", out)
    assert "another container" in certtui("container", "fetch", other, "--out", out, code=1).err
    certtui("container", "fetch", other, "--out", out, "--force")
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "private_key.pem").write_text("mine")
    refused = certtui("container", "fetch", one, "--out", tmp_path / "used", code=1)
    assert "is there already" in refused.err
    assert (tmp_path / "used" / "private_key.pem").read_text() == "mine"


def test_parts_that_were_stored_make_a_container_and_are_not_shown_again(estate: Path, tmp_path: Path) -> None:
    def stored(name: str, kind: str, file: Path, *more: str) -> dict[str, object]:
        made: dict[str, object] = certtui("secret", "store", name, file, "--type", kind, *more, "--format", "json").json
        return made

    stored("c", "certificate", estate / "www.crt")
    assert stored("k", "private", estate / "www.enc.key")["algorithm"] == "encrypted"
    stored("i", "certificate", estate / "ca.crt")
    word = stored("word", "passphrase", estate / "password", "--group", "web", "--expires", "30")
    assert word["size"] == len(PASSWORD)
    parts = [f"--part={each}" for each in ("certificate=c", "private_key=k", "intermediates=i")]
    refused = certtui("container", "create", "www", *parts, code=1)
    assert "private_key_passphrase is missing" in refused.err
    made = certtui(
        "container", "create", "www", *parts, "--part", "private_key_passphrase=word", "--format", "json"
    ).json
    assert made["parts"] == ["certificate", "private_key", "intermediates", "private_key_passphrase"]
    for shown in (("secret", "list"), ("secret", "show", "word"), ("container", "show", "www")):
        for form in ("table", "json"):
            done = certtui(*shown, "--format", form)
            assert PASSWORD not in done.out + done.err
            assert "PRIVATE KEY" not in done.out + done.err
    assert "word is good for" in certtui("secret", "check", "word").out
    assert "is a part of www" in certtui("secret", "delete", "word", "--yes", code=1).err
    out = tmp_path / "out"
    certtui("container", "fetch", "www", "--out", out)
    assert (out / "private_key_passphrase").read_text() == PASSWORD
    opened = ("pkey", "-in", out / "private_key.pem", "-passin", f"file:{out / 'private_key_passphrase'}", "-pubout")
    assert openssl(*opened) == openssl("x509", "-in", estate / "www.crt", "-noout", "-pubkey")
    assert "certificate: until" not in certtui("show", "www").out
    checked = certtui("container", "check", "www", code=1).out
    assert "intermediates: The chain ends before a root" in checked
    certtui("import", estate / "root.crt")
    assert "complete" in certtui("container", "check", "www").out
    certtui("container", "update", "www", "--drop", "private_key_passphrase")
    certtui("container", "delete", "www", "--yes")
    certtui("secret", "delete", "word", "--yes")


def test_secrets_come_by_standard_input_and_never_as_an_argument(estate: Path) -> None:
    certtui("secret", "store", "word", "-", "--type", "passphrase", stdin=b"correct horse\n")
    assert certtui("secret", "show", "word", "--format", "json").json["size"] == 13
    certtui("secret", "store", "blob", "-", "--type", "opaque", stdin=b"\x00\n")
    assert certtui("secret", "show", "blob", "--format", "json").json["size"] == 2
    assert "Nobody can be asked" in certtui("secret", "store", "x", "--type", "passphrase", code=2).err
    assert "comes from a file" in certtui("secret", "store", "x", "--type", "opaque", code=2).err
    refused = certtui("secret", "store", "x", estate / "www.crt", "--type", "private", code=1)
    assert "no private key in it" in refused.err
    made = ("container", "create", "vault", "--type", "generic", "--part", "db.word=word", "--part", "blob=blob")
    assert certtui(*made, "--format", "json").json["parts"] == ["blob", "db.word"]
    assert "--part takes NAME=SECRET" in certtui("container", "create", "x", "--part", "word", code=2).err


def test_a_person_sees_the_consumers_before_anything_is_deleted() -> None:
    make_pki()
    order = ordered()
    ref, entry = str(order["container_ref"]), str(order["certificate_id"])
    for service in ("nginx", "haproxy"):
        certtui("consumer", "add", ref, service, "--type", "host", "--resource", "web-1")
    shown = certtui("show", entry, "--format", "json").json
    assert shown["container_ref"] == ref
    assert [each["service"] for each in shown["consumers"]] == ["haproxy", "nginx"]
    assert "Nobody can be asked" in certtui("delete", entry, code=2).err
    plan = certtui("revoke", entry, "--dry-run", "--format", "json").json
    assert [each["service"] for each in plan["consumers"]] == ["haproxy", "nginx"]
    command = [sys.executable, "-m", "certtui"]
    with Terminal([*command, "delete", entry]) as terminal:
        terminal.wait_for("used by nginx, host web-1, by the container shop.example.com")
        terminal.wait_for("Delete this certificate?")
        terminal.send("n\n")
        assert terminal.wait_end() == 1
    with Terminal([*command, "container", "delete", ref]) as terminal:
        terminal.wait_for("used by haproxy, host web-1 (has none yet)")
        terminal.wait_for("Its reference leads nowhere then.")
        terminal.send("y\n")
        assert terminal.wait_end() == 0
    assert certtui("container", "list", "--format", "json").json == []
    certtui("delete", entry, "--yes")


def test_an_order_shows_its_reference_and_an_edit_its_name() -> None:
    make_pki()
    order = ordered()
    ref = str(order["container_ref"])
    assert f"containers/{ref}" in certtui("order", "show", str(order["id"])).out
    after = certtui("container", "edit", ref, "--name", "web shop", "--follow", "no", "--format", "json").json
    assert (after["name"], after["follows"], after["reference"]) == ("web shop", False, f"containers/{ref}")
    listed = certtui("container", "list", "status:active,expiring", "--format", "csv").out
    assert listed.splitlines()[0].startswith("id,ref,name,type,status,number")
    assert json.loads(certtui("container", "check", "web shop", "--format", "json").out)["ok"]
    assert (
        "gives this out already"
        in certtui("container", "update", ref, "--certificate", str(order["certificate_id"]), code=1).err
    )
