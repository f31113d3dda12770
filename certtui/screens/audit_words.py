"""An audit event in words: who acted, and what its detail says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from certtui.model.audit import actor_in_words
from certtui.model.audit_changes import changes_of

if TYPE_CHECKING:
    from certtui.model.audit import AuditEvent
    from certtui.model.audit_changes import FieldChange


def actor(event: AuditEvent) -> str:
    """Who acted, in a few words."""
    return actor_in_words(event.actor)


def about(event: AuditEvent) -> str:
    """The detail on one line, as `name value` pairs; whatever is no object stays as it is."""
    found = _object(event.detail)
    if found is None:
        return event.detail
    if changes := changes_of(event.detail):
        return ", ".join(_change(each) for each in changes[:4]) + (", …" if len(changes) > 4 else "")
    return ", ".join(f"{name} {_short(value)}" for name, value in found.items())


def _change(change: FieldChange) -> str:
    of = "" if change.object_id is None else f" of {change.object_id}"
    return f"{change.field}{of}: {_short(change.before) or 'empty'} -> {_short(change.after) or 'empty'}"


def objects(event: AuditEvent) -> list[tuple[str, int]]:
    """What a record is about beside its own object, as (kind, id): those of a bulk act, and what its detail points to."""
    found = _object(event.detail) or {}
    named: list[tuple[str, int]] = []
    for key, kind in _POINTERS.items():
        value = found.get(key)
        numbers = value if isinstance(value, list) else [value]
        named += [
            (kind or event.object_kind, each)
            for each in numbers
            if isinstance(each, int) and not isinstance(each, bool)
        ]
    own = (event.object_kind, event.object_id)
    return [each for each in dict.fromkeys(named) if each != own]


_POINTERS = {
    "ids": "",
    "certificate": "certificate",
    "renews": "certificate",
    "replacement": "certificate",
    "resources": "resource",
    "order": "order",
    "authority_id": "authority",
    "ca": "ca",
    "successor": "ca",
    "policy": "policy",
    "policies": "policy",
    "repository": "repository",
    "detached": "certificate",
    "containers": "container",
}
"""Keys of a detail that point to other objects; "" for the kind of the record's own."""


def pretty(text: str) -> str:
    """JSON indented, with everything beyond ASCII escaped; text that is none stays as it is."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=True, sort_keys=True) if text else ""
    except ValueError:
        return text


def _short(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case list() if len(value) > 4:
            return f"{len(value):,} of them"
        case list():
            return " ".join(map(str, value))
        case str() if len(value) > 40:
            return f"{value[:16]}…"
        case _:
            return str(value)


def _object(text: str) -> dict[str, object] | None:
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
