"""Files that hold secrets: 0600, made whole or not at all, never through a symbolic link."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def make_folder(folder: Path) -> None:
    """Make a folder and its parents; what is made here is 0700."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        with suppress(FileExistsError):
            one.mkdir(mode=0o700)


def write_new(path: Path, content: bytes) -> None:
    """Write a file that was not there, readable by its owner only; it appears whole. Raises `FileExistsError`."""
    with beside(path) as temporary:
        write_fresh(temporary, content)
        place_new(temporary, path)


def write_fresh(path: Path, content: bytes) -> None:
    """Write a new file 0600 and bring it to the disk; partial content can be left behind by a crash."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def read_private(path: Path, limit: int) -> bytes:
    """Up to `limit` bytes of a plain file, not following a link in its last part (`OSError` ELOOP)."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        return file.read(limit)


def too_open(path: Path) -> bool:
    """Whether group or others may read or write the file."""
    try:
        return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)
    except OSError:
        return False


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """The name of a temporary file in the same folder, removed at the end if it is still there."""
    import secrets

    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        yield temporary
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


def place_new(temporary: Path, path: Path) -> None:
    """Give a finished file its name, atomically, only if nothing has that name. Raises `FileExistsError`."""
    try:
        os.link(temporary, path, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError:
        # A file system without hard links: the gap between the look and the rename can't be closed there.
        if os.path.lexists(path):
            raise FileExistsError(path) from None
        temporary.rename(path)
    sync_folder(path.parent)


def sync_file(path: Path) -> None:
    """Bring a file's content to the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Bring a folder's entries to the disk, so that a rename survives a power cut."""
    with suppress(OSError):
        sync_file(folder)
