"""How tests drive the console: `console(...)` starts it, `settle(pilot)` waits, `shot(app)` draws it.

async with console(MemoryBackend(30), size=(80, 24)) as (app, pilot):
    await settle(pilot)
    await pilot.press("j")
    await settle(pilot)
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot

from certtui.app import CerttuiApp, Settings
from certtui.clock import FixedClock
from tests.screens.memory import NOW, MemoryBackend


@asynccontextmanager
async def console(
    backend: Any = None,  # Any: whatever stands behind the seam in this test
    inspect: Any = None,
    *,
    size: tuple[int, int] = (80, 24),
    settings: Settings | None = None,
    open_backend: Callable[[], Any] | None = None,
    settled: bool = True,
) -> AsyncIterator[tuple[CerttuiApp, Pilot[int]]]:
    """The console over this backend, with a frozen clock, no following and no blinking; errors that no one foresaw fail the test."""
    backend = MemoryBackend() if backend is None else backend
    settings = settings or Settings(follow_seconds=0)
    app = CerttuiApp(open_backend or (lambda: backend), lambda: inspect, settings=settings, clock=FixedClock(NOW))
    async with app.run_test(size=size) as pilot:
        if settled:
            await settle(pilot)
        yield app, pilot
    assert app.unexpected == []


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys one after the other, as somebody does who looks at the screen in between."""
    for key in keys:
        await burst(pilot, key)


async def burst(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys all at once, as they come over a slow link."""
    for key in keys:
        name = key if len(key) > 1 or key.isalnum() else _character_to_key(key)
        char = key if len(key) == 1 else _CHARACTERS.get(key)
        event = events.Key(name, char)
        event.set_sender(pilot.app)
        pilot.app.post_message(event)
    await settle(pilot)


_CHARACTERS = {"slash": "/", "space": " ", "asterisk": "*", "question_mark": "?", "colon": ":"}


async def settle(pilot: Pilot[Any]) -> None:
    """Wait until no job runs and every message is dealt with: the one wait of all screen tests."""
    app: Any = pilot.app
    quiet = 0
    async with asyncio.timeout(10):
        # A key goes through several queues (app, widget, its parents, the app again): four quiet rounds are the end of it.
        while quiet < 4 and not app._exit:
            await pilot._wait_for_screen()
            if len(app.jobs) or app.screen._callbacks or not _laid_out(app.screen):
                quiet = 0
                await asyncio.sleep(0.001)  # gives the jobs' threads the interpreter, and the screen its next frame
            else:
                quiet += 1


def _laid_out(screen: Any) -> bool:
    return not screen._layout_required and all(child._is_mounted for child in screen.walk_children())


def shot(app: CerttuiApp) -> str:
    """The screen as SVG, with nothing blinking."""
    return app.export_screenshot(simplify=True)


def text_of(app: CerttuiApp) -> str:
    """What is on the screen as plain lines, for assertions on words."""
    width, height = app.size
    lines = app.screen._compositor.render_strips()
    return "\n".join(strip.text[:width].rstrip() for strip in lines[:height])
