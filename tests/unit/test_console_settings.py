"""What stands in the configuration reaches the console, field by field."""

from __future__ import annotations

import io
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from certtui import state
from certtui.app import Settings
from certtui.cli.main import main
from certtui.config import Config
from certtui.work import Jobs

if TYPE_CHECKING:
    from collections.abc import Callable

    from certtui.backend.base import Backend

FIELDS = [
    ("theme", '"light"', "theme", "light"),
    ("ascii", "true", "ascii", True),
    ("idle_lock_minutes", "3", "idle_lock_seconds", 180.0),
    ("clipboard", '"tmux"', "clipboard", "tmux"),
    ("clipboard_clear_seconds", "7", "clipboard_clear_seconds", 7.0),
    ("worker", "false", "worker", False),
    ("columns", '{ inventory = ["name", "days"] }', "columns", {"inventory": ("name", "days")}),
    ("keys", '{ "certificate.export" = ["E"] }', "keys", {"certificate.export": ("E",)}),
]
"""Field of the configuration, its value there, field of the console's settings, value there."""
ABOUT_STORES = {"default_context", "contexts"}


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class _Console:
    """Stands in for the app: keeps what it was made with and ends at once."""

    made: Settings
    opened: Callable[[], Backend]
    backend = None
    jobs = Jobs()
    return_code = 0

    def __init__(self, opened: Callable[[], Backend], *_: object, settings: Settings, **others: object) -> None:
        type(self).made = settings
        type(self).opened = staticmethod(opened)

    def run(self) -> int:
        return 0


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:  # Any: a function of text and words to settings
    """Starts the console over a configuration, as `certtui` does, and gives the settings that it was made with."""
    monkeypatch.setattr("certtui.app.CerttuiApp", _Console)
    monkeypatch.setattr("certtui.crash.no_core_dumps", lambda: None)

    def started(text: str, *words: str) -> Settings:
        file = tmp_path / "config.toml"
        file.write_text(text)
        monkeypatch.setenv("CERTTUI_CONFIG", str(file))
        with monkeypatch.context() as terminal:
            terminal.setattr("sys.stdin", _Terminal())
            terminal.setattr("sys.stdout", _Terminal())
            assert main(list(words)) == 0
        return _Console.made

    return started


def test_every_field_of_the_configuration_is_about_a_store_or_reaches_the_console() -> None:
    assert {field.name for field in fields(Config)} == {name for name, *_ in FIELDS} | ABOUT_STORES


@pytest.mark.parametrize(("name", "value", "setting", "expected"), FIELDS, ids=[name for name, *_ in FIELDS])
def test_a_field_reaches_the_console(start: Any, name: str, value: str, setting: str, expected: object) -> None:
    assert getattr(start(""), setting) != expected
    assert getattr(start(f"{name} = {value}\n"), setting) == expected


def test_the_defaults_are_those_of_the_configuration(start: Any) -> None:
    made, default = start(""), Config()
    assert (made.theme, made.clipboard, made.idle_lock_seconds, made.clipboard_clear_seconds) == (
        default.theme,
        default.clipboard,
        60.0 * default.idle_lock_minutes,
        float(default.clipboard_clear_seconds),
    )


def test_the_flag_for_ascii_goes_before_the_configuration(start: Any) -> None:
    assert start("ascii = false\n", "--ascii").ascii


def test_columns_chosen_in_the_console_come_before_the_configured_ones(start: Any) -> None:
    start("").save_columns("inventory", ("name", "status"))
    made = start('columns = { inventory = ["days"], audit = ["time"] }\n')
    assert made.columns == {"inventory": ("name", "status"), "audit": ("time",)}
    assert state.read("columns") == {"inventory": ["name", "status"]}


def test_a_passphrase_given_at_the_start_is_tried_by_the_thread_that_opens(
    start: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("four plain words here\n")
    monkeypatch.setenv("CERTTUI_STORE", str(tmp_path / "store.db"))
    assert main(["store", "init", "--password-file", str(passphrase)]) == 0
    monkeypatch.setenv("CERTTUI_PASSPHRASE_FILE", str(passphrase))
    start("")
    backend = _Console.opened()
    try:
        monkeypatch.setattr("certtui.backend.local.sealing.passphrase_key", None)  # Argon2 would fail from here on
        assert backend.store.locked is False
    finally:
        backend.close()
