"""Access in the console: the page of an access list, its form, who can use a key, and what a token reaches."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.widgets import Button

from certtui.model.access import Access, Identity, Role, TokenForm
from certtui.model.acl import AclForm
from certtui.model.audit import Actor
from certtui.screens.access_form import AccessDialog
from certtui.screens.access_page import AccessScreen
from certtui.screens.access_reach import ReachScreen
from certtui.screens.access_tokens import TokensScreen
from certtui.screens.certificate import CertificateScreen
from certtui.widgets.safe_text import SafeText
from certtui.widgets.text_box import TextBox
from tests.screens.estate import Estate, estate
from tests.screens.harness import console, press, settle, shot, text_of
from tests.screens.memory import NOW

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Estate]:
    """`lb-west` is for the service svc-lb alone; `open` has no list."""
    with estate(tmp_path) as one:
        one.add("lb-west", days=60)
        one.add("open", key=False)
        people = one.backend.people
        for name, access in {
            "svc-lb": Access(Role.VIEWER, True, ("payments",)),
            "bob": Access(Role.OPERATOR, False, ("payments",), ("example.com",)),
            "root": Access(Role.ADMIN, True),
        }.items():
            people.create_token(TokenForm(name, access))
        people.create_token(TokenForm("old", Access(Role.VIEWER), NOW + timedelta(seconds=1)))
        people.revoke_token(people.create_token(TokenForm("gone", Access(Role.VIEWER))).info.id)
        people.add_mapping("DNS:lb.example.com", "svc-lb", Access(Role.VIEWER))
        one.backend.acls.set("certificate", one.ids["lb-west"], 0, AclForm(use_group=False, users=("svc-lb",)))
        yield one


def acl(made: Estate, name: str = "lb-west"):
    return made.backend.acls.get("certificate", made.ids[name])


async def save(pilot) -> None:
    pilot.app.screen.query_one("#accept", Button).press()
    await settle(pilot)


async def test_the_page_says_who_uses_the_key_and_who_can_by_what(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "p")
        assert isinstance(app.screen, AccessScreen)
        text = text_of(app)
        assert "Only svc-lb and its owner tester use the key; the group payments reads it." in text
        assert "Who can use this key?" in text
        assert "svc-lb           token 1    viewer   takes key" in text
        assert "bob              token 2    operator reads" in text
        assert "root             token 3    admin    reads" in text
        assert "token 5" not in text, "a revoked token is no way in"


async def test_it_opens_from_a_page_too_and_somebody_of_it_opens_what_else_they_reach(made: Estate) -> None:
    async with made.page("lb-west") as (app, pilot, _):
        assert "Access       restricted: 2 may use" in app.screen.view.text
        await press(pilot, "p", "G", "enter")
        assert isinstance(app.screen, ReachScreen)
        assert "root  token 3" in text_of(app)
        await press(pilot, "escape", "escape")
        assert isinstance(app.screen, CertificateScreen)


async def test_the_form_says_what_will_hold_and_writes_it(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "j", "p", "l")
        form = app.screen
        assert isinstance(form, AccessDialog)
        assert "Nothing is changed yet." in text_of(app)
        await press(pilot, "space")
        form.query_one("#users", TextBox).text = "svc-lb\n\n bob \nsvc-lb"
        form.query_one("#readers", TextBox).text = "bob\neve"
        await settle(pilot)
        said = form.query_one("#effect", SafeText).raw
        assert said == "Only bob, svc-lb and its owner tester use the key; the group payments reads it."
        command = form.query_one(".command", SafeText).raw
        number = made.ids["open"]
        assert command == f"$ certtui acl set certificate {number} --group-use off --use bob --use svc-lb --read eve"
        assert form.query_one("#warning", SafeText).raw == "No token and no client certificate stands for eve yet."
        await press(pilot, "ctrl+s")
        assert isinstance(app.screen, AccessScreen)
        assert (acl(made, "open").users, acl(made, "open").readers) == (("bob", "svc-lb"), ("eve",))
        assert "Saved. Only bob, svc-lb and its owner tester use the key" in text_of(app)


async def test_an_admin_who_would_lock_themselves_out_is_warned(made: Estate) -> None:
    made.backend.acls.set("certificate", made.ids["lb-west"], 1, AclForm(users=("root", "svc-lb")))
    admin = made.backend.acting(Identity(Actor("root"), Access(Role.ADMIN, True)))
    async with console(admin) as (app, pilot):
        await press(pilot, "p", "l")
        assert "would not use" not in text_of(app)
        app.screen.query_one("#users", TextBox).text = "svc-lb"
        await settle(pilot)
        assert "You (root) would not use the key any more." in text_of(app)


async def test_whoever_opens_the_store_itself_is_warned_of_nothing(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "p", "l")
        app.screen.query_one("#users", TextBox).text = ""
        await settle(pilot)
        assert "would not use" not in text_of(app)


async def test_a_list_that_moved_is_shown_and_what_was_written_is_kept(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "p", "l")
        made.backend.acls.set("certificate", made.ids["lb-west"], 1, AclForm(users=("bob",)))
        app.screen.query_one("#users", TextBox).text = "svc-lb\nroot"
        await save(pilot)
        assert isinstance(app.screen, AccessDialog)
        problem = app.screen.query_one(".problem", SafeText).raw
        assert "tester changed it in the meantime: Only bob and its owner tester use the key" in problem
        assert acl(made).users == ("bob",)
        await save(pilot)
        assert acl(made).users == ("root", "svc-lb")


async def test_a_name_that_is_none_stays_in_the_form(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "p", "l")
        app.screen.query_one("#users", TextBox).text = "x" * 200
        await save(pilot)
        assert isinstance(app.screen, AccessDialog)
        assert app.screen.query_one(".problem", SafeText).raw
        assert acl(made).version == 1


async def test_who_is_no_admin_reads_the_list_and_is_told_what_they_may_not(made: Estate) -> None:
    viewer = made.backend.acting(Identity(Actor("bob"), Access(Role.OPERATOR, False, ("payments",))))
    async with console(viewer) as (app, pilot):
        await press(pilot, "p")
        text = text_of(app)
        assert "Only svc-lb and its owner tester use the key" in text
        assert "This needs the role admin; yours is operator." in text
        await press(pilot, "l")
        assert isinstance(app.screen, AccessScreen)
        assert "the list is changed by its owner tester and by admins." in text_of(app)


async def test_an_object_that_went_away_says_so(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "j", "p")
        page = made.backend.certificates.get(made.ids["open"])
        made.backend.certificates.delete(page.id, page.version)
        await press(pilot, "r")
        assert f"There is no certificate {page.id} here (any more)." in text_of(app)
        await press(pilot, "l")
        assert "it is not read yet, or gone." in text_of(app)


async def test_tokens_are_reached_by_name_and_tell_what_they_reach(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "colon", *"access of", "enter")
        assert isinstance(app.screen, TokensScreen)
        text = text_of(app)
        assert "good, without end" in text
        assert f"revoked {NOW:%Y-%m-%d}" in text
        assert "groups: payments, domains: example.com" in text
        assert "DNS:lb.example.com" in text
        await press(pilot, "enter")
        assert isinstance(app.screen, ReachScreen)
        text = text_of(app)
        assert "With export-keys, what it may use it may also take out." in text
        assert "certificates         2 seen        1  keys it may use" in text
        await press(pilot, "G", "enter")
        assert isinstance(app.screen, CertificateScreen)
        assert app.screen.certificate_id == made.ids["lb-west"]


async def test_a_token_that_opens_nothing_any_more_says_so(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "colon", *"access of", "enter", "G", "k", "enter")
        assert "It opens nothing any more; below stands what it would reach." in text_of(app)


async def test_hostile_names_are_drawn_as_text(made: Estate) -> None:
    name = "[/red]\u202eevil\u200b"
    made.backend.acls.set("certificate", made.ids["lb-west"], 1, AclForm(users=(name,)))
    async with made.console() as (app, pilot):
        await press(pilot, "p")
        assert "[/red]" in text_of(app)
        assert "\u202e" not in text_of(app)
        await press(pilot, "l")
        assert "\u202e" not in text_of(app).replace(app.screen.query_one("#users", TextBox).text, "")


@SIZES
async def test_the_page_in_a_picture(made: Estate, picture: SnapshotAssertion, size: tuple[int, int]) -> None:
    async with made.console(size) as (app, pilot):
        await press(pilot, "p")
        assert shot(app) == picture


@SIZES
async def test_the_form_in_a_picture(made: Estate, picture: SnapshotAssertion, size: tuple[int, int]) -> None:
    async with made.console(size) as (app, pilot):
        await press(pilot, "p", "l", "shift+tab", "space")
        app.screen.query_one("#readers", TextBox).text = "bob\neve"
        await settle(pilot)
        assert shot(app) == picture


@SIZES
async def test_tokens_and_their_reach_in_pictures(
    made: Estate, picture: SnapshotAssertion, size: tuple[int, int]
) -> None:
    async with made.console(size) as (app, pilot):
        await press(pilot, "colon", *"access of", "enter")
        assert shot(app) == picture
        await press(pilot, "enter")
        assert shot(app) == picture


async def test_the_pane_tells_that_it_is_restricted(made: Estate, picture: SnapshotAssertion) -> None:
    async with made.console((120, 36)) as (app, pilot):
        assert "Access    restricted: 2 may use" in text_of(app)
        assert shot(app) == picture
        await press(pilot, "slash", *"access:open", "enter")
        assert "restricted" not in text_of(app)
