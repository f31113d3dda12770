"""Writing many rows by COPY."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any


def copy_rows(connection: Any, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:  # Any: psycopg's, and values
    """Send rows within the transaction that runs; all of them or none."""
    with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
        for row in rows:
            copy.write_row(row)
