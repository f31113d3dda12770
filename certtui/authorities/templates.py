"""The templates of a profile of the built-in PKI, as lines that a person writes: `NAME key=value …`.

A line that begins with the name of a built-in template changes it; another name makes a new one, of the built-in
`custom` changed by what the line says:

    server days=60 max_days=90
    kiosk title=Kiosk days=30 keys=ec-256,ec-384 usages=serverAuth,clientAuth san=yes
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from certtui.authorities.settings import MAX_DAYS
from certtui.errors import Invalid
from certtui.model.template import CUSTOM, EXTENDED_USAGES, KEY_USAGES, LEAF_KEYS, TEMPLATES, Template

FIELD = "templates"
"""The setting that holds the lines."""

_SAN_KINDS = ("DNS", "IP", "EMAIL", "URI")
_KEYS = ("title", "days", "max_days", "keys", "key_usages", "usages", "san", "san_kinds")
_MOST = 50
_HELP = "Write for instance `kiosk days=30 max_days=90 keys=ec-256 usages=serverAuth san=yes`."


def templates_of(settings: Mapping[str, str]) -> tuple[Template, ...]:
    """All templates of a profile: the built-in ones, changed and joined by its own. Raises `Invalid` (field `templates`)."""
    found = {template.name: template for template in TEMPLATES}
    for line in settings.get(FIELD, "").splitlines():
        if line.strip():
            template = _read(line.strip(), found)
            found[template.name] = template
    if len(found) > _MOST:
        raise Invalid(f"{len(found)} templates are too many.", f"{_MOST} are the limit.", field=FIELD)
    return tuple(found.values())


def default_key_type(template: Template) -> str:
    """The kind of key that is made where an order names none: P-256 if it is allowed, else the first that is."""
    return "ec-256" if "ec-256" in template.key_types else template.key_types[0]


def _read(line: str, known: Mapping[str, Template]) -> Template:
    name, *words = _words(line)
    if not name.replace("-", "").replace("_", "").isalnum() or not name.isascii() or len(name) > 40:
        raise _wrong(line, f"“{name}” is no name of a template")
    base = known.get(name) or replace(CUSTOM, name=name, title=name)
    values: dict[str, object] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or key not in _KEYS:
            raise _wrong(line, f"“{word}” is none of {', '.join(_KEYS)}")
        values |= _value(line, key, value)
    made = replace(base, **values)  # type: ignore[arg-type]  # the values are of the fields' types
    if made.days > made.max_days:
        # Who sets only one of the two means it.
        made = replace(made, days=made.max_days) if "days" not in values else replace(made, max_days=made.days)
    return made


def _words(line: str) -> list[str]:
    import shlex

    try:
        return shlex.split(line) or [""]
    except ValueError:
        raise _wrong(line, "a quote is not closed") from None


def _value(line: str, key: str, value: str) -> dict[str, object]:
    match key:
        case "title":
            return {"title": value}
        case "days" | "max_days":
            if not (value.isascii() and value.isdigit() and len(value) < 7 and 1 <= int(value) <= MAX_DAYS):
                raise _wrong(line, f"“{value}” is no number of days")
            return {key: int(value)}
        case "keys":
            return {"key_types": _some(line, value, LEAF_KEYS)}
        case "key_usages":
            return {
                "key_usages": _some(line, value, [one for one in KEY_USAGES if one not in ("keyCertSign", "cRLSign")])
            }
        case "usages":
            return {"usages": tuple(_usage(line, one) for one in value.split(",") if one)}
        case "san_kinds":
            return {"san_kinds": _some(line, value, _SAN_KINDS)}
    if value not in ("yes", "no"):
        raise _wrong(line, "san is yes or no")
    return {"needs_san": value == "yes"}


def _some(line: str, value: str, known: Iterable[str]) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(one for one in value.split(",") if one))
    for one in wanted:
        if one not in known:
            raise _wrong(line, f"“{one}” is none of {', '.join(known)}")
    if not wanted:
        raise _wrong(line, "a list is empty")
    return wanted


def _usage(line: str, value: str) -> str:
    if value in EXTENDED_USAGES or (value.count(".") > 1 and all(part.isdigit() for part in value.split("."))):
        return value
    raise _wrong(line, f"“{value}” is none of {', '.join(EXTENDED_USAGES)} and no dotted OID")


def _wrong(line: str, why: str) -> Invalid:
    return Invalid(f"The template line “{line[:80]}” can't be read: {why}.", _HELP, field=FIELD)
