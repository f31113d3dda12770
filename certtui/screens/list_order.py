"""Sort and columns of a list: which columns are seen, in which order, and by which the rows are sorted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from certtui.model.query import Query, Sort
from certtui.screens.base import Place
from certtui.screens.list_marks import Listed
from certtui.widgets.columns import Column

if TYPE_CHECKING:
    from certtui.widgets.record_table import RecordTable

R = TypeVar("R", bound=Listed)


class OrdersRows(Place, Generic[R]):
    """The acts that sort, and those that show and hide columns."""

    COLUMNS: ClassVar[Sequence[Column[Any]]] = ()  # Any: a class attribute can't name the class's type variable
    SHOWN: ClassVar[Sequence[str]] = ()
    """Ids of the columns shown at first; all when empty."""
    query_now: Query

    if TYPE_CHECKING:

        @property
        def table(self) -> RecordTable[R]: ...

        def ask(self, *, anchor: int | None = None) -> None:
            """Open the list for the present query."""

    def chosen_columns(self) -> list[Column[R]]:
        """The columns that this person sees, in order."""
        settings = self.console_app.settings
        ids = settings.columns.get(self.PLACE) or self.SHOWN or [column.id for column in self.COLUMNS]
        by_id = {column.id: column for column in self.COLUMNS}
        return [by_id[column_id] for column_id in ids if column_id in by_id] or list(self.COLUMNS)

    def sort_by(self, sort: Sort) -> None:
        """Sort, from the first row."""
        self.query_now = Query(self.query_now.text, sort)
        self.table.show_columns(self.table.columns, sort)
        self.ask()

    def do_list_reverse(self) -> None:
        sort = self.query_now.sort
        self.sort_by(Sort(sort.field, not sort.descending))

    def do_list_sort(self) -> None:
        from certtui.widgets.dialogs import Choose

        fields = {column.sort: column.title for column in reversed(self.COLUMNS) if column.sort}
        order = [column.sort for column in self.COLUMNS if column.sort]
        options = [(field, fields[field]) for field in dict.fromkeys(order)]
        now = self.query_now.sort
        labels = [(field, f"{title}{_direction(now) if field == now.field else ''}") for field, title in options]
        current = next((index for index, (field, _) in enumerate(options) if field == now.field), 0)
        self.app.push_screen(
            Choose("Sort by", labels, lines=["The same column again sorts the other way."], current=current),
            self._sorted,
        )

    def _sorted(self, field: str | None) -> None:
        if field is not None:
            now = self.query_now.sort
            self.sort_by(Sort(field, not now.descending if field == now.field else False))

    def do_list_columns(self) -> None:
        from certtui.screens.columns import ColumnsScreen

        shown = [column.id for column in self.table.columns]
        self.app.push_screen(
            ColumnsScreen([(column.id, column.title) for column in self.COLUMNS], shown), self._columned
        )

    def _columned(self, ids: list[str] | None) -> None:
        if ids is None:
            return
        by_id = {column.id: column for column in self.COLUMNS}
        self.table.show_columns([by_id[column_id] for column_id in ids], self.query_now.sort)
        self.console_app.keep_columns(self.PLACE, ids)


def _direction(sort: Sort) -> str:
    return ", now falling" if sort.descending else ", now rising"
