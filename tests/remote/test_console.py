"""The console over a server: all that it does on a store of its own, and what only a network can do to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Button

from certtui.app import CerttuiApp, Settings
from certtui.backend.base import BackendInfo
from certtui.backend.factory import StoreOptions, open_backend
from certtui.backend.remote.backend import RemoteBackend
from certtui.errors import Unreachable
from certtui.model.access import Access, Role
from certtui.model.audit import Actor
from certtui.model.certificate import CertificateEdit
from certtui.pki.inspector import Inspector
from certtui.screens.add import AddScreen
from certtui.screens.certificate import CertificateScreen
from certtui.screens.edit import EditDialog
from certtui.switching import Choice, Opener
from certtui.widgets.frame import NoticeLine
from certtui.widgets.labelled import Entry
from tests.chaos_proxy import Chaos
from tests.remote.estate import Served, served
from tests.screens.harness import press, settle, text_of


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path) as made:
        made.estate.add("api-gateway", days=29)
        made.estate.add("billing", key=False)
        yield made


def notice(app: Any) -> str:
    return str(app.screen.query_one(NoticeLine).sentence)


async def write(pilot: Any, app: Any, **fields: str) -> None:
    """Put texts into the fields of the form on top."""
    for name, text in fields.items():
        app.screen.field(name).put(text)
    app.screen.changed()
    await settle(pilot)


async def until(pilot: Any, holds: Callable[[], bool]) -> None:
    """Wait for what another thread brings about."""
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - threads of the program, which know nothing of events here
            await asyncio.sleep(0.005)
    await settle(pilot)


async def test_the_list_is_shown_opened_and_left_again(team: Served) -> None:
    async with team.console() as (app, pilot):
        assert "api-gateway" in text_of(app)
        assert "team" in text_of(app).splitlines()[0]
        await press(pilot, "enter")
        assert isinstance(app.screen, CertificateScreen)
        assert "api-gateway.example.com" in text_of(app)
        await press(pilot, "escape")
        assert "billing" in text_of(app)
    assert "certificate.view.accessed" in team.estate.events()


async def test_a_csr_is_made_over_the_network_and_its_key_stays_there(team: Served) -> None:
    async with team.console() as (app, pilot):
        await press(pilot, "a")
        await write(pilot, app, method="csr", common_name="new.example.com", sans="new.example.com")
        await press(pilot, "ctrl+s")
        assert "BEGIN CERTIFICATE REQUEST" in text_of(app)
    (saved,) = team.estate.backend.csrs.list()
    assert saved.common_name == "new.example.com"


async def test_a_server_that_goes_leaves_the_list_marked_with_its_age_says_so_once_and_comes_back(team: Served) -> None:
    async with team.console() as (app, pilot):
        place = app.screen
        team.server.stop()
        place.follow_feed()
        await until(pilot, lambda: place.as_of is not None)
        assert "api-gateway" in text_of(app)
        assert "of 12:00 UTC, server away" in text_of(app)
        assert "What you see is of 12:00 UTC" in notice(app)
        await press(pilot, "j")
        assert notice(app) == ""
        app.clock.advance(minutes=3)
        place.follow_feed()
        await until(pilot, lambda: "of 12:00 UTC, 3 min old" in text_of(app))
        assert notice(app) == ""
        team.server.start()
        place.follow_feed()
        await until(pilot, lambda: place.as_of is None)
        await until(pilot, lambda: not place.searching)
        assert "team answers again." in text_of(app)
        assert "server away" not in text_of(app)


async def test_with_the_server_away_one_still_moves_filters_in_vain_and_loses_nothing(team: Served) -> None:
    async with team.console() as (app, pilot):
        team.server.stop()
        await press(pilot, "slash", "b", "i", "l", "enter")
        assert "api-gateway" in text_of(app)
        assert "server away" in text_of(app)
        team.server.start()
        await press(pilot, "r")
        assert "billing" in text_of(app)
        assert "api-gateway" not in text_of(app)


async def test_a_half_filled_form_outlives_the_server_and_is_saved_once(team: Served) -> None:
    async with team.console() as (app, pilot):
        await press(pilot, "a")
        await write(pilot, app, method="csr", common_name="half.example.com")
        team.server.stop()
        await write(pilot, app, sans="half.example.com\nwww.half.example.com", name="half")
        await press(pilot, "ctrl+s")
        assert isinstance(app.screen, AddScreen)
        assert "can't be reached" in notice(app)
        assert app.screen.field("common_name").value == "half.example.com"
        team.server.start()
        await press(pilot, "ctrl+s")
        assert "BEGIN CERTIFICATE REQUEST" in text_of(app)
    assert [each.name for each in team.estate.backend.csrs.list()] == ["half"]


async def test_a_form_whose_answer_was_lost_is_saved_once_by_the_next_console_too(team: Served) -> None:
    with Chaos(team.server.port) as chaos:
        async with team.console(backend=team.open(url=chaos.url)) as (app, pilot):
            await press(pilot, "a")
            await write(pilot, app, method="csr", common_name="lost.example.com", sans="lost.example.com", name="lost")
            chaos.plan("drop-answer", "drop-answer", only="POST /api/v1/csrs")
            await press(pilot, "ctrl+s")
            assert "broke" in notice(app)
        # The terminal is lost here; the next console has the form again.
        async with team.console(backend=team.open(url=chaos.url)) as (app, pilot):
            await press(pilot, "a")
            assert app.screen.field("common_name").value == "lost.example.com"
            await press(pilot, "ctrl+s")
            assert "BEGIN CERTIFICATE REQUEST" in text_of(app)
    assert [each.name for each in team.estate.backend.csrs.list()] == ["lost"]


async def test_two_consoles_edit_one_certificate_and_the_slower_one_sees_the_conflict(team: Served) -> None:
    number = team.estate.ids["api-gateway"]
    async with team.console() as (mine, my_pilot), team.console() as (theirs, their_pilot):
        await press(my_pilot, "l")
        await press(their_pilot, "l")
        mine.screen.query_one("#description", Entry).value = "mine"
        theirs.screen.query_one("#business_group", Entry).value = "theirs"
        theirs.screen.query_one("#accept", Button).press()
        await settle(their_pilot)
        mine.screen.query_one("#accept", Button).press()
        await settle(my_pilot)
        assert isinstance(mine.screen, EditDialog)
        assert "It was changed in the meantime" in text_of(mine)
        mine.screen.query_one("#accept", Button).press()
        await settle(my_pilot)
    saved = team.estate.backend.certificates.get(number)
    assert (saved.row.business_group, saved.description) == ("theirs", "mine")


async def test_anothers_change_is_on_this_screen_without_a_key(team: Served) -> None:
    backend = team.open(follow=True)
    async with team.console(backend=backend) as (app, pilot):
        place = app.screen
        await until(pilot, lambda: backend.feed.live() is not None)
        page = team.estate.backend.certificates.get(team.estate.ids["billing"])
        team.estate.backend.certificates.edit(page.id, page.version, CertificateEdit(name="renamed-by-bob"))
        before = place.heard
        await until(pilot, lambda: (backend.feed.live() or 0) > (before or 0))
        place.follow_feed()
        await until(pilot, lambda: "renamed-by-bob" in text_of(app))


async def test_a_viewer_sees_what_is_not_allowed_and_why(team: Served) -> None:
    token = team.server.token("eve", Access(Role.VIEWER))
    async with team.console(backend=team.open(token)) as (app, pilot):
        await press(pilot, "a")
        assert "This needs the role operator; yours is viewer." in notice(app)
        await press(pilot, "enter", "v")
        assert "you don't have the right export-keys" in notice(app)


async def test_who_may_not_take_keys_out_sees_it_at_the_forms_that_hold_one(team: Served) -> None:
    token = team.server.token("olga", Access(Role.OPERATOR))
    async with team.console(backend=team.open(token)) as (app, pilot):
        await press(pilot, "e")
        (line,) = [line for line in text_of(app).splitlines() if "PFX" in line]
        assert "no right export-keys" in line


async def test_a_server_that_is_away_at_the_start_is_waited_for(team: Served) -> None:
    url = team.server.url
    team.server.stop()
    app = CerttuiApp(
        lambda: team.open(url=url), Inspector, settings=Settings(follow_seconds=60, clipboard="none"), clock=team.clock
    )
    app._patience = 0.02
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.opening_failed is not None)
        assert "can't be reached" in text_of(app)
        team.server.start()
        await until(pilot, lambda: app.backend is not None)
        assert "api-gateway" in text_of(app)
    assert app.unexpected == []


async def test_a_screen_that_locks_by_itself_blanks_and_leaves_the_servers_store_alone(team: Served) -> None:
    async with team.console(idle_lock_seconds=600) as (app, pilot):
        app._idle.lock()
        await settle(pilot)
        assert "api-gateway" not in text_of(app)
        assert notice(app) == ""
        await press(pilot, "enter")
        assert "api-gateway" in text_of(app)
    assert not team.estate.backend.store.locked


async def test_a_pasted_key_comes_back_to_who_has_the_token(team: Served) -> None:
    from textual import events

    pasted = team.estate.made["api-gateway"].key_pem
    async with team.console() as (app, pilot):
        await press(pilot, "a")
        await write(pilot, app, method="pair", name="half")
        field = app.screen.field("key")
        field.focus_editor()
        await settle(pilot)
        field.editor.post_message(events.Paste(pasted.decode()))
        await settle(pilot)
        assert field.paste is not None
    async with team.console() as (app, pilot):
        await press(pilot, "a")
        assert app.screen.field("key").paste.reveal() == pasted


async def test_the_store_is_cared_for_on_the_server_and_the_page_says_so(team: Served) -> None:
    async with team.console() as (app, pilot):
        await press(pilot, "colon", *"store.status", "enter")
        assert "is on its server" in notice(app)


class Two:
    """Two contexts: the server, and a store of one's own with nothing in it."""

    def __init__(self, team: Served, folder: Path) -> None:
        self._team = team
        self._folder = folder
        self.broken = False

    def choices(self) -> list[Choice]:
        return [Choice("local", str(self._folder)), Choice("team", self._team.server.url), Choice("typed", "x", True)]

    def command_option(self, info: BackendInfo) -> str:
        return "" if info.kind == "local" else "--context team"

    def opener(self, name: str, token: Any = None) -> Opener:
        if name != "local":
            return lambda: self._team.open(**({"token": token} if token else {}))
        options = StoreOptions(str(self._folder / "own.db"), create=True)
        return lambda: open_backend(options, actor=Actor("me"), clock=self._team.clock)


