"""Files that a command names: read whole, `-` for standard input, with a password asked for where one is needed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from certtui.backend.inspect import SourceFile
from certtui.candidates import LIMIT
from certtui.cli import terminal
from certtui.errors import Invalid, NotFound, PasswordNeeded, Unreachable
from certtui.text import sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from certtui.backend.inspect import Inspect
    from certtui.model.secret import Secret
    from certtui.model.x509 import Material

STANDARD_INPUT = "-"
_TRIES = 3


def source(name: str, limit: int = LIMIT) -> SourceFile:
    """The bytes of one named file. Raises `NotFound`, `Unreachable`, `Invalid` (too large)."""
    try:
        if name == STANDARD_INPUT:
            data = sys.stdin.buffer.read(limit + 1)
        else:
            with Path(name).expanduser().open("rb") as file:
                data = file.read(limit + 1)
    except FileNotFoundError:
        raise NotFound(sentence(f"There is no file {name}"), "Check the path.") from None
    except OSError as error:
        raise Unreachable(f"{name} can't be read: {error.strerror}.", "Check its path and mode.") from None
    if len(data) > limit:
        raise Invalid(f"{name} is larger than {limit // 1024 // 1024} MiB.", "Split it.")
    return SourceFile(name, data)


def material(inspect: Inspect, file: SourceFile, passwords: Sequence[Secret] = ()) -> Material:
    """What is in a file; asks for a password, three times, where there is someone to ask. Raises `Invalid`, `PasswordNeeded`."""
    tries = _TRIES if terminal.can_ask() else 0
    while True:
        try:
            return inspect.read(file, passwords)
        except PasswordNeeded as error:
            if tries == 0:
                raise
            tries -= 1
            if error.wrong:
                terminal.say(f"certtui: {error.message}")
            passwords = [terminal.ask_secret(f"Password of {file.path}")]


def passwords_from(file: str | None) -> list[Secret]:
    """The password of `--password-file`, none where it isn't given."""
    return [terminal.secret_from(file)] if file else []
