"""Revoking on the command line: a person types a code, a script names the serial number; and the log for other programs."""

from __future__ import annotations

import csv
import io
import json
import re
import stat
import sys
from pathlib import Path

import pytest

from tests.journeys.command_line import certtui, make_estate
from tests.pty import Terminal

pytestmark = pytest.mark.real("openssl")


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_estate(tmp_path_factory.mktemp("estate"))


@pytest.fixture
def www(estate: Path) -> str:
    """A server certificate that a load balancer uses: its id."""
    www = str(certtui("import", estate / "fullchain.pem", "--format", "json").json["imported"][0]["id"])
    certtui("resource", "add", "lb-west", "--type", "load-balancer", "--endpoint", "lb-west.example.com:443")
    certtui("associate", www, "lb-west")
    return www


def shown(www: str) -> dict:
    return certtui("show", www, "--format", "json").json


def test_a_script_names_the_serial_number(www: str) -> None:
    serial = shown(www)["serial_number"]
    done = certtui("revoke", www, "--reason", "superseded", "--yes", "--serial", serial, "--format", "json")
    assert done.json["reason"] == "superseded"
    assert done.json["code"] == 4
    assert done.json["authority_knows"] == "a person must tell it"
    after = shown(www)
    assert after["status"] == "revoked"
    assert after["revocation"]["reason"] == "superseded"
    assert "a person must tell its authority" in done.err


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "Nobody can be asked for the code."),
        (["--yes"], "--yes needs --serial HEX"),
        (["--serial", "ab"], "--serial needs --yes"),
        (["--yes", "--serial", "ab", "--reason", "boredom"], "boredom is no reason"),
        (["--yes", "--serial", "ab", "--invalidity-date", "soon"], "soon is no date"),
        (["--told", "--reason", "superseded"], "--told is about"),
    ],
)
def test_a_command_line_that_is_wrong_ends_with_2_and_changes_nothing(www: str, given: list[str], said: str) -> None:
    assert said in certtui("revoke", www, *given, code=2).err
    assert shown(www)["revocation"] is None


def test_the_serial_number_of_another_one_is_refused(www: str) -> None:
    assert "another one" in certtui("revoke", www, "--yes", "--serial", "abcd", code=1).err
    assert shown(www)["revocation"] is None


def test_the_plan_can_be_looked_at_alone(www: str) -> None:
    text = certtui("revoke", www, "--dry-run").out
    assert "lb-west.example.com:443" in text
    assert "No replacement is in the inventory." in text
    plan = certtui("revoke", www, "--dry-run", "--format", "json").json
    assert [one["name"] for one in plan["resources"]] == ["lb-west"]
    assert plan["serial_number"] == shown(www)["serial_number"]
    assert shown(www)["revocation"] is None


def test_it_is_noted_that_a_person_told_the_authority(www: str) -> None:
    assert "is not revoked" in certtui("revoke", "--told", www, code=1).err
    certtui("revoke", www, "--yes", "--serial", shown(www)["serial_number"])
    certtui("revoke", "--told", www)
    assert shown(www)["revocation"]["authority_knows"] == "told by a person"


@pytest.mark.parametrize("right", [True, False], ids=["the code", "another code"])
def test_on_a_terminal_the_code_is_asked_for(www: str, right: bool) -> None:
    with Terminal([sys.executable, "-m", "certtui", "revoke", www, "--reason", "keyCompromise"]) as terminal:
        terminal.wait_for("to revoke www.example.com:")
        text = terminal.text
        assert "lb-west" in text
        (code,) = re.findall(r"Type ((?:\d ){5}\d) to revoke", text)
        terminal.send(f"{code if right else '000 00'}\r")
        assert terminal.wait_end() == (0 if right else 1)
    assert (shown(www)["revocation"] is not None) is right


def test_the_log_goes_to_files_that_nobody_else_reads(www: str, tmp_path: Path) -> None:
    for form in ("jsonl", "csv", "syslog"):
        out = tmp_path / f"audit.{form}"
        done = certtui("audit", "export", "--format", form, "--out", out)
        assert stat.S_IMODE(out.stat().st_mode) == 0o600
        assert "readable by you alone" in done.err
        assert done.out == ""
        # That it was exported is on record by then.
        assert certtui("audit", "export", "--format", form).raw.startswith(out.read_bytes())
    records = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    assert [record["id"] for record in records] == list(range(1, len(records) + 1))
    rows = list(csv.DictReader(io.StringIO((tmp_path / "audit.csv").read_text())))
    events = [record["event"] for record in records]
    assert [row["event"] for row in rows] == [*events, "audit.export.success", "audit.export.success"]
    assert len((tmp_path / "audit.syslog").read_text().splitlines()) == len(records) + 4


def test_the_log_is_exported_in_part(www: str) -> None:
    filtered = certtui("audit", "export", "--filter", "event:certificate.associate.success").out
    assert [json.loads(line)["event"] for line in filtered.splitlines()] == ["certificate.associate.success"]
    assert certtui("audit", "export", "--until", "2001-01-01").out == ""
    assert certtui("audit", "export", "--since", "2001-01-01").out
    assert certtui("audit", "export", "--since", "yesterday", code=None).code != 0


def test_nothing_is_overwritten_by_an_export_without_being_forced(www: str, tmp_path: Path) -> None:
    out = tmp_path / "log"
    out.write_text("precious")
    assert "--force" in certtui("audit", "export", "--out", out, code=1).err
    assert out.read_text() == "precious"
    certtui("audit", "export", "--out", out, "--force")
    assert out.read_text() != "precious"
