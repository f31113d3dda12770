"""The days at which expiring certificates raise alerts: for all, and for groups that have their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from certtui.screens.page import LinesPage
from certtui.widgets.dialogs import AskText
from certtui.widgets.fields import FieldView, Item, blank, heading, sentence

if TYPE_CHECKING:
    from certtui.model.alert import Thresholds


class ThresholdsScreen(LinesPage):
    """Enter changes a line, `a` adds a group."""

    TITLE = "Days of warning"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "place", "lines", "page", "thresholds")

    def __init__(self) -> None:
        super().__init__()
        self._found: tuple[Thresholds, ...] = ()

    def load(self) -> None:
        self.work(self.backend.alerts.thresholds, done=self._loaded, failed=self.cannot, key="get")

    def _loaded(self, found: Sequence[Thresholds]) -> None:
        again = bool(self._found)
        self._found = tuple(found)
        items = [
            sentence(
                "An expiring certificate raises an alert when so many days are left, and raises it higher each time."
            ),
            blank(),
        ]
        for at, each in enumerate(found):
            days = " ".join(map(str, each.days))
            items.append(Item(each.business_group or "all groups", days, target=("thresholds", at)))
            if at == 0:
                items += [blank(), heading("Groups with days of their own")]
        if len(found) == 1:
            items.append(sentence("None.", "dim"))
        self.show(items, keep=again)

    def on_field_view_opened(self, event: FieldView.Opened) -> None:
        event.prevent_default()
        self._change(self._found[event.target[1]])

    def do_thresholds_edit(self) -> None:
        item = self.view.current
        if item is not None and item.target is not None:
            self._change(self._found[item.target[1]])

    def do_thresholds_add(self) -> None:
        def named(group: str | None) -> None:
            if group:
                self._ask(group, self._found[0].days)

        self.app.push_screen(AskText("Days of one business group", ["Which group?"], label="Next"), named)

    def _change(self, each: Thresholds) -> None:
        self._ask(each.business_group, each.days)

    def _ask(self, group: str, days: Sequence[int]) -> None:
        own = f" of {group}" if group else ""
        none = "nothing takes its own days away" if group else "nothing goes back to the usual ones"

        def typed(text: str | None) -> None:
            if text is None:
                return
            wanted = [int(part) for part in text.replace(",", " ").split()] or None
            self.work(lambda: self.backend.alerts.set_thresholds(group, wanted), done=self._loaded, to_the_end=True)

        self.app.push_screen(
            AskText(
                f"Days of warning{own}",
                [f"Numbers of days, with blanks between; {none}."],
                value=" ".join(map(str, days)),
                label="Save",
                check=lambda text: "" if all(p.isdigit() for p in text.replace(",", " ").split()) else "Numbers alone.",
                command=f"certtui alert thresholds{f' --group {group}' if group else ''} --days 90,60,30",
            ),
            typed,
        )
