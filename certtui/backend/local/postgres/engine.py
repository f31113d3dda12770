"""The writing engine on PostgreSQL: the writer's one connection, and the lock that every change begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from certtui.backend.local.postgres.place import PostgresPlace

TURN = "SELECT id FROM store_meta FOR UPDATE"
"""Changes take turns, as they do on SQLite by its file's lock: what a change has read is still so when it writes.

Every change ends at the audit log's head, which is one row: they would queue there anyway. Reading waits for nobody.
"""


def writing_engine(place: PostgresPlace, *, turns: bool = True) -> Engine:
    """An engine on one connection, tried before each use; parameters never reach an error's text (`hide_parameters`)."""
    from sqlalchemy import create_engine, event

    engine = create_engine(
        "postgresql+psycopg://",
        creator=place.connect_writing,
        pool_size=1,
        max_overflow=0,
        pool_pre_ping=True,
        hide_parameters=True,
        # Nothing of it is used, and asking for it costs a round trip.
        use_native_hstore=False,
    )
    if turns:

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql(TURN)

    return engine
