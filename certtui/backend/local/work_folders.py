"""Watched folders of external CAs: certificates that appear there complete the orders they belong to, by their public keys.

Nothing in a folder is moved, changed or followed. A file is read once it no longer changes: it looks the same at two looks,
or has not been written to for a while; then it is remembered as it is, and read again when it has changed.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from certtui.backend.local.certificate_values import entry_name
from certtui.backend.local.open_store import Change, OpenStore
from certtui.backend.local.orders_form import form_of
from certtui.backend.local.orders_rows import WAITING
from certtui.clock import epoch
from certtui.errors import CerttuiError, Invalid, Locked, Unreachable
from certtui.model.authority import AuthorityType
from certtui.model.certificate import NewCertificate
from certtui.record import dataclass

if TYPE_CHECKING:
    from certtui.model.x509 import Material

MAX_BYTES = 1_000_000
"""More than any certificate with its chain has."""

MAX_FILES = 10_000
QUIET_SECONDS = 60
"""A file that was not written to for so long is whole."""

_ITSELF = "."
"""Under this name what is wrong with the folder as a whole is remembered; no file has it."""

_UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload", ".swp", "~")


@dataclass(frozen=True, slots=True)
class _Folder:
    """A watched folder, and the keys that are waited for, as {spki: order id}; none where only what was told is looked at."""

    authority_id: int
    authority: str
    path: Path
    waiting: dict[str, int]
    newest: int
    """When an order last began to wait, 0 for never."""


@dataclass(frozen=True, slots=True)
class _Known:
    size: int
    mtime_ns: int
    seen_at: int
    done: bool
    problem: str


_FINE = _Known(0, 0, 0, True, "")


@dataclass(frozen=True, slots=True)
class _Look:
    """What a look at one file comes to."""

    name: str
    size: int
    mtime_ns: int
    done: bool
    problem: str = ""


def folders_due(store: OpenStore, now: datetime) -> tuple[int, tuple[str, ...]]:
    """Look into every watched folder that an order waits for, or of which something was told that may be mended by now.

    Answers (orders completed, one sentence for each file that is of no use).
    """
    done = 0
    problems: list[str] = []
    for folder in _folders(store):
        try:
            completed, said = _look_into(store, folder, epoch(now))
        except OSError as error:
            why = error.strerror or type(error).__name__
            said = [f"The watched folder {folder.path} of {folder.authority} can't be read: {why}."]
            completed = 0
            if _known(store, folder).get(_ITSELF, _FINE).problem != said[0]:
                _remember(store, folder, [_Look(_ITSELF, 0, 0, True, said[0])], set(), epoch(now))
        done += completed
        problems += said
    return done, tuple(problems)


def _folders(store: OpenStore) -> list[_Folder]:
    with store.readers.use() as connection:
        profiles = connection.execute(
            "SELECT id, name, settings FROM authority WHERE type = ? ORDER BY id", (AuthorityType.EXTERNAL.value,)
        ).fetchall()
        told = {row[0] for row in connection.execute("SELECT authority_id FROM watched_file WHERE problem <> ''")}
        watched = [(row_id, name, json.loads(settings).get("watch_folder", "")) for row_id, name, settings in profiles]
        found = []
        for row_id, name, folder in watched:
            if not folder:
                continue
            rows = connection.execute(
                "SELECT spki_sha256, id, updated_at FROM certificate_order "
                "WHERE authority_id = ? AND status IN ('pending', 'processing') AND csr IS NOT NULL",
                (row_id,),
            ).fetchall()
            if rows or row_id in told:
                waiting = {spki: order_id for spki, order_id, _ in rows}
                newest = max((at for *_, at in rows), default=0)
                found.append(_Folder(row_id, name, Path(folder), waiting, newest))
    return found


def _look_into(store: OpenStore, folder: _Folder, now: int) -> tuple[int, list[str]]:
    known = _known(store, folder)
    done = 0
    problems: list[str] = []
    looks: list[_Look] = []
    names: set[str] = set()
    with os.scandir(folder.path) as entries:
        for entry in entries:
            if entry.name.startswith(".") or entry.name.endswith(_UNFINISHED):
                continue
            if len(names) == MAX_FILES:
                said = f"The watched folder {folder.path} of {folder.authority} holds more than {MAX_FILES:,} files."
                problems.append(said)
                names.add(_ITSELF)
                if known.get(_ITSELF, _FINE).problem != said:
                    looks.append(_Look(_ITSELF, 0, 0, True, said))
                break
            names.add(_key(entry.name))
            before = known.get(_key(entry.name))
            if before is None and not folder.waiting:
                continue
            look, completed = _look_at(store, folder, entry, before, now)
            if look is None:
                continue
            if not _told_before(look, before):
                looks.append(look)
            done += completed
            if look.problem and (before is None or before.problem != look.problem):
                problems.append(look.problem)
    gone = set(known) - names
    if looks or gone:
        _remember(store, folder, looks, gone, now)
    return done, problems


def _told_before(look: _Look, before: _Known | None) -> bool:
    """Whether it is remembered just so, of a file that is read again whenever it is looked at."""
    if look.done or not look.problem or before is None:
        return False
    return (look.size, look.mtime_ns, look.problem) == (
        before.size,
        before.mtime_ns,
        before.problem,
    ) and not before.done


def _look_at(
    store: OpenStore, folder: _Folder, entry: os.DirEntry[str], before: _Known | None, now: int
) -> tuple[_Look | None, int]:
    """What to remember of a file (None for nothing new), and how many orders it completed."""
    try:
        found = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None, 0
    if stat.S_ISDIR(found.st_mode):
        return None, 0
    same = before is not None and (before.size, before.mtime_ns) == (found.st_size, found.st_mtime_ns)
    if same and before is not None and before.done and not (before.problem and folder.newest >= before.seen_at):
        return None, 0
    name, size, mtime = entry.name, found.st_size, found.st_mtime_ns
    if why := _unfit(found):
        return _Look(name, size, mtime, True, f"{_shown(folder, name)} {why}"), 0
    quiet = now - mtime // 1_000_000_000 >= QUIET_SECONDS
    looked_twice = same and before is not None and now > before.seen_at
    if not quiet and not looked_twice:
        return (None if same else _Look(name, size, mtime, False)), 0
    try:
        data = _read(folder.path / name, size, mtime)
    except OSError as error:
        # Whoever gives the right to read it changes nothing of what was looked at.
        why = error.strerror or type(error).__name__
        return _Look(name, size, mtime, False, f"{_shown(folder, name)} can't be read: {why}."), 0
    if data is None:
        return _Look(name, size, mtime, False), 0
    try:
        return _Look(name, size, mtime, True), _complete(store, folder, name, data)
    except (Unreachable, Locked) as error:
        # No fault of the file's: a full disk, a database that is busy.
        return _Look(name, size, mtime, False, f"{_shown(folder, name)}: {error.message}"), 0
    except CerttuiError as error:
        return _Look(name, size, mtime, True, f"{_shown(folder, name)}: {error.message}"), 0


def _unfit(found: os.stat_result) -> str:
    if stat.S_ISLNK(found.st_mode):
        return "is a symbolic link, which is not followed."
    if not stat.S_ISREG(found.st_mode):
        return "is no ordinary file."
    if found.st_size > MAX_BYTES:
        return f"is larger than {MAX_BYTES:,} octets, so it is no certificate."
    return ""


def _shown(folder: _Folder, name: str) -> str:
    # Bytes of a name that are no UTF-8 (PEP 383) could not be stored.
    return f"{name.encode('utf-8', 'replace').decode('utf-8')} in the watched folder of {folder.authority}"


def _read(path: Path, size: int, mtime_ns: int) -> bytes | None:
    """The content, None where the file is not what was looked at any more. Raises `OSError`."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        data = file.read(MAX_BYTES + 1)
        now = os.fstat(file.fileno())
    if (now.st_size, now.st_mtime_ns) != (size, mtime_ns) or len(data) != size:
        return None
    return data


