"""Copying: the way that fits, what is said of it, and that a secret goes again."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from certtui import clipboard
from certtui.clipboard import Way, choose, copy
from tests.pty import Terminal


@pytest.mark.parametrize(
    ("environ", "way"),
    [
        ({"TERM": "xterm-256color", "SSH_CONNECTION": "10.0.0.1 5 10.0.0.2 22"}, Way.OSC52),
        ({"TERM": "xterm-256color", "SSH_TTY": "/dev/pts/3", "DISPLAY": ":0"}, Way.OSC52),
        ({"TERM": "xterm-256color"}, Way.OSC52),
        ({"TERM": "linux"}, Way.NONE),
        ({"TERM": "dumb"}, Way.NONE),
        ({}, Way.NONE),
    ],
)
def test_the_way_follows_from_the_environment(environ: dict[str, str], way: Way) -> None:
    assert choose("auto", environ).way is way


def test_in_tmux_the_buffer_is_the_way_if_tmux_is_there(tmp_path: Path) -> None:
    environ = {"TERM": "tmux-256color", "TMUX": "/tmp/x,1,0", "SSH_TTY": "/dev/pts/3", "PATH": str(tmp_path)}
    assert choose("auto", environ).way is Way.OSC52
    _program(tmp_path / "tmux")
    assert choose("auto", environ).way is Way.TMUX


def test_a_desktop_needs_a_program_that_reaches_its_clipboard(tmp_path: Path) -> None:
    environ = {"TERM": "xterm", "DISPLAY": ":0", "PATH": str(tmp_path)}
    assert choose("auto", environ).way is Way.OSC52
    _program(tmp_path / "xclip")
    assert choose("auto", environ).way is Way.DESKTOP


def test_the_configuration_is_obeyed() -> None:
    assert choose("none", {"TERM": "xterm", "SSH_TTY": "x"}).way is Way.NONE
    assert choose("osc52", {"TERM": "linux"}).way is Way.OSC52


def test_osc52_carries_any_text_as_base64_and_says_what_was_done() -> None:
    sent: list[str] = []
    result = copy("a\x1b]0;x\x07 ü", write=sent.append, environ={"TERM": "xterm", "SSH_TTY": "x"})
    [sequence] = sent
    assert sequence.startswith("\x1b]52;c;")
    assert base64.b64decode(sequence[7:-1]).decode() == "a\x1b]0;x\x07 ü"
    assert result.sentence == "Sent to your terminal (OSC 52)."
    assert result.clear is None


def test_a_secret_is_taken_out_of_the_terminal_again() -> None:
    sent: list[str] = []
    result = copy("hunter2", secret=True, write=sent.append, environ={"TERM": "xterm", "SSH_TTY": "x"})
    assert result.clear
    assert "clear" in result.clear()
    assert sent[1] == "\x1b]52;c;\x07"


def test_what_waits_to_be_cleared_holds_no_secret() -> None:
    result = copy("hunter2-canary", secret=True, write=lambda _: None, environ={"TERM": "xterm", "SSH_TTY": "x"})
    assert result.clear
    held = [cell.cell_contents for cell in (result.clear.__closure__ or ())]  # type: ignore[attr-defined]  # a function
    assert "hunter2" not in repr(held)
    assert "hunter2" not in repr(result)


def test_gnu_screen_gets_the_sequence_in_pieces_that_it_passes_on() -> None:
    sent: list[str] = []
    copy("x" * 900, write=sent.append, environ={"TERM": "screen", "STY": "1.pts", "SSH_TTY": "x"})
    pieces = [piece.removeprefix("\x1bP") for piece in sent[0].split("\x1b\\") if piece]
    assert all(len(piece) <= 250 for piece in pieces)
    assert base64.b64decode("".join(pieces)[7:-1]) == b"x" * 900


def test_a_text_that_terminals_would_drop_is_not_said_to_be_copied() -> None:
    sent: list[str] = []
    result = copy("x" * 80_000, write=sent.append, environ={"TERM": "xterm", "SSH_TTY": "x"})
    assert result.way is Way.NONE
    assert "80,000 bytes" in result.sentence
    assert sent == []


def test_without_a_clipboard_nothing_is_written() -> None:
    sent: list[str] = []
    assert copy("x", write=sent.append, environ={"TERM": "linux"}).way is Way.NONE
    assert sent == []


def test_a_tmux_that_fails_is_reported_without_the_text(tmp_path: Path) -> None:
    _program(tmp_path / "tmux", "exit 1")
    environ = {"TERM": "tmux", "TMUX": "/nowhere,1,0", "PATH": f"{tmp_path}:/bin:/usr/bin"}
    result = copy("hunter2", write=lambda _: None, environ=environ)
    assert result.way is Way.NONE
    assert "hunter2" not in result.sentence


def test_a_desktop_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    import pyperclip  # type: ignore[import-untyped]

    release = threading.Event()
    monkeypatch.setattr(clipboard, "TIMEOUT", 0.01)
    monkeypatch.setattr(pyperclip, "copy", lambda text: release.wait())
    result = copy("x", write=lambda _: None, setting="desktop")
    release.set()
    assert result.way is Way.NONE
    assert "does not answer" in result.sentence


def test_the_desktop_is_cleared_only_of_what_was_put_there(monkeypatch: pytest.MonkeyPatch) -> None:
    import pyperclip

    kept = [""]
    monkeypatch.setattr(pyperclip, "copy", lambda text: kept.__setitem__(0, text))
    monkeypatch.setattr(pyperclip, "paste", lambda: kept[0])
    first = copy("hunter2", secret=True, write=lambda _: None, setting="desktop")
    second = copy("hunter3", secret=True, write=lambda _: None, setting="desktop")
    assert first.clear
    assert second.clear
    assert "left alone" in first.clear()
    assert kept == ["hunter3"]
    assert "cleared" in second.clear()
    assert kept == [""]


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[tuple[dict[str, str], Terminal]]:
    """A real tmux with a client in a pty, on a socket of its own."""
    program = shutil.which("tmux") or "tmux"
    environ = {**os.environ, "TMUX_TMPDIR": str(tmp_path), "LANG": "C.UTF-8"}
    environ.pop("TMUX", None)
    with Terminal([program, "-u", "-f", "/dev/null", "new-session", "-s", "t", "cat"], environ=environ) as terminal:
        terminal.wait_for("[t]")
        found = subprocess.run(
            [program, "display-message", "-p", "#{socket_path},#{pid},0"], env=environ, capture_output=True, check=True
        )
        yield {**environ, "TERM": "tmux-256color", "TMUX": found.stdout.decode().strip()}, terminal
        subprocess.run([program, "kill-server"], env=environ, check=False)


@pytest.mark.real("tmux")
def test_a_real_tmux_takes_the_text_hands_it_on_and_forgets_a_secret(tmux: tuple[dict[str, str], Terminal]) -> None:
    environ, terminal = tmux
    result = copy("hunter2\n", secret=True, write=lambda _: None, environ=environ)
    assert (result.way, result.sentence) == (Way.TMUX, "Sent to tmux, and by it to your terminal.")
    assert clipboard._tmux_buffer(environ) == b"hunter2\n"
    # The terminal at the other end is asked by tmux.
    terminal.wait_bytes(base64.b64encode(b"hunter2\n"))
    assert result.clear
    result.clear()
    assert clipboard._tmux_buffer(environ) is None
    terminal.wait_bytes(b";" + base64.b64encode(b" "))


@pytest.mark.real("tmux")
def test_a_tmux_buffer_that_was_filled_anew_is_left_alone(tmux: tuple[dict[str, str], Terminal]) -> None:
    environ, _ = tmux
    first = copy("hunter2", secret=True, write=lambda _: None, environ=environ)
    copy("something else", write=lambda _: None, environ=environ)
    assert first.clear
    assert "left alone" in first.clear()
    assert clipboard._tmux_buffer(environ) == b"something else"


def _program(place: Path, body: str = "exit 0") -> None:
    place.write_text(f"#!/bin/sh\n{body}\n")
    place.chmod(0o755)


def test_nothing_of_it_is_imported_before_it_is_used() -> None:
    code = "import sys, certtui.clipboard; print('pyperclip' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
