"""`certtui container`: certificate, key and chain under a stable reference, in versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.cli import documents_containers as documents
from certtui.cli import output, terminal
from certtui.cli.arguments import Parser, Usage, count, format_option, yes_option
from certtui.cli.listing import rows_of, sort_option
from certtui.cli.reasons import reason_asked, reason_option
from certtui.errors import CerttuiError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from certtui.backend.base import Backend
    from certtui.cli.context import Context
    from certtui.model.consumer import Consumer
    from certtui.model.container import Container, ContainerRow

_TYPES = ("certificate", "rsa", "generic")
_COLUMNS = (
    output.Column("ID", right=True),
    output.Column("NAME", least=12),
    output.Column("TYPE"),
    output.Column("STATUS"),
    output.Column("VERSION", right=True),
    output.Column("CERTIFICATE", least=10),
    output.Column("UNTIL"),
    output.Column("CONSUMERS", right=True),
    output.Column("REFERENCE", least=12),
)
_VERSIONS = (
    output.Column("VERSION", right=True),
    output.Column("CERTIFICATE", least=12),
    output.Column("UNTIL"),
    output.Column("WHY"),
    output.Column("WHEN"),
    output.Column("BY", least=6),
)
CONSUMERS = (
    output.Column("ID", right=True),
    output.Column("CONTAINER", least=10),
    output.Column("SERVICE", least=8),
    output.Column("RESOURCE", least=12),
    output.Column("HAS", right=True),
    output.Column("SINCE"),
)


def _create_arguments(parser: Parser) -> None:
    parser.add_argument(
        "name", metavar="NAME", nargs="?", default="", help="what to call it; default: the certificate's name"
    )
    parser.add_argument("--type", choices=_TYPES, default="certificate", help="what it holds (default: certificate)")
    parser.add_argument("--certificate", metavar="CERT", help="a certificate of the inventory whose key is here")
    _part_option(parser)
    parser.add_argument("--group", default="", help="the business group that owns it")
    parser.add_argument("--no-follow", action="store_true", help="stay with this certificate when it is renewed")
    reason_option(parser)
    format_option(parser, csv=False)


def _create(context: Context, args: Namespace) -> int:
    from certtui.model.container import ContainerForm, ContainerType

    with context.open() as backend, reason_asked():
        parts = _parts(backend, args.part)
        certificate = backend.certificates.resolve(args.certificate) if args.certificate else None
        if parts:
            context.unlock(backend)
        container = backend.containers.create(
            ContainerForm(
                name=args.name,
                type=ContainerType(args.type),
                certificate_id=certificate,
                parts=parts,
                business_group=args.group,
                follows=not args.no_follow,
                reason=args.reason,
            )
        )
        return told(backend, container, args.format, f"Made {container.row.name} (id {container.id}).")


def _list_arguments(parser: Parser) -> None:
    parser.add_argument(
        "filter", metavar="FILTER", nargs="*", help="words and conditions: status:expired, used, behind"
    )
    sort_option(parser, "name")
    format_option(parser)


def _list(context: Context, args: Namespace) -> int:
    from certtui.model.query import Query, Sort

    with context.open() as backend:
        listing = backend.containers.search(Query(" ".join(args.filter), Sort.parse(args.sort)))
        try:
            rows = rows_of(listing)
            match args.format:
                case "table":
                    if not output.table(_COLUMNS, map(_texts, rows)) and not args.filter:
                        terminal.say(
                            "There are no containers. `certtui container create --certificate CERT` makes one."
                        )
                case "json":
                    output.json_array(map(documents.of_container, rows))
                case _:
                    output.csv(documents.CONTAINER, map(documents.of_container, rows))
        finally:
            listing.close()
    return 0


def _show_arguments(parser: Parser) -> None:
    reference(parser)
    format_option(parser, csv=False)


def _show(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        container = find(backend, args.container)
        where = shown_reference(backend, container.row.ref)
    if args.format == "json":
        output.json_object(documents.of_whole_container(container, where))
        return 0
    row = container.row
    output.fields(
        [
            ("Name", row.name),
            ("Id", row.id),
            ("Reference", where),
            ("Type", row.type.value),
            ("Status", f"{row.status}: {container.status_reason}"),
            ("Version", row.number),
            ("Certificate", f"{row.certificate} (id {row.certificate_id})" if row.certificate_id else ""),
            ("Follows", "renewals" if row.follows and row.type.value == "certificate" else "nothing"),
            ("Parts", [_part_words(part.name, part.about, part.secret) for part in container.parts]),
            ("Group", row.business_group),
            ("Created", f"{output.minute(row.created_at)} by {row.created_by}"),
        ]
    )
    output.lines([""])
    output.table(_VERSIONS, [_version_texts(one) for one in container.versions])
    output.lines([""])
    if not output.table(CONSUMERS, map(consumer_texts, container.consumers)):
        output.lines(["No consumer is registered."])
    return 0


def _edit_arguments(parser: Parser) -> None:
    reference(parser)
    parser.add_argument("--name", help="a new name")
    parser.add_argument("--group", help="the business group that owns it, of one without a certificate; '' for none")
    parser.add_argument("--follow", choices=("yes", "no"), help="whether renewals of its certificate move it on")
    format_option(parser, csv=False)


def _edit(context: Context, args: Namespace) -> int:
    from certtui.model.container import ContainerEdit

    follows = None if args.follow is None else args.follow == "yes"
    changes = ContainerEdit(name=args.name, business_group=args.group, follows=follows)
    if changes == ContainerEdit():
        raise Usage("Nothing to change was given.", "Add --name, --group or --follow.")
    with context.open() as backend:
        container = find(backend, args.container)
        container = backend.containers.edit(container.id, container.version, changes)
        return told(backend, container, args.format, f"Changed {container.row.name} (id {container.id}).")


def _update_arguments(parser: Parser) -> None:
    reference(parser)
    parser.add_argument("--certificate", metavar="CERT", help="the certificate that it is to give out from now on")
    _part_option(parser)
    parser.add_argument("--drop", metavar="PART", action="append", default=[], help="a stored part to leave out")
    reason_option(parser)
    format_option(parser, csv=False)


def _update(context: Context, args: Namespace) -> int:
    from certtui.model.container import ContainerContent

    if not (args.certificate or args.part or args.drop):
        raise Usage("Nothing new was given.", "Add --certificate, --part or --drop.")
    with context.open() as backend, reason_asked():
        container = find(backend, args.container)
        certificate = backend.certificates.resolve(args.certificate) if args.certificate else None
        parts = None
        if args.part or args.drop:
            parts = {part.name: part.secret_id for part in container.parts if part.secret_id is not None}
            for name in args.drop:
                if parts.pop(name, None) is None:
                    raise Usage(
                        f"{container.row.name} has no stored part {name}.", "`certtui container show` lists them."
                    )
            parts |= _parts(backend, args.part)
            context.unlock(backend)
        content = ContainerContent(certificate, parts, args.reason)
        container = backend.containers.update(container.id, container.version, content)
        return told(backend, container, args.format, _now(container))


def _rollback_arguments(parser: Parser) -> None:
    reference(parser)
    parser.add_argument("--to", metavar="N", type=count, help="the version to go back to (default: the one before)")
    format_option(parser, csv=False)


def _rollback(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        container = find(backend, args.container)
        container = backend.containers.rollback(container.id, container.version, to=args.to)
        return told(backend, container, args.format, _now(container))


def _check_arguments(parser: Parser) -> None:
    reference(parser)
    format_option(parser, csv=False)


def _check(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        container = find(backend, args.container)
        context.unlock(backend)
        checked = backend.containers.check(container.id)
    if args.format == "json":
        output.json_object(documents.of_check(container, checked))
    else:
        output.lines([checked.summary])
        output.lines((f"{one.part}: {one.problem}" for one in checked.problems), indent="  ")
    return 0 if checked.ok else 1


def _delete_arguments(parser: Parser) -> None:
    reference(parser)
    yes_option(parser)
    format_option(parser, csv=False)


def _delete(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        container = find(backend, args.container)
        show_consumers(container.consumers)
        if not args.yes:
            _ask(f"Delete the container {container.row.name}? Its reference leads nowhere then.")
        confirmed = [one.id for one in container.consumers]
        backend.containers.delete(container.id, container.version, consumers=confirmed)
    if args.format == "json":
        output.json_object({"deleted": container.id, "name": container.row.name})
    terminal.say(f"Deleted {container.row.name} (id {container.id}).")
    return 0


COMMANDS = {
    "container create": (_create_arguments, _create),
    "container list": (_list_arguments, _list),
    "container show": (_show_arguments, _show),
    "container edit": (_edit_arguments, _edit),
    "container update": (_update_arguments, _update),
    "container rollback": (_rollback_arguments, _rollback),
    "container check": (_check_arguments, _check),
    "container delete": (_delete_arguments, _delete),
}


def reference(parser: Parser) -> None:
    """A CONTAINER argument."""
    parser.add_argument("container", metavar="CONTAINER", help="a reference, its URL, an id or a name")


def find(backend: Backend, text: str) -> Container:
    """The container that is meant. Raises `NotFound`, `Ambiguous`."""
    return backend.containers.get(backend.containers.resolve(text))


def shown_reference(backend: Backend, ref: str) -> str:
    """What consumers call it by: over a server its URL."""
    from certtui.model.container import reference_of

    return reference_of(ref, backend.info.place if backend.info.kind == "remote" else "")


def told(backend: Backend, container: Container, form: str, sentence: str) -> int:
    """Say what was done, and print the container where JSON is wanted."""
    where = shown_reference(backend, container.row.ref)
    if form == "json":
        output.json_object(documents.of_whole_container(container, where))
    terminal.say(sentence, f"Its reference is {where}")
    return 0


def show_consumers(consumers: Sequence[Consumer]) -> None:
    """Who would be without it, before anybody is asked."""
    from certtui.model.consumer import consumer_words

    for one in consumers:
        has = f"has version {one.fetched_number}" if one.fetched_number else "has none yet"
        terminal.say(f"  used by {consumer_words(one)} ({has})")


def consumer_texts(consumer: Consumer) -> tuple[object, ...]:
    """The line of a consumer in a table."""
    used = " ".join(filter(None, (consumer.resource_type, consumer.resource)))
    has = f"{consumer.fetched_number}{' (behind)' if consumer.behind else ''}" if consumer.fetched_number else "none"
    return consumer.id, consumer.container, consumer.service, used, has, output.minute(consumer.fetched_at)


def _part_option(parser: Parser) -> None:
    parser.add_argument(
        "--part", metavar="NAME=SECRET", action="append", default=[], help="a stored secret as a part, by id or name"
    )


def _parts(backend: Backend, given: Sequence[str]) -> dict[str, int]:
    """Ids of stored secrets by the names of the parts. Raises `Usage`, `NotFound`."""
    parts: dict[str, int] = {}
    for text in given:
        name, equals, secret = text.partition("=")
        if not (name and equals and secret):
            raise Usage(f"--part takes NAME=SECRET, not {text}.", "Write private_key=shop-key, for instance.")
        if name in parts:
            raise Usage(f"The part {name} is given twice.", "Give it once.")
        parts[name] = backend.secrets.resolve(secret)
    return parts


def _ask(question: str) -> None:
    if not terminal.can_ask():
        raise Usage("Nobody can be asked whether to delete.", "Add --yes.")
    if not terminal.confirm(question):
        raise CerttuiError("Nothing was deleted.")


def _now(container: Container) -> str:
    row = container.row
    holds = f"{row.certificate} (id {row.certificate_id})" if row.certificate_id else ", ".join(row.parts)
    return f"{row.name} gives out version {row.number} now: {holds}."


def _part_words(name: str, about: str, secret: str) -> str:
    return f"{name}: {about}{f' (stored as {secret})' if secret else ''}"


def _version_texts(one: object) -> tuple[object, ...]:
    from certtui.model.container import ContainerVersion

    assert isinstance(one, ContainerVersion)  # noqa: S101 - what the backend gives
    held = one.certificate or ", ".join(one.parts) or "gone"
    return one.number, held, output.day(one.not_after), one.reason, output.minute(one.created_at), one.created_by


def _texts(row: ContainerRow) -> tuple[object, ...]:
    until = output.day(row.not_after)
    held = row.certificate or ", ".join(row.parts)
    return row.id, row.name, row.type.value, row.status.value, row.number, held, until, row.consumer_count, row.ref
