"""`certtui authority`: the authorities that orders go to (CA profiles)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.cli import documents_orders as documents
from certtui.cli import output, terminal
from certtui.cli.arguments import Parser, Usage, count, format_option, yes_option
from certtui.cli.listing import rows_of, sort_option
from certtui.errors import CerttuiError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from certtui.backend.base import Backend
    from certtui.cli.context import Context
    from certtui.model.authority import Authority, AuthorityRow, AuthorityTest, SettingField, When
    from certtui.model.secret import Secret

_TYPES = ("local", "acme", "external")
_COLUMNS = (
    output.Column("ID", right=True),
    output.Column("NAME", least=12),
    output.Column("TYPE"),
    output.Column("ENABLED"),
    output.Column("ABOUT", least=12),
    output.Column("OPEN ORDERS", right=True),
    output.Column("TESTED"),
)


def _types_arguments(parser: Parser) -> None:
    format_option(parser, csv=False)


def _types(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        types = backend.authorities.types()
    if args.format == "json":
        output.json_array(map(documents.of_type, types))
        return 0
    for number, info in enumerate(types):
        output.lines([*([""] if number else []), f"{info.type}: {info.description}"])
        output.fields(
            [(f"  {each.key}" + (" (needed)" if each.required else ""), _about(each)) for each in info.fields]
        )
    return 0


def _about(setting: SettingField) -> str:
    """What a setting is, what it may be, and where it matters."""
    words = setting.help
    if setting.said:
        words += "".join(f" {choice}: {said}" for choice, said in zip(setting.choices, setting.said, strict=True))
    elif setting.choices:
        words += f" One of {', '.join(setting.choices)}."
    return words + (f" {_where(setting.when)}." if setting.when else "")


def _where(when: Sequence[When]) -> str:
    return "Only where " + " and ".join(f"{each.key} is {' or '.join(each.values)}" for each in when)


def _list_arguments(parser: Parser) -> None:
    parser.add_argument("filter", metavar="FILTER", nargs="*", help="words and conditions: type:local, enabled:yes")
    sort_option(parser, "name")
    format_option(parser)


def _list(context: Context, args: Namespace) -> int:
    from certtui.model.query import Query, Sort

    with context.open() as backend:
        listing = backend.authorities.search(Query(" ".join(args.filter), Sort.parse(args.sort)))
        try:
            rows = rows_of(listing)
            match args.format:
                case "table":
                    if not output.table(_COLUMNS, map(_texts, rows)) and not args.filter:
                        terminal.say("There are no authorities. `certtui authority types` tells what can be added.")
                case "json":
                    output.json_array(map(documents.of_authority, rows))
                case _:
                    output.csv(documents.AUTHORITY, map(documents.of_authority, rows))
        finally:
            listing.close()
    return 0


def _show_arguments(parser: Parser) -> None:
    _name(parser)
    format_option(parser, csv=False)


def _show(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        authority = find(backend, args.name)
    if args.format == "json":
        output.json_object(documents.of_whole_authority(authority))
        return 0
    row = authority.row
    output.fields(
        [
            ("Name", row.name),
            ("Id", row.id),
            ("Type", row.type.title),
            ("Enabled", row.enabled),
            ("Description", authority.description),
            ("Auto-renew days", authority.auto_renew_days or "never"),
            ("Open orders", row.open_orders),
            *((key, value.splitlines()) for key, value in sorted(authority.settings.items())),
            ("Secrets set", ", ".join(authority.secrets_set)),
            ("Templates", ", ".join(authority.capabilities.templates)),
            *((line.label, line.text) for line in authority.panel),
            ("Tested", output.minute(row.tested_at)),
        ]
    )
    _lines([(line.label, line.ok, line.text) for line in authority.last_test])
    return 0


def _settings(parser: Parser) -> None:
    parser.add_argument(
        "--set",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="a setting of its type (again for more; \\n for a new line)",
    )
    parser.add_argument(
        "--secret-file",
        metavar="KEY=FILE",
        action="append",
        default=[],
        help="a secret of its type: the first line of FILE, - for standard input",
    )
    parser.add_argument("--ask-secret", metavar="KEY", action="append", default=[], help="ask for a secret of its type")
    parser.add_argument("--description", help="what it is for")
    parser.add_argument(
        "--auto-renew", metavar="DAYS", type=count, help="default for what it issues (7 unless said); 0 for never"
    )


def _add_arguments(parser: Parser) -> None:
    parser.add_argument("name", metavar="NAME", help="what to call it")
    parser.add_argument("--type", choices=_TYPES, required=True, help="what kind of authority it is; stays so")
    _settings(parser)
    parser.add_argument("--disabled", action="store_true", help="no orders go to it yet")
    parser.add_argument("--test", action="store_true", help="test it at once")
    format_option(parser, csv=False)


def _add(context: Context, args: Namespace) -> int:
    from certtui.model.authority import AuthorityForm, AuthorityType

    form = AuthorityForm(
        name=args.name,
        type=AuthorityType(args.type),
        enabled=not args.disabled,
        description=args.description,
        auto_renew_days=args.auto_renew,
        settings=_pairs(args.set),
        secrets=_secrets(args),
    )
    with context.open(create=True) as backend:
        if form.secrets:
            context.unlock(backend)
        authority = backend.authorities.add(form)
        return _told(context, backend, authority, args, f"Added {authority.row.name} (id {authority.row.id}).")


def _edit_arguments(parser: Parser) -> None:
    _name(parser)
    parser.add_argument("--rename", metavar="NAME", help="another name")
    _settings(parser)
    parser.add_argument("--test", action="store_true", help="test it at once")
    format_option(parser, csv=False)


def _edit(context: Context, args: Namespace) -> int:
    from certtui.model.authority import AuthorityForm

    form = AuthorityForm(
        name=args.rename,
        description=args.description,
        auto_renew_days=args.auto_renew,
        settings=_pairs(args.set),
        secrets=_secrets(args),
    )
    with context.open() as backend:
        if form.secrets:
            context.unlock(backend)
        authority = find(backend, args.name)
        authority = backend.authorities.edit(authority.row.id, authority.row.version, form)
        return _told(context, backend, authority, args, f"Changed {authority.row.name} (id {authority.row.id}).")


def _told(context: Context, backend: Backend, authority: Authority, args: Namespace, said: str) -> int:
    """Say what was done, and test where that was asked; the exit code."""
    test: AuthorityTest | None = None
    if args.test:
        context.unlock(backend)
        test = backend.authorities.test(authority.row.id)
        authority = backend.authorities.get(authority.row.id)
    if args.format == "json":
        output.json_object(documents.of_whole_authority(authority))
    terminal.say(said)
    _tell_not_kept(backend, authority, _pairs(args.set))
    if test is None:
        return 0
    if args.format == "table":
        _lines([(line.label, line.ok, line.text) for line in test.lines])
    return 0 if test.ok else 1


def _tell_not_kept(backend: Backend, authority: Authority, typed: dict[str, str]) -> None:
    """Settings that were typed, and don't matter as the profile is: nobody is to think that they do something."""
    left = [key for key, value in typed.items() if value.strip() and key not in authority.settings]
    if not left:
        return
    fields = {
        each.key: each
        for info in backend.authorities.types()
        if info.type is authority.row.type
        for each in info.fields
    }
    for key in left:
        when = fields[key].when if key in fields else ()
        terminal.say(f"{key} was not kept. {_where(when)}." if when else f"{key} was not kept.")


