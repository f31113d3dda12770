"""Untrusted text in lines of the screen: nothing is lost, nothing is too wide, however long a line is."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certtui.text import cells, shown
from certtui.widgets import wrapping
from certtui.widgets.wrapping import wrapped

texts = st.text(st.sampled_from(" abé日\u0301\x1b\u202e-"), max_size=60)


@given(texts, st.integers(10, 20))
def test_no_line_is_wider_than_the_room(text: str, width: int) -> None:
    assert all(cells(line) <= width for line in wrapped(text, width))


@given(texts, st.integers(10, 20))
def test_nothing_but_blanks_is_left_out(text: str, width: int) -> None:
    assert "".join(wrapped(text, width)).replace(" ", "") == shown(text).replace(" ", "")


@given(texts, st.integers(10, 20))
def test_a_long_line_in_pieces_breaks_where_it_breaks_as_a_whole(text: str, width: int) -> None:
    text += "x" * (wrapping.PIECE - len(text) + 1)  # too long to be looked at as a whole
    pieces = wrapped(text, width)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wrapping, "PIECE", 7)
        assert wrapped(text, width) == pieces


def test_lines_stay_lines_and_an_empty_text_is_one() -> None:
    assert wrapped("a\r\n\tb\n", 20) == ["a", "        b", ""]
    assert wrapped("", 20) == [""]


def test_a_line_breaks_at_a_blank_where_there_is_one() -> None:
    assert wrapped("alpha beta gamma", 11) == ["alpha beta", "gamma"]
    assert wrapped("alphabetagamma", 11) == ["alphabetaga", "mma"]


def test_who_looks_at_the_first_lines_of_a_megabyte_pays_for_them_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    monkeypatch.setattr(wrapping, "shown", lambda text: seen.append(len(text)) or shown(text))
    assert len(list(islice(wrapping.wrapping("é" * 1_000_000, 78), 10))) == 10
    assert sum(seen) <= 2 * wrapping.PIECE
