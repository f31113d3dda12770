"""`certtui resource`: the things that use certificates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.cli import documents, output, terminal
from certtui.cli.arguments import Parser, Usage, format_option, yes_option
from certtui.cli.listing import rows_of, sort_option
from certtui.errors import CerttuiError

if TYPE_CHECKING:
    from argparse import Namespace

    from certtui.cli.context import Context
    from certtui.model.resource import Resource, ResourceRow

_TYPES = ("load-balancer", "listener", "host", "file", "other")
_COLUMNS = (
    output.Column("ID", right=True),
    output.Column("NAME", least=12),
    output.Column("TYPE"),
    output.Column("ENDPOINT", least=12),
    output.Column("CERTIFICATES", right=True),
    output.Column("NEXT EXPIRY"),
)
_USED = (
    output.Column("ID", right=True),
    output.Column("CERTIFICATE", least=12),
    output.Column("ROLE"),
    output.Column("STATUS"),
    output.Column("EXPIRES"),
)


def _add_arguments(parser: Parser) -> None:
    parser.add_argument("name", metavar="NAME", help="what to call it")
    parser.add_argument("--type", choices=_TYPES, required=True, help="what it is")
    parser.add_argument("--endpoint", default="", help="where it is: HOST:PORT, a path, a URL")
    parser.add_argument("--notes", default="", help="anything worth knowing")


def _add(context: Context, args: Namespace) -> int:
    from certtui.model.resource import ResourceForm

    form = ResourceForm(name=args.name, type=args.type, endpoint=args.endpoint, notes=args.notes)
    with context.open(create=True) as backend:
        resource = backend.resources.add(form)
    terminal.say(f"Added {resource.row.name} (id {resource.row.id}).")
    return 0


def _list_arguments(parser: Parser) -> None:
    parser.add_argument("filter", metavar="FILTER", nargs="*", help="words and conditions: type:host, unused")
    sort_option(parser, "name")
    format_option(parser)


def _list(context: Context, args: Namespace) -> int:
    from certtui.model.query import Query, Sort

    with context.open() as backend:
        listing = backend.resources.search(Query(" ".join(args.filter), Sort.parse(args.sort)))
        try:
            rows = rows_of(listing)
            match args.format:
                case "table":
                    output.table(_COLUMNS, map(_texts, rows))
                case "json":
                    output.json_array(map(documents.of_resource, rows))
                case _:
                    output.csv(documents.RESOURCE, map(documents.of_resource, rows))
        finally:
            listing.close()
    return 0


def _show_arguments(parser: Parser) -> None:
    _name(parser)
    format_option(parser, csv=False)


def _show(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        resource = backend.resources.get(backend.resources.resolve(args.name))
    if args.format == "json":
        output.json_object(documents.of_whole_resource(resource))
        return 0
    row = resource.row
    output.fields(
        [
            ("Name", row.name),
            ("Id", row.id),
            ("Type", row.type),
            ("Endpoint", row.endpoint),
            ("Notes", row.notes),
            ("Created", output.minute(row.created_at)),
        ]
    )
    output.lines([""])
    rows = ((each.id, each.name, each.role, each.status, output.day(each.not_after)) for each in resource.certificates)
    if not output.table(_USED, rows):
        output.lines(["No certificate is associated with it."])
    return 0


def _remove_arguments(parser: Parser) -> None:
    _name(parser)
    parser.add_argument("--dissociate", action="store_true", help="also when certificates are associated with it")
    yes_option(parser)


def _remove(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        resource = backend.resources.get(backend.resources.resolve(args.name))
        if not args.yes:
            _ask_to_remove(resource)
        backend.resources.remove(resource.row.id, resource.row.version, dissociate=args.dissociate)
    terminal.say(f"Removed {resource.row.name} (id {resource.row.id}).")
    return 0


COMMANDS = {
    "resource add": (_add_arguments, _add),
    "resource list": (_list_arguments, _list),
    "resource show": (_show_arguments, _show),
    "resource remove": (_remove_arguments, _remove),
}


def _name(parser: Parser) -> None:
    parser.add_argument("name", metavar="NAME", help="the id or name of a resource")


def _texts(row: ResourceRow) -> tuple[object, ...]:
    return row.id, row.name, row.type, row.endpoint, row.certificate_count, output.day(row.next_expiry)


def _ask_to_remove(resource: Resource) -> None:
    """Only what is in use is worth a question, and only a person can answer one."""
    if not resource.certificates:
        return
    if not terminal.can_ask():
        raise Usage("Nobody can be asked whether to remove what is in use.", "Add --yes.")
    for each in resource.certificates:
        terminal.say(f"  uses {each.name} (id {each.id}, {each.role}, until {output.day(each.not_after)})")
    if not terminal.confirm(f"Remove {resource.row.name}?"):
        raise CerttuiError("Nothing was removed.")
