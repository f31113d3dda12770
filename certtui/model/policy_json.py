"""A policy as JSON that people keep in files: what `certtui policy show` prints, `policy add --file` reads and stores hold.

Days of limits are written as dates, `2027-03-15`: the begin of that day in UTC. What is left out is as in a new policy.
"""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

from certtui.errors import Invalid
from certtui.model.policy import PolicyForm, PolicyRules, PolicyScope, ValidityLimit

Json = Any  # what the JSON parser gives and takes


def scope_json(scope: PolicyScope) -> dict[str, Json]:
    """A scope as JSON."""
    return {
        "acts": list(scope.acts),
        "domains": list(scope.domains),
        "groups": list(scope.groups),
        "authorities": list(scope.authorities),
        "cas": scope.cas,
    }


def rules_json(rules: PolicyRules) -> dict[str, Json]:
    """Rules as JSON, those that ask for nothing left out."""
    nothing = PolicyRules()
    found: dict[str, Json] = {}
    for name in PolicyRules.__slots__:
        value = getattr(rules, name)
        if value == getattr(nothing, name):
            continue
        if name == "validity":
            found[name] = [_limit_json(limit) for limit in value]
        else:
            found[name] = list(value) if isinstance(value, tuple) else value
    return found


def scope_of(data: Json) -> PolicyScope:
    """A scope from JSON. Raises `Invalid` with the field."""
    given = _object(data, "scope", PolicyScope.__slots__)
    return PolicyScope(**{name: _value(name, value, PolicyScope()) for name, value in given.items()})


def rules_of(data: Json) -> PolicyRules:
    """Rules from JSON. Raises `Invalid` with the field."""
    given = _object(data, "rules", PolicyRules.__slots__)
    return PolicyRules(**{name: _value(name, value, PolicyRules()) for name, value in given.items()})


def form_of(text: str) -> PolicyForm:
    """A form from JSON text; what is not there is None. Raises `Invalid` with the field."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise Invalid("This is no JSON.", "`certtui policy show --format json` prints one to begin with.") from None
    given = _object(data, "", (*PolicyForm.__slots__, *_SHOWN))
    return PolicyForm(
        name=_typed(given, "name", str),
        description=_typed(given, "description", str),
        enabled=_typed(given, "enabled", bool),
        outcome=_typed(given, "outcome", str),
        scope=scope_of(given["scope"]) if "scope" in given else None,
        rules=rules_of(given["rules"]) if "rules" in given else None,
    )


def dumped(data: dict[str, Json]) -> str:
    """The text that a store keeps."""
    return json.dumps(data, ensure_ascii=True, sort_keys=True, separators=(",", ":"))


def day_of(text: str) -> datetime:
    """The begin of a day, from `2027-03-15`. Raises ValueError."""
    return datetime.strptime(text.strip(), "%Y-%m-%d").replace(tzinfo=timezone.utc)


_SHOWN = ("id", "version", "created_at", "updated_at", "waivers", "waiver_count")
"""What `policy show` prints beside, and a file may still hold."""


def _limit_json(limit: ValidityLimit) -> dict[str, Json]:
    if limit.from_date is None:
        return {"days": limit.days}
    return {"days": limit.days, "from_date": f"{limit.from_date:%Y-%m-%d}"}


def _value(name: str, value: Json, nothing: PolicyScope | PolicyRules) -> Any:  # Any: as the field is
    if name == "validity":
        return _limits(value)
    like = getattr(nothing, name)
    if isinstance(like, tuple):
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise Invalid(f"{name} is no list of texts.", 'Write it as ["…", "…"].', field=name)
        return tuple(value)
    if type(value) is not type(like):
        raise Invalid(f"{name} is not what it should be.", f"Write it as {json.dumps(like)} is written.", field=name)
    return value


def _limits(value: Json) -> tuple[ValidityLimit, ...]:
    if isinstance(value, int) and not isinstance(value, bool):
        return (ValidityLimit(value),)
    found = []
    for each in value if isinstance(value, list) else [None]:
        given = _object(each, "validity", ValidityLimit.__slots__)
        days, day = given.get("days"), given.get("from_date")
        try:
            begins = None if day is None else day_of(str(day))
        except ValueError:
            raise Invalid(f"{day} is no day.", "Write it as 2027-03-15.", field="validity") from None
        if not isinstance(days, int) or isinstance(days, bool):
            raise Invalid("A limit has no days.", 'Write it as {"days": 200}.', field="validity")
        found.append(ValidityLimit(days, begins))
    return tuple(found)


def _object(data: Json, field: str, names: tuple[str, ...]) -> dict[str, Json]:
    if not isinstance(data, dict):
        raise Invalid(f"{field or 'A policy'} is no JSON object.", "Write it in braces.", field=field)
    for name in data:
        if name not in names:
            raise Invalid(f"{name} is nothing that a policy has.", f"It has {', '.join(names)}.", field=name)
    return data


def _typed(given: dict[str, Json], name: str, kind: type) -> Any:  # Any: of that kind, or None
    value = given.get(name)
    if value is not None and type(value) is not kind:
        raise Invalid(f"{name} is not what it should be.", f"Write it as a {kind.__name__}.", field=name)
    return value
