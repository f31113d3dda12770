"""What adding asks of a large embedded store: never a whole table, and as few statements for many as for one."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from tests.backend.entries import cert, new
from tests.backend.harness import LocalSqlite

Said = list[tuple[str, Any]]


@pytest.fixture
def said() -> Iterator[Said]:
    """Every statement of the writing side with its parameters, from here on."""
    statements: Said = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        statements.append((statement, parameters[0] if many else parameters))

    event.listen(Engine, "before_cursor_execute", note)
    yield statements
    event.remove(Engine, "before_cursor_execute", note)


def plan(file: Path, statement: str, parameters: Any) -> list[str]:
    """How SQLite would run a statement."""
    with closing(sqlite3.connect(file)) as connection:
        return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]


def test_adding_reads_no_table_whole_but_those_of_a_few_rows(tmp_path: Path, said: Said) -> None:
    harness = LocalSqlite(tmp_path / "store")
    backend = harness.open(create=True)
    ca = cert("Example CA", ca=True)
    backend.certificates.add([new(cert("a.example.com", issuer=ca), key=True, chain=(ca,)), new(ca)])
    harness.close()
    whole = {
        line
        for statement, parameters in said
        if statement.split()[0] in ("SELECT", "INSERT", "UPDATE", "DELETE")
        for line in plan(harness.file, statement, parameters)
        if re.match(r"SCAN \w+$", line)
    }
    # Tables of one row, and the policies, of which there are a few.
    assert whole <= {"SCAN store_meta", "SCAN audit_head", "SCAN m", "SCAN policy"}


def test_the_saved_csrs_that_wait_are_found_by_their_small_index_alone(tmp_path: Path, said: Said) -> None:
    harness = LocalSqlite(tmp_path / "store")
    harness.open(create=True).certificates.add([new(cert("a.example.com"))])
    harness.close()
    [asked] = [(statement, parameters) for statement, parameters in said if "state = 'pending'" in statement]
    [line] = plan(harness.file, *asked)
    assert line.startswith(
        "SEARCH certificate USING COVERING INDEX ix_certificate_state (state=? AND has_csr=? AND spki"
    )


def test_a_batch_of_many_says_no_more_statements_than_a_batch_of_two(tmp_path: Path, said: Said) -> None:
    harness = LocalSqlite(tmp_path / "store")
    backend = harness.open(create=True)
    counts = []
    for first, count in ((0, 2), (2, 40)):
        said.clear()
        backend.certificates.add(
            [new(cert(f"host-{n}.example.com"), key=n % 2 == 0) for n in range(first, first + count)]
        )
        counts.append(len(said))
    harness.close()
    assert counts[1] == counts[0]
