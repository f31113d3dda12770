"""The ways by which alerts are told outside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from certtui.model.channel_words import TYPE_WORDS, aim, health
from certtui.screens.channel_acts import ActsOnChannels
from certtui.screens.page import LinesPage
from certtui.text import clipped
from certtui.widgets.fields import FieldView, Item, blank, sentence
from certtui.widgets.line import Part

if TYPE_CHECKING:
    from certtui.actions import Action
    from certtui.model.channel import Channel


class ChannelsScreen(ActsOnChannels, LinesPage):
    """One line each; enter goes to its page."""

    TITLE = "Channels"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "place", "lines", "page", "channels")

    def __init__(self) -> None:
        super().__init__()
        self._found: Sequence[Channel] | None = None

    def about(self) -> str:
        return str(len(self._found)) if self._found else ""

    def changed(self) -> None:
        self.load()

    def channel_id(self) -> int | None:
        item = self.view.current
        return None if item is None or item.target is None else item.target[1]

    def why_not(self, action: Action) -> str:
        acts_on_one = action.id in ("channel.test", "channel.edit", "channel.remove")
        if acts_on_one and self.is_mounted and not self._found:
            return "There is no channel here."
        return super().why_not(action)

    def load(self) -> None:
        self.work(self.backend.channels.list, done=self._loaded, failed=self.cannot, key="get")

    def _loaded(self, found: Sequence[Channel]) -> None:
        again = self._found is not None
        self._found = found
        if not found:
            key = self.console_app.keys.label("channel.add")
            self.show(
                [
                    sentence("No channel yet."),
                    sentence("Alerts can be told by mail, by a webhook, by a command of this host, and in a calendar."),
                    blank(),
                    sentence(f"{key}  adds one"),
                ]
            )
            return
        self.show([self._line(each) for each in found], keep=again)

    def _line(self, channel: Channel) -> Item:
        word, style = health(channel)

        def draw(width: int) -> list[list[Part]]:
            name, goes = clipped(channel.name, 18), clipped(aim(channel.settings), max(8, width - 48))
            kind = TYPE_WORDS[channel.type]
            return [[(f"{name:<20}", "accent"), (f"{kind:<10}", "dim"), (f"{word:<17}", style), (goes, "")]]

        return Item(channel.name, copies=aim(channel.settings), target=("channel", channel.id), draw=draw)

    def on_field_view_opened(self, event: FieldView.Opened) -> None:
        event.prevent_default()
        self.open_screen("certtui.screens.channel_page:ChannelScreen", event.target[1])

    def do_channel_add(self) -> None:
        self.open_screen("certtui.screens.channel_form:ChannelFormScreen")
