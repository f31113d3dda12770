"""Text made safe to draw."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certtui.text import cells, clipped, sentence, shown, shown_block

INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def test_plain_text_stays_as_it_is() -> None:
    assert shown("api.example.com") == "api.example.com"


def test_letters_of_every_script_stay_as_they_are() -> None:
    assert shown("münchen Ελλάδα 東京") == "münchen Ελλάδα 東京"


def test_an_escape_sequence_is_seen_instead_of_obeyed() -> None:
    assert shown("\x1b]52;c;aGFoYQ==\x07") == "␛]52;c;aGFoYQ==␇"


def test_c1_controls_are_seen() -> None:
    assert shown("\x9b31m") == "<U+009B>31m"


def test_bidirectional_overrides_are_seen() -> None:
    assert shown("gpj.\u202eexe") == "gpj.<U+202E>exe"


def test_zero_width_characters_are_seen() -> None:
    assert shown("pay\u200bpal") == "pay<U+200B>pal"


def test_a_space_that_is_not_the_plain_one_is_seen() -> None:
    assert shown("a\u00a0b") == "a<U+00A0>b"


def test_a_line_has_no_newline() -> None:
    assert shown("a\nb\tc") == "a␊b␉c"


def test_a_block_keeps_its_lines_and_loses_its_tabs() -> None:
    assert shown_block("a\r\nb\tc\x1b") == "a\nb       c␛"


def test_markup_is_text() -> None:
    assert shown("O=[/foo]") == "O=[/foo]"


def test_what_is_too_long_ends_in_an_ellipsis() -> None:
    assert clipped("api-gateway", 6) == "api-g…"


def test_wide_letters_count_two_cells() -> None:
    assert cells("東京") == 4
    assert clipped("東京都", 5) == "東京…"


def test_no_room_shows_nothing() -> None:
    assert clipped("api", 0) == ""


@given(st.text())
def test_nothing_that_acts_on_a_terminal_is_left(raw: str) -> None:
    assert not INVISIBLE & {unicodedata.category(char) for char in shown(raw)}


@given(st.text())
def test_what_was_made_safe_is_safe(raw: str) -> None:
    assert shown(shown(raw)) == shown(raw)


@given(st.text(), st.integers(0, 40))
def test_clipped_text_never_takes_more_cells_than_it_has(raw: str, width: int) -> None:
    assert cells(clipped(raw, width)) <= width


@pytest.mark.parametrize(("words", "said"), [("There is no file web", "web."), ("There is no file ./..", "./..")])
def test_a_sentence_that_ends_with_a_path_has_no_second_full_stop(words: str, said: str) -> None:
    assert sentence(words).endswith(said)
    assert not sentence(words).endswith("...")
