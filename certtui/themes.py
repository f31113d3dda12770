"""The colours: dark, light, colour-blind and none; and the named styles that lines and rows are drawn with.

A screen never names a colour. CSS uses Textual's theme variables; what is drawn cell by cell asks `styles(widget)` for a
name of `STYLE_NAMES`. Without colour the same names become bold, underline and reverse, so that nothing is lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.color import ColorParseError
from rich.style import Style
from textual.theme import Theme

if TYPE_CHECKING:
    from textual.widget import Widget

# "ok", "warn", "bad" carry status; "note" is waiting or informative; "dim" steps back; "head" is a header line.
STYLE_NAMES = (
    "",
    "text",
    "dim",
    "head",
    "accent",
    "ok",
    "warn",
    "bad",
    "note",
    "cursor",
    "mark",
    "gone",
    "key",
    "badge",
)

THEMES = {
    "dark": Theme(
        name="dark", dark=True,
        primary="#7aa2c8", secondary="#8fb3a6", accent="#e0b56c", foreground="#d3d7dd", background="#14171c",
        surface="#14171c", panel="#1e232b", warning="#e0b050", error="#e8746a", success="#86b87a",
        variables={
            "certtui-dim": "#7f8894", "certtui-note": "#7fb4d6", "certtui-cursor": "#2c3a4d",
            "border": "#4a5563", "border-blurred": "#39424e", "footer-background": "#1e232b",
            "scrollbar": "#39424e", "scrollbar-background": "#14171c", "input-cursor-text-style": "reverse",
        },
    ),
    "light": Theme(
        name="light", dark=False,
        primary="#27578a", secondary="#356857", accent="#8a5a00", foreground="#22272e", background="#fbfaf7",
        surface="#fbfaf7", panel="#eceae4", warning="#8a5a00", error="#b3261e", success="#2f6b2a",
        variables={
            "certtui-dim": "#687078", "certtui-note": "#1f6390", "certtui-cursor": "#d5e1ee",
            "border": "#a9aca8", "border-blurred": "#c6c8c4",
            "scrollbar": "#c6c8c4", "scrollbar-background": "#fbfaf7", "input-cursor-text-style": "reverse",
        },
    ),
    # Okabe and Ito's palette: apart for the common kinds of colour blindness, in lightness too.
    "colour-blind": Theme(
        name="colour-blind", dark=True,
        primary="#56b4e9", secondary="#cc79a7", accent="#f0e442", foreground="#e4e4e4", background="#101214",
        surface="#101214", panel="#1d2024", warning="#f0e442", error="#e69f00", success="#56b4e9",
        variables={
            "certtui-dim": "#8d9298", "certtui-note": "#cc79a7", "certtui-cursor": "#29405a",
            "border": "#4b5056", "border-blurred": "#3a3e43",
            "scrollbar": "#3a3e43", "scrollbar-background": "#101214", "input-cursor-text-style": "reverse",
        },
    ),
}  # fmt: skip
THEMES["no-colour"] = Theme(
    name="no-colour", dark=True,
    primary="#ffffff", secondary="#ffffff", accent="#ffffff", foreground="#ffffff", background="#000000",
    surface="#000000", panel="#000000", warning="#ffffff", error="#ffffff", success="#ffffff",
    variables={"certtui-dim": "#ffffff", "certtui-note": "#ffffff", "certtui-cursor": "#000000"},
)  # fmt: skip

_PLAIN = {
    "head": Style(underline=True),
    "accent": Style(bold=True),
    "warn": Style(bold=True),
    "bad": Style(bold=True),
    "cursor": Style(reverse=True),
    "mark": Style(bold=True),
    "gone": Style(italic=True),
    "key": Style(bold=True),
    "badge": Style(reverse=True),
}


def styles(widget: Widget) -> dict[str, Style]:
    """The named styles under the app's present theme; foreground only, except `cursor` and `badge`."""
    app = widget.app
    name = app.theme
    found = _CACHE.get(name)
    if found is None:
        found = _CACHE[name] = _plain() if name == "no-colour" else _coloured(app.theme_variables)
    return found


def _plain() -> dict[str, Style]:
    return {name: _PLAIN.get(name, Style()) for name in STYLE_NAMES}


def _coloured(variables: dict[str, str]) -> dict[str, Style]:
    def fore(variable: str, bold: bool = False, strike: bool = False) -> Style:
        try:
            return Style(color=variables[variable], bold=bold, strike=strike)
        except (KeyError, ColorParseError):  # a theme of somebody else's: its own foreground will do
            return Style(bold=bold, strike=strike)

    cursor = variables.get("certtui-cursor", variables.get("primary-darken-3", "#2c3a4d"))
    return {
        "": Style(),
        "text": Style(),
        "dim": fore("certtui-dim"),
        "head": fore("certtui-dim"),
        "accent": fore("accent"),
        "ok": fore("success"),
        "warn": fore("warning"),
        "bad": fore("error"),
        "note": fore("certtui-note"),
        "cursor": Style(bgcolor=cursor, bold=True),
        "mark": fore("accent", bold=True),
        "gone": fore("certtui-dim", strike=True),
        "key": fore("primary", bold=True),
        "badge": Style(color=variables.get("background", "#000000"), bgcolor=variables.get("primary", "#7aa2c8")),
    }


_CACHE: dict[str, dict[str, Style]] = {}
