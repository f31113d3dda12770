"""Making a store in a database: the key file first, then all tables and rows in one transaction."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from certtui.backend.local import events
from certtui.backend.local.audit_chain import actor_json, canonical, link_hash
from certtui.backend.local.postgres.engine import writing_engine
from certtui.backend.local.postgres.place import PostgresPlace
from certtui.backend.local.schema import SEARCH_VERSION
from certtui.backend.local.storage_errors import translated
from certtui.clock import Clock, epoch
from certtui.errors import Conflict, Invalid
from certtui.model.audit import Actor
from certtui.model.secret import Secret

if TYPE_CHECKING:
    from sqlalchemy import Connection

_MAKING = 0x43545549
"""Number of the advisory lock under which a store is made or brought up to date: "CTUI"."""


def create_store(place: PostgresPlace, *, actor: Actor, clock: Clock, passphrase: Secret | None = None) -> None:
    """Make the store. Raises `Conflict` if it is there, `Denied` where the user may not make tables, `Unreachable`."""
    from certtui.backend.local.create import wrapping_row

    with begun(place) as connection:
        require_none(connection, place)
        make_tables(connection)
        now = epoch(clock.now())
        place.store_uid = secrets.token_hex(16)
        wrapping = wrapping_row(place.store_uid, passphrase, place, now)
        insert(connection, "wrapping_key", wrapping)
        insert(connection, "store_meta", _meta(place.store_uid, wrapping, now))
        _record(connection, place.store_uid, str(wrapping["protection"]), actor, now)


@contextmanager
def begun(place: PostgresPlace) -> Iterator[Connection]:
    """One transaction for making or migrating tables; others that want the same wait."""
    engine = writing_engine(place, turns=False)
    try:
        with translated(), engine.begin() as connection:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MAKING})")
            yield connection
    finally:
        engine.dispose()


def require_none(connection: Connection, place: PostgresPlace) -> None:
    """Raises `Conflict` where there is a store, `Invalid` where tables of something else have the names of ours."""
    from certtui.backend.local.all_tables import metadata

    if _there(connection, "store_meta"):
        raise Conflict(f"There is a store at {place.url} already.", "Open it, or name another database.")
    taken = [name for name in (*metadata().tables, "alembic_version") if _there(connection, name)]
    if taken:
        raise Invalid(
            f"The database at {place.url} holds something else: a table called {taken[0]}.",
            "Name an empty database.",
            field="store",
        )


def make_tables(connection: Connection) -> None:
    """All tables, indexes and functions of an empty store, by the migrations."""
    from certtui.backend.local.migrate import migrate

    migrate(connection)


def insert(connection: Connection, table: str, row: dict[str, Any]) -> None:  # Any: column values
    """Put one row in."""
    names, marks = ", ".join(row), ", ".join("%s" for _ in row)
    connection.exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))  # noqa: S608 - our own names


def _there(connection: Connection, table: str) -> bool:
    return bool(connection.exec_driver_sql("SELECT to_regclass(%s) IS NOT NULL", (table,)).scalar())


def _meta(store_uid: str, wrapping: dict[str, str | int | bytes], now: int) -> dict[str, Any]:  # Any: column values
    return {
        "id": 1,
        "store_uid": store_uid,
        "created_at": now,
        "search_version": SEARCH_VERSION,
        "protection": wrapping["protection"],
        "wrapping_key_id": wrapping["id"],
    }


def _record(connection: Connection, store_uid: str, protection: str, actor: Actor, now: int) -> None:
    detail = canonical({"store_uid": store_uid, "protection": protection})
    record = (1, now, events.STORE_CREATED, actor_json(actor), "store", None, "", detail)
    link = link_hash("", *record)
    names = ("seq", "at", "event", "actor", "object_kind", "object_id", "object_name", "detail", "prev_hash", "hash")
    insert(connection, "audit_event", dict(zip(names, (*record, "", link), strict=True)))
    connection.exec_driver_sql("UPDATE audit_head SET seq = 1, hash = %s", (link,))
