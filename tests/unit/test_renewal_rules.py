"""When a certificate is to be renewed: by its days, by what its CA wishes, never in a loop."""

from __future__ import annotations

from datetime import timedelta

import pytest

from certtui.model.renewal import Window, due_at, lead, pause_after
from tests.certs import NOW

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("life", "days", "before"),
    [
        (90 * DAY, 30, 30 * DAY),
        (90 * DAY, 89, 89 * DAY),
        (90 * DAY, 90, 30 * DAY),
        (6 * DAY, 7, 2 * DAY),
        (DAY, 7, 8 * HOUR),
    ],
)
def test_a_life_that_is_too_short_for_the_days_is_renewed_in_its_last_third(life, days, before) -> None:  # type: ignore[no-untyped-def]
    assert lead(NOW, NOW + life, days) == before


def test_the_cas_wish_counts_where_it_comes_first() -> None:
    end = NOW + 90 * DAY
    early = Window(NOW + 10 * DAY, NOW + 12 * DAY, NOW + 11 * DAY, "https://ca.example/why")
    assert due_at(NOW, end, 30, early) == (
        NOW + 11 * DAY,
        "Within the time that its CA suggests (ARI). See https://ca.example/why",
    )
    late = Window(NOW + 70 * DAY, NOW + 72 * DAY, NOW + 71 * DAY)
    assert due_at(NOW, end, 30, late) == (NOW + 60 * DAY, "30 days before it expires.")
    assert due_at(NOW, NOW + 6 * DAY, 7, None)[1] == "In the last third of its life, which is too short for 7 days."


def test_what_came_as_a_renewal_has_a_day_of_peace() -> None:
    past = Window(NOW - 3 * DAY, NOW - 2 * DAY, NOW - 2 * DAY)
    assert due_at(NOW - 80 * DAY, NOW + 10 * DAY, 30, past, renewed_at=NOW)[0] == NOW + DAY
    assert due_at(NOW - DAY, NOW + HOUR * 6, 1, None, renewed_at=NOW)[0] == NOW + HOUR * 10
    assert due_at(NOW, NOW + 90 * DAY, 30, None, renewed_at=NOW)[0] == NOW + 60 * DAY


def test_attempts_come_later_and_later() -> None:
    assert [pause_after(attempts) // HOUR for attempts in (0, 1, 2, 3, 4, 99)] == [1, 1, 4, 12, 24, 24]
