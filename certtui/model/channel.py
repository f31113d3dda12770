"""A channel: a way for alerts out of the console, and the deliveries that went along it."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from certtui.model.alert import Severity
from certtui.model.secret import Secret
from certtui.record import dataclass, field


class ChannelType(str, Enum):
    """How alerts leave."""

    WEBHOOK = "webhook"
    SMTP = "smtp"
    COMMAND = "command"
    CALENDAR = "ics"

    def __str__(self) -> str:
        return self.value


class DeliveryState(str, Enum):
    """Where a delivery stands."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    """For good: all attempts are used up, or the other side said that it will never take it."""

    def __str__(self) -> str:
        return self.value


SMTP_SECURITY = ("starttls", "tls", "none")
"""How an SMTP connection is protected: STARTTLS (required, never only offered), TLS from the first byte, nothing."""


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """A POST of JSON, signed as the Standard Webhooks specification says when there is a secret."""

    url: str = ""
    ca_file: str = ""
    """PEM certificates to trust instead of the system's; "" for the system's. A path on the host that delivers."""


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """A text mail."""

    host: str = ""
    port: int = 587
    security: str = "starttls"
    """One of SMTP_SECURITY."""
    username: str = ""
    sender: str = ""
    recipients: tuple[str, ...] = ()
    ca_file: str = ""


@dataclass(frozen=True, slots=True)
class CommandSettings:
    """A program with its arguments, never a shell; JSON comes on its standard input."""

    argv: tuple[str, ...] = ()
    timeout: int = 30
    """Seconds."""


@dataclass(frozen=True, slots=True)
class CalendarSettings:
    """An `.ics` file that is written anew when something changes."""

    path: str = ""


Settings = WebhookSettings | SmtpSettings | CommandSettings | CalendarSettings

SETTINGS: dict[ChannelType, type[Settings]] = {
    ChannelType.WEBHOOK: WebhookSettings,
    ChannelType.SMTP: SmtpSettings,
    ChannelType.COMMAND: CommandSettings,
    ChannelType.CALENDAR: CalendarSettings,
}


@dataclass(frozen=True, slots=True)
class ChannelForm:
    """What a person writes of a channel. For an edit, `secret` None keeps the stored one and an empty one removes it."""

    name: str
    settings: Settings
    enabled: bool = True
    min_severity: Severity = Severity.WARNING
    kinds: tuple[str, ...] = ()
    """Kinds of alerts that go this way; empty for all."""
    groups: tuple[str, ...] = ()
    """Business groups whose alerts go this way; empty for all."""
    on_resolve: bool = False
    """Also tell when an alert is resolved."""
    secret: Secret | None = field(default=None, repr=False)
    """The webhook's signing key or the SMTP password; sealed, and never given out again."""

    @property
    def type(self) -> ChannelType:
        return type_of(self.settings)


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel as it is shown: everything but its secret."""

    id: int
    version: int
    name: str
    type: ChannelType
    settings: Settings
    enabled: bool
    min_severity: Severity
    kinds: tuple[str, ...]
    groups: tuple[str, ...]
    on_resolve: bool
    has_secret: bool
    place: str
    """`user@host` where a command runs or a file is written: only a process of that user there delivers it; "" for anywhere."""
    created_at: datetime
    updated_at: datetime
    waiting: int = 0
    """Deliveries that have not gone out yet."""
    last_sent_at: datetime | None = None
    last_error: str = ""
    """Of the newest delivery, "" when it went well or there was none."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message along a channel; the same `uid` on every attempt, so that the other side can drop a repeated one."""

    id: int
    channel_id: int
    uid: str
    event: str
    """`alerts`, `test`, `calendar`."""
    alert_ids: tuple[int, ...]
    """The alerts that it names; a digest of very many names the most urgent ones."""
    alert_count: int
    state: DeliveryState
    attempts: int
    created_at: datetime
    next_try_at: datetime | None
    """When it is tried next, while it waits."""
    sent_at: datetime | None
    answer: str
    """What the other side said, or what went wrong, at the last attempt. Raw text, without secrets."""


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """How one attempt ended, in a sentence; `permanent` when trying again is of no use."""

    ok: bool
    message: str
    permanent: bool = False
    retry_after: int | None = None
    """Seconds that the other side asked for."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Expiries as iCalendar (RFC 5545) text; `left_out` events further ahead did not fit."""

    text: str
    events: int
    left_out: int


def type_of(settings: Settings) -> ChannelType:
    """The type of channel that has such settings."""
    return next(kind for kind, made in SETTINGS.items() if isinstance(settings, made))
