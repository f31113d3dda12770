"""What an audit record says of an edit: each field with its value before and after."""

from __future__ import annotations

from certtui.record import dataclass


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that an edit changed. `object_id` is None where the record's own object is meant."""

    field: str
    before: str
    after: str
    object_id: int | None = None


def changes_of(detail: str) -> tuple[FieldChange, ...]:
    """The changes in an event's detail (`backend.local.before_after` writes them); none where it has none."""
    import json

    try:
        found = json.loads(detail) if detail else {}
    except ValueError:
        return ()
    if not isinstance(found, dict):
        return ()
    single, many = found.get("changed"), found.get("set")
    if isinstance(single, dict):
        return tuple(
            FieldChange(str(field), _text(pair[0]), _text(pair[1]))
            for field, pair in single.items()
            if isinstance(pair, list) and len(pair) == 2
        )
    before, ids = found.get("before"), found.get("ids")
    if not isinstance(many, dict) or not isinstance(before, dict) or not isinstance(ids, list):
        return ()
    return tuple(
        FieldChange(str(field), _text(was), _text(after), row_id)
        for field, after in many.items()
        for row_id, was in zip(ids, _list(before.get(field)), strict=False)
        if isinstance(row_id, int) and was != after
    )


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    """A value as a person reads it."""
    import json

    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "yes" if value else "no"
        case _:
            return json.dumps(value, ensure_ascii=False, sort_keys=True)
