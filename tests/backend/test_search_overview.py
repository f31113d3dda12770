"""The head of the inventory, references, hashes, records in bulk, and the feed of changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certtui.backend.local.read.certificates import open_certificates
from certtui.backend.local.read.feed import LocalFeed
from certtui.backend.local.read.lookup import lookup, resolve_certificate, resolve_resource
from certtui.backend.local.read.overview import MONTHS, overview
from certtui.backend.local.read.records import records
from certtui.backend.local.readers import Readers
from certtui.errors import Ambiguous, NotFound
from certtui.model.query import Query
from certtui.model.status import Status
from tests.backend.rows import CLOCK, DAY, NOW, Row, database, readers


def store(*rows: Row) -> Readers:
    """A store in memory: its one connection goes to one reader at a time."""
    connection = database(rows)
    return Readers(lambda: connection)


def counted(opened: Readers, text: str) -> int | None:
    listing = open_certificates(opened, CLOCK, Query(text))
    assert listing.wait(30)
    return listing.total


OFFSETS = st.integers(-120, 800).map(lambda days: days * DAY) | st.sampled_from(
    [-1, 0, 1, 8 * DAY - 1, 8 * DAY, 31 * DAY, 91 * DAY - 1, 91 * DAY]
)
ENTRIES = st.one_of(
    st.fixed_dictionaries(
        {
            "not_after": OFFSETS.map(lambda offset: NOW + offset),
            "not_before": st.sampled_from([NOW - 900 * DAY, NOW, NOW + 1]),
            "revoked_at": st.sampled_from([None, None, NOW - 5, NOW + 5]),
        }
    ),
    st.sampled_from([{"state": "draft"}, {"state": "pending"}, {"state": "error"}]),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(ENTRIES, max_size=12))
def test_every_bucket_and_bar_counts_what_its_filter_shows(rows: list[Row]) -> None:
    opened = store(*rows)
    head = overview(opened, CLOCK)
    assert head.total == len(rows)
    assert sum(bucket.count for bucket in head.buckets) == len(rows), "the buckets are disjoint and miss nothing"
    for bucket in head.buckets:
        assert counted(opened, bucket.filter) == bucket.count, bucket
    for bar in head.expiries:
        if bar.count:
            assert counted(opened, bar.filter) == bar.count, bar


def test_the_chart_begins_with_this_month_and_goes_on_for_two_years() -> None:
    bars = overview(store(), CLOCK).expiries
    assert len(bars) == MONTHS == 24
    assert (bars[0].year, bars[0].month) == (CLOCK.now().year, CLOCK.now().month)
    assert bars[0].filter == "expires:2027-01 !status:revoked"
    assert (bars[-1].year, bars[-1].month) == (2028, 12)


def test_buckets_that_are_rarely_needed_show_only_when_they_hold_something() -> None:
    usual = ["expired", "7d", "30d", "90d", "active", "revoked", "pending"]
    assert [bucket.key for bucket in overview(store(), CLOCK).buckets] == usual
    head = overview(store({"state": "error"}, {"not_before": NOW + 9}), CLOCK)
    assert {"error", "not_yet_valid"} < {bucket.key for bucket in head.buckets}


# --- references -------------------------------------------------------------------------------------------------------

ENTRIES_BY_NAME = (
    {"name": "api", "fingerprint_sha256": "abcd" + "0" * 60, "fingerprint_sha1": "12" * 20},
    {"name": "Api", "fingerprint_sha256": "abce" + "0" * 60},
    {"name": "web", "fingerprint_sha256": "1234" + "0" * 60},
    {"name": "twin", "fingerprint_sha256": "5678" + "0" * 60},
    {"name": "twin", "fingerprint_sha256": "9" * 64},
    {"name": "3", "fingerprint_sha256": "8" * 64},
    {"name": "abce", "fingerprint_sha256": "7" * 64},
    {"name": "köln", "fingerprint_sha256": None},
)


@pytest.fixture(scope="module")
def named() -> Readers:
    return store(*ENTRIES_BY_NAME)


@pytest.mark.parametrize(
    ("reference", "row_id"),
    [
        ("1", 1),
        (" 2 ", 2),
        ("api", 1),
        ("Api", 2),
        ("WEB", 3),
        ("KÖLN", 8),
        ("abcd", 1),
        ("AB:CD", 1),
        ("1234", 3),
        ("12" * 20, 1),
        ("9" * 64, 5),
        ("id:3", 3),
        ("name:3", 6),
        ("fingerprint:abce", 2),
        ("name:abce", 7),
    ],
)
def test_a_reference_means_one_entry(named: Readers, reference: str, row_id: int) -> None:
    assert resolve_certificate(named, reference) == row_id


@pytest.mark.parametrize(
    ("reference", "candidates"),
    [("twin", (4, 5)), ("3", (3, 6)), ("abce", (2, 7)), ("API", (1, 2))],
)
def test_what_fits_several_lists_them(named: Readers, reference: str, candidates: tuple[int, ...]) -> None:
    with pytest.raises(Ambiguous) as refused:
        resolve_certificate(named, reference)
    assert tuple(row_id for row_id, _ in refused.value.candidates) == candidates
    assert "until 2027-" in refused.value.candidates[0][1]


@pytest.mark.parametrize(
    "reference", ["99", "abc", "nothing", "", "id:api", "name:1", "fingerprint:zz", "6" * 30, "²", "caf\udce9"]
)
def test_what_fits_nothing_is_not_found(named: Readers, reference: str) -> None:
    with pytest.raises(NotFound) as refused:
        resolve_certificate(named, reference)
    assert refused.value.hint


def test_resources_are_named_by_id_or_name() -> None:
    opened = store({"resources": ("lb-west", "2")})
    assert resolve_resource(opened, "LB-West") == 1
    assert resolve_resource(opened, "1") == 1
    assert resolve_resource(opened, "2") == 2
    with pytest.raises(NotFound):
        resolve_resource(opened, "attic")


def test_hashes_find_entries_once_each() -> None:
    opened = store(
        {
            "fingerprint_sha256": "a" * 64,
            "spki_sha256": "b" * 64,
            "subject_id": "c" * 64,
            "has_private_key": 1,
            "is_ca": 1,
        },
        {"fingerprint_sha256": "d" * 64, "spki_sha256": "b" * 64, "subject_id": "c" * 64, "not_after": NOW - 1},
        {"state": "pending", "spki_sha256": "e" * 64},
    )
    known = lookup(opened, CLOCK, fingerprints=["a" * 64, "f" * 64], spkis=["b" * 64])
    assert [(entry.id, entry.status, entry.has_private_key) for entry in known] == [
        (1, Status.ACTIVE, True),
        (2, Status.EXPIRED, False),
    ]
    assert lookup(opened, CLOCK, spkis=["e" * 64])[0].fingerprint_sha256 == ""
    assert [entry.id for entry in lookup(opened, CLOCK, subject_ids=["c" * 64] * 3)] == [1]
    assert lookup(opened, CLOCK, fingerprints=[""], spkis=[""]) == ()
    assert len(lookup(opened, CLOCK, fingerprints=[f"{number:064x}" for number in range(1_200)] + ["a" * 64])) == 1


def test_records_come_in_the_order_asked_without_those_that_are_gone() -> None:
    opened = store(
        {"name": "a", "sans": "DNS:a\nIP:10.0.0.1", "serial_number": "0f", "resources": ("z-lb", "edge")},
        {"name": "b", "state": "draft"},
    )
    found = records(opened, [2, 99, 1], CLOCK.now())
    assert [record.row.name for record in found] == ["b", "a"]
    assert found[1].sans == ("DNS:a", "IP:10.0.0.1")
    assert [resource.name for resource in found[1].resources] == ["edge", "z-lb"]
    assert (found[0].sans, found[0].fingerprint_sha256, found[0].row.days_remaining) == ((), "", None)


# --- the feed ---------------------------------------------------------------------------------------------------------


def test_the_feed_tells_what_changed_and_leaves_out_what_was_only_looked_at(tmp_path: Path) -> None:
    writer = database([], tmp_path / "store.db")
    opened = readers(tmp_path / "store.db")
    feed = LocalFeed(opened)
    assert feed.latest() == 0
    writer.executemany(
        "INSERT INTO audit_event (seq, at, event, object_kind, object_id, detail) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (1, NOW, "certificate.import.success", "certificate", None, '{"digest":"x","ids":[4,5]}'),
            (2, NOW, "certificate.view.accessed", "certificate", 4, "{}"),
            (3, NOW, "certificate.edit.success", "certificate", 4, '{"changed":["name"]}'),
            (4, NOW, "store.rekey.success", "store", None, "{}"),
        ],
    )
    writer.execute("UPDATE audit_head SET seq = 4")
    assert feed.latest() == 4
    changes = feed.since(0)
    assert [(change.seq, change.object_ids) for change in changes] == [(1, (4, 5)), (3, (4,)), (4, ())]
    assert [change.seq for change in feed.since(1)] == [3, 4]
    assert [change.seq for change in feed.since(0, limit=1)] == [1]
    opened.close()
