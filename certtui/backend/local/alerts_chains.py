"""Whose issuer is nowhere to be found: told once for each issuer and business group, hung on its oldest living certificate.

Issuers are followed by name hashes through what came along, the inventory and the system's roots, as adding does
(`issuers`), but for all of the store at once: which CAs lead to a root is worked out over the CAs, which are few.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Container, Iterable

from certtui.backend.local.alerts_conditions import Facts
from certtui.model.alert import Severity

Row = tuple[int, int, int, str, str, int, "int | None", str]
"""As `alerts_conditions.COLUMNS` names its parts."""

_CAS = (
    "SELECT DISTINCT subject_id, issuer_id, self_issued FROM certificate WHERE is_ca = 1",
    "SELECT DISTINCT subject_id, issuer_id, self_issued FROM chain_certificate WHERE is_ca = 1",
)
_CHUNK = 500


def incomplete_chains(connection: sqlite3.Connection, facts: Facts, roots: Container[str]) -> list[Row]:
    """The findings, by the id that they hang on. `roots` are the subjects of the system's trust store."""
    leading = leading_to_a_root((row for statement in _CAS for row in connection.execute(statement)), roots)
    living = (
        "SELECT issuer_id, min(id), count(*) FROM certificate "  # noqa: S608 (numbers of ours)
        # Nearly every row is wanted: read as they lie, and not one by one along an index.
        f"WHERE self_issued = 0 AND +not_after >= {facts.now} AND (revoked_at IS NULL OR revoked_at > {facts.now}) "
        "GROUP BY issuer_id, business_group"
    )
    found = {
        oldest: count
        for issuer_id, oldest, count in connection.execute(living)
        if issuer_id not in leading and issuer_id not in roots
    }
    return [
        (row_id, int(Severity.WARNING), 0, name, group, row_id, not_after, _detail(issuer, found[row_id]))
        for row_id, name, group, not_after, issuer in _named(connection, sorted(found))
    ]


def leading_to_a_root(cas: Iterable[tuple[str, str, int]], roots: Container[str]) -> set[str]:
    """The subjects of the CAs (subject, issuer, self-issued) from which a path leads to a self-issued one or a known root."""
    below: dict[str, set[str]] = {}
    good: set[str] = set()
    for subject, issuer, self_issued in cas:
        if self_issued or issuer in roots:
            good.add(subject)
        else:
            below.setdefault(issuer, set()).add(subject)
    waiting = list(good)
    while waiting:
        for subject in below.get(waiting.pop(), ()):
            if subject not in good:
                good.add(subject)
                waiting.append(subject)
    return good


def _named(connection: sqlite3.Connection, ids: list[int]) -> list[tuple[int, str, str, int, str]]:
    rows: list[tuple[int, str, str, int, str]] = []
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        marks = ", ".join("?" * len(chunk))
        statement = f"SELECT id, name, business_group, not_after, issuer_name FROM certificate WHERE id IN ({marks})"  # noqa: S608
        rows += connection.execute(statement, chunk)
    return sorted(rows)


def _detail(issuer: str, count: int) -> str:
    """`R3` for one certificate, `R3 +4` for one and four more."""
    return issuer if count == 1 else f"{issuer} +{count - 1}"
