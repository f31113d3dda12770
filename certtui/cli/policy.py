"""`certtui policy`: rules over what is issued, renewed and imported."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from certtui.cli import output, terminal
from certtui.cli.arguments import Parser, Usage, format_option, yes_option
from certtui.cli.listing import rows_of, sort_option
from certtui.cli.policy_options import clear_option, form_of, policy_options
from certtui.clock import rfc3339
from certtui.errors import CerttuiError

if TYPE_CHECKING:
    from argparse import Namespace

    from certtui.backend.base import Backend
    from certtui.cli.context import Context
    from certtui.cli.output import Document
    from certtui.model.policy import Policy, PolicyForm, PolicyRow, PolicyWaiver

_COLUMNS = (
    output.Column("ID", right=True),
    output.Column("NAME", least=12),
    output.Column("OUTCOME"),
    output.Column("ENABLED"),
    output.Column("ABOUT", least=8),
    output.Column("RULES", least=12),
    output.Column("WAIVERS", right=True),
)
_CSV = ("id", "name", "outcome", "enabled", "description", "about", "asks", "waiver_count", "created_at", "updated_at")
WAIVERS = (
    output.Column("ID", right=True),
    output.Column("POLICY", least=12),
    output.Column("FOR", least=12),
    output.Column("OWNER", least=6),
    output.Column("UNTIL"),
    output.Column("REASON", least=12),
)


def _list_arguments(parser: Parser) -> None:
    parser.add_argument("filter", metavar="FILTER", nargs="*", help="words and conditions: outcome:soft, enabled")
    sort_option(parser, "name")
    format_option(parser)


def _list(context: Context, args: Namespace) -> int:
    from certtui.model.query import Query, Sort

    with context.open() as backend:
        listing = backend.policies.search(Query(" ".join(args.filter), Sort.parse(args.sort)))
        try:
            rows = rows_of(listing)
            match args.format:
                case "table":
                    if not output.table(_COLUMNS, map(_texts, rows)) and not args.filter:
                        terminal.say("There are no policies. `certtui policy sets` shows ready-made ones.")
                case "json":
                    output.json_array(map(of_policy, rows))
                case _:
                    output.csv(_CSV, map(_of_csv, rows))
        finally:
            listing.close()
    return 0


def _show_arguments(parser: Parser) -> None:
    _name(parser)
    format_option(parser, csv=False)


def _show(context: Context, args: Namespace) -> int:
    from certtui.model.policy_words import rule_sentences, scope_sentence

    with context.open() as backend:
        policy = find(backend, args.name)
    if args.format == "json":
        output.json_object(_of_whole(policy))
        return 0
    row = policy.row
    output.fields(
        [
            ("Name", row.name),
            ("Id", row.id),
            ("Outcome", row.outcome),
            ("Enabled", row.enabled),
            ("Description", row.description),
            ("About", scope_sentence(row.scope)),
            ("Asks", [sentence for _, sentence in rule_sentences(row.rules)]),
            ("Changed", output.minute(row.updated_at)),
        ]
    )
    if policy.waivers:
        output.lines([""])
        output.table(WAIVERS, map(waiver_texts, policy.waivers))
    return 0


def _add_arguments(parser: Parser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", help="what to call it; may stand in FILE")
    parser.add_argument("--file", metavar="FILE", help="JSON as `policy show` prints it, - for standard input")
    parser.add_argument("--enable", action="store_true", help="in force at once")
    policy_options(parser)
    format_option(parser, csv=False)


def _add(context: Context, args: Namespace) -> int:
    from dataclasses import replace

    form = form_of(args, from_file(args.file))
    form = replace(form, name=args.name or form.name, enabled=args.enable or form.enabled)
    if not form.name:
        raise Usage("A policy needs a name.", "Give NAME, or a FILE that has one.")
    with context.open(create=True) as backend:
        policy = backend.policies.add(form)
    return told(policy, args.format, f"Added {policy.name} (id {policy.id}){_in_force(policy)}.")


def _edit_arguments(parser: Parser) -> None:
    _name(parser)
    parser.add_argument("--rename", metavar="NAME", help="what to call it")
    parser.add_argument("--file", metavar="FILE", help="JSON as `policy show` prints it; what it lacks stays as it is")
    policy_options(parser)
    clear_option(parser)
    format_option(parser, csv=False)


def _edit(context: Context, args: Namespace) -> int:
    from dataclasses import replace

    from certtui.model.policy import PolicyForm

    given = from_file(args.file) or PolicyForm()
    with context.open() as backend:
        policy = find(backend, args.name)
        before = replace(given, scope=given.scope or policy.row.scope, rules=given.rules or policy.row.rules)
        form = form_of(args, before)
        form = replace(form, name=args.rename or form.name)
        policy = backend.policies.edit(policy.id, policy.version, form)
    return told(policy, args.format, f"Changed {policy.name} (id {policy.id}){_in_force(policy)}.")


def _enable_arguments(parser: Parser) -> None:
    _name(parser)
    format_option(parser, csv=False)


def _enable(context: Context, args: Namespace) -> int:
    return _switch(context, args, enabled=True)


def _disable(context: Context, args: Namespace) -> int:
    return _switch(context, args, enabled=False)


def _switch(context: Context, args: Namespace, *, enabled: bool) -> int:
    from certtui.model.policy import PolicyForm

    with context.open() as backend:
        policy = find(backend, args.name)
        if policy.row.enabled != enabled:
            policy = backend.policies.edit(policy.id, policy.version, PolicyForm(enabled=enabled))
    return told(policy, args.format, f"{policy.name} is {'in force' if enabled else 'not in force any more'}.")


def _remove_arguments(parser: Parser) -> None:
    _name(parser)
    yes_option(parser)
    format_option(parser, csv=False)


def _remove(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        policy = find(backend, args.name)
        if not args.yes:
            _ask_to_remove(policy)
        backend.policies.remove(policy.id, policy.version)
    if args.format == "json":
        output.json_object({"removed": policy.id, "name": policy.name})
    else:
        terminal.say(f"Removed {policy.name} (id {policy.id}).")
    return 0


COMMANDS = {
    "policy list": (_list_arguments, _list),
    "policy show": (_show_arguments, _show),
    "policy add": (_add_arguments, _add),
    "policy edit": (_edit_arguments, _edit),
    "policy enable": (_enable_arguments, _enable),
    "policy disable": (_enable_arguments, _disable),
    "policy remove": (_remove_arguments, _remove),
}


def find(backend: Backend, reference: str) -> Policy:
    """The policy that is meant. Raises `NotFound`, `Ambiguous`."""
    return backend.policies.get(backend.policies.resolve(reference))


def from_file(name: str | None) -> PolicyForm | None:
    """The form in a file. Raises `Usage`, `Invalid`."""
    from certtui.model import policy_json

    if name is None:
        return None
    try:
        if name == "-":
            text = sys.stdin.read()
        else:
            with open(name, encoding="utf-8") as stream:  # noqa: PTH123 - pathlib costs a third of a start
                text = stream.read()
    except OSError as error:
        raise Usage(f"{name} can't be read: {error.strerror}.", "Check its path and mode.") from None
    except UnicodeDecodeError:
        raise Usage(f"{name} is not text in UTF-8.", "Name a JSON file.") from None
    return policy_json.form_of(text)


def told(policy: Policy, form: str, sentence: str) -> int:
    """Say what was done, and print the policy where JSON is wanted."""
    if form == "json":
        output.json_object(_of_whole(policy))
    terminal.say(sentence)
    return 0


def of_policy(row: PolicyRow) -> Document:
    """A policy as JSON."""
    from certtui.model import policy_json

    return {
        "id": row.id,
        "version": row.version,
        "name": row.name,
        "description": row.description,
        "enabled": row.enabled,
        "outcome": row.outcome,
        "scope": policy_json.scope_json(row.scope),
        "rules": policy_json.rules_json(row.rules),
        "waiver_count": row.waiver_count,
        "created_at": rfc3339(row.created_at),
        "updated_at": rfc3339(row.updated_at),
    }


def of_waiver(waiver: PolicyWaiver) -> Document:
    """A waiver as JSON."""
    return {
        "id": waiver.id,
        "policy_id": waiver.policy_id,
        "policy": waiver.policy_name,
        "owner": waiver.owner,
        "reason": waiver.reason,
        "expires_at": rfc3339(waiver.expires_at),
        "entry": waiver.entry,
        "names": list(waiver.names),
        "created_at": rfc3339(waiver.created_at),
        "created_by": waiver.created_by,
    }


def waiver_texts(waiver: PolicyWaiver) -> tuple[object, ...]:
    """The line of a waiver in a table."""
    about = " ".join(filter(None, (waiver.entry, *waiver.names)))
    return waiver.id, waiver.policy_name, about, waiver.owner, output.day(waiver.expires_at), waiver.reason


def _name(parser: Parser) -> None:
    parser.add_argument("name", metavar="NAME", help="the id or name of a policy")


def _of_whole(policy: Policy) -> Document:
    return {**of_policy(policy.row), "waivers": [of_waiver(each) for each in policy.waivers]}


def _of_csv(row: PolicyRow) -> Document:
    from certtui.model.policy_words import rules_in_short, scope_in_short

    return {**of_policy(row), "about": scope_in_short(row.scope), "asks": rules_in_short(row.rules)}


def _texts(row: PolicyRow) -> tuple[object, ...]:
    from certtui.model.policy_words import rules_in_short, scope_in_short

    about, asks = scope_in_short(row.scope), rules_in_short(row.rules)
    return row.id, row.name, row.outcome, row.enabled, about, asks, row.waiver_count


def _in_force(policy: Policy) -> str:
    return ", in force" if policy.row.enabled else f", not in force: `certtui policy dry-run {policy.id}` tries it"


def _ask_to_remove(policy: Policy) -> None:
    """Only what is in force is worth a question, and only a person can answer one."""
    if not policy.row.enabled and not policy.waivers:
        return
    if not terminal.can_ask():
        raise Usage("Nobody can be asked whether to remove a policy that is in use.", "Add --yes.")
    for each in policy.waivers:
        terminal.say(f"  waived for {each.entry or ' '.join(each.names)} by {each.owner}")
    if not terminal.confirm(f"Remove {policy.name}?"):
        raise CerttuiError("Nothing was removed.")
