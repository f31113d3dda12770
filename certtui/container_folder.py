"""A folder that holds what was fetched of a container, always as one set: all of one version, or all of the next.

    DIR/.set -> .set-3-5f1c…          the one link that is swapped, by a rename
    DIR/.set-3-5f1c…/private_key.pem  0600, in a folder of 0700; with container.json, which says what this is
    DIR/private_key.pem -> .set/private_key.pem

Whoever opens `.set` once reads one set, whatever happens meanwhile; the set before is kept until the next change. Whoever
opens two files by their names, as nginx does, may do so just as the link is swapped: for those `combined.pem` has key,
certificate and chain in one file.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from certtui import files
from certtui.errors import Conflict, Unreachable
from certtui.model.container import CERTIFICATE, INTERMEDIATES, PRIVATE_KEY, ContainerPayload, ContainerType
from certtui.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LINK, SETS, ABOUT, PENDING = ".set", ".set-", "container.json", ".changed"
"""The link, how sets are called, what says what a set is, and the mark that a command for it is still to be run."""

_PEM_TYPES = ("public", "private", "certificate")


@dataclass(frozen=True, slots=True)
class Held:
    """What a folder holds, whole."""

    ref: str
    number: int
    digest: str
    names: tuple[str, ...]


def files_of(payload: ContainerPayload) -> dict[str, bytes]:
    """The files of a container by name: PEM where there is one, and for certificates also chains and all in one."""
    parts = {part.name: part.content.reveal() for part in payload.parts}
    if payload.type is not ContainerType.CERTIFICATE:
        kinds = {part.name: part.type for part in payload.parts}
        return {_file_name(name, kinds[name]): content for name, content in parts.items()}
    leaf, chain, key = parts[CERTIFICATE], parts.get(INTERMEDIATES, b""), parts[PRIVATE_KEY]
    made = {
        "certificate.pem": leaf,
        "fullchain.pem": leaf + chain,
        "private_key.pem": key,
        "combined.pem": key + leaf + chain,
    }
    if chain:
        made["chain.pem"] = chain
    others = (CERTIFICATE, INTERMEDIATES, PRIVATE_KEY)
    return made | {name: content for name, content in parts.items() if name not in others}


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """The folder, made 0700 if it is not there, for one fetch at a time. Raises `Unreachable`."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise Unreachable(
            f"{folder} can't be used: {error.strerror}.", "Name a folder that you may write to."
        ) from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def held(folder: Path) -> Held | None:
    """What the folder holds; None where there is nothing, or not all of it is as it was written."""
    try:
        about = json.loads((folder / LINK / ABOUT).read_bytes())
        digests: dict[str, str] = about["files"]
        for name, digest in digests.items():
            if hashlib.sha256((folder / LINK / name).read_bytes()).hexdigest() != digest:
                return None
            if str((folder / name).readlink()) != f"{LINK}/{name}":
                return None
        return Held(about["ref"], about["number"], about["digest"], tuple(digests))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def require_free(folder: Path, ref: str, names: Mapping[str, bytes], *, force: bool) -> None:
    """Raises `Conflict` where other files stand there under these names, or another container's; not with `force`."""
    if force:
        return
    there = held(folder)
    if there is not None and there.ref != ref:
        raise Conflict(f"{folder} holds another container.", "Name another folder, or add --force to take this one.")
    for name in names:
        path = folder / name
        if os.path.lexists(path) and not (path.is_symlink() and str(path.readlink()) == f"{LINK}/{name}"):
            raise Conflict(f"{path} is there already.", "Name another folder, or add --force to replace it.")


def put(folder: Path, payload: ContainerPayload, contents: Mapping[str, bytes], *, pending: bool) -> None:
    """Make this the set that the folder holds; a reader sees the old one or the new one. Raises `Unreachable`, nothing changed."""
    made = folder / f"{SETS}{payload.number}-{secrets.token_hex(6)}"
    try:
        before = _links_to(folder)
        try:
            _write(made, payload, contents)
            for name in contents:
                _link(folder / name, f"{LINK}/{name}")
            if pending:
                files.replace(folder / PENDING, b"")
            _link(folder / LINK, made.name)
        except BaseException:
            if _links_to(folder) != made.name:
                shutil.rmtree(made, ignore_errors=True)
            raise
        _sync(folder)
    except OSError as error:
        raise Unreachable(
            f"{folder} can't be written: {error.strerror or error}.", "It needs room, and a file system with links."
        ) from None
    _clear(folder, contents, {made.name, before})


def is_pending(folder: Path) -> bool:
    """Whether a command is still to be run for what the folder holds."""
    return (folder / PENDING).exists()


def settled(folder: Path) -> None:
    """The command was run."""
    with contextlib.suppress(OSError):
        (folder / PENDING).unlink()


def _file_name(name: str, kind: str) -> str:
    return f"{name}.pem" if kind in _PEM_TYPES and not name.endswith(".pem") else name


def _write(made: Path, payload: ContainerPayload, contents: Mapping[str, bytes]) -> None:
    made.mkdir(mode=0o700)
    about = {
        "ref": payload.ref,
        "name": payload.name,
        "number": payload.number,
        "digest": payload.digest,
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()},
    }
    for name, content in {**contents, ABOUT: json.dumps(about, indent=2).encode("ascii")}.items():
        files.create(made / name, content, mode=files.PRIVATE)


def _link(path: Path, target: str) -> None:
    """A symbolic link, in the place of what is there."""
    if path.is_symlink() and str(path.readlink()) == target:
        return
    temporary = path.with_name(f".{secrets.token_hex(6)}.part")
    temporary.symlink_to(target)
    try:
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _links_to(folder: Path) -> str:
    try:
        return str((folder / LINK).readlink())
    except OSError:
        return ""


def _clear(folder: Path, contents: Mapping[str, bytes], kept: set[str]) -> None:
    """Take away links to parts that are no more, and sets that nobody can be reading any more."""
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            if path.is_symlink() and path.name not in contents and str(path.readlink()) == f"{LINK}/{path.name}":
                path.unlink()
            elif path.name.startswith(SETS) and path.name not in kept and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)


def _sync(folder: Path) -> None:
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
