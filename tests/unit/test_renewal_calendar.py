"""Days, weeks and months of the calendar, and what the simulator says of an estate whose numbers can be counted by hand."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta, timezone

import pytest

from certtui.model.renewal_calendar import DayLoad, RenewalCalendar, bars, load
from certtui.model.renewal_forecast import Alike, rhythm, simulate

NOW = datetime(2026, 11, 30, 9, 24, tzinfo=timezone.utc)
TODAY = NOW.replace(hour=0, minute=0)
DAY = 86_400


def calendar(*loads: tuple[int, int], now: int = 0, days: int = 366) -> RenewalCalendar:
    """So many renewals on the days with these numbers, from today on."""
    made = tuple(DayLoad(TODAY + timedelta(days=day), count, (("le", count),)) for day, count in loads)
    return RenewalCalendar(
        NOW,
        TODAY + timedelta(days=days),
        (),
        DayLoad(NOW, now, (("in", now),)),
        made,
        0,
        now + sum(c for _, c in loads),
    )


def test_a_calendar_is_days_then_weeks_then_months_and_every_day_is_in_one_bar() -> None:
    made = bars(calendar((0, 2), (28, 7), (100, 30), now=4))
    assert (made[0].load.count, made[0].filter) == (4, "overdue")
    assert [bar.days for bar in made[1:37]] == [1] * 28 + [7] * 8
    for before, after in itertools.pairwise(made[1:]):
        assert before.end == after.start
    assert made[1].filter == "due:2026-11-30 !overdue"
    assert made[29].filter == "due>=2026-12-28 due<2027-01-04"
    assert made[38].filter == "due:2027-03"
    assert made[29].a_day == 1.0
    assert sum(bar.load.count for bar in made) == 43
    assert made[-1].end == TODAY + timedelta(days=366)


def test_what_is_due_is_work_of_today_and_the_fullest_day_is_named() -> None:
    whole = load(calendar((0, 2), (3, 5), (40, 90), now=4), 30)
    assert (whole.count, whole.a_day) == (11, 11 / 30)
    assert whole.peak == DayLoad(TODAY, 6, (("in", 4), ("le", 2)))
    assert whole.by == (("le", 7), ("in", 4))
    assert load(calendar(), 30).peak is None


@pytest.mark.parametrize(("life", "days", "every"), [(398, 30, 368), (90, 7, 83), (47, 7, 40), (47, 60, 31), (6, 7, 4)])
def test_a_certificate_is_renewed_in_the_rhythm_of_its_life_less_its_lead(life: int, days: int, every: int) -> None:
    assert rhythm(life * DAY - 1, days) == every


def test_the_same_estate_under_shorter_lives_costs_what_one_counts_by_hand() -> None:
    year = 365 * DAY - 1
    estate = [
        *(Alike(10, year, 30, day, "le") for day in range(0, 300, 10)),
        Alike(40, 90 * DAY - 1, 7, 7, "globex", external=True),
        Alike(8, year, 0),
        Alike(3, year, 30, authority=""),
        Alike(2, year, 30, authority="old", enabled=False),
    ]
    simulation = simulate(estate, NOW)
    as_is, d200, d100, d47 = simulation.scenarios
    assert simulation.certificates == 300 + 40 + 8 + 3 + 2
    assert [(one.limit, one.since) for one in simulation.scenarios[1:]] == [
        (200, "2026-03-15"), (100, "2027-03-15"), (47, "2029-03-15"),
    ]  # fmt: skip
    for one, life in ((as_is, 365), (d200, 200), (d100, 100), (d47, 47)):
        assert dict(one.by)["le"] == pytest.approx(300 / (life - 30))
        assert (one.renewed, one.uncovered, one.unfit_days) == (340, 13, 0)
        assert one.by_hand_a_day == pytest.approx(8 / life)
        assert one.external_a_day == pytest.approx(40 / (min(life, 90) - 7))
    # Ten on every tenth day; on the ninetieth the forty are due again, too.
    assert as_is.peak == 50
    # Every 17 days all thirty heaps of ten, so that two meet on most of these days; and every 40 days the forty.
    assert (d47.peak, d47.a_day) == (60, pytest.approx(300 / 17 + 1))


def test_the_fullest_day_is_where_the_heaps_meet() -> None:
    one = simulate([Alike(5, 47 * DAY - 1, 7, 0, "le"), Alike(6, 47 * DAY - 1, 7, 40, "le")], NOW).scenarios[0]
    assert (one.peak, one.a_day) == (11, pytest.approx(11 / 40))


def test_days_that_a_shorter_life_does_not_have_give_way_to_its_last_third() -> None:
    one = simulate([Alike(6, 365 * DAY - 1, 60, 0, "le")], NOW).scenarios
    assert [each.unfit_days for each in one] == [0, 0, 0, 6]
    assert one[3].a_day == pytest.approx(6 / 31)
