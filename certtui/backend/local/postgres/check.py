"""The part of `store check` that PostgreSQL answers in its own way: the database, references, search, rights."""

from __future__ import annotations

from certtui.backend.local.postgres.opening import warnings_of
from certtui.backend.local.postgres.place import PostgresPlace
from certtui.backend.local.postgres.search import INDEX
from certtui.model.store import CheckFinding

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3

    from certtui.backend.local.readers import Readers

_RESTORE = "Bring a backup back with `pg_restore`."


def database(connection: sqlite3.Connection) -> CheckFinding:
    """Every index is valid; pages themselves are looked at by `pg_amcheck` and by data checksums."""
    broken = connection.execute(
        "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
        "JOIN pg_class t ON t.oid = i.indrelid WHERE NOT (i.indisvalid AND i.indisready) "
        "AND t.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = to_regclass('certificate')) ORDER BY 1"
    ).fetchall()
    if broken:
        names = ", ".join(row[0] for row in broken)
        return CheckFinding("database", False, f"Not valid: {names}.", "Make it anew with REINDEX.")
    (version,) = connection.execute("SELECT current_setting('server_version')").fetchone()
    (checked,) = connection.execute("SELECT current_setting('data_checksums')").fetchone()
    return CheckFinding(
        "database",
        True,
        f"PostgreSQL {version}, every index valid, data checksums {checked}; pg_amcheck reads all pages.",
    )


def references(connection: sqlite3.Connection) -> CheckFinding:
    """Every row that refers to another one: what a restore with disabled triggers could have broken."""
    keys = connection.execute(
        "SELECT child.relname, c.conname, own.attname, parent.relname, other.attname FROM pg_constraint c "
        "JOIN pg_class child ON child.oid = c.conrelid JOIN pg_class parent ON parent.oid = c.confrelid "
        "JOIN pg_attribute own ON own.attrelid = c.conrelid AND own.attnum = c.conkey[1] "
        "JOIN pg_attribute other ON other.attrelid = c.confrelid AND other.attnum = c.confkey[1] "
        "WHERE c.contype = 'f' "
        "AND child.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = to_regclass('certificate'))"
    ).fetchall()
    broken, tables = 0, set()
    for table, _, column, parent, key in keys:
        (count,) = connection.execute(
            f"SELECT count(*) FROM {table} a WHERE a.{column} IS NOT NULL "  # noqa: S608 - names of our own schema
            f"AND NOT EXISTS (SELECT 1 FROM {parent} b WHERE b.{key} = a.{column})"
        ).fetchone()
        if count:
            broken += count
            tables.add(table)
    if broken:
        return CheckFinding(
            "references", False, f"{broken} references lead nowhere, in {', '.join(sorted(tables))}.", _RESTORE
        )
    return CheckFinding("references", True, f"All references lead somewhere ({len(keys)} kinds).")


def search_index(connection: sqlite3.Connection) -> CheckFinding:
    """The trigram index is there and in force; the server itself keeps it in step with the rows."""
    row = connection.execute(
        "SELECT i.indisvalid FROM pg_index i WHERE i.indexrelid = to_regclass(?)", (INDEX,)
    ).fetchone()
    if row is None or not row[0]:
        return CheckFinding(
            "search index",
            False,
            "The trigram index over the search text is missing or not valid: searching reads every entry.",
            f"CREATE INDEX {INDEX} ON certificate USING gin (search_text gin_trgm_ops)",
        )
    return CheckFinding("search index", True, "The trigram index is in force.")


def rights(place: PostgresPlace, readers: Readers) -> CheckFinding:
    """The key file's mode, and whether this user may write."""
    said = warnings_of(place, readers)
    if not said:
        return CheckFinding("rights", True, "The key file is private, and this user may write the store.")
    return CheckFinding("rights", False, " ".join(said), "")
