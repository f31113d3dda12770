"""Where SQLite's SQL is not everybody's: text comparison, names, the trigram index. The rest of `read` is common SQL.

A condition is SQL text with `?` for its parameters; what a person typed is only ever a parameter.
"""

from __future__ import annotations

import re

from certtui.model.search_text import fold, u_labels

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

Sql = tuple[str, tuple[object, ...]]
"""SQL text and its parameters, in order."""

EVERYTHING: Sql = ("TRUE", ())
NOTHING: Sql = ("FALSE", ())


def install(connection: sqlite3.Connection) -> None:
    """Give a connection the functions that these conditions call."""
    connection.create_function("certtui_fold", 1, _fold, deterministic=True)
    connection.create_function("certtui_finds", 2, _finds, deterministic=True)
    connection.create_function("certtui_within", 3, _within, deterministic=True)


def equal(column: str, value: str) -> Sql:
    """The column is the value, whatever the case; uses an index with `COLLATE NOCASE`."""
    if value.isascii():
        return f"{column} = ? COLLATE NOCASE", (value,)
    return f"certtui_fold({column}) = ?", (fold(value),)


def one_of(column: str, values: Sequence[str]) -> Sql:
    """The column is exactly one of the values; where it has an index with `COLLATE NOCASE`, by that."""
    marks = ", ".join("?" * len(values))
    return f"{column} COLLATE NOCASE IN ({marks}) AND {column} IN ({marks})", (*values, *values)


def names_within(columns: str, domains: Sequence[str]) -> Sql:
    """All names of the columns `sans, common_name` lie at or below the domains (`certtui.model.domains.within`)."""
    return f"certtui_within({columns}, ?)", ("\n".join(domains),)


def like(column: str, pattern: str) -> Sql:
    """The column fits a pattern of `*` and `?`, whatever the case."""
    return _like(column, "".join(_WILDCARDS.get(char) or _literal(char) for char in pattern))


def contains(column: str, text: str) -> Sql:
    """The column holds the text somewhere, whatever the case."""
    return _like(column, f"%{''.join(map(_literal, text))}%")


def finds(column: str, regex: str) -> Sql:
    """The regular expression (on folded text, line by line) is found in the column, names in either spelling."""
    return f"certtui_finds(?, {column})", (regex,)


def prefix(column: str, digits: str) -> Sql:
    """The column begins with these hexadecimal digits; a range of its index."""
    return f"({column} >= ? AND {column} < ?)", (digits, digits + "g")


def json_text(column: str, key: str) -> str:
    """The text under a key of the JSON object in a column, "" where there is none."""
    return f"CASE WHEN json_valid({column}) THEN coalesce(json_extract({column}, '$.{key}'), '') ELSE {column} END"


def json_items(column: str, key: str) -> str:
    """The items of the array under a key of the JSON object in a column, as a table with a column `value`."""
    return f"json_each(CASE WHEN json_valid({column}) THEN {column} ELSE '{{}}' END, '$.{key}')"


def json_item(column: str, index: int) -> str:
    """An item of the JSON array in a column."""
    return f"json_extract({column}, '$[{index}]')"


def json_number(column: str) -> str:
    """The number that an item of a JSON array is."""
    return f"CAST({column} AS BIGINT)"


def indexed(text: str) -> Sql:
    """The folded text, of three characters or more, stands in the search text: by the trigram index."""
    return "id IN (SELECT rowid FROM certificate_fts WHERE certificate_fts MATCH ?)", (phrase(text),)


def scanned(text: str) -> Sql:
    """The folded text stands in the search text: row by row."""
    return "search_text LIKE ? ESCAPE '\\'", (f"%{''.join(map(_literal, text))}%",)


def phrase(text: str) -> str:
    """A text as one FTS5 string (https://www.sqlite.org/fts5.html, 3.1)."""
    return '"' + text.replace('"', '""') + '"'


def both(conditions: Sequence[Sql]) -> Sql:
    """All of the conditions."""
    if not conditions:
        return EVERYTHING
    return _joined(" AND ", [text for text, _ in conditions]), _parameters(conditions)


def either(conditions: Sequence[Sql]) -> Sql:
    """At least one of the conditions."""
    if len(conditions) == 1:
        return conditions[0]
    return _joined(" OR ", [text for text, _ in conditions]) or "FALSE", _parameters(conditions)


def negated(condition: Sql) -> Sql:
    """Exactly the rows that the condition does not take; also those for which it says NULL."""
    return f"({condition[0]}) IS NOT TRUE", condition[1]


def opaque(condition: Sql) -> Sql:
    """The same condition, but no index is used for it.

    A CASE and not a unary plus, which would have every part of an AND evaluated, the slow ones too.
    """
    return (
        condition if condition == EVERYTHING else (f"CASE WHEN {condition[0]} THEN TRUE ELSE FALSE END", condition[1])
    )


def stream(connection: sqlite3.Connection, statement: Sql) -> sqlite3.Cursor:
    """A cursor for `fetchmany`, within a transaction, that does not bring the whole answer at once."""
    # sqlite3's own cursor goes row by row; PostgreSQL's answer has to be kept on the server.
    found: sqlite3.Cursor = getattr(connection, "stream", connection.execute)(*statement)
    return found


def unindexed(order: str) -> str:
    """The same order, but no index is walked for it."""
    return f"+{order}"


_WILDCARDS = {"*": "%", "?": "_"}


def _like(column: str, pattern: str) -> Sql:
    if pattern.isascii():
        return f"{column} LIKE ? ESCAPE '\\'", (pattern,)
    return f"certtui_fold({column}) LIKE ? ESCAPE '\\'", (fold(pattern),)


def _joined(word: str, texts: Sequence[str]) -> str:
    """Joined by halves: SQLite takes expressions 1,000 levels deep, and reads `a OR b OR c` as one level a word."""
    if len(texts) > _FLAT:
        half = len(texts) // 2
        return f"({_joined(word, texts[:half])}){word}({_joined(word, texts[half:])})"
    return word.join(f"({text})" for text in texts)


_FLAT = 50


def _literal(char: str) -> str:
    return "\\" + char if char in "%_\\" else char


def _parameters(conditions: Sequence[Sql]) -> tuple[object, ...]:
    return tuple(parameter for _, parameters in conditions for parameter in parameters)


def _fold(value: object) -> str:
    return fold(value) if isinstance(value, str) else ""


def _within(sans: object, common_name: object, domains: object) -> bool:
    from certtui.backend.local.certificate_values import split
    from certtui.model.domains import within

    return within(split(str(sans)), str(common_name), str(domains).split("\n"))


def _finds(regex: str, value: object) -> bool:
    if not isinstance(value, str):
        return False
    text = value.lower() if value.isascii() else "\n".join(map(fold, value.split("\n")))
    if re.search(regex, text) is not None:
        return True
    return "xn--" in text and re.search(regex, _decoded(text)) is not None


def _decoded(lines: str) -> str:
    """Every name of a column (`dns:name`, or a name alone) as people write it."""
    parts = (line.rpartition(":") for line in lines.split("\n"))
    return "\n".join(f"{kind}{colon}{u_labels(name)}" for kind, colon, name in parts)
