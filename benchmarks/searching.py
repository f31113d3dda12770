"""A filter that fits three of a million, against reading them all."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing

from benchmarks.estate import RARE, Estate
from benchmarks.measure import Row, compared, in_turns


def rows(estate: Estate, pairs: int) -> Iterator[Row]:
    """A rare substring by the trigram index and by LIKE."""
    from certtui.backend.factory import StoreOptions, open_backend
    from certtui.model.audit import Actor
    from certtui.model.query import Query

    backend = open_backend(
        StoreOptions(str(estate.path), key_file=estate.key_file, read_only=True), actor=Actor("bench", via="cli")
    )

    def ours() -> float:
        start = time.perf_counter()
        with closing(backend.certificates.search(Query(RARE))) as listing:
            listing.wait()
            found = len(listing.rows(0, 50))
        spent = (time.perf_counter() - start) * 1000
        assert found == listing.total, (found, listing.total)
        return spent

    with closing(sqlite3.connect(f"file:{estate.path}?mode=ro", uri=True)) as database, closing(backend):

        def scan() -> float:
            start = time.perf_counter()
            database.execute("SELECT count(*) FROM certificate WHERE search_text LIKE ?", (f"%{RARE}%",)).fetchone()
            return (time.perf_counter() - start) * 1000

        left, right = in_turns(ours, scan, pairs)
    yield compared(f"filter by a rare substring, {estate.count:,} certificates", "a full LIKE scan", 0.05, left, right)
