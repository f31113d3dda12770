"""The bulk import, with parsing, sealing, indexes and search, against parsing alone on one core."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import material
from benchmarks.estate import CACHE, Estate
from benchmarks.measure import Row, compared, in_turns

SIZE = 5000
"""Certificates of one import: enough that its start does not count."""


def rows(estate: Estate, pairs: int) -> Iterator[Row]:
    """Into an empty store, and into a copy of the large one."""
    # One folder more for the warm-up; each is taken in once.
    given = material.folders(pairs + 1, SIZE)
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        empty = Path(scratch)
        yield _row("into an empty store", 0.6, given, lambda number: empty / f"{number}.db", pairs)
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        copy = Path(scratch) / "store.db"
        shutil.copy2(estate.path, copy)
        shutil.copy2(estate.key_file, copy.with_suffix(".key"))
        yield _row(f"into {estate.count:,}", 0.25, given, lambda _: copy, pairs)


def _row(what: str, aim: float, given: list[Path], store: object, pairs: int) -> Row:
    place = store
    assert callable(place)
    ours = iter(range(len(given)))
    theirs = iter(range(len(given)))

    def import_one() -> float:
        number = next(ours)
        return _import(given[number], place(number))

    left, right = in_turns(import_one, lambda: _parse(given[next(theirs)]), pairs)
    rate = sorted(SIZE / each for each in left)[len(left) // 2] * 1000
    return compared(
        f"bulk import of {SIZE:,} {what}", "parsing alone on one core", aim, left, right, upside_down=True,
        note=f"{rate:,.0f} certificates a second",
    )  # fmt: skip


def _import(folder: Path, store: Path) -> float:
    from certtui.backend.factory import StoreOptions, open_backend, open_inspect
    from certtui.intake import Intake
    from certtui.model.audit import Actor

    backend = open_backend(StoreOptions(str(store), create=True), actor=Actor("bench", via="cli"))
    try:
        start = time.perf_counter()
        report = Intake(open_inspect(), backend.certificates).run([folder])
        spent = (time.perf_counter() - start) * 1000
    finally:
        backend.close()
    assert len(report.imported) == SIZE, (len(report.imported), len(report.rejected), report.rejected[:2])
    return spent


def _parse(folder: Path) -> float:
    """Read and parse every file in this process, and nothing else."""
    from certtui.pki.read import read

    start = time.perf_counter()
    for file in folder.glob("*.pem"):
        read(str(file), file.read_bytes())
    return (time.perf_counter() - start) * 1000
