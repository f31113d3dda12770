"""The form of a channel: the settings of its type, and which alerts go along it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.widget import Widget

from certtui.errors import CerttuiError, Conflict, Invalid
from certtui.model.alert import Severity
from certtui.model.alert_names import KIND_NAMES, SEVERITY_NAMES
from certtui.model.channel import (
    SMTP_SECURITY,
    CalendarSettings,
    ChannelForm,
    ChannelType,
    CommandSettings,
    Settings,
    SmtpSettings,
    WebhookSettings,
)
from certtui.model.channel_words import TYPE_WORDS, aim
from certtui.model.secret import Secret
from certtui.screens.form import FormScreen
from certtui.screens.unlock import with_key
from certtui.screens.verdict import Typed, Verdict
from certtui.widgets.choice_row import ChoiceRow
from certtui.widgets.form_field import Field
from certtui.widgets.line_input import LineInput

if TYPE_CHECKING:
    from certtui.model.channel import Channel

YES_NO = (("yes", "yes"), ("no", "no"))


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a type, as the form draws it."""

    key: str
    label: str
    hint: str = ""
    choices: tuple[str, ...] = ()
    default: str = ""
    secret: bool = False

    def field(self, kind: ChannelType) -> str:
        """How the form calls it; what is called a password is never kept outside the store."""
        return f"{kind}.{self.key}.password" if self.secret else f"{kind}.{self.key}"


SETTINGS: dict[ChannelType, tuple[Setting, ...]] = {
    ChannelType.SMTP: (
        Setting("recipients", "To", "ops@example.com, more with commas"),
        Setting("sender", "From", "certtui@example.com"),
        Setting("host", "Mail server", "mail.example.com"),
        Setting("port", "Port", default="587"),
        Setting("security", "Protection", choices=SMTP_SECURITY),
        Setting("username", "User name", "none: without a login"),
        Setting("secret", "Password", secret=True),
        Setting("ca_file", "Trusted by", "a PEM file; empty for the system's authorities"),
    ),
    ChannelType.WEBHOOK: (
        Setting("url", "Address", "https://hooks.example.com/certtui"),
        Setting("secret", "Signing key", "whsec_… or a phrase; empty: not signed", secret=True),
        Setting("ca_file", "Trusted by", "a PEM file; empty for the system's authorities"),
    ),
    ChannelType.COMMAND: (
        Setting("argv", "Command", "/usr/local/bin/page-ops --urgent; no shell reads it"),
        Setting("timeout", "Seconds", default="30"),
    ),
    ChannelType.CALENDAR: (Setting("path", "File", "/var/www/certificates.ics"),),
}


