"""The frame: palette, help, places, leaving, errors, the last filter before the terminal."""

from __future__ import annotations

from typing import Any

import pytest
from rich.segment import Segment
from textual.app import ComposeResult
from textual.color import Color
from textual.strip import Strip
from textual.widgets import Static

from certtui.app import PLACES, CerttuiApp, Settings
from certtui.clock import FixedClock
from certtui.errors import Denied, Invalid
from certtui.screens.base import Place
from certtui.screens.help import HelpScreen
from certtui.screens.idle_lock import IdleLock, LockScreen
from certtui.screens.palette import PaletteScreen
from certtui.themes import THEMES
from certtui.widgets.choice_list import ChoiceList
from certtui.widgets.dialogs import Confirm, Message
from certtui.widgets.filters import AsciiFilter, Backstop, PlainFilter
from certtui.widgets.frame import KeyLine, NoticeLine, TooSmall, TopLine, key_parts
from certtui.widgets.glyphs import TO_ASCII
from tests.screens.harness import burst, console, press, settle, text_of
from tests.screens.memory import NOW, MemoryBackend

BLACK = Color(0, 0, 0)


# -- palette, help, places -------------------------------------------------------------------------------------------


async def test_the_palette_does_what_was_typed() -> None:
    async with console(MemoryBackend(10)) as (app, pilot):
        await press(pilot, "ctrl+p", *"reverse", "enter")
        assert "▼" in text_of(app)


async def test_the_palette_says_why_an_act_is_not_possible() -> None:
    async with console(MemoryBackend(10, read_only=True)) as (app, pilot):
        await press(pilot, "ctrl+p", *"delete")
        assert "This was opened read-only." in text_of(app)


async def test_the_palette_says_below_what_a_line_has_no_room_for() -> None:
    async with console(MemoryBackend(1)) as (app, pilot):
        await press(pilot, "ctrl+p", *"belong")
        assert "Does this belong together?" in text_of(app)
        assert "and stored ones." in text_of(app)


async def test_the_palette_knows_words_in_any_order() -> None:
    async with console(MemoryBackend(10)) as (app, pilot):
        await press(pilot, "ctrl+p", *"strip status", "enter")
        assert app.focused is not None
        assert app.focused.css_identifier == "StatusStrip"


async def test_the_palette_is_left_by_escape_and_nothing_happened() -> None:
    async with console(MemoryBackend(10)) as (app, pilot):
        await press(pilot, "ctrl+p", "escape")
        assert app.screen is app.place("inventory")


async def test_a_palette_without_a_match_does_nothing() -> None:
    async with console(MemoryBackend(10)) as (app, pilot):
        await press(pilot, "ctrl+p", *"zzz", "enter")
        assert isinstance(app.screen, PaletteScreen)
        assert app.screen.query_one(ChoiceList).cursor == 0


async def test_a_colon_and_a_name_go_to_a_place() -> None:
    async with console(MemoryBackend(10)) as (app, pilot):
        await press(pilot, "colon", *"inv", "enter")
        assert app.screen is app.place("inventory")


async def test_a_command_typed_in_one_burst_is_run() -> None:
    async with console(MemoryBackend(10)) as (app, pilot):
        await burst(pilot, "colon", *"reverse", "enter")
        assert "▼" in text_of(app)


async def test_help_lists_the_keys_of_the_screen_and_the_filter_language() -> None:
    async with console(MemoryBackend(10), size=(120, 64)) as (app, pilot):
        await press(pilot, "question_mark")
        screen = text_of(app)
        assert "Mark or unmark the row" in screen
        assert "days<30" in screen


async def test_help_follows_the_keys_that_a_person_chose() -> None:
    settings = Settings(follow_seconds=0, keys={"list.mark": ["v"]})
    async with console(MemoryBackend(10), settings=settings) as (app, pilot):
        await press(pilot, "question_mark")
        assert " v            Mark or unmark" in text_of(app)


async def test_help_is_left_by_the_key_that_opened_it() -> None:
    async with console(MemoryBackend(10)) as (app, pilot):
        await press(pilot, "question_mark")
        assert isinstance(app.screen, HelpScreen)
        await press(pilot, "question_mark")
        assert app.screen is app.place("inventory")


async def test_a_rebound_key_works_and_the_old_one_does_not() -> None:
    settings = Settings(follow_seconds=0, keys={"list.mark": ["v"]})
    async with console(MemoryBackend(10), settings=settings) as (app, pilot):
        await press(pilot, "space")
        assert app.place("inventory").table.marks == {}  # type: ignore[attr-defined]
        await press(pilot, "v")
        assert len(app.place("inventory").table.marks) == 1  # type: ignore[attr-defined]


def test_a_clash_of_keys_is_refused_before_anything_is_painted() -> None:
    with pytest.raises(Invalid, match="would mean both"):
        CerttuiApp(MemoryBackend, lambda: None, settings=Settings(keys={"list.mark": ["a"]}))  # type: ignore[arg-type, return-value]


