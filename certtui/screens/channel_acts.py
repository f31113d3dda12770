"""What people do to a channel, from the list and from its page alike: test, edit, remove."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from certtui.screens.base import Place
from certtui.screens.unlock import with_key
from certtui.widgets.dialogs import Confirm

if TYPE_CHECKING:
    from certtui.model.channel import Channel, DeliveryResult


class ActsOnChannels(Place):
    """For one channel."""

    if TYPE_CHECKING:

        def changed(self) -> None:
            """The act changed something: read again."""

        def channel_id(self) -> int | None:
            """The one that the act is for."""

    def removed(self) -> None:
        """The channel is gone."""
        self.changed()

    def do_channel_test(self) -> None:
        channel_id = self.channel_id()
        if channel_id is None:
            self.say("There is no channel here.", "warn")
            return
        self.say("Sending a test message …")

        def done(result: DeliveryResult) -> None:
            self.changed()
            self.call_after_refresh(self.say, result.message, "ok" if result.ok else "bad")

        with_key(
            self, lambda: self.backend.channels.test(channel_id), done=done, failed=self.fail,
            why="What a channel is sent with is sealed by the store key.",
        )  # fmt: skip

    def do_channel_edit(self) -> None:
        def show(channel: Channel) -> None:
            from certtui.screens.channel_form import ChannelFormScreen

            self.app.push_screen(ChannelFormScreen(channel))

        self._with_channel(show)

    def do_channel_remove(self) -> None:
        def show(channel: Channel) -> None:
            lines = ["Its secret and what waits for it go with it; alerts stay."]
            if channel.waiting:
                lines.append(f"{channel.waiting} messages have not gone out yet.")
            self.app.push_screen(
                Confirm(
                    f"Remove {channel.name}", lines, "Remove", danger=True,
                    command=f"certtui channel remove {channel.id}",
                ),
                lambda yes: self._remove(channel) if yes else None,
            )  # fmt: skip

        self._with_channel(show)

    def _remove(self, channel: Channel) -> None:
        def done(_: None) -> None:
            self.removed()
            screen = self.app.screen if isinstance(self.app.screen, Place) else self
            screen.call_after_refresh(screen.say, f"Removed {channel.name}.", "ok")

        self.work(lambda: self.backend.channels.remove(channel.id, channel.version), done=done, to_the_end=True)

    def _with_channel(self, then: Callable[[Channel], object]) -> None:
        channel_id = self.channel_id()
        if channel_id is None:
            self.say("There is no channel here.", "warn")
            return
        self.work(lambda: self.backend.channels.get(channel_id), done=then, key="target")
