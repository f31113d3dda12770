"""What an edit's audit record says was before and after."""

from __future__ import annotations

import json

from certtui.backend.local.before_after import LONGEST, changed, changed_many
from certtui.model.audit_changes import FieldChange, changes_of


def of(detail: object) -> tuple[FieldChange, ...]:
    return changes_of(json.dumps(detail))


def test_only_what_differs_is_kept() -> None:
    what = changed({"name": "a", "group": "x"}, {"name": "b", "group": "x"})
    assert what == {"name": ["a", "b"]}
    assert of({"changed": what}) == (FieldChange("name", "a", "b"),)


def test_values_that_are_no_text_are_read_as_a_person_would() -> None:
    what = changed({"on": True, "rules": {"a": 1}, "days": None}, {"on": False, "rules": {"a": 2}, "days": 30})
    assert of({"changed": what}) == (
        FieldChange("on", "yes", "no"),
        FieldChange("rules", '{"a": 1}', '{"a": 2}'),
        FieldChange("days", "", "30"),
    )


def test_of_many_each_one_keeps_what_it_was() -> None:
    detail = changed_many({3: {"group": "old"}, 5: {"group": "new"}, 9: {"group": ""}}, {"group": "new"})
    assert of(detail) == (FieldChange("group", "old", "new", 3), FieldChange("group", "", "new", 9))


def test_a_text_without_end_is_cut_and_says_so() -> None:
    (change,) = of({"changed": changed({"text": ""}, {"text": "x" * 10_000})})
    assert len(change.after) < LONGEST + 40
    assert change.after.endswith("(10,000 characters)")


def test_what_is_no_edit_has_no_changes() -> None:
    for detail in (
        "",
        "no JSON",
        "[1]",
        '{"ids": [1]}',
        '{"changed": 3}',
        '{"set": {"a": 1}}',
        '{"changed": {"a": 1}}',
    ):
        assert changes_of(detail) == ()
