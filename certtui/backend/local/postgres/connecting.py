"""Connections to PostgreSQL as certtui uses them: limits in time, one encoding, texts with NUL."""

from __future__ import annotations

from certtui.backend.local.postgres.address import Address, psycopg
from certtui.backend.local.postgres.errors import from_connecting, from_psycopg
from certtui.errors import Unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from psycopg import Connection

CONNECT_SECONDS = 10
LOCK_MS = 10_000
"""How long a change waits for another one before it gives up; as long as on SQLite."""

READ_MS = 120_000
"""How long one reading statement may run: a sort of millions takes seconds, a runaway must end."""

ABANDONED_MS = 600_000
"""How long a transaction may lie idle: a console that was stopped must not hold back the clean-up of old rows for ever."""

_ALIVE = {"keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3", "tcp_user_timeout": "30000"}
"""Seconds and milliseconds after which a connection into the void is known to be dead."""


def connect(address: Address, *, reading: bool) -> Connection[Any]:  # Any: rows of any shape
    """A connection in autocommit for reading, whose transactions can't write; else one for a change.

    Raises `Unreachable`, `Unsupported` for a database that is not in UTF-8.
    """
    driver = psycopg()
    given = driver.conninfo.conninfo_to_dict(address.uri)
    options = {"connect_timeout": str(CONNECT_SECONDS), "application_name": "certtui", **_ALIVE}
    missing = {key: value for key, value in options.items() if key not in given}
    try:
        connection = driver.connect(
            address.uri,
            autocommit=reading,
            # A plan for these very values each time: one for any value would walk the wrong index.
            prepare_threshold=None if reading else 5,
            client_encoding="UTF8",
            **missing,
        )
    except driver.Error as error:
        raise from_connecting(error, address.shown) from None
    try:
        _prepare(connection, reading)
    except driver.Error as error:
        connection.close()
        raise from_psycopg(error) from None
    except BaseException:
        connection.close()
        raise
    return connection  # type: ignore[no-any-return]  # the driver is a module found at run time


def _prepare(connection: Connection[Any], reading: bool) -> None:  # Any: as above
    from certtui.backend.local.postgres.nul import install

    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise Unsupported(
            f"The database is encoded in {encoding}; certificates hold names in every script.",
            "Make one with `createdb --encoding=UTF8 --template=template0`.",
        )
    install(connection)
    settings = [f"SET idle_in_transaction_session_timeout = {ABANDONED_MS}"]
    if reading:
        settings += ["SET default_transaction_read_only = on", f"SET statement_timeout = {READ_MS}"]
    else:
        settings += [
            f"SET lock_timeout = {LOCK_MS}",
            "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED",
        ]
    connection.execute("; ".join(settings))
    if not reading:
        connection.commit()