def test_every_place_has_a_key_and_a_title() -> None:
    app = CerttuiApp(MemoryBackend, lambda: None)  # type: ignore[arg-type, return-value]
    assert all(app.keys.of(entry.key_action) and entry.title for entry in PLACES)


# -- the lines -------------------------------------------------------------------------------------------------------


def test_the_key_line_never_takes_more_than_its_width() -> None:
    keys = tuple((f"k{number}", "word", True) for number in range(30))
    for width in range(20, 120):
        assert sum(len(text) for text, _ in key_parts(keys, width)) <= width + 2


def test_the_key_line_always_keeps_help_and_leave() -> None:
    keys = (*((f"k{number}", "word", True) for number in range(30)), ("?", "help", True), ("q", "leave", True))
    line = "".join(text for text, _ in key_parts(keys, 40))
    assert line.endswith("? help  q leave  ")


async def test_a_name_that_is_too_long_gives_way_to_what_stands_on_the_right() -> None:
    async with console(MemoryBackend(3, read_only=True, locked=True)) as (app, _):
        line = app.screen.query_one(TopLine)
        line.show_frame(title="x" * 200, about="", context="prod", demo=False, read_only=True, locked=True)
        assert line.plain.endswith("read-only · locked")
        assert len(line.plain) == 78


# -- leaving ---------------------------------------------------------------------------------------------------------


async def test_q_leaves_with_exit_code_0() -> None:
    async with console(MemoryBackend(3)) as (app, pilot):
        await press(pilot, "q")
        assert app.return_value == 0
        assert app.return_code == 0


async def test_q_asks_while_a_form_is_not_saved() -> None:
    class Form(Place):
        CONTEXTS = ("global", "place")

        def unsaved(self) -> str:
            return "The form is not saved."

    async with console(MemoryBackend(3)) as (app, pilot):
        app.push_screen(Form())
        await settle(pilot)
        await press(pilot, "q")
        assert isinstance(app.screen, Confirm)
        assert "The form is not saved." in text_of(app)
        await press(pilot, "enter")
        assert app.is_running
        assert not isinstance(app.screen, Confirm)


async def test_ctrl_c_only_says_which_key_leaves() -> None:
    async with console(MemoryBackend(3)) as (app, pilot):
        await press(pilot, "ctrl+c")
        assert app.screen.query_one(NoticeLine).sentence == "q leaves."


# -- errors ----------------------------------------------------------------------------------------------------------


async def test_an_error_of_the_family_shows_what_happened_and_what_to_do() -> None:
    async with console(MemoryBackend(3)) as (app, pilot):
        app.show_error(Denied("You may not do this.", "Ask an administrator."))
        await settle(pilot)
        assert "You may not do this." in text_of(app)
        assert "Ask an administrator." in text_of(app)


async def test_a_thread_that_fails_shows_a_dialog_and_the_console_goes_on() -> None:
    async with console(MemoryBackend(3)) as (app, pilot):
        place: Any = app.place("inventory")

        def fails() -> None:
            raise RuntimeError("secret-in-the-message")

        place.work(fails, done=lambda _: None)
        await settle(pilot)
        assert isinstance(app.screen, Message)
        assert "RuntimeError" in text_of(app)
        assert "secret-in-the-message" not in text_of(app)
        await press(pilot, "enter", "j")
        assert place.table.cursor == 1
        app.unexpected.clear()


async def test_a_crash_leaves_one_sentence_and_a_report_without_values(capsys: pytest.CaptureFixture[str]) -> None:
    app = CerttuiApp(MemoryBackend, lambda: None, settings=Settings(follow_seconds=0), clock=FixedClock(NOW))  # type: ignore[arg-type, return-value]
    canary = "canary-" + "7d1f"

    def crash(secret: str) -> None:
        raise ValueError(secret)

    async def run() -> None:
        async with app.run_test() as pilot:
            app.call_later(crash, canary)
            await pilot.pause()

    with pytest.raises(ValueError, match="canary"):
        await run()
    printed = capsys.readouterr().err
    assert app.crash_report is not None
    assert f"A report without secrets is in {app.crash_report}." in printed
    assert canary not in printed
    assert "Traceback" not in printed
    assert canary not in app.crash_report.read_text(encoding="utf-8")


# -- the idle lock ---------------------------------------------------------------------------------------------------


async def test_the_idle_lock_blanks_the_screen_and_locks_the_store() -> None:
    backend = MemoryBackend(3)
    async with console(backend) as (app, pilot):
        IdleLock(app, 900).lock()
        await settle(pilot)
        assert isinstance(app.screen, LockScreen)
        assert backend.store.locked
        assert "api-gateway" not in text_of(app)
        assert "Locked after 15 minutes without a key." in text_of(app)


async def test_the_locked_screen_is_not_left_by_escape_or_by_going_elsewhere() -> None:
    async with console(MemoryBackend(3)) as (app, pilot):
        IdleLock(app, 900).lock()
        await settle(pilot)
        await press(pilot, "escape", "1", "colon", "ctrl+p")
        assert isinstance(app.screen, LockScreen)


