"""Random entries, scopes and access lists: whatever is read, by whatever way, is what the whole store would give, less the rest."""

from __future__ import annotations

import hashlib
import json
import random
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certtui.backend.base import Backend
from certtui.backend.local.audit_chain import canonical, link_hash
from certtui.backend.local.backend import LocalBackend
from certtui.backend.local.read.dialect import install
from certtui.clock import from_epoch
from certtui.errors import Ambiguous, NotFound
from certtui.model.access import Access, Identity, Role
from certtui.model.audit import Actor
from certtui.model.query import Query, Sort
from tests import postgres
from tests.backend import rows
from tests.backend.harness import LocalPostgres, LocalSqlite

GROUPS = ("", "pay", "Pay", "ops", "web'; --")
NAMES = (
    "a.example.com",
    "b.example.com",
    "example.com",
    "*.a.example.com",
    "example.net",
    "badexample.com",
    "example2.com",
    "köln.example",
)
DOMAINS = ("example.com", "a.example.com", "b.example.com", "example.net", "xn--kln-sna.example", "com", "none.test")
FILTERS = (
    "",
    "example",
    "a.example.com",
    "ex",
    "status:active,expiring",
    "status:expired",
    "days<30",
    "group:pay",
    'group:""',
    "!group:ops",
    "san:*.example.com",
    "cn:a*",
    "name:entry",
    "issuer:R3",
    "has:key",
    "used",
    "unused",
    "resource:lb-*",
    "id:1,2,3,4,5,6,7,8,9",
    "created>2020-01-01",
    "pay !example.net",
    "fingerprint:0",
    "key:rsa-*",
)
SORTS = ("name", "-not_after", "status", "group", "id", "-resources", "created")

SCOPES = st.builds(
    Access,
    st.sampled_from(Role),
    st.booleans(),
    st.one_of(st.none(), st.lists(st.sampled_from(GROUPS), min_size=1, max_size=3, unique=True).map(tuple)),
    st.one_of(st.none(), st.lists(st.sampled_from(DOMAINS), min_size=1, max_size=3, unique=True).map(tuple)),
)


LIMITED = ("certificate", "order", "alert", "resource", "repository", "container", "secret")
"""Kinds of objects on record of which somebody may not know."""


@dataclass(frozen=True)
class AccessList:
    """Who reads an entry that is closed to its group."""

    owner: str
    names: tuple[str, ...]
    closed: bool = True

    def hides_from(self, access: Access) -> bool:
        """Whether it hides its entry from carol."""
        return self.closed and access.role < Role.ADMIN and "carol" not in (self.owner, *self.names)


@dataclass(frozen=True)
class Estate:
    """A store of random entries, and what is known of each."""

    backend: LocalBackend
    entries: dict[int, dict[str, object]]
    lists: dict[int, AccessList]

    def open_to(self, access: Access, numbers: set[int]) -> set[int]:
        """Those of these entries, there or gone, that no list hides."""
        return {one for one in numbers if one not in self.lists or not self.lists[one].hides_from(access)}

    def inside(self, access: Access) -> set[int]:
        held = {
            number
            for number, entry in self.entries.items()
            if access.holds(
                str(entry["business_group"]),
                tuple(str(entry["sans"]).split("\n")) if entry["sans"] else (),
                str(entry["common_name"]),
            )
        }
        return self.open_to(access, held)

    def seen_by(self, access: Access) -> Backend:
        return self.backend.acting(Identity(Actor("carol"), access))


