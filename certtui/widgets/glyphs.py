"""Glyphs, each one cell wide, and what stands for them in ASCII.

Widgets always draw the Unicode glyph; under `--ascii`, `NO_COLOR` with a plain locale, and `TERM=linux` one filter at the
end of the line replaces them (`filters.AsciiFilter`). What a picture says in bars it must then say in words: ask `ascii_only`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.widget import Widget

ELLIPSIS = "…"
MARK = "◆"
CURSOR = "›"
UP = "▲"
DOWN = "▼"
BAR = "│"
DOT = "·"
DASH = "–"
BLOCKS = " ▁▂▃▄▅▆▇█"

TO_ASCII = {
    "…": "~", "◆": "*", "›": ">", "‹": "<", "▲": "^", "▼": "v", "│": "|", "─": "-", "·": "-", "–": "-", "—": "-",
    "┌": "+", "┐": "+", "└": "+", "┘": "+", "├": "+", "┤": "+", "┬": "+", "┴": "+", "┼": "+",
    "╭": "+", "╮": "+", "╰": "+", "╯": "+", "━": "=", "┃": "|", "╸": "=", "╺": "=", "╵": "|", "╷": "|",
    "▁": "_", "▂": "_", "▃": "-", "▄": "-", "▅": "=", "▆": "=", "▇": "#", "█": "#", "▎": "|", "▊": "|", "▌": "|",
    "▐": "|", "▔": "-", "▏": "|", "▕": "|", "●": "o", "○": "o", "✓": "+", "✗": "x", "→": ">", "←": "<", "↑": "^",
    "↓": "v", "•": "*", "“": '"', "”": '"', "‘": "'", "’": "'", "␛": "?", "␡": "?",
}  # fmt: skip


def ascii_only(widget: Widget) -> bool:
    """Whether the terminal gets ASCII instead of glyphs; pictures turn to words then."""
    return bool(getattr(widget.app, "ascii_only", False))
