"""A desk to add certificates at: a real store and the real inspect port, in a folder with files to take in.

`desk` stands in that folder, so that what is typed and drawn is `api.pfx` and not a path of this machine.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from certtui.app import CerttuiApp, Settings
from certtui.backend.base import Backend
from certtui.backend.factory import StoreOptions, open_backend, open_inspect
from certtui.clock import FixedClock
from certtui.forms import Drafts
from certtui.model.audit import Actor
from certtui.model.certificate import CertificateRow
from certtui.model.query import Query
from certtui.model.secret import Secret
from certtui.screens.form import FormScreen
from tests.screens.harness import console, press, settle
from tests.screens.memory import NOW


@dataclass
class Desk:
    """The console over a store of its own."""

    app: CerttuiApp
    pilot: Pilot[int]
    backend: Backend

    @property
    def form(self) -> Any:  # Any: whichever form stands on top; a test knows which
        screen = self.app.screen
        assert isinstance(screen, FormScreen), screen
        return screen

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other, waiting after each."""
        await press(self.pilot, *keys)

    async def write(self, text: str) -> None:
        """Type into what has the focus, without looking in between."""
        await self.pilot.press(*(_KEYS.get(char, char) for char in text))
        await settle(self.pilot)

    async def fill(self, **fields: str) -> None:
        """Put texts into fields by name."""
        for name, text in fields.items():
            self.form.field(name).put(text)
        self.form.changed()
        await settle(self.pilot)

    async def paste(self, **fields: bytes) -> None:
        """Paste into fields by name, through the terminal's own event."""
        from textual import events

        for name, text in fields.items():
            field = self.form.field(name)
            field.focus_editor()
            await self.pilot.pause()
            field.editor.post_message(events.Paste(text.decode("latin-1")))
        await settle(self.pilot)

    def said(self, name: str) -> str:
        """What stands below a field."""
        return str(self.form.field(name).said)

    @property
    def notice(self) -> str:
        """The sentence above the keys."""
        from certtui.widgets.frame import NoticeLine

        return self.app.screen.query_one(NoticeLine).sentence

    def rows(self) -> list[CertificateRow]:
        """What is in the store, by id."""
        listing = self.backend.certificates.search(Query(""))
        listing.wait()
        found = [row for row in listing.rows(0, 1000) if isinstance(row, CertificateRow)]
        listing.close()
        return sorted(found, key=lambda row: row.id)

    @property
    def drafts(self) -> Drafts:
        """The kept forms of this console's context."""
        info, store = self.backend.info, self.backend.store
        return Drafts(info.name, info.place, clock=FixedClock(NOW), seal=store.seal, unseal=store.unseal)


_KEYS = {
    "+": "plus",
    "=": "equals_sign",
    " ": "space",
    "/": "slash",
    ".": "full_stop",
    "-": "minus",
    ":": "colon",
    "_": "underscore",
    "@": "at",
    "~": "tilde",
}


def store_at(folder: Path, *, passphrase: str = "", read_only: bool = False) -> Backend:
    """A store in this folder, made if it is not there; with a passphrase it opens locked."""
    options = StoreOptions(str(folder / "store.db"), create=True, name="local")
    actor, clock = Actor("olivia"), FixedClock(NOW)
    if passphrase:
        backend = open_backend(options, actor=actor, clock=clock)
        backend.store.set_passphrase(Secret(passphrase))
        backend.close()
    backend = open_backend(options, actor=actor, clock=clock)
    if read_only:
        backend.close()
        backend = open_backend(StoreOptions(options.url, read_only=True, name="local"), actor=actor, clock=clock)
    return backend


@asynccontextmanager
async def at_desk(
    backend: Backend, *, size: tuple[int, int] = (80, 24), key: str = "a", settings: Settings | None = None
) -> AsyncIterator[Desk]:
    """The console with one screen opened by its key from the inventory."""
    settings = settings or Settings(follow_seconds=0)
    async with console(backend, open_inspect(), size=size, settings=settings) as (app, pilot):
        desk = Desk(app, pilot, backend)
        if key:
            await desk.press(key)
        yield desk
    backend.close()
