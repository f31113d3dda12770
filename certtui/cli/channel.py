"""`certtui channel`: the ways by which alerts are told outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.cli import output, terminal
from certtui.cli.arguments import Parser, Usage, count, format_option, yes_option
from certtui.errors import CerttuiError

if TYPE_CHECKING:
    from argparse import Namespace

    from certtui.cli.context import Context
    from certtui.cli.output import Document
    from certtui.model.channel import Channel, ChannelForm, Delivery, Settings
    from certtui.model.secret import Secret

_TYPES = ("webhook", "smtp", "command", "ics")
_SEVERITIES = ("info", "warning", "critical")
_COLUMNS = (
    output.Column("ID", right=True),
    output.Column("NAME", least=12),
    output.Column("TYPE"),
    output.Column("STATE"),
    output.Column("FROM"),
    output.Column("GOES TO", least=16),
)
_HISTORY = (
    output.Column("AT"),
    output.Column("WHAT"),
    output.Column("ALERTS", right=True),
    output.Column("STATE"),
    output.Column("TRIED", right=True),
    output.Column("ANSWER", least=16),
)


def _add_arguments(parser: Parser) -> None:
    parser.add_argument("name", metavar="NAME", help="what to call it")
    parser.add_argument("--type", choices=_TYPES, required=True, help="how alerts leave")
    parser.add_argument("--url", default="", help="webhook: the address, https://")
    parser.add_argument("--host", default="", help="smtp: the mail server")
    parser.add_argument("--port", type=count, default=587, help="smtp: its port, 587 unless given")
    parser.add_argument(
        "--security",
        choices=("starttls", "tls", "none"),
        default="starttls",
        help="smtp: how the connection is protected",
    )
    parser.add_argument("--username", default="", help="smtp: the user name; the password comes by --secret-file")
    parser.add_argument("--from", dest="sender", default="", metavar="ADDRESS", help="smtp: the sender")
    parser.add_argument(
        "--to", action="append", default=[], metavar="ADDRESS", help="smtp: a recipient; may be given again"
    )
    parser.add_argument("--ca-file", default="", metavar="FILE", help="webhook, smtp: PEM certificates to trust alone")
    parser.add_argument(
        "--command", default="", metavar="WORDS", help="command: the program and its arguments; no shell"
    )
    parser.add_argument("--timeout", type=count, default=30, help="command: seconds after which it is ended")
    parser.add_argument("--path", default="", metavar="FILE", help="ics: the calendar file")
    parser.add_argument(
        "--secret-file",
        metavar="FILE",
        help="the signing key or password: the first line of FILE, - for standard input",
    )
    parser.add_argument("--generate-secret", action="store_true", help="webhook: make a signing key; it is shown once")
    parser.add_argument(
        "--min-severity", choices=_SEVERITIES, default="warning", help="tell alerts from this severity on"
    )
    parser.add_argument("--kind", action="append", default=[], help="tell this kind alone; may be given again")
    parser.add_argument(
        "--group", action="append", default=[], help="tell this business group alone; may be given again"
    )
    parser.add_argument("--on-resolve", action="store_true", help="also tell when an alert is resolved")
    format_option(parser, csv=False)


def _add(context: Context, args: Namespace) -> int:
    secret = _secret(args)
    with context.open(create=True) as backend:
        channel = backend.channels.add(_form(args, secret))
    if args.format == "json":
        shown_once = {"signing_key": secret.reveal().decode()} if args.generate_secret and secret is not None else {}
        output.json_object({**_document(channel), **shown_once})
        return 0
    terminal.say(f"Added {channel.name} (id {channel.id}). `certtui channel test {channel.id}` sends a test message.")
    if args.generate_secret and secret is not None:
        terminal.say("The signing key, shown only now, for the other side:")
        output.lines([secret.reveal().decode()])
    return 0


def _list_arguments(parser: Parser) -> None:
    format_option(parser, csv=False)


def _list(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        found = backend.channels.list()
    if args.format == "json":
        output.json_array(map(_document, found))
    elif not output.table(_COLUMNS, map(_texts, found)):
        terminal.say("No channel yet; `certtui channel add` makes one.")
    return 0


def _one_arguments(parser: Parser) -> None:
    parser.add_argument("name", metavar="NAME", help="the id or name of a channel")


def _test_arguments(parser: Parser) -> None:
    _one_arguments(parser)
    format_option(parser, csv=False)


def _test(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        result = backend.channels.test(backend.channels.resolve(args.name))
    if args.format == "json":
        output.json_object({"ok": result.ok, "message": result.message})
    else:
        terminal.say(result.message)
    return 0 if result.ok else 1


def _toggled(context: Context, args: Namespace, *, enabled: bool) -> int:
    from certtui.model.channel import ChannelForm

    with context.open() as backend:
        now = backend.channels.get(backend.channels.resolve(args.name))
        form = ChannelForm(now.name, now.settings, enabled, now.min_severity, now.kinds, now.groups, now.on_resolve)
        backend.channels.edit(now.id, now.version, form)
    terminal.say(f"{now.name} is {'in use' if enabled else 'not in use'} now.")
    return 0


def _enable(context: Context, args: Namespace) -> int:
    return _toggled(context, args, enabled=True)


def _disable(context: Context, args: Namespace) -> int:
    return _toggled(context, args, enabled=False)


def _remove_arguments(parser: Parser) -> None:
    _one_arguments(parser)
    yes_option(parser)
    format_option(parser, csv=False)


def _remove(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        channel = backend.channels.get(backend.channels.resolve(args.name))
        if not args.yes:
            if not terminal.can_ask():
                raise Usage("Nobody can be asked whether to remove it.", "Add --yes.")
            if not terminal.confirm(f"Remove {channel.name} with its secret?"):
                raise CerttuiError("Nothing was removed.")
        backend.channels.remove(channel.id, channel.version)
    if args.format == "json":
        output.json_object({"removed": channel.id, "name": channel.name})
    else:
        terminal.say(f"Removed {channel.name} (id {channel.id}).")
    return 0


def _history_arguments(parser: Parser) -> None:
    _one_arguments(parser)
    parser.add_argument("--limit", type=count, default=50, help="how many of the newest; 50 unless given")
    format_option(parser, csv=False)


def _history(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        found = backend.channels.deliveries(backend.channels.resolve(args.name), args.limit)
    if args.format == "json":
        output.json_array(map(_delivery, found))
    elif not output.table(_HISTORY, map(_line, found)):
        terminal.say("Nothing went along it yet.")
    return 0


COMMANDS = {
    "channel add": (_add_arguments, _add),
    "channel list": (_list_arguments, _list),
    "channel test": (_test_arguments, _test),
    "channel enable": (_one_arguments, _enable),
    "channel disable": (_one_arguments, _disable),
    "channel remove": (_remove_arguments, _remove),
    "channel history": (_history_arguments, _history),
}


def _secret(args: Namespace) -> Secret | None:
    if args.generate_secret:
        if args.type != "webhook" or args.secret_file:
            raise Usage("--generate-secret makes the signing key of a webhook.", "Leave --secret-file out.")
        from certtui.channels.webhook import new_secret

        return new_secret()
    return terminal.secret_from(args.secret_file) if args.secret_file else None


def _form(args: Namespace, secret: Secret | None) -> ChannelForm:
    from certtui.model.alert import Severity
    from certtui.model.channel import ChannelForm

    return ChannelForm(
        name=args.name,
        settings=_settings(args),
        min_severity=Severity.parse(args.min_severity),
        kinds=tuple(kind.replace("-", "_") for kind in args.kind),
        groups=tuple(args.group),
        on_resolve=args.on_resolve,
        secret=secret,
    )


def _settings(args: Namespace) -> Settings:
    from certtui.model.channel import CalendarSettings, CommandSettings, SmtpSettings, WebhookSettings

    match args.type:
        case "webhook":
            return WebhookSettings(args.url, args.ca_file)
        case "smtp":
            return SmtpSettings(
                args.host, args.port, args.security, args.username, args.sender, tuple(args.to), args.ca_file
            )
        case "command":
            import shlex

            try:
                return CommandSettings(tuple(shlex.split(args.command)), args.timeout)
            except ValueError:
                raise Usage("A quote in --command is not closed.", "Close it.") from None
    return CalendarSettings(args.path)


def _texts(channel: Channel) -> tuple[object, ...]:
    from certtui.model.channel_words import aim, health

    return (
        channel.id, channel.name, str(channel.type), health(channel)[0], str(channel.min_severity), aim(channel.settings),
    )  # fmt: skip


def _line(each: Delivery) -> tuple[object, ...]:
    return output.minute(each.created_at), each.event, each.alert_count, str(each.state), each.attempts, each.answer


def _document(channel: Channel) -> Document:
    from certtui.clock import rfc3339

    return {
        "id": channel.id,
        "version": channel.version,
        "name": channel.name,
        "type": str(channel.type),
        "settings": _settings_document(channel.settings),
        "enabled": channel.enabled,
        "min_severity": str(channel.min_severity),
        "kinds": list(channel.kinds),
        "groups": list(channel.groups),
        "on_resolve": channel.on_resolve,
        "has_secret": channel.has_secret,
        "place": channel.place,
        "waiting": channel.waiting,
        "last_sent_at": None if channel.last_sent_at is None else rfc3339(channel.last_sent_at),
        "last_error": channel.last_error,
    }


def _settings_document(settings: Settings) -> Document:
    from dataclasses import asdict

    return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(settings).items()}


def _delivery(each: Delivery) -> Document:
    from certtui.clock import rfc3339

    return {
        "id": each.id,
        "uid": each.uid,
        "event": each.event,
        "alert_ids": list(each.alert_ids),
        "alert_count": each.alert_count,
        "state": str(each.state),
        "attempts": each.attempts,
        "created_at": rfc3339(each.created_at),
        "next_try_at": None if each.next_try_at is None else rfc3339(each.next_try_at),
        "sent_at": None if each.sent_at is None else rfc3339(each.sent_at),
        "answer": each.answer,
    }
