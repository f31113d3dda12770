"""The Inventory: what is seen, and what keys do to it."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from certtui.app import Settings
from certtui.errors import Unreachable
from certtui.model.query import Sort
from certtui.model.status import Status
from certtui.screens.inventory import InventoryScreen
from certtui.screens.inventory_columns import COLUMNS, days_cell
from certtui.screens.inventory_pane import InventoryPane
from certtui.widgets.frame import KeyLine, NoticeLine, TopLine
from certtui.widgets.strip_bar import Choice, ExpiryChart, StatusStrip
from tests.screens.harness import burst, console, press, settle, text_of
from tests.screens.memory import MemoryBackend, make_row


def place(app: Any) -> InventoryScreen:
    """The inventory of a console."""
    found = app.place("inventory")
    assert isinstance(found, InventoryScreen)
    return found


def names(app: Any) -> list[str]:
    """Names in the order of the list, as far as they are read."""
    table = place(app).table
    return [row.name for index in range(table.known) if (row := table.row(index)) is not None and hasattr(row, "name")]


# -- seeing ----------------------------------------------------------------------------------------------------------


async def test_the_inventory_shows_the_certificates_of_the_store() -> None:
    async with console(MemoryBackend(10)) as (app, _):
        assert "api-gateway" in text_of(app)
        assert "! expiring" in text_of(app)
        assert "x expired" in text_of(app)


async def test_the_chrome_is_painted_before_the_store_is_open() -> None:
    gate = threading.Event()

    def slow() -> MemoryBackend:
        gate.wait(5)
        return MemoryBackend(10)

    async with console(open_backend=slow, settled=False) as (app, pilot):
        await pilot.pause()
        assert "certtui" in text_of(app)
        assert "opening" in app.screen.query_one(TopLine).plain
        gate.set()
        await settle(pilot)
        assert "api-gateway" in text_of(app)


async def test_the_strip_counts_what_burns() -> None:
    async with console(MemoryBackend(10)) as (app, _):
        assert "Expired 1" in text_of(app)
        assert "Active 4" in text_of(app)


async def test_the_number_of_certificates_is_shown() -> None:
    async with console(MemoryBackend(30)) as (app, _):
        assert "30" in place(app).bar.plain


async def test_a_list_that_is_counted_says_so_and_then_the_number() -> None:
    backend = MemoryBackend(30)
    backend.counting = True
    async with console(backend) as (app, pilot):
        assert "counting" in place(app).bar.plain
        backend.listings[-1].count()
        await press(pilot, "j")
        while place(app).table.total is None:
            await pilot.pause()
        assert "30" in place(app).bar.plain


async def test_a_store_with_nothing_in_it_says_what_to_do() -> None:
    async with console(MemoryBackend(0)) as (app, _):
        screen = text_of(app)
        assert "This inventory is empty." in screen
        assert "i  import a folder" in screen
        assert "certtui --demo  in a shell" in screen


async def test_an_empty_store_offers_no_key_that_needs_a_row() -> None:
    async with console(MemoryBackend(0)) as (app, _):
        keys = app.screen.query_one(KeyLine).plain
        assert "open" not in keys
        assert "import" in keys
        assert "back" not in keys


async def test_a_store_that_cannot_be_opened_says_why_and_opens_at_the_second_try() -> None:
    tries: list[int] = []

    def flaky() -> MemoryBackend:
        tries.append(1)
        if len(tries) == 1:
            raise Unreachable("The file system does not answer.", "Look whether it is mounted.")
        return MemoryBackend(10)

    async with console(open_backend=flaky) as (app, pilot):
        assert "The file system does not answer." in text_of(app)
        await press(pilot, "r")
        assert "api-gateway" in text_of(app)


async def test_a_search_that_fails_says_so_and_can_be_tried_again() -> None:
    backend = MemoryBackend(10)
    backend.failure = Unreachable("The database does not answer.", "Try again.")
    async with console(backend) as (app, pilot):
        assert "The database does not answer." in text_of(app)
        backend.failure = None
        await press(pilot, "r")
        assert "api-gateway" in text_of(app)


async def test_read_only_demo_and_locked_stand_on_top() -> None:
    async with console(MemoryBackend(3, read_only=True, locked=True, demo=True)) as (app, _):
        assert "prod · demo · read-only · locked" in app.screen.query_one(TopLine).plain


async def test_what_changes_the_store_is_refused_read_only_with_the_reason() -> None:
    async with console(MemoryBackend(3, read_only=True)) as (app, pilot):
        await press(pilot, "a")
        assert app.screen.query_one(NoticeLine).sentence == "Add: This was opened read-only."


async def test_an_act_that_the_backend_lacks_says_why() -> None:
    backend = MemoryBackend(3)
    backend.capabilities.missing["certificates.export"] = "This server exports nothing."
    async with console(backend) as (app, pilot):
        await press(pilot, "e")
        assert app.screen.query_one(NoticeLine).sentence == "Export: This server exports nothing."


async def test_the_pane_shows_the_row_under_the_cursor_where_there_is_room() -> None:
    async with console(MemoryBackend(10), size=(120, 36)) as (app, pilot):
        await press(pilot, "j")
        assert "billing" in app.screen.query_one(InventoryPane).plain


async def test_the_pane_ends_at_the_row_that_a_fast_cursor_stops_at() -> None:
    async with console(MemoryBackend(40), size=(120, 36)) as (app, pilot):
        await press(pilot, *["j"] * 20)
        row = place(app).table.current
        assert row is not None
        assert row.name in app.screen.query_one(InventoryPane).plain


async def test_the_pane_is_laid_out_again_after_a_filter_that_matched_nothing() -> None:
    async with console(MemoryBackend(10), size=(120, 36)) as (app, pilot):
        before = app.screen.query_one(InventoryPane).plain
        await press(pilot, "slash", *"nothing", "enter", "escape")
        assert app.screen.query_one(InventoryPane).plain == before


async def test_there_is_no_pane_at_80_columns() -> None:
    backend = MemoryBackend(10)
    async with console(backend) as (app, pilot):
        await press(pilot, "j")
        assert not app.screen.query_one(InventoryPane).display


async def test_a_terminal_that_is_too_small_gets_a_sentence() -> None:
    async with console(MemoryBackend(3), size=(50, 10)) as (app, pilot):
        await settle(pilot)
        assert "smaller than 60 columns" in " ".join(text_of(app).split())


async def test_a_terminal_made_large_again_shows_the_list_again() -> None:
    async with console(MemoryBackend(3), size=(50, 10)) as (app, pilot):
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert "api-gateway" in text_of(app)


@pytest.mark.parametrize("begin", [(80, 24), (50, 10)], ids=["large", "small"])
async def test_after_a_terminal_was_too_small_keys_go_where_they_went(begin: tuple[int, int]) -> None:
    async with console(MemoryBackend(30), size=begin) as (app, pilot):
        await pilot.resize_terminal(50, 10)
        await settle(pilot)
        await pilot.resize_terminal(120, 36)
        await settle(pilot)
        await press(pilot, "j")
        assert place(app).table.cursor == 1
        assert "api-gateway-01" in app.screen.query_one(InventoryPane).plain


async def test_the_pane_is_filled_when_a_terminal_becomes_wide() -> None:
    async with console(MemoryBackend(30), size=(80, 24)) as (app, pilot):
        await pilot.resize_terminal(120, 36)
        await settle(pilot)
        assert "api-gateway" in app.screen.query_one(InventoryPane).plain


# -- filtering -------------------------------------------------------------------------------------------------------


async def test_the_list_follows_while_a_filter_is_typed() -> None:
    async with console(MemoryBackend(30)) as (app, pilot):
        await press(pilot, "slash", *"bill")
        assert set(names(app)) == {"billing", "billing-01", "billing-02"}
        assert "3 of 30" in text_of(app)


async def test_enter_keeps_the_filter_and_goes_back_to_the_list() -> None:
    async with console(MemoryBackend(30)) as (app, pilot):
        await press(pilot, "slash", *"bill", "enter", "j")
        assert place(app).query_now.text == "bill"
        assert place(app).table.cursor == 1


async def test_escape_brings_the_filter_of_before_back() -> None:
    async with console(MemoryBackend(30)) as (app, pilot):
        await press(pilot, "slash", *"bill", "enter", "slash", *"ing", "escape")
        assert place(app).query_now.text == "bill"
        assert len(names(app)) == 3


async def test_an_error_stands_beside_the_filter_and_the_list_stays() -> None:
    async with console(MemoryBackend(30)) as (app, pilot):
        await press(pilot, "slash", *"bill", "enter", "slash", *" !")
        assert "`!` stands before a term" in text_of(app)
        assert place(app).query_now.text == "bill"
        assert len(names(app)) == 3


async def test_an_empty_list_says_that_the_filter_has_an_error_while_it_has_one() -> None:
    async with console(MemoryBackend(30)) as (app, pilot):
        await press(pilot, "slash", *"nothing-like-it", *" !")
        assert "The filter has an error." in text_of(app)
        assert "No certificate matches" not in text_of(app)
        await press(pilot, "escape", "slash", *"nothing-like-it")
        assert "No certificate matches the filter." in text_of(app)


async def test_an_error_too_long_for_a_line_takes_two() -> None:
    async with console(MemoryBackend(30), size=(60, 24)) as (app, pilot):
        await press(pilot, "slash", *"days<")
        assert place(app).bar.error in " ".join(text_of(app).split())


async def test_the_row_just_made_is_under_the_cursor_when_the_list_is_seen_again() -> None:
    async with console(MemoryBackend(30)) as (app, pilot):
        inventory = place(app)
        await press(pilot, "question_mark")
        assert inventory.listing is not None
        row = inventory.listing.ids()[12]
        inventory.made(row)
        await press(pilot, "escape")
        assert inventory.table.current is not None
        assert inventory.table.current.id == row
        assert not inventory.unseen


async def test_a_row_just_made_that_the_filter_hides_leaves_the_cursor_where_it_is() -> None:
    async with console(MemoryBackend(60)) as (app, pilot):
        inventory = place(app)
        await press(pilot, "slash", *"mail", "enter", "j", "j")
        row = inventory.table.current
        await press(pilot, "question_mark")
        inventory.made(10_000)
        await press(pilot, "escape")
        assert inventory.table.current == row


async def test_a_key_is_completed_by_tab() -> None:
    async with console(MemoryBackend(30)) as (app, pilot):
        await press(pilot, "slash", *"stat", "tab", *"exp", "tab", "enter")
        assert place(app).query_now.text == "status:expiring"


async def test_filters_of_before_come_back_by_the_arrow() -> None:
    async with console(MemoryBackend(30)) as (app, pilot):
        await press(pilot, "slash", *"bill", "enter", "escape", "slash", "up", "enter")
        assert place(app).query_now.text == "bill"


async def test_escape_in_the_list_takes_the_filter_away_and_keeps_the_row() -> None:
    async with console(MemoryBackend(60)) as (app, pilot):
        await press(pilot, "slash", *"mail", "enter", "j", "j")
        row = place(app).table.current
        await press(pilot, "escape")
        assert place(app).query_now.text == ""
        assert place(app).table.current == row


async def test_no_match_says_so() -> None:
    async with console(MemoryBackend(30)) as (app, pilot):
        await press(pilot, "slash", *"nothing-like-it", "enter")
        assert "No certificate matches the filter." in text_of(app)


async def test_one_escape_leaves_a_filter_that_matches_nothing() -> None:
    async with console(MemoryBackend(30)) as (app, pilot):
        await press(pilot, "slash", *"nothing-like-it", "enter", "escape", "j")
        assert place(app).query_now.text == ""
        assert place(app).table.cursor == 1


async def test_keys_go_to_the_list_once_there_is_something_and_never_to_the_strip() -> None:
    backend = MemoryBackend(0)
    async with console(backend) as (app, pilot):
        await press(pilot, "question_mark", "escape")
        assert app.screen.focused is None
        backend.rows[1] = make_row(1)
        await press(pilot, "r")
        assert app.screen.focused is place(app).table


async def test_what_was_said_is_gone_with_the_next_key() -> None:
    async with console(MemoryBackend(30, read_only=True)) as (app, pilot):
        await press(pilot, "a", "j")
        assert app.screen.query_one(NoticeLine).sentence == ""
        assert not app.screen.query_one(NoticeLine).display


async def test_a_narrow_strip_keeps_what_has_certificates() -> None:
    async with console(MemoryBackend(30), size=(60, 24)) as (app, pilot):
        strip = app.screen.query_one(StatusStrip)
        strip.offer(
            [
                Choice(label, count, "x")
                for label, count in (("Expired", 10), ("Nothing", 0), ("Active", 9), *[("More", 7)] * 5)
            ]
        )
        await settle(pilot)
        assert "Nothing" not in strip.render_line(0).text
        assert strip.render_line(0).text.count("More") == 5


FULL_STRIP = [
    Choice(label, count, "x", short=short)
    for label, short, count in (
        ("Expired", "Exp", 412),
        ("7d", "", 13),
        ("30d", "", 115),
        ("90d", "", 341),
        ("Active", "Act", 12_397),
        ("Not yet valid", "Not yet", 2),
        ("Revoked", "Rev", 91),
        ("Pending", "Pend", 13),
        ("Error", "Err", 1),
    )
]


async def test_at_80_columns_every_part_of_the_strip_is_seen() -> None:
    async with console(MemoryBackend(5), size=(80, 24)) as (app, pilot):
        strip = app.screen.query_one(StatusStrip)
        strip.offer(FULL_STRIP)
        await settle(pilot)
        line = strip.render_line(0).text
        assert line.split("│")[0].startswith("Expired 412")
        assert [part.split()[-1] for part in line.split("│")] == [f"{choice.count:,}" for choice in FULL_STRIP]


async def test_a_part_of_the_strip_that_has_no_room_comes_with_the_cursor() -> None:
    async with console(MemoryBackend(5), size=(60, 24)) as (app, pilot):
        strip = app.screen.query_one(StatusStrip)
        strip.offer(FULL_STRIP)
        await settle(pilot)
        assert "Err 1" not in strip.render_line(0).text
        strip.action_move(100)
        assert "Err 1" in strip.render_line(0).text


async def test_a_month_without_expiries_is_no_bar() -> None:
    async with console(MemoryBackend(5)) as (app, pilot):
        chart = app.screen.query_one(ExpiryChart)
        chart.offer([Choice("Jan 2027", 0, "x"), Choice("Feb 2027", 1, "x"), Choice("Mar 2027", 80, "x")])
        await settle(pilot)
        assert chart.render_line(0).text.startswith("·  ▁▁▁███")


async def test_a_chart_without_expiries_says_so() -> None:
    async with console(MemoryBackend(5)) as (app, pilot):
        chart = app.screen.query_one(ExpiryChart)
        chart.offer([Choice("Jan 2027", 0, "x"), Choice("Feb 2027", 0, "x")])
        await settle(pilot)
        assert "none expire" in chart.render_line(0).text


async def test_a_filter_typed_in_one_burst_filters_and_does_nothing_else() -> None:
    async with console(MemoryBackend(30)) as (app, pilot):
        # As it comes over a slow link: all keys at once, without a pause to look at the screen.
        await burst(pilot, "slash", *"bill", "enter", "j")
        assert place(app).query_now.text == "bill"
        assert place(app).table.cursor == 1


async def test_a_bucket_of_the_strip_filters() -> None:
    async with console(MemoryBackend(30)) as (app, pilot):
        await press(pilot, "b", "enter")
        assert place(app).query_now.text == "days<0"
        assert set(names(app)) == {"old-lb", "old-lb-01", "old-lb-02"}


async def test_the_same_bucket_again_takes_its_filter_away() -> None:
    async with console(MemoryBackend(30)) as (app, pilot):
        await press(pilot, "b", "enter", "enter")
        assert place(app).query_now.text == ""


async def test_another_bucket_replaces_the_one_before_and_keeps_the_words() -> None:
    async with console(MemoryBackend(30)) as (app, pilot):
        await press(pilot, "slash", *"lb", "enter", "b", "enter", "end", "left", "left", "enter")
        assert place(app).query_now.text == "lb days>90"


async def test_a_month_of_the_chart_filters() -> None:
    async with console(MemoryBackend(30)) as (app, pilot):
        await press(pilot, "h", "right", "enter")
        assert place(app).query_now.text == "expires:2026-12"
        assert names(app) != []


async def test_a_click_on_a_bucket_filters() -> None:
    async with console(MemoryBackend(30)) as (app, pilot):
        await pilot.click(StatusStrip, offset=(3, 0))
        await settle(pilot)
        assert place(app).query_now.text == "days<0"


async def test_escape_leaves_the_strip_for_the_list() -> None:
    async with console(MemoryBackend(30)) as (app, pilot):
        await press(pilot, "h", "escape", "j")
        assert place(app).table.cursor == 1


@pytest.mark.parametrize(
    ("days", "cell"),
    [(-1_350, "-1,350d"), (6_238, "6,238d"), (99_999, "99,999d"), (-28_000, "-28000d"), (2_912_400, "7,973y")],
)
def test_days_left_are_never_cut(days: int, cell: str) -> None:
    drawn = days_cell(days, Status.ACTIVE).text
    width = next(column.width for column in COLUMNS if column.id == "days")
    assert drawn == cell
    assert len(drawn) <= width


# -- sorting, columns ------------------------------------------------------------------------------------------------


async def test_s_sorts_by_the_chosen_column() -> None:
    async with console(MemoryBackend(30)) as (app, pilot):
        await press(pilot, "s", "j", "j", "j", "enter")
        assert place(app).query_now.sort == Sort("not_after")
        assert names(app)[0] == "old-lb"


async def test_the_same_column_again_sorts_the_other_way() -> None:
    async with console(MemoryBackend(30)) as (app, pilot):
        await press(pilot, "s", "enter")
        assert place(app).query_now.sort == Sort("name", descending=True)
        assert names(app)[0].startswith("vpn")


async def test_the_order_is_turned_round_by_a_key() -> None:
    async with console(MemoryBackend(30)) as (app, pilot):
        await press(pilot, "S")
        assert place(app).query_now.sort == Sort("name", descending=True)


async def test_every_column_that_sorts_can_be_chosen() -> None:
    async with console(MemoryBackend(5)) as (app, pilot):
        for sort in dict.fromkeys(column.sort for column in place(app).COLUMNS if column.sort):
            place(app).sort_by(Sort(sort))
            await settle(pilot)
            assert len(names(app)) == 5


async def test_a_hidden_column_is_gone_and_that_is_kept() -> None:
    kept: list[tuple[str, tuple[str, ...]]] = []
    settings = Settings(follow_seconds=0, save_columns=lambda place, ids: kept.append((place, tuple(ids))))
    async with console(MemoryBackend(5), settings=settings) as (app, pilot):
        await press(pilot, "c", "j", "space", "enter")
        assert "Names" not in text_of(app)
        assert kept[0][0] == "inventory"
        assert "common_name" not in kept[0][1]


async def test_columns_move() -> None:
    async with console(MemoryBackend(5)) as (app, pilot):
        await press(pilot, "c", "J", "enter")
        assert [column.id for column in place(app).table.columns][:2] == ["common_name", "name"]


async def test_the_last_column_cannot_be_hidden() -> None:
    settings = Settings(follow_seconds=0, columns={"inventory": ["name"]})
    async with console(MemoryBackend(5), settings=settings) as (app, pilot):
        await press(pilot, "c", "space", "enter")
        assert [column.id for column in place(app).table.columns] == ["name"]


async def test_columns_of_the_configuration_are_shown() -> None:
    settings = Settings(follow_seconds=0, columns={"inventory": ["status", "issuer"]})
    async with console(MemoryBackend(5), settings=settings) as (app, _):
        assert "R11" in text_of(app)
        assert "Expires" not in text_of(app)


# -- marks -----------------------------------------------------------------------------------------------------------


async def test_an_act_is_for_the_row_under_the_cursor() -> None:
    async with console(MemoryBackend(10)) as (app, pilot):
        await press(pilot, "j")
        assert place(app).targets() == [(2, 1)]


async def test_marks_hold_across_filters() -> None:
    async with console(MemoryBackend(30)) as (app, pilot):
        await press(pilot, "slash", *"billing", "enter", "space", "escape", "slash", *"shop", "enter", "space")
        assert len(place(app).targets()) == 2
        assert "2 marked" in text_of(app)


async def test_the_top_line_forgets_marks_with_the_list() -> None:
    async with console(MemoryBackend(10)) as (app, pilot):
        await press(pilot, "space", "space")
        assert "2 marked" in app.screen.query_one(TopLine).plain
        await press(pilot, "U")
        assert "marked" not in app.screen.query_one(TopLine).plain


async def test_the_star_marks_all_that_match_with_their_versions() -> None:
    backend = MemoryBackend(30)
    backend.rows[2] = make_row(1, version=7)
    async with console(backend) as (app, pilot):
        await press(pilot, "slash", *"billing", "enter", "asterisk")
        assert sorted(place(app).targets()) == [(2, 7), (12, 1), (22, 1)]


async def test_the_star_freezes_what_matches_now() -> None:
    backend = MemoryBackend(30)
    async with console(backend) as (app, pilot):
        await press(pilot, "asterisk")
        backend.rows[99] = make_row(98)
        await press(pilot, "r")
        assert len(place(app).targets()) == 30


async def test_all_marks_are_taken_away() -> None:
    async with console(MemoryBackend(30)) as (app, pilot):
        await press(pilot, "asterisk", "U")
        assert place(app).table.marks == {}


# -- what others change ----------------------------------------------------------------------------------------------


async def test_a_row_that_another_process_changed_changes_in_place() -> None:
    backend = MemoryBackend(30)
    async with console(backend) as (app, pilot):
        backend.change(1, name="zz-renamed")
        place(app).follow_feed()
        await settle(pilot)
        assert place(app).table.cursor == 0
        assert "zz-renamed" in text_of(app).splitlines()[5]
        assert "1 changed, r sorts anew" in text_of(app)


async def test_refreshing_sorts_anew_and_stays_on_the_row() -> None:
    backend = MemoryBackend(30)
    async with console(backend) as (app, pilot):
        backend.change(1, name="zz-renamed")
        place(app).follow_feed()
        await settle(pilot)
        await press(pilot, "r")
        assert place(app).table.cursor == 29
        assert "changed" not in place(app).bar.plain


async def test_a_row_that_another_process_deleted_is_shown_as_gone() -> None:
    backend = MemoryBackend(30)
    async with console(backend) as (app, pilot):
        backend.remove(1)
        place(app).follow_feed()
        await settle(pilot)
        assert "gone" in text_of(app)


async def test_the_first_certificate_of_an_empty_store_appears_by_itself() -> None:
    backend = MemoryBackend(0)
    async with console(backend) as (app, pilot):
        backend.rows[1] = make_row(0)
        backend.change(1)
        place(app).follow_feed()
        await settle(pilot)
        assert "api-gateway" in text_of(app)


async def test_a_list_that_was_left_is_closed() -> None:
    backend = MemoryBackend(30)
    async with console(backend) as (_, pilot):
        await press(pilot, "S", "S")
        assert [listing.closed for listing in backend.listings] == [True, True, False]


# -- hostile ---------------------------------------------------------------------------------------------------------


async def test_names_that_act_on_terminals_or_markup_do_nothing_but_look_odd() -> None:
    backend = MemoryBackend(2)
    backend.rows[1] = make_row(0, name="O=[/foo]", common_name="\x1b]52;c;aGFoYQ==\x07", business_group="a\u202eb")
    async with console(backend, size=(120, 36)) as (app, _):
        screen = text_of(app)
        assert "O=[/foo]" in screen
        assert "␛]52" in screen
        assert "\x1b" not in screen
        assert app.screen.query_one(ExpiryChart).choices != ()