async def test_switching_keeps_the_place_and_its_filter(team: Served, tmp_path: Path) -> None:
    async with team.console() as (app, pilot):
        app.contexts = Two(team, tmp_path / "own")
        await press(pilot, "9")
        await press(pilot, "slash", *"import", "enter")
        assert "certificate.import.success" in text_of(app)
        old = app.backend
        await press(pilot, "colon", *"ctx", "enter")
        assert "local" in text_of(app)
        await press(pilot, "k", "enter")
        await until(pilot, lambda: app.backend is not old and not app.screen.searching)
        assert app.screen is app.place("audit")
        assert "certificate.import.success" not in text_of(app)
        assert app.screen.query_now.text == "import"
        assert "local" in text_of(app).splitlines()[0]
        await press(pilot, "1")
        assert "This inventory is empty." in text_of(app)
        app.backend.close()


async def test_a_context_that_does_not_open_leaves_everything_as_it_is(team: Served, tmp_path: Path) -> None:
    async with team.console() as (app, pilot):
        two = app.contexts = Two(team, tmp_path)

        def refuse() -> Any:
            raise Unreachable("nowhere can't be reached.", "Look.")

        two.opener = lambda name, token=None: refuse  # type: ignore[method-assign]
        old = app.backend
        await press(pilot, "colon", *"ctx", "enter", "k", "enter")
        assert "nowhere can't be reached" in notice(app)
        assert app.backend is old
        assert "api-gateway" in text_of(app)


async def test_a_token_that_is_typed_is_not_on_the_screen(team: Served, tmp_path: Path) -> None:
    token = team.server.token("bob")
    async with team.console() as (app, pilot):
        app.contexts = Two(team, tmp_path)
        old = app.backend
        await press(pilot, "colon", *"ctx", "enter", "j", "enter")
        for char in token.reveal().decode():
            await pilot.press({"_": "underscore", "-": "minus"}.get(char, char))
        await settle(pilot)
        assert token.reveal().decode() not in text_of(app)
        await press(pilot, "enter")
        await until(pilot, lambda: app.backend is not old)
        assert isinstance(app.backend, RemoteBackend)
        assert app.backend.info.actor.name == "bob"
