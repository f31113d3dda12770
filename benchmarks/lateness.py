"""How late the event loop gets while a job works beside it: what a person feels as a key that hangs."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from benchmarks import material
from benchmarks.estate import CACHE, Estate
from benchmarks.importing import SIZE
from benchmarks.measure import Row, alone

TICK = 0.005
"""Seconds between looks at the clock."""


def rows(estate: Estate, pairs: int) -> Iterator[Row]:
    """The latest tick of each import, in the console with its list open."""
    worst, usual, quiet = asyncio.run(_during_imports(material.folders(pairs + 1, SIZE)))
    ordered = sorted(usual)
    own = max(late - waited for late, waited in zip(usual, _waits[-len(usual) :], strict=True))
    yield alone(
        "event loop lateness during a bulk import", "nothing", 16.0, worst[1:], unit="ms",
        note=f"worst tick of an import, the first (imports) {worst[0]:.0f} ms; 99 % of ticks below "
        f"{ordered[int(len(ordered) * 0.99)]:.1f} ms; with nothing to do the worst was {max(quiet):.1f} ms; "
        f"without what the loop's thread waited for a processor the worst was {own:.1f} ms",
    )  # fmt: skip


async def _during_imports(folders: list[Path]) -> tuple[list[float], list[float], list[float]]:
    from certtui.app import CerttuiApp
    from certtui.backend.factory import StoreOptions, open_backend, open_inspect
    from certtui.model.audit import Actor

    worst: list[float] = []
    usual: list[float] = []
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        options = StoreOptions(f"{scratch}/store.db", create=True)
        app = CerttuiApp(lambda: open_backend(options, actor=Actor("bench")), open_inspect)
        async with app.run_test(size=(80, 24)) as pilot:
            while app.backend is None:
                await pilot.pause(0.01)
            await pilot.pause(0.5)
            quiet = [await _tick() for _ in range(200)]
            for folder in folders:
                late = await _one(app, folder)
                worst.append(max(late))
                usual += late
    return worst, usual, quiet


async def _one(app: object, folder: Path) -> list[float]:
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
    late: list[float] = []
    while not ended.is_set():
        late.append(await _tick())
    return late


_waits: list[float] = []
"""Milliseconds that the loop's thread waited for a processor, tick by tick: on a busy machine that is most of the lateness."""


async def _tick() -> float:
    """How many milliseconds later than asked the loop came back."""
    loop = asyncio.get_running_loop()
    before = _waited()
    due = loop.time() + TICK
    await asyncio.sleep(TICK)
    late = (loop.time() - due) * 1000
    _waits.append(_waited() - before)
    return late


def _waited() -> float:
    """Milliseconds that this thread was ready to run and did not; 0 where the system does not tell."""
    try:
        return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e6
    except (OSError, IndexError):
        return 0.0
