"""Modal dialogs that return an answer. Titles and lines take raw text and are drawn safe.

    self.app.push_screen(Confirm("Delete api-gateway", ["It has a private key."], "Delete", danger=True), self.on_answer)

`Confirm` and `TypedConfirm` answer bool; `AskText` str or None; `AskPassword` a `Secret` or None; `Choose` the chosen value or
None; `Message` None. `escape` always is the answer that changes nothing. Each shows the equivalent command line when given.

Textual calls the `on_mount` of a subclass first, then that of `Dialog`, which puts the focus on the first input or on Cancel
unless it is somewhere already (`self.set_focus`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input

from certtui.model.secret import Secret
from certtui.text import shown
from certtui.widgets.safe_text import SafeText

if TYPE_CHECKING:
    from textual.app import App

    from certtui.work import Job

R = TypeVar("R")
V = TypeVar("V")


def as_typed(app: App[object], command: str) -> str:
    """The command line that means what the console shows; the application knows which context that is."""
    typed = getattr(app, "as_typed", None)
    return str(typed(command)) if typed else command


class Dialog(ModalScreen[R], Generic[R]):
    """The frame of all dialogs: title, body, optional command line, buttons. Subclasses give `body` and `buttons`."""

    DEFAULT_CSS = """
    Dialog { align: center middle; background: $background 60%; }
    Dialog:nocolor { background: $background; }
    Dialog > Vertical {
        width: 76; max-width: 96%; height: auto; max-height: 96%; padding: 0 1; background: $panel;
        border: round $border; border-title-color: $foreground; border-title-style: bold;
    }
    Dialog > Vertical.-danger { border: round $error; border-title-color: $error; }
    Dialog VerticalScroll { height: auto; max-height: 14; scrollbar-size-vertical: 1; }
    Dialog .command { color: $certtui-dim; margin-top: 1; }
    Dialog .problem { color: $error; display: none; }
    Dialog .problem.-shown { display: block; }
    Dialog Input, Dialog Input:focus { border: none; background-tint: $panel 0%; height: 1; padding: 0 1; background: $background; margin: 1 0 0 0; }
    Dialog Input:nocolor { text-style: underline; }
    Dialog Horizontal { height: 1; align-horizontal: right; margin-top: 1; }
    Dialog Button, Dialog Button:focus {
        border: none !important; height: 1; min-width: 8; padding: 0 2; margin-left: 2; background: $panel; color: $foreground;
        text-style: none; tint: $panel 0%;
    }
    Dialog Button:focus { background: $primary; color: $background; text-style: bold; background-tint: $panel 0%; }
    Dialog Button.-danger { color: $error; }
    Dialog Button.-danger:focus { background: $error; color: $background; }
    Dialog Button:disabled { color: $certtui-dim; }
    Dialog Button:nocolor:focus { text-style: reverse bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", show=False),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]

    def __init__(self, title: str, *, danger: bool = False, command: str = "") -> None:
        super().__init__()
        self._heading = title
        self._danger = danger
        self._command = command

    def compose(self) -> ComposeResult:
        frame = Vertical(classes="-danger" if self._danger else "")
        frame.border_title = Content(f" {shown(self._heading)} ")
        with frame:
            yield from self.body()
            if self._command:
                yield SafeText(f"$ {as_typed(self.app, self._command)}", classes="command")
            with Horizontal():
                yield from self.buttons()

    def body(self) -> ComposeResult:
        """What stands between title and buttons."""
        yield from ()

    def buttons(self) -> ComposeResult:
        """The buttons from left to right; the first one has the focus unless `body` takes it."""
        yield Button(Content("Close"), id="cancel")

    def on_mount(self) -> None:
        if self.focused is None:
            found = [widget for selector in ("Input", "#cancel", "Button") for widget in self.query(selector)]
            self.set_focus(found[0] if found else None)

    def action_cancel(self) -> None:
        self.dismiss(self.nothing())

    def nothing(self) -> R | None:
        """The answer of `escape`."""
        return None

    def problem(self, text: str) -> None:
        """Show a sentence above the buttons, or take it away with ""."""
        for line in self.query(".problem").results(SafeText):
            line.say(text)
            line.set_class(bool(text), "-shown")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if not self.is_current:
            return  # a subclass's handler, which Textual calls first, has answered
        if event.button.id == "cancel":
            self.action_cancel()
        else:
            self.accept()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self.is_current:
            self.submitted(event.input)

    def submitted(self, field: Input) -> None:
        """Enter was pressed in an input."""
        self.accept()

    def accept(self) -> None:
        """The other button was pressed."""


def _lines(lines: Iterable[str]) -> ComposeResult:
    with VerticalScroll(can_focus=False):
        yield SafeText("\n".join(lines))


class Message(Dialog[None]):
    """Something to read, and nothing to decide."""

    def __init__(self, title: str, lines: Sequence[str], *, command: str = "", danger: bool = False) -> None:
        super().__init__(title, command=command, danger=danger)
        self._text = tuple(lines)

    def body(self) -> ComposeResult:
        yield from _lines(self._text)


class Confirm(Dialog[bool]):
    """Yes or no. With `danger` it starts on Cancel, else on the act."""

    def __init__(
        self, title: str, lines: Sequence[str], label: str, *, danger: bool = False, command: str = ""
    ) -> None:
        super().__init__(title, danger=danger, command=command)
        self._text = tuple(lines)
        self._label = label

    def body(self) -> ComposeResult:
        yield from _lines(self._text)

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        yield Button(Content(shown(self._label)), id="accept", classes="-danger" if self._danger else "")

    def on_mount(self) -> None:
        self.set_focus(self.query_one("#cancel" if self._danger else "#accept"))

    def nothing(self) -> bool:
        return False

    def accept(self) -> None:
        self.dismiss(True)


class TypedConfirm(Dialog[bool]):
    """Yes only after typing `expected`: for what cannot be undone, and for bulk."""

    def __init__(
        self, title: str, lines: Sequence[str], expected: str, *, label: str = "Delete", command: str = ""
    ) -> None:
        super().__init__(title, danger=True, command=command)
        self._text = tuple(lines)
        self._expected = expected
        self._label = label

    def body(self) -> ComposeResult:
        yield from _lines(self._text)
        yield SafeText(f"Type  {self._expected}", classes="expected")
        yield Input(id="typed")
        yield SafeText("", classes="problem")

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        yield Button(Content(shown(self._label)), id="accept", classes="-danger", disabled=True)

    def nothing(self) -> bool:
        return False

    def on_input_changed(self, event: Input.Changed) -> None:
        self.query_one("#accept", Button).disabled = not self._matches(event.value)
        self.problem("")

    def accept(self) -> None:
        if self._matches(self.query_one("#typed", Input).value):
            self.dismiss(True)
        else:
            self.problem("That is not what is asked for.")

    def _matches(self, typed: str) -> bool:
        # What cannot be typed (control characters) is asked for as it is shown.
        return typed.strip() in (self._expected, shown(self._expected))


class AskText(Dialog[str]):
    """One line of text. `check` gives a sentence of what is wrong with it, or ""."""

    def __init__(
        self,
        title: str,
        lines: Sequence[str] = (),
        *,
        value: str = "",
        label: str = "OK",
        check: Callable[[str], str] | None = None,
        command: str = "",
    ) -> None:
        super().__init__(title, command=command)
        self._text = tuple(lines)
        self._value = value
        self._label = label
        self._check = check

    def body(self) -> ComposeResult:
        if self._text:
            yield from _lines(self._text)
        yield Input(shown(self._value), id="answer", select_on_focus=False)
        yield SafeText("", classes="problem")

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        yield Button(Content(shown(self._label)), id="accept")

    def on_input_changed(self, event: Input.Changed) -> None:
        self.problem(self._check(event.value) if self._check and event.value else "")

    def accept(self) -> None:
        value = self.query_one("#answer", Input).value
        problem = self._check(value) if self._check else ""
        if problem:
            self.problem(problem)
        else:
            self.dismiss(value)


class AskPassword(Dialog[Secret]):
    """A password that is not shown; with `confirm` it is typed twice. `problem` says why it is asked again."""

    def __init__(
        self,
        title: str,
        lines: Sequence[str] = (),
        *,
        confirm: bool = False,
        allow_empty: bool = False,
        label: str = "OK",
        problem: str = "",
        command: str = "",
        word: str = "password",
    ) -> None:
        super().__init__(title, command=command)
        self._text = tuple(lines)
        self._word = word
        self._confirm = confirm
        self._allow_empty = allow_empty
        self._label = label
        self._problem = problem

    def body(self) -> ComposeResult:
        if self._text:
            yield from _lines(self._text)
        yield Input(password=True, id="first", placeholder=self._word)
        if self._confirm:
            yield Input(password=True, id="second", placeholder="the same again")
        yield SafeText(self._problem, classes="problem -shown" if self._problem else "problem")

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        yield Button(Content(shown(self._label)), id="accept")

    def submitted(self, field: Input) -> None:
        if self._confirm and field.id == "first":
            self.query_one("#second", Input).focus()
        else:
            self.accept()

    def accept(self) -> None:
        first = self.query_one("#first", Input)
        if not first.value and not self._allow_empty:
            self.problem(f"Type a {self._word}.")
            return
        if self._confirm and self.query_one("#second", Input).value != first.value:
            self.problem("The two are not the same.")
            return
        self.dismiss(Secret(first.value))


class Choose(Dialog[V], Generic[V]):
    """One of a list of (value, label); `current` is where the cursor starts."""

    def __init__(
        self,
        title: str,
        options: Sequence[tuple[V, str]],
        *,
        lines: Sequence[str] = (),
        current: int = 0,
        command: str = "",
    ) -> None:
        super().__init__(title, command=command)
        self._options = tuple(options)
        self._text = tuple(lines)
        self._current = current

    def body(self) -> ComposeResult:
        from certtui.widgets.choice_list import ChoiceList

        if self._text:
            yield from _lines(self._text)
        yield ChoiceList([label for _, label in self._options], current=self._current)

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        yield Button(Content("Choose"), id="accept")

    def on_mount(self) -> None:
        self.set_focus(self.query_one("ChoiceList"))

    def on_choice_list_chosen(self) -> None:
        self.accept()

    def accept(self) -> None:
        from certtui.widgets.choice_list import ChoiceList

        self.dismiss(self._options[self.query_one(ChoiceList).cursor][0] if self._options else None)


class ProgressDialog(Dialog[None]):
    """The bar, the estimate and the cancel of a long job; `work.run_long` opens and closes it."""

    def __init__(self, title: str, job: Job, *, command: str = "") -> None:
        super().__init__(title, command=command)
        self._job = job

    def body(self) -> ComposeResult:
        from certtui.widgets.progress import Progress

        yield Progress(self._job)

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")

    def action_cancel(self) -> None:
        self._job.cancel()
        for button in self.query("#cancel").results(Button):
            button.label = Content("Stopping")
            button.disabled = True
