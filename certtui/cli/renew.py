"""`certtui renew`: one certificate now, or everything whose time has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.cli import documents_orders as documents
from certtui.cli import output, terminal
from certtui.cli.arguments import Parser, Usage, format_option
from certtui.cli.certificates import find
from certtui.renewing import renewed_already

if TYPE_CHECKING:
    from argparse import Namespace

    from certtui.backend.base import Backend
    from certtui.cli.context import Context
    from certtui.model.renewal import Renewal

_COLUMNS = (
    output.Column("ID", right=True),
    output.Column("NAME", least=12),
    output.Column("EXPIRES"),
    output.Column("DUE SINCE"),
    output.Column("AUTHORITY"),
    output.Column("WHY", least=16),
)


def arguments(parser: Parser) -> None:
    """The arguments of `renew`."""
    parser.add_argument("certificate", metavar="CERT", nargs="?", help="the id or name of one certificate, due or not")
    parser.add_argument("--due", action="store_true", help="everything whose time has come")
    parser.add_argument("--dry-run", action="store_true", help="with --due: tell what would be renewed, change nothing")
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--take-over",
        action="store_const",
        const=True,
        dest="take_over",
        help="with CERT: the new one takes its place on its resources (unless the profile says otherwise)",
    )
    which.add_argument(
        "--leave", action="store_const", const=False, dest="take_over", help="with CERT: its resources stay with it"
    )
    format_option(parser, csv=False)


def run(context: Context, args: Namespace) -> int:
    """Renew; the exit code is 3 where something is due and could not be renewed."""
    if bool(args.certificate) == args.due:
        raise Usage("One certificate is named, or --due is given.", "Write `renew NAME`, or `renew --due`.")
    if args.dry_run and not args.due:
        raise Usage("--dry-run goes with --due.", "`certtui show NAME` tells when a certificate renews itself.")
    if args.due and args.take_over is not None:
        raise Usage("--take-over and --leave are about one certificate.", "Name it in place of --due.")
    with context.open() as backend:
        if args.dry_run:
            return _foreseen(backend, args)
        context.unlock(backend)
        return _due(backend, args) if args.due else _one(backend, args)


COMMANDS = {"renew": (arguments, run)}


def _one(backend: Backend, args: Namespace) -> int:
    certificate = find(backend, args.certificate)
    order = backend.certificates.renew(certificate.id, certificate.version, take_over=args.take_over)
    if args.format == "json":
        output.json_object(documents.of_whole_order(order))
    terminal.say(f"Order {order.id} renews {certificate.row.name}: it is {order.row.status}.")
    if already := renewed_already(certificate):
        terminal.say(f"{already} Now there is one more.")
    if order.row.status == "failed":
        terminal.say(*((order.error.message, order.error.words) if order.error is not None else ()))
        return 1
    return 0


def _due(backend: Backend, args: Namespace) -> int:
    report = backend.renewals.run_due()
    if args.format == "json":
        output.json_object({"orders": list(report.orders), "problems": list(report.problems)})
    for order_id in report.orders:
        order = backend.orders.get(order_id)
        terminal.say(f"Order {order_id} renews {order.row.name}: it is {order.row.status}.")
    if not report.orders and not report.problems:
        terminal.say("Nothing is due.")
    terminal.say(*report.problems)
    return 3 if report.problems else 0


def _foreseen(backend: Backend, args: Namespace) -> int:
    due = backend.renewals.due()
    if args.format == "json":
        output.json_array(map(documents.of_renewal, due))
    elif not output.table(_COLUMNS, map(_texts, due)):
        terminal.say("Nothing is due.")
    return 0


def _texts(each: Renewal) -> tuple[object, ...]:
    why = each.blocked or each.cname or each.why
    return (
        each.certificate_id, each.name, output.day(each.not_after), output.day(each.due_at), each.authority or "-", why,
    )  # fmt: skip
