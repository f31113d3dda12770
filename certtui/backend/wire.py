"""The nouns of the model as JSON and back, for server and remote backend alike.

Encoders and decoders are compiled from the type hints of the model's dataclasses, once per type, at the first use:

    int, str, bool    as they are; other text than ASCII is escaped
    float             rounded to thousandths
    datetime          RFC 3339 in UTC, whole seconds: "2026-11-20T17:00:00Z"
    Enum              its value; an IntEnum its name
    bytes, Secret     base64 (RFC 4648, 4)
    tuple, Sequence   an array; dict an object
    dataclass         an object; a field that has a default may be missing
    X | Y             of dataclasses: an object whose `type` says which one it is

An encoder writes JSON text directly: for a page of a list that is several times faster than a dictionary per row.
Facts of a certificate to add never travel: `certtui.backend.wire_forms` has what does.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import Enum, IntEnum
from functools import cache
from json.encoder import encode_basestring_ascii
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from certtui.clock import UTC
from certtui.errors import Invalid
from certtui.model.secret import Secret

T = TypeVar("T")

# Any: a type hint (`int | None`, `tuple[str, ...]`) has no type of its own, and JSON can be anything.
Kind = Any
Json = Any

Encode = Callable[[Any], str]
Decode = Callable[[Json], Any]

LARGEST = 2**63 - 1
"""What the stores' integers hold."""
_LARGEST_ANSWERED = 2**160 - 1


def dumps(value: object, kind: Kind = None) -> bytes:
    """A value as JSON; `kind` where its class alone does not say what it is, as for a tuple of rows."""
    chosen: Kind = type(value) if kind is None else kind
    return encoder(chosen)(value).encode("ascii")


def loads(kind: type[T], data: bytes | str, *, strict: bool = False) -> T:
    """A value from JSON text. Raises `Invalid`, whose `field` names the place; `strict` also refuses unknown fields."""
    return decode(kind, parsed(data), strict=strict)


def decode(kind: type[T], data: Json, *, strict: bool = False) -> T:
    """The same from what the JSON parser gave."""
    wanted: Kind = kind
    return cast("T", decoder(wanted, strict)(data))


