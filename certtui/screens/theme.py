"""Choosing the colours for this run; the configuration keeps one for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.themes import THEMES
from certtui.widgets.dialogs import Choose

if TYPE_CHECKING:
    from certtui.screens.base import Place

WORDS = {
    "dark": "dark",
    "light": "light",
    "colour-blind": "colour-blind: apart in lightness, no red against green",
    "no-colour": "no colour: bold, underlined and reversed",
}


def choose_theme(screen: Place) -> None:
    """Offer the themes; the chosen one holds until certtui is left."""
    app = screen.console_app
    names = list(THEMES)

    def chosen(name: str | None) -> None:
        if name is not None:
            app.dress(name)
            screen.say(f'For good: theme = "{name}" in the configuration.')

    current = names.index(app.theme) if app.theme in names else 0
    app.push_screen(Choose("Theme", [(name, WORDS[name]) for name in names], current=current), chosen)
