"""What the console remembers between runs."""

from __future__ import annotations

import logging
import stat
from pathlib import Path

import pytest

from certtui import state


def test_a_state_comes_back(tmp_path: Path) -> None:
    assert state.write("columns", {"inventory": ["name", "status"]}, tmp_path)
    assert state.read("columns", tmp_path) == {"inventory": ["name", "status"]}
    assert stat.S_IMODE((tmp_path / "columns.json").stat().st_mode) == 0o600


def test_nothing_kept_is_an_empty_state(tmp_path: Path) -> None:
    assert state.read("columns", tmp_path / "nowhere") == {}


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"\xff", b"3", b"[" * 100_000])
def test_a_damaged_file_is_ignored_with_a_line_in_the_log(
    tmp_path: Path, damage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "columns.json").write_bytes(damage)
    with caplog.at_level(logging.WARNING):
        assert state.read("columns", tmp_path) == {}
    assert "counts as empty" in caplog.text


def test_a_state_that_cannot_be_written_costs_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert state.write("columns", {}, tmp_path / "file") is False


def test_a_forgotten_state_is_gone(tmp_path: Path) -> None:
    state.write("columns", {"a": 1}, tmp_path)
    state.forget("columns", tmp_path)
    state.forget("columns", tmp_path)
    assert state.read("columns", tmp_path) == {}
