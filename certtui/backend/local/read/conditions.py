"""What the terms of a filter have in common on every list: comma is OR, `!` is the rest, dates and days are ranges."""

from __future__ import annotations

from certtui.backend.local.read import dialect
from certtui.backend.local.read.dialect import Sql
from certtui.model.filters import date_period

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from certtui.model.filters import Term, Value

DAY = 86_400


def where(terms: Sequence[Term], condition: Callable[[Term], Sql]) -> Sql:
    """The rows that all terms take; `condition` gives a term's meaning without its `!`."""
    return dialect.both([dialect.negated(condition(term)) if term.negated else condition(term) for term in terms])


def pattern(column: str, values: Sequence[Value]) -> Sql:
    """The column is one of the values, wildcards allowed outside quotes."""
    return dialect.either([whole(column, value) for value in values])


def text(column: str, values: Sequence[Value]) -> Sql:
    """The column holds one of the values; in quotes or with wildcards it is one of them."""
    return dialect.either(
        [whole(column, value) if is_whole(value) else dialect.contains(column, value.text) for value in values]
    )


def whole(column: str, value: Value) -> Sql:
    """The column is the value, or fits it as a pattern."""
    if has_wildcards(value):
        return dialect.like(column, value.text)
    return dialect.equal(column, value.text)


def has_wildcards(value: Value) -> bool:
    """Whether `*` and `?` in it mean something."""
    return not value.quoted and ("*" in value.text or "?" in value.text)


def is_whole(value: Value) -> bool:
    """Whether a `text` key's value stands for the whole column."""
    return value.quoted or has_wildcards(value)


def numbers(column: str, values: Sequence[Value]) -> Sql:
    """The column is one of the numbers."""
    return f"{column} IN ({', '.join('?' * len(values))})", tuple(int(value.text) for value in values)


def counts(column: str, term: Term) -> Sql:
    """The column holds one of the counts, or more or less; 0 and NULL are none, which is neither."""
    op = "=" if term.op == ":" else term.op
    return dialect.either(
        [
            (f"coalesce({column}, 0) = 0", ())
            if op == "=" and int(value.text) == 0
            else (f"{column} > 0 AND {column} {op} ?", (int(value.text),))
            for value in term.values
        ]
    )


def authority(values: Sequence[Value]) -> Sql:
    """The certificate's authority has one of the names, wildcards allowed; "" is none."""
    named = [value for value in values if value.text]
    parts: list[Sql] = []
    if named:
        text, parameters = pattern("name", named)
        parts.append((f"authority_id IN (SELECT id FROM authority WHERE {text})", parameters))  # noqa: S608 (our own)
    if len(named) < len(values):
        parts.append(("authority_id IS NULL OR authority_id NOT IN (SELECT id FROM authority)", ()))
    return dialect.either(parts)


def dates(column: str, term: Term) -> Sql:
    """The instant in the column lies in one of the days, months or years, or before or after it."""
    return dialect.either([_between(column, *_period(value), term.op) for value in term.values])


def days(column: str, term: Term, now: int) -> Sql:
    """So many whole days are left until the instant in the column; rows without one do not count."""
    spans = ((now + int(value.text) * DAY, now + (int(value.text) + 1) * DAY) for value in term.values)
    return dialect.either([_between(column, start, end, term.op) for start, end in spans])


def since(column: str, values: Sequence[Value]) -> Sql:
    """From the beginning of the day, month or year on."""
    return dialect.either([_between(column, *_period(value), ">=") for value in values])


def until(column: str, values: Sequence[Value]) -> Sql:
    """Until the end of the day, month or year."""
    return dialect.either([_between(column, *_period(value), "<=") for value in values])


def _period(value: Value) -> tuple[int, int]:
    period = date_period(value.text)
    if period is None:
        raise AssertionError("the parser checks dates")
    return period


def _between(column: str, start: int, end: int, op: str) -> Sql:
    """Compare an instant with the period [start, end)."""
    match op:
        case "<":
            return f"{column} < ?", (start,)
        case "<=":
            return f"{column} < ?", (end,)
        case ">":
            return f"{column} >= ?", (end,)
        case ">=":
            return f"{column} >= ?", (start,)
    return f"{column} >= ? AND {column} < ?", (start, end)
