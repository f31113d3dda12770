"""The files that a store lives in: nothing that is written on request may take their place, whatever was confirmed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from certtui.errors import CerttuiError, Conflict

if TYPE_CHECKING:
    from certtui.backend.base import Backend


def spare_the_store(backend: Backend, path: Path) -> None:
    """Raise `Conflict` where `path` is a file of the store that a backend has open on this machine."""
    if not os.path.lexists(path):
        return
    try:
        status = backend.store.status()
    except CerttuiError:
        return  # Somebody else's store, elsewhere.
    key_file = Path(status.key_file) if status.key_file else None
    refuse(path, Path(status.url) if status.engine == "sqlite" else None, key_file)


def refuse(path: Path, store: Path | None, key_file: Path | None) -> None:
    """Raise `Conflict` where `path` is the store, its log, its key file, or the key that waits beside it.

    The key file is in no backup: what is written over it costs every private key of the store.
    """
    sides = [store.with_name(store.name + side) for side in ("", "-wal", "-shm", "-journal")] if store else []
    keys = [key_file, key_file.with_name(key_file.name + ".new")] if key_file else []
    for own, what in [*((side, "the store itself") for side in sides), *((key, "the store's key") for key in keys)]:
        if _same(path, own):
            raise Conflict(f"{path} is {what}, and is not written over.", "Name another file.")


def _same(path: Path, own: Path) -> bool:
    # By name too: a log that is not there at this moment belongs to the store all the same.
    if os.path.realpath(path.parent) == os.path.realpath(own.parent) and path.name == own.name:
        return True
    try:
        return path.samefile(own)
    except OSError:
        return False
