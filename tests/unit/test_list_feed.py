"""How many rows of a list a stretch of the change feed touches."""

from __future__ import annotations

from certtui.model.audit import Change
from certtui.screens.list_feed import changed_rows


def test_one_row_that_was_changed_several_times_counts_once() -> None:
    changes = [Change(1, "order.create", "order", (7,)), Change(2, "order.submit", "order", (7,))]
    assert changed_rows(changes, ("order",)) == 1


def test_an_act_that_shows_in_two_kinds_counts_once() -> None:
    changes = [Change(1, "order.complete", "order", (7,)), Change(2, "certificate.issue", "certificate", (3,))]
    assert changed_rows(changes, ("certificate", "order")) == 1


def test_what_the_list_does_not_show_counts_nothing() -> None:
    changes = [Change(1, "alert.open", "alert", (1, 2, 3))]
    assert changed_rows(changes, ("certificate",)) == 0
    assert changed_rows(changes, ()) == 3
