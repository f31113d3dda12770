"""`certtui token`: who may come in over a server, by a token or by the name in a client certificate."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from certtui.cli import output, terminal
from certtui.cli.arguments import Parser, Usage, format_option
from certtui.clock import UTC, Clock, rfc3339

if TYPE_CHECKING:
    from argparse import Namespace

    from certtui.cli.context import Context
    from certtui.model.access import Access, CertificateMapping, TokenInfo

_ROLES = ("viewer", "operator", "admin")
_LONGEST = 36_500
"""Days: a hundred years, within what dates can say."""

_TOKENS = (
    output.Column("ID", right=True),
    output.Column("ACTOR", least=8),
    output.Column("TOKEN"),
    output.Column("ROLE"),
    output.Column("RIGHTS", least=12),
    output.Column("STATE"),
    output.Column("EXPIRES"),
    output.Column("LAST USED"),
    output.Column("NOTE", least=8),
)
_MAPPINGS = (
    output.Column("ID", right=True),
    output.Column("MATCH", least=16),
    output.Column("ACTOR", least=8),
    output.Column("ROLE"),
    output.Column("RIGHTS", least=12),
    output.Column("CREATED"),
)


def _create_arguments(parser: Parser) -> None:
    parser.add_argument("actor", metavar="ACTOR", help="whom the token stands for: a person or a service")
    _access_options(parser)
    parser.add_argument(
        "--expires", metavar="DAYS|DATE", help="after so many days, or when that day (YYYY-MM-DD, UTC) begins"
    )
    parser.add_argument("--note", default="", help="what it is for")
    format_option(parser, csv=False)


def _create(context: Context, args: Namespace) -> int:
    from certtui.model.access import TokenForm

    now = (context.clock or Clock()).now()
    expires_at = None if args.expires is None else expiry(args.expires, now)
    form = TokenForm(args.actor, _access(args), expires_at, args.note)
    with context.open(create=True) as backend:
        made = backend.people.create_token(form)
    token = made.token.reveal().decode("ascii")
    if args.format == "json":
        output.json_object({**_token(made.info, now), "token": token})
    else:
        output.lines([token])
    until = f"until {output.minute(expires_at)}" if expires_at else "and does not expire"
    terminal.say(f"Token {made.info.id} stands for {made.info.actor} {until}.")
    terminal.say("It is shown this once. Keep it in a file that only its owner can read.")
    return 0


def _list_arguments(parser: Parser) -> None:
    parser.add_argument("--mapped", action="store_true", help="the client certificates that are mapped instead")
    format_option(parser)


def _list(context: Context, args: Namespace) -> int:
    now = (context.clock or Clock()).now()
    with context.open() as backend:
        if args.mapped:
            return _list_mappings(backend.people.list_mappings(), args.format)
        tokens = backend.people.list_tokens()
    match args.format:
        case "table":
            if not output.table(_TOKENS, (_texts(each, now) for each in tokens)):
                terminal.say("There are no tokens.")
        case "json":
            output.json_array(_token(each, now) for each in tokens)
        case _:
            names = "id actor prefix state role export_keys groups domains created_at expires_at last_used_at note"
            output.csv(names.split(), (_token(each, now) for each in tokens))
    return 0


def _list_mappings(mappings: Sequence[CertificateMapping], form: str) -> int:
    match form:
        case "table":
            rows = (
                (each.id, each.match, each.actor, each.access.role, _rights(each.access), output.day(each.created_at))
                for each in mappings
            )
            if not output.table(_MAPPINGS, rows):
                terminal.say("No client certificate is mapped.")
        case "json":
            output.json_array(map(_mapping, mappings))
        case _:
            names = "id match actor role export_keys groups domains created_at"
            output.csv(names.split(), map(_mapping, mappings))
    return 0


def _revoke_arguments(parser: Parser) -> None:
    parser.add_argument("id", metavar="ID", type=int, help="the token's number, as `token list` has it")
    format_option(parser, csv=False)


def _revoke(context: Context, args: Namespace) -> int:
    now = (context.clock or Clock()).now()
    with context.open() as backend:
        info = backend.people.revoke_token(args.id)
    if args.format == "json":
        output.json_object(_token(info, now))
    terminal.say(f"Token {info.id} of {info.actor} opens nothing any more.")
    return 0


def _map_arguments(parser: Parser) -> None:
    parser.add_argument(
        "match", metavar="MATCH", help="DNS:name, EMAIL:address, URI:address, or a subject as CN=ada,O=Example"
    )
    parser.add_argument("actor", metavar="ACTOR", help="whom the certificate stands for")
    _access_options(parser)
    format_option(parser, csv=False)


def _map(context: Context, args: Namespace) -> int:
    with context.open(create=True) as backend:
        mapping = backend.people.add_mapping(args.match, args.actor, _access(args))
    if args.format == "json":
        output.json_object(_mapping(mapping))
    terminal.say(f"A client certificate with {mapping.match} stands for {mapping.actor} (mapping {mapping.id}).")
    return 0


def _unmap_arguments(parser: Parser) -> None:
    parser.add_argument("id", metavar="ID", type=int, help="the mapping's number, as `token list --mapped` has it")
    format_option(parser, csv=False)


def _unmap(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        backend.people.remove_mapping(args.id)
    if args.format == "json":
        output.json_object({"id": args.id, "removed": True})
    terminal.say(f"Mapping {args.id} is removed.")
    return 0


COMMANDS = {
    "token create": (_create_arguments, _create),
    "token list": (_list_arguments, _list),
    "token revoke": (_revoke_arguments, _revoke),
    "token map": (_map_arguments, _map),
    "token unmap": (_unmap_arguments, _unmap),
}


def expiry(text: str, now: datetime) -> datetime:
    """The instant that `--expires` says: so many days from now, or the beginning of a day. Raises `Usage`."""
    days = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    if 0 < days <= _LONGEST:
        return now + timedelta(days=days)
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise Usage(f"--expires takes days or a date, not {text}.", "Write 90, or 2027-01-31.") from None


def _access_options(parser: Parser) -> None:
    parser.add_argument(
        "--role", choices=_ROLES, required=True, help="what it may do; each role includes the ones before"
    )
    parser.add_argument("--export-keys", action="store_true", help="it may take private keys out; no role implies this")
    parser.add_argument(
        "--group", metavar="G", action="append", help="only entries of this business group; several times for several"
    )
    parser.add_argument(
        "--domain", metavar="D", action="append", help="only entries with all names at or below this domain; likewise"
    )


def _access(args: Namespace) -> Access:
    from certtui.model.access import Access, Role

    groups, domains = args.group, args.domain
    return Access(
        Role.parse(args.role),
        export_keys=args.export_keys,
        groups=None if groups is None else tuple(groups),
        domains=None if domains is None else tuple(domains),
    )


def _state(info: TokenInfo, now: datetime) -> str:
    if info.revoked_at is not None:
        return "revoked"
    return "expired" if info.expires_at is not None and info.expires_at <= now else "valid"


def _rights(access: Access) -> str:
    """What an access has beside its role, in words."""
    parts = ["export-keys"] if access.export_keys else []
    parts += [f"group {one or 'none'}" for one in access.groups or ()]
    parts += [f"domain {one}" for one in access.domains or ()]
    return ", ".join(parts)


def _texts(info: TokenInfo, now: datetime) -> tuple[object, ...]:
    return (
        info.id,
        info.actor,
        f"{info.prefix}{terminal.ellipsis()}",
        info.access.role,
        _rights(info.access),
        _state(info, now),
        output.day(info.expires_at),
        output.day(info.last_used_at),
        info.note,
    )


def _access_document(access: Access) -> output.Document:
    return {
        "role": str(access.role),
        "export_keys": access.export_keys,
        "groups": None if access.groups is None else list(access.groups),
        "domains": None if access.domains is None else list(access.domains),
    }


def _token(info: TokenInfo, now: datetime) -> output.Document:
    return {
        "id": info.id,
        "actor": info.actor,
        "prefix": info.prefix,
        "state": _state(info, now),
        **_access_document(info.access),
        "created_at": rfc3339(info.created_at),
        "expires_at": _time(info.expires_at),
        "last_used_at": _time(info.last_used_at),
        "revoked_at": _time(info.revoked_at),
        "note": info.note,
    }


def _mapping(mapping: CertificateMapping) -> output.Document:
    return {
        "id": mapping.id,
        "match": mapping.match,
        "actor": mapping.actor,
        **_access_document(mapping.access),
        "created_at": rfc3339(mapping.created_at),
    }


def _time(instant: datetime | None) -> str | None:
    return None if instant is None else rfc3339(instant)
