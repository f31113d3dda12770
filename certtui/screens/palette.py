"""The palette: everything that can be done here, found by typing; with `:` the places and commands by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from certtui.text import cells, shown
from certtui.widgets.choice_list import ChoiceList
from certtui.widgets.line import Part
from certtui.widgets.line_input import LineInput
from certtui.widgets.safe_text import SafeText

if TYPE_CHECKING:
    from certtui.actions import Action
    from certtui.screens.base import Place


class PaletteScreen(ModalScreen[None]):
    """Type to narrow, enter does it. What is not possible here stays visible with its reason."""

    DEFAULT_CSS = """
    PaletteScreen { align: center top; background: $background 60%; }
    PaletteScreen Vertical {
        width: 78; max-width: 100%; height: auto; margin-top: 2; background: $panel; border: round $border; padding: 0 1;
    }
    PaletteScreen LineInput { margin-bottom: 1; padding: 0 2; }
    PaletteScreen ChoiceList { max-height: 15; }
    PaletteScreen #whole { margin-top: 1; padding: 0 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", show=False),
        Binding("down,ctrl+n", "move(1)", show=False),
        Binding("up,ctrl+p", "move(-1)", show=False),
    ]

    def __init__(self, place: Place, *, places: bool = False) -> None:
        super().__init__()
        self._place = place
        self._places = places
        self._found: list[Action] = []
        self._reasons: list[str] = []
        self._before = 0

    def compose(self) -> ComposeResult:
        with Vertical():
            yield LineInput(placeholder="go to a place or command" if self._places else "what to do", id="typed")
            yield ChoiceList([])
            yield SafeText("", id="whole")

    def on_mount(self) -> None:
        self._narrow("")
        self.query_one(LineInput).focus()

    def on_input_changed(self, event: LineInput.Changed) -> None:
        self._narrow(event.value)

    def on_input_submitted(self) -> None:
        self._run()

    def on_choice_list_moved(self) -> None:
        self._tell()

    def on_resize(self) -> None:
        self.call_after_refresh(self._tell)

    def on_choice_list_chosen(self) -> None:
        self._run()

    def action_move(self, by: int) -> None:
        self.query_one(ChoiceList).action_move(by)

    def _narrow(self, typed: str) -> None:
        place = self._place
        keys = place.console_app.keys
        # What the list alone does (moving) is found by its keys, not by typing.
        acts = [action for action in keys.within(place.CONTEXTS) if hasattr(place, action.method)]
        acts.sort(key=lambda action: place.nearness(action))
        if self._places:
            acts.sort(key=lambda action: (not action.id.startswith("go."), not action.id.startswith("app.")))
        self._found = matching(acts, typed)
        self._reasons = [place.why_not(action) for action in self._found]
        longest = max((len(action.title) for action in self._found), default=0)
        labels: list[list[Part]] = []
        for action, reason in zip(self._found, self._reasons, strict=True):
            title, key = f"{action.title:<{max(22, longest)}} ", f"{keys.label(action.id):<7}"
            labels.append(
                [(title, "dim" if reason else ""), (key, "key"), (reason or action.help, "warn" if reason else "dim")]
            )
        self._before = max(22, longest) + 1 + 7
        self.query_one(ChoiceList).offer(labels)
        self._tell()

    def _tell(self) -> None:
        """Below the list, all of a sentence that its line has no room for."""
        choices, whole = self.query_one(ChoiceList), self.query_one("#whole", SafeText)
        at = choices.cursor
        text = (self._reasons[at] or self._found[at].help) if self._found else ""
        # Two cells for the cursor's mark, one for the scroll bar.
        whole.display = cells(shown(text)) > choices.size.width - self._before - 3 > 0
        whole.say(text if whole.display else "")

    def _run(self) -> None:
        cursor = self.query_one(ChoiceList).cursor
        if not self._found:
            return
        action_id = self._found[cursor].id
        self.dismiss(None)
        self._place.call_later(self._place.action_act, action_id)


def matching(acts: list[Action], typed: str) -> list[Action]:
    """Acts whose title, id or help hold every typed word; those whose title begins with it first."""
    words = typed.casefold().split()

    def text(action: Action) -> str:
        return f"{action.title} {action.id} {action.help}".casefold()

    found = [action for action in acts if all(word in text(action) for word in words)]
    if words:
        found.sort(key=lambda action: (not action.title.casefold().startswith(words[0]), words[0] not in action.id))
    return found
