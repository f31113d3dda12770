"""Alerts and channels from the command line: found, taken on, told by a program that really runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.journeys.command_line import certtui, make_estate

pytestmark = pytest.mark.real("openssl")


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_estate(tmp_path_factory.mktemp("estate"))


def test_an_alert_is_found_taken_on_and_resolved(estate: Path) -> None:
    certtui("import", estate / "fullchain.pem", "--key", estate / "www.key")
    certtui("alert", "sweep")
    (alert, *_) = certtui("alert", "list", "kind:chain-incomplete", "--format", "json").json
    assert (alert["state"], alert["object_kind"], alert["severity"]) == ("open", "certificate", "warning")
    assert "chain incomplete" in certtui("alert", "list").out
    number = str(alert["id"])
    certtui("alert", "ack", number, "--note", "ordered")
    shown = certtui("alert", "show", number, "--format", "json").json
    assert (shown["state"], shown["note"]) == ("acknowledged", "ordered")
    assert [line["what"] for line in shown["history"]] == ["acknowledged", "opened"]
    certtui("alert", "snooze", number, "--until", "3d")
    certtui("alert", "resolve", number)
    assert certtui("alert", "list", f"id:{number}", "--format", "json").json == []
    certtui("alert", "reopen", number)
    assert len(certtui("alert", "list", f"id:{number}", "--format", "json").json) == 1


def test_a_command_is_run_with_what_a_sweep_found(estate: Path, tmp_path: Path) -> None:
    script = tmp_path / "page-ops"
    script.write_text(f'#!/bin/sh\ncat > "{tmp_path}/told"\n')
    script.chmod(0o755)
    certtui("import", estate / "fullchain.pem")
    certtui("channel", "add", "ops", "--type", "command", "--command", script, "--min-severity", "info")
    certtui("alert", "sweep")
    certtui("worker", "--once")
    told = json.loads((tmp_path / "told").read_text())
    assert "chain_incomplete" in [each["kind"] for each in told["data"]["alerts"]]
    (sent, *_) = certtui("channel", "history", "ops", "--format", "json").json
    assert (sent["state"], sent["event"]) == ("sent", "alerts")
    certtui("channel", "remove", "ops", "--yes")


def test_a_signing_key_is_shown_once(tmp_path: Path) -> None:
    made = certtui(
        "channel", "add", "hook", "--type", "webhook", "--url", "https://hooks.example.com", "--generate-secret"
    )
    key = made.out.strip()
    assert key.startswith("whsec_")
    listed = certtui("channel", "list", "--format", "json")
    assert listed.json[0]["has_secret"] is True
    assert key not in listed.out + certtui("audit", "list", "--format", "json").out


def test_the_calendar_is_printed(estate: Path, tmp_path: Path) -> None:
    certtui("import", estate / "fullchain.pem")
    printed = certtui("alert", "calendar").out
    certtui("alert", "calendar", "--out", tmp_path / "x.ics")
    assert printed.startswith("BEGIN:VCALENDAR")
    assert (tmp_path / "x.ics").read_text().splitlines() == printed.splitlines()
