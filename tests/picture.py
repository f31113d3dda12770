"""`python -m tests.picture FILE`: the README's picture of the console, taken from the demonstration at a fixed time."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from certtui.app import Settings
from certtui.backend.factory import open_backend, open_inspect
from certtui.clock import FixedClock
from certtui.demo import make_demo
from certtui.model.audit import Actor
from tests.screens.harness import console, press, settle, shot
from tests.screens.memory import NOW
from tests.snapshots import normalised


async def take(size: tuple[int, int] = (112, 30)) -> str:
    """The inventory as SVG, with a row that asks for attention under the cursor."""
    with tempfile.TemporaryDirectory() as folder:
        clock = FixedClock(NOW)
        backend = open_backend(make_demo(Path(folder), clock), actor=Actor("ops"), clock=clock)
        settings = Settings(follow_seconds=0)
        async with console(backend, open_inspect(), size=size, settings=settings) as (app, pilot):
            await press(pilot, *["j"] * 10)
            await settle(pilot)
            picture = normalised(shot(app))
        backend.close()
    return picture


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(asyncio.run(take()), encoding="utf-8")
