"""`make bench`: every row of the speed budget, as a table and as JSON.

    python -m benchmarks [--rows 1000000] [--pairs 11] [--only console] [--json FILE]

Nothing here fails when an aim is missed: numbers are for people; guards that can be exact are tests.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import (
    access,
    acme,
    commands,
    console,
    estate,
    importing,
    lateness,
    pki_engine,
    pki_store,
    searching,
    serving,
    sweeping,
)
from benchmarks.measure import PAIRS, Row

PARTS: dict[str, Callable[[estate.Estate, int], Iterator[Row]]] = {
    "commands": commands.rows,
    "console": console.rows,
    "searching": searching.rows,
    "importing": importing.rows,
    "lateness": lateness.rows,
    "serving": serving.rows,
    "pki_engine": pki_engine.rows,
    "pki_store": pki_store.rows,
    "sweeping": sweeping.rows,
    "access": access.rows,
    "acme": acme.rows,
}


def main() -> int:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="The rows of the speed budget.")
    parser.add_argument("--rows", type=int, default=1_000_000, metavar="N", help="certificates in the store")
    parser.add_argument("--pairs", type=int, default=PAIRS, metavar="N", help="pairs of every comparison")
    parser.add_argument("--only", choices=list(PARTS), action="append", help="some parts alone")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where the numbers go (.cache/bench.json)")
    given = parser.parse_args()
    made = estate.cached(given.rows)
    found: list[Row] = []
    for name in given.only or PARTS:
        try:
            for row in PARTS[name](made, given.pairs):
                found.append(row)
                print(line(row), flush=True)
        except Exception as error:  # one part that can't be measured leaves the others
            print(f"  {name}: not measured, {type(error).__name__}: {str(error)[:300]}", file=sys.stderr)
    place = given.json or estate.CACHE / "bench.json"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(document(found, made.count), indent=1) + "\n")
    print(f"\nThe numbers are in {place}.")
    return 0


def line(row: Row) -> str:
    """A row as text."""
    sign = ">=" if row.at_least else "<="
    sides = f"{row.ours:,.1f}" + (f" : {row.theirs:,.1f}" if row.theirs is not None else "")
    told = f"  {row.note}" if row.note else ""
    mark = "met   " if row.met else "MISSED"
    return (
        f"{mark}  {row.ratio:7.3f}  {sign} {row.aim:<5g}  {row.what}, against {row.against}  [{sides} {row.unit}]{told}"
    )


def document(found: list[Row], count: int) -> dict[str, object]:
    """Everything, with what it was measured on."""
    return {
        "certificates": count,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cpus": os.cpu_count(),
        "rows": [row.document() for row in found],
    }


if __name__ == "__main__":
    sys.exit(main())
