"""The part of `doctor` that looks at the terminal: locale, size, colours, tmux, clipboard."""

from __future__ import annotations

import locale as _locale
import os
import subprocess
import sys
from typing import TYPE_CHECKING

from certtui.doctor import OK, WARN, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

COLUMNS, ROWS = 80, 24
ESCAPE_TIME = 100
"""Milliseconds that tmux may wait after an escape before a person feels it."""


def locale(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Whether text goes out as UTF-8."""
    name = environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG") or "none set"
    encoding = _locale.getpreferredencoding(False)
    if encoding.upper().replace("-", "") == "UTF8":
        yield Finding("locale", OK, f"{name}, {encoding}")
    else:
        yield Finding(
            "locale",
            WARN,
            f"The locale ({name}) means {encoding}: international names and lines can't be drawn.",
            "Set LANG=C.UTF-8, or start with --ascii.",
        )


def terminal(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Whether the console can run in what is here, and how it will look."""
    term = environ.get("TERM", "")
    # Standard output may be piped; the console would be started on what standard input or error is.
    descriptor = next((each for each in (1, 0, 2) if _is_terminal(each)), None)
    if descriptor is None:
        yield Finding(
            "terminal", WARN, "None here: commands work, the console does not.", "Over SSH ask for one: ssh -t."
        )
        return
    size = os.get_terminal_size(descriptor)
    if size.columns < COLUMNS or size.lines < ROWS:
        yield Finding(
            "terminal",
            WARN,
            f"{size.columns}x{size.lines} is smaller than {COLUMNS}x{ROWS}; the console wants that much.",
            "Make the window larger or the font smaller.",
        )
    if term in ("", "dumb"):
        yield Finding(
            "terminal", WARN, f"TERM is {term or 'not set'}: nothing is known of it.", "Set TERM=xterm-256color."
        )
    else:
        yield Finding("terminal", OK, f"{term}, {size.columns}x{size.lines}, {_colours(term, environ)}")
    if environ.get("TMUX"):
        yield from _tmux(environ)


def clipboard(setting: str, environ: Mapping[str, str]) -> Iterator[Finding]:
    """How a copy would be made."""
    from certtui.clipboard import Way, choose

    choice = choose(setting, environ)
    if choice.way is Way.NONE:
        yield Finding("clipboard", WARN, f"None: {choice.reason}", "What you copy is shown for you to select.")
    elif choice.way is Way.OSC52 and environ.get("STY"):
        yield Finding(
            "clipboard", WARN, f"osc52: {choice.reason}", "GNU screen passes it on only as far as it wants to."
        )
    else:
        yield Finding("clipboard", OK, f"{choice.way}: {choice.reason}")


def _tmux(environ: Mapping[str, str]) -> Iterator[Finding]:
    escape = _tmux_option("escape-time", environ)
    if escape.isdecimal() and int(escape) > ESCAPE_TIME:
        yield Finding(
            "tmux",
            WARN,
            f"tmux waits {escape} ms after the escape key before it passes it on.",
            "Put `set -sg escape-time 20` into ~/.tmux.conf.",
        )
    if _tmux_option("set-clipboard", environ) == "off":
        yield Finding(
            "tmux",
            WARN,
            "tmux keeps what is copied to itself (set-clipboard off).",
            "Put `set -s set-clipboard external` into ~/.tmux.conf, or paste with prefix ].",
        )


def _tmux_option(name: str, environ: Mapping[str, str]) -> str:
    try:
        done = subprocess.run(
            ["tmux", "show-options", "-sv", name],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=3,
            env=dict(environ),
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


def _colours(term: str, environ: Mapping[str, str]) -> str:
    if environ.get("NO_COLOR"):
        return "no colour (NO_COLOR)"
    if environ.get("COLORTERM") in ("truecolor", "24bit"):
        return "16 million colours"
    if "256" in term:
        return "256 colours"
    return "8 or 16 colours"


def _is_terminal(descriptor: int) -> bool:
    try:
        return os.isatty(descriptor) and sys.platform != "win32"
    except OSError:
        return False
