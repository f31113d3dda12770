"""What an alert goes through, as a pure function: whatever people and sweeps do to it, in whatever order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from certtui.errors import Conflict, Invalid
from certtui.model.alert import (
    Absent,
    Acknowledge,
    AlertState,
    Reopen,
    Resolve,
    Seen,
    Severity,
    Snooze,
    What,
    checked_thresholds,
    level_of,
    severity_of_days,
    step,
)
from tests.certs import NOW

DAY = 86_400
LEVELS = st.sampled_from([90, 60, 30, 14, 7, 3, 1])


class OneAlert(RuleBasedStateMachine):
    """One thing and kind, swept and handled; beside it what a person would remember."""

    @initialize()
    def begin(self) -> None:
        self.now = NOW
        self.standing = None
        self.handled: Severity | None = None
        self.quiet_until = None

    def do(self, event) -> What | None:
        before = self.standing
        self.standing, what = step(before, event, self.now)
        assert (what is None) == (self.standing == before)
        if what in (What.OPENED, What.ESCALATED, What.WOKE, What.REOPENED):
            assert self.standing.state is AlertState.OPEN
            self.handled = self.quiet_until = None
        return what

    @rule(minutes=st.integers(1, 10_000))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(level=LEVELS)
    def sweep_finds_it(self, level: int) -> None:
        before, severity = self.standing, severity_of_days(level)
        handled, quiet_until = self.handled, self.quiet_until
        what = self.do(Seen(severity, level))
        if before is None or not before.holds:
            assert what is What.OPENED
        elif before.state is AlertState.RESOLVED:
            assert self.standing.state is AlertState.RESOLVED
        elif before.state is AlertState.OPEN:
            worse = severity > before.severity or level < before.level
            assert (what is What.ESCALATED) == worse
        elif severity > handled:
            assert what is What.ESCALATED
        elif before.state is AlertState.SNOOZED and quiet_until <= self.now:
            assert what is What.WOKE
        else:
            assert self.standing.state is before.state
        assert (self.standing.severity, self.standing.level) == (severity, level)

    def _again_changes_nothing(self) -> None:
        again, what = step(self.standing, Seen(self.standing.severity, self.standing.level), self.now)
        assert (again, what) == (self.standing, None)

    @rule()
    def sweep_does_not_find_it(self) -> None:
        before = self.standing
        what = self.do(Absent())
        if before is not None:
            assert self.standing.state is AlertState.RESOLVED
            assert not self.standing.holds
            assert (what is What.RESOLVED) == (before.state is not AlertState.RESOLVED)

    @precondition(lambda self: self.standing is not None)
    @rule()
    def acknowledge(self) -> None:
        if self.standing.state is AlertState.RESOLVED:
            with pytest.raises(Conflict):
                self.do(Acknowledge())
            return
        self.standing, what = step(self.standing, Acknowledge(), self.now)
        assert (what, self.standing.state) == (What.ACKNOWLEDGED, AlertState.ACKNOWLEDGED)
        self.handled, self.quiet_until = self.standing.severity, None

    @precondition(lambda self: self.standing is not None)
    @rule(hours=st.integers(-5, 500))
    def snooze(self, hours: int) -> None:
        until = self.now + timedelta(hours=hours)
        if self.standing.state is AlertState.RESOLVED:
            with pytest.raises(Conflict):
                self.do(Snooze(until))
        elif hours <= 0:
            with pytest.raises(Invalid):
                self.do(Snooze(until))
        else:
            self.standing, what = step(self.standing, Snooze(until), self.now)
            assert (what, self.standing.state) == (What.SNOOZED, AlertState.SNOOZED)
            self.handled, self.quiet_until = self.standing.severity, until

    @precondition(lambda self: self.standing is not None)
    @rule()
    def resolve(self) -> None:
        if self.standing.state is AlertState.RESOLVED:
            with pytest.raises(Conflict):
                self.do(Resolve("ada"))
            return
        self.do(Resolve("ada"))
        assert (self.standing.state, self.standing.resolved_by) == (AlertState.RESOLVED, "ada")

    @precondition(lambda self: self.standing is not None)
    @rule()
    def reopen(self) -> None:
        if self.standing.state is AlertState.OPEN or not self.standing.holds:
            with pytest.raises(Conflict):
                self.do(Reopen())
            return
        assert self.do(Reopen()) is What.REOPENED

    @invariant()
    def what_is_said_fits_the_state(self) -> None:
        standing = self.standing
        if standing is None:
            return
        assert (standing.snoozed_until is not None) == (standing.state is AlertState.SNOOZED)
        assert bool(standing.resolved_by) == (standing.state is AlertState.RESOLVED)
        assert standing.holds or standing.state is AlertState.RESOLVED
        if standing.state is AlertState.OPEN:
            self._again_changes_nothing()


TestOneAlert = OneAlert.TestCase


@pytest.mark.parametrize(
    ("seconds", "level"),
    [(91 * DAY, 0), (90 * DAY + 1, 0), (90 * DAY, 90), (30 * DAY + 1, 60), (30 * DAY, 30), (1, 1), (0, 1), (-5, 1)],
)
def test_a_threshold_is_reached_to_the_second(seconds: int, level: int) -> None:
    assert level_of(seconds, (90, 60, 30, 14, 7, 3, 1)) == level


def test_thresholds_are_kept_falling_and_once() -> None:
    assert checked_thresholds([7, 30, 7, 90]) == (90, 30, 7)


@pytest.mark.parametrize("days", [[], [0], [-1], [3651], list(range(1, 30))])
def test_thresholds_that_make_no_sense_are_refused(days: list[int]) -> None:
    with pytest.raises(Invalid) as refused:
        checked_thresholds(days)
    assert refused.value.field == "days"


def test_the_words_for_filters_are_those_of_the_kinds_and_states() -> None:
    from certtui.model.alert import KIND_WORDS, AlertKind
    from certtui.model.alert_names import KIND_NAMES, SEVERITY_NAMES, STATE_NAMES

    assert tuple(map(str, AlertKind)) == KIND_NAMES
    assert set(KIND_WORDS) == set(AlertKind)
    assert tuple(map(str, AlertState)) == STATE_NAMES
    assert tuple(map(str, Severity)) == SEVERITY_NAMES
