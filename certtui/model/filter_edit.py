"""What a filter bar does to a filter text: switch a condition on and off, and offer what could come next."""

from __future__ import annotations

from certtui.model.filter_fields import CERTIFICATE, Field, Kind
from certtui.model.filters import Term, format_filter, parse
from certtui.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TIME_KEYS = frozenset({"status", "days", "expires"})
"""Keys that the status strip and the chart set: choosing another bucket or month replaces all of them."""


def has_terms(text: str, addition: str, fields: Mapping[str, Field] = CERTIFICATE) -> bool:
    """Whether every term of `addition` stands in the filter; whether a bucket or bar shows as chosen."""
    wanted = parse(addition, fields)
    return bool(wanted) and set(wanted) <= set(parse(text, fields))


def toggled(
    text: str,
    addition: str,
    fields: Mapping[str, Field] = CERTIFICATE,
    *,
    replacing: frozenset[str] = TIME_KEYS,
) -> str:
    """The filter with the terms of `addition` switched: removed if all stand there, else put in the place of their keys.

    Terms whose key is in `replacing` give way if `addition` names one of these keys. What else was typed stays as it was
    typed. Raises `FilterError` for a text that does not parse.
    """
    present, wanted = parse(text, fields), parse(addition, fields)
    if wanted and set(wanted) <= set(present):
        return _text_of(text, [term for term in present if term not in wanted])
    keys = {term.key for term in wanted if term.key}
    if keys & replacing or not wanted:
        keys |= replacing
    kept = [term for term in present if term.key not in keys and term not in wanted]
    return " ".join(filter(None, (_text_of(text, kept), format_filter(wanted))))


def _text_of(text: str, kept: Sequence[Term]) -> str:
    return " ".join(text[term.start : term.end] for term in kept)


@dataclass(frozen=True, slots=True)
class Completions:
    """What could stand in place of `text[start:end]`: (text, help) pairs, likeliest first."""

    start: int
    end: int
    candidates: tuple[tuple[str, str], ...]


def completions(
    text: str,
    cursor: int,
    fields: Mapping[str, Field] = CERTIFICATE,
    known: Mapping[str, Sequence[str]] | None = None,
) -> Completions:
    """Keys, or the values of the key before the cursor. `known` adds values that the backend knows, by key."""
    start, in_quotes = _term_start(text, cursor)
    word = text[start:cursor]
    bare = word.removeprefix("!")
    key, separator, value = bare.partition(":")
    field = fields.get(key.lower()) if separator else None
    if field is None:
        if in_quotes or not bare.replace("_", "").replace("-", "").isalnum():
            return Completions(cursor, cursor, ())
        return Completions(start + len(word) - len(bare), cursor, _keys(bare.lower(), fields))
    value_start = start + len(word) - len(value) + value.rfind(",") + 1
    typed = text[value_start:cursor].removeprefix('"').lower()
    values = (*field.values, *(known or {}).get(field.key, ()), *field.suggestions)
    fitting = [
        _spelled(each) for each in dict.fromkeys(values) if each.lower().startswith(typed) and each.lower() != typed
    ]
    return Completions(value_start, cursor, tuple((each, field.help) for each in fitting))


def _keys(typed: str, fields: Mapping[str, Field]) -> tuple[tuple[str, str], ...]:
    canonical = [field for name, field in fields.items() if name == field.key and name.startswith(typed) and typed]
    return tuple((field.key if field.kind == Kind.FLAG else field.key + ":", field.help) for field in canonical)


def _term_start(text: str, cursor: int) -> tuple[int, bool]:
    """Where the term under the cursor begins, and whether the cursor stands inside quotes."""
    start, in_quotes, at = 0, False, 0
    while at < cursor:
        char = text[at]
        if in_quotes and char == "\\":
            at += 1
        elif char == '"':
            in_quotes = not in_quotes
        elif char.isspace() and not in_quotes:
            start = at + 1
        at += 1
    return start, in_quotes


def _spelled(value: str) -> str:
    """A value as it must be written: quoted where the bare text would mean something else."""
    if value and not any(char.isspace() or char in ',"' for char in value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
