"""What searching stands on in PostgreSQL: the extension pg_trgm, its index over the search text, and the functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend.local.postgres.functions import function_ddl
from certtui.errors import Denied

if TYPE_CHECKING:
    from sqlalchemy import Connection

INDEX = "ix_certificate_search"


def make_search(connection: Connection) -> None:
    """Extension, functions and index. Raises `Denied` where the extension is missing and this user may not make it."""
    _make_extension(connection)
    make_functions(connection)
    make_index(connection)


def make_index(connection: Connection) -> None:
    """The trigram index; made after many rows came in it costs a third of what it costs to keep while they come."""
    connection.exec_driver_sql(f"CREATE INDEX {INDEX} ON certificate USING gin (search_text gin_trgm_ops)")


def drop_index(connection: Connection) -> None:
    """Until `make_index`, within one transaction: for whoever is about to write very many rows."""
    connection.exec_driver_sql(f"DROP INDEX {INDEX}")


def make_functions(connection: Connection) -> None:
    """The functions of the reading side, in place of older ones."""
    for statement in function_ddl():
        connection.exec_driver_sql(statement.replace("%", "%%"))


def _make_extension(connection: Connection) -> None:
    from sqlalchemy.exc import DBAPIError

    if connection.exec_driver_sql("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'").scalar():
        return
    try:
        with connection.begin_nested():
            connection.exec_driver_sql("CREATE EXTENSION pg_trgm")
    except DBAPIError:
        raise Denied(
            "The database lacks the extension pg_trgm, on which searching stands, and its user may not make it.",
            "Have an administrator run `CREATE EXTENSION pg_trgm` in it once; Debian has it in the package postgresql.",
        ) from None
