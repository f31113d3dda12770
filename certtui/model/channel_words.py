"""A channel in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.model.channel import CalendarSettings, ChannelType, CommandSettings, SmtpSettings, WebhookSettings

if TYPE_CHECKING:
    from certtui.model.channel import Channel, Settings

TYPE_WORDS = {
    ChannelType.WEBHOOK: "webhook",
    ChannelType.SMTP: "mail",
    ChannelType.COMMAND: "command",
    ChannelType.CALENDAR: "calendar",
}


def aim(settings: Settings) -> str:
    """Where it goes; raw text."""
    match settings:
        case WebhookSettings():
            return settings.url
        case SmtpSettings():
            return f"{', '.join(settings.recipients)} by {settings.host}:{settings.port}"
        case CommandSettings():
            return " ".join(settings.argv)
        case CalendarSettings():
            return settings.path


def health(channel: Channel) -> tuple[str, str]:
    """How it goes, and in which style."""
    if not channel.enabled:
        return "x disabled", "dim"
    if channel.last_error:
        return "x failed", "bad"
    if channel.waiting:
        return f"! {channel.waiting} waiting", "warn"
    if channel.last_sent_at is None:
        return "not used yet", "dim"
    return f"ok {channel.last_sent_at:%m-%d %H:%M}", "ok"


def wants(channel: Channel) -> str:
    """Which alerts go along it, one sentence."""
    what = ", ".join(channel.kinds) if channel.kinds else "all kinds"
    who = f" of {', '.join(channel.groups)}" if channel.groups else ""
    more = ", and when they are resolved" if channel.on_resolve else ""
    return f"From {channel.min_severity} on, {what}{who}{more}."
