"""What is said about a list: how many rows there are, and why there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from certtui.screens.base import Place
from certtui.screens.list_marks import Listed
from certtui.widgets.line import Part
from certtui.widgets.state_text import StateText

if TYPE_CHECKING:
    from certtui.backend.base import Listing
    from certtui.errors import CerttuiError
    from certtui.model.query import Query
    from certtui.widgets.filter_bar import FilterBar
    from certtui.widgets.record_table import RecordTable

R = TypeVar("R", bound=Listed)


class SaysHowItStands(Place, Generic[R]):
    """The count beside the filter, and the sentences that stand where rows would."""

    NOUN: ClassVar[tuple[str, str]]
    listing: Listing[R] | None
    query_now: Query
    unseen: int
    _everything = 0
    """How many there are without a filter, 0 while unknown."""
    _problem: CerttuiError | None = None
    """Why there is no list."""

    if TYPE_CHECKING:

        @property
        def table(self) -> RecordTable[R]: ...

        @property
        def bar(self) -> FilterBar: ...

        @property
        def age(self) -> str: ...

    def first_run(self) -> list[str]:
        """The sentences of a place with nothing in it."""
        return [f"No {self.NOUN[1]} yet."]

    def _lay_state(self) -> None:
        title, lines = self._state()
        if self.has_class("-state") and not title and self.focused is None:
            self.call_after_refresh(self.set_focus, self.table)
        self.set_class(bool(title), "-state")
        stated = self.query(StateText)
        if stated:
            stated.first().display = bool(title)
            stated.first().tell(title, lines)
        elif title:
            self.query_one("#middle").mount(StateText(title, lines))
        self.refresh_frame()

    def _state(self) -> tuple[str, list[str]]:
        keys = self.console_app.keys
        if self._problem is not None:
            again = f"{keys.label('list.refresh')}  tries again"
            return self._problem.message, [self._problem.hint, "", again]
        total = None if self.listing is None else self.table.total
        if total == 0 and not self.query_now.text:
            head, *rest = self.first_run()
            return head, rest
        if total == 0 and self.bar.error:
            return "The filter has an error.", [self.bar.error]
        if total == 0:
            return (
                f"No {self.NOUN[0]} matches the filter.",
                [f"{keys.label('app.back')}  takes the filter away", f"{keys.label('list.filter')}  changes it"],
            )
        return "", []

    def lay_count(self) -> None:
        """Say how many rows there are, how many of them marked, and how many others changed."""
        table = self.table
        parts: list[Part] = [(self.age, "warn"), ("  ", "")] if self.age else []
        if self.unseen:
            parts += [
                (f"{self.unseen:,} changed, {self.console_app.keys.label('list.refresh')} sorts anew", "note"),
                ("  ", ""),
            ]
        if table.marks:
            parts += [(f"{len(table.marks):,} marked", "accent"), ("  ", "")]
        if table.total is None:
            parts.append(("counting", "dim"))
        elif self.query_now.text and self._everything:
            parts.append((f"{table.total:,} of {self._everything:,}", ""))
        else:
            parts.append((f"{table.total:,}", ""))
        self.bar.tell(text=self.bar.text if self.bar.editing else self.query_now.text, count=parts)
