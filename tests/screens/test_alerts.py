"""The places Alerts and Channels: what needs a person, what people do about it, and how it is told outside."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.widgets import Button, Input

from certtui.model.alert import AlertRow, AlertState
from certtui.model.channel import ChannelForm, ChannelType, SmtpSettings, WebhookSettings
from certtui.model.query import Query, Sort
from certtui.screens.alert_page import AlertScreen
from certtui.screens.certificate import CertificateScreen
from certtui.screens.channel_page import ChannelScreen
from certtui.widgets.frame import TopLine
from tests.channels.sinks import http_sink
from tests.screens.estate import Estate, estate
from tests.screens.harness import press, settle, shot, text_of
from tests.screens.memory import NOW

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Estate]:
    with estate(tmp_path) as made:
        yield made


@pytest.fixture
def made(empty: Estate) -> Estate:
    """Two that expire soon, one that did, and the root that is nowhere."""
    empty.add("api-gateway", days=5)
    empty.add("billing", days=20, lived=300)
    empty.add("old-lb", days=-3, group="")
    empty.add("fine", days=200)
    empty.backend.alerts.sweep()
    return empty


def rows(made: Estate, text: str = "") -> list[AlertRow]:
    return list(made.backend.alerts.search(Query(text, Sort("severity", descending=True))).rows(0, 50))


def of(made: Estate, name: str) -> AlertRow:
    return next(row for row in rows(made) if row.object_name == name and row.kind != "chain_incomplete")


async def test_the_most_urgent_stands_first_and_only_what_is_open(made: Estate) -> None:
    row = of(made, "billing")
    made.backend.alerts.acknowledge(row.id, row.version, "mine")
    async with made.console() as (app, pilot):
        await press(pilot, "3")
        shown = [line.strip("› ").split() for line in text_of(app).splitlines() if " open" in line and "11-20" in line]
        ranks = [{"x": 3, "!": 2}.get(words[0], 1) for words in shown]
        assert (ranks, len(ranks)) == (sorted(ranks, reverse=True), 3)
        assert shown[0][1] == "critical"
        await press(pilot, "escape")
        assert "taken on" in text_of(app)


async def test_enter_goes_straight_to_the_thing(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "3")
        app.screen.filter_to("kind:expiring api-gateway")  # type: ignore[attr-defined]
        await settle(pilot)
        await press(pilot, "enter")
        assert isinstance(app.screen, CertificateScreen)
        assert app.screen.certificate_id == made.ids["api-gateway"]


async def test_one_is_taken_on_with_a_note(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "3")
        app.screen.filter_to("kind:expired")  # type: ignore[attr-defined]
        await settle(pilot)
        await press(pilot, "a")
        app.screen.query_one("#answer", Input).value = "switched off on Monday"
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
        assert "1 alert is taken on." in text_of(app)
    now = of(made, "old-lb")
    assert (now.state, now.note, now.handled_by) == (AlertState.ACKNOWLEDGED, "switched off on Monday", "tester")


async def test_marked_ones_are_resolved_together(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "3", "asterisk", "d")
        assert f"Resolve {len(rows(made))} alerts" in text_of(app)
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
        assert "Nothing needs a person now." in text_of(app)
    assert {row.state for row in rows(made)} == {AlertState.RESOLVED}


async def test_a_snooze_is_picked_from_a_list_or_typed(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "3")
        app.screen.filter_to("state:open kind:expired")  # type: ignore[attr-defined]
        await settle(pilot)
        await press(pilot, "z", "j", "enter")
        assert of(made, "old-lb").snoozed_until == NOW + timedelta(hours=4)
        app.screen.filter_to("kind:expired")  # type: ignore[attr-defined]
        await settle(pilot)
        await press(pilot, "z")
        field = app.screen.query_one("#until", Input)
        field.value = "yesterday"
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
        assert "That is no time." in text_of(app)
        field.value = "3d"
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
    assert of(made, "old-lb").snoozed_until == NOW + timedelta(days=3)


async def test_what_can_not_be_done_says_why(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "3", "o")
        assert "Reopen: It is open." in text_of(app)


async def test_the_story_says_who_did_what(made: Estate) -> None:
    row = of(made, "old-lb")
    made.backend.alerts.acknowledge(row.id, row.version, "mine")
    async with made.console() as (app, pilot):
        await app.push_screen(AlertScreen(row.id))
        await settle(pilot)
        screen = text_of(app)
        assert "Expired 2026-11-17, 2 days ago." in screen
        assert "acknowledged by tester, critical  mine" in screen
        await press(pilot, "o")
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
    assert of(made, "old-lb").state is AlertState.OPEN


async def test_looking_now_finds_what_has_changed_since(empty: Estate) -> None:
    async with empty.console() as (app, pilot):
        await press(pilot, "3")
        assert "Nothing needs a person now." in text_of(app)
        empty.add("old-lb", days=-3)
        await press(pilot, "f")
        await settle(pilot)
    assert [row.object_name for row in rows(empty, "kind:expired")] == ["old-lb"]


async def test_the_top_line_counts_what_is_open(made: Estate) -> None:
    async with made.console(follow_seconds=0.01) as (app, pilot):
        for _ in range(200):
            await pilot.pause(0.01)
            if app.alerts is not None and app.alerts.counts.total:
                break
        line = "".join(part for part, _ in app.screen.query_one(TopLine).line(0, 80))
        assert line.rstrip().endswith(f"{len(rows(made))} alerts")


async def test_the_days_of_a_group_are_set(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "3", "t", "a")
        app.screen.query_one("#answer", Input).value = "payments"
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
        app.screen.query_one("#answer", Input).value = "10 5"
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
        assert "10 5" in text_of(app)
    assert [(each.business_group, each.days) for each in made.backend.alerts.thresholds()][1] == ("payments", (10, 5))


async def test_a_channel_is_added_tested_and_removed(made: Estate) -> None:
    with http_sink() as sink:
        async with made.console() as (app, pilot):
            await press(pilot, "3", "n")
            assert "No channel yet." in text_of(app)
            await press(pilot, "a")
            form = app.screen
            form.field("type").put("webhook")  # type: ignore[attr-defined]
            form.changed()  # type: ignore[attr-defined]
            form.field("name").put("ops-hook")  # type: ignore[attr-defined]
            form.field("webhook.url").put(sink.url)  # type: ignore[attr-defined]
            form.field("webhook.secret.password").put("a long signing key")  # type: ignore[attr-defined]
            form.changed()  # type: ignore[attr-defined]
            await settle(pilot)
            await press(pilot, "ctrl+s")
            (channel,) = made.backend.channels.list()
            assert (channel.name, channel.type, channel.has_secret) == ("ops-hook", ChannelType.WEBHOOK, True)
            await press(pilot, "t")
            assert "The server answered 204." in text_of(app)
            assert len(sink.requests) == 1
            await press(pilot, "enter")
            assert isinstance(app.screen, ChannelScreen)
            assert "sent  a test" in text_of(app)
            await press(pilot, "x")
            app.screen.query_one("#accept", Button).press()
            await settle(pilot)
            assert "No channel yet." in text_of(app)
    assert made.backend.channels.list() == []


async def test_a_problem_of_a_setting_stands_beside_it(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "3", "n", "a")
        form = app.screen
        form.field("type").put("webhook")  # type: ignore[attr-defined]
        form.changed()  # type: ignore[attr-defined]
        form.field("name").put("ops-hook")  # type: ignore[attr-defined]
        form.field("webhook.url").put("http://elsewhere.example.com")  # type: ignore[attr-defined]
        form.changed()  # type: ignore[attr-defined]
        await settle(pilot)
        await press(pilot, "ctrl+s")
        assert app.screen is form
        assert "Alerts go over TLS" in str(form.field("webhook.url").said)  # type: ignore[attr-defined]


async def test_hostile_names_are_drawn_as_text(empty: Estate) -> None:
    empty.add("x", days=5, common_name="[/foo]\x1b]52;c;aGk=\x07\u202e", group="[red]\x1b[2J")
    empty.backend.alerts.sweep()
    async with empty.console((130, 30)) as (app, pilot):
        await press(pilot, "3")
        screen = text_of(app)
        assert "\x1b" not in screen
        assert "\u202e" not in screen
        await press(pilot, "i")
        assert "\x1b" not in text_of(app)


@SIZES
@pytest.mark.parametrize("what", ["list", "empty", "story", "take-on", "snooze", "days", "channels", "channel", "form"])
async def test_alerts_look_like_this(
    request: pytest.FixtureRequest, picture: SnapshotAssertion, what: str, size: tuple[int, int]
) -> None:
    backend: Estate = request.getfixturevalue("empty" if what == "empty" else "made")
    if what in ("channels", "channel"):
        mail = SmtpSettings("mail.example.com", 587, "starttls", "", "certtui@example.com", ("ops@example.com",))
        backend.backend.channels.add(ChannelForm("ops-mail", mail))
        backend.backend.channels.add(ChannelForm("a-hook", WebhookSettings("https://hooks.example.com/certtui")))
    keys = {
        "story": ("i",), "take-on": ("a",), "snooze": ("z",), "days": ("t",), "channels": ("n",),
        "channel": ("n", "enter"), "form": ("n", "a"),
    }  # fmt: skip
    async with backend.console(size) as (app, pilot):
        await press(pilot, "3", *keys.get(what, ()))
        assert shot(app) == picture
