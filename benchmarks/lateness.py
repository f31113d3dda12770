"""How late the event loop gets while a job works beside it: what a person feels as a key that hangs."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from benchmarks import material
from benchmarks.estate import CACHE, Estate
from benchmarks.importing import SIZE
from benchmarks.measure import Row, alone

TICK = 0.005
"""Seconds between looks at the clock."""

_Tick = tuple[float, float]
"""Milliseconds that the loop came back later than asked, and that threads of this process meanwhile waited for a processor."""


def rows(estate: Estate, pairs: int) -> Iterator[Row]:
    """The latest tick of each import, in the console with its list open."""
    worst, usual, quiet = asyncio.run(_during_imports(material.folders(pairs + 1, SIZE)))
    ordered = sorted(late for late, _ in usual)
    own = max(late - waited for late, waited in usual)
    yield alone(
        "event loop lateness during a bulk import", "nothing", 16.0, worst[1:], unit="ms",
        note=f"worst tick of an import, the first (imports) {worst[0]:.0f} ms; 99 % of ticks below "
        f"{ordered[int(len(ordered) * 0.99)]:.1f} ms; with nothing to do the worst was {max(quiet):.1f} ms; "
        f"less what this process waited for a processor meanwhile, the worst was {own:.1f} ms",
    )  # fmt: skip


async def _during_imports(folders: list[Path]) -> tuple[list[float], list[_Tick], list[float]]:
    from certtui.app import CerttuiApp
    from certtui.backend.factory import StoreOptions, open_backend, open_inspect
    from certtui.model.audit import Actor

    worst: list[float] = []
    usual: list[_Tick] = []
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        options = StoreOptions(f"{scratch}/store.db", create=True)
        app = CerttuiApp(lambda: open_backend(options, actor=Actor("bench")), open_inspect)
        async with app.run_test(size=(80, 24)) as pilot:
            while app.backend is None:
                await pilot.pause(0.01)
            await pilot.pause(0.5)
            quiet = [(await _tick())[0] for _ in range(200)]
            for folder in folders:
                ticks = await _one(app, folder)
                # The first one imports modules, which the aim allows more for.
                usual += ticks if worst else []
                worst.append(max(late for late, _ in ticks))
    return worst, usual, quiet


async def _one(app: object, folder: Path) -> list[_Tick]:
    from certtui.intake import Intake
    from certtui.pauses import no_full_collections

    ended = threading.Event()
    inspect, backend = app.inspect, app.backend  # type: ignore[attr-defined]  # a CerttuiApp, imported late

    def work() -> None:
        try:
            with no_full_collections():  # as work.run_long has it
                Intake(inspect, backend.certificates).run([folder])
        finally:
            ended.set()

    threading.Thread(target=work, daemon=True).start()
    late: list[_Tick] = []
    while not ended.is_set():
        late.append(await _tick())
    return late


async def _tick() -> _Tick:
    loop = asyncio.get_running_loop()
    before = _waits()
    due = loop.time() + TICK
    await asyncio.sleep(TICK)
    late = (loop.time() - due) * 1000
    return late, sum(waited - before.get(thread, 0.0) for thread, waited in _waits().items())


def _waits() -> dict[str, float]:
    """For each thread of this process the milliseconds that it was ready to run and did not; empty where the system tells none.

    All of them: one that has the interpreter's lock and no processor holds up the others.
    """
    found = {}
    for each in Path("/proc/self/task").glob("*/schedstat"):
        with suppress(OSError, IndexError):
            found[each.parent.name] = int(each.read_text().split()[1]) / 1e6
    return found
