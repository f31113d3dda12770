"""Reading as somebody whom access lists bind, 10,000 of them in the store, against the same person in a store without lists."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.estate import CACHE, RARE, Estate
from benchmarks.measure import Row, compared, in_turns

if TYPE_CHECKING:
    from certtui.backend.base import Backend

LISTS = 10_000
NAMES = 3
"""People on each list; the one who reads is on every second."""

READER = "svc-web"


def rows(estate: Estate, pairs: int) -> Iterator[Row]:
    """First page, the whole order, a filter, a rare word and the counts, for a viewer of all groups and one of a group."""
    from certtui.model.access import Access, Role

    with tempfile.TemporaryDirectory(dir=CACHE) as folder, ExitStack() as ending:
        listed = Path(folder) / "store.db"
        shutil.copyfile(estate.path, listed)
        group = _lists(listed, estate.count)
        for who, access in (
            ("a viewer", Access(Role.VIEWER)),
            ("a viewer of one group", Access(Role.VIEWER, groups=(group,))),
        ):
            bound, free = (_seen(ending, store, estate.key_file, access) for store in (listed, estate.path))
            for what, act in _acts().items():
                left, right = in_turns(_timed(act, bound), _timed(act, free), pairs)
                yield compared(
                    f"{what} for {who}, {estate.count:,} certificates, {LISTS:,} access lists",
                    "the same without lists", 1.3, left, right,
                )  # fmt: skip


def _acts() -> dict[str, Callable[[Backend], object]]:
    from certtui.model.query import Query, Sort

    def read(text: str, sort: str, *, whole: bool) -> Callable[[Backend], object]:
        def act(backend: Backend) -> object:
            with closing(backend.certificates.search(Query(text, Sort.parse(sort)))) as listing:
                if whole:
                    listing.wait()
                return listing.rows(0, 50)

        return act

    return {
        "first page": read("", "name", whole=False),
        "list, all of its order": read("", "name", whole=True),
        "search by status and days": read("status:active,expiring days<60", "not_after", whole=True),
        "search by a rare substring": read(RARE, "name", whole=True),
        "counts": lambda backend: backend.certificates.overview(),
    }


def _timed(act: Callable[[Backend], object], backend: Backend) -> Callable[[], float]:
    def once() -> float:
        start = time.perf_counter()
        act(backend)
        return (time.perf_counter() - start) * 1000

    return once


def _seen(ending: ExitStack, store: Path, key_file: Path, access: object) -> Backend:
    from certtui.backend.factory import StoreOptions, open_backend
    from certtui.backend.local.backend import LocalBackend
    from certtui.model.access import Access, Identity
    from certtui.model.audit import Actor

    options = StoreOptions(str(store), key_file=key_file, read_only=True)
    backend = ending.enter_context(closing(open_backend(options, actor=Actor("bench", via="cli"))))
    assert isinstance(backend, LocalBackend)
    assert isinstance(access, Access)
    return backend.acting(Identity(Actor(READER), access))


def _lists(store: Path, count: int) -> str:
    """Close every so-manieth certificate to its group; answers with the group that has most entries."""
    step = max(1, count // LISTS)
    with closing(sqlite3.connect(store)) as database, database:
        database.executemany(
            "INSERT INTO acl (id, object_kind, object_id, read_group, use_group, updated_at, owner) VALUES (?, 'certificate', ?, 0, 0, 0, 'ada')",
            ((number, number * step) for number in range(1, LISTS + 1)),
        )
        database.executemany(
            "INSERT INTO acl_name (acl_id, name, may_use) VALUES (?, ?, 0)",
            (
                (number, READER if each == 0 and number % 2 else f"person-{number % 997}-{each}")
                for number in range(1, LISTS + 1)
                for each in range(NAMES)
            ),
        )
        database.execute("PRAGMA optimize")
        found = database.execute(
            "SELECT business_group FROM certificate GROUP BY business_group ORDER BY count(*) DESC LIMIT 1"
        ).fetchone()
    return str(found[0])
