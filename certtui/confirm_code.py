"""A random code to be typed before what can't be undone: nobody types it by habit, or into the wrong window."""

from __future__ import annotations

import secrets

DIGITS = 6


def new() -> str:
    """Six random digits."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"


def spaced(code: str) -> str:
    """The code as it is shown: digit by digit."""
    return " ".join(code)


def fits(typed: str, code: str) -> bool:
    """Whether this is the code, typed with or without the spaces that it is shown with."""
    return "".join(typed.split()) == code
