"""`certtui order`: requests to authorities, from a form to a certificate."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from certtui.cli import documents_orders as documents
from certtui.cli import files, output, terminal
from certtui.cli.arguments import Parser, Usage, count, format_option, password_option, yes_option
from certtui.cli.listing import rows_of, sort_option
from certtui.cli.order_options import form_of, form_options, with_authority
from certtui.cli.reasons import reason_asked, reason_option, what_is_kept
from certtui.errors import CerttuiError
from certtui.model.authority import AuthorityType
from certtui.model.order import OrderStatus

if TYPE_CHECKING:
    from argparse import Namespace

    from certtui.backend.base import Backend
    from certtui.cli.context import Context
    from certtui.model.order import Order, OrderRow

FAILED, WAITS = 1, 3
"""Exit codes of an order that failed, and of one that is still waited for when `--wait` ends."""

_LOOK_EVERY = 0.5
"""Seconds from one look at an order that is waited for to the next."""

_COLUMNS = (
    output.Column("ID", right=True),
    output.Column("COMMON NAME", least=12),
    output.Column("TYPE"),
    output.Column("AUTHORITY", least=8),
    output.Column("STATUS"),
    output.Column("BY", least=6),
    output.Column("SUBMITTED"),
    output.Column("TOOK", right=True),
    output.Column("ERROR", least=8),
)


def _create_arguments(parser: Parser) -> None:
    form_options(parser)
    parser.add_argument(
        "--reference", metavar="MARK", default="", help="a mark of your own: the same mark again gives the same order"
    )
    parser.add_argument("--preview", action="store_true", help="say what would be asked, and save nothing")
    parser.add_argument(
        "--preflight", action="store_true", help="try it at the authority's staging server, and save nothing"
    )
    parser.add_argument("--generate", action="store_true", help="make key and CSR too")
    _sending(parser, "--submit")
    format_option(parser, csv=False)


def _create(context: Context, args: Namespace) -> int:
    from dataclasses import replace

    with context.open(create=True) as backend, reason_asked():
        form = replace(form_of(context, backend, args), reference=args.reference)
        if args.preflight:
            from certtui.cli.order_try import tried

            context.unlock(backend)
            return tried(backend.orders.preflight(with_authority(backend, form)), args.format)
        if args.preview:
            return _preview(backend.orders.preview(form), args.format)
        if args.submit:
            form = with_authority(backend, form)
        if args.submit or args.generate:
            context.unlock(backend)
        order = backend.orders.save(form)
        if args.submit and order.row.submitted_at is None and order.row.status.open:
            with what_is_kept(order):  # with a reference it may be there, and further on, already
                order = _sent(backend, order, args.wait)
        elif args.generate and order.row.status.value == "draft":
            order = backend.orders.generate(order.id, order.version)
    return _told(order, args.format, waited=bool(args.wait))


def _preview(preview: object, form: str) -> int:
    from certtui.model.order import OrderPreview

    assert isinstance(preview, OrderPreview)  # noqa: S101 - what the backend gives
    if form == "json":
        output.json_object(documents.of_preview(preview))
    else:
        output.fields([(line.label, line.text) for line in preview.lines])
        output.lines(f"{each.policy_name} ({each.outcome}): {each.message}" for each in preview.findings)
        for problem in preview.problems:
            terminal.say(problem)
    return FAILED if preview.problems else 0


def _sending(parser: Parser, option: str = "") -> None:
    if option:
        parser.add_argument(option, action="store_true", help="send it to the authority")
    parser.add_argument(
        "--wait",
        metavar="SECONDS",
        type=count,
        default=0,
        help="wait so long for its end, where the answer does not come at once",
    )


def _list_arguments(parser: Parser) -> None:
    parser.add_argument(
        "filter", metavar="FILTER", nargs="*", help="words and conditions: status:pending, by:ada, open"
    )
    sort_option(parser, "-created")
    parser.add_argument("--limit", metavar="N", type=count, help="at most so many")
    format_option(parser)


def _list(context: Context, args: Namespace) -> int:
    from itertools import islice

    from certtui.model.query import Query, Sort

    with context.open() as backend:
        listing = backend.orders.search(Query(" ".join(args.filter), Sort.parse(args.sort)))
        try:
            rows = islice(rows_of(listing), args.limit)
            match args.format:
                case "table":
                    if not output.table(_COLUMNS, map(_texts, rows)) and not args.filter:
                        hint = backend.orders.overview().may_add_authority
                        terminal.say("There are no orders." + (f" {hint}" if hint else ""))
                case "json":
                    output.json_array(map(documents.of_order, rows))
                case _:
                    output.csv(documents.ORDER, map(documents.of_order, rows))
        finally:
            listing.close()
    return 0


def _show_arguments(parser: Parser) -> None:
    _reference(parser)
    parser.add_argument("--csr", action="store_true", help="print the CSR alone")
    format_option(parser, csv=False)


def _show(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        order = find(backend, args.order)
    if args.csr:
        if not order.csr_pem:
            raise CerttuiError(f"The order for {order.row.name} has no CSR yet.", "`certtui order generate` makes it.")
        sys.stdout.write(order.csr_pem)
        return 0
    if args.format == "json":
        output.json_object(documents.of_whole_order(order))
        return 0
    _page(order)
    return 0


def _page(order: Order) -> None:
    row, form = order.row, order.form
    output.fields(
        [
            ("Order", f"{row.id} for {row.name}"),
            ("Status", row.status.value),
            ("Next", order.next),
            ("Authority", row.authority),
            ("Common name", form.subject.common_name),
            ("SANs", list(form.sans)),
            ("Key", order.key_algorithm or form.key_type),
            ("Template", form.template or "the default of the authority"),
            ("Days", form.days or "the default of the template"),
            ("Group", row.business_group),
            ("By", f"{row.requester} ({row.requester_kind})"),
            ("Submitted", output.minute(row.submitted_at)),
            ("Took", took(row.duration_seconds)),
            ("Certificate", row.certificate_id),
            ("Container", f"containers/{order.container_ref}" if order.container_ref else ""),
        ]
    )
    if order.error is not None:
        output.lines(["", f"Error: {order.error.message}"])
        output.lines([part for part in (order.error.words, order.error.hint) if part], indent="  ")
    output.lines(["", *(f"{output.minute(step.at)}  {step.outcome:<7}  {step.text}" for step in order.steps)])
    if order.findings:
        output.lines(["", *(f"{each.policy_name} ({each.outcome}): {each.message}" for each in order.findings)])
    if order.panel:
        output.lines([""])
        output.fields([(line.label, line.text) for line in order.panel])


def _edit_arguments(parser: Parser) -> None:
    _reference(parser)
    form_options(parser)
    format_option(parser, csv=False)


def _edit(context: Context, args: Namespace) -> int:
    with context.open() as backend, reason_asked():
        order = find(backend, args.order)
        form = form_of(context, backend, args, order.form)
        order = backend.orders.edit(order.id, order.version, form)
    return _told(order, args.format)


def _generate_arguments(parser: Parser) -> None:
    _reference(parser)
    format_option(parser, csv=False)


def _generate(context: Context, args: Namespace) -> int:
    with context.open() as backend, reason_asked():
        order = find(backend, args.order)
        context.unlock(backend)
        order = backend.orders.generate(order.id, order.version)
    if args.format == "table":
        sys.stdout.write(order.csr_pem)
    return _told(order, args.format)


def _submit_arguments(parser: Parser) -> None:
    _reference(parser)
    parser.add_argument("--csr-only", action="store_true", help="make key and CSR, and ask nobody: as `order generate`")
    _sending(parser)
    reason_option(parser)
    format_option(parser, csv=False)


def _submit(context: Context, args: Namespace) -> int:
    if args.csr_only:
        return _generate(context, args)
    with context.open() as backend, reason_asked():
        order = find(backend, args.order)
        context.unlock(backend)
        order = _sent(backend, _with_reason(backend, order, args.reason), args.wait)
    return _told(order, args.format, waited=bool(args.wait))


def _with_reason(backend: Backend, order: Order, reason: str) -> Order:
    from dataclasses import replace

    if not reason or reason == order.form.reason:
        return order
    return backend.orders.edit(order.id, order.version, replace(order.form, reason=reason))


def _sent(backend: Backend, order: Order, seconds: int) -> Order:
    """Submit, and wait for the end where somebody wants that."""
    from threading import Event
    from time import monotonic

    order = backend.orders.submit(order.id, order.version)
    ends = monotonic() + seconds
    never = Event()
    while order.row.status.open and monotonic() < ends:
        never.wait(_LOOK_EVERY)
        order = backend.orders.get(order.id)
    return order


def _complete_arguments(parser: Parser) -> None:
    _reference(parser)
    parser.add_argument("file", metavar="FILE", help="the certificate, with its chain or without; - for standard input")
    password_option(parser, "the password of an encrypted file")
    reason_option(parser)
    format_option(parser, csv=False)


def _complete(context: Context, args: Namespace) -> int:
    from certtui.model.certificate import NewCertificate

    inspect = context.inspect()
    with context.open() as backend, reason_asked():
        order = find(backend, args.order)
        material = files.material(inspect, files.source(args.file), files.passwords_from(args.password_file))
        pairing = inspect.pair([material])
        new = NewCertificate(pairing.leaf, chain=pairing.chain, reason=args.reason)
        order = backend.orders.complete(order.id, order.version, new)
    return _told(order, args.format)


def _look_arguments(parser: Parser) -> None:
    _reference(parser)
    format_option(parser, csv=False)


def _look(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        context.unlock(backend)
        order = backend.orders.look(find(backend, args.order).id)
    return _told(order, args.format)


def _retry_arguments(parser: Parser) -> None:
    _reference(parser)
    form_options(parser)
    parser.add_argument("--draft", action="store_true", help="make the draft, and send nothing")
    _sending(parser)
    format_option(parser, csv=False)


def _retry(context: Context, args: Namespace) -> int:
    with context.open() as backend, reason_asked():
        old = find(backend, args.order)
        form = form_of(context, backend, args, old.form)
        if not args.draft:
            context.unlock(backend)
        order = backend.orders.send_again(old.id, old.version, form)
        if not args.draft:
            order = _sent(backend, order, args.wait)
    return _told(order, args.format, waited=bool(args.wait))


def _end_arguments(parser: Parser) -> None:
    _reference(parser)
    yes_option(parser)
    format_option(parser, csv=False)


def _cancel(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        order = find(backend, args.order)
        _ask(
            args,
            f"Cancel the order for {order.row.name}? Its entry leaves the inventory; a key is kept in the archive.",
        )
        order = backend.orders.cancel(order.id, order.version)
    return _told(order, args.format)


def _back_to_draft(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        order = find(backend, args.order)
        _ask(args, f"Discard the CSR of the order for {order.row.name}? Its key is kept in the archive.")
        order = backend.orders.back_to_draft(order.id, order.version)
    return _told(order, args.format)


def _ask(args: Namespace, question: str) -> None:
    if args.yes:
        return
    if not terminal.can_ask():
        raise Usage("Nobody can be asked whether to do this.", "Add --yes.")
    if not terminal.confirm(question):
        raise CerttuiError("Nothing was changed.")


COMMANDS = {
    "order create": (_create_arguments, _create),
    "order list": (_list_arguments, _list),
    "order show": (_show_arguments, _show),
    "order edit": (_edit_arguments, _edit),
    "order generate": (_generate_arguments, _generate),
    "order submit": (_submit_arguments, _submit),
    "order complete": (_complete_arguments, _complete),
    "order look": (_look_arguments, _look),
    "order retry": (_retry_arguments, _retry),
    "order cancel": (_end_arguments, _cancel),
    "order back-to-draft": (_end_arguments, _back_to_draft),
}


def _reference(parser: Parser) -> None:
    parser.add_argument("order", metavar="ORDER", help="the id, name or common name of an order")


def find(backend: Backend, reference: str) -> Order:
    """The order that is meant. Raises `NotFound`, `Ambiguous`."""
    return backend.orders.get(backend.orders.resolve(reference))


def _told(order: Order, form: str, *, waited: bool = False) -> int:
    """Say how it stands; the exit code."""
    if form == "json":
        output.json_object(documents.of_whole_order(order))
    terminal.say(f"Order {order.id} for {order.row.name} is {order.row.status}. {_next(order)}")
    if order.error is not None:
        terminal.say(*(part for part in (order.error.message, order.error.words) if part))
    if order.row.status.value == "failed":
        return FAILED
    return WAITS if waited and order.row.status.open else 0


def _next(order: Order) -> str:
    """What to do now; a page's "below" and "open it" are commands here."""
    status = order.row.status
    if status is OrderStatus.PENDING and order.row.type is AuthorityType.ACME and order.row.submitted_at is not None:
        return (
            f"`certtui order show {order.id}` tells what it waits for; it looks for that by itself, and goes on alone."
        )
    if status is OrderStatus.COMPLETE and order.row.certificate_id is not None:
        return f"`certtui show {order.row.certificate_id}` shows its certificate."
    return order.next


def _texts(row: OrderRow) -> tuple[object, ...]:
    title = "" if row.type is None else row.type.title
    return (
        *(row.id, row.common_name, title, row.authority, row.status.value, row.requester),
        *(output.day(row.submitted_at), took(row.duration_seconds), row.error),
    )


def took(seconds: int | None) -> str:
    """A duration for people: its two largest units."""
    if seconds is None:
        return ""
    units = (("d", seconds // 86_400), ("h", seconds // 3600 % 24), ("min", seconds // 60 % 60), ("s", seconds % 60))
    shown = [f"{number} {unit}" for unit, number in units if number]
    return " ".join(shown[:2]) or "0 s"
