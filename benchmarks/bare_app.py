"""The least Textual app there is: one label, which a key changes. What certtui's console is measured against."""

from __future__ import annotations

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.widgets import Label


class BareApp(App[None]):
    """`x` changes the label, `q` leaves."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [("x", "count", "count"), ("q", "quit", "quit")]
    count = 0

    def compose(self) -> ComposeResult:
        yield Label("bare label 0", markup=False)

    def action_count(self) -> None:
        self.count += 1
        self.query_one(Label).update(f"bare label {self.count}")


if __name__ == "__main__":
    BareApp().run()
