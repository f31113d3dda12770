"""The filter of a list: one line that shows it with the count, an input while it is typed, hints and errors below it.

    FilterBar(fields)                       # gives the keys of certtui.model.filter_fields when first asked
    await bar.edit()                        # `/`
    bar.tell(text="unused", count="214 of 12,480")

Posts `Changed` for every text that parses while one types, and `Closed` when the typing ends (enter keeps the text,
`escape` brings the one before back). An error stands beside the text, and the list keeps what it showed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from textual.message import Message
from textual.widget import Widget

from certtui.widgets.line import Lines, Part, spread
from certtui.widgets.wrapping import wrapped

if TYPE_CHECKING:
    from certtui.model.filter_fields import Field as FilterField
    from certtui.widgets.line_input import EditedInput


class FilterBar(Lines):
    """One line, two while typing, three for an error that takes two."""

    DEFAULT_CSS = """
    FilterBar { height: 1; layout: vertical; padding: 0 1; }
    FilterBar.-editing { height: 2; padding: 0; }
    FilterBar.-editing.-long { height: 3; }
    FilterBar > EditedInput { padding: 0 1; }
    FilterBar > #hint { padding: 0 1; height: auto; max-height: 2; }
    """

    class Changed(Message):
        """Another filter that parses."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Judged(Message):
        """What is typed began or ceased to have an error, or has another: `FilterBar.error`."""

    class Closed(Message):
        """Typing is over; the list has the focus again."""

    def __init__(self, fields: Callable[[], Mapping[str, FilterField]], *, key: str = "/") -> None:
        super().__init__()
        self._fields = fields
        self._key = key
        self.text = ""
        self._count: list[Part] = []
        self._drawn: tuple[str, list[Part]] = ("", [])
        self._hints: list[Part] = []
        self._from: Widget | None = None
        self._before = ""
        self.history: list[str] = []
        self._past = 0
        self.error = ""

    def tell(self, *, text: str, count: list[Part]) -> None:
        """What filters the list now, and how many it found."""
        self.text = text
        self._count = count
        self._lay()

    @property
    def editing(self) -> bool:
        return self.has_class("-editing")

    async def edit(self) -> None:
        """Let the person type; what is typed from here on goes into the field."""
        from certtui.widgets.line_input import EditedInput

        self._before = self.text
        self._from = self.screen.focused
        self._past = len(self.history)
        fields = self.query(EditedInput)
        if fields:
            field = fields.first()
            field.value = self.text
            field.display = self.query_one("#hint").display = True
        else:
            field = EditedInput(self.text, placeholder="words, status:expiring, days<30, group:payments, !host …")
            await self.mount(field, Lines([[("", "")]], id="hint"))
        field.cursor_position = len(self.text)
        self.add_class("-editing")
        self.screen.set_focus(field)
        self._hint(self.text)

    def close(self, *, keep: bool) -> None:
        """End the typing; without `keep` the filter is what it was before."""
        from certtui.widgets.line_input import EditedInput

        if not self.editing:
            return
        field = self.query_one(EditedInput)
        field.display = self.query_one("#hint").display = False
        self.remove_class("-editing")
        if not keep or self.error:
            self._say(self._before)
        elif self.text and (not self.history or self.history[-1] != self.text):
            self.history.append(self.text)
        self._judge("")
        self._lay()
        if self._from is not None:
            self.screen.set_focus(self._from)
        self.post_message(self.Closed())

    def on_input_changed(self, event: EditedInput.Changed) -> None:
        event.stop()
        if self.editing:
            self._hint(event.value)
            if not self.error:
                self._say(event.value)

    def finish(self) -> None:
        """enter: the filter stays, unless it is none."""
        from certtui.widgets.line_input import EditedInput

        # What was typed right before may not have been told by the field yet.
        value = self.query_one(EditedInput).value
        self._hint(value)
        if not self.error:
            self._say(value)
            self.close(keep=True)

    def give_up(self) -> None:
        """escape: the filter of before comes back."""
        self.close(keep=False)

    def on_resize(self) -> None:
        self._lay()

    def _say(self, text: str) -> None:
        text = text.strip()
        if text != self.text:
            self.text = text
            self.post_message(self.Changed(text))

    def _hint(self, value: str) -> None:
        from certtui.model.filter_edit import completions
        from certtui.model.filters import FilterError, parse

        try:
            parse(value, self._fields())
        except FilterError as error:
            self._judge(str(error))
            parts: list[Part] = [(f"{'^' * max(1, min(3, error.end - error.start))} {error}", "bad")]
        else:
            self._judge("")
            offered = completions(value, len(value), self._fields()).candidates
            parts = []
            for index, (text, help_) in enumerate(offered[:6]):
                parts += [(text, "key" if index == 0 else ""), (f" {help_}   " if len(offered) < 3 else "  ", "dim")]
            parts = (
                [("tab ", "dim"), *parts] if parts else [("enter keeps it, esc takes it back, ? explains it", "dim")]
            )
        self._hints = parts
        self._lay_hint()

    def _judge(self, error: str) -> None:
        if error != self.error:
            self.error = error
            self.post_message(self.Judged())

    def _lay_hint(self) -> None:
        hint = self.query_one("#hint", Lines)
        width = self.size.width - 2
        lines = [spread(self._hints, self._count, width)]
        if self.error and width > 0:
            lines = [[(line, "bad")] for line in wrapped("".join(text for text, _ in self._hints), width)[:2]]
        self.set_class(len(lines) > 1, "-long")
        hint.show(lines)

    def complete(self) -> None:
        """tab: the first of what is offered."""
        from certtui.model.filter_edit import completions
        from certtui.widgets.line_input import EditedInput

        field = self.query_one(EditedInput)
        offered = completions(field.value, field.cursor_position, self._fields())
        if offered.candidates:
            text = offered.candidates[0][0]
            field.value = field.value[: offered.start] + text + field.value[offered.end :]
            field.cursor_position = offered.start + len(text)

    def recall(self, step: int) -> None:
        """up and down: filters of before."""
        from certtui.widgets.line_input import EditedInput

        self._past = max(0, min(len(self.history), self._past + step))
        field = self.query_one(EditedInput)
        field.value = self.history[self._past] if self._past < len(self.history) else ""
        field.cursor_position = len(field.value)

    def _lay(self) -> None:
        if self.editing:
            self._lay_hint()
        elif (self.text, self._count) != self._drawn:
            self._drawn = (self.text, self._count)
            self.refresh()

    def line(self, y: int, width: int) -> list[Part]:
        left: list[Part] = [(f"{self._key} ", "key" if self.text else "dim"), (self.text, "accent")]
        return spread(left, self._count, width)
