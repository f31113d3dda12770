"""A list that is opened: frozen order, live rows, the first page at once, the rest behind it."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from certtui.backend.local.read.audit import SORTS as AUDIT_SORTS
from certtui.backend.local.read.audit import open_audit
from certtui.backend.local.read.certificates import SORTS, open_certificates
from certtui.backend.local.read.listing import BATCH, FIRST_PAGE
from certtui.backend.local.read.resources import open_resources
from certtui.backend.local.read.status_conditions import PRECEDENCE
from certtui.backend.local.readers import Readers
from certtui.errors import Interrupted, Invalid, Unreachable
from certtui.model.certificate import CertificateRow
from certtui.model.query import Gone, Query, Sort
from tests.backend.rows import CLOCK, DAY, NOW, database, insert, readers

COUNT = 3_000


class Store:
    """A store on disk with many entries, and its readers."""

    def __init__(self, path: Path, rows: list[dict[str, object]]) -> None:
        self.writer = database(rows, path)
        self.readers = readers(path)

    def open(self, text: str = "", sort: str = "name"):
        return open_certificates(self.readers, CLOCK, Query(text, Sort.parse(sort)))


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Entries that nobody changes."""
    rows = [
        {"name": f"n{(number * 7919) % COUNT:05d}", "business_group": ("", "a", "B", "c")[number % 4],
         "not_after": NOW + (number % 50) * DAY, "common_name": "" if number % 5 else f"c{number}"}
        for number in range(COUNT - 20)
    ]  # fmt: skip
    rows += [{"name": f"draft-{number}", "state": "draft"} for number in range(20)]
    made = Store(tmp_path_factory.mktemp("store") / "many.db", rows)
    yield made
    made.readers.close()


@pytest.fixture
def few(tmp_path: Path) -> Iterator[Store]:
    """More entries than a first page, to be changed by a test."""
    made = Store(tmp_path / "few.db", [{"name": f"n{number:03d}"} for number in range(FIRST_PAGE + 50)])
    yield made
    made.readers.close()


def names(rows: object) -> list[str]:
    return [row.name if isinstance(row, CertificateRow) else f"gone {row.id}" for row in rows]  # type: ignore[attr-defined]


def test_the_first_page_needs_no_thread(many: Store) -> None:
    before = threading.active_count()
    listing = many.open()
    assert len(listing.rows(0, 50)) == 50
    assert threading.active_count() == before
    listing.close()


def test_rows_beyond_the_first_page_wait_for_the_order(many: Store) -> None:
    listing = many.open()
    rows = listing.rows(COUNT - 5, COUNT + 100)
    assert names(rows) == names(listing.rows(0, COUNT))[-5:]
    assert listing.total == COUNT
    listing.close()


def test_the_whole_order_comes_in_pieces_that_fit(many: Store) -> None:
    listing = many.open(sort="id")
    assert listing.wait(30)
    pieces = [row.id for start in range(0, COUNT, 700) for row in listing.rows(start, start + 700)]
    assert pieces == list(listing.ids()) == list(range(1, COUNT + 1))
    assert COUNT > BATCH
    listing.close()


def test_a_short_list_knows_its_total_at_once(many: Store) -> None:
    listing = many.open("status:draft")
    assert listing.total == 20
    assert len(listing.rows(0, 100)) == 20
    assert listing.rows(20, 30) == []
    assert listing.rows(-3, 2) == listing.rows(0, 2)


def test_the_total_is_unknown_until_counted(many: Store) -> None:
    listing = many.open()
    assert listing.total in (None, COUNT)
    assert listing.wait(30)
    assert listing.total == COUNT
    listing.close()


def test_a_row_is_found_by_its_id(many: Store) -> None:
    listing = many.open("!status:draft", "-not_after")
    last = listing.ids()[-1]
    assert listing.position(last) == COUNT - 21
    assert listing.position(listing.ids()[3]) == 3
    assert listing.position(10**9) is None
    listing.close()


def value(row: CertificateRow, field: str) -> object:
    match field:
        case "days" | "not_after":
            return row.not_after
        case "not_before":
            return row.not_before
        case "status":
            return PRECEDENCE.index(row.status)
        case "group" | "issuer" | "contact" | "key" | "resources" | "created":
            names = {"group": "business_group", "contact": "contact_email", "key": "key_algorithm"}
            names |= {"resources": "resource_count", "created": "created_at"}
            found = getattr(row, names.get(field, field))
            return found.lower() if isinstance(found, str) else found
        case _:
            found = getattr(row, field)
            return found.lower() if isinstance(found, str) else found