async def test_the_idle_lock_waits_for_a_long_job() -> None:
    async with console(MemoryBackend(3)) as (app, pilot):
        app.jobs.titled = lambda: ["Importing"]  # type: ignore[method-assign]
        IdleLock(app, 900).lock()
        await settle(pilot)
        assert not isinstance(app.screen, LockScreen)


# -- what goes to the terminal ---------------------------------------------------------------------------------------


class Leaky(Place):
    """A screen whose author forgot about hostile text."""

    def content(self) -> ComposeResult:
        yield Static("common name: \x1b]52;c;aGFoYQ==\x07 and \x9b31m and \u202e", markup=False)


async def test_the_last_filter_leaves_no_control_character_whatever_a_widget_draws() -> None:
    async with console(MemoryBackend(3)) as (app, pilot):
        app.push_screen(Leaky())
        await settle(pilot)
        drawn = "".join(strip.text for strip in app.screen._compositor.render_strips())
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(drawn)


async def test_the_backstop_is_the_last_filter() -> None:
    async with console(MemoryBackend(3)) as (app, _):
        assert isinstance(app.get_line_filters()[-1], Backstop)


def test_the_backstop_keeps_the_cells_of_a_line() -> None:
    before = [Segment("a\x1bb"), Segment("plain"), Segment("東\u200b京")]
    after = Backstop().apply(before, BLACK)
    assert [segment.cell_length for segment in after] == [segment.cell_length for segment in before]


async def test_a_window_made_too_small_says_so_with_its_first_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    frames: list[str] = []
    async with console(MemoryBackend(3)) as (_, pilot):
        drawn = TooSmall.render_line

        def seen(self: TooSmall, y: int) -> Strip:
            strip = drawn(self, y)
            frames.append(strip.text)
            return strip

        monkeypatch.setattr(TooSmall, "render_line", seen)
        await pilot.resize_terminal(50, 12)
        await settle(pilot)
        assert frames[0].startswith("This terminal")
        assert not any("TooSmall" in frame for frame in frames)


async def test_no_color_sends_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with console(MemoryBackend(3)) as (app, _):
        styles = [style for strip in app.screen._compositor.render_strips() for _, style, _ in strip if style]
        assert all(style.color is None and style.bgcolor is None for style in styles)
        assert any(style.reverse for style in styles)


async def test_an_empty_no_color_asks_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "")
    async with console(MemoryBackend(3)) as (app, _):
        styles = [style for strip in app.screen._compositor.render_strips() for _, style, _ in strip if style]
        assert any(style.color is not None for style in styles)


async def test_ascii_draws_nothing_but_ascii() -> None:
    async with console(MemoryBackend(30), settings=Settings(follow_seconds=0, ascii=True)) as (app, pilot):
        await press(pilot, "space", "s")
        drawn = "".join(strip.text for strip in app.screen._compositor.render_strips())
        assert drawn.isascii()


async def test_the_console_of_linux_gets_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "linux")
    async with console(MemoryBackend(30)) as (app, _):
        assert app.ascii_only
        drawn = "".join(strip.text for strip in app.screen._compositor.render_strips())
        assert drawn.isascii()


def test_every_stand_in_is_one_ascii_character() -> None:
    assert all(len(stand_in) == 1 and stand_in.isascii() for stand_in in TO_ASCII.values())


def test_letters_of_names_are_left_alone_in_ascii() -> None:
    assert AsciiFilter().apply([Segment("münchen …")], BLACK)[0].text == "münchen ~"


def test_without_colour_bold_stays() -> None:
    from rich.style import Style

    style = PlainFilter().apply([Segment("x", Style(color="red", bold=True))], BLACK)[0].style
    assert style is not None
    assert (style.color, style.bold) == (None, True)


@pytest.mark.parametrize("theme", list(THEMES))
async def test_every_theme_can_be_chosen(theme: str) -> None:
    async with console(MemoryBackend(3)) as (app, pilot):
        app.dress(theme)
        await settle(pilot)
        assert app.theme == theme
        assert "api-gateway" in text_of(app)


async def test_an_idle_console_sends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with console(MemoryBackend(30), settings=Settings(follow_seconds=0.01)) as (app, pilot):
        while app.screen._dirty_widgets:
            await pilot.pause()
        shown: list[object] = []
        display = app._display
        monkeypatch.setattr(app, "_display", lambda screen, update: shown.append(update) or display(screen, update))
        place: Any = app.place("inventory")
        for _ in range(5):
            place.follow_feed()
            await settle(pilot)
        assert [update for update in shown if update is not None] == []


async def test_the_keys_that_work_here_fit_the_line() -> None:
    async with console(MemoryBackend(30), size=(60, 15)) as (app, _):
        assert len(app.screen.query_one(KeyLine).plain) <= 60
