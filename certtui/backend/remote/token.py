"""The token that says who one is: given, from a file, or from a command; read again when the server no longer takes it."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

from certtui import paths
from certtui.errors import CerttuiError, Denied, Invalid, Unreachable
from certtui.model.secret import Secret

LONGEST_COMMAND = 30.0
"""Seconds that a command may take to print the token."""


class TokenSource:
    """Where the token comes from. Safe to call from several threads; nothing is read before the first request."""

    def __init__(self, given: Secret | None = None, *, file: Path | None = None, command: Sequence[str] = ()) -> None:
        self._given = given
        self._file = file
        self._command = tuple(command)
        self._guard = threading.Lock()
        self._known: Secret | None = given

    def token(self) -> Secret | None:
        """The token, None where there is none (a client certificate may do). Raises `Unreachable`, `Invalid`, `Denied`."""
        with self._guard:
            if self._known is None:
                self._known = self._read()
            return self._known

    def renewed(self, refused: Secret | None) -> bool:
        """The server did not take `refused`: whether another one is there by now."""
        if self._given is not None or (self._file is None and not self._command):
            return False
        with self._guard:
            if self._known == refused:
                self._known = self._read()
            return self._known != refused

    def _read(self) -> Secret | None:
        if self._file is not None:
            return _checked(_from_file(self._file), f"The token file {self._file}")
        if self._command:
            return _checked(_from_command(self._command), "The token's command")
        return None


def too_open(path: Path) -> str:
    """A sentence where others than the owner may read a token file, else ""."""
    who = paths.too_open(path)
    return f"The token file {path} can be read by {who}: chmod 600 {path}." if who else ""


def _from_file(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.readline(4_096)
    except OSError as error:
        raise Unreachable(
            f"The token file {path} can't be read: {(error.strerror or str(error)).lower()}.",
            "Check its path and mode.",
        ) from None


def _from_command(command: Sequence[str]) -> bytes:
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=LONGEST_COMMAND, check=False,
            env={**os.environ},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Unreachable(
            f"The token's command {command[0]} did not end within {LONGEST_COMMAND:.0f} seconds.", "Run it by hand."
        ) from None
    except (OSError, ValueError) as error:
        raise Unreachable(
            f"The token's command {command[0]} can't be run: {error}.", "Correct token_command."
        ) from None
    if done.returncode != 0:
        # What it printed may be anything, even the token.
        raise Denied(f"The token's command {command[0]} ended with {done.returncode}.", "Run it by hand to see why.")
    return done.stdout.split(b"\n", 1)[0]


def _checked(line: bytes, where: str) -> Secret:
    bare = line.strip()
    problem: CerttuiError | None = None
    if not bare:
        problem = Invalid(f"{where} gives no token.", "Put the token into its first line.", field="token")
    elif not all(0x21 <= byte <= 0x7E for byte in bare):
        problem = Invalid(f"{where} gives something that is no token.", "A token is one word of ASCII.", field="token")
    if problem is not None:
        raise problem
    return Secret(bare)
