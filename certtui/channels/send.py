"""One message along one channel, by its type."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from certtui.model.channel import CommandSettings, DeliveryResult, Settings, SmtpSettings, WebhookSettings

if TYPE_CHECKING:
    from certtui.channels.message import Message
    from certtui.model.secret import Secret


def send(settings: Settings, secret: Secret | None, message: Message, now: datetime) -> DeliveryResult:
    """Try once; what goes wrong is in the result. Takes half a minute at most, or what a command may take."""
    match settings:
        case WebhookSettings():
            from certtui.channels.webhook import post

            return post(settings, secret, message, now)
        case SmtpSettings():
            from certtui.channels.smtp import mail

            return mail(settings, secret, message, now)
        case CommandSettings():
            from certtui.channels.command import run

            return run(settings, message)
    raise AssertionError("a calendar is written, not sent")
