"""What an authority contributes to a page, as data: lines that every screen and command can draw."""

from __future__ import annotations

from certtui.record import dataclass


@dataclass(frozen=True, slots=True)
class PanelLine:
    """One line of the panel that an authority adds to a page: a label, what it says, and perhaps text worth copying."""

    label: str
    text: str
    mark: str = ""
    """`ok`, `waiting`, `problem` or ""."""
    copy: str = ""
    """What `y` copies on this line, "" for nothing."""
