"""Orders, authorities and the worker on the command line, as a script uses them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.command_line import certtui, openssl

pytestmark = pytest.mark.real("openssl")


def make_pki() -> None:
    """A root, an issuing CA and a profile `internal`."""
    certtui("ca", "create-root", "Root", "--key", "ec-256")
    certtui("ca", "create-intermediate", "Issuing", "--parent", "Root", "--key", "ec-256", "--no-profile")
    certtui("authority", "add", "internal", "--type", "local", "--set", "ca=Issuing")


def test_an_order_by_the_built_in_pki_is_verified_by_openssl(tmp_path: Path) -> None:
    make_pki()
    done = certtui(
        *("order", "create", "--authority", "internal", "--cn", "shop.example.com", "--san", "www.example.com"),
        *("--san", "IP:10.0.0.7", "--days", "30", "--group", "web", "--submit", "--wait", "5", "--format", "json"),
    )
    order = done.json
    assert (order["status"], order["duration_seconds"], order["type"]) == ("complete", 0, "local")
    assert order["form"]["sans"] == ["DNS:shop.example.com", "DNS:www.example.com", "IP:10.0.0.7"]
    assert f"Order {order['id']} for shop.example.com is complete." in done.err
    for name, form in (("Root", "pem"), ("shop.example.com", "fullchain")):
        certtui("export", name, "--as", form, "--out", tmp_path / f"{form}.pem")
    verified = openssl(
        *("verify", "-CAfile", tmp_path / "pem.pem", "-untrusted", tmp_path / "fullchain.pem"),
        *("-purpose", "sslserver", "-verify_hostname", "www.example.com", tmp_path / "fullchain.pem"),
    )
    assert b"OK" in verified


def test_the_only_enabled_authority_is_taken_and_named() -> None:
    make_pki()
    done = certtui("order", "create", "--cn", "shop.example.com", "--submit")
    assert "It goes to internal, the only authority that is enabled." in done.err
    assert "complete" in done.err
    assert "the default of the template" in certtui("order", "show", "shop.example.com").out


def test_an_order_that_is_refused_when_it_is_sent_says_that_it_is_kept() -> None:
    make_pki()
    asked = ("order", "create", "--authority", "internal", "--cn", "shop.example.com", "--days", "9999", "--submit")
    assert "Order 1 keeps what was asked for: `certtui order edit 1` changes it" in certtui(*asked, code=1).err
    assert certtui("order", "show", "1", "--format", "json").json["status"] == "draft"
    certtui("order", "edit", "1", "--days", "30")
    assert "Order 1 for shop.example.com is complete." in certtui("order", "submit", "1").err


def test_without_one_authority_to_take_nothing_is_saved() -> None:
    order = ("order", "create", "--cn", "shop.example.com", "--submit")
    make_pki()
    certtui("authority", "add", "outside", "--type", "external")
    refused = certtui(*order, code=1).err
    assert "nothing was saved" in refused
    assert "--authority: internal, outside." in refused
    certtui("authority", "disable", "internal")
    certtui("authority", "disable", "outside")
    assert "No authority is enabled" in certtui(*order, code=1).err
    assert certtui("order", "list", "--format", "json").json == []


def test_an_order_goes_step_by_step_and_back(tmp_path: Path) -> None:
    make_pki()
    certtui("order", "create", "--cn", "a.example.com", "--organization", "Example")
    assert "No CSR yet" in certtui("order", "show", "a.example.com").out
    certtui("order", "edit", "a.example.com", "--authority", "internal", "--key", "ec-384")
    made = certtui("order", "generate", "a.example.com")
    (tmp_path / "a.csr").write_text(made.out)
    assert b"O = Example, CN = a.example.com" in openssl("req", "-in", tmp_path / "a.csr", "-noout", "-subject")
    assert certtui("order", "show", "a.example.com", "--csr").out == made.out
    assert "Add --yes" in certtui("order", "back-to-draft", "a.example.com", code=2).err
    certtui("order", "back-to-draft", "a.example.com", "--yes")
    certtui("order", "submit", "a.example.com", "--csr-only")
    done = certtui("order", "submit", "a.example.com", "--format", "json").json
    assert (done["status"], done["archived_keys"], done["key_algorithm"]) == ("complete", 1, "ec-384")
    assert [step["name"] for step in done["steps"]] == ["draft", "csr", "draft", "csr", "submitted", "issued"]


def test_an_order_of_a_csr_from_elsewhere(tmp_path: Path) -> None:
    make_pki()
    openssl(
        *("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=else.example.com"),
        *("-keyout", tmp_path / "k.pem", "-out", tmp_path / "k.csr", "-addext", "subjectAltName=DNS:else.example.com"),
    )
    refused = certtui("order", "create", "--csr", tmp_path / "k.csr", "--cn", "x.example.com", code=2)
    assert "brings its own" in refused.err
    order = certtui(
        *("order", "create", "--csr", tmp_path / "k.csr", "--authority", "internal", "--submit", "--format", "json")
    ).json
    assert (order["status"], order["form"]["uploaded_csr"]) == ("complete", True)
    assert certtui("show", "else.example.com", "--format", "json").json["has_private_key"] is False


def test_an_external_order_waits_and_is_completed_by_a_file(tmp_path: Path) -> None:
    certtui("authority", "add", "globex", "--type", "external", "--set", "contact=pki@globex.example", "--test")
    waits = certtui(
        "order", "create", "--authority", "globex", "--cn", "b.example.com", "--submit", "--wait", "1", code=3
    )
    assert "is pending. Give the CSR to globex" in waits.err
    shown = certtui("order", "list", "status:pending", "--format", "json").json
    assert [each["common_name"] for each in shown] == ["b.example.com"]
    (tmp_path / "b.csr").write_text(certtui("order", "show", "b.example.com", "--csr").out)
    openssl(
        *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=Globex", "-days", "300"),
        *("-keyout", tmp_path / "ca.key", "-out", tmp_path / "ca.pem"),
    )
    openssl(
        *("x509", "-req", "-in", tmp_path / "b.csr", "-CA", tmp_path / "ca.pem", "-CAkey", tmp_path / "ca.key"),
        *("-CAcreateserial", "-days", "60", "-out", tmp_path / "b.pem"),
    )
    wrong = certtui("order", "complete", "b.example.com", tmp_path / "ca.pem", code=1)
    assert "another key" in wrong.err
    certtui("order", "complete", "b.example.com", tmp_path / "b.pem")
    assert certtui("list", "status:active", "provider:external", "--format", "json").json[0]["has_private_key"] is True


def test_a_failed_order_says_why_and_is_sent_again() -> None:
    certtui("ca", "create-root", "Root", "--key", "ec-256", "--permit", "DNS:example.org")
    certtui("authority", "add", "narrow", "--type", "local", "--set", "ca=Root")
    failed = certtui("order", "create", "--authority", "narrow", "--cn", "a.example.com", "--submit", code=1)
    assert "is failed" in failed.err
    assert "a.example.com" in failed.err
    again = certtui("order", "retry", "a.example.com", "--cn", "a.example.org", "--format", "json").json
    assert (again["status"], again["name"]) == ("complete", "a.example.org")
    assert certtui("order", "retry", "a.example.com", code=1).err.count("sent again already") == 1


def test_a_soft_policy_asks_for_a_reason_and_a_hard_one_refuses() -> None:
    make_pki()
    certtui("policy", "add", "short", "--outcome", "soft", "--max-days", "10", "--enable")
    order = ("order", "create", "--authority", "internal", "--cn", "a.example.com", "--submit", "--days", "20")
    assert "--reason TEXT" in certtui(*order, code=1).err
    done = certtui(*order, "--reason", "a demonstration", "--format", "json").json
    assert (done["status"], done["findings"][0]["policy"]) == ("complete", "short")
    certtui("policy", "edit", "short", "--outcome", "hard")
    assert certtui(*order, "--reason", "please", code=5).err


def test_a_preview_saves_nothing() -> None:
    make_pki()
    seen = certtui("order", "create", "--authority", "internal", "--cn", "a.example.com", "--preview")
    assert "Issuing" in seen.out
    assert certtui("order", "list", "--format", "json").json == []
    certtui("order", "create", "--cn", "a.example.com", "--preview", code=1)


def test_profiles_are_managed() -> None:
    make_pki()
    types = certtui("authority", "types", "--format", "json").json
    assert {each["type"] for each in types} == {"local", "acme", "external"}
    assert "Issuing" in certtui("authority", "types").out
    certtui(
        "authority", "edit", "internal", "--set", "templates=server days=5", "--auto-renew", "3", "--rename", "inside"
    )
    shown = certtui("authority", "show", "inside", "--format", "json").json
    assert (shown["settings"]["templates"], shown["auto_renew_days"], shown["default_days"]) == ("server days=5", 3, 5)
    assert certtui("authority", "test", "inside", "--format", "json").json["ok"] is True
    certtui("authority", "disable", "inside")
    assert certtui("authority", "list", "enabled:no", "--format", "json").json[0]["name"] == "inside"
    certtui("authority", "enable", "inside")
    certtui("order", "create", "--authority", "inside", "--cn", "a.example.com")
    assert "open" in certtui("authority", "remove", "inside", "--yes", code=1).err
    certtui("order", "cancel", "a.example.com", "--yes")
    certtui("authority", "remove", "inside", "--yes")
    assert "authority types" in certtui("authority", "list").err


def test_a_secret_is_no_argument() -> None:
    refused = certtui("authority", "add", "x", "--type", "external", "--secret-file", "hunter2", code=2)
    assert "hunter2" not in refused.err


def test_a_csv_is_ordered_once_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    make_pki()
    file = tmp_path / "orders.csv"
    file.write_text(
        "common_name;sans;days;group\n"
        "a.example.com;a.example.com www.example.com;30;web\n"
        "b.example.com;;9999;web\n"
        "c.example.com;;;\n"
    )
    tried = certtui(
        "order", "import-csv", file, "--authority", "internal", "--dry-run", "--format", "json", code=3
    ).json
    assert [each["status"] for each in tried] == ["fine", "refused", "fine"]
    assert certtui("order", "list", "--format", "json").json == []
    first = certtui("order", "import-csv", file, "--authority", "internal", "--format", "json", code=3).json
    assert [each["status"] for each in first] == ["complete", "refused", "complete"]
    assert "9999" in first[1]["text"] or "days" in first[1]["text"]
    again = certtui("order", "import-csv", file, "--authority", "internal", "--format", "json", code=3)
    assert [each["done_before"] for each in again.json] == [True, False, True]
    assert len(certtui("list", "provider:local !is:ca", "--format", "json").json) == 2


def test_a_csv_with_an_unknown_column_is_refused_by_the_nearest(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("comon_name\na.example.com\n")
    assert "common_name" in certtui("order", "import-csv", file, code=1).err


def test_one_round_of_the_worker_reports_what_it_did() -> None:
    make_pki()
    report = certtui("worker", "--once", "--format", "json").json
    assert report["problems"] == []
    status = certtui("worker", "--status", "--format", "json").json
    assert status["last_round"] is not None
    assert status["due"] == 0


def test_the_worker_ends_with_sigterm_after_its_round() -> None:
    make_pki()
    worker = subprocess.Popen(
        [sys.executable, "-m", "certtui", "worker", "--interval", "1"], stderr=subprocess.PIPE, text=True
    )
    assert worker.stderr is not None
    assert "Working on" in worker.stderr.readline()
    worker.send_signal(signal.SIGTERM)
    _, said = worker.communicate(timeout=20)
    assert worker.returncode == 0
    assert "has ended" in said


def test_the_json_of_an_order_is_plain(tmp_path: Path) -> None:
    made = certtui("order", "create", "--cn", "\x1b[31mred.example.com", code=None)
    listed = certtui("order", "list", "--format", "json")
    assert "\x1b" not in listed.out
    assert made.code in (0, 1)
    json.loads(listed.out)
