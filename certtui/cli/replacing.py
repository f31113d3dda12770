"""`certtui replace`: the associations of a certificate move to its renewal, and the lineage is recorded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from certtui.cli import documents, files, output, terminal
from certtui.cli.arguments import Parser, Usage, format_option, password_option, yes_option
from certtui.cli.certificates import find, reference
from certtui.cli.reasons import reason_asked, reason_option
from certtui.errors import CerttuiError, NotFound

if TYPE_CHECKING:
    from argparse import Namespace

    from certtui.backend.base import Backend
    from certtui.cli.context import Context
    from certtui.model.certificate import AssociationMove, Certificate, ReplacementPlan

_COLUMNS = (
    output.Column("RESOURCE", least=10),
    output.Column("TYPE"),
    output.Column("ENDPOINT", least=10),
    output.Column("ROLE"),
    output.Column("MOVES"),
    output.Column("WHY", least=16),
)


def arguments(parser: Parser) -> None:
    """The arguments of `replace`."""
    reference(parser, "old", metavar="OLD")
    parser.add_argument(
        "new", metavar="NEW", help="the renewal: a certificate of the inventory, or a file, imported then"
    )
    parser.add_argument("--key", metavar="FILE", help="the private key, where NEW is a file without it")
    password_option(parser, "the password of an encrypted file")
    parser.add_argument("--dry-run", action="store_true", help="print the plan, change nothing")
    reason_option(parser)
    yes_option(parser)
    format_option(parser, csv=False)


def run(context: Context, args: Namespace) -> int:
    """Print the plan and carry it out."""
    with context.open() as backend:
        old = find(backend, args.old)
        new_id = _renewal(context, backend, args, old)
        plan = backend.certificates.plan_replacement(old.id, new_id)
        new = backend.certificates.get(new_id)
        if args.format == "table":
            _show(plan, old, new)
        if not args.dry_run:
            _confirm(args, plan)
            backend.certificates.replace(plan)
    if args.format == "json":
        output.json_object(documents.of_plan(plan, done=not args.dry_run))
    if not args.dry_run:
        moved = sum(move.move for move in plan.moves)
        terminal.say(f"{new.row.name} (id {new.id}) replaces {old.row.name} (id {old.id}); {moved} associations moved.")
    return 0


COMMANDS = {"replace": (arguments, run)}


def _renewal(context: Context, backend: Backend, args: Namespace, old: Certificate) -> int:
    path = Path(args.new).expanduser()
    is_file = args.new == files.STANDARD_INPUT or path.is_file()
    try:
        known = backend.certificates.resolve(args.new)
    except NotFound:
        # An ambiguous name is also "not found": a file of that name decides then.
        if not is_file:
            raise
    else:
        if not args.key:
            return known
    if not is_file:
        raise Usage("--key goes with a file.", "Leave it out: the inventory has the key of what it holds.")
    return _take(context, backend, args, old)


def _take(context: Context, backend: Backend, args: Namespace, old: Certificate) -> int:
    """The entry of the certificate in a file: one that is there, or else a new one with the old one's labels."""
    from certtui.model.certificate import Labels, NewCertificate

    inspect = context.inspect()
    names = [args.new, *([args.key] if args.key else [])]
    passwords = files.passwords_from(args.password_file)
    pairing = inspect.pair([files.material(inspect, files.source(name), passwords) for name in names])
    for known in backend.certificates.lookup(fingerprints=[pairing.leaf.fingerprint_sha256]):
        if pairing.key is None or known.has_private_key or args.dry_run:
            return known.id
    if args.dry_run:
        raise CerttuiError(
            f"{args.new} holds a certificate that is not in the inventory, and --dry-run puts nothing in.",
            f"Do certtui import {args.new} first: then the plan can be made.",
        )
    if pairing.key is not None:
        context.unlock(backend)
    labels = Labels(
        business_group=old.row.business_group, description=old.description, contact_email=old.row.contact_email
    )
    new = NewCertificate(x509=pairing.leaf, chain=pairing.chain, key=pairing.key, labels=labels, reason=args.reason)
    with reason_asked():
        (outcome,) = backend.certificates.add([new])
    terminal.say(f"Imported {outcome.name} (id {outcome.id}).")
    return outcome.id


def _show(plan: ReplacementPlan, old: Certificate, new: Certificate) -> None:
    for title, each in (("Old", old), ("New", new)):
        output.lines([f"{title}  {each.row.name} (id {each.id}), until {output.minute(each.row.not_after)}"])
    output.lines([""])
    output.table(_COLUMNS, map(_texts, plan.moves))
    for held in plan.containers:
        consumers = f", with {held.consumer_count} consumers" if held.consumer_count else ""
        output.lines([f"The container {held.name} gives out the new one{consumers}, as version {held.number + 1}."])
    for warning in plan.warnings:
        output.lines([f"! {warning}"])


def _texts(move: AssociationMove) -> tuple[object, ...]:
    return move.resource.name, move.resource.type, move.resource.endpoint, move.resource.role, move.move, move.reason


def _confirm(args: Namespace, plan: ReplacementPlan) -> None:
    """Where a person sits, the plan is confirmed; a script has asked for it by starting this."""
    if args.yes or not terminal.can_ask():
        return
    if args.format == "json":
        for move in plan.moves:
            terminal.say(f"  {move.resource.name}: {'moves' if move.move else 'stays'}. {move.reason}")
    if not terminal.confirm("Carry this out?"):
        raise CerttuiError("Nothing was moved.")
