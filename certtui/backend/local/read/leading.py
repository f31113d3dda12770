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

SHORTEST = 3
"""Characters of a text that a trigram index can look up."""

_TIMES = frozenset({"status", "days", "expires"})
"""Keys that the index of `not_after` answers together."""

_COUNTED = frozenset({"group", "repository", "created", "valid_from", "serial", "fingerprint"})
_BY_ID = frozenset({"group", "repository"})
"""Keys whose index has the rows of one value in the order of their ids."""

_ALWAYS_FEW = frozenset({"id", "resource"})


class Rarity:
    """How many rows hold a folded text, by the trigram index, each text counted once."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._known: dict[str, int] = {}

    def rare(self, text: str) -> bool:
        """Whether few rows hold it; what the index can't look up is not rare."""
        return self.hits(text) <= FEW_IN_ORDER

    def hits(self, text: str) -> int:
        """The number of rows that hold it, counted up to one more than few."""
        if len(text) < SHORTEST:
            return FEW_IN_ORDER + 1
        if text not in self._known:
            found = "certificate_fts MATCH ?", (dialect.phrase(text),)
            self._known[text] = _count(FEW_IN_ORDER, self._connection, "certificate_fts", found)
        return self._known[text]

    def hits_of(self, values: Sequence[Sequence[str]]) -> int:
        """The most rows that a term can take whose values each stand for several texts at once."""
        return sum(min(map(self.hits, parts), default=FEW_IN_ORDER + 1) for parts in values)


def leading(
    connection: sqlite3.Connection,
    terms: Filter,
    compiled: Callable[[Sequence[Term]], Sql],
    hits: Callable[[Term], int],
) -> tuple[Term, ...]:
    """The terms that shall lead, none for a walk. `hits` tells how many rows the trigram index finds for a text term."""
    candidates = [term for term in terms if not term.negated]
    certain = [term for term in candidates if term.key in _ALWAYS_FEW]
    if certain:
        return (certain[0],)
    texts = sorted((hits(term), position) for position, term in enumerate(candidates))
    if texts and texts[0][0] <= FEW_IN_ORDER:
        return (candidates[texts[0][1]],)
    times = tuple(term for term in candidates if term.key in _TIMES)
    groups = [times] if times else []
    groups += [(term,) for term in candidates if term.key in _COUNTED]
    for group in groups:
        limit = FEW_IN_ORDER if group[0].key in _BY_ID else FEW_SCATTERED
        if _count(limit, connection, "certificate", compiled(group)) <= limit:
            return group
    return ()


def _count(limit: int, connection: sqlite3.Connection, table: str, condition: Sql) -> int:
    text, parameters = condition
    counting = f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {text} LIMIT ?) found"  # noqa: S608 (texts of this package)
    (count,) = connection.execute(counting, (*parameters, limit + 1)).fetchone()
    return int(count)
