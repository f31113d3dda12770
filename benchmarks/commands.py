"""What a script pays: one process from start to end, against a Python that does nothing."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator

from benchmarks.estate import Estate
from benchmarks.measure import Row, compared, in_turns
from benchmarks.surroundings import BARE_PYTHON, CERTTUI, environment


def rows(estate: Estate, pairs: int) -> Iterator[Row]:
    """`--version`, and the first page of a list."""
    with environment() as environ:
        page = ["--store", str(estate.path), "list", "--limit", "50"]
        # Processes are short and their times scatter: three times as many pairs.
        for what, arguments, aim in (
            ("certtui --version", ["--version"], 1.25),
            (f"certtui list --limit 50, {estate.count:,} certificates", page, 4.0),
        ):
            ours, theirs = in_turns(
                lambda arguments=arguments: _run([*CERTTUI, *arguments], environ),  # type: ignore[misc]  # bound now
                lambda: _run(BARE_PYTHON, environ),
                pairs * 3,
                warm_up=3,
            )
            yield compared(what, "bare python", aim, ours, theirs)


def _run(argv: list[str], environ: dict[str, str]) -> float:
    start = time.perf_counter()
    done = subprocess.run(argv, env=environ, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    spent = (time.perf_counter() - start) * 1000
    if done.returncode != 0:
        raise RuntimeError(f"{argv} ended with {done.returncode}: {done.stderr.decode(errors='replace')[-500:]}")
    return spent
