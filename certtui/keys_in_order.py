"""Keys that are typed ahead, on a slow link or by a paste, reach what they were meant for: one is dealt with to its end, then the next."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque

from textual import events
from textual.app import App
from textual.message import Message
from textual.widget import Widget


class KeysInOrder(App[int], inherit_bindings=False):
    """An app that looks at a key only once the one before it has done what it does."""

    _rising: events.Key | None = None
    """The key that is being dealt with, as long as no binding has been asked for it."""

    def __init__(self) -> None:
        super().__init__()
        self._typed_ahead: deque[events.Key | events.Paste] = deque()

    async def on_event(self, event: events.Event) -> None:
        if event in self._typed_ahead:
            while self._typed_ahead.popleft() is not event:
                pass
        if not isinstance(event, events.Key) or event.is_forwarded:
            await super().on_event(event)
            return
        if hasattr(self.screen, "key_pressed"):
            self.screen.key_pressed()
        target = self.focused or self.screen
        self._rising = event
        await super().on_event(event)
        await self._in_order(target, event)
        self._rising = None

    def post_message(self, message: Message) -> bool:
        """Keeps out the key that `on_event` waits for; it deals with it itself."""
        if message is self._rising and message.is_forwarded:
            self._rising = None
            return True
        if isinstance(message, events.Key | events.Paste) and not message.is_forwarded:
            self._typed_ahead.append(message)
        return super().post_message(message)

    def text_waits(self) -> bool:
        """Whether what was typed after the present key is text, and not a key that does something."""
        following = self._typed_ahead[0] if self._typed_ahead else None
        return isinstance(following, events.Paste) or (following is not None and following.is_printable)

    async def _in_order(self, target: Widget, event: events.Key) -> None:
        """Deal with a key to its end before the next one is looked at.

        In Textual a key goes to the widget with the focus, and up from there to the bindings, while the next ones are
        already on their way to the same widget: typed ahead on a slow link, `tab` and a name would end in the wrong field.
        """
        if not event.is_forwarded:
            return  # a binding with priority took it
        if target.check_consume_key(event.key, event.character):
            if getattr(target, "keeps_order", False):
                await self._after(target)
            return
        node: object = target
        while isinstance(node, Widget) and await self._after(node):
            node = node.parent
        if self._rising is None:
            await self._on_key(event)

    async def _after(self, widget: Widget) -> bool:
        """Wait until a widget has dealt with what was sent to it; not for long, since it might be waiting for the app."""
        done = asyncio.Event()
        if not widget.call_later(done.set):
            return False
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(done.wait(), 0.1)
        return done.is_set()
