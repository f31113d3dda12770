"""What a person writes of a channel, checked field by field."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePath
from urllib.parse import urlsplit

from certtui.backend.local.labels import MAX_GROUP, one_line
from certtui.errors import Invalid
from certtui.model.alert_names import KIND_NAMES
from certtui.model.channel import (
    SMTP_SECURITY,
    CalendarSettings,
    ChannelForm,
    CommandSettings,
    Settings,
    SmtpSettings,
    WebhookSettings,
)

_MAX_NAME = 64
_MAX_URL = 2_000
_MAX_TEXT = 500
_MAX_ARGUMENTS = 50
_MAX_RECIPIENTS = 50
_LONGEST_COMMAND = 300
_SHORTEST_SECRET = 16
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
"""An address as mail forms take it (HTML, 4.10.5.1.5): no quotes, no comments, no international local part."""


def checked(form: ChannelForm, *, has_secret: bool = False) -> ChannelForm:
    """The form as it is stored. `has_secret` when one is kept. Raises `Invalid` naming the field."""
    name = one_line(form.name, "name", _MAX_NAME)
    if not name:
        raise Invalid("A channel needs a name.", "Give it one.", field="name")
    unknown = [kind for kind in form.kinds if kind not in KIND_NAMES]
    if unknown:
        raise Invalid(f"{unknown[0]} is no kind of alert.", f"Kinds are {', '.join(KIND_NAMES)}.", field="kinds")
    groups = tuple(dict.fromkeys(one_line(group, "groups", MAX_GROUP) for group in form.groups))
    secret = bool(form.secret) or (form.secret is None and has_secret)
    settings = _settings(form.settings, form, secret)
    return replace(form, name=name, kinds=tuple(dict.fromkeys(form.kinds)), groups=groups, settings=settings)


def _settings(settings: Settings, form: ChannelForm, secret: bool) -> Settings:
    match settings:
        case WebhookSettings():
            return _webhook(settings, form)
        case SmtpSettings():
            return _smtp(settings, secret)
        case CommandSettings():
            _refuse_secret(form)
            return _command(settings)
        case CalendarSettings():
            _refuse_secret(form)
            return CalendarSettings(_absolute(settings.path, "path", ".ics"))


def _webhook(settings: WebhookSettings, form: ChannelForm) -> WebhookSettings:
    url = one_line(settings.url, "url", _MAX_URL)
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise _no_url() from None
    if parts.scheme not in ("https", "http") or not host or parts.fragment or not url.isascii() or " " in url:
        raise _no_url()
    if parts.username is not None or parts.password is not None:
        raise Invalid("A name or password in the address would be shown to everybody.", "Leave it out.", field="url")
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise Invalid(
            "Alerts go over TLS, except to this host itself.", "Write the address with https://.", field="url"
        )
    if form.secret:
        from certtui.channels.webhook import signing_key

        signing_key(form.secret)
        if len(form.secret.reveal()) < _SHORTEST_SECRET:
            raise Invalid(
                f"A signing key has {_SHORTEST_SECRET} characters or more.", "Take a longer one.", field="secret"
            )
    return WebhookSettings(url, _ca_file(settings.ca_file))


def _no_url() -> Invalid:
    return Invalid("That is no web address.", "For instance https://hooks.example.com/certtui.", field="url")


def _smtp(settings: SmtpSettings, secret: bool) -> SmtpSettings:
    host = one_line(settings.host, "host", _MAX_TEXT)
    if not host or any(char.isspace() for char in host) or "/" in host:
        raise Invalid("That is no name of a mail server.", "For instance mail.example.com.", field="host")
    if not 1 <= settings.port <= 65535:
        raise Invalid("A port is a number from 1 to 65535.", "Mail servers take 587 or 465.", field="port")
    if settings.security not in SMTP_SECURITY:
        raise Invalid(f"{settings.security} is no protection.", f"One of {', '.join(SMTP_SECURITY)}.", field="security")
    username = one_line(settings.username, "username", _MAX_TEXT)
    if bool(username) != secret:
        missing = "password" if username else "user name"
        raise Invalid(f"The {missing} is missing.", "Give both, or none.", field="secret" if username else "username")
    if username and settings.security == "none":
        raise Invalid("A password is not sent unprotected.", "Choose starttls or tls.", field="security")
    recipients = tuple(dict.fromkeys(_address(each, "recipients") for each in settings.recipients))
    if not recipients or len(recipients) > _MAX_RECIPIENTS:
        raise Invalid(f"A mail goes to 1 to {_MAX_RECIPIENTS} addresses.", "Name them.", field="recipients")
    sender = _address(settings.sender, "sender")
    return SmtpSettings(
        host, settings.port, settings.security, username, sender, recipients, _ca_file(settings.ca_file)
    )


def _address(raw: str, field: str) -> str:
    address = raw.strip()
    if not _ADDRESS.fullmatch(address):
        raise Invalid("That is no e-mail address.", "Write it as name@example.com.", field=field)
    return address


def _command(settings: CommandSettings) -> CommandSettings:
    if not settings.argv or len(settings.argv) > _MAX_ARGUMENTS:
        raise Invalid("A command needs a program.", "Name it by its whole path, then its arguments.", field="argv")
    if any("\0" in each or len(each) > _MAX_URL for each in settings.argv):
        raise Invalid("An argument is too long or holds a NUL character.", "Shorten it.", field="argv")
    if not 1 <= settings.timeout <= _LONGEST_COMMAND:
        raise Invalid(f"A command may take 1 to {_LONGEST_COMMAND} seconds.", "Choose a time.", field="timeout")
    return CommandSettings((_absolute(settings.argv[0], "argv"), *settings.argv[1:]), settings.timeout)


def _absolute(raw: str, field: str, suffix: str = "") -> str:
    path = one_line(raw, field, _MAX_URL)
    if not PurePath(path).is_absolute() or not path.endswith(suffix):
        what = f"a whole path that ends with {suffix}" if suffix else "a whole path"
        raise Invalid(f"This needs {what}.", "Begin with /.", field=field)
    return path


def _ca_file(raw: str) -> str:
    return _absolute(raw, "ca_file") if raw.strip() else ""


def _refuse_secret(form: ChannelForm) -> None:
    if form.secret:
        raise Invalid("This type of channel has no secret.", "Leave it out.", field="secret")
