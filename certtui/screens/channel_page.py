"""The page of one channel: where it goes, what goes along it, and the history of what did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from certtui.model.channel import CommandSettings, DeliveryState, SmtpSettings, WebhookSettings
from certtui.model.channel_words import TYPE_WORDS, aim, health, wants
from certtui.screens.channel_acts import ActsOnChannels
from certtui.screens.page import LinesPage
from certtui.widgets.fields import Item, blank, heading, sentence

if TYPE_CHECKING:
    from certtui.actions import Action
    from certtui.model.channel import Channel, Delivery

_STYLES = {DeliveryState.SENT: "ok", DeliveryState.FAILED: "bad", DeliveryState.WAITING: "warn"}


class ChannelScreen(ActsOnChannels, LinesPage):
    """Opened by id."""

    TITLE = "Channel"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "place", "lines", "page", "channel")

    def __init__(self, channel_id: int) -> None:
        super().__init__()
        self._key = channel_id
        self._channel: Channel | None = None

    def about(self) -> str:
        return self._channel.name if self._channel else ""

    def channel_id(self) -> int | None:
        return self._key if self._channel else None

    def changed(self) -> None:
        self.load()

    def removed(self) -> None:
        if self.app.screen is self and len(self.app.screen_stack) > 1:
            self.app.pop_screen()

    def why_not(self, action: Action) -> str:
        if action.id.startswith("channel.") and self._channel is None:
            return "It is not read yet, or gone."
        return super().why_not(action)

    def load(self) -> None:
        channels, key = self.backend.channels, self._key
        self.work(
            lambda: (channels.get(key), channels.deliveries(key)),
            done=lambda both: self._loaded(*both),
            failed=self.cannot,
            key="get",
        )

    def _loaded(self, channel: Channel, deliveries: Sequence[Delivery]) -> None:
        again = self._channel is not None
        self._channel = channel
        word, style = health(channel)
        items = [
            Item("Name", channel.name),
            Item("Type", TYPE_WORDS[channel.type], copies=str(channel.type)),
            Item("Goes to", aim(channel.settings)),
            *_more(channel),
            Item("State", word, style),
            Item("Tells", wants(channel)),
        ]
        if channel.place:
            items.append(Item("Only as", channel.place))
        items += [blank(), heading("History")]
        if not deliveries:
            items.append(sentence("Nothing went along it yet.", "dim"))
        items += [_line(each) for each in deliveries]
        self.show(items, keep=again)


def _more(channel: Channel) -> list[Item]:
    match channel.settings:
        case WebhookSettings():
            return [
                Item("Signed", "with its key" if channel.has_secret else "no: who gets it can't tell that it is ours")
            ]
        case SmtpSettings() as settings:
            login = f"as {settings.username}" if settings.username else "no login"
            return [Item("From", settings.sender), Item("Protection", f"{settings.security}, {login}")]
        case CommandSettings() as settings:
            return [Item("Ends after", f"{settings.timeout} seconds at most")]
    return []


def _line(each: Delivery) -> Item:
    what = {"alerts": f"{each.alert_count} alert{'s' if each.alert_count != 1 else ''}", "test": "a test"}
    tried = f", {each.attempts} attempts" if each.attempts > 1 else ""
    later = f", next {each.next_try_at:%m-%d %H:%M}" if each.next_try_at and each.attempts else ""
    text = f"{each.state}  {what.get(each.event, each.event)}{tried}{later}  {each.answer}"
    return Item(f"{each.created_at:%m-%d %H:%M}", text, _STYLES[each.state], copies=each.answer)