class ChannelFormScreen(FormScreen):
    """For a new channel, or for `channel`, whose type stays what it is."""

    DEFAULT_CSS = "ChannelFormScreen .part { display: none; }"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "form")

    def __init__(self, channel: Channel | None = None) -> None:
        super().__init__()
        self._channel = channel
        self._types = [channel.type] if channel else list(SETTINGS)
        self.title = "Add a channel" if channel is None else "Edit channel"
        self._laid = ""

    def about(self) -> str:
        return self._channel.name if self._channel else ""

    def fields(self) -> ComposeResult:
        old = self._channel
        if old is None:
            yield Field(
                "type", "Type", ChoiceRow([(str(kind), TYPE_WORDS[kind]) for kind in self._types]), classes="-long"
            )
        yield Field("name", "Name", LineInput(old.name if old else "", placeholder="ops-mail"), classes="-long")
        for kind in self._types:
            for setting in SETTINGS[kind]:
                yield Field(setting.field(kind), setting.label, self._editor(setting), classes=f"-long part m-{kind}")
        yield Field(
            "min_severity", "From severity",
            ChoiceRow([(each, each) for each in SEVERITY_NAMES], current=str(old.min_severity) if old else "warning"),
            classes="-long",
        )  # fmt: skip
        yield Field(
            "kinds", "Kinds", LineInput(", ".join(old.kinds) if old else "", placeholder="all"), classes="-long"
        )
        yield Field(
            "groups", "Groups", LineInput(", ".join(old.groups) if old else "", placeholder="all"), classes="-long"
        )
        yield Field(
            "on_resolve", "When resolved",
            ChoiceRow(YES_NO, current="yes" if old and old.on_resolve else "no"), classes="-long",
        )  # fmt: skip
        yield Field(
            "enabled", "In use", ChoiceRow(YES_NO, current="no" if old and not old.enabled else "yes"), classes="-long"
        )

    def _editor(self, setting: Setting) -> Widget:
        old = self._channel
        now = _written(old.settings, setting.key) if old else setting.default
        if setting.choices:
            return ChoiceRow([(each, each) for each in setting.choices], current=now or setting.choices[0])
        if setting.secret:
            kept = old is not None and old.has_secret
            return LineInput(password=True, placeholder="set; type to change it" if kept else setting.hint)
        return LineInput(now, placeholder=setting.hint)

    def begin(self) -> None:
        self._lay()
        self.field("type" if self._channel is None else "name").focus_editor()

    @property
    def kind(self) -> ChannelType:
        """The chosen type."""
        return self._channel.type if self._channel else ChannelType(self.field("type").value)

    def changed(self, *, at_once: bool = False) -> None:
        if str(self.kind) != self._laid:
            self._lay()
        super().changed(at_once=at_once)

    def _lay(self) -> None:
        self._laid = str(self.kind)
        for part in self.query(".part"):
            part.display = part.has_class(f"m-{self._laid}")

    # -- checking and saving -------------------------------------------------------------------------------------

    def judge(self, typed: Typed) -> Verdict:
        kind = ChannelType(typed.value("type") or str(self._types[0]))
        problems: dict[str, str] = {}
        missing: dict[str, str] = {}
        if not typed.value("name"):
            missing["name"] = "Give it a name."
        unknown = [each for each in _listed(typed.value("kinds")) if each not in KIND_NAMES]
        if unknown:
            problems["kinds"] = f"{unknown[0]} is no kind. Kinds are {', '.join(KIND_NAMES)}."
        optional = ("username", "secret", "ca_file")
        for setting in SETTINGS[kind]:
            value = typed.value(setting.field(kind))
            if not value and setting.key not in optional:
                missing[setting.field(kind)] = f"{setting.label} is needed."
        for key in ("port", "timeout"):
            number = typed.value(f"{kind}.{key}")
            if number and not (number.isascii() and number.isdigit() and len(number) < 6):
                problems[f"{kind}.{key}"] = "Give a whole number."
        try:
            shlex.split(typed.value(f"{kind}.argv"))
        except ValueError:
            problems[f"{kind}.argv"] = "A quote is not closed."
        if problems or missing:
            return Verdict("Says where alerts go, and which ones.", problems, missing)
        settings = settings_of(kind, typed)
        verb = "add" if self._channel is None else "change"
        return Verdict(f"Will {verb} {typed.value('name')}: alerts go to {aim(settings)}. A test sends one at once.")

    def save(self, verdict: Verdict) -> None:
        form, old, channels = self._form(), self._channel, self.backend.channels

        def act() -> Channel:
            return channels.add(form) if old is None else channels.edit(old.id, old.version, form)

        with_key(
            self, act, done=self._done, failed=self.refused, cancelled=self.resume,
            why="The settings of a channel are sealed by the store key.",
        )  # fmt: skip

    def _form(self) -> ChannelForm:
        typed, kind = self.typed(), self.kind
        secret = next((typed.values.get(each.field(kind), "") for each in SETTINGS[kind] if each.secret), "")
        return ChannelForm(
            name=typed.value("name"),
            settings=settings_of(kind, typed),
            enabled=typed.value("enabled") == "yes",
            min_severity=Severity.parse(typed.value("min_severity")),
            kinds=_listed(typed.value("kinds")),
            groups=_listed(typed.value("groups")),
            on_resolve=typed.value("on_resolve") == "yes",
            secret=Secret(secret) if secret else None,
        )

    def _done(self, channel: Channel) -> None:
        verb = "Added" if self._channel is None else "Saved"
        self.saved(f"{verb} {channel.name}. {self.console_app.keys.label('channel.test')} sends a test message.")

    def refused(self, error: CerttuiError) -> None:
        names = {each.key: each.field(self.kind) for each in SETTINGS[self.kind]}
        if isinstance(error, Invalid) and error.field in names:
            error = Invalid(error.message, error.hint, field=names[error.field])
        elif isinstance(error, Conflict) and self._channel is None:
            error = Invalid(error.message, error.hint, field="name")
        super().refused(error)


def settings_of(kind: ChannelType, typed: Typed) -> Settings:
    """What was typed of a type's settings."""

    def of(key: str) -> str:
        return typed.value(f"{kind}.{key}")

    match kind:
        case ChannelType.WEBHOOK:
            return WebhookSettings(of("url"), of("ca_file"))
        case ChannelType.SMTP:
            return SmtpSettings(
                of("host"), int(of("port") or 0), of("security"), of("username"), of("sender"),
                _listed(of("recipients")), of("ca_file"),
            )  # fmt: skip
        case ChannelType.COMMAND:
            return CommandSettings(tuple(shlex.split(of("argv"))), int(of("timeout") or 0))
        case ChannelType.CALENDAR:
            return CalendarSettings(of("path"))


def _written(settings: Settings, key: str) -> str:
    value = getattr(settings, key, "")
    if isinstance(value, tuple):
        return shlex.join(value) if key == "argv" else ", ".join(value)
    return str(value)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
