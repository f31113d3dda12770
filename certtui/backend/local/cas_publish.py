"""Publishing CRLs to the file that a CA's settings name: whole or not at all, readable by everybody."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from certtui.backend.local.cas_values import settings_of
from certtui.backend.local.open_store import OpenStore

if TYPE_CHECKING:
    import sqlite3

_ROUNDS = 5


def publish(store: OpenStore, ca_id: int) -> str:
    """Write the newest CRL, and the newest delta beside it; what is there already is left. Why it failed, "" when it is there."""
    problem = ""
    for _ in range(_ROUNDS):
        with store.readers.use() as connection:
            wanted = _wanted(connection, ca_id)
        if wanted is None:
            return ""
        known, files = wanted
        try:
            written = [_bring(path, der) for path, der in files]
        except OSError as error:
            problem = f"{error.filename or files[0][0]}: {error.strerror or type(error).__name__}."
            break
        # A newer one may have been stored, and even written, while this one was: look again until nothing moved.
        if not any(written):
            break
    if problem != known:
        _note(store, ca_id, problem)
    return problem


def delta_file(crl_file: str) -> Path:
    """Where the delta lies: beside the CRL, `NAME-delta.crl`."""
    path = Path(crl_file)
    return path.with_name(f"{path.stem}-delta{path.suffix}")


def _wanted(connection: sqlite3.Connection, ca_id: int) -> tuple[str, list[tuple[Path, bytes]]] | None:
    row = connection.execute("SELECT settings, publish_error FROM ca WHERE id = ?", (ca_id,)).fetchone()
    if row is None or not (crl_file := settings_of(row[0]).crl_file):
        return None
    stored = connection.execute("SELECT delta, der FROM crl WHERE ca_id = ? ORDER BY delta", (ca_id,)).fetchall()
    names = {0: Path(crl_file), 1: delta_file(crl_file)}
    return row[1], [(names[delta], bytes(der)) for delta, der in stored]


def _bring(path: Path, der: bytes) -> bool:
    """Write a file atomically unless it is so already; whether it was written."""
    from certtui.backend.local import private_files

    if _holds(path, der):
        return False
    with private_files.beside(path) as temporary:
        private_files.write_fresh(temporary, der)
        temporary.chmod(0o644)
        temporary.replace(path)
        private_files.sync_folder(path.parent)
    return True


def _holds(path: Path, der: bytes) -> bool:
    """Whether it is there already; a link or a pipe, which somebody else may have put there, is not looked into."""
    import stat

    try:
        there = path.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISREG(there.st_mode) and there.st_size == len(der) and path.read_bytes() == der


def _note(store: OpenStore, ca_id: int, problem: str) -> None:
    from sqlalchemy import update
    from sqlmodel import col

    from certtui.backend.local.tables_issuing import CaTable

    with store.changing() as change:
        change.session.execute(update(CaTable).where(col(CaTable.id) == ca_id).values(publish_error=problem))
