"""Is the store whole? Every check says what it found and, where something is wrong, what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from certtui.backend.local import sealed_tables, sealing
from certtui.backend.local.audit import verify_chain
from certtui.backend.local.keyring import CURRENT, wrapping_key_of
from certtui.backend.local.open_store import OpenStore
from certtui.backend.local.opening import warnings_of
from certtui.backend.local.storage_errors import from_sqlite
from certtui.errors import CerttuiError, Interrupted, Locked
from certtui.model.store import CheckFinding

if TYPE_CHECKING:
    from certtui.model.progress import Progress

_RESTORE = "Bring a backup back with `certtui store restore`."
_NAMED_AT_MOST = 5


def check_store(store: OpenStore, progress: Progress | None = None) -> Sequence[CheckFinding]:
    """All checks, in the order of how much depends on them; one that fails does not stop the others."""
    if not store.exists:
        return [
            CheckFinding("store", False, f"There is no store at {store.place.url}.", "`certtui store init` makes one.")
        ]
    with store.readers.use() as connection:
        first, last = _of_the_engine(store, connection)
        checks: list[tuple[str, Callable[[], CheckFinding]]] = [
            *first,
            ("entries", lambda: _entries(connection)),
            ("audit chain", lambda: _audit_chain(connection)),
            ("private keys", lambda: _private_keys(store, connection, progress)),
            *last,
        ]
        findings = []
        for number, (name, check) in enumerate(checks):
            if progress is not None:
                progress(number, len(checks))
            findings.append(_guarded(name, check))
    return findings


_Checks = list[tuple[str, Callable[[], CheckFinding]]]


def _of_the_engine(store: OpenStore, connection: sqlite3.Connection) -> tuple[_Checks, _Checks]:
    """What each engine has checks of its own for: before the common ones, and after."""
    place = store.place
    if place.engine == "postgresql":
        from certtui.backend.local.postgres import check as own

        return [
            ("database", lambda: own.database(connection)),
            ("references", lambda: own.references(connection)),
            ("search index", lambda: own.search_index(connection)),
        ], [("rights", lambda: own.rights(place, store.readers))]
    return [
        ("database", lambda: _database(connection)),
        ("references", lambda: _references(connection)),
        ("search index", lambda: _search_index(store)),
    ], [("file rights", lambda: _file_rights(store))]


def _guarded(name: str, check: Callable[[], CheckFinding]) -> CheckFinding:
    try:
        return check()
    except sqlite3.Error as error:
        said: CerttuiError = from_sqlite(error)
    except CerttuiError as error:
        said = error
    if isinstance(said, Interrupted):
        raise said
    return CheckFinding(name, False, said.message, said.hint)


def _database(connection: sqlite3.Connection) -> CheckFinding:
    problems = [row[0] for row in connection.execute("PRAGMA integrity_check(5)")]
    if problems == ["ok"]:
        return CheckFinding("database", True, "The database is whole.")
    return CheckFinding("database", False, f"The database is damaged: {problems[0]}.", _RESTORE)


def _references(connection: sqlite3.Connection) -> CheckFinding:
    broken = connection.execute("PRAGMA foreign_key_check").fetchall()
    if not broken:
        return CheckFinding("references", True, "All references lead somewhere.")
    tables = ", ".join(sorted({str(row[0]) for row in broken}))
    return CheckFinding("references", False, f"{len(broken)} references lead nowhere, in {tables}.", _RESTORE)


_INCONSISTENT = {
    "have no X.509 though they are issued": "state = '' AND id NOT IN (SELECT certificate_id FROM certificate_der)",
    "say that a key is here, and it is not": "has_private_key = 1 AND id NOT IN (SELECT certificate_id FROM sealed_key)",
    "hold a key and say that they do not": "has_private_key = 0 AND id IN (SELECT certificate_id FROM sealed_key)",
    "count their resources wrongly": "resource_count <> "
    "(SELECT count(DISTINCT resource_id) FROM association a WHERE a.certificate_id = certificate.id)",
}


def _entries(connection: sqlite3.Connection) -> CheckFinding:
    for what, condition in _INCONSISTENT.items():
        count = connection.execute(f"SELECT count(*) FROM certificate WHERE {condition}").fetchone()[0]  # noqa: S608 - constants
        if count:
            return CheckFinding("entries", False, f"{count} entries {what}.", _RESTORE)
    return CheckFinding("entries", True, "Every entry agrees with what belongs to it.")


def _search_index(store: OpenStore) -> CheckFinding:
    from sqlalchemy import text
    from sqlalchemy.exc import DatabaseError

    if store.read_only or not store.recording_reads():
        return CheckFinding("search index", True, "Not checked: that needs the right to write.")
    try:
        with store.writer.transaction() as session:
            # rank 1: against the rows themselves, not only within the index (https://sqlite.org/fts5.html, 6.3).
            session.execute(text("INSERT INTO certificate_fts(certificate_fts, rank) VALUES ('integrity-check', 1)"))
    except (CerttuiError, DatabaseError):
        return CheckFinding("search index", False, "The search index does not agree with the entries.", _RESTORE)
    return CheckFinding("search index", True, "The search index agrees with the entries.")


def _audit_chain(connection: sqlite3.Connection) -> CheckFinding:
    verified = verify_chain(connection)
    if verified.first_broken is None:
        return CheckFinding("audit chain", True, f"All {verified.checked} audit events are linked.")
    return CheckFinding(
        "audit chain", False, verified.problem, "Compare with a head kept elsewhere, and ask who could write the file."
    )


def _private_keys(store: OpenStore, connection: sqlite3.Connection, progress: Progress | None) -> CheckFinding:
    wrapping = wrapping_key_of(connection.execute(CURRENT).fetchone())
    try:
        store_key = store.keyring.open(wrapping)
    except Locked as error:
        return CheckFinding("private keys", False, f"Not checked: {error.message}", error.hint)
    total, broken = 0, []
    for name, opens in opened_keys(connection, wrapping.store_uid, store_key):
        total += 1
        if not opens:
            broken.append(name)
    what = "private keys and secrets" if _has_others(connection) else "private keys"
    if not broken:
        return CheckFinding("private keys", True, f"All {total} {what} open." if total else "No private keys here.")
    shown = ", ".join(broken[:_NAMED_AT_MOST]) + (" …" if len(broken) > _NAMED_AT_MOST else "")
    return CheckFinding("private keys", False, f"{len(broken)} of {total} {what} do not open: {shown}.", _RESTORE)


def _has_others(connection: sqlite3.Connection) -> bool:
    return sealed_tables.count(connection) > int(connection.execute("SELECT count(*) FROM sealed_key").fetchone()[0])


def opened_keys(
    connection: sqlite3.Connection, store_uid: str, store_key: sealing.StoreKey
) -> Iterator[tuple[str, bool]]:
    """(entry's name, whether its sealed key opens) for every sealed key, archived key and secret."""
    for statement in sealed_tables.NAMED:
        for name, key_uid, wrapped, payload in connection.execute(statement):
            try:
                sealing.unseal(sealing.SealedKey(key_uid, wrapped, payload), store_uid, store_key)
            except CerttuiError:
                yield str(name), False
            else:
                yield str(name), True


def _file_rights(store: OpenStore) -> CheckFinding:
    said = warnings_of(store.place, store.readers)
    if not said:
        return CheckFinding("file rights", True, "Store and key file are private and lie on a local disk.")
    return CheckFinding("file rights", False, " ".join(said), "")
