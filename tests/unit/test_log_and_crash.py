"""What is written down of a failure, and what is not: redaction, the log, crash reports."""

from __future__ import annotations

import base64
import logging
import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certtui import crash, log
from certtui.clock import FixedClock
from certtui.errors import Invalid
from certtui.model.secret import Secret
from certtui.redact import HIDDEN, redacted

BODY = base64.encodebytes(bytes(range(256)) * 2).decode()
PEM = f"-----BEGIN RSA PRIVATE KEY-----\n{BODY}-----END RSA PRIVATE KEY-----"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A log folder, and the logging of the test runner as it was afterwards."""
    root, ours = logging.getLogger(), logging.getLogger("certtui")
    before = root.handlers[:], root.level, ours.level
    yield tmp_path
    root.handlers[:], level, our_level = before
    root.setLevel(level)
    ours.setLevel(our_level)
    logging.captureWarnings(False)


@pytest.mark.parametrize(
    "text",
    [
        PEM,
        PEM.replace("RSA ", ""),
        PEM.replace("\n", "\\n"),
        PEM.replace("RSA", "ENCRYPTED"),
        PEM[: len(PEM) // 2],
        f"read {PEM.encode()!r}",
        BODY,
        BODY.replace("\n", ""),
        bytes(range(256)).hex(),
        ":".join(f"{byte:02x}" for byte in range(256)),
        repr(bytes(range(256))),
    ],
)
def test_key_material_is_hidden_in_every_dress(text: str) -> None:
    found = redacted(f"before {text} after")
    assert HIDDEN in found
    for part in (BODY[5:40], BODY[200:240], bytes(range(64, 96)).hex(), "40:41:42:43:44:45", "@ABCDEFGHIJ"):
        assert part not in found


@pytest.mark.parametrize(
    "text",
    [
        "password=hunter2",
        "password: hunter2, next",
        '{"passphrase": "hunter2 and more"}',
        "'store_password': 'hunter2'",
        "PGPASSWORD=hunter2",
        "api-key=hunter2",
        "token = hunter2",
        "Authorization: Bearer hunter2hunter2",
        "authorization: Basic hunter2",
        "postgresql://ada:hunter2@db.example/x",
        "https://hunter2@host/",
    ],
)
def test_passwords_and_tokens_are_hidden_by_their_names(text: str) -> None:
    assert "hunter2" not in redacted(text)


def test_what_a_person_needs_to_read_stays() -> None:
    text = (
        "certificate 4711 sha256 "
        + "ab" * 32
        + " of api.example.com expires 2026-12-19 14:02 UTC in /etc/ssl/certs/x.pem"
    )
    assert redacted(text) == text


@given(st.text(max_size=300))
def test_redaction_takes_any_text(text: str) -> None:
    redacted(text)


def test_a_line_of_the_log_is_redacted_private_and_one_line(folder: Path) -> None:
    place = log.start(folder)
    assert place
    logging.getLogger("certtui.x").info("password=%s\nmore", "hunter2")
    logging.getLogger("certtui.x").debug("not at this level")
    logging.getLogger("someone.else").info("not from others")
    logging.getLogger("someone.else").warning("a warning of others")
    assert [line.partition(" ")[2] for line in log.tail(folder=folder) if not line.startswith("  ")] == [
        f"info certtui.x: password={HIDDEN}",
        "warning someone.else: a warning of others",
    ]
    assert stat.S_IMODE(place.stat().st_mode) == 0o600


def test_an_exception_in_the_log_shows_where_and_not_what_was_typed(folder: Path) -> None:
    log.start(folder)
    try:
        int("hunter2")
    except ValueError as error:
        logging.getLogger("certtui.x").exception("no number: %s", error)
    text = "\n".join(log.tail(folder=folder))
    assert "hunter2" not in text.replace('int("hunter2")', "")
    assert "ValueError: (text left out" in text


def test_a_full_log_is_moved_away_and_three_older_ones_stay(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "FULL", 300)
    log.start(folder)
    for number in range(40):
        logging.getLogger("certtui.x").info("line number %d of many", number)
    assert sorted(path.name for path in folder.iterdir()) == ["certtui.log", *(f"certtui.log.{n}" for n in (1, 2, 3))]
    assert all(path.stat().st_size <= 300 and stat.S_IMODE(path.stat().st_mode) == 0o600 for path in folder.iterdir())
    assert "line number 39 of many" in log.tail(1, folder)[0]


def test_a_log_that_cannot_be_written_disturbs_nothing(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (folder / "file").write_text("")
    assert log.start(folder / "file") is None
    logging.getLogger("certtui.x").error("to nowhere")

    class Broken:
        def __str__(self) -> str:
            raise RuntimeError

    logging.getLogger().handlers.clear()  # the test runner's own would raise
    log.start(folder)
    logging.getLogger("certtui.x").error("%s", Broken())
    logging.getLogger("certtui.x").error("%d %d", "one")
    assert capfd.readouterr() == ("", "")


def test_starting_twice_writes_every_line_once(folder: Path) -> None:
    log.start(folder)
    log.start(folder)
    logging.getLogger("certtui.x").info("once")
    assert len(log.tail(folder=folder)) == 1


def failing() -> BaseException:
    """An error with a cause, secrets in locals, arguments and messages."""
    password = "hunter2-local"
    try:
        try:
            raise KeyError("hunter2-key", Secret(password))
        except KeyError as cause:
            raise RuntimeError(f"hunter2-message {password}") from cause
    except RuntimeError as error:
        return error


def test_a_report_says_where_and_holds_no_value(tmp_path: Path) -> None:
    clock = FixedClock(datetime(2026, 11, 20, 14, 2, tzinfo=timezone.utc))
    place = crash.write_report(
        failing(), doing="drawing the inventory", folder=tmp_path, clock=clock, environ={"TERM": "xterm"}
    )
    assert place
    text = place.read_text()
    code = [line for line in text.splitlines() if line.startswith("    ")]
    told = "\n".join(line for line in text.splitlines() if line not in code)
    assert "hunter2" not in told
    assert "RuntimeError: (text left out" in told
    assert "KeyError: (text left out" in told
    assert told.index("KeyError") < told.index("which caused:") < told.index("RuntimeError")
    assert "in failing" in told
    assert "doing: drawing the inventory" in told
    assert "TERM: xterm" in told
    assert place.name.startswith("crash-20261120-140200-")
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (Invalid("The pair does not match.", "password=hunter2"), f"The pair does not match. password={HIDDEN}"),
        (AttributeError("'NoneType' object has no attribute 'x'"), "'NoneType' object has no attribute 'x'"),
        (FileNotFoundError(2, "No such file or directory", "/etc/x"), "[Errno 2] No such file or directory /etc/x"),
        (OSError("hunter2"), "(text left out)"),
        (ValueError("hunter2"), "(text left out: it may quote what was typed)"),
        (AssertionError(), ""),
    ],
)
def test_only_texts_that_quote_no_data_are_kept(error: BaseException, told: str) -> None:
    assert crash.message(error) == told


def test_text_that_could_not_be_decoded_is_not_quoted() -> None:
    with pytest.raises(UnicodeDecodeError) as caught:
        b"hunter2\xff".decode()
    assert "hunter2" not in crash.message(caught.value)


def test_members_of_a_group_are_told(tmp_path: Path) -> None:
    lines = crash.trace(ExceptionGroup("hunter2", [ValueError("hunter2"), NameError("name 'x' is not defined")]))
    assert "NameError: name 'x' is not defined" in lines
    assert not any("hunter2" in line for line in lines)


def test_a_circle_of_causes_ends() -> None:
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first
    assert len(crash.trace(first)) < 20


def test_ten_reports_stay(tmp_path: Path) -> None:
    clock = FixedClock(datetime(2026, 11, 20, tzinfo=timezone.utc))
    for _ in range(13):
        clock.advance(seconds=1)
        crash.write_report(ValueError(), folder=tmp_path, clock=clock)
    names = sorted(path.name for path in (tmp_path / "crashes").iterdir())
    assert len(names) == 10
    assert names[0].startswith("crash-20261120-000004")


def test_two_reports_in_one_second_are_both_kept(tmp_path: Path) -> None:
    clock = FixedClock(datetime(2026, 11, 20, tzinfo=timezone.utc))
    first = crash.write_report(ValueError(), folder=tmp_path, clock=clock)
    second = crash.write_report(KeyError(), folder=tmp_path, clock=clock)
    assert first != second


def test_where_no_report_can_be_written_the_sentence_does_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    place = crash.write_report(ValueError("hunter2"), folder=tmp_path / "file")
    assert place is None
    assert crash.sentence(ValueError("hunter2"), place).endswith("Nothing that was saved is lost.")


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_a_process_that_holds_keys_leaves_no_core(tmp_path: Path) -> None:
    code = (
        "import ctypes, resource; from certtui import crash; crash.no_core_dumps();"
        "print(resource.getrlimit(resource.RLIMIT_CORE)[0], ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0", "0"]
