"""Files written safely: whole or not at all, 0600 unless told otherwise, nothing overwritten unasked; and path completion."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from certtui.errors import Conflict, Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PRIVATE = 0o600
PUBLIC = 0o644
"""For certificates: less what the umask takes away."""


def write(path: Path, content: bytes, *, mode: int = PRIVATE, overwrite: bool = False) -> None:
    """Write a file that a person asked for. With `overwrite` the new file takes the old one's place, mode included.

    A symbolic link is replaced, not followed. Raises `Conflict` when the file is there and `overwrite` is not given,
    `Unreachable` when it can't be written; then nothing changed.
    """
    try:
        if overwrite:
            replace(path, content, mode=mode)
        else:
            create(path, content, mode=mode)
    except FileExistsError:
        raise Conflict(f"{path} is there already.", "Take another name, or say that it may be overwritten.") from None
    except IsADirectoryError:
        raise Conflict(f"{path} is a folder.", "Name a file in it.") from None
    except OSError as error:
        raise Unreachable(f"{path} can't be written: {error.strerror or error}.", _hint(path)) from None


def write_stream(path: Path, parts: Iterable[bytes], *, mode: int = PRIVATE, overwrite: bool = False) -> None:
    """`write` for what is too long to hold: it appears whole when the last part is there. Raises as `write`, and what `parts` raises."""
    try:
        if path.is_dir() and not (overwrite and path.is_symlink()):
            raise IsADirectoryError(str(path))
        if not overwrite and os.path.lexists(path):
            raise FileExistsError(str(path))
        with _beside(path, parts, mode, durable=True) as temporary:
            if overwrite:
                temporary.replace(path)
            else:
                _name_unless_there(temporary, path, mode)
            _sync_folder(path.parent, durable=True)
    except FileExistsError:
        raise Conflict(f"{path} is there already.", "Take another name, or say that it may be overwritten.") from None
    except IsADirectoryError:
        raise Conflict(f"{path} is a folder.", "Name a file in it.") from None
    except OSError as error:
        raise Unreachable(f"{path} can't be written: {error.strerror or error}.", _hint(path)) from None


def create(path: Path, content: bytes, *, mode: int = PRIVATE, durable: bool = True) -> None:
    """Make a file that must not be there yet; it appears whole. Raises `FileExistsError`, `OSError`."""
    with _beside(path, content, mode, durable) as temporary:
        try:
            os.link(temporary, path)
        except FileExistsError:
            raise
        except OSError:
            # No hard links here (FAT, some network file systems): O_EXCL still overwrites nothing.
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
            try:
                _fill(descriptor, content, durable)
            except BaseException:
                path.unlink()
                raise
        finally:
            temporary.unlink(missing_ok=True)
        _sync_folder(path.parent, durable)


def replace(path: Path, content: bytes, *, mode: int = PRIVATE, durable: bool = True) -> None:
    """Put a file in the place of what is there, if anything; a reader sees the old or the new, never half. Raises `OSError`.

    `durable` waits until it is on the disk; without it a power cut may bring the old one back.
    """
    if path.is_dir() and not path.is_symlink():
        raise IsADirectoryError(str(path))
    with _beside(path, content, mode, durable) as temporary:
        temporary.replace(path)
        _sync_folder(path.parent, durable)


def complete(typed: str, *, folders_only: bool = False, limit: int = 200) -> list[str]:
    """What a half-typed path can become, as it would be typed: folders with a slash, folders first, hidden ones when asked by a dot.

    `~` stays as typed. A folder that can't be read completes to nothing. Names are raw text; draw them through `text.shown`.
    """
    head, slash, start = typed.rpartition("/")
    if start.startswith("~") and not slash:
        return []
    folder = os.path.expanduser(head + slash) or "."  # noqa: PTH111  # Path would drop the "./" that was typed
    found: list[tuple[bool, str]] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if not entry.name.startswith(start) or (entry.name.startswith(".") and not start.startswith(".")):
                    continue
                is_folder = _is_folder(entry)
                if is_folder or not folders_only:
                    found.append((not is_folder, head + slash + entry.name + ("/" if is_folder else "")))
    except (OSError, ValueError):
        return []
    return [path for _, path in sorted(found)[:limit]]


def common_start(paths: list[str]) -> str:
    """What all completions have in common: what a tab key may fill in."""
    return os.path.commonprefix(paths)  # noqa: RUF071  # by characters is what is wanted


def safe_name(text: str, *, fallback: str = "certificate") -> str:
    """A file name made from text that strangers wrote: no path, no control or shell character, no leading dot or dash."""
    kept = "".join(char if char.isascii() and (char.isalnum() or char in "._-") else "_" for char in text)
    return kept.replace("_.", "_").strip("._-")[:100] or fallback


def _name_unless_there(temporary: Path, path: Path, mode: int) -> None:
    """Give a finished file its name, overwriting nothing. Raises `FileExistsError`, `OSError`."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:
        # No hard links here (FAT, some network file systems): O_EXCL still overwrites nothing.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
        os.close(descriptor)
        temporary.replace(path)


@contextlib.contextmanager
def _beside(path: Path, content: bytes | Iterable[bytes], mode: int, durable: bool) -> Iterator[Path]:
    # In the same folder, since a rename works only within one file system.
    temporary = path.with_name(f".{path.name[:80]}.{secrets.token_hex(6)}.part")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    try:
        _fill(descriptor, content, durable)
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _fill(descriptor: int, content: bytes | Iterable[bytes], durable: bool) -> None:
    with os.fdopen(descriptor, "wb") as file:
        for part in (content,) if isinstance(content, bytes) else content:
            file.write(part)
        file.flush()
        if durable:
            os.fsync(descriptor)


def _sync_folder(folder: Path, durable: bool) -> None:
    if not durable:
        return
    # Some file systems refuse fsync on a folder; the rename itself has happened.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _hint(path: Path) -> str:
    if not path.parent.is_dir():
        return f"Make the folder {path.parent} first."
    return "Choose a place with room that you may write to."
