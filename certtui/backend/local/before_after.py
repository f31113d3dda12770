"""What an edit changed, as its audit record keeps it: every field with its value before and after.

`{"changed": {field: [before, after]}}`; of many, where one value was set, `{"ids": …, "set": {field: after},
"before": {field: [one for each id]}}`. `certtui.model.audit_changes` reads both. Never hand a secret in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

LONGEST = 4_000
"""Characters of a text that are kept; a longer one is cut, and says so."""


def changed(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, list[object]]:
    """The fields of `after` that differ: {field: [before, after]}; a field that was not there before was None."""
    return {
        field: [_kept(before.get(field)), _kept(value)] for field, value in after.items() if value != before.get(field)
    }


def changed_many(
    before: Mapping[int, Mapping[str, object]], after: Mapping[str, object]
) -> dict[str, list[int] | dict[str, object]]:
    """The same where many objects (id to fields) got the same values."""
    return {
        "ids": list(before),
        "set": {field: _kept(value) for field, value in after.items()},
        "before": {field: [_kept(was.get(field)) for was in before.values()] for field in after},
    }


def _kept(value: object) -> object:
    """A value as JSON can have it, long texts cut."""
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return value if len(value) <= LONGEST else f"{value[:LONGEST]} … ({len(value):,} characters)"
        case Mapping():
            return {str(key): _kept(one) for key, one in value.items()}
        case Sequence() if not isinstance(value, bytes | bytearray):
            return [_kept(one) for one in value]
        case _:
            return _kept(str(value))
