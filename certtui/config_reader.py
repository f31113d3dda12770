"""From a parsed TOML table to `Config`: unknown fields and wrong types are refused, with file, line and nearest name.

Apart from `config`, so that a start without a configuration file never pays for it.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from certtui.config import CLIPBOARDS, THEMES, Config, Context, known_fields
from certtui.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def config_from(table: Mapping[str, Any], text: str, name: str) -> Config:  # Any: what tomllib gives
    """The configuration of a parsed table; `text` is what it was parsed from, to find lines. Raises `Invalid`."""
    where = _Where(text, name)
    _known(table, known_fields(Config), (), where)
    values: dict[str, Any] = {}  # checked against each field below
    for key, value in table.items():
        match key:
            case "contexts":
                values[key] = _contexts(value, where)
            case "columns" | "keys":
                values[key] = _lists(key, value, where)
            case "theme":
                values[key] = _one_of(value, THEMES, (key,), where)
            case "clipboard":
                values[key] = _one_of(value, CLIPBOARDS, (key,), where)
            case "idle_lock_minutes" | "clipboard_clear_seconds":
                values[key] = _count(value, (key,), where)
            case "ascii" | "worker":
                values[key] = _flag(value, (key,), where)
            case _:
                values[key] = _text(value, (key,), where)
    config = Config(**values)
    if config.default_context and config.default_context not in config.contexts:
        raise Invalid(
            f"{where(('default_context',))}: there is no context {config.default_context!r}"
            f"{nearest(config.default_context, config.contexts)}.",
            f"Add a table [contexts.{config.default_context}], or name one that is there.",
            field="default_context",
        )
    return config


def nearest(word: str, known: Iterable[str]) -> str:
    """`; the nearest is 'name'`, or "" when nothing is near."""
    close = get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f"; the nearest is {close[0]!r}" if close else ""


class _Where:
    """Finds the line of a key in the text of a TOML file, since tomllib keeps none."""

    def __init__(self, text: str, name: str) -> None:
        self._lines = text.splitlines()
        self._name = name

    def __call__(self, path: tuple[str, ...]) -> str:
        """`FILE:LINE` of a key given by its tables and itself, `FILE` when it is not found."""
        table: tuple[str, ...] = ()
        for number, line in enumerate(self._lines, 1):
            if header := re.match(r"\s*\[+\s*(.+?)\s*\]+\s*(?:#.*)?$", line):
                table = _split(header[1])
                if table[: len(path)] == path:
                    return f"{self._name}:{number}"
            elif entry := re.match(
                r"\s*((?:\"[^\"]*\"|'[^']*'|[\w-]+)(?:\s*\.\s*(?:\"[^\"]*\"|'[^']*'|[\w-]+))*)\s*=", line
            ):
                full = (*table, *_split(entry[1]))
                if full[: len(path)] == path or (path[: len(full)] == full and path[-1] in line):
                    return f"{self._name}:{number}"
        return self._name


def _split(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in re.findall(r"\"[^\"]*\"|'[^']*'|[^.\s]+", dotted))


def _known(table: Mapping[str, Any], names: tuple[str, ...], under: tuple[str, ...], where: _Where) -> None:
    for key in table:
        if key not in names:
            raise Invalid(
                f"{where((*under, key))}: there is no field {key!r}{nearest(key, names)}.",
                f"Fields {'there' if under else 'at the top'}: {', '.join(names)}.",
                field=key,
            )


def _contexts(value: Any, where: _Where) -> dict[str, Context]:
    contexts = {}
    for name, table in _table(value, ("contexts",), where).items():
        under = ("contexts", name)
        fields = _table(table, under, where)
        _known(fields, known_fields(Context), under, where)
        checked = {key: _context_field(key, each, (*under, key), where) for key, each in fields.items()}
        _one_place(checked, under, where)
        contexts[name] = Context(**checked)
    return contexts


def _context_field(key: str, value: Any, path: tuple[str, ...], where: _Where) -> Any:
    match key:
        case "read_only":
            return _flag(value, path, where)
        case "timeout":
            return _count(value, path, where) or 1
        case _:
            return _text(value, path, where)


_OF_A_STORE = ("store", "key_file", "passphrase_file")
_OF_A_SERVER = ("token_file", "token_command", "ca_file", "pin", "client_cert", "client_key", "proxy", "timeout")


def _one_place(fields: Mapping[str, Any], under: tuple[str, ...], where: _Where) -> None:
    """A context is a store or a server: a field of the other would be ignored, so it is refused."""
    other, kind = (_OF_A_STORE, "a store") if fields.get("url") else (_OF_A_SERVER, "a server")
    for key in other:
        if fields.get(key):
            raise Invalid(
                f"{where((*under, key))}: {key} is for {kind}, and this context is {'a server' if fields.get('url') else 'a store'}.",
                "Take it out, or correct url." if fields.get("url") else "Give the server's url, or take it out.",
                field=key,
            )
    if fields.get("token_file") and fields.get("token_command"):
        raise Invalid(
            f"{where((*under, 'token_command'))}: a token comes from token_file or from token_command, not from both.",
            "Take one of them out.",
            field="token_command",
        )


def _lists(key: str, value: Any, where: _Where) -> dict[str, tuple[str, ...]]:
    lists = {}
    for name, entries in _flat(_table(value, (key,), where)).items():
        if isinstance(entries, str):
            entries = [entries]
        if not isinstance(entries, list) or not all(isinstance(each, str) for each in entries):
            raise _wrong((key, name), "a list of texts", entries, where)
        lists[name] = tuple(entries)
    return lists


def _flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Action ids have dots, and an unquoted dotted key is a nested table in TOML: both ways of writing mean the same."""
    flat: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value
    return flat


def _table(value: Any, path: tuple[str, ...], where: _Where) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(path, f"a table [{'.'.join(path)}]", value, where)
    return value


def _text(value: Any, path: tuple[str, ...], where: _Where) -> str:
    if not isinstance(value, str):
        raise _wrong(path, "a text in quotes", value, where)
    return value


def _flag(value: Any, path: tuple[str, ...], where: _Where) -> bool:
    if not isinstance(value, bool):
        raise _wrong(path, "true or false", value, where)
    return value


def _count(value: Any, path: tuple[str, ...], where: _Where) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _wrong(path, "a whole number, 0 or more", value, where)
    return value


def _one_of(value: Any, names: tuple[str, ...], path: tuple[str, ...], where: _Where) -> str:
    if value not in names:
        near = nearest(value, names) if isinstance(value, str) else ""
        raise Invalid(
            f"{where(path)}: {path[-1]} can't be {_brief(value)}{near}.",
            f"It is one of {', '.join(names)}.",
            field=path[-1],
        )
    return str(value)


def _wrong(path: tuple[str, ...], expected: str, value: Any, where: _Where) -> Invalid:
    return Invalid(
        f"{where(path)}: {path[-1]} is {expected}, not {_brief(value)}.", "Correct that line.", field=path[-1]
    )


def _brief(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return repr(value) if len(value) <= 40 else "a long text"
        case int() | float():
            return str(value)
        case list():
            return "a list with other things in it"
        case dict():
            return "a table"
        case _:
            return "that"
