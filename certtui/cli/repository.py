"""`certtui repository`: places that group certificates by data source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.cli import output, terminal
from certtui.cli.arguments import Parser, Usage, format_option, yes_option
from certtui.cli.listing import rows_of, sort_option
from certtui.cli.repository_words import of_plan, of_repository, of_whole, sentence_of, source_options, typed_source
from certtui.errors import CerttuiError

if TYPE_CHECKING:
    from argparse import Namespace

    from certtui.backend.base import Backend
    from certtui.cli.context import Context
    from certtui.model.repository import Repository, RepositoryRow, ResetPlan

_SHOWN = 20
_COLUMNS = (
    output.Column("ID", right=True),
    output.Column("NAME", least=12),
    output.Column("DATA SOURCE"),
    output.Column("STATE"),
    output.Column("CERTIFICATES", right=True),
    output.Column("CA", least=8),
    output.Column("GROUP", least=6),
    output.Column("CREATED"),
)
_CSV = (
    *(
        "id",
        "name",
        "business_group",
        "data_source",
        "state",
        "certificates",
        "ca_id",
        "ca",
        "created_at",
        "created_by",
    ),
)
RISKS = "I understand the risks of the reset operation and confirm the operation"


def _list_arguments(parser: Parser) -> None:
    parser.add_argument("filter", metavar="FILTER", nargs="*", help="words and conditions: source:private, state:reset")
    sort_option(parser, "name")
    format_option(parser)


def _list(context: Context, args: Namespace) -> int:
    from certtui.model.query import Query, Sort

    with context.open() as backend:
        listing = backend.repositories.search(Query(" ".join(args.filter), Sort.parse(args.sort)))
        try:
            rows = rows_of(listing)
            match args.format:
                case "table":
                    if not output.table(_COLUMNS, map(_texts, rows)) and not args.filter:
                        terminal.say("There are no repositories. `certtui repository create` makes one.")
                case "json":
                    output.json_array(map(of_repository, rows))
                case _:
                    output.csv(_CSV, map(of_repository, rows))
        finally:
            listing.close()
    return 0


def _show_arguments(parser: Parser) -> None:
    _name(parser)
    format_option(parser, csv=False)


def _show(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        repository = find(backend, args.name)
    if args.format == "json":
        output.json_object(of_whole(repository))
        return 0
    row = repository.row
    output.fields(
        [
            ("Name", row.name),
            ("Id", row.id),
            ("Data source", row.data_source.label if row.data_source else ""),
            ("State", sentence_of(row)),
            ("Certificates", row.certificates),
            ("CA", row.ca_name),
            ("Policies", [f"{one.name} ({one.outcome})" for one in repository.policies]),
            ("Group", row.business_group or "shared by all"),
            ("Created", f"{output.minute(row.created_at)} by {row.created_by}"),
        ]
    )
    if row.certificates:
        terminal.say(f"`certtui list 'repository:\"{row.name}\"'` lists what is filed there.")
    return 0


def _create_arguments(parser: Parser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", default="", help="what to call it; made up when left out")
    source_options(parser)
    parser.add_argument("--group", default="", help="the business group that owns it; without, all share it")
    format_option(parser, csv=False)


def _create(context: Context, args: Namespace) -> int:
    from certtui.model.repository import RepositoryForm

    with context.open(create=True) as backend:
        source = typed_source(backend, args)
        repository = backend.repositories.create(RepositoryForm(source, args.name, args.group))
    return _told(repository, args.format, f"Made the repository {repository.name} (id {repository.id}).")


def _rename_arguments(parser: Parser) -> None:
    _name(parser)
    parser.add_argument("new_name", metavar="NEW-NAME", help="what to call it from now on")
    format_option(parser, csv=False)


def _rename(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        before = find(backend, args.name)
        repository = backend.repositories.rename(before.id, before.version, args.new_name)
    return _told(repository, args.format, f"{before.name} is called {repository.name} now.")


def _reset_arguments(parser: Parser) -> None:
    _name(parser)
    yes_option(parser)
    format_option(parser, csv=False)


def _reset(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        plan = backend.repositories.plan_reset(backend.repositories.resolve(args.name))
        if not args.yes:
            _ask_to_reset(plan)
        repository = backend.repositories.reset(plan.repository_id, plan.version, leaving=plan.total)
    if args.format == "json":
        output.json_object({**of_whole(repository), "left": of_plan(plan)})
    terminal.say(f"Reset {plan.name}: {_counted(plan.total)} left it, and stayed in the inventory.")
    return 0


def _enable_arguments(parser: Parser) -> None:
    _name(parser)
    source_options(parser)
    format_option(parser, csv=False)


def _enable(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        before = find(backend, args.name)
        repository = backend.repositories.enable(before.id, before.version, typed_source(backend, args))
    return _told(repository, args.format, f"{repository.name} is {sentence_of(repository.row)}.")


def _delete_arguments(parser: Parser) -> None:
    _name(parser)
    yes_option(parser)
    format_option(parser, csv=False)


def _delete(context: Context, args: Namespace) -> int:
    from certtui.model.repository_states import RepositoryEvent, moved

    with context.open() as backend:
        repository = find(backend, args.name)
        moved(RepositoryEvent.DELETE, repository.row.state, repository.name)
        if not args.yes:
            if not terminal.can_ask():
                raise Usage("Nobody can be asked whether to delete.", "Add --yes.")
            if not terminal.confirm(f"Delete the repository {repository.name}? This can't be undone."):
                raise CerttuiError("Nothing was deleted.")
        backend.repositories.delete(repository.id, repository.version)
    if args.format == "json":
        output.json_object({"deleted": repository.id, "name": repository.name})
    terminal.say(f"Deleted {repository.name} (id {repository.id}).")
    return 0


COMMANDS = {
    "repository create": (_create_arguments, _create),
    "repository list": (_list_arguments, _list),
    "repository show": (_show_arguments, _show),
    "repository rename": (_rename_arguments, _rename),
    "repository reset": (_reset_arguments, _reset),
    "repository enable": (_enable_arguments, _enable),
    "repository delete": (_delete_arguments, _delete),
}


def find(backend: Backend, reference: str) -> Repository:
    """The repository that is meant. Raises `NotFound`, `Ambiguous`."""
    return backend.repositories.get(backend.repositories.resolve(reference))


def _name(parser: Parser) -> None:
    parser.add_argument("name", metavar="REPO", help="the id or name of a repository")


def _told(repository: Repository, form: str, sentence: str) -> int:
    if form == "json":
        output.json_object(of_whole(repository))
    terminal.say(sentence)
    return 0


def _texts(row: RepositoryRow) -> tuple[object, ...]:
    source = row.data_source.value if row.data_source else "-"
    return (
        *(row.id, row.name, source, row.state, row.certificates, row.ca_name, row.business_group),
        output.day(row.created_at),
    )


def _counted(number: int) -> str:
    return "1 certificate" if number == 1 else f"{number} certificates"


def _ask_to_reset(plan: ResetPlan) -> None:
    if not terminal.can_ask():
        raise Usage("Nobody can be asked whether to reset.", "Add --yes.")
    terminal.say(f"{_counted(plan.total)} will leave {plan.name}, and stay in the inventory. This can't be undone.")
    for one in plan.certificates[:_SHOWN]:
        terminal.say(f"  {one.name}, until {output.day(one.not_after)}")
    if plan.total > _SHOWN:
        terminal.say(f"  and {plan.total - _SHOWN} more: `certtui list 'repository:\"{plan.name}\"'`")
    if plan.ca_name:
        terminal.say(f"The CA {plan.ca_name} is free then, and what it issues is filed here no more.")
    if plan.policies:
        terminal.say(f"Attached no more: {', '.join(plan.policies)}.")
    if not terminal.confirm(f"{RISKS}."):
        raise CerttuiError("Nothing was reset.")