@pytest.mark.parametrize("field", sorted(SORTS))
@pytest.mark.parametrize("descending", [False, True])
def test_every_field_sorts_both_ways_with_nothing_last_and_ties_by_id(
    many: Store, field: str, descending: bool
) -> None:
    listing = many.open(sort=f"{'-' * descending}{field}")
    rows = [row for row in listing.rows(0, COUNT) if isinstance(row, CertificateRow)]
    assert len(rows) == COUNT
    listing.close()
    keys = [value(row, field) for row in rows]
    present = [key for key in keys if key not in (None, "")]
    assert keys[: len(present)] == present, "what has no value stands last"
    assert present == sorted(present, reverse=descending)  # type: ignore[type-var]
    for row, after, key, next_key in zip(rows, rows[1:], keys, keys[1:], strict=False):
        if key == next_key and field not in ("status",):
            assert (row.id > after.id) == descending


def test_status_sorts_by_precedence_then_by_expiry(many: Store) -> None:
    listing = many.open(sort="status")
    rows = [row for row in listing.rows(0, COUNT) if isinstance(row, CertificateRow)]
    assert str(rows[0].status) == "draft"
    expiring = [row.not_after for row in rows if str(row.status) == "expiring"]
    assert expiring == sorted(expiring)  # type: ignore[type-var]
    listing.close()


def test_what_is_deleted_while_the_list_is_open_is_gone_in_its_place(few: Store) -> None:
    listing = few.open()
    assert listing.wait(30)
    few.writer.execute("DELETE FROM certificate WHERE id IN (2, 150)")
    assert names(listing.rows(0, 3)) == ["n000", "gone 2", "n002"]
    assert listing.rows(149, 150) == [Gone(150)]
    assert listing.total == FIRST_PAGE + 50
    listing.close()


def test_rows_are_as_they_are_now_in_the_order_as_it_was(few: Store) -> None:
    listing = few.open()
    few.writer.execute("UPDATE certificate SET name = 'zzz', name_key = 'zzz', version = 2 WHERE id = 1")
    first = listing.rows(0, 1)[0]
    assert isinstance(first, CertificateRow)
    assert (first.name, first.version) == ("zzz", 2)
    listing.close()


def test_the_page_that_was_shown_stays_when_others_write_before_the_rest_is_read(few: Store) -> None:
    listing = few.open()
    shown = names(listing.rows(0, FIRST_PAGE))
    insert(few.writer, [{"name": "a-new-one"}, {"name": "n999"}])
    few.writer.execute("DELETE FROM certificate WHERE id = 5")
    ids = list(listing.ids())
    assert len(ids) == len(set(ids))
    assert sorted(ids) == list(range(1, FIRST_PAGE + 53))
    now = names(listing.rows(0, FIRST_PAGE))
    assert now[4] == "gone 5"
    assert now[:4] + now[5:] == shown[:4] + shown[5:]
    listing.close()


def test_asked_again_the_list_is_as_of_now(few: Store) -> None:
    listing = few.open()
    few.writer.execute("DELETE FROM certificate WHERE id = 1")
    again = listing.reopen()
    assert names(again.rows(0, 1)) == ["n001"]
    assert again.ids()[0] == 2
    with pytest.raises(Interrupted):
        listing.rows(0, 1)
    again.close()


def test_a_closed_list_gives_nothing_and_closing_twice_is_nothing(few: Store) -> None:
    listing = few.open()
    listing.close()
    listing.close()
    for act in (lambda: listing.rows(0, 1), listing.ids, lambda: listing.position(1), lambda: listing.wait(1)):
        with pytest.raises(Interrupted):
            act()


@pytest.fixture
def slow(few: Store) -> Iterator[tuple[Store, threading.Event, threading.Event]]:
    """A store in which `san:` waits for a gate, once it is past the first page."""
    gate, begun = threading.Event(), threading.Event()
    listing_readers = few.readers

    def connect() -> sqlite3.Connection:
        connection = listing_readers._connect()
        seen = 0

        def finds(_regex: str, _value: object) -> int:
            nonlocal seen
            seen += 1
            if seen > FIRST_PAGE + 10:
                begun.set()
                gate.wait(30)
            return 1

        connection.create_function("certtui_finds", 2, finds)
        return connection

    few.readers = Readers(connect)
    yield few, gate, begun
    gate.set()
    few.readers.close()


def test_closing_breaks_off_the_query_that_runs_for_the_list(slow) -> None:
    store, gate, begun = slow
    listing = store.open("san:*")
    assert listing.total is None
    assert begun.wait(30)
    ended: list[str] = []

    def ask() -> None:
        try:
            listing.ids()
        except Interrupted as error:
            ended.append(error.message)

    waiter = threading.Thread(target=ask)
    waiter.start()
    listing.close()
    waiter.join(30)
    gate.set()
    assert ended


def test_after_an_interrupt_the_list_goes_on_when_it_is_asked_again(slow) -> None:
    store, gate, begun = slow
    listing = store.open("san:*")
    assert len(listing.rows(0, 10)) == 10
    assert listing.total is None
    assert begun.wait(30)
    store.readers.interrupt()
    gate.set()
    with pytest.raises(Interrupted):
        listing.ids()
    assert len(listing.ids()) == FIRST_PAGE + 50
    listing.close()


