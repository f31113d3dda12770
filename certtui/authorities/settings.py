"""Settings of profiles are text; here they are read as what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from certtui.errors import Invalid
from certtui.model.authority import SettingField

MAX_DAYS = 36_500

TAKE_OVER = SettingField(
    "take_over", "Take resources", "flag", help="Renewals take the place of the old on its resources.", default="yes"
)
"""A setting of every type."""


def check_flag(settings: Mapping[str, str], key: str) -> None:
    """Raises `Invalid` naming a setting that is neither yes nor no."""
    if settings.get(key) not in (None, "", "yes", "no"):
        raise Invalid(f"“{settings[key]}” is neither yes nor no.", "Write one of the two.", field=key)


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
