"""Marks in a list: which rows an act is for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Generic, Protocol, TypeVar

from certtui.model.query import Gone
from certtui.screens.base import Place

if TYPE_CHECKING:
    from certtui.backend.base import Listing
    from certtui.model.progress import Progress
    from certtui.widgets.record_table import RecordTable


class Listed(Protocol):
    """What a row of a list has; one that can be marked has a `version` besides."""

    @property
    def id(self) -> int: ...


R = TypeVar("R", bound=Listed)
CHUNK = 500
MANY = 20_000
"""From so many rows on, marking them all shows how far it is and can be cancelled."""


class MarksRows(Place, Generic[R]):
    """The acts that mark, and what the others ask: `targets()`."""

    NOUN: ClassVar[tuple[str, str]] = ("row", "rows")
    listing: Listing[R] | None

    if TYPE_CHECKING:

        @property
        def table(self) -> RecordTable[R]: ...

    def targets(self) -> list[tuple[int, int]]:
        """What an act is for: the marked rows, else the row under the cursor, as (id, version) that were seen."""
        if self.table.marks:
            return list(self.table.marks.items())
        row = self.table.current
        return [] if row is None else [(row.id, getattr(row, "version", 0))]

    def unmark(self, ids: Sequence[int] | None = None) -> None:
        """Take these marks away after an act, or all."""
        self.table.unmark(ids)

    def do_list_mark(self) -> None:
        self.table.toggle_mark()

    def do_list_unmark_all(self) -> None:
        self.table.unmark()

    def do_list_mark_all(self) -> None:
        """Freeze the listed ids with the versions they have now."""
        listing = self.listing
        if listing is None:
            return

        def versions(progress: Progress) -> list[tuple[int, int]]:
            found: list[tuple[int, int]] = []
            count = len(listing.ids())
            for start in range(0, count, CHUNK):
                progress(start, count)
                rows = listing.rows(start, start + CHUNK)
                found += [(row.id, getattr(row, "version", 0)) for row in rows if not isinstance(row, Gone)]
            return found

        if (self.table.total or 0) <= MANY:
            self.work(lambda: versions(lambda done, total: None), done=self.table.mark, key="mark-all")
        else:
            self.work_long(f"Marking {self.table.total:,} {self.NOUN[1]}", versions, done=self.table.mark)
