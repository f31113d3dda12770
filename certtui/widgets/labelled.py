"""A label before an entry, on one line of a dialog."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Input

from certtui.widgets.safe_text import SafeText


class Entry(Input):
    """An `Input` one line high, with a cursor that stands still. Its value is raw text as typed or pasted."""

    DEFAULT_CSS = """
    Entry, Entry:focus, Dialog Entry, Dialog Entry:focus { border: none; height: 1; padding: 0 1; margin: 0 !important; background: $background; }
    """

    def __init__(
        self, value: str = "", *, placeholder: str = "", password: bool = False, id: str | None = None
    ) -> None:
        super().__init__(value, placeholder=placeholder, password=password, select_on_focus=False, id=id, compact=True)
        self.cursor_blink = False


class Labelled(Widget):
    """The label (raw text) in a column of its own, the field beside it."""

    DEFAULT_CSS = """
    Labelled { layout: horizontal; height: auto; width: 1fr; }
    Labelled > SafeText { width: 13; color: $certtui-dim; }
    Labelled Input, Dialog Labelled Input, Dialog Labelled Input:focus { width: 1fr; margin: 0 !important; }
    """

    def __init__(self, label: str, field: Widget, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._label = label
        self._field = field

    def compose(self) -> ComposeResult:
        yield SafeText(self._label)
        yield self._field
