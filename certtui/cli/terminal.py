"""Words for the person on standard error, and questions where a person can answer them."""

from __future__ import annotations

import os
import sys

from certtui.cli.usage import Usage
from certtui.errors import Interrupted
from certtui.text import clipped, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from certtui.model.secret import Secret

_ascii = False
_LONGEST_SECRET = 64 * 1024
"""Bytes of a line that may be a password; a device or another file named by mistake has no end of it."""


def set_up(*, ascii_only: bool) -> None:
    """Streams that never fail over a character: what the locale lacks, or `--ascii` forbids, is written as an escape."""
    global _ascii  # one process, one command, one terminal
    _ascii = ascii_only
    # A stream that the caller closed is None in Python, and nothing is what it gets.
    sys.stdin = sys.stdin or open(os.devnull)  # noqa: PTH123, SIM115 - for as long as we run
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: PTH123, SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: PTH123, SIM115
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")


def plain(text: str) -> str:
    """The text, with anything beyond ASCII as an escape where `--ascii` is given."""
    return text.encode("ascii", "backslashreplace").decode() if _ascii else text


def ellipsis() -> str:
    """What marks that something was cut."""
    return "..." if _ascii else "…"


def say(*lines: str) -> None:
    """Lines for the person, each made safe to draw: a line break in a name begins no line that certtui seems to say."""
    sys.stderr.write("".join(f"{plain(shown(line))}\n" for line in lines))
    sys.stderr.flush()


def write_line(text: str) -> None:
    """A line of progress on standard error, written over the one before; only where that is a terminal."""
    if wide := width(2):
        sys.stderr.write("\r" + plain(clipped(text, wide - 1, ellipsis())).ljust(wide - 1))
        sys.stderr.flush()


def clear_line() -> None:
    """Take the line of progress away again."""
    if wide := width(2):
        sys.stderr.write("\r" + " " * (wide - 1) + "\r")
        sys.stderr.flush()


def width(stream_number: int = 1) -> int | None:
    """Columns of the terminal that standard output (1) or standard error (2) goes to, None when it goes elsewhere."""
    stream = sys.stdout if stream_number == 1 else sys.stderr
    try:
        descriptor = stream.fileno()
        return (os.get_terminal_size(descriptor).columns or 80) if os.isatty(descriptor) else None
    except (OSError, ValueError):
        return None


def is_out_terminal() -> bool:
    """Whether standard output is read by a person's terminal."""
    return sys.stdout.isatty()


def can_ask() -> bool:
    """Whether there is a person to ask: standard input and standard error are a terminal."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def confirm(question: str) -> bool:
    """Ask yes or no, no by default. Only where `can_ask`."""
    sys.stderr.write(plain(shown(question)) + " [y/N] ")
    sys.stderr.flush()
    answer = sys.stdin.readline()
    if not answer:
        sys.stderr.write("\n")
    return answer.strip().lower() in ("y", "yes")


def ask(question: str) -> str:
    """Ask for a line of text; "" at the end of input. Only where `can_ask`."""
    sys.stderr.write(plain(shown(question)) + ": ")
    sys.stderr.flush()
    answer = sys.stdin.readline()
    if not answer:
        sys.stderr.write("\n")
    return answer.rstrip("\r\n")


def ask_secret(prompt: str) -> Secret:
    """Ask for a password without showing it. Only where `can_ask`; raises `Interrupted` at the end of input."""
    from getpass import getpass

    from certtui.model.secret import Secret

    try:
        return Secret(getpass(plain(shown(prompt)) + ": ", stream=sys.stderr).encode("utf-8", "surrogateescape"))
    except EOFError:
        raise Interrupted("No password was given.") from None


def ask_new_secret(prompt: str) -> Secret:
    """Ask for a new password, twice. Raises `Usage` when the two differ or it is empty."""
    first = ask_secret(prompt)
    if not first:
        raise Usage("The password is empty.", "Give one with at least one character.")
    if ask_secret("The same again") != first:
        raise Usage("The two passwords differ.", "Start again.")
    return first


def secret_from(file: str) -> Secret:
    """The first line of a file, `-` for standard input. Raises `Usage` when it can't be read or is no password."""
    from certtui.model.secret import Secret

    try:
        if file == "-":
            line = sys.stdin.buffer.readline(_LONGEST_SECRET)
        else:
            with open(os.path.expanduser(file), "rb") as stream:  # noqa: PTH111, PTH123 - pathlib costs a third of a start
                line = stream.readline(_LONGEST_SECRET)
    except OSError as error:
        raise Usage(f"The password file {file} can't be read: {error.strerror}.", "Check its path and mode.") from None
    if len(line) == _LONGEST_SECRET:
        raise Usage(f"The first line of the password file {file} is too long for a password.", "Name another file.")
    return Secret(line.rstrip(b"\r\n"))
