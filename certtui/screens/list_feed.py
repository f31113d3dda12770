"""Following what others change: a list asks the change feed now and then, and reads its rows again in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from certtui.errors import CerttuiError, Unreachable
from certtui.screens.base import Place
from certtui.screens.list_marks import Listed
from certtui.work import run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from certtui.model.audit import Change
    from certtui.widgets.record_table import RecordTable

R = TypeVar("R", bound=Listed)


class FollowsTheFeed(Place, Generic[R]):
    """Knows the last change that the list shows; a subclass says when to ask, and what follows from an answer."""

    KINDS: ClassVar[tuple[str, ...]] = ()
    """Kinds of objects whose changes show in this list, its own first; empty for all."""

    unseen = 0
    """Rows that others changed since the list was asked."""
    heard: int | None = None
    """The last change that the list shows; None before the first list."""
    searching = False
    as_of: datetime | None = None
    """Since when the server is away: the list that is shown is of then. None while it answers."""
    next_row: int | None = None
    """The row to stand on when the list is seen again: what was made on the screen over it."""
    _coming_back = False
    """What changed on the screen over the list is being looked for; that is nobody else's."""
    _last_heard: datetime | None = None

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
        if self._ready and self.is_current and not self.searching and not self._coming_back:
            run(self, self.backend.feed.latest, done=self._heard, failed=self.away, key="feed", background=True)

    # -- a server that is away -----------------------------------------------------------------------------------

    def away(self, error: CerttuiError) -> bool:
        """The list that is shown can't be read anew: it stays, marked with its age. Said once; False for any other error."""
        if not isinstance(error, Unreachable):
            return False
        if self.as_of is None:
            # What is on the screen was true when it was last heard of.
            self.as_of = self._last_heard or self.console_app.clock.now()
            self.say(f"{error.message} What you see is of {self.as_of:%H:%M} UTC; it goes on by itself.", "warn")
        self.lay_count()
        return True

    def _reached(self) -> bool:
        """The store answers; whether it was away before."""
        self._last_heard = self.console_app.clock.now()
        was_away, self.as_of = self.as_of is not None, None
        if was_away:
            self.say(f"{self.backend.info.name} answers again.", "ok")
            self.lay_count()
        return was_away

    @property
    def age(self) -> str:
        """How old the list is while its server is away, "" else."""
        if self.as_of is None:
            return ""
        minutes = int((self.console_app.clock.now() - self.as_of).total_seconds() // 60)
        return f"of {self.as_of:%H:%M} UTC, {f'{minutes} min old' if minutes else 'server away'}"

    def _heard(self, latest: int) -> None:
        if self._reached():
            # Rows that were asked for meanwhile never came.
            self.changed()
            return
        if self.heard is None or latest == self.heard:
            return
        since = self.heard
        self.heard = latest
        run(
            self,
            lambda: changed_rows(self.backend.feed.since(since), self.KINDS),
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
        self._coming_back = True
        self.work(self.backend.feed.latest, done=self._changed_meanwhile, failed=self._not_asked, key="resume")

    def _not_asked(self, error: CerttuiError) -> None:
        self._coming_back = False
        if not self.away(error):
            self.fail(error)

    def _changed_meanwhile(self, latest: int) -> None:
        self._coming_back = False
        made, self.next_row = self.next_row, None
        if made is not None:
            self.ask(anchor=made)
        elif self.heard is not None and latest != self.heard:
            self.changed()


def changed_rows(changes: Sequence[Change], kinds: Sequence[str]) -> int:
    """How many rows of a list these changes touch. One act writes several records, and of several kinds: it counts once."""
    touched: dict[str, set[int]] = {}
    for change in changes:
        if not kinds or change.object_kind in kinds:
            touched.setdefault(change.object_kind, set()).update(change.object_ids)
    return max((len(ids) for ids in touched.values()), default=0)
