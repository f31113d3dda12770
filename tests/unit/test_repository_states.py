"""The states of a repository as one table: every event from every state either leads where the table says, or is a Conflict."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certtui.errors import Conflict
from certtui.model.filter_fields import REPOSITORY
from certtui.model.repository import DataSource, RepositoryState
from certtui.model.repository_states import NEXT, RepositoryEvent, moved, why_not


@pytest.mark.parametrize("event", list(RepositoryEvent))
@pytest.mark.parametrize("state", list(RepositoryState))
def test_an_event_leads_where_the_table_says_or_says_why_not(event: RepositoryEvent, state: RepositoryState) -> None:
    if (state, event) in NEXT:
        assert moved(event, state, "web") is NEXT[state, event]
        assert why_not(event, state) == ""
    else:
        with pytest.raises(Conflict) as refused:
            moved(event, state, "web")
        assert "web" in refused.value.message
        assert refused.value.hint in why_not(event, state)


@given(st.lists(st.sampled_from(list(RepositoryEvent)), max_size=12))
def test_nothing_is_deleted_but_right_after_a_reset(events: list[RepositoryEvent]) -> None:
    state, last = RepositoryState.ENABLED, RepositoryEvent.ENABLE
    for event in events:
        if why_not(event, state):
            continue
        after = moved(event, state, "web")
        if after is None:
            assert last is RepositoryEvent.RESET
            return
        if event is not RepositoryEvent.RENAME:
            last = event
        state = after


def test_the_filter_knows_what_there_is() -> None:
    assert REPOSITORY["source"].values == tuple(each.value for each in DataSource)
    assert REPOSITORY["state"].values == tuple(each.value for each in RepositoryState)
