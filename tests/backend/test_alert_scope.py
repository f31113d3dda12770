"""Alerts as somebody sees them who sees a part of the store."""

from __future__ import annotations

from datetime import timedelta

import pytest

from certtui.errors import Denied, NotFound
from certtui.model.access import Access, Identity, Role
from certtui.model.audit import Actor
from certtui.model.channel import ChannelForm, WebhookSettings
from certtui.model.query import Query, Sort
from tests.backend.entries import add, cert
from tests.backend.harness import LocalSqlite
from tests.certs import NOW


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real("initdb"))])
def owner(request, tmp_path):
    """A store with two alerts of two groups, and one of a channel."""
    from tests.backend.harness import LocalPostgres

    harness = LocalSqlite(tmp_path / "s") if request.param == "sqlite" else LocalPostgres(tmp_path / "s").start()
    backend = harness.open(create=request.param == "sqlite")
    for number, group in enumerate(("web", "payments")):
        until = NOW + timedelta(days=10)
        made = cert(f"{group}.example.com", not_before=NOW - timedelta(days=400), not_after=until, number=number + 1)
        add(backend, made, business_group=group)
    backend.channels.test(backend.channels.add(ChannelForm("hook", WebhookSettings("http://127.0.0.1:1/"))).id)
    backend.alerts.sweep()
    yield backend
    harness.close()


def seen_by(owner, role: Role = Role.OPERATOR, **limits: tuple[str, ...]):
    return owner.acting(Identity(Actor("eve", credential="token 9"), Access(role, **limits)))


def rows(backend):
    return list(backend.alerts.search(Query("", Sort("id"))).rows(0, 20))


def test_only_what_lies_in_the_scope_is_listed_and_counted(owner) -> None:
    assert [row.object_name for row in rows(owner)] == ["web.example.com", "payments.example.com", "hook"]
    mine = seen_by(owner, groups=("web",))
    assert [row.object_name for row in rows(mine)] == ["web.example.com"]
    assert mine.alerts.open_counts().total == 1
    assert mine.channels.calendar().events == 1
    by_domain = seen_by(owner, domains=("payments.example.com",))
    assert [row.object_name for row in rows(by_domain)] == ["payments.example.com"]


def test_what_lies_outside_can_be_neither_read_nor_handled(owner) -> None:
    mine = seen_by(owner, groups=("web",))
    (own,) = rows(mine)
    other = next(row for row in rows(owner) if row.business_group == "payments")
    for act in (
        lambda: mine.alerts.get(other.id),
        lambda: mine.alerts.acknowledge(other.id, other.version),
        lambda: mine.alerts.resolve(other.id, other.version),
    ):
        with pytest.raises(NotFound):
            act()
    outcome = mine.alerts.acknowledge_many([(own.id, own.version), (other.id, other.version)])
    assert (outcome.done, len(outcome.skipped)) == ((own.id,), 1)
    assert owner.alerts.get(other.id).row.state == "open"
    assert mine.alerts.get(own.id).history[0].who == "eve"


def test_the_feed_and_the_log_tell_of_the_own_alone(owner) -> None:
    mine = seen_by(owner, groups=("web",))
    own, other = rows(owner)[:2]
    told = [change for change in mine.feed.since(0) if change.object_kind == "alert"]
    assert {one for change in told for one in change.object_ids} == {own.id}
    owner.alerts.acknowledge(other.id, other.version)
    owner.alerts.acknowledge(own.id, own.version)
    seen = mine.audit.search(Query("event:alert.acknowledged", Sort("id"))).rows(0, 10)
    assert [event.object_id for event in seen] == [own.id]


def test_who_sees_a_part_looks_for_nothing_and_has_no_channels(owner) -> None:
    mine = seen_by(owner, Role.ADMIN, groups=("web",))
    acts = [
        lambda: mine.alerts.sweep(),
        lambda: mine.channels.list(),
        lambda: mine.channels.test(1),
        lambda: mine.alerts.set_thresholds("", [5]),
        lambda: mine.alerts.set_thresholds("payments", [5]),
    ]
    for act in acts:
        with pytest.raises(Denied):
            act()
    assert [each.business_group for each in mine.alerts.set_thresholds("web", [5])] == ["", "web"]


def test_a_viewer_reads_and_does_nothing(owner) -> None:
    mine = seen_by(owner, Role.VIEWER)
    assert len(rows(mine)) == 3
    with pytest.raises(Denied):
        mine.alerts.acknowledge(1, 1)
    with pytest.raises(Denied):
        mine.channels.list()
