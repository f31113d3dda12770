"""Long jobs run without full collections, and leave the collector as they found it."""

from __future__ import annotations

import gc

from certtui.pauses import no_full_collections


def test_the_oldest_generation_is_left_alone_until_the_last_job_ends() -> None:
    before = gc.get_threshold()
    with no_full_collections():
        with no_full_collections():
            assert gc.get_threshold() == (before[0], before[1], 1_000_000)
        assert gc.get_threshold()[2] == 1_000_000
    assert gc.get_threshold() == before


def test_a_job_that_fails_gives_the_collector_back() -> None:
    before = gc.get_threshold()
    try:
        with no_full_collections():
            raise KeyError
    except KeyError:
        pass
    assert gc.get_threshold() == before