def parsed(data: bytes | str) -> Json:
    """What JSON text says. Raises `Invalid` for other text, for NaN, and for nesting no noun has."""
    try:
        return json.loads(data, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Invalid("The body is not JSON.", "Send one JSON object, in UTF-8.") from None


def _no_constant(name: str) -> None:
    raise ValueError(name)


# --- writing ----------------------------------------------------------------------------------------------------------


@cache
def encoder(kind: Kind) -> Encode:
    """What turns a value of that kind into ASCII JSON text."""
    if is_noun(kind):
        return _noun_encoder(kind)
    known: dict[str, object] = {}
    return cast("Encode", eval(f"lambda v: {_expression(kind, 'v', known)}", _names(known)))  # noqa: S307 - our own text


def _noun_encoder(kind: Kind) -> Encode:
    known: dict[str, object] = {}
    body = ",".join(f'"{name}":{{{_expression(hint, f"v.{name}", known)}}}' for name, hint in hints(kind).items())
    # One f-string for the whole object; the braces that are its own are doubled.
    source = "lambda v: f'{{" + body + "}}'"
    return cast("Encode", eval(source, _names(known)))  # noqa: S307 - names of our own classes' fields


def _names(known: Mapping[str, object]) -> dict[str, object]:
    return {"q": encode_basestring_ascii, "t": _instant, "b": _base64, **known}


def _expression(kind: Kind, value: str, known: dict[str, object]) -> str:
    """A Python expression, without quotes or braces, that writes `value` as JSON text."""
    if kind is str:
        return f"q({value})"
    if kind is int:
        return f"int.__repr__({value})"
    call = f"e{len(known)}"
    known[call] = _other_encoder(kind)
    return f"{call}({value})"


def _other_encoder(kind: Kind) -> Encode:
    if kind is bool:
        return _flag
    if kind is float:
        return _fraction
    if kind is datetime:
        return _instant
    if kind in (bytes, Secret):
        return _base64
    if is_noun(kind):
        return encoder(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _name_of if issubclass(kind, IntEnum) else _value_of
    if (inner := optional(kind)) is not None:
        write = encoder(inner)
        return lambda value: "null" if value is None else write(value)
    if chosen := variants(kind):
        return _variant_encoder(chosen)
    return _collection_encoder(kind)


def _variant_encoder(chosen: Mapping[str, Kind]) -> Encode:
    # Each of these nouns has a field at least, so a comma follows.
    writers = {each: (f'{{"type":{encode_basestring_ascii(name)},', encoder(each)) for name, each in chosen.items()}

    def write(value: object) -> str:
        head, of_its_kind = writers[type(value)]
        return head + of_its_kind(value)[1:]

    return write


def _collection_encoder(kind: Kind) -> Encode:
    arguments = get_args(kind)
    if _origin(kind) is dict:
        write = encoder(arguments[1])
        return lambda value: (
            "{" + ",".join([f"{encode_basestring_ascii(key)}:{write(each)}" for key, each in value.items()]) + "}"
        )
    if item := item_of(kind):
        write = encoder(item)
        return lambda value: "[" + ",".join([write(each) for each in value]) + "]"
    if _origin(kind) is tuple:
        writers = [encoder(each) for each in arguments]
        return lambda value: "[" + ",".join([write(each) for write, each in zip(writers, value, strict=True)]) + "]"
    raise TypeError(f"{kind!r} does not travel")


def _instant(value: datetime) -> str:
    if value.tzinfo is not UTC:
        value = value.astimezone(UTC)
    return f'"{value.isoformat()[:19]}Z"'


def _base64(value: bytes | Secret) -> str:
    return f'"{b64encode(value.reveal() if isinstance(value, Secret) else value).decode()}"'


def _fraction(value: float) -> str:
    return repr(round(value, 3))


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _value_of(value: Enum) -> str:
    return encode_basestring_ascii(value.value)


def _name_of(value: IntEnum) -> str:
    return f'"{value}"'


# --- reading ----------------------------------------------------------------------------------------------------------


@cache
def decoder(kind: Kind, strict: bool = False) -> Decode:
    """What turns parsed JSON into a value of that kind; raises `Invalid` with the field."""
    if is_noun(kind):
        return _noun_decoder(kind, strict)
    if kind is int and not strict:
        return _answered
    if kind in _SCALARS:
        return _SCALARS[kind]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _enum_decoder(kind)
    if (inner := optional(kind)) is not None:
        read = decoder(inner, strict)
        return lambda data: None if data is None else read(data)
    if chosen := variants(kind):
        return _variant_decoder(chosen, strict)
    arguments = get_args(kind)
    if _origin(kind) is dict:
        read = decoder(arguments[1], strict)
        return lambda data: {_text(key): read(each) for key, each in _object(data).items()}
    if item := item_of(kind):
        return _items_decoder(decoder(item, strict))
    if _origin(kind) is tuple:
        readers = [decoder(each, strict) for each in arguments]
        return lambda data: _fixed(readers, data)
    raise TypeError(f"{kind!r} does not travel")


def _noun_decoder(kind: Kind, strict: bool) -> Decode:
    from dataclasses import MISSING, fields

    shapes = hints(kind)
    required = {each.name for each in fields(kind) if each.default is MISSING and each.default_factory is MISSING}
    readers = {name: decoder(hint, strict) for name, hint in shapes.items()}

    def read(data: Json) -> object:
        given = _object(data)
        values = {}
        for name, reader in readers.items():
            if name not in given:
                if name in required:
                    raise Invalid(f"`{name}` is missing.", "Give it.", field=name)
                continue
            try:
                values[name] = reader(given[name])
            except Invalid as error:
                raise within(name, error) from None
        if strict and len(values) < len(given):
            unknown = next(name for name in given if name not in readers)
            raise Invalid(
                f"There is no field {encode_basestring_ascii(unknown)} here.",
                f"Known: {', '.join(readers)}.",
                field=unknown,
            )
        return kind(**values)

    return read


def _variant_decoder(chosen: Mapping[str, Kind], strict: bool) -> Decode:
    readers = {name: decoder(each, strict) for name, each in chosen.items()}

    def read(data: Json) -> object:
        given = dict(_object(data))
        name = given.pop("type", None)
        if not isinstance(name, str) or name not in readers:
            raise Invalid(f"`type` is one of {', '.join(readers)}.", "Correct it.", field="type")
        return readers[name](given)

    return read


def within(name: str, error: Invalid) -> Invalid:
    """The same error one level further up: the path to the field grows."""
    place = name if not error.field else f"{name}{error.field}" if error.field[0] == "[" else f"{name}.{error.field}"
    return Invalid(error.message, error.hint, field=place)


def _items_decoder(read: Decode) -> Decode:
    def items(data: Json) -> tuple[object, ...]:
        found = []
        for index, each in enumerate(_array(data)):
            try:
                found.append(read(each))
            except Invalid as error:
                raise within(f"[{index}]", error) from None
        return tuple(found)

    return items


def _fixed(readers: Sequence[Decode], data: Json) -> tuple[object, ...]:
    if len(_array(data)) != len(readers):
        raise Invalid(f"An array of {len(readers)} is expected here.", "Correct it.")
    return tuple(read(each) for read, each in zip(readers, data, strict=True))


def _enum_decoder(kind: type[Enum]) -> Decode:
    by_name = issubclass(kind, IntEnum)
    known = {str(each) if by_name else each.value: each for each in kind}

    def read(data: Json) -> Enum:
        if not isinstance(data, str) or data not in known:
            raise Invalid(f"One of {', '.join(map(str, known))} is expected here.", "Correct it.")
        return known[data]

    return read


def _text(data: Json) -> str:
    if not isinstance(data, str):
        raise Invalid("A text is expected here.", "Correct it.")
    if not data.isascii() and any("\ud800" <= char <= "\udfff" for char in data):
        raise Invalid("The text holds half of a surrogate pair.", "Send whole characters.")
    return data


def _number(data: Json) -> int:
    if type(data) is not int:
        raise Invalid("A whole number is expected here.", "Correct it.")
    if not -LARGEST <= data <= LARGEST:
        raise Invalid("The number is too large.", "Correct it.")
    return data


def _answered(data: Json) -> int:
    """In an answer: the number of a CRL made elsewhere has up to 20 octets (RFC 5280, 5.2.3)."""
    if type(data) is not int:
        raise Invalid("A whole number is expected here.", "Correct it.")
    if not -_LARGEST_ANSWERED <= data <= _LARGEST_ANSWERED:
        raise Invalid("The number is too large.", "Correct it.")
    return data


def _real(data: Json) -> float:
    if type(data) not in (int, float) or not -LARGEST <= data <= LARGEST:
        raise Invalid("A number is expected here.", "Correct it.")
    return float(data)


def _yes_or_no(data: Json) -> bool:
    if not isinstance(data, bool):
        raise Invalid("`true` or `false` is expected here.", "Correct it.")
    return data


def _time(data: Json) -> datetime:
    if isinstance(data, str):
        try:
            at = datetime.fromisoformat(data)
            if at.tzinfo is not None:
                return at.astimezone(UTC).replace(microsecond=0)
        except (ValueError, OverflowError):
            pass
    raise Invalid("A time as in 2026-11-20T17:00:00Z is expected here (RFC 3339).", "Correct it.")


def _octets(data: Json) -> bytes:
    if isinstance(data, str):
        try:
            return b64decode(data, validate=True)
        except ValueError:  # binascii.Error among them
            pass
    raise Invalid("Base64 is expected here.", "Correct it.")


def _secret(data: Json) -> Secret:
    return Secret(_octets(data))


def _object(data: Json) -> Mapping[str, Json]:
    if not isinstance(data, dict):
        raise Invalid("An object is expected here.", "Correct it.")
    return data


def _array(data: Json) -> Sequence[Json]:
    if not isinstance(data, list):
        raise Invalid("An array is expected here.", "Correct it.")
    return data


_SCALARS: dict[Kind, Decode] = {
    str: _text,
    int: _number,
    float: _real,
    bool: _yes_or_no,
    datetime: _time,
    bytes: _octets,
    Secret: _secret,
}


# --- types ------------------------------------------------------------------------------------------------------------


@cache
def hints(kind: Kind) -> dict[str, Kind]:
    """The fields of a dataclass and their types, in order."""
    from certtui.model.audit import Actor  # a name that `backend.base` has for type checkers alone

    found = get_type_hints(kind, localns={"Actor": Actor})
    return {name: found[name] for name in kind.__dataclass_fields__}


def is_noun(kind: Kind) -> bool:
    """Whether it is a dataclass of the model or the seam."""
    return isinstance(kind, type) and hasattr(kind, "__dataclass_fields__")


def optional(kind: Kind) -> Kind:
    """What `X | None` may be beside None, None for any other type."""
    if _origin(kind) not in (Union, UnionType):
        return None
    others = [each for each in get_args(kind) if each is not NoneType]
    return others[0] if len(others) == 1 else None


@cache
def variants(kind: Kind) -> Mapping[str, Kind]:
    """The nouns that `X | Y` may be, by what their `type` says; empty for any other type."""
    if _origin(kind) not in (Union, UnionType) or not all(is_noun(each) for each in get_args(kind)):
        return {}
    from certtui.model.channel import SETTINGS

    names = {each: str(name) for name, each in SETTINGS.items()}
    return {names[each]: each for each in get_args(kind)}


def item_of(kind: Kind) -> Kind:
    """What every item of an array is, None for what is no such array."""
    origin, arguments = _origin(kind), get_args(kind)
    if origin is tuple:
        return arguments[0] if len(arguments) == 2 and arguments[1] is Ellipsis else None
    return arguments[0] if isinstance(origin, type) and issubclass(origin, Sequence) else None


def _origin(kind: Kind) -> Kind:
    return get_origin(kind)