def _complete(store: OpenStore, folder: _Folder, name: str, data: bytes) -> int:
    """Complete the orders that the file's certificates belong to. Raises `Invalid` for a file that is of no use, and what refuses."""
    from certtui.pki.inspector import Inspector
    from certtui.pki.read import may_hold_secrets, read

    if may_hold_secrets(data):
        raise Invalid("It holds a private key or something encrypted; only certificates are read here.")
    material: Material = read(name, data)
    entries = Inspector().entries(material) if material.certificates else []
    mine = [one for one in entries if one.leaf.spki_sha256 in folder.waiting]
    if not mine:
        if not material.certificates:
            raise Invalid("There is no certificate in it.")
        first = entry_name(material.certificates[0])
        raise Invalid(f"The certificate for {first} belongs to no order that waits.")
    done = 0
    refused: CerttuiError | None = None
    for one in mine:
        try:
            done += _arrive(store, folder.waiting[one.leaf.spki_sha256], NewCertificate(one.leaf, chain=one.chain))
        except (Unreachable, Locked):
            raise
        except CerttuiError as error:
            # An older certificate of the same key, or one that a policy keeps out: the others may be what is waited for.
            refused = refused or error
    if refused is not None and not done:
        raise refused
    return done


def _arrive(store: OpenStore, order_id: int, new: NewCertificate) -> int:
    """One order's certificate; 0 where somebody else was faster."""
    from certtui.backend.local.add import add_within
    from certtui.backend.local.tables_issuing import CertificateOrderTable

    with store.changing() as change:
        row = change.session.get(CertificateOrderTable, order_id)
        if row is None or row.status not in WAITING or row.certificate_id is None:
            return 0
        if row.spki_sha256 != new.x509.spki_sha256:
            return 0
        reason = form_of(row.form, row.reference).reason
        add_within(store, change, [replace(new, csr_id=row.certificate_id, reason=reason)], {})
    return 1


