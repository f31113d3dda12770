"""A lineage under whatever time, its CA, failures and people do: it is renewed in time, and never in a loop."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from certtui.model.renewal import PAUSES, Revoked, Window, checked_days, due_at, fits, life_days, pause_after
from tests.certs import NOW

DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)
lives = st.sampled_from(
    [8 * HOUR, DAY, 6 * DAY, 160 * HOUR, 47 * DAY - SECOND, 90 * DAY - SECOND, 200 * DAY, 397 * DAY]
)


class Lineage(RuleBasedStateMachine):
    """The newest of a lineage; a worker comes as often as it likes."""

    @initialize(life=lives, days=st.integers(1, 400))
    def issue_the_first(self, life: timedelta, days: int) -> None:
        self.now, self.days = NOW, days
        self.renewed_at: datetime | None = None
        self._issue(life)

    def _issue(self, life: timedelta) -> None:
        self.start = self.now - timedelta(minutes=5)
        self.end = self.start + life
        self.window: Window | None = None
        self.revoked: Revoked | None = None
        self.attempts, self.try_at = 0, self.now

    @property
    def at(self) -> datetime:
        return due_at(self.start, self.end, self.days, self.window, self.renewed_at, self.revoked)[0]

    @property
    def rest(self) -> timedelta:
        return min(DAY, (self.end - self.start) / 3)

    @property
    def due(self) -> bool:
        return self.at <= self.now and self.try_at <= self.now

    @rule(hours=st.integers(1, 24 * 60))
    def time_goes_on(self, hours: int) -> None:
        self.now += hours * HOUR

    @precondition(lambda self: not self.due)
    @rule()
    def one_waits_until_it_is_due(self) -> None:
        self.now = max(self.now, self.at, self.try_at)
        assert self.due

    @rule(begins=st.integers(-400, 400), lasts=st.integers(1, 10), drawn=st.floats(0, 1))
    def the_ca_wishes(self, begins: int, lasts: int, drawn: float) -> None:
        start = self.now + begins * DAY
        self.window = Window(start, start + lasts * DAY, start + lasts * DAY * drawn)
        if self.window.chosen <= self.now and self.revoked is None:
            # A window in the past means now; what was just renewed has its rest.
            assert self.at <= max(self.now, (self.renewed_at or NOW) + self.rest)

    @rule(by_person=st.booleans())
    def it_is_revoked(self, by_person: bool) -> None:
        self.revoked = Revoked(self.now, "keyCompromise", by_person)
        if by_person or self.renewed_at is None:
            assert self.at == self.now
        assert self.at <= max(self.now, (self.renewed_at or NOW) + self.rest)

    @precondition(lambda self: self.due)
    @rule()
    def an_attempt_fails(self) -> None:
        before = pause_after(self.attempts)
        self.attempts += 1
        pause = pause_after(self.attempts)
        assert before <= pause <= PAUSES[-1]
        self.try_at = self.now + pause

    @precondition(lambda self: self.due)
    @rule(life=lives)
    def it_is_renewed(self, life: timedelta) -> None:
        by_person = self.revoked is not None and self.revoked.by_person
        if self.renewed_at is not None and not by_person:
            assert self.now - self.renewed_at >= self.rest
        self.renewed_at = self.now
        self._issue(life)
        # Whatever the life and the days: the new one is not due at once, not twice in a row.
        assert not self.due
        assert self.at >= self.now + self.rest

    @invariant()
    def it_is_due_while_it_lives(self) -> None:
        if self.revoked is not None:
            return
        assert self.at < self.end
        life = life_days(self.start, self.end)
        if fits(self.days, life):
            assert checked_days(self.days, life) == self.days
            assert self.at <= max(self.end - self.days * DAY, (self.renewed_at or NOW) + self.rest)


TestLineage = Lineage.TestCase
TestLineage.settings = settings(max_examples=80, stateful_step_count=30, deadline=None)