@pytest.fixture(
    scope="module",
    params=["sqlite", "sqlite, wide scopes", pytest.param("postgresql", marks=pytest.mark.real("initdb"))],
)
def estate(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    harness = LocalSqlite(tmp_path_factory.mktemp("estate"), clock=rows.CLOCK)
    backend = harness.open(create=True)
    made = random_entries(random.Random(7))
    connection = sqlite3.connect(harness.file, isolation_level=None)
    install(connection)
    rows.insert(connection, made)
    record_events(connection, random.Random(8), len(made))
    lists = random_lists(random.Random(9), [*range(1, len(made) + 1), *range(10_000, 10_300)])
    for number, (entry, one) in enumerate(lists.items(), 1):
        columns = "INSERT INTO acl (id, object_kind, object_id, read_group, owner, updated_at) VALUES "
        connection.execute(f"{columns} (?, 'certificate', ?, ?, ?, 0)", (number, entry, int(not one.closed), one.owner))
        for name in one.names:
            connection.execute("INSERT INTO acl_name (acl_id, name, may_use) VALUES (?, ?, 0)", (number, name))
    with ExitStack() as ending:
        if "wide" in request.param:
            ending.enter_context(pytest.MonkeyPatch.context()).setattr("certtui.backend.local.access_sql._FEW", 5)
        ending.callback(harness.close)
        if request.param == "postgresql":
            served = LocalPostgres(harness.folder, clock=rows.CLOCK).start()
            ending.callback(served.close)
            copy(connection, served)
            backend = served.open()
        connection.close()
        assert isinstance(backend, LocalBackend)
        yield Estate(backend, {number: {"sans": ""} | entry for number, entry in enumerate(made, 1)}, lists)


def copy(connection: sqlite3.Connection, served: LocalPostgres) -> None:
    """The same rows on PostgreSQL."""
    with postgres.cluster().admin(served.name) as there, there.transaction(), there.cursor() as writing:
        writing.execute("DELETE FROM audit_event")
        writing.execute("DELETE FROM audit_head")
        for table in ("certificate", "resource", "association", "audit_event", "audit_head", "acl", "acl_name"):
            cursor = connection.execute(f"SELECT * FROM {table} ORDER BY 1")
            columns = ", ".join(f'"{column[0]}"' for column in cursor.description)
            marks = ", ".join(["%s"] * len(cursor.description))
            writing.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})".encode(), cursor.fetchall())
    served.sql("ANALYZE")


def random_lists(chance: random.Random, entries: list[int]) -> dict[int, AccessList]:
    """Lists on a third of the entries, the gone ones too: some open to the group, some naming carol, some hers."""
    return {
        number: AccessList(
            chance.choice(["", "ada", "ada", "carol"]),
            tuple(chance.choice([(), ("bob",), ("bob", "carol"), ("Carol",)])),
            chance.random() < 0.8,
        )
        for number in entries
        if chance.random() < 0.34
    }


def random_entries(chance: random.Random) -> list[dict[str, object]]:
    made: list[dict[str, object]] = []
    for number in range(1, 161):
        names = chance.sample(NAMES, chance.choice([0, 1, 1, 2, 3]))
        fingerprint = hashlib.sha256(str(number).encode()).hexdigest()
        entry: dict[str, object] = {
            "name": chance.choice(["entry", f"entry-{number}", *NAMES]),
            "common_name": chance.choice([*names, *names, *NAMES, ""]),
            "sans": "\n".join([f"DNS:{name}" for name in names] + chance.choice([[], [], ["IP:192.0.2.1"]])),
            "business_group": chance.choice(GROUPS),
            "issuer": "CN=R3",
            "issuer_name": "R3",
            "key_algorithm": chance.choice(["rsa-2048", "ec-256"]),
            "has_private_key": chance.choice([0, 1]),
            "fingerprint_sha256": fingerprint,
            "spki_sha256": fingerprint[:63] + "0",
            "subject_id": f"{number % 5}" * 64,
            "is_ca": chance.choice([0, 1]),
            "not_after": rows.NOW + chance.choice([-5, 3, 20, 60, 300]) * rows.DAY,
            "revoked_at": chance.choice([None, None, None, rows.NOW - rows.DAY]),
            "resources": chance.sample(["lb-west", "lb-east", "db"], chance.choice([0, 0, 1, 2])),
        }
        if number > 20 and chance.random() < 0.2:
            entry["renews_id"] = chance.randrange(1, number)
        if chance.random() < 0.1:
            entry |= {
                "state": "pending",
                "not_before": None,
                "not_after": None,
                "has_csr": 1,
                "fingerprint_sha256": None,
            }
        made.append(entry)
    return made


