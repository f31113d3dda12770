"""One field of a form: a label, an editor, and below it what is wrong or what was found there.

The editor is an `Input`, `PathInput`, `MaterialInput`, `TextArea`, `ChoiceRow` or `ChoiceList`; a field reads and fills all
of them alike. Labels of one form line up.
"""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Input, TextArea

from certtui.model.secret import Secret
from certtui.widgets.choice_row import ChoiceRow
from certtui.widgets.path_input import MaterialInput, PathField, PathInput
from certtui.widgets.safe_text import SafeText


class Field(Horizontal):
    """`name` is how the form calls it; the editor is focused by `focus_editor`."""

    DEFAULT_CSS = """
    Field { height: auto; width: 1fr; }
    Field > .label { width: 14; height: 1; padding: 0 1 0 0; color: $certtui-dim; }
    Field.-long > .label { width: 18; }
    Field > Vertical { height: auto; width: 1fr; }
    Field Input, Field Input:focus {
        border: none; height: 1; padding: 0; background: $panel; background-tint: $panel 0%;
    }
    Field Input:focus { background: $certtui-cursor; }
    Field Input.-held { color: $certtui-note; }
    Field Input:nocolor { text-style: underline; }
    Field TextArea, Field TextArea:focus {
        border: none; height: 3; padding: 0; background: $panel; background-tint: $panel 0%; scrollbar-size-vertical: 1;
    }
    Field TextArea:focus { background: $certtui-cursor; }
    Field TextArea .text-area--cursor-line { background: transparent; }
    Field .said { display: none; height: auto; color: $certtui-dim; }
    Field .said.-shown { display: block; }
    Field .said.-problem { color: $error; }
    Field .said.-problem:nocolor { text-style: bold; }
    """

    def __init__(self, name: str, label: str, editor: Widget, *, classes: str | None = None) -> None:
        super().__init__(classes=classes)
        self.field = name
        self.label = label
        self.editor = editor
        self._said = SafeText("", classes="said")

    def compose(self) -> ComposeResult:
        yield SafeText(self.label, classes="label")
        with Vertical():
            yield PathField(self.editor) if isinstance(self.editor, PathInput) else self.editor
            yield self._said

    @property
    def value(self) -> str:
        """What is typed or chosen."""
        match self.editor:
            case Input() as line:
                return line.value
            case TextArea() as box:
                return box.text
            case ChoiceRow() as row:
                return row.value
            case _:
                return str(getattr(self.editor, "value", ""))

    @property
    def paste(self) -> Secret | None:
        """What was pasted and is held."""
        return self.editor.held if isinstance(self.editor, MaterialInput) else None

    def put(self, value: str, paste: Secret | None = None) -> None:
        """Fill it in, as if a person had."""
        match self.editor:
            case MaterialInput() as line if paste is not None:
                line.hold(paste.reveal())
            case MaterialInput() as line:
                if line.held is not None:
                    line.hold(None)
                line.take(value)
            case PathInput() as line:
                line.take(value)
            case Input() as line:
                line.value = value
            case TextArea() as box:
                box.text = value
            case ChoiceRow() as row:
                row.value = value
            case _:
                setattr(self.editor, "value", value)  # noqa: B010  # a list to choose from; Widget itself has no value

    def say(self, text: str, *, problem: bool = False) -> None:
        """Put a sentence below the editor: what is wrong, or what was found; "" takes it away."""
        self._said.say(text)
        self._said.set_class(bool(text), "-shown")
        self._said.set_class(problem, "-problem")

    @property
    def said(self) -> str:
        """The sentence below, raw; for tests."""
        return self._said.raw

    def focus_editor(self) -> None:
        """Put the cursor there."""
        self.editor.focus()


class Pair(Horizontal):
    """Two short fields side by side."""

    DEFAULT_CSS = """
    Pair { height: auto; }
    Pair > Field { width: 1fr; margin-right: 1; }
    Pair > Field:last-of-type { margin-right: 0; }
    """
