"""Following what others change: a list asks the change feed now and then, and reads its rows again in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from certtui.screens.base import Place
from certtui.screens.list_marks import Listed
from certtui.work import run

if TYPE_CHECKING:
    from certtui.widgets.record_table import RecordTable

R = TypeVar("R", bound=Listed)


class FollowsTheFeed(Place, Generic[R]):
    """Knows the last change that the list shows; a subclass says when to ask, and what follows from an answer."""

    unseen = 0
    """Rows that others changed since the list was asked."""
    heard: int | None = None
    """The last change that the list shows; None before the first list."""
    searching = False

    if TYPE_CHECKING:

        @property
        def table(self) -> RecordTable[R]: ...

        def ask(self, *, anchor: int | None = None) -> None:
            """Open the list for the present query."""

        def listed(self) -> None:
            """Rows were read again."""

        def lay_count(self) -> None:
            """Say anew how many rows there are, changed or marked."""

    def follow_feed(self) -> None:
        """Ask for changes, unless nobody looks or the list is being asked anyway."""
        if self._ready and self.is_current and not self.searching:
            run(
                self, self.backend.feed.latest, done=self._heard, failed=lambda error: None, key="feed", background=True
            )

    def _heard(self, latest: int) -> None:
        if self.heard is None or latest == self.heard:
            return
        since = self.heard
        self.heard = latest
        run(
            self,
            lambda: sum(len(change.object_ids) for change in self.backend.feed.since(since)),
            done=self._others_changed,
            failed=lambda error: None,
            background=True,
        )

    def _others_changed(self, count: int) -> None:
        if not count:
            return
        self.unseen += count
        if not self.table.known:
            self.ask()
            return
        self.table.refetch()
        self.lay_count()
        self.refresh_frame()
        self.listed()

    def changed(self) -> None:
        """An act of this person changed something: ask again, and keep standing on the same row."""
        row = self.table.current
        self.ask(anchor=row.id if row else None)

    def came_back(self) -> None:
        """Another screen lay over the list: ask again if something changed meanwhile."""
        self.work(self.backend.feed.latest, done=self._changed_meanwhile, key="resume")

    def _changed_meanwhile(self, latest: int) -> None:
        if self.heard is not None and latest != self.heard:
            self.changed()
