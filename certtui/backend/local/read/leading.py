"""Whether a term of the filter leads a query, or the order of the list does.

SQLite knows nothing of how many rows a range or a text has, and guesses wrong by seconds at a million: walking the name
index for three hits reads every row; sorting 700,000 hits for the first 50 too. So the terms whose index can count are
counted, up to a limit, and the query is written so that it can only be run the right way round.
"""

from __future__ import annotations

from certtui.backend.local.read import dialect

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from certtui.backend.local.read.dialect import Sql
    from certtui.model.filters import Filter, Term

FEW_IN_ORDER = 50_000
"""Rows that an index gives in the order of their ids: 0.1 s to read and sort; more are left to the walk."""

FEW_SCATTERED = 10_000
"""Rows that an index of instants gives: each costs a page of its own."""

_TIMES = frozenset({"status", "days", "expires"})
"""Keys that the index of `not_after` answers together."""

_COUNTED = frozenset({"group", "created", "valid_from", "serial", "fingerprint"})
_ALWAYS_FEW = frozenset({"id", "resource"})


def is_rare(connection: sqlite3.Connection) -> Callable[[str], bool]:
    """A function that tells of folded texts whether few rows hold them; texts the index can't look up are not rare."""
    known: dict[str, bool] = {}

    def rare(text: str) -> bool:
        if len(text) < 3:
            return False
        if text not in known:
            found = "certificate_fts MATCH ?", (dialect.phrase(text),)
            known[text] = _at_most(FEW_IN_ORDER, connection, "certificate_fts", found)
        return known[text]

    return rare


def leading(
    connection: sqlite3.Connection,
    terms: Filter,
    compiled: Callable[[Sequence[Term]], Sql],
    looked_up: Callable[[Term], bool],
) -> tuple[Term, ...]:
    """The terms that shall lead, none for a walk. `looked_up` tells of a text term whether the trigram index narrows it."""
    candidates = [term for term in terms if not term.negated]
    for term in candidates:
        if term.key in _ALWAYS_FEW or looked_up(term):
            return (term,)
    times = tuple(term for term in candidates if term.key in _TIMES)
    groups = [times] if times else []
    groups += [(term,) for term in candidates if term.key in _COUNTED]
    for group in groups:
        limit = FEW_IN_ORDER if group[0].key == "group" else FEW_SCATTERED
        if _at_most(limit, connection, "certificate", compiled(group)):
            return group
    return ()


def _at_most(limit: int, connection: sqlite3.Connection, table: str, condition: Sql) -> bool:
    text, parameters = condition
    counting = f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {text} LIMIT ?)"  # noqa: S608 (texts of this package)
    (count,) = connection.execute(counting, (*parameters, limit + 1)).fetchone()
    return int(count) <= limit
