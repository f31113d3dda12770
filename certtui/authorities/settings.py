"""Settings of profiles are text; here they are read as what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from certtui.errors import Invalid

MAX_DAYS = 36_500


def days_of(settings: Mapping[str, str], key: str, default: int) -> int:
    """A number of days. Raises `Invalid` naming the setting."""
    return number_of(settings, key, default, MAX_DAYS)


def number_of(settings: Mapping[str, str], key: str, default: int, most: int) -> int:
    """A whole number from 0 on. Raises `Invalid` naming the setting."""
    typed = settings.get(key, "").strip()
    if not typed:
        return default
    if not (typed.isascii() and typed.isdigit() and len(typed) < 10 and int(typed) <= most):
        raise Invalid(f"“{typed}” is no number from 0 to {most}.", "Write it in digits.", field=key)
    return int(typed)


def folder_of(settings: Mapping[str, str], key: str) -> Path | None:
    """An absolute folder, which need not be there yet. Raises `Invalid` naming the setting."""
    typed = settings.get(key, "").strip()
    if not typed:
        return None
    path = Path(typed)
    if not path.is_absolute():
        raise Invalid(f"“{typed}” depends on where certtui is started.", "Write the whole path, from / on.", field=key)
    return path


def words_of(settings: Mapping[str, str], key: str) -> tuple[str, ...]:
    """A comma separated list."""
    return tuple(dict.fromkeys(word.strip() for word in settings.get(key, "").split(",") if word.strip()))
