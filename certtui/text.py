"""Untrusted text made safe to draw.

A certificate is written by strangers: its names may hold escape sequences, C1 controls, bidirectional overrides and
zero-width characters. Models keep raw text. Whatever draws text on a terminal passes it through `shown` (one line)
or `shown_block` (several lines); widgets ask for the `Shown` type, so mypy sees a raw string that would reach the screen.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from certtui.typed import NewType

Shown = NewType("Shown", str)
"""Text in which nothing can act on a terminal: no control, bidi, zero-width or unassigned format character."""

_NAMED = {0x1B: "␛", 0x7F: "␡"}


def shown(raw: object) -> Shown:
    """One line of safe text: C0 as Unicode control pictures, every other invisible or directional character as `<U+XXXX>`."""
    text = raw if isinstance(raw, str) else str(raw)
    if text.isascii() and text.isprintable():
        return Shown(text)
    return Shown("".join(map(_visible, text)))


def shown_block(raw: object) -> Shown:
    """Safe text of several lines: newlines stay, tabs become spaces, everything else as in `shown`."""
    text = raw if isinstance(raw, str) else str(raw)
    lines = text.replace("\r\n", "\n").expandtabs(8).split("\n")
    return Shown("\n".join(map(shown, lines)))


def sentence(words: str) -> str:
    """A full stop at the end, unless what stands there (a path that is still typed) brings its own."""
    return words if words.endswith(".") else f"{words}."


def clipped(raw: object, width: int, ellipsis: str = "…") -> Shown:
    """Safe text cut to `width` terminal cells, with an ellipsis where something was cut."""
    text = shown(raw)
    if text.isascii():
        if len(text) <= width:
            return text
        return Shown(text[: max(0, width - len(ellipsis))] + ellipsis if width > 0 else "")
    if cells(text) <= width:
        return text
    room = max(0, width - cells(ellipsis))
    taken: list[str] = []
    for char in text:
        room -= _cell(char)
        if room < 0:
            break
        taken.append(char)
    return Shown("".join(taken) + (ellipsis if width > 0 else ""))


def padded(raw: object, width: int) -> Shown:
    """Safe text of exactly `width` terminal cells, cut or filled up with blanks: a column."""
    text = clipped(raw, width)
    return Shown(text + " " * (width - cells(text)))


def cells(text: str) -> int:
    """Terminal cells of a text: wide East Asian characters take two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(map(_cell, text))


@lru_cache(4096)  # asked for every letter of every name that is not ASCII, on every page
def _cell(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


@lru_cache(4096)  # as above
def _visible(char: str) -> str:
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code in _NAMED:
        return _NAMED[code]
    # Cc, Cf (bidi, zero-width), Cs, Co, Cn, Zl, Zp, and spaces that are not the plain one.
    category = unicodedata.category(char)
    if category[0] == "C" or category in ("Zl", "Zp") or (category == "Zs" and char != " "):
        return f"<U+{code:04X}>"
    # A combining mark on nothing, or a pile of them, would paint over its neighbours.
    if category == "Mn" and unicodedata.combining(char) == 0:
        return f"<U+{code:04X}>"
    return char
