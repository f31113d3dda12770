"""The schema by name, light to import: which revision this code works with, and SQLite's DDL of exactly that revision.

Two places need the DDL without SQLAlchemy: a new store (made in one transaction on the bare driver), and the store that
is not there yet, which answers every read from an empty database in memory. Tests hold `schema.sql` equal to what the
migrations make and to what `tables` declares.
"""

from __future__ import annotations

from pathlib import Path

HEAD = "0015"
"""The schema revision this code works with: the newest migration."""

KNOWN_REVISIONS = frozenset(
    {
        "0001",
        "0002",
        "0003",
        "0004",
        "0005",
        "0006",
        "0007",
        "0008",
        "0009",
        "0010",
        "0011",
        "0012",
        "0013",
        "0014",
        "0015",
    }
)
"""Every revision that this code can bring to HEAD; another one comes from a newer certtui."""

SEARCH_VERSION = 1
"""Version of the search text's normaliser; a store with another one has its search text made again."""

APPLICATION_ID = 0x43545549
"""SQLite's application id of a certtui store: "CTUI"."""

FTS_DDL = (
    "CREATE VIRTUAL TABLE certificate_fts USING fts5("
    "search_text, content='certificate', content_rowid='id', tokenize='trigram case_sensitive 1', columnsize=0)",
    "CREATE TRIGGER certificate_fts_update AFTER UPDATE OF search_text ON certificate "
    "WHEN old.search_text IS NOT new.search_text BEGIN "
    "INSERT INTO certificate_fts(certificate_fts, rowid, search_text) VALUES ('delete', old.id, old.search_text); "
    "INSERT INTO certificate_fts(rowid, search_text) VALUES (new.id, new.search_text); END",
    "CREATE TRIGGER certificate_fts_delete AFTER DELETE ON certificate BEGIN "
    "INSERT INTO certificate_fts(certificate_fts, rowid, search_text) VALUES ('delete', old.id, old.search_text); END",
)
"""SQLite's search index; PostgreSQL has pg_trgm instead."""


def sqlite_ddl() -> str:
    """The script that makes an empty store of revision HEAD, without rows but the audit head's."""
    return (Path(__file__).parent / "schema.sql").read_text(encoding="utf-8")
