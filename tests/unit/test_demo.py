"""The demonstration: every state is in it, it is sound, the same each time, and gone afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest

from certtui.backend.base import Backend
from certtui.backend.factory import open_backend
from certtui.clock import FixedClock
from certtui.demo import demo_store, estate, issue, make_demo, story
from certtui.demo.keys import RSA_KEYS, make_key
from certtui.model.alert import AlertRow
from certtui.model.audit import Actor
from certtui.model.certificate import CertificateRow
from certtui.model.local_ca import CaRow
from certtui.model.order import OrderRow
from certtui.model.policy import PolicyRow
from certtui.model.query import Query, Sort
from certtui.model.repository import RepositoryRow
from certtui.model.status import Status

CLOCK = FixedClock(datetime(2026, 11, 20, 14, 2, tzinfo=timezone.utc))


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """A demonstration, opened."""
    opened = open_backend(make_demo(tmp_path_factory.mktemp("demo"), CLOCK), actor=Actor("olivia"), clock=CLOCK)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def rows(backend: Backend) -> list[CertificateRow]:
    """All its rows."""
    listing = backend.certificates.search(Query())
    found = [row for row in listing.rows(0, 10_000) if isinstance(row, CertificateRow)]
    listing.close()
    return found


def test_a_few_hundred_certificates_are_in_it_in_every_status(rows: list[CertificateRow]) -> None:
    assert 250 <= len(rows) <= 500
    assert {row.status for row in rows} == set(Status)


def test_every_kind_of_thing_is_there(rows: list[CertificateRow]) -> None:
    assert {row.source for row in rows} == {"managed", "imported", "discovered"}
    assert {"rsa-2048", "rsa-4096", "ec-256", "ec-384", "ec-521", "ed25519"} <= {row.key_algorithm for row in rows}
    assert {row.has_private_key for row in rows} == {True, False}
    assert {"acme", "external", "local", ""} == {row.provider for row in rows}
    assert len({row.business_group for row in rows}) > 6
    assert any("\x1b]52" in row.common_name for row in rows)
    assert any(row.common_name.startswith("xn--") for row in rows)
    assert any(row.san_count > 100 for row in rows)
    assert any(not row.common_name and row.san_count for row in rows)
    assert any(row.resource_count for row in rows)


def test_renewals_took_their_resources_over(backend: Backend) -> None:
    listing = backend.certificates.search(Query("billing.example.com"))
    found = [row for row in listing.rows(0, 10) if isinstance(row, CertificateRow) and row.name == "billing"]
    listing.close()
    old, new = sorted(found, key=lambda row: row.id)
    assert (old.resource_count, new.resource_count) == (0, 1)
    assert [entry.relation for entry in backend.certificates.get(new.id).lineage] == ["renewed", "this"]


def test_a_missing_intermediate_is_said(backend: Backend) -> None:
    found = backend.certificates.chain(backend.certificates.resolve("harbour-portal"))
    assert "Harbour Business CA" in found.summary
    assert found.summary.startswith("Incomplete")


def test_the_store_is_sound_and_every_key_opens(backend: Backend) -> None:
    assert [finding for finding in backend.store.check() if not finding.ok] == []


def test_saved_requests_wait(backend: Backend) -> None:
    assert len(backend.csrs.list()) == 4


def test_orders_are_in_it_as_they_go_in_life(backend: Backend) -> None:
    orders = {
        row.name: row for row in backend.orders.search(Query("", Sort("id"))).rows(0, 50) if isinstance(row, OrderRow)
    }
    assert {str(row.status) for row in orders.values()} == {"draft", "pending", "complete", "failed", "cancelled"}
    failed = backend.orders.get(orders["legacy-sftp"].id)
    assert failed.error is not None
    assert "sftp.example.net" in failed.error.words
    waits = backend.orders.get(orders["portal"].id)
    assert waits.row.submitted_at is not None
    assert (CLOCK.now() - waits.row.submitted_at).days >= 15


def test_its_own_ca_stands_below_its_own_root_and_has_a_crl_that_is_in_force(backend: Backend) -> None:
    cas = {row.name: row for row in backend.cas.search(Query("", Sort("name"))).rows(0, 10) if isinstance(row, CaRow)}
    assert cas[story.ISSUING].parent_id == cas[story.ROOT].id
    for row in cas.values():
        crl = row.crl
        assert crl is not None
        assert crl.next_update > CLOCK.now()


def test_one_policy_refuses_and_one_asks_for_a_word(backend: Backend) -> None:
    policies = backend.policies.search(Query("", Sort("name"))).rows(0, 10)
    assert sorted(row.outcome for row in policies if isinstance(row, PolicyRow)) == ["hard", "soft"]


def test_what_needs_a_person_has_raised_its_hand(backend: Backend) -> None:
    alerts = [row for row in backend.alerts.search(Query("", Sort("id"))).rows(0, 500) if isinstance(row, AlertRow)]
    assert {"order_failed", "order_waiting", "policy_finding", "expiring", "chain_incomplete"} <= {
        str(row.kind) for row in alerts
    }
    assert {"open", "acknowledged"} == {str(row.state) for row in alerts}


def test_the_same_clock_gives_the_same_certificates() -> None:
    now = CLOCK.now()
    first = [issue.issue(leaf, now).der for leaf in estate.leaves()]
    issue.authorities.cache_clear()
    assert [issue.issue(leaf, now).der for leaf in estate.leaves()] == first
    assert len(set(first)) == len(first)


def test_no_two_certificates_share_a_key(rows: list[CertificateRow], backend: Backend) -> None:
    keys = [found.spki_sha256 for row in rows if (found := backend.certificates.get(row.id)).spki_sha256]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("kind", ["rsa-2048", "rsa-3072"])
def test_the_rsa_keys_are_rsa_keys(kind: str) -> None:
    for number in range(min(RSA_KEYS[kind], 3)):
        key = make_key(kind, str(number))
        # Loading the numbers again, with every check that was skipped for speed.
        assert key.private_numbers().private_key().key_size == int(kind.removeprefix("rsa-"))


def test_the_store_is_deleted_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("certtui.demo.make_demo", lambda folder, clock: folder)
    with demo_store(CLOCK) as folder:
        place = Path(str(folder))
        assert place.stat().st_mode & 0o777 == 0o700
    assert not place.exists()


def test_certificates_are_filed_by_hand_and_by_themselves(backend: Backend) -> None:
    rows = {row.name: row for row in backend.repositories.search(Query()).rows(0, 9) if isinstance(row, RepositoryRow)}
    assert {name: str(row.state) for name, row in rows.items()} == {
        "edge": "enabled",
        "house certificates": "enabled",
        "old portal": "reset",
    }
    assert rows["edge"].certificates == 2
    assert rows["house certificates"].certificates >= 3
    assert rows["house certificates"].ca_name == story.ISSUING


def test_some_renew_themselves_today_and_some_later(backend: Backend) -> None:
    assert {each.authority for each in backend.renewals.due()} == {"internal", "northwind"}
    assert all(not each.blocked for each in backend.renewals.due())
    listing = backend.certificates.search(Query("auto_renew_days>=1"))
    assert 40 <= len(listing.rows(0, 500)) <= 80
    listing.close()