def test_a_timeout_is_not_the_end(slow) -> None:
    store, gate, begun = slow
    listing = store.open("san:*")
    assert listing.wait(0.001) is False
    assert begun.wait(30)
    gate.set()
    assert listing.wait(30) is True
    listing.close()


def test_a_store_that_was_closed_says_so(few: Store) -> None:
    listing = few.open()
    few.readers.close()
    with pytest.raises(Unreachable):
        listing.rows(0, 1)
    with pytest.raises(Unreachable):
        few.open()


def test_several_threads_read_one_list(many: Store) -> None:
    listing = many.open(sort="id")
    seen: list[list[int]] = []
    threads = [
        threading.Thread(target=lambda start=start: seen.append([row.id for row in listing.rows(start, start + 100)]))
        for start in range(0, COUNT, 500)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(seen) == [list(range(start + 1, start + 101)) for start in range(0, COUNT, 500)]
    listing.close()


# --- other lists ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Readers]:
    path = tmp_path_factory.mktemp("store") / "mixed.db"
    writer = database(
        [
            {"name": "api", "resources": ("lb-west", "edge"), "not_after": NOW + 9 * DAY},
            {"name": "web", "resources": ("lb-west",), "not_after": NOW + 5 * DAY, "revoked_at": NOW - 1},
        ],
        path,
    )
    writer.execute("UPDATE resource SET endpoint = 'Lb.example:443', type = 'load-balancer' WHERE name = 'lb-west'")
    writer.execute(
        "INSERT INTO resource VALUES (9, 1, ?, ?, 'Attic', 'attic', 'file', '', 'behind the rack')", (NOW, NOW)
    )
    writer.executemany(
        "INSERT INTO audit_event (seq, at, event, actor, object_kind, object_id, object_name) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (1, NOW - 2 * DAY, "store.create.success", '{"name":"root","sudo_user":"ada"}', "store", None, ""),
            (2, NOW - DAY, "certificate.view.accessed", '{"name":"j\\u00f6rg"}', "certificate", 1, "api"),
            (3, NOW, "resource.create.success", '{"name":"root"}', "resource", 9, "Attic"),
        ],
    )
    made = readers(path)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "Attic edge lb-west"),
        ("EXAMPLE", "lb-west"),
        ("rack", "Attic"),
        ("unused", "Attic"),
        ("used", "edge lb-west"),
        ("type:load-balancer", "lb-west"),
        ("certificate:web", "lb-west"),
        ("name:e", "edge lb-west"),
        ('name:"edge"', "edge"),
        ("endpoint:443", "lb-west"),
        ("!notes:rack id:9,1", "lb-west"),
    ],
)
def test_resources_are_found(mixed: Readers, text: str, expected: str) -> None:
    rows = open_resources(mixed, CLOCK, Query(text)).rows(0, 50)
    assert [row.name for row in rows] == expected.split()  # type: ignore[union-attr]


def test_a_resource_knows_its_certificates_and_the_next_expiry_of_those_not_revoked(mixed: Readers) -> None:
    row = open_resources(mixed, CLOCK, Query("lb-west")).rows(0, 1)[0]
    assert not isinstance(row, Gone)
    assert row.certificate_count == 2
    assert row.next_expiry is not None
    assert (row.next_expiry - CLOCK.now()).days == 9


@pytest.mark.parametrize(
    "sort", ["name", "type", "-certificates", "next_expiry", "-next_expiry", "created", "id", "endpoint"]
)
def test_resources_sort_by_every_column(mixed: Readers, sort: str) -> None:
    assert len(open_resources(mixed, CLOCK, Query("", Sort.parse(sort))).rows(0, 50)) == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [3, 2, 1]),
        ("view", [2]),
        ("attic", [3]),
        ("event:*.success", [3, 1]),
        ("actor:root", [3, 1]),
        ("actor:ada", [1]),
        ("actor:JÖRG", [2]),
        ("jörg", [2]),
        ("object:api", [2]),
        ("object:resource", [3]),
        ("id:1", [2]),
        ("since:2027-01-14", [3, 2]),
        ("until:2027-01-13", [1]),
        ("since:2027-01-14 until:2027-01-14", [2]),
        ("!actor:root", [2]),
    ],
)
def test_audit_events_are_found_newest_first(mixed: Readers, text: str, expected: list[int]) -> None:
    rows = open_audit(mixed, CLOCK, Query(text, Sort("id", True))).rows(0, 50)
    assert [row.id for row in rows] == expected


@pytest.mark.parametrize("field", sorted(AUDIT_SORTS))
def test_the_audit_log_sorts_by_every_column(mixed: Readers, field: str) -> None:
    assert len(open_audit(mixed, CLOCK, Query("", Sort(field))).rows(0, 50)) == 3


def test_each_list_refuses_the_fields_of_another(mixed: Readers) -> None:
    with pytest.raises(Invalid):
        open_audit(mixed, CLOCK, Query("status:expired", Sort("id")))
    with pytest.raises(Invalid):
        open_resources(mixed, CLOCK, Query("", Sort("not_after")))