def record_events(connection: sqlite3.Connection, chance: random.Random, count: int) -> None:
    """Single and bulk events on entries, on resources and on nothing, by two people."""
    seq, previous = connection.execute("SELECT seq, hash FROM audit_head").fetchone()
    for number in range(300):
        ids = chance.sample(range(1, count + 1), chance.choice([1, 1, 1, 2, 5]))
        kind = chance.choice(["certificate"] * 6 + ["resource", "store", "token"])
        detail: dict[str, object] = {}
        object_id: int | None = ids[0] if kind != "store" else None
        if kind == "certificate" and len(ids) > 1:
            detail, object_id = {"ids": ids}, chance.choice([None, ids[0]])
        if kind == "resource":
            object_id, detail = chance.randrange(1, 4), chance.choice([{}, {"dissociated": ids}])
        if kind == "certificate" and chance.random() < 0.2:
            # An entry that is no more, with the place where it was.
            object_id = 10_000 + number
            detail = {"were": [[object_id, chance.choice(GROUPS), "com.example.a."]]}
        actor = canonical({"name": chance.choice(["ada", "ada", "ada", "carol"])})
        fields = (
            seq + 1,
            rows.NOW,
            f"{kind}.edit.success",
            actor,
            kind,
            object_id,
            f"object {number}",
            canonical(detail),
        )
        previous, seq = link_hash(previous, *fields), seq + 1
        connection.execute(
            "INSERT INTO audit_event (seq, at, event, actor, object_kind, object_id, object_name, detail, prev_hash, hash) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', ?)",
            (*fields, previous),
        )
    connection.execute("UPDATE audit_head SET seq = ?, hash = ?", (seq, previous))


def listed(backend: Backend, text: str = "", sort: str = "name") -> list[int]:
    listing = backend.certificates.search(Query(text, Sort.parse(sort)))
    ids = list(listing.ids())
    assert listing.total == len(ids)
    shown = listing.rows(0, 1000)
    assert [row.id for row in shown] == ids
    return ids


@given(access=SCOPES, text=st.sampled_from(FILTERS), sort=st.sampled_from(SORTS))
def test_every_list_is_the_whole_list_less_what_lies_outside(
    estate: Estate, access: Access, text: str, sort: str
) -> None:
    inside = estate.inside(access)
    whole = listed(estate.backend, text, sort)
    assert listed(estate.seen_by(access), text, sort) == [row_id for row_id in whole if row_id in inside]


@settings(max_examples=15)
@given(access=SCOPES)
def test_counts_count_what_is_inside(estate: Estate, access: Access) -> None:
    view, inside = estate.seen_by(access), estate.inside(access)
    overview = view.certificates.overview()
    assert overview.total == len(inside)
    assert sum(bucket.count for bucket in overview.buckets) == len(inside)
    for bucket in overview.buckets:
        assert len(listed(view, bucket.filter)) == bucket.count
    for bar in overview.expiries[:14]:
        assert len(listed(view, bar.filter)) == bar.count


@settings(max_examples=15)
@given(access=SCOPES)
def test_pages_records_and_references_end_at_the_scope(estate: Estate, access: Access) -> None:
    view, inside = estate.seen_by(access), estate.inside(access)
    assert [one.row.id for one in view.certificates.records(list(estate.entries))] == sorted(inside)
    for number in list(estate.entries)[::7]:
        if number in inside:
            page = view.certificates.get(number)
            assert {member.id for member in page.lineage} <= inside
            assert view.certificates.resolve(f"id:{number}") == number
            continue
        for act in (view.certificates.get, view.certificates.chain, view.certificates.record_view, view.csrs.get):
            with pytest.raises(NotFound):
                act(number)
        with pytest.raises(NotFound):
            view.certificates.resolve(f"id:{number}")
        fingerprint = estate.entries[number]["fingerprint_sha256"]
        if fingerprint:
            with pytest.raises(NotFound):
                view.certificates.resolve(f"fingerprint:{fingerprint}")
    for name in NAMES:
        try:
            found = {view.certificates.resolve(f"name:{name}")}
        except Ambiguous as error:
            found = {number for number, _ in error.candidates}
        except NotFound:
            found = set()
        assert found <= inside


@given(access=SCOPES)
def test_hashes_find_nothing_outside(estate: Estate, access: Access) -> None:
    view, inside = estate.seen_by(access), estate.inside(access)
    known = view.certificates.lookup(
        fingerprints=[
            str(entry["fingerprint_sha256"]) for entry in estate.entries.values() if entry["fingerprint_sha256"]
        ],
        spkis=[str(entry["spki_sha256"]) for entry in estate.entries.values()],
        subject_ids=[f"{number}" * 64 for number in range(5)],
    )
    assert {one.id for one in known} == inside


