"""Files of `http-01` in a folder that a web server serves (RFC 8555, 8.3): written in one step, and nowhere else than there.

Whoever may write in the folder, as a web application does, must not lead certtui elsewhere: below the root no symbolic link
is followed.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from certtui.errors import Unreachable

_BELOW = (".well-known", "acme-challenge")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,256}\Z")
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


def put(root: str, token: str, text: str) -> None:
    """Let the file of a token be there, readable by everybody. Raises `Unreachable`."""
    _require_token(token)
    with _problems(root), _folder(root, make=True) as folder:
        _drop(folder, _unfinished(token))
        file = os.open(_unfinished(token), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=folder)
        with os.fdopen(file, "wb") as out:
            out.write(text.encode("ascii"))
            os.fchmod(file, 0o644)
        os.replace(_unfinished(token), token, src_dir_fd=folder, dst_dir_fd=folder)


def take(root: str, token: str) -> None:
    """Let it be gone, which it may be already. Raises `Unreachable`."""
    _require_token(token)
    with _problems(root), suppress(FileNotFoundError), _folder(root, make=False) as folder:
        _drop(folder, _unfinished(token))
        _drop(folder, token)


def check(root: str) -> str:
    """The folder of the files, made where it is not there; that it can be written to. Raises `Unreachable`."""
    with _problems(root), _folder(root, make=True) as folder:
        if not os.access(".", os.W_OK | os.X_OK, dir_fd=folder, effective_ids=True):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return str(Path(root, *_BELOW))


@contextmanager
def _folder(root: str, *, make: bool) -> Iterator[int]:
    """The folder of the files, open."""
    at = os.open(root, _FOLDER)
    try:
        for part in _BELOW:
            made = False
            if make:
                with suppress(FileExistsError):
                    os.mkdir(part, 0o755, dir_fd=at)
                    made = True
            below = os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=at)
            os.close(at)
            at = below
            if made:
                # A umask of 077 would hide it from the web server.
                os.fchmod(at, 0o755)
        yield at
    finally:
        os.close(at)


@contextmanager
def _problems(root: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        match error.errno:
            case errno.ENOENT:
                message, hint = "is not there", "Make it, or name another one in the profile."
            case errno.ELOOP | errno.ENOTDIR:
                message = "is no folder, or there is something else than folders below it at .well-known/acme-challenge"
                hint = "Symbolic links are not followed there: make them folders."
            case errno.EACCES | errno.EPERM:
                message, hint = "can't be written to by this user", "Let the user that certtui runs as write there."
            case errno.EROFS:
                message, hint = "lies on a file system that is read-only", "Name another one in the profile."
            case _:
                message, hint = f"can't be used: {error.strerror}", "It is tried again."
        raise Unreachable(f"The web root {root} {message}.", hint) from None


def _require_token(token: str) -> None:
    if not _TOKEN.match(token):
        raise Unreachable("The CA gave a token that is none of RFC 8555, so no file is made of it.", "Ask the CA.")


def _unfinished(token: str) -> str:
    return f".{token}.tmp"


def _drop(folder: int, name: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)
