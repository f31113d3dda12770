"""What raises each kind of alert on orders, CAs, CRLs, revocations and renewals, by the rows that say so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from certtui.backend.local.backend import LocalBackend
from certtui.backend.local.tables import CertificateTable
from certtui.backend.local.tables_issuing import (
    AuthorityTable,
    CaTable,
    CertificateOrderTable,
    CrlTable,
    RevocationTable,
    WatchedFileTable,
)
from certtui.clock import epoch
from certtui.model.alert import AlertRow
from certtui.model.query import Query, Sort
from tests.backend.entries import add, cert, resource
from tests.backend.harness import LocalPostgres, LocalSqlite
from tests.certs import NOW

AT = epoch(NOW)
DAY = 86_400


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real("initdb"))])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LocalBackend]:
    """A store whose rows may be written."""
    if request.param == "sqlite":
        harness: LocalSqlite | LocalPostgres = LocalSqlite(tmp_path / "store")
        made = harness.open(create=True)
    else:
        harness = LocalPostgres(tmp_path / "store").start()
        made = harness.open()
    yield made
    harness.close()


def put(backend: LocalBackend, *rows: object) -> None:
    """What the parts that own these tables would write."""
    with backend._store.changing() as change:
        for row in rows:
            change.session.add(row)
            change.session.flush()


def entry(backend: LocalBackend, name: str = "www.example.com", days: int = 300, **more: object) -> int:
    made = add(backend, cert(name, not_before=NOW - timedelta(days=400), not_after=NOW + timedelta(days=days)))
    if more:
        with backend._store.changing() as change:
            row = change.session.get(CertificateTable, made.id)
            for key, value in more.items():
                setattr(row, key, value)
            change.session.add(row)
    return made.id


def alerts(backend: LocalBackend) -> list[AlertRow]:
    backend.alerts.sweep()
    return list(backend.alerts.search(Query("state:open", Sort("id"))).rows(0, 20))


def said(backend: LocalBackend) -> list[tuple[str, str]]:
    return [(str(row.kind), str(row.severity)) for row in alerts(backend)]


def order(**values: object) -> CertificateOrderTable:
    usual = {"id": 1, "created_at": AT, "updated_at": AT, "name": "shop", "business_group": "web"}
    return CertificateOrderTable(**{**usual, **values})


def test_a_failed_order_is_told_until_it_is_sent_again(backend) -> None:
    put(backend, order(status="failed", error="The CA said no.", error_words="Not this name.", finished_at=AT))
    (row,) = alerts(backend)
    assert (str(row.kind), row.object_kind, row.object_name, row.detail, row.business_group) == (
        "order_failed", "order", "shop", "The CA said no. Not this name.", "web",
    )  # fmt: skip
    put(backend, order(id=2, status="draft", again_of=1))
    assert alerts(backend) == []


@pytest.mark.parametrize(("days", "severity"), [(1, ""), (3, "info"), (8, "warning"), (40, "critical")])
def test_a_waiting_order_is_told_the_higher_the_longer_it_waits(backend, days: int, severity: str) -> None:
    put(backend, order(status="pending", submitted_at=AT - days * DAY, authority_name="Corp CA"))
    assert said(backend) == ([("order_waiting", severity)] if severity else [])


def ca(certificate_id: int, **values: object) -> CaTable:
    usual = {
        "id": 1,
        "created_at": AT,
        "updated_at": AT,
        "name": "Root",
        "name_key": "root",
        "kind": "root",
        "state": "active",
    }
    return CaTable(certificate_id=certificate_id, **{**usual, **values})


def crl(this: int, next_: int, **values: object) -> CrlTable:
    return CrlTable(
        ca_id=1, delta=0, number="1", this_update=AT + this * DAY, next_update=AT + next_ * DAY, der=b"", **values
    )


def test_a_ca_that_runs_out_is_one_alert_and_not_that_of_a_certificate(backend) -> None:
    put(backend, ca(entry(backend, days=60)))
    (row,) = alerts(backend)
    assert (str(row.kind), str(row.severity), row.level, row.certificate_id) == ("ca_expiring", "warning", 90, None)
    put(backend, ca(entry(backend, "next.example.com", days=300), id=2, name="Next", name_key="next", predecessor_id=1))
    assert "ca_expiring" not in [kind for kind, _ in said(backend)]


@pytest.mark.parametrize(
    ("this", "next_", "more", "kinds"),
    [
        (-1, 6, {}, []),
        (-6, 1, {}, [("crl_expiring", "warning")]),
        (-5, 2, {"external": 1}, [("crl_expiring", "warning")]),
        (-5, 2, {}, []),
        (-9, -2, {}, [("crl_overdue", "critical")]),
    ],
)
def test_a_crl_that_was_not_renewed_is_told_before_and_after_it_ran_out(backend, this, next_, more, kinds) -> None:
    put(backend, ca(entry(backend, days=3000)), crl(this, next_, **more))
    assert said(backend) == kinds


def test_a_crl_that_could_not_be_published_says_why(backend) -> None:
    put(backend, ca(entry(backend, days=3000), publish_error="No room on /srv."), crl(-1, 6))
    (row,) = alerts(backend)
    assert (str(row.kind), row.detail) == ("crl_expiring", "No room on /srv.")


def revoked(certificate_id: int, knows: str, reason: str = "superseded") -> RevocationTable:
    return RevocationTable(certificate_id=certificate_id, reason=reason, authority_knows=knows)


@pytest.mark.parametrize(
    ("knows", "reason", "kinds"),
    [
        ("not told", "superseded", [("ca_not_told", "warning")]),
        ("not told", "keyCompromise", [("ca_not_told", "critical")]),
        ("a person must tell it", "superseded", [("ca_not_told", "warning")]),
        ("told", "keyCompromise", []),
        ("here", "superseded", []),
    ],
)
def test_an_authority_that_does_not_know_is_told_of(backend, knows: str, reason: str, kinds) -> None:
    made = entry(backend, revoked_at=AT - 1)
    put(backend, revoked(made, knows, reason))
    assert said(backend) == kinds


def test_what_is_revoked_and_in_use_is_told_and_nothing_else_of_it(backend) -> None:
    made = entry(backend, days=5)
    backend.resources.associate(made, [resource(backend).row.id])
    with backend._store.changing() as change:
        row = change.session.get(CertificateTable, made)
        row.revoked_at = AT - 1
        change.session.add(row)
    assert said(backend) == [("in_use_revoked", "critical")]


def authority(**values: object) -> AuthorityTable:
    usual = {"id": 1, "created_at": AT, "updated_at": AT, "name": "Corp", "name_key": "corp", "type": "local"}
    return AuthorityTable(**{**usual, **values})


@pytest.mark.parametrize(
    ("authority_id", "days", "expected"),
    [
        (None, 200, ("info", "no authority")),
        (9, 200, ("info", "authority gone")),
        (1, 200, ("info", "authority disabled")),
        (1, 100, ("warning", "authority disabled")),
        (2, 200, None),
    ],
)
def test_a_renewal_that_can_not_work_says_why(backend, authority_id, days, expected) -> None:
    put(backend, authority(enabled=0), authority(id=2, name="Good", name_key="good"))
    entry(backend, days=days, auto_renew_days=120, authority_id=authority_id)
    found = [(str(row.severity), row.detail) for row in alerts(backend)]
    assert found == ([expected] if expected else [])


def test_files_that_fit_nothing_are_one_alert_of_their_profile(backend) -> None:
    files = [
        WatchedFileTable(authority_id=1, name=name, size=1, mtime_ns=1, seen_at=AT, done=1, problem=problem)
        for name, problem in (("a", ""), ("b", "b is a symbolic link."), ("c", "c is no ordinary file."))
    ]
    put(backend, authority(name="globex", name_key="globex"), *files)
    (row,) = alerts(backend)
    assert (str(row.kind), row.object_kind, row.object_id, row.object_name, row.detail) == (
        "watched_folder", "authority", 1, "globex", "b is a symbolic link. +1",
    )  # fmt: skip


def test_a_sweep_takes_its_indexes(backend) -> None:
    """What nearly no entry is, is not looked for in all of them."""
    from certtui.backend.local.alerts_conditions import CONDITIONS, Facts

    if backend._store.place.engine != "sqlite":
        return
    wanted = {
        "weak_key": "ix_certificate_weak_key",
        "weak_digest": "ix_certificate_weak_digest",
        "renewal_blocked": "ix_revocation_renew",
        "cname_broken": "ix_renewal_cname",
        "expiring": "ix_certificate_not_after",
        "in_use_expired": "ix_certificate_",
    }
    with backend._store.readers.use() as connection:
        for condition in CONDITIONS:
            if index := wanted.get(str(condition.kind)):
                statement, parameters = condition.statement(Facts(AT))
                plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]
                assert any(index in step for step in plan), (condition.kind, plan)


def test_weak_is_what_nobody_should_rely_on(backend) -> None:
    names = {
        "rsa-512": True, "rsa-1024": True, "rsa-2047": True, "rsa-2048": False, "rsa-3072": False, "rsa-16384": False,
        "dsa-2048": True, "dsa": True, "ec-192": True, "ec-224": False, "ec-256": False, "ed25519": False,
        "ml-dsa-65": False, "slh-dsa-sha2-128s": False, "": False,
    }  # fmt: skip
    for at, name in enumerate(names):
        made = add(backend, cert(f"{at}.example.com", number=at + 1, not_after=NOW + timedelta(days=300)))
        with backend._store.changing() as change:
            row = change.session.get(CertificateTable, made.id)
            row.key_algorithm = name
            change.session.add(row)
    assert {row.detail for row in alerts(backend)} == {name for name, weak in names.items() if weak}
