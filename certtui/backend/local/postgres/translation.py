"""The reading side's SQL is written once, in SQLite's words (`read.dialect`); here is how PostgreSQL says the same.

Text columns are `COLLATE "C"` there: compared byte by byte as SQLite does, and `lower`, `ILIKE` fold the case of ASCII
alone, which is what NOCASE and LIKE do. What has no counterpart is a function that `functions` makes.
"""

from __future__ import annotations

import re
from functools import lru_cache

SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
"""Several statements that see one state: what a plain BEGIN gives on SQLite."""

_INDEXED = "id IN (SELECT rowid FROM certificate_fts WHERE certificate_fts MATCH ?)"
_COUNTED = "certificate_fts WHERE certificate_fts MATCH ?"
_HOLDS = "search_text LIKE certtui_holding(?)"
_JSON = re.compile(
    r"CASE WHEN json_valid\((\w+)\) THEN coalesce\(json_extract\(\1, '\$\.(\w+)'\), ''\) ELSE \1 END", re.ASCII
)
_JSON_ITEMS = re.compile(r"json_each\(CASE WHEN json_valid\(([\w.]+)\) THEN \1 ELSE '{}' END, '\$\.(\w+)'\)", re.ASCII)
_JSON_ITEM = re.compile(r"json_extract\(([\w.]+), '\$\[(\d+)\]'\)", re.ASCII)
_NOCASE = " COLLATE NOCASE"
_EQUAL_ANY_CASE = " = ? COLLATE NOCASE"
_IN_ANY_CASE = re.compile(r" COLLATE NOCASE IN \(([?, ]+)\)")
_LOWERED = 'lower(?::text COLLATE "C")'


@lru_cache(maxsize=2048)
def translated(sql: str) -> str:
    """A statement for psycopg: its parameters are `%s`."""
    if sql == "BEGIN":
        return SNAPSHOT
    sql = sql.replace(_INDEXED, _HOLDS).replace(_COUNTED, f"certificate WHERE {_HOLDS}")
    if "json" in sql:
        sql = _JSON.sub(r"certtui_json_text(\1, '\2')", sql)
        sql = _JSON_ITEMS.sub(r"certtui_json_items(\1, '\2')", sql)
        sql = _JSON_ITEM.sub(r'((\1 ->> \2) COLLATE "C")', sql)
    # A name in WITH does not mean itself inside: the schema, which has another name here, need not be said.
    sql = sql.replace(" main.", " ").replace(" COLLATE BINARY", ' COLLATE "C"')
    sql = sql.replace(" LIKE ? ESCAPE", " ILIKE ? ESCAPE").replace("search_text ILIKE ?", "search_text LIKE ?")
    return _placeholders(_unindexed(_whatever_case(sql)))


def _whatever_case(sql: str) -> str:
    """`expression COLLATE NOCASE` is `lower(expression)`, and so is what it is compared with."""
    sql = sql.replace(_EQUAL_ANY_CASE, f"{_NOCASE} = {_LOWERED}")
    sql = _IN_ANY_CASE.sub(lambda found: f"{_NOCASE} IN ({found[1].replace('?', _LOWERED)})", sql)
    while (end := sql.find(_NOCASE)) >= 0:
        start = _operand(sql, end)
        sql = f"{sql[:start]}lower({sql[start:end]}){sql[end + len(_NOCASE) :]}"
    return sql


def _operand(sql: str, end: int) -> int:
    """Where the name, mark or call that ends at `end` begins."""
    start = end
    if sql[end - 1] == ")":
        depth = 0
        while True:
            start -= 1
            depth += (sql[start] == ")") - (sql[start] == "(")
            if depth == 0:
                break
    while start and (sql[start - 1].isalnum() or sql[start - 1] in "_.?"):
        start -= 1
    return start


def _unindexed(sql: str) -> str:
    """`ORDER BY +expression`, an order for which no index is walked, is `coalesce(expression, expression)`."""
    marker = "ORDER BY +"
    while (at := sql.find(marker)) >= 0:
        start = end = at + len(marker)
        depth = 0
        while end < len(sql) and not (depth == 0 and (sql[end] == "," or sql.startswith((" DESC", " LIMIT"), end))):
            depth += (sql[end] == "(") - (sql[end] == ")")
            end += 1
        expression = sql[start:end]
        sql = f"{sql[:at]}ORDER BY coalesce({expression}, {expression}){sql[end:]}"
    return sql


def _placeholders(sql: str) -> str:
    """`?` outside of quotes is `%s`; a `%` of the statement itself is doubled."""
    parts = sql.replace("%", "%%").split("'")
    parts[::2] = [part.replace("?", "%s") for part in parts[::2]]
    return "'".join(parts)