def _known(store: OpenStore, folder: _Folder) -> dict[str, _Known]:
    with store.readers.use() as connection:
        rows = connection.execute(
            "SELECT name, size, mtime_ns, seen_at, done, problem FROM watched_file WHERE authority_id = ?",
            (folder.authority_id,),
        ).fetchall()
    return {name: _Known(size, mtime, at, bool(done), problem) for name, size, mtime, at, done, problem in rows}


def _remember(store: OpenStore, folder: _Folder, looks: Sequence[_Look], gone: set[str], now: int) -> None:
    from certtui.backend.local.tables_issuing import AuthorityTable, WatchedFileTable

    with store.changing() as change:
        if change.session.get(AuthorityTable, folder.authority_id) is None:
            return
        for look in looks:
            key = (folder.authority_id, _key(look.name))
            row = change.session.get(WatchedFileTable, key) or WatchedFileTable(
                authority_id=key[0], name=key[1], size=look.size, mtime_ns=look.mtime_ns, seen_at=now
            )
            row.size, row.mtime_ns, row.seen_at = look.size, look.mtime_ns, now
            row.done, row.problem = int(look.done), look.problem
            change.session.add(row)
        for name in gone:
            row_gone = change.session.get(WatchedFileTable, (folder.authority_id, name))
            if row_gone is not None:
                change.session.delete(row_gone)


def forget_files(change: Change, authority_id: int) -> None:
    """The profile watches another folder from now on, or none."""
    from sqlmodel import col, delete

    from certtui.backend.local.tables_issuing import WatchedFileTable

    change.session.exec(delete(WatchedFileTable).where(col(WatchedFileTable.authority_id) == authority_id))


def _key(name: str) -> str:
    """A file's name as a text that can be stored: bytes that are no UTF-8 are written as escapes."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")
