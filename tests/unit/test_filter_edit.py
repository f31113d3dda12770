"""What the filter bar, the status strip and the chart do to a filter text."""

from __future__ import annotations

from certtui.model.filter_edit import completions, has_terms, toggled


def offered(text: str, cursor: int | None = None, **known: tuple[str, ...]) -> list[str]:
    return [each for each, _ in completions(text, len(text) if cursor is None else cursor, known=known).candidates]


def test_a_bucket_is_added_to_what_was_typed() -> None:
    assert toggled("api  group:payments", "status:active,expiring days<=7") == (
        "api group:payments status:active,expiring days<=7"
    )


def test_the_same_bucket_again_takes_it_away() -> None:
    text = "api status:active,expiring days<=7"
    assert has_terms(text, "status:active,expiring days<=7")
    assert toggled(text, "status:active,expiring days<=7") == "api"


def test_another_bucket_takes_the_place_of_the_first() -> None:
    assert toggled("status:expired api", "status:revoked") == "api status:revoked"


def test_a_month_of_the_chart_takes_the_place_of_a_bucket() -> None:
    assert toggled("api status:expired days<5", "expires:2027-03 !status:revoked") == (
        "api expires:2027-03 !status:revoked"
    )


def test_a_condition_of_no_time_replaces_only_its_own_key() -> None:
    assert toggled("status:expired group:a", "group:b") == "status:expired group:b"


def test_quotes_and_blanks_of_what_was_typed_stay() -> None:
    assert toggled('"two words"  !name:"x y"', "status:expired") == '"two words" !name:"x y" status:expired'


def test_nothing_is_chosen_by_an_empty_filter() -> None:
    assert not has_terms("api", "")
    assert toggled("api status:expired", "") == "api"


def test_keys_are_offered_by_their_beginning() -> None:
    assert offered("sta") == ["status:"]
    assert offered("api !un") == ["unused"]
    assert completions("api !un", 7).start == 5


def test_nothing_is_offered_for_an_empty_term_or_inside_quotes() -> None:
    assert offered("api ") == []
    assert offered('"sta') == []


def test_values_of_a_key_are_offered_after_the_last_comma() -> None:
    assert offered("status:exp") == ["expiring", "expired"]
    found = completions("x status:expired,re y", 19)
    assert [each for each, _ in found.candidates] == ["revoked"]
    assert (found.start, found.end) == (17, 19)


def test_values_that_the_backend_knows_are_offered_quoted_where_needed() -> None:
    assert offered("group:p", group=("payments", "people ops", "web")) == ["payments", '"people ops"']
    assert offered('group:"peo', group=("people ops",)) == ['"people ops"']


def test_a_key_is_not_offered_in_the_middle_of_a_word_with_signs() -> None:
    assert offered("www.sta") == []