@settings(max_examples=15)
@given(access=SCOPES)
def test_resources_show_and_count_only_certificates_inside(estate: Estate, access: Access) -> None:
    view, inside = estate.seen_by(access), estate.inside(access)
    there = {row.name: row for row in estate.backend.resources.search(Query()).rows(0, 10)}  # type: ignore[union-attr]
    mine = {row.name: row for row in view.resources.search(Query()).rows(0, 10)}  # type: ignore[union-attr]
    assert list(mine) == list(there)
    for name, row in mine.items():
        used = {number for number, entry in estate.entries.items() if name in entry["resources"]}  # type: ignore[operator]
        resource = view.resources.get(row.id)
        assert {one.id for one in resource.certificates} == used & inside
        assert row.certificate_count == resource.row.certificate_count == len(used & inside)
        ends = [
            int(str(estate.entries[one]["not_after"]))
            for one in used & inside
            if estate.entries[one]["not_after"] is not None and estate.entries[one]["revoked_at"] is None
        ]
        assert row.next_expiry == resource.row.next_expiry == (from_epoch(min(ends)) if ends else None)
        found = {one.id for one in view.resources.search(Query("used")).rows(0, 10)}
        assert (row.id in found) is bool(used & inside)
    sorted_by_use = view.resources.search(Query("", Sort("certificates"))).rows(0, 10)
    assert all(a.certificate_count <= b.certificate_count for a, b in pairwise(sorted_by_use))  # type: ignore[union-attr]


@settings(max_examples=15)
@given(access=SCOPES)
def test_the_log_tells_of_what_is_inside_and_of_ones_own_acts(estate: Estate, access: Access) -> None:
    view, inside = estate.seen_by(access), estate.inside(access)
    listing = view.audit.search(Query("", Sort("id")))
    found = {event.id for event in listing.rows(0, 1000)}
    assert listing.total == len(found)
    for seq in range(1, estate.backend.audit.head().seq + 1):
        event = estate.backend.audit.get(seq)
        detail = json.loads(event.detail)
        ids = detail.get("ids") or ([event.object_id] if event.object_id else [])
        were = {row_id for row_id, group, domain in detail.get("were", ()) if held(access, group, domain)}
        were = estate.open_to(access, were)
        expected = (
            json.loads(event.actor)["name"] == "carol"
            or (event.object_kind == "certificate" and set(ids) <= inside | were)
            or (event.object_kind == "resource" and set(detail.get("dissociated", ())) <= inside)
        ) or (not access.scoped and (access.role is Role.ADMIN or event.object_kind not in LIMITED))
        assert (seq in found) is expected, event
        if not expected and seq % 9 == 0:
            with pytest.raises(NotFound):
                view.audit.get(seq)
    if access.role is Role.ADMIN:
        assert view.audit.verify().first_broken == estate.backend.audit.verify().first_broken


@settings(max_examples=15)
@given(access=SCOPES, limit=st.sampled_from([1, 7, 1000]))
def test_the_feed_names_nothing_outside_and_leaves_nothing_inside_out(
    estate: Estate, access: Access, limit: int
) -> None:
    view, inside = estate.seen_by(access), estate.inside(access)
    seq, changes = 0, []
    while part := view.feed.since(seq, limit):
        assert len(part) <= limit
        changes += part
        seq = part[-1].seq
    if not access.scoped and access.role is Role.ADMIN:
        assert changes == list(estate.backend.feed.since(0))
        return
    expected = {}
    for change in estate.backend.feed.since(0):
        if change.object_kind == "resource" or (not access.scoped and change.object_kind not in LIMITED):
            expected[change.seq] = change.object_ids
        elif change.object_kind == "certificate":
            ids = tuple(one for one in change.object_ids if one in inside)
            if ids:
                expected[change.seq] = ids
    mine = {change.seq: change.object_ids for change in changes if change.object_ids < (10_000,)}
    assert mine == expected
    departed = {one for change in changes for one in change.object_ids if one >= 10_000}
    assert departed == estate.open_to(access, departed)
    assert not access.scoped or all(change.object_ids for change in changes)


def held(access: Access, group: str, domain: str) -> bool:
    assert domain == "com.example.a."
    return access.holds(group, ("DNS:a.example.com",), "")
