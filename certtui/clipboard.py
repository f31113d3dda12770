"""Copying to the clipboard of the person, wherever that is: through the terminal, tmux or the desktop.

A certtui on a jump host has no clipboard of its own; OSC 52 asks the terminal, at the other end of SSH, to take the
text. tmux drops that sequence by default but hands on what `load-buffer -w` gives it. What was really done is said,
since nothing tells whether a terminal obeyed.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Write = Callable[[str], object]
    """Writes raw text to the terminal."""

TIMEOUT = 3.0
"""Seconds that tmux or the desktop get to answer."""
LONGEST_OSC52 = 74_994
"""Bytes of text: what base64 makes of them is the 100,000 that xterm and its kin take at most."""
BUFFER = "certtui"
"""The name of the tmux buffer."""


class Way(str, Enum):
    """How a text gets to a clipboard."""

    OSC52 = "osc52"
    TMUX = "tmux"
    DESKTOP = "desktop"
    NONE = "none"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Choice:
    """The way that fits here, and why, in a sentence for `doctor`."""

    way: Way
    reason: str


@dataclass(frozen=True, slots=True)
class CopyResult:
    """What was really done. With `Way.NONE` nothing was: show the text, so that the person can select it.

    `clear` takes a secret back out again and says so in a sentence; it is None for what is no secret. Call it off the event
    loop, like `copy`.
    """

    way: Way
    sentence: str
    clear: Callable[[], str] | None = None


def choose(setting: str = "auto", environ: Mapping[str, str] = os.environ) -> Choice:
    """The way to copy here. `setting` is that of the configuration; anything but `auto` is obeyed."""
    if setting != "auto":
        return Choice(Way(setting), "The configuration says so.")
    term = environ.get("TERM", "")
    if environ.get("TMUX") and shutil.which("tmux", path=environ.get("PATH")):
        return Choice(Way.TMUX, "This is tmux, which hands its buffer on to your terminal.")
    if term in ("", "dumb", "linux"):
        return Choice(Way.NONE, f"A terminal of type {term or 'unknown'} has no clipboard.")
    if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"):
        return Choice(Way.OSC52, "Over SSH your terminal is asked by OSC 52.")
    if program := _desktop_program(environ):
        return Choice(Way.DESKTOP, f"This is a desktop session with {program}.")
    return Choice(Way.OSC52, "Your terminal is asked by OSC 52.")


def copy(
    text: str,
    *,
    write: Write,
    secret: bool = False,
    setting: str = "auto",
    environ: Mapping[str, str] = os.environ,
) -> CopyResult:
    """Copy a text as it is. Blocks up to `TIMEOUT` seconds: call it from a thread; `write` must be safe there. Never raises."""
    try:
        match choose(setting, environ).way:
            case Way.TMUX:
                return _by_tmux(text, secret, environ)
            case Way.DESKTOP:
                return _by_desktop(text, secret)
            case Way.OSC52:
                return _by_osc52(text, secret, write, environ)
            case Way.NONE:
                return CopyResult(Way.NONE, "There is no clipboard here.")
    except (OSError, subprocess.SubprocessError, _Failed) as error:
        # Neither what was copied nor what a program printed is quoted.
        reason = str(error) if isinstance(error, _Failed) else type(error).__name__
        return CopyResult(Way.NONE, f"Nothing was copied: {reason}.")


class _Failed(Exception):
    """A way that does not work here; the text is safe to show."""


def _by_osc52(text: str, secret: bool, write: Write, environ: Mapping[str, str]) -> CopyResult:
    content = text.encode("utf-8", "surrogateescape")
    if len(content) > LONGEST_OSC52:
        raise _Failed(f"{len(content):,} bytes are more than a terminal takes; save it to a file")
    write(_osc52(content, environ))

    def clear() -> str:
        # An empty text; xterm reads it as "clear", others put the empty text there.
        write(_osc52(b"", environ))
        return "Your terminal was asked to clear its clipboard."

    return CopyResult(Way.OSC52, "Sent to your terminal (OSC 52).", clear if secret else None)


def _osc52(content: bytes, environ: Mapping[str, str]) -> str:
    sequence = f"\x1b]52;c;{base64.b64encode(content).decode('ascii')}\x07"
    if not environ.get("STY"):
        return sequence
    # GNU screen passes on what stands in device control strings, each of limited length.
    pieces = [sequence[at : at + 250] for at in range(0, len(sequence), 250)]
    return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)


def _by_tmux(text: str, secret: bool, environ: Mapping[str, str]) -> CopyResult:
    content = text.encode("utf-8", "surrogateescape")
    if not content:
        raise _Failed("there is nothing in it")
    handed_on = _tmux(["load-buffer", "-w", "-b", BUFFER, "-"], content, environ)
    # tmux before 3.2 knows no -w.
    if not handed_on and not _tmux(["load-buffer", "-b", BUFFER, "-"], content, environ):
        raise _Failed("tmux did not take it")
    mark = _digest(content)

    def clear() -> str:
        try:
            return overwrite()
        except (OSError, subprocess.SubprocessError) as error:
            return f"The tmux buffer could not be cleared: {type(error).__name__}."

    def overwrite() -> str:
        found = _tmux_buffer(environ)
        if found is None or _digest(found) != mark:
            return "The tmux buffer holds something else by now; it was left alone."
        # The terminal got the text as well: it gets a space in its place, since tmux takes no empty buffer.
        _tmux(["load-buffer", "-w", "-b", BUFFER, "-"], b" ", environ)
        _tmux(["delete-buffer", "-b", BUFFER], b"", environ)
        return "The tmux buffer is deleted and your terminal's clipboard overwritten."

    to = "tmux, and by it to your terminal" if handed_on else f"tmux (paste with prefix ]; buffer {BUFFER})"
    return CopyResult(Way.TMUX, f"Sent to {to}.", clear if secret else None)


def _tmux(arguments: list[str], content: bytes, environ: Mapping[str, str]) -> bool:
    done = subprocess.run(
        ["tmux", *arguments],
        input=content,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=TIMEOUT,
        env=dict(environ),
        check=False,
    )
    return done.returncode == 0


def _tmux_buffer(environ: Mapping[str, str]) -> bytes | None:
    done = subprocess.run(
        ["tmux", "show-buffer", "-b", BUFFER],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=TIMEOUT,
        env=dict(environ),
        check=False,
    )
    return done.stdout if done.returncode == 0 else None


def _by_desktop(text: str, secret: bool) -> CopyResult:
    import pyperclip  # type: ignore[import-untyped]  # it ships no types

    _in_time(lambda: pyperclip.copy(text))
    mark = _digest(text.encode("utf-8", "surrogateescape"))

    def clear() -> str:
        try:
            found = _in_time(pyperclip.paste)
            if _digest(str(found).encode("utf-8", "surrogateescape")) != mark:
                return "The clipboard holds something else by now; it was left alone."
            _in_time(lambda: pyperclip.copy(""))
        except _Failed as error:
            return f"The clipboard could not be cleared: {error}."
        return "The clipboard is cleared."

    return CopyResult(Way.DESKTOP, "Copied to the clipboard.", clear if secret else None)


def _in_time(act: Callable[[], object]) -> object:
    """Run something that may hang with the display server; the thread is a daemon, so quitting does not wait for it."""
    outcome: list[object] = []
    failed: list[str] = []

    def run() -> None:
        try:
            outcome.append(act())
        except Exception as error:  # pyperclip raises its own kinds and what its helper programs raise
            failed.append(type(error).__name__)

    thread = threading.Thread(target=run, daemon=True, name="clipboard")
    thread.start()
    thread.join(TIMEOUT)
    if failed:
        raise _Failed(f"the desktop's clipboard did not take it ({failed[0]})")
    if not outcome:
        raise _Failed("the desktop's clipboard does not answer")
    return outcome[0]


def _desktop_program(environ: Mapping[str, str]) -> str:
    """The program by which pyperclip reaches a clipboard here, "" when there is none."""
    if sys.platform == "darwin":
        return "pbcopy"
    candidates: tuple[str, ...] = ()
    if environ.get("WAYLAND_DISPLAY"):
        candidates += ("wl-copy",)
    if environ.get("DISPLAY"):
        candidates += ("xclip", "xsel")
    return next((each for each in candidates if shutil.which(each, path=environ.get("PATH"))), "")


def _digest(content: bytes) -> bytes:
    # What waits to be cleared remembers only this, not the secret.
    return hashlib.sha256(content).digest()
