"""The three descriptions of the schema agree, and opening a store imports only what it needs."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from certtui.backend.local import schema, tables
from certtui.backend.local.migrate import upgrade
from certtui.model.query import Query
from tests.backend.entries import add, cert
from tests.backend.harness import LocalSqlite


def objects(connection: sqlite3.Connection) -> dict[str, str]:
    """Every table, index and trigger by name, blanks made equal."""
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {name: re.sub(r"\s*([(),])\s*", r"\1", re.sub(r"\s+", " ", sql)) for name, sql in rows}


def of_the_ddl() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.executescript(schema.sqlite_ddl())
    return connection


def test_the_migrations_come_to_what_a_new_store_has(tmp_path) -> None:
    file = tmp_path / "migrated.db"
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA user_version = 1")
    upgrade(file)
    assert objects(connection) == objects(of_the_ddl())
    rows = "SELECT version_num FROM alembic_version"
    assert connection.execute(rows).fetchall() == of_the_ddl().execute(rows).fetchall() == [(schema.HEAD,)]
    head = "SELECT id, seq, hash FROM audit_head"
    assert connection.execute(head).fetchall() == of_the_ddl().execute(head).fetchall()


def test_the_tables_declare_what_a_new_store_has() -> None:
    from sqlalchemy import create_engine

    from certtui.backend.local.all_tables import metadata

    engine = create_engine("sqlite://")
    metadata().create_all(engine)
    with engine.connect() as connection:
        declared = objects(connection.connection.driver_connection)
    made = {
        name: sql for name, sql in objects(of_the_ddl()).items() if "_fts" not in name and name != "alembic_version"
    }
    assert declared == made


@pytest.mark.parametrize("module", sorted(each.stem for each in Path(tables.__file__).parent.glob("tables*.py")))
def test_a_module_of_tables_brings_along_what_its_rows_refer_to(module: str) -> None:
    # A command may write one table and load no other: a round of renewals ended in a crash of SQLAlchemy.
    code = (
        f"import certtui.backend.local.{module}\nfrom sqlmodel import SQLModel\n"
        "print(*(str(key.column) for table in SQLModel.metadata.tables.values() for key in table.foreign_keys))"
    )
    run = subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_the_newest_migration_is_the_one_the_code_names() -> None:
    from alembic.script import ScriptDirectory

    from certtui.backend.local.migrate import alembic_config

    scripts = ScriptDirectory.from_config(alembic_config())
    assert scripts.get_heads() == [schema.HEAD]
    assert {one.revision for one in scripts.walk_revisions()} == schema.KNOWN_REVISIONS


def test_migrating_what_is_there_already_changes_nothing(local: LocalSqlite) -> None:
    backend = local.open(create=True)
    outcome = add(backend, cert())
    upgrade(local.file)
    assert backend.certificates.get(outcome.id).x509 == cert().facts


def test_search_texts_of_another_normaliser_are_made_again_on_opening(local: LocalSqlite) -> None:
    backend = local.open(create=True)
    add(backend, cert("needle.example.com"))
    connection = sqlite3.connect(local.file)
    connection.executescript("UPDATE certificate SET search_text = 'old'; UPDATE store_meta SET search_version = 0")
    connection.close()
    assert list(local.open(read_only=True).certificates.search(Query("needle")).rows(0, 5)) == []
    assert len(local.open().certificates.search(Query("needle")).rows(0, 5)) == 1
    assert all(one.ok for one in local.open().store.check())


def test_deleting_an_entry_leaves_nothing_of_it_in_the_search_index(local: LocalSqlite) -> None:
    backend = local.open(create=True)
    page = backend.certificates.get(add(backend, cert()).id)
    backend.certificates.delete(page.id, page.version)
    assert next(one for one in backend.store.check() if one.check == "search index").ok


HEAVY = ("sqlalchemy", "sqlmodel", "alembic", "cryptography", "pydantic", "httpx", "textual", "asyncio")

LISTING = """
import sys
from certtui.backend.factory import StoreOptions, open_backend
from certtui.model.audit import Actor
from certtui.model.query import Query
backend = open_backend(StoreOptions({url!r}), actor=Actor("ada"))
rows = backend.certificates.search(Query("example")).rows(0, 50)
assert len(rows) == {rows}, rows
backend.certificates.overview()
backend.feed.latest()
{more}
backend.close()
print(*[name for name in {heavy!r} if name in sys.modules])
"""


def imported(url: str, rows: int, more: str = "") -> list[str]:
    code = LISTING.format(url=url, rows=rows, more=more, heavy=HEAVY)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.parametrize("more", ["", "backend.certificates.get(1)", "backend.store.status()", "backend.csrs.list()"])
def test_reading_imports_nothing_heavy(local: LocalSqlite, more: str) -> None:
    add(local.open(create=True), cert())
    assert imported(str(local.file), 1, more) == []


def test_a_store_that_is_not_there_imports_nothing_heavy(local: LocalSqlite) -> None:
    assert imported(str(local.file), 0) == []


def test_a_store_is_made_without_alembic(local: LocalSqlite) -> None:
    code = f"""
import sys
from certtui.backend.factory import StoreOptions, open_backend
from certtui.model.audit import Actor
open_backend(StoreOptions({str(local.file)!r}, create=True), actor=Actor("ada")).close()
print(*[name for name in {HEAVY!r} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
