"""What each key of the inventory's filter means in SQL."""

from __future__ import annotations

from certtui.backend.local.acl_sql import RESTRICTED
from certtui.backend.local.read import conditions, dialect
from certtui.backend.local.read.dialect import Sql
from certtui.backend.local.read.name_pattern import (
    attribute_parts,
    attribute_regex,
    literal_parts,
    names_regex,
)
from certtui.backend.local.read.status_conditions import status_is
from certtui.model.search_text import fold

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from certtui.model.filters import Term, Value

    Rare = Callable[[str], bool]

_COLUMNS = {
    "group": "business_group",
    "key": "key_algorithm",
    "digest": "signature_digest",
    "source": "source",
    "provider": "provider",
    "contact": "contact_email",
    "expires": "not_after",
    "valid_from": "not_before",
    "created": "created_at",
}
_FACTS = {"key": "has_private_key = 1", "csr": "has_csr = 1", "ca": "is_ca = 1", "self-signed": "self_issued = 1"}
_ACCESS = {"restricted": RESTRICTED, "open": f"NOT {RESTRICTED}"}
_SHORTEST_HASH = 8
"""Hexadecimal digits from which a free word is also taken for the beginning of a fingerprint or serial number."""


def certificate_filter(terms: Sequence[Term], now: int, rare: Rare) -> Sql:
    """The rows of `certificate` that a filter takes at `now` (epoch seconds); `rare` tells which texts to look up."""
    return conditions.where(terms, lambda term: _condition(term, now, rare))


def _condition(term: Term, now: int, rare: Rare) -> Sql:
    values = term.values
    match term.key:
        case "":
            return dialect.either([_word(value.text, rare) for value in values])
        case "status":
            return status_is([value.text for value in values], now)
        case "unused":
            return "resource_count = 0", ()
        case "used":
            return "resource_count > 0", ()
        case "days":
            return conditions.days("not_after", term, now)
        case "expires" | "valid_from" | "created":
            return conditions.dates(_COLUMNS[term.key], term)
        case "san":
            return dialect.either([_san(value, rare) for value in values])
        case "cn":
            return dialect.either([_common_name(value, rare) for value in values])
        case "name":
            return dialect.either([_name(value, rare) for value in values])
        case "issuer":
            return dialect.either([_distinguished("issuer", value, rare) for value in values])
        case "subject":
            return dialect.either([_distinguished("subject", value, rare) for value in values])
        case "serial":
            return dialect.either([dialect.prefix("serial_number", _serial(value.text)) for value in values])
        case "fingerprint":
            return dialect.either([_fingerprint(value.text) for value in values])
        case "has" | "is":
            return dialect.either([(_FACTS[value.text], ()) for value in values])
        case "resource":
            return _resource(values)
        case "access":
            return dialect.either([(_ACCESS[value.text], ()) for value in values])
        case "repository":
            return _repository(values)
        case "authority":
            return conditions.authority(values)
        case "auto_renew_days":
            return conditions.counts("auto_renew_days", term)
        case "id":
            return conditions.numbers("id", values)
        case "source":
            return dialect.either([("source = ?", (value.text,)) for value in values])
    return conditions.pattern(_COLUMNS[term.key], values)


def looked_up(term: Term) -> list[list[str]]:
    """For each value of a term the folded texts that the search text of every row it takes holds; none if it has no such."""
    match term.key:
        case "":
            return [[fold(value.text)] for value in term.values]
        case "san" | "cn":
            return [literal_parts(value) for value in term.values]
        case "name":
            return [_name_parts(value) for value in term.values]
        case "issuer" | "subject":
            return [_attribute_parts(value) for value in term.values]
    return []


def _word(text: str, rare: Rare) -> Sql:
    folded = fold(text)
    found = dialect.indexed(folded) if rare(folded) else dialect.scanned(folded)
    digits = text.replace(":", "").lower()
    if len(digits) < _SHORTEST_HASH or any(char not in "0123456789abcdef" for char in digits):
        return found
    return dialect.either([found, _fingerprint(digits), dialect.prefix("serial_number", _serial(digits))])


def _fingerprint(digits: str) -> Sql:
    sha256 = dialect.prefix("fingerprint_sha256", digits)
    if len(digits) != _SHA1_DIGITS:
        return sha256
    return dialect.either([sha256, ("fingerprint_sha1 = ?", (digits,))])


_SHA1_DIGITS = 40


def _serial(digits: str) -> str:
    """Without the leading zeros that openssl prints and the store leaves out."""
    return digits.lstrip("0") or "0"


def _resource(values: Sequence[Value]) -> Sql:
    text, parameters = conditions.pattern("name", values)
    # The SQL text is made by this package; the values are parameters.
    named = f"SELECT id FROM resource WHERE {text}"  # noqa: S608
    return f"id IN (SELECT certificate_id FROM association WHERE resource_id IN ({named}))", parameters  # noqa: S608


def _repository(values: Sequence[Value]) -> Sql:
    named = [value for value in values if value.text]
    parts: list[Sql] = []
    if named:
        text, parameters = conditions.pattern("name", named)
        parts.append((f"repository_id IN (SELECT id FROM repository WHERE {text})", parameters))  # noqa: S608 (as above)
    if len(named) < len(values):
        parts.append(("repository_id IS NULL OR repository_id NOT IN (SELECT id FROM repository)", ()))
    return dialect.either(parts)


def _common_name(value: Value, rare: Rare) -> Sql:
    if not value.text:
        return "common_name = ''", ()
    return dialect.both([*_sifted(literal_parts(value), rare), dialect.finds("common_name", names_regex(value))])


def _san(value: Value, rare: Rare) -> Sql:
    if not value.text:
        return "sans = ''", ()
    return dialect.both([*_sifted(literal_parts(value), rare), dialect.finds("sans", names_regex(value))])


def _name(value: Value, rare: Rare) -> Sql:
    return dialect.both([*_narrowed(_name_parts(value), rare), conditions.text("name", [value])])


def _name_parts(value: Value) -> list[str]:
    return literal_parts(value) if conditions.has_wildcards(value) else [fold(value.text)]


def _distinguished(column: str, value: Value, rare: Rare) -> Sql:
    """A part of the name; in quotes or with wildcards a whole attribute (`R3`, `O=Example`), or the whole name."""
    if not value.text:
        return f"{column} = ''", ()
    if not conditions.is_whole(value):
        return dialect.both([*_narrowed([fold(value.text)], rare), dialect.contains(column, value.text)])
    return dialect.both([*_sifted(attribute_parts(value), rare), dialect.finds(column, attribute_regex(value))])


def _attribute_parts(value: Value) -> list[str]:
    return attribute_parts(value) if conditions.is_whole(value) else [fold(value.text)]


def _narrowed(parts: Sequence[str], rare: Rare) -> list[Sql]:
    """The trigram index narrows what a slower condition then decides, where it narrows at all."""
    return [dialect.indexed(part) for part in parts if rare(part)]


def _sifted(parts: Sequence[str], rare: Rare) -> list[Sql]:
    """The same before a regular expression: where the index does not help, a plain comparison spares most rows the worse."""
    longest = max(parts, key=len, default="")
    return _narrowed(parts, rare) or [dialect.scanned(longest)] * bool(longest)
