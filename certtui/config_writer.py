"""Changes to the configuration file that leave the rest of it as the person wrote it, comments included."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING

from certtui import config, files, paths
from certtui.config import Config, Context
from certtui.errors import Conflict, Invalid, NotFound, Unreachable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_HEADER = re.compile(r"\s*\[")
_DEFAULT = re.compile(r"\s*(?:default_context|\"default_context\"|'default_context')\s*=")


def add_context(name: str, context: Context, *, default: bool = False, environ: Mapping[str, str] = os.environ) -> Path:
    """Write a table `[contexts.NAME]` at the end of the file; returns the file.

    Raises `Conflict` for a name that is taken, `Invalid` for a name or a field that can't be.
    """
    if not name or any(not char.isprintable() for char in name) or len(name) > 64:
        raise Invalid("That can't be the name of a context.", "Take up to 64 printable characters.", field="name")
    text, found = _read(environ)
    if name in found.contexts:
        raise Conflict(f"There is a context {name!r} already.", "Take another name, or change it in the file by hand.")
    lines = [f"[contexts.{_key(name)}]"]
    blank = Context()
    for field in config.known_fields(Context):
        value = getattr(context, field)
        if value != getattr(blank, field):
            lines.append(f"{field} = {_value(value)}")
    body = text.rstrip("\n")
    text = (f"{body}\n\n" if body else "") + "\n".join(lines) + "\n"
    return _write(_with_default(text, name) if default else text, environ)


def use_context(name: str, environ: Mapping[str, str] = os.environ) -> Path:
    """Make it the context that is opened when none is asked for. Raises `NotFound` with the nearest name."""
    text, found = _read(environ)
    config.context(found, name)
    if name not in found.contexts:
        raise NotFound(f"There is no context {name!r} in the configuration.", "`certtui context add` makes one.")
    return _write(_with_default(text, name), environ)


def _with_default(text: str, name: str) -> str:
    entry = f"default_context = {_value(name)}"
    lines = text.splitlines()
    head = next((index for index, line in enumerate(lines) if _HEADER.match(line)), len(lines))
    for index in range(head):
        if _DEFAULT.match(lines[index]):
            lines[index] = entry
            break
    else:
        # Before the first table, where it belongs to the top.
        lines[head:head] = [entry, ""] if head < len(lines) else [entry]
    return "\n".join(lines) + "\n"


def _read(environ: Mapping[str, str]) -> tuple[str, Config]:
    place = paths.config_file(environ)
    if not place.exists():
        return "", Config()
    found = config.load(place, environ)
    return place.read_text("utf-8"), found


def _write(text: str, environ: Mapping[str, str]) -> Path:
    place = paths.config_file(environ)
    # What was written must be read the same way: a file that is unusual enough to fool the edit above stays as it was.
    config.parse(text.encode("utf-8"), str(place))
    target = place.resolve()
    paths.made_private(target.parent)
    try:
        mode = target.stat().st_mode & 0o777
    except OSError:
        mode = 0o600
    try:
        files.replace(target, text.encode("utf-8"), mode=mode)
    except OSError as error:
        raise Unreachable(
            f"The configuration file {place} can't be written: {error.strerror}.", "Check its permissions."
        ) from None
    return place


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _value(name)


def _value(value: object) -> str:
    # A JSON text is a basic string of TOML, but for DEL, which no printable text holds.
    return json.dumps(value, ensure_ascii=False)
