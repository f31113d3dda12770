"""What every line passes on its way to the terminal: the backstop against control characters, no colour, ASCII."""

from __future__ import annotations

from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from certtui.text import shown
from certtui.widgets.glyphs import TO_ASCII


class Backstop(LineFilter):
    """Makes visible whatever control, bidi or zero-width character a widget let through. `text.shown` comes first; this is last."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        if all(segment.text.isascii() and segment.text.isprintable() for segment in segments):
            return segments
        return [_safe(segment) for segment in segments]


class PlainFilter(LineFilter):
    """No colour at all: bold, underline, reverse and the like stay."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [Segment(text, None if style is None else _plain(style), control) for text, style, control in segments]


class AsciiFilter(LineFilter):
    """Glyphs of our own to ASCII of the same width; names from certificates keep their letters."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        if all(segment.text.isascii() for segment in segments):
            return segments
        return [Segment(text.translate(_TABLE), style, control) for text, style, control in segments]


_TABLE = str.maketrans(TO_ASCII)


def _safe(segment: Segment) -> Segment:
    text, style, control = segment
    # A replacement of the same number of cells, or the line would shift: zero-width ones go, others become a mark.
    cleaned = text if text.isprintable() else "".join(char if shown(char) == char else _stand_in(char) for char in text)
    return segment if cleaned == text else Segment(cleaned, style, control)


def _stand_in(char: str) -> str:
    from rich.cells import cell_len

    return "?" * cell_len(char)


@lru_cache(1024)
def _plain(style: Style) -> Style:
    return Style(
        bold=style.bold, italic=style.italic, underline=style.underline, reverse=style.reverse, strike=style.strike
    )
