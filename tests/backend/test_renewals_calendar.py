"""What renews when: the list, the calendar and the simulation agree with the rules and with each other, over every backend."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from certtui.backend.local.read.renewals import DUE
from certtui.clock import from_epoch
from certtui.errors import Invalid
from certtui.model.access import Access, Identity, Role
from certtui.model.acl import AclForm
from certtui.model.audit import Actor
from certtui.model.authority import AuthorityForm
from certtui.model.certificate import CertificateEdit, Labels
from certtui.model.query import Query, Sort
from certtui.model.renewal import Revoked, Window, due_at
from certtui.model.renewal_calendar import bars
from tests.backend.entries import add, cert
from tests.backend.issuing import complete, external_authority, local_authority
from tests.backend.rows import DAY, NOW, database


def test_the_sql_says_when_as_the_rules_do() -> None:
    dice = random.Random(47)
    rows, windows, knows = [], {}, {}
    for number in range(1, 400):
        life = dice.choice([dice.randint(2, 400), dice.randint(2, 9)]) * DAY + dice.choice([0, -1, -2, 5_000])
        begin = NOW - dice.randint(0, life)
        rows.append(
            {
                "not_before": begin, "not_after": begin + life, "auto_renew_days": dice.choice([1, 7, 30, life // DAY]),
                "revoked_at": None, "created_at": dice.choice([begin, NOW - 600]), "renews_id": dice.choice([None, None, 1]),
            }
        )  # fmt: skip
        if dice.random() < 0.5:
            windows[number] = begin + dice.randint(0, life)
        if dice.random() < 0.2:
            knows[number] = dice.choice(["its own word", "told"])
            rows[-1]["revoked_at"] = NOW - dice.randint(0, 900)
    connection = database(rows)
    for number, chosen in windows.items():
        connection.execute(
            "INSERT INTO renewal (certificate_id, window_start, window_end, window_chosen) VALUES (?, 1, 2, ?)",
            (number, chosen),
        )
    for number, by in knows.items():
        connection.execute(
            "INSERT INTO revocation (certificate_id, authority_knows, renew) VALUES (?, ?, 1)", (number, by)
        )
    worked_out = dict(connection.execute(f"SELECT id, {DUE} FROM certificate"))
    for number, row in enumerate(rows, 1):
        window = None
        if number in windows:
            window = Window(from_epoch(1), from_epoch(2), from_epoch(windows[number]))
        came = None if row["renews_id"] is None else from_epoch(row["created_at"])
        revoked = None
        if number in knows:
            revoked = Revoked(from_epoch(row["revoked_at"]), by_person=knows[number] != "its own word")
        at, _ = due_at(
            from_epoch(row["not_before"]), from_epoch(row["not_after"]), row["auto_renew_days"], window, came, revoked
        )
        assert abs((from_epoch(worked_out[number]) - at).total_seconds()) <= 1, row


@pytest.fixture
def estate(backend, harness):  # type: ignore[no-untyped-def]
    """Due in 15, 15 and 12 days, by two authorities; one that does not renew itself; one whose authority is disabled."""
    local_authority(backend)
    old = local_authority(backend, "old", ca="Issuing")
    for name, days, renew, authority, group in (
        ("a.example.com", 20, 5, "internal", "web"),
        ("b.example.com", 20, 5, "internal", "db"),
        ("c.example.com", 20, 8, "old", "web"),
        ("d.example.com", 20, 0, "internal", "web"),
    ):
        complete(backend, name, authority, days=days, auto_renew_days=renew, labels=Labels(business_group=group))
    add(backend, cert("e.example.com", days=90))
    backend.authorities.edit(old.row.id, backend.authorities.get(old.row.id).row.version, AuthorityForm(enabled=False))
    return backend


def names(backend, text: str = "", sort: str = "due") -> list[str]:  # type: ignore[no-untyped-def]
    listing = backend.renewals.search(Query(text, Sort.parse(sort)))
    try:
        return [row.name.partition(".")[0] for row in listing.rows(0, 50)]
    finally:
        listing.close()


def test_list_and_calendar_tell_one_story(estate, harness) -> None:
    assert names(estate) == ["c", "a", "b"]
    for text, found in (
        ("state:blocked", ["c"]),
        ("state:planned", ["a", "b"]),
        ("state:due,under-way", []),
        ("authority:internal", ["a", "b"]),
        ('authority:""', []),
        ("auto_renew_days>5", ["c"]),
        ("auto_renew_days:5 group:db", ["b"]),
        ("!group:web", ["b"]),
        ("b.example", ["b"]),
    ):
        assert names(estate, text) == found, text
    assert names(estate, sort="-authority") == ["c", "b", "a"]
    calendar = estate.renewals.calendar()
    assert dict(calendar.states) == {"blocked": 1, "due": 0, "under-way": 0, "planned": 2}
    assert [(day.count, day.by) for day in calendar.days] == [(1, (("old", 1),)), (2, (("internal", 2),))]
    for bar in bars(calendar):
        assert len(names(estate, bar.filter)) == bar.load.count, bar.filter
    assert estate.renewals.calendar(10).later == 3
    with pytest.raises(Invalid) as refused:
        estate.renewals.calendar(0)
    assert refused.value.field == "days"
    with pytest.raises(Invalid, match="no key `status`"):
        estate.renewals.search(Query("status:active", Sort("due")))


def test_what_is_due_waits_for_the_worker_or_says_why_it_does_not_go_on(estate, harness) -> None:
    harness.clock.advance(days=16)
    calendar = estate.renewals.calendar()
    assert (calendar.now.count, dict(calendar.states)["due"]) == (3, 2)
    assert calendar.now.by == (("internal", 2), ("old", 1))
    assert (names(estate, "overdue"), names(estate, "state:due")) == (["c", "a", "b"], ["a", "b"])
    first = estate.renewals.search(Query("name:a.example", Sort("due"))).rows(0, 1)[0]
    assert (first.state, first.auto_renew_days, first.blocked) == ("due", 5, "")
    estate.certificates.renew(first.id, first.version)
    # It gave way to its successor, which has a day of peace and then its own time.
    assert names(estate, "overdue") == ["c", "b"]
    blocked = estate.renewals.search(Query("state:blocked", Sort("due"))).rows(0, 9)
    assert [row.blocked for row in blocked] == ["old is disabled."]


def test_an_order_that_waits_outside_is_under_way(backend, harness) -> None:
    local_authority(backend)
    external_authority(backend)
    order = complete(backend, "shop.example.com", days=20, auto_renew_days=5)
    page = backend.certificates.get(order.row.certificate_id)
    from certtui.model.csr import SubjectFields
    from certtui.model.order import OrderForm

    form = OrderForm("globex", SubjectFields("shop.example.com"), ("DNS:shop.example.com",), renews_id=page.id)
    draft = backend.orders.save(form)
    backend.orders.generate(draft.id, draft.version)
    assert names(backend, "state:under-way") == ["shop"]
    row = backend.renewals.search(Query("", Sort("due"))).rows(0, 1)[0]
    assert (row.state, row.order_id) == ("under-way", draft.id)
    assert dict(backend.renewals.calendar().states)["under-way"] == 1


def test_the_simulation_counts_what_lives_and_what_nothing_renews(estate) -> None:
    simulation = estate.renewals.simulate()
    as_is, _, _, d47 = simulation.scenarios
    assert simulation.certificates == 5
    assert (as_is.renewed, as_is.by_hand, as_is.disabled, as_is.no_authority) == (2, 2, 1, 0)
    assert dict(as_is.by) == {"internal": pytest.approx(2 / 15, abs=0.001)}
    assert (as_is.peak, d47.peak) == (2, 2)
    # The imported one lives 90 days, and 47 at most then.
    assert d47.by_hand_a_day == pytest.approx(1 / 20 + 1 / 47, abs=0.001)


def test_whoever_sees_a_part_has_a_calendar_of_that_part(local) -> None:
    backend = local.open(create=True)
    local_authority(backend)
    for name, group in (("a.example.com", "web"), ("b.example.com", "db"), ("c.example.com", "web")):
        complete(backend, name, days=20, auto_renew_days=5, labels=Labels(business_group=group))
    closed = AclForm(read_group=False, use_group=False, users=("ada",))
    backend.acls.set("certificate", backend.certificates.resolve("c.example.com"), 0, closed)
    for access, seen in (
        (Access(Role.VIEWER, groups=("web",)), ["a"]),
        (Access(Role.VIEWER), ["a", "b"]),
        (Access(Role.ADMIN), ["a", "b", "c"]),
    ):
        part = backend.acting(Identity(Actor("eve"), access))
        assert names(part) == seen
        assert [day.count for day in part.renewals.calendar().days] == [len(seen)]
        assert part.renewals.simulate().scenarios[0].renewed == len(seen)
        assert sum(count for _, count in part.renewals.calendar().states) == len(seen)
    # What was renewed by an entry that one does not see is not to be renewed again.
    old = backend.certificates.get(backend.certificates.resolve("a.example.com"))
    order = backend.certificates.renew(old.id, old.version)
    new = backend.certificates.get(order.row.certificate_id or 0)
    backend.certificates.edit(new.id, new.version, CertificateEdit(business_group="db"))
    part = backend.acting(Identity(Actor("eve"), Access(Role.VIEWER, groups=("web",))))
    assert names(part) == []
    assert part.renewals.calendar().total == 0


def test_a_certificate_that_is_revoked_or_has_a_successor_is_in_no_calendar(estate, harness) -> None:
    assert estate.renewals.calendar().total == 3
    page = estate.certificates.get(estate.certificates.resolve("a.example.com"))
    estate.certificates.renew(page.id, page.version)
    calendar = estate.renewals.calendar()
    assert calendar.total == 3
    assert sum(day.count for day in calendar.days) == 3
    assert calendar.until - calendar.as_of < timedelta(days=366)


def test_the_inventory_filters_and_sorts_by_who_renews_it_and_when(estate) -> None:
    def found(text: str, sort: str = "name") -> list[str]:
        listing = estate.certificates.search(Query(f"{text} !is:ca".strip(), Sort.parse(sort)))
        return [row.name.partition(".")[0] for row in listing.rows(0, 50)]

    assert found("authority:internal") == ["a", "b", "d"]
    assert (found('authority:""'), found("authority:o*,nobody")) == (["e"], ["c"])
    assert (found("auto_renew_days:0"), found("auto_renew_days>=8"), found("!auto-renew-days<8")) == (
        ["d", "e"], ["c"], ["c", "d", "e"],
    )  # fmt: skip
    assert found("", "-auto_renew_days")[:3] == ["c", "b", "a"]
    assert found("", "authority")[-2:] == ["c", "e"]
    row = estate.certificates.search(Query("name:c.example")).rows(0, 1)[0]
    assert (row.authority, row.auto_renew_days) == ("old", 8)
