"""The text by which entries are found, on both sides: what is stored and what is typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certtui.model.search_text import MAX_CHARACTERS, a_labels, fold, search_text_of, u_labels


def searched(**parts: object) -> str:
    return search_text_of(**{"name": "", "common_name": "", "sans": (), **parts})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ABC", "abc"),
        ("Straße", "strasse"),
        ("ＣＡＦÉ", "café"),
        ("cafe\u0301", "café"),
        ("a\x00b\n", "a b "),
        ("ß\t", "ss "),
    ],
)
def test_folding_is_blind_to_case_width_and_composition(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text(max_size=20))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_international_names_stand_in_both_spellings() -> None:
    stored = searched(common_name="xn--kln-sna.example", sans=("DNS:*.xn--bcher-kva.example",))
    for typed in ("köln.example", "xn--kln-sna", "*.bücher.example", "xn--bcher-kva"):
        assert fold(typed) in stored
    assert "xn--mnchen-3ya" in searched(name="München")


def test_each_part_has_its_line_so_that_no_word_reaches_over_two() -> None:
    assert "b\nc" in searched(name="b", subject="c")
    assert searched(name="same", common_name="SAME") == "same"


@pytest.mark.parametrize(
    "label", ["xn--", "xn--\x00", "xn--999999999", "xn--a-", "XN--ZZZZ", "xn--" + "a" * 5_000, "é" * 5_000, "\ud800"]
)
def test_a_label_that_is_none_stays_as_it_is(label: str) -> None:
    assert u_labels(f"{label}.example").endswith(".example")
    assert a_labels(f"{label}.example").endswith(".example")
    searched(common_name=f"{label}.example")


def test_an_absurd_number_of_names_is_cut() -> None:
    assert len(searched(sans=[f"DNS:{number}.example.com" for number in range(100_000)])) == MAX_CHARACTERS


def test_five_thousand_names_are_all_found() -> None:
    stored = searched(sans=[f"DNS:host-{number}.department.example.com" for number in range(5_000)])
    assert "host-4999.department" in stored
