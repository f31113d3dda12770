"""A sweep for alerts over the whole estate, against reading once what sweeps ask of every certificate."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from benchmarks.estate import CACHE, Estate
from benchmarks.measure import Row, compared, in_turns
from certtui.clock import Clock, FixedClock

COLUMNS = (
    "id, name, name_key, business_group, not_before, not_after, expiring_from, revoked_at, resource_count, key_algorithm, "
    "signature_digest, spki_sha256, subject_id, issuer_id, is_ca, self_issued, renews_id, authority_id, auto_renew_days"
)
"""What the conditions of all kinds ask of a certificate."""


def rows(estate: Estate, pairs: int) -> Iterator[Row]:
    """The first sweep, which writes every alert; later ones an hour apart, which find those open."""
    from certtui.backend.factory import StoreOptions, open_backend
    from certtui.model.audit import Actor

    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        store = Path(folder) / "store.db"
        shutil.copyfile(estate.path, store)
        clock = FixedClock(Clock().now())
        options = StoreOptions(str(store), key_file=estate.key_file)
        with (
            closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as database,
            closing(open_backend(options, actor=Actor("bench", via="cli"), clock=clock)) as backend,
        ):

            def read() -> float:
                start = time.perf_counter()
                for _ in database.execute(f"SELECT {COLUMNS} FROM certificate"):
                    pass
                return (time.perf_counter() - start) * 1000

            def sweep() -> float:
                clock.advance(seconds=timedelta(hours=1).total_seconds())
                start = time.perf_counter()
                backend.alerts.sweep()
                return (time.perf_counter() - start) * 1000

            read()
            first, reading = sweep(), read()
            standing = backend.alerts.open_counts().total
            left, right = in_turns(sweep, read, pairs)
    against = "reading once what it asks of each"
    what = f"alert sweep over {estate.count:,} certificates"
    yield compared(f"{what}, the first", against, 20, [first], [reading], note=f"{standing:,} alerts opened")
    yield compared(f"{what}, later ones", against, 2, left, right, note=f"{standing:,} alerts open")
