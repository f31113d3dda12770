"""How the Inventory looks: 80x24 and 120x36, every state."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion

from certtui.app import Settings
from certtui.errors import Unreachable
from certtui.model.status import Status
from tests.screens.harness import console, press, shot
from tests.screens.memory import MemoryBackend, make_row

SMALL, LARGE = (80, 24), (120, 36)
STILL = Settings(follow_seconds=0)


def estate() -> MemoryBackend:
    """Certificates in every state."""
    backend = MemoryBackend(60)
    for number, status in enumerate((Status.DRAFT, Status.PENDING, Status.REVOKED, Status.ERROR, Status.NOT_YET_VALID)):
        row = make_row(60 + number, name=f"a-{status.value.replace('_', '-')}", status=status)
        if status in (Status.DRAFT, Status.PENDING, Status.ERROR):
            row = replace(row, not_before=None, not_after=None, days_remaining=None, key_algorithm="", issuer="")
        backend.rows[row.id] = row
    return backend


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x36"])
async def test_many(picture: SnapshotAssertion, size: tuple[int, int]) -> None:
    async with console(estate(), size=size) as (app, pilot):
        await press(pilot, "j", "j", "j", "j", "j")
        assert shot(app) == picture


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x36"])
async def test_empty(picture: SnapshotAssertion, size: tuple[int, int]) -> None:
    async with console(MemoryBackend(0), size=size) as (app, _):
        assert shot(app) == picture


async def test_opening(picture: SnapshotAssertion) -> None:
    gate = threading.Event()
    async with console(open_backend=lambda: gate.wait(5) and MemoryBackend(), settled=False) as (app, pilot):
        await pilot.pause()
        assert shot(app) == picture
        gate.set()


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x36"])
async def test_filtered(picture: SnapshotAssertion, size: tuple[int, int]) -> None:
    async with console(estate(), size=size) as (app, pilot):
        await press(pilot, "slash", *"status:expiring", "enter")
        assert shot(app) == picture


async def test_typing_a_filter(picture: SnapshotAssertion) -> None:
    async with console(estate()) as (app, pilot):
        await press(pilot, "slash", *"api s")
        assert shot(app) == picture


async def test_a_filter_with_an_error(picture: SnapshotAssertion) -> None:
    async with console(estate()) as (app, pilot):
        await press(pilot, "slash", *"days<x")
        assert shot(app) == picture


async def test_no_match(picture: SnapshotAssertion) -> None:
    async with console(estate()) as (app, pilot):
        await press(pilot, "slash", *"nothing", "enter")
        assert shot(app) == picture


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x36"])
async def test_error(picture: SnapshotAssertion, size: tuple[int, int]) -> None:
    backend = estate()
    backend.failure = Unreachable("The database 'inventory' does not answer.", "Look whether it runs, then try again.")
    async with console(backend, size=size) as (app, _):
        assert shot(app) == picture


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x36"])
async def test_locked(picture: SnapshotAssertion, size: tuple[int, int]) -> None:
    backend = estate()
    backend.store.locked = True
    async with console(backend, size=size) as (app, _):
        assert shot(app) == picture


async def test_read_only(picture: SnapshotAssertion) -> None:
    async with console(MemoryBackend(30, read_only=True, demo=True)) as (app, pilot):
        await press(pilot, "x")
        assert shot(app) == picture


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x36"])
async def test_marked(picture: SnapshotAssertion, size: tuple[int, int]) -> None:
    async with console(estate(), size=size) as (app, pilot):
        await press(pilot, "j", "space", "space", "j", "space")
        assert shot(app) == picture


async def test_the_strip_in_focus(picture: SnapshotAssertion) -> None:
    async with console(estate()) as (app, pilot):
        await press(pilot, "b", "right", "enter", "right")
        assert shot(app) == picture


async def test_the_chart_in_focus(picture: SnapshotAssertion) -> None:
    async with console(estate()) as (app, pilot):
        await press(pilot, "h", "right", "right")
        assert shot(app) == picture


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x36"])
async def test_help(picture: SnapshotAssertion, size: tuple[int, int]) -> None:
    async with console(estate(), size=size) as (app, pilot):
        await press(pilot, "question_mark")
        assert shot(app) == picture


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x36"])
async def test_the_palette(picture: SnapshotAssertion, size: tuple[int, int]) -> None:
    async with console(estate(), size=size) as (app, pilot):
        await press(pilot, "ctrl+p", *"ex")
        assert shot(app) == picture


async def test_going_by_name(picture: SnapshotAssertion) -> None:
    async with console(estate()) as (app, pilot):
        await press(pilot, "colon")
        assert shot(app) == picture


async def test_columns(picture: SnapshotAssertion) -> None:
    async with console(estate()) as (app, pilot):
        await press(pilot, "c", "j", "space")
        assert shot(app) == picture


async def test_sorting(picture: SnapshotAssertion) -> None:
    async with console(estate()) as (app, pilot):
        await press(pilot, "s", "j", "j", "j")
        assert shot(app) == picture


@pytest.mark.parametrize("theme", ["light", "colour-blind", "no-colour"])
async def test_themes(picture: SnapshotAssertion, theme: str) -> None:
    async with console(estate(), settings=replace(STILL, theme=theme)) as (app, pilot):
        await press(pilot, "j", "space", "j")
        assert shot(app) == picture


async def test_ascii(picture: SnapshotAssertion) -> None:
    async with console(estate(), settings=replace(STILL, ascii=True)) as (app, pilot):
        await press(pilot, "j", "space", "j")
        assert shot(app) == picture


async def test_a_dialog_without_colour(picture: SnapshotAssertion) -> None:
    async with console(estate(), settings=replace(STILL, theme="no-colour")) as (app, pilot):
        await press(pilot, "s")
        assert shot(app) == picture


async def test_a_terminal_that_is_too_small(picture: SnapshotAssertion) -> None:
    async with console(estate(), size=(50, 10)) as (app, _):
        assert shot(app) == picture
