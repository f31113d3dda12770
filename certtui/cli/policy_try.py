"""`certtui policy`: trying one on the inventory, ready-made ones, and waivers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.cli import output, terminal
from certtui.cli.arguments import Parser, Usage, count, format_option
from certtui.cli.policy import WAIVERS, find, from_file, of_policy, of_waiver, waiver_texts
from certtui.clock import Clock, rfc3339

if TYPE_CHECKING:
    from argparse import Namespace
    from datetime import datetime

    from certtui.cli.context import Context
    from certtui.cli.output import Document
    from certtui.model.policy import DryRunFinding, PolicyDryRun, PolicyForm

_FINDINGS = (
    output.Column("ID", right=True),
    output.Column("CERTIFICATE", least=12),
    output.Column("RULE"),
    output.Column("WHAT", least=20),
    output.Column("WAIVER", right=True),
)
_SETS = (
    output.Column("SET", least=8),
    output.Column("POLICY", least=12),
    output.Column("OUTCOME"),
    output.Column("ABOUT", least=8),
    output.Column("RULES", least=12),
)
_NEW_POLICIES = (
    output.Column("ID", right=True),
    output.Column("NAME", least=12),
    output.Column("OUTCOME"),
)


def _dry_run_arguments(parser: Parser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", help="the id or name of a policy, enabled or not")
    parser.add_argument("--file", metavar="FILE", help="a policy that is not here yet, as JSON; - for standard input")
    parser.add_argument(
        "--limit", type=count, default=100, metavar="N", help="so many findings in a table (default: 100)"
    )
    parser.add_argument("--fail-if-any", action="store_true", help="end with 1 when something would fail")
    format_option(parser)


def _dry_run(context: Context, args: Namespace) -> int:
    from certtui.model.policy_words import dry_run_sentence

    if (args.name is None) == (args.file is None):
        raise Usage("One policy is tried at a time.", "Give NAME, or --file FILE.")
    form = from_file(args.file)
    line = _Line() if terminal.width(2) else None
    with context.open() as backend:
        run = backend.policies.dry_run(form if form is not None else find(backend, args.name).id, line)
    if line is not None:
        terminal.clear_line()
    match args.format:
        case "table":
            output.table(_FINDINGS, map(_texts, run.findings[: args.limit]))
            if len(run.findings) > args.limit:
                terminal.say(f"The first {args.limit} findings are shown; --limit shows more.")
        case "json":
            output.json_object(_of_run(run))
        case _:
            output.csv(
                ("certificate_id", "certificate", "rule", "message", "waiver_id"), map(_of_finding, run.findings)
            )
    terminal.say(dry_run_sentence(run))
    return 1 if args.fail_if_any and run.failing else 0


def _sets_arguments(parser: Parser) -> None:
    format_option(parser, csv=False)


def _sets(context: Context, args: Namespace) -> int:
    from certtui.model.policy import PolicyRules, PolicyScope
    from certtui.model.policy_words import rules_in_short, scope_in_short

    with context.open() as backend:
        sets = backend.policies.sets()
    if args.format == "json":
        output.json_array(
            {"name": each.name, "description": each.description, "policies": [_of_form(one) for one in each.policies]}
            for each in sets
        )
        return 0
    output.table(
        _SETS,
        (
            (
                each.name,
                form.name,
                form.outcome,
                scope_in_short(form.scope or PolicyScope()),
                rules_in_short(form.rules or PolicyRules()),
            )
            for each in sets
            for form in each.policies
        ),
    )
    terminal.say("`certtui policy add-set SET` adds the policies of one; they are not enabled then.")
    return 0


def _add_set_arguments(parser: Parser) -> None:
    parser.add_argument("name", metavar="SET", help="the name of a set, as `policy sets` has it")
    format_option(parser, csv=False)


def _add_set(context: Context, args: Namespace) -> int:
    with context.open(create=True) as backend:
        added = backend.policies.add_set(args.name)
    if args.format == "json":
        output.json_array(of_policy(each.row) for each in added)
    else:
        output.table(_NEW_POLICIES, ((each.id, each.name, each.row.outcome) for each in added))
    if added:
        terminal.say(f"Added {len(added)} policies, not enabled: try each by dry-run, then enable it.")
    else:
        terminal.say("All policies of this set are here already.")
    return 0


def _waive_arguments(parser: Parser) -> None:
    parser.add_argument("name", metavar="NAME", help="the id or name of a soft policy")
    parser.add_argument("--owner", required=True, help="who answers for it")
    parser.add_argument("--reason", required=True, help="why the policy need not hold")
    parser.add_argument(
        "--until", metavar="DAYS|DATE", required=True, help="for so many days, or until that day begins"
    )
    parser.add_argument("--entry", metavar="PATTERN", default="", help="for entries that are called so, with * and ?")
    parser.add_argument(
        "--names", metavar="PATTERN", action="append", default=[], help="for requests all of whose names fit"
    )
    format_option(parser, csv=False)


def _waive(context: Context, args: Namespace) -> int:
    from certtui.model.policy import WaiverForm

    until = _until(args.until, context.clock or Clock())
    with context.open() as backend:
        form = WaiverForm(
            policy_id=backend.policies.resolve(args.name),
            owner=args.owner,
            reason=args.reason,
            expires_at=until,
            entry=args.entry,
            names=tuple(args.names),
        )
        waiver = backend.policies.waive(form)
    if args.format == "json":
        output.json_object(of_waiver(waiver))
    terminal.say(f"Waiver {waiver.id} from {waiver.policy_name} counts until {output.minute(waiver.expires_at)}.")
    return 0


def _waivers_arguments(parser: Parser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", help="the id or name of a policy (default: all)")
    format_option(parser)


def _waivers(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        policy_id = None if args.name is None else backend.policies.resolve(args.name)
        waivers = backend.policies.list_waivers(policy_id)
    match args.format:
        case "table":
            if not output.table(WAIVERS, map(waiver_texts, waivers)):
                terminal.say("There are no waivers.")
        case "json":
            output.json_array(map(of_waiver, waivers))
        case _:
            names = "id policy_id policy owner reason expires_at entry names created_at created_by"
            output.csv(names.split(), map(of_waiver, waivers))
    return 0


def _unwaive_arguments(parser: Parser) -> None:
    parser.add_argument("id", metavar="ID", type=count, help="the waiver's number, as `policy waivers` has it")


def _unwaive(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        backend.policies.remove_waiver(args.id)
    terminal.say(f"Waiver {args.id} counts no more.")
    return 0


COMMANDS = {
    "policy dry-run": (_dry_run_arguments, _dry_run),
    "policy sets": (_sets_arguments, _sets),
    "policy add-set": (_add_set_arguments, _add_set),
    "policy waive": (_waive_arguments, _waive),
    "policy waivers": (_waivers_arguments, _waivers),
    "policy unwaive": (_unwaive_arguments, _unwaive),
}


class _Line:
    """One line on standard error that is written over, at most once a percent."""

    def __init__(self) -> None:
        self._shown = -1

    def __call__(self, done: int, total: int | None) -> None:
        percent = 100 * done // max(1, total or 0)
        if percent != self._shown:
            self._shown = percent
            terminal.write_line(f"{percent:3d} %  {done} of {total or 0} certificates")


def _until(text: str, clock: Clock) -> datetime:
    """So many days from now, or the begin of a day."""
    from datetime import timedelta

    from certtui.model.policy_json import day_of

    if text.isascii() and text.isdigit() and 0 < int(text[:9]) <= _LONGEST:
        return clock.now() + timedelta(days=int(text))
    try:
        return day_of(text)
    except ValueError:
        raise Usage(f"--until takes days or a date, not {text}.", "Write 90, or 2027-01-31.") from None


_LONGEST = 36_500
"""Days: a hundred years, within what dates can say."""


def _texts(found: DryRunFinding) -> tuple[object, ...]:
    finding = found.finding
    return found.certificate_id, found.certificate_name, finding.rule, finding.message, finding.waiver_id


def _of_run(run: PolicyDryRun) -> Document:
    return {
        "judged": run.judged,
        "applies": run.applies,
        "failing": run.failing,
        "waived": run.waived,
        "as_of": rfc3339(run.as_of),
        "findings": [_of_finding(each) for each in run.findings],
    }


def _of_finding(found: DryRunFinding) -> Document:
    return {
        "certificate_id": found.certificate_id,
        "certificate": found.certificate_name,
        "rule": found.finding.rule,
        "message": found.finding.message,
        "waiver_id": found.finding.waiver_id,
    }


def _of_form(form: PolicyForm) -> Document:
    from certtui.model import policy_json
    from certtui.model.policy import PolicyRules, PolicyScope

    return {
        "name": form.name,
        "description": form.description,
        "outcome": form.outcome,
        "scope": policy_json.scope_json(form.scope or PolicyScope()),
        "rules": policy_json.rules_json(form.rules or PolicyRules()),
    }
