"""`certtui revoke`: what would break, a code to type, and then for good; scripts name the serial number instead."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from certtui.cli import documents, output, terminal
from certtui.cli.arguments import Parser, Usage, format_option, yes_option
from certtui.cli.certificates import find, reference
from certtui.errors import CerttuiError, Invalid

if TYPE_CHECKING:
    from argparse import Namespace

    from certtui.cli.context import Context
    from certtui.model.certificate import Certificate, ResourceRef
    from certtui.model.revocation import RevocationForm
    from certtui.model.revocation_plan import RevocationPlan

_COLUMNS = (
    output.Column("BREAKS", least=10),
    output.Column("TYPE"),
    output.Column("ENDPOINT", least=10),
    output.Column("ROLE"),
)


def arguments(parser: Parser) -> None:
    """The arguments of `revoke`."""
    reference(parser)
    parser.add_argument(
        "--reason",
        metavar="R",
        default="unspecified",
        help="unspecified (the default), keyCompromise, cACompromise, affiliationChanged, superseded, "
        "cessationOfOperation; its code is as good",
    )
    parser.add_argument("--invalidity-date", metavar="D", help="since when its key is not to be trusted, in UTC")
    parser.add_argument("--serial", metavar="HEX", help="its serial number, with --yes: the guard against another one")
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--renew",
        action="store_const",
        const=True,
        dest="renew",
        help="a successor is ordered at once (unless said, for keyCompromise and superseded if it renews itself)",
    )
    which.add_argument(
        "--no-renew", action="store_const", const=False, dest="renew", help="no successor is ordered: nobody needs it"
    )
    parser.add_argument("--dry-run", action="store_true", help="print what would break, change nothing")
    parser.add_argument(
        "--told", action="store_true", help="it is revoked; note that a person has told its authority of it"
    )
    yes_option(parser)
    format_option(parser, csv=False)


def run(context: Context, args: Namespace) -> int:
    """Show the plan, ask for the code, revoke."""
    from certtui.model.revocation import RevocationForm, invalidity_from, reason_from

    _check(args)
    try:
        form = RevocationForm(
            args.serial or "", reason_from(args.reason), invalidity_from(args.invalidity_date or ""), args.renew
        )
    except Invalid as error:
        raise Usage(error.message, error.hint) from None
    with context.open() as backend:
        certificate = find(backend, args.certificate)
        if args.told:
            after = backend.certificates.note_authority_told(certificate.id, certificate.version)
            return _say(args, after, f"It is noted that the authority of {after.row.name} was told.")
        plan = backend.certificates.plan_revocation(certificate.id)
        if args.dry_run:
            _show_dry(args, plan)
            return 0
        after = backend.certificates.revoke(
            plan.certificate_id, plan.version, form if args.yes else _confirmed(args, certificate, plan, form)
        )
    return _say(args, after, f"{after.row.name} (id {after.id}): {after.status_reason}")


COMMANDS = {"revoke": (arguments, run)}


def _check(args: Namespace) -> None:
    """Raises `Usage` for options that don't go together, before anything is opened."""
    if args.told:
        if (
            args.serial
            or args.invalidity_date
            or args.dry_run
            or args.renew is not None
            or args.reason != "unspecified"
        ):
            raise Usage("--told is about a certificate that is revoked already.", "Leave the other options out.")
        return
    if args.dry_run:
        return
    if bool(args.yes) != bool(args.serial):
        given, missing = ("--yes", "--serial HEX") if args.yes else ("--serial", "--yes")
        raise Usage(f"{given} needs {missing} beside it.", "Scripts give both; on a terminal leave both out.")
    if not args.yes and not terminal.can_ask():
        raise Usage("Nobody can be asked for the code.", "Add --yes and --serial HEX, with its serial number.")


def _confirmed(args: Namespace, certificate: Certificate, plan: RevocationPlan, form: RevocationForm) -> RevocationForm:
    """The form with the serial number of the plan, once the code was typed. Raises `CerttuiError` when it was not."""
    from dataclasses import replace

    from certtui import confirm_code
    from certtui.model.revocation import warning_of

    if args.format == "json":
        terminal.say(*_words(plan), *(f"  {one.name} ({one.type}) {one.endpoint}" for one in plan.resources))
    else:
        _show(plan)
        sys.stdout.flush()
    is_ca = certificate.x509 is not None and certificate.x509.is_ca
    if warning := warning_of(form.reason, is_ca=is_ca):
        terminal.say(f"! {warning}")
    terminal.say(f"Reason: {form.reason}. {form.reason.meaning}")
    if form.renew is None and not plan.why_no_renewal:
        form = replace(form, renew=_asked(form, plan))
    terminal.say("This can't be undone.")
    code = confirm_code.new()
    typed = terminal.ask(f"Type {confirm_code.spaced(code)} to revoke {plan.name}")
    if not confirm_code.fits(typed, code):
        raise CerttuiError("Nothing was revoked: these are not the six digits.")
    return replace(form, serial_number=plan.serial_number)


def _asked(form: RevocationForm, plan: RevocationPlan) -> bool:
    """Whether a successor is to be ordered: what the reason suggests, unless the person says otherwise."""
    from certtui.model.revocation import renewed_after

    suggested = renewed_after(form.reason, renews_itself=plan.renews_itself)
    typed = terminal.ask(f"Order a successor, with a new key? [{'Y/n' if suggested else 'y/N'}]").strip().lower()
    if typed not in ("", "y", "yes", "n", "no"):
        raise CerttuiError("Nothing was revoked: the answer is y or n.")
    return suggested if not typed else typed.startswith("y")


def _show_dry(args: Namespace, plan: RevocationPlan) -> None:
    if args.format == "json":
        output.json_object(documents.of_revocation_plan(plan))
    else:
        _show(plan)


def _show(plan: RevocationPlan) -> None:
    output.lines([f"Revoke  {plan.name} (id {plan.certificate_id}), serial {plan.serial_number}", ""])
    if plan.resources:
        output.table(_COLUMNS, map(_texts, plan.resources))
    else:
        output.lines(["Nothing is known here to use it." if not plan.consumers else "No resource uses it."])
    output.lines(_words(plan))


def _words(plan: RevocationPlan) -> list[str]:
    from certtui.model.consumer import consumer_words

    others = [member for member in plan.lineage if member.relation != "this"]
    lineage = ", ".join(f"{member.name} (id {member.id}, {member.relation}, {member.status})" for member in others)
    return [
        *(f"Consumer: {consumer_words(each)}, by the container {each.container}" for each in plan.consumers),
        *(f"! {warning}" for warning in plan.warnings),
        plan.replacement,
        *([f"Lineage: {lineage}"] if lineage else []),
        plan.authority,
    ]


def _texts(resource: ResourceRef) -> tuple[object, ...]:
    return resource.name, resource.type, resource.endpoint, resource.role


def _say(args: Namespace, after: Certificate, sentence: str) -> int:
    if args.format == "json":
        output.json_object(documents.of_revoked(after))
    terminal.say(sentence)
    return 0
