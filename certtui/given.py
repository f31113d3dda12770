"""What a person gave where material is asked for: the path of a file, or a text that was pasted. Read, and kept while it stays the same.

A check runs after every pause in typing, so a file is read again only when it changed, and a password is tried once.
"""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from certtui.backend.inspect import SourceFile
from certtui.candidates import LIMIT
from certtui.errors import CerttuiError, Invalid, PasswordNeeded
from certtui.model.secret import Secret
from certtui.text import sentence

if TYPE_CHECKING:
    from certtui.backend.inspect import Inspect
    from certtui.model.x509 import Material

_KEPT = 24


class Absent(Invalid):
    """There is no such file: said of a path that is half typed, too."""


@dataclass(frozen=True, slots=True)
class Given:
    """A path as typed, or a paste; neither when nothing was given. `what` names it in messages ("the key")."""

    path: str = ""
    paste: Secret | None = None
    what: str = ""

    def __bool__(self) -> bool:
        return bool(self.path.strip() or self.paste)


def load(given: Given) -> SourceFile:
    """The bytes. Raises `Invalid` with a sentence for whatever is no readable file of at most 32 MiB."""
    if given.paste is not None:
        return SourceFile(given.what or "what was pasted", given.paste.reveal())
    path = Path(os.path.expanduser(given.path.strip()))  # noqa: PTH111  # Path.expanduser raises for an unknown user
    try:
        # A named pipe would wait for a writer, forever; what is no regular file is refused below.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    try:
        _check(path, os.fstat(descriptor))
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return SourceFile(str(path), file.read(LIMIT + 1))
    except OSError as error:
        raise _unreadable(path, error) from None
    finally:
        os.close(descriptor)


class Reader:
    """Reads what was given through the inspect port and remembers the answers of this form. Safe in several threads."""

    def __init__(self, inspect: Inspect) -> None:
        self._inspect = inspect
        self._lock = threading.Lock()
        self._known: dict[tuple[bytes, tuple[Secret, ...]], Material | CerttuiError] = {}

    def read(self, given: Given, passwords: Sequence[Secret] = ()) -> Material:
        """Everything in it. Raises `Invalid`, `PasswordNeeded`."""
        file = load(given)
        tried = tuple(each for each in passwords if each)
        key = (_digest(file.data), tried)
        # One at a time: a password that is being typed must not try its every beginning at once.
        with self._lock:
            found = self._known.get(key)
            if found is None:
                found = self._ask(file, tried)
                while len(self._known) >= _KEPT:
                    del self._known[next(iter(self._known))]
                self._known[key] = found
        if isinstance(found, CerttuiError):
            raise found
        return found

    def encrypted(self, given: Given) -> bool:
        """Whether it opens only with a password."""
        try:
            self.read(given)
        except PasswordNeeded:
            return True
        except CerttuiError:
            return False
        return False

    def _ask(self, file: SourceFile, passwords: tuple[Secret, ...]) -> Material | CerttuiError:
        try:
            return self._inspect.read(file, passwords)
        except CerttuiError as error:
            return error


def _check(path: Path, facts: os.stat_result) -> None:
    if stat.S_ISDIR(facts.st_mode):
        raise Invalid(f"{path} is a folder.", "Choose a file in it; a whole folder goes in by the import.")
    if not stat.S_ISREG(facts.st_mode):
        raise Invalid(f"{path} is no ordinary file.", "Choose a file.")
    if facts.st_size > LIMIT:
        raise Invalid(
            f"{path} has {facts.st_size / 1024 / 1024:,.0f} MiB; {LIMIT // 1024 // 1024} are read at most.",
            "Certificates and keys are smaller.",
        )


def _digest(data: bytes) -> bytes:
    import hashlib

    return hashlib.sha256(data).digest()


def _unreadable(path: Path, error: Exception) -> Invalid:
    match error:
        case FileNotFoundError() | NotADirectoryError():
            return Absent(sentence(f"There is no file {path}"), "Tab completes a path.")
        case PermissionError():
            return Invalid(f"{path} can't be read: permission denied.", "Copy it to where you may read it.")
        case OSError():
            return Invalid(f"{path} can't be read: {(error.strerror or str(error)).lower()}.", "Choose another file.")
        case _:
            return Invalid("No file has a name like that.", "Tab completes a path.")
