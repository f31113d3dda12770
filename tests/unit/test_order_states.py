"""The states of an order as one table: every event from every state either leads where the table says, or is a Conflict."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certtui.errors import Conflict
from certtui.model.order import OrderStatus
from certtui.model.order_states import ENTRY_STATES, MOVES, SENT_AGAIN_FROM, OrderEvent, moved, possible

ENDED = [status for status in OrderStatus if not status.open]


@pytest.mark.parametrize("event", list(OrderEvent))
@pytest.mark.parametrize("status", list(OrderStatus))
def test_an_event_leads_where_the_table_says_or_is_a_conflict(event: OrderEvent, status: OrderStatus) -> None:
    if possible(event, status):
        assert moved(event, status, "shop") is MOVES[event].to
    else:
        with pytest.raises(Conflict) as refused:
            moved(event, status, "shop")
        assert "shop" in refused.value.message


def test_nothing_happens_to_what_has_ended() -> None:
    assert not [event for event in OrderEvent for status in ENDED if possible(event, status)]


def test_only_what_was_sent_or_waits_can_be_completed() -> None:
    for event in (OrderEvent.ISSUED, OrderEvent.ARRIVED):
        assert {status for status in OrderStatus if possible(event, status)} == {
            OrderStatus.PENDING,
            OrderStatus.PROCESSING,
        }


def test_every_state_says_what_its_entry_is() -> None:
    assert set(ENTRY_STATES) == set(OrderStatus)
    assert [status for status, entry in ENTRY_STATES.items() if entry is None] == [OrderStatus.CANCELLED]
    assert all(not status.open for status in SENT_AGAIN_FROM)


@given(st.lists(st.sampled_from(list(OrderEvent)), max_size=12))
def test_every_way_through_the_table_ends_or_can_still_be_cancelled(events: list[OrderEvent]) -> None:
    status = OrderStatus.DRAFT
    for event in events:
        if possible(event, status):
            status = moved(event, status, "x")
    assert not status.open or possible(OrderEvent.CANCEL, status)