def _test_arguments(parser: Parser) -> None:
    _name(parser)
    format_option(parser, csv=False)


def _test(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        context.unlock(backend)
        test = backend.authorities.test(backend.authorities.resolve(args.name))
    if args.format == "json":
        output.json_object(documents.of_test(test))
    else:
        _lines([(line.label, line.ok, line.text) for line in test.lines])
    return 0 if test.ok else 1


def _lines(lines: list[tuple[str, bool, str]]) -> None:
    wide = max((len(label) for label, _, _ in lines), default=0)
    output.lines(f"{'ok' if ok else 'FAILED':<6}  {label:<{wide}}  {text}" for label, ok, text in lines)


def _switch_arguments(parser: Parser) -> None:
    _name(parser)
    format_option(parser, csv=False)


def _enable(context: Context, args: Namespace) -> int:
    return _switched(context, args, on=True)


def _disable(context: Context, args: Namespace) -> int:
    return _switched(context, args, on=False)


def _switched(context: Context, args: Namespace, *, on: bool) -> int:
    from certtui.model.authority import AuthorityForm

    with context.open() as backend:
        authority = find(backend, args.name)
        authority = backend.authorities.edit(authority.row.id, authority.row.version, AuthorityForm(enabled=on))
    if args.format == "json":
        output.json_object(documents.of_whole_authority(authority))
        return 0
    open_orders = authority.row.open_orders
    more = f" {open_orders} open orders go on." if open_orders and not on else ""
    terminal.say(f"{authority.row.name} takes {'orders' if on else 'no orders any more'}.{more}")
    return 0


def _remove_arguments(parser: Parser) -> None:
    _name(parser)
    yes_option(parser)
    format_option(parser, csv=False)


def _remove(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        authority = find(backend, args.name)
        if not args.yes:
            if not terminal.can_ask():
                raise Usage("Nobody can be asked whether to remove it.", "Add --yes.")
            if not terminal.confirm(f"Remove {authority.row.name} with its settings and secrets?"):
                raise CerttuiError("Nothing was removed.")
        backend.authorities.remove(authority.row.id, authority.row.version)
    if args.format == "json":
        output.json_object({"removed": authority.row.id, "name": authority.row.name})
    else:
        terminal.say(f"Removed {authority.row.name} (id {authority.row.id}).")
    return 0


COMMANDS = {
    "authority types": (_types_arguments, _types),
    "authority list": (_list_arguments, _list),
    "authority show": (_show_arguments, _show),
    "authority add": (_add_arguments, _add),
    "authority edit": (_edit_arguments, _edit),
    "authority test": (_test_arguments, _test),
    "authority enable": (_switch_arguments, _enable),
    "authority disable": (_switch_arguments, _disable),
    "authority remove": (_remove_arguments, _remove),
}


def _name(parser: Parser) -> None:
    parser.add_argument("name", metavar="NAME", help="the id or name of an authority")


def find(backend: Backend, reference: str) -> Authority:
    """The profile that is meant. Raises `NotFound`, `Ambiguous`."""
    return backend.authorities.get(backend.authorities.resolve(reference))


def _pairs(typed: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in typed:
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise Usage(f"{text!r} is no setting.", "Write --set KEY=VALUE.")
        found[key.strip()] = value.replace("\\n", "\n")
    return found


def _secrets(args: Namespace) -> dict[str, Secret]:
    found: dict[str, Secret] = {}
    for text in args.secret_file:
        key, equals, file = text.partition("=")
        if not equals or not key.strip():
            # What was typed may be the secret itself: it is not said again.
            raise Usage("--secret-file needs KEY=FILE.", "Write the secret into a file of mode 0600 and name it.")
        found[key.strip()] = terminal.secret_from(file)
    for key in args.ask_secret:
        if not terminal.can_ask():
            raise Usage("Nobody can be asked for a secret.", "Use --secret-file KEY=FILE.")
        found[key] = terminal.ask_secret(key)
    return found


def _texts(row: AuthorityRow) -> tuple[object, ...]:
    tested = f"{output.day(row.tested_at)} {'ok' if row.test_ok else 'failed'}" if row.tested_at else "never"
    return row.id, row.name, row.type.title, row.enabled, row.summary, row.open_orders, tested
