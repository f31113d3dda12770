"""The filter language: text to terms and back (docs/filter-language.md). One parser for console, CLI and API; no I/O.

    text  := term { blank term }                all terms must hold
    term  := ["!"] ( flag | key op values | values )
    op    := ":" | "=" | "<" | "<=" | ">" | ">="
    values := value { "," value }               any of them
    value := bare | '"' characters with \\" and \\\\ '"'

A value without quotes may hold the wildcards `*` and `?` where the key takes patterns; in quotes they are themselves.
"""

from __future__ import annotations

from certtui.errors import Invalid
from certtui.model.filter_fields import CERTIFICATE, Field, Kind
from certtui.record import dataclass, field

TYPE_CHECKING = False  # `typing` is not imported on the way to `certtui list`
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

OPERATORS = (":", "<", "<=", ">", ">=")
"""`=` is read as `:`."""

_KEY_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
MAX_LENGTH = 4096
MAX_VALUES = 500


class FilterError(Invalid):
    """A filter that does not parse; `start` and `end` are the offsets of the part at fault in its text."""

    def __init__(self, message: str, hint: str = "", *, start: int, end: int) -> None:
        super().__init__(message, hint, field="filter")
        self.start = start
        self.end = end


@dataclass(frozen=True, slots=True)
class Value:
    """One value; `quoted` means exactly this text, without wildcards."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """One condition. `key` is "" for free words; a flag such as `unused` has no values. `start`, `end`: where it stood."""

    key: str
    op: str = ":"
    values: tuple[Value, ...] = ()
    negated: bool = False
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


Filter = tuple[Term, ...]
"""All terms must hold; no terms means everything."""


def parse(text: str, fields: Mapping[str, Field] = CERTIFICATE) -> Filter:
    """The terms of a filter text. Raises `FilterError`, and nothing else, for text that is no filter."""
    if len(text) > MAX_LENGTH:
        raise FilterError(
            f"The filter is longer than {MAX_LENGTH} characters.", "Shorten it.", start=MAX_LENGTH, end=len(text)
        )
    bad = _undecodable(text)
    if bad is not None:
        raise FilterError("The filter holds bytes that are not text.", "Type it in UTF-8.", start=bad, end=bad + 1)
    terms: list[Term] = []
    at = _skip_blanks(text, 0)
    while at < len(text):
        term = _term(text, at, fields)
        terms.append(term)
        at = _skip_blanks(text, term.end)
    return tuple(terms)


def format_filter(terms: Sequence[Term]) -> str:
    """The text of a filter in its canonical spelling; `parse` gives the same terms for it."""
    return " ".join(map(format_term, terms))


def format_term(term: Term) -> str:
    """The text of one term."""
    mark = "!" if term.negated else ""
    if term.key and not term.values:
        return mark + term.key
    values = ",".join(f'"{_escaped(value.text)}"' if value.quoted else value.text for value in term.values)
    return f"{mark}{term.key}{term.op if term.key else ''}{values}"


def quoted(text: str) -> str:
    """Any text as a value that stands for exactly itself."""
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


# --- reading ----------------------------------------------------------------------------------------------------------


def _term(text: str, start: int, fields: Mapping[str, Field]) -> Term:
    at = start
    negated = text[at] == "!"
    if negated:
        at += 1
        if at == len(text) or text[at].isspace():
            raise FilterError("`!` stands before a term and excludes it.", "Write one: `!host`.", start=start, end=at)
        if text[at] == "!":
            raise FilterError("`!!` excludes twice.", "Leave both out.", start=start, end=at + 1)
    word_end = at
    while word_end < len(text) and text[word_end] in _KEY_CHARACTERS:
        word_end += 1
    if word_end > at and word_end < len(text) and text[word_end] in ":=<>" and not _is_address(text, at):
        return _keyed(text, start, at, word_end, negated, fields)
    bare_end = _bare_end(text, at)
    flag = fields.get(text[at:bare_end].lower())
    if flag is not None and flag.kind == Kind.FLAG and (bare_end == len(text) or text[bare_end].isspace()):
        return Term(flag.key, ":", (), negated, start, bare_end)
    values, end = _values(text, at, start)
    for value, value_start, value_end in values:
        if not value.text.strip():
            raise FilterError(
                "An empty word finds nothing.", "Write it or leave it out.", start=value_start, end=value_end
            )
    return Term("", ":", tuple(value for value, _, _ in values), negated, start, end)


def _keyed(text: str, start: int, at: int, word_end: int, negated: bool, fields: Mapping[str, Field]) -> Term:
    name = text[at:word_end]
    op = text[word_end : word_end + 2]
    op = op if op in ("<=", ">=") else op[0]
    values_at = word_end + len(op)
    op = ":" if op == "=" else op
    field_ = fields.get(name.lower())
    if field_ is None:
        raise _unknown_key(text, name, at, word_end, fields)
    if field_.kind == Kind.FLAG:
        raise FilterError(
            f"`{field_.key}` takes no value.", f"Write `{field_.key}` or `!{field_.key}`.", start=at, end=values_at
        )
    if op != ":" and not field_.ordered:
        raise FilterError(
            f"`{field_.key}` has no order, so `{op}` says nothing.",
            f"Write `{field_.key}:`.",
            start=word_end,
            end=values_at,
        )
    if values_at == len(text) or text[values_at].isspace():
        raise FilterError(f"`{field_.key}` needs a value.", field_.hint, start=at, end=values_at)
    spans, end = _values(text, values_at, at)
    if op != ":" and len(spans) > 1:
        raise FilterError(f"`{op}` compares with one value.", f"Write one: {field_.hint}", start=values_at, end=end)
    values = tuple(_checked(field_, value, value_start, value_end) for value, value_start, value_end in spans)
    return Term(field_.key, op, values, negated, start, end)


def _values(text: str, at: int, term_start: int) -> tuple[list[tuple[Value, int, int]], int]:
    """The comma-separated values from `at`, each with its span, and where they end."""
    values: list[tuple[Value, int, int]] = []
    while True:
        value, end = _quoted_value(text, at) if text[at : at + 1] == '"' else _bare_value(text, at)
        values.append((value, at, end))
        if end == len(text) or text[end].isspace():
            return values, end
        if text[end] != ",":
            raise FilterError(
                "A quote ends or begins in the middle of a value.",
                'Quote the whole value; inside it, write \\" for a quote.',
                start=term_start,
                end=end + 1,
            )
        if len(values) == MAX_VALUES:
            raise FilterError(f"More than {MAX_VALUES} values.", "Use fewer.", start=term_start, end=end)
        at = end + 1


def _bare_value(text: str, at: int) -> tuple[Value, int]:
    end = _bare_end(text, at)
    if end == at:
        raise FilterError(
            "A value is missing beside the comma.", "Write it, or remove the comma.", start=max(0, at - 1), end=at
        )
    return Value(text[at:end]), end


def _bare_end(text: str, at: int) -> int:
    while at < len(text) and text[at] not in ',"' and not text[at].isspace():
        at += 1
    return at


def _quoted_value(text: str, start: int) -> tuple[Value, int]:
    parts: list[str] = []
    at = start + 1
    while at < len(text):
        char = text[at]
        if char == '"':
            return Value("".join(parts), True), at + 1
        if char == "\\" and text[at + 1 : at + 2] in ('"', "\\"):
            at += 1
            char = text[at]
        parts.append(char)
        at += 1
    raise FilterError("The quote is not closed.", 'End the value with ".', start=start, end=len(text))


def _undecodable(text: str) -> int | None:
    """Where the first byte stands that a terminal or an argument gave and that is no UTF-8 (PEP 383), None if there is none."""
    if text.isascii():
        return None
    return next((at for at, char in enumerate(text) if "\ud800" <= char <= "\udfff"), None)


def _skip_blanks(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _is_address(text: str, at: int) -> bool:
    """An IPv6 address or a fingerprint with colons is a word, not a key with a value."""
    word = text[at : _bare_end(text, at)]
    return word.count(":") > 1 and all(char in "0123456789abcdefABCDEF:." for char in word)


# --- checking ---------------------------------------------------------------------------------------------------------


def _checked(field_: Field, value: Value, start: int, end: int) -> Value:
    """The value in its canonical spelling, or a `FilterError` that names what is allowed."""
    text = value.text
    match field_.kind:
        case Kind.ENUM:
            chosen = text.lower()
            chosen = field_.aliases.get(chosen, chosen)
            if chosen in field_.values:
                return Value(chosen)
            near = _nearest(chosen, (*field_.values, *field_.aliases))
            allowed = ", ".join(field_.values)
            raise FilterError(
                f"`{field_.key}` knows no {quoted(text)}.",
                f"Did you mean `{near}`? Allowed: {allowed}." if near else f"Allowed: {allowed}.",
                start=start,
                end=end,
            )
        case Kind.DAYS | Kind.NUMBER | Kind.COUNT:
            number = _number(text.lower().removesuffix("d") if field_.kind == Kind.DAYS else text)
            if number is None:
                raise FilterError(f"{quoted(text)} is no number.", field_.hint, start=start, end=end)
            return Value(str(number))
        case Kind.DATE | Kind.BOUND:
            if date_period(text) is None:
                raise FilterError(f"{quoted(text)} is no date.", field_.hint, start=start, end=end)
            return Value(text)
        case Kind.HEX:
            digits = text.replace(":", "").lower()
            if not digits or any(char not in "0123456789abcdef-" for char in digits):
                raise FilterError(f"{quoted(text)} is no hexadecimal number.", field_.hint, start=start, end=end)
            return Value(digits)
        case _:
            return value


def _number(text: str) -> int | None:
    digits = text[1:] if text[:1] == "-" else text
    if not digits.isascii() or not digits.isdigit() or len(digits) > 9:
        return None
    return int(text)


def date_period(text: str) -> tuple[int, int] | None:
    """The period that `YYYY`, `YYYY-MM` or `YYYY-MM-DD` names, as epoch seconds [start, end); None for other text.

    The end of the year 9999, which X.509 uses for "never" (RFC 5280, 4.1.2.5), is the end of time.
    """
    parts = text.split("-")
    if not text.isascii() or [len(part) for part in parts] not in ([4], [4, 2], [4, 2, 2]):
        return None
    if not all(part.isdigit() for part in parts):
        return None
    year, month, day = (*map(int, parts), 0, 0)[:3]
    if year == 0 or (len(parts) > 1 and not 1 <= month <= 12):
        return None
    if len(parts) == 1:
        return _midnight(year, 1, 1), _midnight(year + 1, 1, 1)
    if len(parts) == 2:
        return _midnight(year, month, 1), _midnight(year + month // 12, month % 12 + 1, 1)
    if not 1 <= day <= (_midnight(year + month // 12, month % 12 + 1, 1) - _midnight(year, month, 1)) // 86_400:
        return None
    return _midnight(year, month, day), _midnight(year, month, day) + 86_400


def _midnight(year: int, month: int, day: int) -> int:
    """Epoch seconds of a day in the proleptic Gregorian calendar; also for the year 10000, which `datetime` lacks."""
    year, month = (year, month - 3) if month > 2 else (year - 1, month + 9)
    days = 365 * year + year // 4 - year // 100 + year // 400 + (153 * month + 2) // 5 + day - 1
    return (days - 719_468) * 86_400


def _unknown_key(text: str, name: str, start: int, end: int, fields: Mapping[str, Field]) -> FilterError:
    near = _nearest(name.lower(), tuple(key for key in fields if fields[key].key == key))
    word = text[start : _bare_end(text, start)]
    as_text = f"To look for the text itself, quote it: {quoted(word)}."
    return FilterError(
        f"There is no key `{name}`.",
        f"Did you mean `{near}`? {as_text}" if near else as_text,
        start=start,
        end=end,
    )


def _nearest(word: str, known: Sequence[str]) -> str:
    from difflib import get_close_matches  # only on the way to an error

    return next(iter(get_close_matches(word, known, 1, 0.5)), "")
