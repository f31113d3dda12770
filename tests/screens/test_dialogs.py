"""Dialogs: what they answer, where they start, what they show."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from textual.screen import ModalScreen
from textual.widgets import Input

from certtui.model.secret import Secret
from certtui.widgets.dialogs import AskPassword, AskText, Choose, Confirm, Dialog, Message, TypedConfirm
from tests.screens.harness import console, press, settle, text_of
from tests.screens.memory import MemoryBackend

NOTHING = object()


@asynccontextmanager
async def asked(dialog: ModalScreen[Any]) -> AsyncIterator[tuple[Any, Any, list[Any]]]:
    """A dialog on the screen; what it answers comes into the list."""
    answers: list[Any] = []
    async with console(MemoryBackend(3)) as (app, pilot):
        app.push_screen(dialog, answers.append)
        await settle(pilot)
        yield app, pilot, answers


async def test_confirming_starts_on_the_act_and_enter_does_it() -> None:
    async with asked(Confirm("Overwrite", ["The file is there."], "Overwrite")) as (_, pilot, answers):
        await press(pilot, "enter")
        assert answers == [True]


async def test_a_dangerous_act_starts_on_cancel() -> None:
    async with asked(Confirm("Delete api", ["It goes."], "Delete", danger=True)) as (_, pilot, answers):
        await press(pilot, "enter")
        assert answers == [False]


async def test_the_arrow_goes_over_to_the_act() -> None:
    async with asked(Confirm("Delete api", ["It goes."], "Delete", danger=True)) as (_, pilot, answers):
        await press(pilot, "right", "enter")
        assert answers == [True]


async def test_escape_confirms_nothing() -> None:
    async with asked(Confirm("Overwrite", ["The file is there."], "Overwrite")) as (_, pilot, answers):
        await press(pilot, "escape")
        assert answers == [False]


async def test_the_equivalent_command_line_is_shown() -> None:
    async with asked(Confirm("Delete", ["…"], "Delete", command="certtui delete 7")) as (app, _, _):
        assert "$ certtui delete 7" in text_of(app)


async def test_what_must_be_typed_must_be_typed() -> None:
    async with asked(TypedConfirm("Delete 14", ["…"], "delete 14")) as (app, pilot, answers):
        await press(pilot, *"delete", "enter")
        assert answers == []
        assert "That is not what is asked for." in text_of(app)
        await press(pilot, *" 14", "enter")
        assert answers == [True]


async def test_a_name_with_control_characters_is_typed_as_it_is_shown() -> None:
    async with asked(TypedConfirm("Delete", ["…"], "a\x1bb")) as (app, pilot, answers):
        app.screen.query_one(Input).value = "a␛b"
        await press(pilot, "enter")
        assert answers == [True]


async def test_a_text_is_answered() -> None:
    async with asked(AskText("Name", value="api")) as (_, pilot, answers):
        await press(pilot, *"-2", "enter")
        assert answers == ["api-2"]


async def test_a_text_that_is_wrong_keeps_the_dialog_and_what_was_typed() -> None:
    dialog = AskText("Port", check=lambda text: "" if text.isdigit() else "A port is a number.")
    async with asked(dialog) as (app, pilot, answers):
        await press(pilot, *"x", "enter")
        assert answers == []
        assert "A port is a number." in text_of(app)
        assert app.screen.query_one(Input).value == "x"


async def test_a_password_is_answered_as_a_secret_and_never_shown() -> None:
    async with asked(AskPassword("Password")) as (app, pilot, answers):
        await press(pilot, *"hunter2")
        assert "hunter2" not in text_of(app)
        await press(pilot, "enter")
        assert answers == [Secret("hunter2")]


async def test_a_new_password_is_typed_twice() -> None:
    async with asked(AskPassword("New password", confirm=True)) as (app, pilot, answers):
        await press(pilot, *"one", "enter", *"two", "enter")
        assert answers == []
        assert "The two are not the same." in text_of(app)


async def test_an_empty_password_is_asked_for_again_unless_it_may_be_empty() -> None:
    async with asked(AskPassword("Password")) as (_, pilot, answers):
        await press(pilot, "enter")
        assert answers == []
    async with asked(AskPassword("Password", allow_empty=True)) as (_, pilot, answers):
        await press(pilot, "enter")
        assert answers == [Secret("")]


async def test_one_of_several_is_chosen() -> None:
    async with asked(Choose("Which", [(7, "seven"), (8, "eight")])) as (_, pilot, answers):
        await press(pilot, "j", "enter")
        assert answers == [8]


async def test_the_choice_starts_where_it_stands_now() -> None:
    async with asked(Choose("Which", [(7, "seven"), (8, "eight")], current=1)) as (_, pilot, answers):
        await press(pilot, "enter")
        assert answers == [8]


async def test_no_choice_answers_nothing() -> None:
    async with asked(Choose("Which", [(7, "seven")])) as (_, pilot, answers):
        await press(pilot, "escape")
        assert answers == [None]


async def test_a_message_is_read_and_gone() -> None:
    async with asked(Message("Done", ["Three certificates were added."])) as (app, pilot, answers):
        assert "Three certificates were added." in text_of(app)
        await press(pilot, "enter")
        assert answers == [None]


async def test_hostile_text_in_title_and_lines_is_drawn_as_text() -> None:
    dialog: Dialog[Any] = Confirm("O=[/foo] \x1b]52;c;x\x07", ["[bold]x[/bold] [/nope]", "\u202e"], "[/red]")
    async with asked(dialog) as (app, _, _):
        screen = text_of(app)
        assert "O=[/foo] ␛]52" in screen
        assert "[bold]x[/bold] [/nope]" in screen
        assert "[/red]" in screen
        assert "\u202e" not in screen


async def test_a_long_message_scrolls_and_keeps_its_button_on_the_screen() -> None:
    async with asked(Message("Report", [f"line {number}" for number in range(500)])) as (app, _, _):
        assert "Close" in text_of(app)
