"""Help: the keys of the screen one came from and the filter language, made from the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen

from certtui.keys import key_label
from certtui.widgets.line import Lines, Part

if TYPE_CHECKING:
    from certtui.keys import Keys
    from certtui.screens.base import Place


class HelpScreen(ModalScreen[None]):
    """What can be done here. `escape`, `q` and `?` leave it."""

    DEFAULT_CSS = """
    HelpScreen { align: center middle; background: $background 60%; }
    HelpScreen VerticalScroll {
        width: 78; max-width: 100%; height: auto; max-height: 100%; background: $panel; border: round $border;
        padding: 0 1; scrollbar-size-vertical: 1;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1", "dismiss", show=False),
        Binding("j", "scroll(1)", show=False),
        Binding("k", "scroll(-1)", show=False),
    ]

    def __init__(self, place: Place) -> None:
        super().__init__()
        self._place = place

    def compose(self) -> ComposeResult:
        app = self._place.console_app
        acts = [action for action in app.keys.within(self._place.CONTEXTS) if self._place.offers(action)]
        # What is peculiar to this screen first, what holds everywhere last.
        acts.sort(key=self._place.nearness)
        with VerticalScroll() as frame:
            frame.border_title = Content(f" Keys of {self._place.title or 'this screen'} ")
            yield Lines(key_lines(app.keys, [action.id for action in acts]))
            if "list" in self._place.CONTEXTS:
                yield Lines(filter_lines())

    def action_scroll(self, by: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)


def key_lines(keys: Keys, ids: list[str]) -> list[list[Part]]:
    """One line an act that has keys: the keys and what it does."""
    lines: list[list[Part]] = []
    for action_id in ids:
        action = keys.get(action_id)
        if held := " ".join(key_label(key) for key in keys.of(action_id)):
            lines.append([(f"{held:<12} ", "key"), (action.help, "")])
    return lines


def filter_lines() -> list[list[Part]]:
    """The filter language in a few lines; docs/filter-language.md has it whole."""
    rows = (
        ("words", "in name, names, issuer, group, serial, fingerprint; all must match"),
        ("status:expiring", "draft pending active expiring expired revoked error not_yet_valid"),
        ("group:payments", "also issuer: source: provider: key: contact: resource: name:"),
        ("days<30", "days left, also <= > >= =; includes expired ones"),
        ("san:*.example.com", "one of its names; * stands for anything"),
        ("unused has:key", "no resource uses it; its private key is here"),
        ("!host", "not: before any of these"),
        ('issuer:"R3 x"', "quotes keep words together"),
    )
    head: list[list[Part]] = [[("", "")], [("Filter language", "accent")]]
    return [*head, *([(f"{left:<20}", "key"), (right, "")] for left, right in rows)]
