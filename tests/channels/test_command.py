"""Commands: really run, without a shell, with JSON on their input and little else."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from certtui.channels.command import run
from certtui.model.channel import CommandSettings
from tests.channels.messages import alert, message


def python(code: str, *arguments: str, timeout: int = 20) -> CommandSettings:
    return CommandSettings((sys.executable, "-c", code, *arguments), timeout)


def test_a_command_gets_the_alerts_as_json(tmp_path) -> None:
    out = tmp_path / "out.json"
    result = run(python("import sys; open(sys.argv[1], 'w').write(sys.stdin.read())", str(out)), message())
    assert result.ok, result.message
    assert json.loads(out.read_text())["data"]["alerts"][0]["object"]["name"] == "api-gateway"


def test_no_shell_reads_its_arguments(tmp_path) -> None:
    out = tmp_path / "out"
    hostile = "$(touch /tmp/never); `id` && x | y > z *"
    run(python("import sys; open(sys.argv[1], 'w').write(sys.argv[2])", str(out), hostile), message(alert(hostile)))
    assert out.read_text() == hostile


def test_its_environment_holds_nothing_of_ours(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("CERTTUI_PASSPHRASE", "canary")
    out = tmp_path / "out"
    run(python("import os, sys, json; open(sys.argv[1], 'w').write(json.dumps(dict(os.environ)))", str(out)), message())
    environment = json.loads(out.read_text())
    assert "canary" not in out.read_text()
    assert set(environment) <= {"PATH", "LANG", "HOME", "CERTTUI_EVENT", "CERTTUI_DELIVERY", "LC_CTYPE"}
    assert environment["CERTTUI_DELIVERY"] == "msg_0123456789abcdef"


def test_a_status_that_is_not_zero_is_said_with_its_first_words() -> None:
    result = run(python("import sys; print('no route\\x1b[2J'); sys.exit(3)"), message())
    assert (result.ok, result.permanent) == (False, False)
    assert "status 3: no route" in result.message
    assert "\x1b" not in result.message


def test_a_command_that_does_not_end_is_ended_with_its_children() -> None:
    code = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); time.sleep(60)"
    result = run(python(code, timeout=1), message())
    assert not result.ok
    assert "after 1 seconds" in result.message


def test_endless_output_is_neither_kept_nor_waited_for() -> None:
    result = run(python("import sys\nfor _ in range(20000): sys.stdout.write('x' * 100)"), message())
    assert result.ok
    assert len(result.message) < 500


def test_who_does_not_read_the_input_is_not_waited_for() -> None:
    assert run(python("pass"), message(*(alert("n" * 1_000) for _ in range(50)))).ok


@pytest.mark.parametrize("mode", [0o644, None])
def test_a_program_that_cannot_be_started_is_a_sentence(tmp_path: Path, mode: int | None) -> None:
    program = tmp_path / "program"
    if mode is not None:
        program.write_text("#!/bin/sh\n")
        program.chmod(mode)
    result = run(CommandSettings((str(program),)), message())
    assert not result.ok
    assert "could not be started" in result.message
