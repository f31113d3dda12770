"""Copying: which field, what was done, and the screen to select from when there is no way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from certtui import clipboard
from certtui.clipboard import CopyResult, Way
from certtui.screens.copy_text import SelectYourself
from certtui.widgets.dialogs import Choose
from tests.screens.estate import Estate, estate
from tests.screens.harness import settle, shot, text_of

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Estate]:
    with estate(tmp_path) as made:
        made.add("api-gateway", days=29)
        made.add("billing", key=False)
        yield made


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was copied, in order; every copy works."""
    texts: list[str] = []

    def copy(text: str, *, write: object, secret: bool = False, setting: str = "auto") -> CopyResult:
        texts.append(text)
        return CopyResult(Way.OSC52, "Sent to your terminal (OSC 52).", (lambda: "Cleared.") if secret else None)

    monkeypatch.setattr(clipboard, "copy", copy)
    return texts


async def test_the_field_under_the_cursor_is_offered_first(made: Estate, copied: list[str]) -> None:
    async with made.page("api-gateway", "Names") as (app, pilot, _):
        await pilot.press("y")
        await settle(pilot)
        assert isinstance(app.screen, Choose)
        await pilot.press("enter")
        await settle(pilot)
        assert copied == ["api-gateway.example.com"]
        assert "DNS: Sent to your terminal (OSC 52)." in text_of(app)


async def test_any_field_can_be_chosen(made: Estate, copied: list[str]) -> None:
    async with made.page("api-gateway", "PEM") as (app, pilot, _):
        await pilot.press("y")
        await settle(pilot)
        labels = [label.split()[0] for _, label in app.screen._options]  # type: ignore[attr-defined]
        await pilot.press(*["j"] * labels.index("PEM"), "enter")
        await settle(pilot)
        assert copied == [made.made["api-gateway"].pem.decode()]


async def test_of_marked_rows_one_field_is_copied_for_all(made: Estate, copied: list[str]) -> None:
    async with made.console() as (_, pilot):
        await pilot.press("space", "space", "y")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert copied == ["api-gateway\nbilling"]


async def test_without_any_way_the_text_is_shown_to_be_selected(made: Estate) -> None:
    async with made.page("api-gateway", "Names") as (app, pilot, screen):
        await pilot.press("y")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, SelectYourself)
        assert "api-gateway.example.com" in text_of(app)
        await pilot.press("escape")
        await settle(pilot)
        assert app.screen is screen


@SIZES
@pytest.mark.parametrize("what", ["choose", "select"])
async def test_copying_looks_like_this(
    made: Estate, picture: SnapshotAssertion, what: str, size: tuple[int, int]
) -> None:
    async with made.page("api-gateway", size=size) as (app, pilot, _):
        await pilot.press("y")
        await settle(pilot)
        if what == "select":
            await pilot.press("enter")
            await settle(pilot)
        assert shot(app) == picture
