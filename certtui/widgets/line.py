"""Lines of safe styled text on Textual's Line API: no markup, no layout, one strip a line."""

from __future__ import annotations

from collections.abc import Iterable

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from certtui.text import Shown, cells, clipped, shown
from certtui.themes import styles

Part = tuple[str, str]
"""Raw text and the name of a style (`themes.STYLE_NAMES`)."""


def strip_of(widget: Widget, parts: Iterable[Part], width: int, base: Style | None = None) -> Strip:
    """Parts drawn left to right in `width` cells, cut with an ellipsis, padded with the base style. Takes raw text."""
    named = styles(widget)
    base = widget.rich_style if base is None else base
    segments: list[Segment] = []
    room = width
    for text, name in parts:
        if room <= 0:
            break
        safe = clipped(text, room)
        if not safe:
            continue
        room -= cells(safe)
        segments.append(Segment(safe, base + named[name] if name else base))
    if room > 0:
        segments.append(Segment(" " * room, base))
    return Strip(Segment.simplify(segments), width)


def spread(left: list[Part], right: list[Part], width: int) -> list[Part]:
    """`left` at the left edge, `right` at the right one; the left gives way when both do not fit."""
    taken = sum(cells(shown(text)) for text, _ in right)
    used = sum(cells(shown(text)) for text, _ in left)
    if used + taken + 1 <= width:
        return [*left, (" " * (width - used - taken), ""), *right]
    room = max(0, width - taken - 1)
    kept: list[Part] = []
    for text, name in left:
        safe: Shown = clipped(text, room)
        kept.append((safe, name))
        room -= cells(safe)
        if room <= 0:
            break
    return [*kept, (" " * (room + 1), ""), *right]


class Lines(Widget):
    """A block of lines set from outside with `show`; each line a list of (raw text, style name). Cuts, never wraps."""

    DEFAULT_CSS = "Lines { height: auto; width: 1fr; }"

    def __init__(self, lines: Iterable[list[Part]] = (), *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines = list(lines)

    def show(self, lines: Iterable[list[Part]]) -> None:
        """Draw these lines from now on; nothing is sent when they are what is shown already."""
        new = list(lines)
        if new != self._lines:
            taller = len(new) != len(self._lines)
            self._lines = new
            height = self.styles.height
            self.refresh(layout=taller and (height is None or height.is_auto))

    @property
    def plain(self) -> str:
        """What is shown, as plain lines; for tests."""
        width = self.content_size.width
        count = max(1, len(self._lines))
        return "\n".join("".join(part for part, _ in self.line(y, width)) for y in range(count))

    def line(self, y: int, width: int) -> list[Part]:
        """One line as it is drawn; a subclass lays it out for the width it gets, so that the first frame is right."""
        return self._lines[y] if y < len(self._lines) else []

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        return len(self._lines)

    def render_line(self, y: int) -> Strip:
        width = self.content_size.width
        return strip_of(self, self.line(y, width), width)
