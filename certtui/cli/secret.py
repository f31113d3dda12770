"""`certtui secret`: secrets that are stored beside certificates, as parts of containers. They go in, and are not shown again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.cli import documents_containers as documents
from certtui.cli import output, terminal
from certtui.cli.arguments import Parser, Usage, format_option, yes_option
from certtui.cli.listing import rows_of, sort_option
from certtui.errors import CerttuiError

if TYPE_CHECKING:
    from argparse import Namespace

    from certtui.backend.base import Backend
    from certtui.cli.context import Context
    from certtui.model.secret import Secret
    from certtui.model.stored_secret import StoredSecret, StoredSecretRow

_TYPES = ("passphrase", "symmetric", "opaque", "public", "private", "certificate")
_TYPED = ("passphrase",)
"""Types that a person may type."""

_COLUMNS = (
    output.Column("ID", right=True),
    output.Column("NAME", least=12),
    output.Column("TYPE"),
    output.Column("ALGORITHM"),
    output.Column("OCTETS", right=True),
    output.Column("EXPIRES"),
    output.Column("CONTAINERS", right=True),
    output.Column("GROUP", least=6),
)


def _store_arguments(parser: Parser) -> None:
    parser.add_argument("name", metavar="NAME", help="what to call it")
    parser.add_argument(
        "file", metavar="FILE", nargs="?", help="the file to store, - for standard input; a passphrase may be typed"
    )
    parser.add_argument("--type", choices=_TYPES, required=True, help="what it is")
    parser.add_argument(
        "--expires", metavar="DAYS|DATE", help="when it is no longer good; of certificates known by itself"
    )
    parser.add_argument("--group", default="", help="the business group that owns it")
    parser.add_argument("--description", default="", help="what it is for")
    format_option(parser, csv=False)


def _store(context: Context, args: Namespace) -> int:
    from certtui.cli.token import expiry
    from certtui.clock import Clock
    from certtui.model.stored_secret import StoredSecretForm

    expires = None if args.expires is None else expiry(args.expires, (context.clock or Clock()).now())
    payload = _payload(args)
    form = StoredSecretForm(args.name, args.type, payload, expires, args.group, args.description)
    with context.open(create=True) as backend:
        context.unlock(backend)
        secret = backend.secrets.store(form)
    row = secret.row
    encrypted = ", encrypted under a passphrase of its own" if row.algorithm == "encrypted" else ""
    return _told(secret, args.format, f"Stored {row.name} (id {row.id}), {row.type}, {row.size} octets{encrypted}.")


def _payload(args: Namespace) -> Secret:
    """What is to be stored. Raises `Usage`."""
    from certtui.cli import files
    from certtui.model.secret import Secret

    if args.file is not None:
        data = files.source(args.file).data
        # An editor ends a file with a line break, which no passphrase means.
        return Secret(data.removesuffix(b"\n").removesuffix(b"\r") if args.type in _TYPED else data)
    if args.type not in _TYPED:
        raise Usage(f"What is to be stored as {args.type} comes from a file.", "Name it, or - for standard input.")
    if not terminal.can_ask():
        raise Usage("Nobody can be asked for the passphrase.", "Name a file, or - for standard input.")
    return terminal.ask_new_secret("Passphrase to store")


def _list_arguments(parser: Parser) -> None:
    parser.add_argument(
        "filter", metavar="FILTER", nargs="*", help="words and conditions: type:private, unused, days<30"
    )
    sort_option(parser, "name")
    format_option(parser)


def _list(context: Context, args: Namespace) -> int:
    from certtui.model.query import Query, Sort

    with context.open() as backend:
        listing = backend.secrets.search(Query(" ".join(args.filter), Sort.parse(args.sort)))
        try:
            rows = rows_of(listing)
            match args.format:
                case "table":
                    if not output.table(_COLUMNS, map(_texts, rows)) and not args.filter:
                        terminal.say("There are no stored secrets.")
                case "json":
                    output.json_array(map(documents.of_secret, rows))
                case _:
                    output.csv(documents.SECRET, map(documents.of_secret, rows))
        finally:
            listing.close()
    return 0


def _show_arguments(parser: Parser) -> None:
    _name(parser)
    format_option(parser, csv=False)


def _show(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        secret = find(backend, args.name)
    if args.format == "json":
        output.json_object(documents.of_whole_secret(secret))
        return 0
    row = secret.row
    output.fields(
        [
            ("Name", row.name),
            ("Id", row.id),
            ("Type", row.type),
            ("Algorithm", row.algorithm),
            ("Public key", row.spki_sha256),
            ("Octets", row.size),
            ("Expires", output.minute(row.expires_at)),
            ("Group", row.business_group),
            ("Description", row.description),
            (
                "Part of",
                [
                    f"{use.container} as {use.part}{'' if use.current else ', in an earlier version'}"
                    for use in secret.uses
                ],
            ),
            ("Stored", f"{output.minute(row.created_at)} by {row.created_by}"),
        ]
    )
    return 0


def _check_arguments(parser: Parser) -> None:
    _name(parser)
    format_option(parser, csv=False)


def _check(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        secret = find(backend, args.name)
        checked = backend.secrets.check(secret.id)
    if args.format == "json":
        output.json_object(documents.of_secret_check(secret, checked))
    else:
        output.lines([checked.summary])
    return 0 if checked.ok else 1


def _delete_arguments(parser: Parser) -> None:
    _name(parser)
    yes_option(parser)
    format_option(parser, csv=False)


def _delete(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        secret = find(backend, args.name)
        if not args.yes:
            if not terminal.can_ask():
                raise Usage("Nobody can be asked whether to delete.", "Add --yes.")
            if not terminal.confirm(f"Destroy the stored secret {secret.row.name}? This can't be undone."):
                raise CerttuiError("Nothing was deleted.")
        backend.secrets.delete(secret.id, secret.version)
    if args.format == "json":
        output.json_object({"deleted": secret.id, "name": secret.row.name})
    terminal.say(f"Destroyed {secret.row.name} (id {secret.id}).")
    return 0


COMMANDS = {
    "secret store": (_store_arguments, _store),
    "secret list": (_list_arguments, _list),
    "secret show": (_show_arguments, _show),
    "secret check": (_check_arguments, _check),
    "secret delete": (_delete_arguments, _delete),
}


def find(backend: Backend, text: str) -> StoredSecret:
    """The stored secret that is meant. Raises `NotFound`, `Ambiguous`."""
    return backend.secrets.get(backend.secrets.resolve(text))


def _name(parser: Parser) -> None:
    parser.add_argument("name", metavar="SECRET", help="the id or name of a stored secret")


def _told(secret: StoredSecret, form: str, sentence: str) -> int:
    if form == "json":
        output.json_object(documents.of_whole_secret(secret))
    terminal.say(sentence)
    return 0


def _texts(row: StoredSecretRow) -> tuple[object, ...]:
    expires = output.day(row.expires_at)
    return row.id, row.name, row.type, row.algorithm, row.size, expires, row.container_count, row.business_group
