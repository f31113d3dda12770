"""The record table alone: what it asks for, what it draws, how it moves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from certtui.model.query import Gone, Sort
from certtui.themes import THEMES
from certtui.widgets.columns import Cell, Column, fit
from certtui.widgets.record_table import PAGE, RecordTable


@dataclass(frozen=True)
class Row:
    id: int
    version: int = 1
    name: str = ""


COLUMNS: tuple[Column[Row], ...] = (
    Column("name", "Name", 10, lambda row: Cell(row.name or f"row {row.id}"), priority=1, flex=1, most=30, sort="name"),
    Column("id", "Id", 6, lambda row: Cell(str(row.id), "dim"), priority=2, right=True, sort="id"),
)


class Console(App[None]):
    """A table over made-up rows; `held` keeps answers back until `release`."""

    def __init__(self, total: int | None, *, held: bool = False) -> None:
        super().__init__()
        self.ascii_only = False
        self.total = total
        self.held = held
        self.asked: list[tuple[int, int]] = []
        self.waiting: list[tuple[int, int, int]] = []
        self.changes: dict[int, Row | Gone] = {}
        self.length = total if total is not None else 250
        for theme in THEMES.values():
            self.register_theme(theme)
        self.theme = "dark"

    def compose(self) -> ComposeResult:
        yield RecordTable(COLUMNS, self.fetch)

    def on_mount(self) -> None:
        self.table.focus()

    @property
    def table(self) -> RecordTable[Row]:
        return self.query_one(RecordTable)

    def fetch(self, start: int, stop: int, generation: int) -> None:
        self.asked.append((start, stop))
        self.waiting.append((start, stop, generation))
        if not self.held:
            self.release()

    def release(self) -> None:
        for start, stop, generation in self.waiting:
            rows = [self.changes.get(number, Row(number)) for number in range(start, min(stop, self.length))]
            self.call_later(self.table.deliver, start, rows, generation)
        self.waiting.clear()


@asynccontextmanager
async def table(total: int | None = 1000, *, height: int = 11, held: bool = False) -> AsyncIterator[tuple[Any, Any]]:
    """An opened table with ten lines of rows."""
    app = Console(total, held=held)
    async with app.run_test(size=(40, height)) as pilot:
        app.table.open(total)
        await pilot.pause()
        yield app, pilot


def lines(app: Any) -> list[str]:
    """What the table draws, line by line."""
    return [app.table.render_line(y).text.rstrip() for y in range(app.table.size.height)]


async def do(pilot: Pilot[None], *methods: str) -> None:
    for method in methods:
        getattr(pilot.app.query_one(RecordTable), f"do_list_{method}")()
        await pilot.pause()


# -- asking ----------------------------------------------------------------------------------------------------------


async def test_a_table_of_a_million_rows_asks_for_the_first_page_only() -> None:
    async with table(1_000_000) as (app, _):
        assert app.asked == [(0, PAGE)]


async def test_the_end_of_a_million_rows_is_one_page_away() -> None:
    async with table(1_000_000) as (app, pilot):
        await do(pilot, "last")
        assert app.table.current.id == 999_999
        assert len(app.asked) <= 3


async def test_rows_that_are_not_there_yet_are_drawn_as_dots() -> None:
    async with table(held=True) as (app, _):
        assert lines(app)[1] == " …"


async def test_rows_are_drawn_once_they_come() -> None:
    async with table(held=True) as (app, pilot):
        app.release()
        await pilot.pause()
        assert "row 0" in lines(app)[1]


async def test_an_answer_for_a_list_that_was_left_is_dropped() -> None:
    async with table(held=True) as (app, pilot):
        app.changes[0] = Row(0, name="of the old list")
        app.release()
        app.table.open(1000)
        await pilot.pause()
        assert "of the old list" not in "\n".join(lines(app))


async def test_a_list_that_still_counts_can_be_walked_as_far_as_it_is_known() -> None:
    async with table(None) as (app, pilot):
        await do(pilot, "last")
        assert app.table.current.id >= PAGE - 1


async def test_a_list_that_still_counts_goes_on_as_one_walks() -> None:
    async with table(None) as (app, pilot):
        for _ in range(30):
            await do(pilot, "page_down")
        assert app.table.current.id == 249


async def test_the_end_asked_for_while_it_counts_is_gone_to_once_it_is_known() -> None:
    async with table(None) as (app, pilot):
        await do(pilot, "last")
        app.table.know_total(250)
        await pilot.pause()
        assert app.table.current.id == 249


async def test_an_empty_list_asks_for_nothing() -> None:
    async with table(0) as (app, _):
        assert app.asked == []
        assert app.table.current is None


# -- moving ----------------------------------------------------------------------------------------------------------


async def test_the_cursor_goes_down_and_up() -> None:
    async with table() as (app, pilot):
        await do(pilot, "down", "down", "up")
        assert app.table.current.id == 1


async def test_the_cursor_stays_on_the_list() -> None:
    async with table(3) as (app, pilot):
        await do(pilot, "up", "up")
        assert app.table.cursor == 0
        await do(pilot, "down", "down", "down", "down")
        assert app.table.cursor == 2


async def test_walking_over_the_edge_scrolls_by_one() -> None:
    async with table() as (app, pilot):
        await do(pilot, *["down"] * 10)
        assert (app.table.top, app.table.cursor) == (1, 10)


async def test_a_page_down_moves_view_and_cursor_by_a_page() -> None:
    async with table() as (app, pilot):
        await do(pilot, "page_down")
        assert (app.table.top, app.table.cursor) == (10, 10)


async def test_half_a_page_is_half_a_page() -> None:
    async with table() as (app, pilot):
        await do(pilot, "half_down", "half_down", "half_up")
        assert app.table.cursor == 5


async def test_the_last_page_is_full() -> None:
    async with table(25) as (app, pilot):
        await do(pilot, "page_down", "page_down", "page_down")
        assert (app.table.top, app.table.cursor) == (15, 24)


async def test_a_click_moves_the_cursor() -> None:
    async with table() as (app, pilot):
        await pilot.click(RecordTable, offset=(5, 4))
        assert app.table.current.id == 3


async def test_the_wheel_scrolls() -> None:
    async with table() as (app, pilot):
        await pilot._post_mouse_events([events.MouseScrollDown], RecordTable, offset=(5, 4))
        await pilot.pause()
        assert app.table.top == 3


async def test_moving_the_cursor_repaints_two_lines() -> None:
    async with table() as (app, pilot):
        painted: list[int] = []
        draw = app.table.render_line
        app.table.render_line = lambda y: painted.append(y) or draw(y)
        await do(pilot, "down")
        assert sorted(set(painted)) == [1, 2]


async def test_a_smaller_window_keeps_the_cursor_in_sight() -> None:
    async with table() as (app, pilot):
        await do(pilot, *["down"] * 9)
        await pilot.resize_terminal(40, 6)
        await pilot.pause()
        assert app.table.top <= app.table.cursor < app.table.top + app.table.page_rows


# -- drawing ---------------------------------------------------------------------------------------------------------


async def test_a_row_that_is_gone_says_so_and_keeps_its_place() -> None:
    async with table(held=True) as (app, pilot):
        app.changes[1] = Gone(1)
        app.release()
        await pilot.pause()
        assert "gone" in lines(app)[2]
        assert "row 2" in lines(app)[3]


async def test_a_row_that_is_gone_cannot_be_acted_on() -> None:
    async with table(held=True) as (app, pilot):
        app.changes[0] = Gone(0)
        app.release()
        await pilot.pause()
        assert app.table.current is None


async def test_rows_read_again_change_in_place() -> None:
    async with table() as (app, pilot):
        await do(pilot, "down")
        app.changes[1] = Row(1, 2, "renamed")
        app.table.refetch()
        await pilot.pause()
        assert "renamed" in lines(app)[2]
        assert app.table.cursor == 1


async def test_what_is_too_long_ends_in_an_ellipsis() -> None:
    async with table(held=True) as (app, pilot):
        app.changes[0] = Row(0, name="x" * 100)
        app.release()
        await pilot.pause()
        assert "x…" in lines(app)[1]


@pytest.mark.parametrize(
    "name", ["\x1b]52;c;eA==\x07", "[bold]x[/bold]", "O=[/foo]", "東京" * 20, "a\u202eb", "e\u0301" * 50]
)
async def test_hostile_text_takes_exactly_its_line(name: str) -> None:
    async with table(held=True) as (app, pilot):
        app.changes[0] = Row(0, name=name)
        app.release()
        await pilot.pause()
        strip = app.table.render_line(1)
        assert strip.cell_length == app.table.size.width
        assert strip.text.isprintable()


async def test_the_sorted_column_has_an_arrow() -> None:
    async with table() as (app, _):
        app.table.show_columns(COLUMNS, Sort("id", descending=True))
        assert "Id ▼" in lines(app)[0]
        app.table.show_columns(COLUMNS, Sort("name"))
        assert "Name ▲" in lines(app)[0]


async def test_numbers_stand_on_the_right() -> None:
    async with table() as (app, _):
        head, first = lines(app)[0], lines(app)[1]
        assert head.endswith("Id")
        assert first.endswith("0")
        assert len(head) == len(first)


async def test_a_row_has_few_styles() -> None:
    async with table() as (app, _):
        assert len(app.table.render_line(5)._segments) <= 3


# -- marks -----------------------------------------------------------------------------------------------------------


async def test_marking_steps_down_and_remembers_the_version() -> None:
    async with table() as (app, _):
        app.table.toggle_mark()
        assert app.table.marks == {0: 1}
        assert app.table.cursor == 1


async def test_marking_again_takes_the_mark_away() -> None:
    async with table() as (app, pilot):
        app.table.toggle_mark()
        await do(pilot, "up")
        app.table.toggle_mark()
        assert app.table.marks == {}


async def test_marks_stay_over_another_list() -> None:
    async with table() as (app, pilot):
        app.table.toggle_mark()
        app.table.open(1000)
        await pilot.pause()
        assert lines(app)[1].startswith("◆")


# -- columns ---------------------------------------------------------------------------------------------------------


def test_the_least_important_column_gives_way_first() -> None:
    assert [placed.column for placed in fit(COLUMNS, 12)] == [0]


def test_what_is_left_goes_to_the_flexible_columns() -> None:
    name, number = fit(COLUMNS, 30)
    assert (name.width, number.width) == (22, 6)


def test_a_column_never_grows_over_its_most() -> None:
    assert fit(COLUMNS, 200)[0].width == 30


def test_columns_never_take_more_than_the_room() -> None:
    for room in range(1, 80):
        placed = fit(COLUMNS, room)
        assert placed[-1].offset + placed[-1].width <= max(room, 1)
