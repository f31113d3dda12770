"""`certtui list`: the inventory as rows. On the way of every cron job, so it imports next to nothing."""

from __future__ import annotations

from certtui.cli import output
from certtui.cli.arguments import Parser, count, format_option
from certtui.cli.output import Column
from certtui.typed import TypeVar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Sequence

    from certtui.backend.base import Backend, Listing
    from certtui.cli.context import Context
    from certtui.cli.output import Document
    from certtui.model.certificate import CertificateRow

RowT = TypeVar("RowT")

_BATCH = 500

_COLUMNS = (
    Column("ID", right=True),
    Column("NAME", least=12),
    Column("COMMON NAME", least=14),
    Column("STATUS"),
    Column("EXPIRES"),
    Column("LEFT", right=True),
    Column("USED", right=True),
    Column("GROUP", least=6),
)


def arguments(parser: Parser) -> None:
    """The arguments of `list`."""
    parser.add_argument(
        "filter",
        metavar="FILTER",
        nargs="*",
        help="words and conditions: status:expiring group:payments 'days<30' unused (docs/filter-language.md)",
    )
    sort_option(parser, "name")
    parser.add_argument("--limit", metavar="N", type=count, help="at most N rows")
    parser.add_argument("--fail-if-any", action="store_true", help="exit with 1 when anything fits, for cron")
    format_option(parser)


def sort_option(parser: Parser, default: str) -> None:
    """`--sort FIELD` and `--sort -FIELD`."""
    parser.add_argument(
        "--sort", metavar="[-]FIELD", default=default, help=f"the order, - for descending (default: {default})"
    )


def run(context: Context, args: Namespace) -> int:
    """Print the rows that fit."""
    from certtui.model.query import Query, Sort

    with context.open() as backend:
        listing = backend.certificates.search(Query(" ".join(args.filter), Sort.parse(args.sort)))
        try:
            match args.format:
                case "table":
                    found = output.table(_COLUMNS, map(_texts, _rows(listing, args.limit)))
                case "json":
                    found = output.json_array(_documents(backend, listing, args.limit))
                case _:
                    from certtui.cli import documents

                    found = output.csv(documents.CERTIFICATE, _documents(backend, listing, args.limit))
            if args.limit == 0:
                found = len(_first(listing))
        finally:
            listing.close()
    return 1 if args.fail_if_any and found else 0


COMMANDS = {"list": (arguments, run)}


def batches(listing: Listing[RowT], limit: int | None) -> Iterator[Sequence[RowT]]:
    """The rows of a listing that are still there, a few hundred at a time."""
    from certtui.model.query import Gone

    start = 0
    while limit is None or start < limit:
        stop = start + _BATCH if limit is None else min(start + _BATCH, limit)
        rows = listing.rows(start, stop)
        yield [row for row in rows if not isinstance(row, Gone)]
        if len(rows) < stop - start:
            return
        start = stop


def rows_of(listing: Listing[RowT]) -> Iterator[RowT]:
    """All rows of any list that are still there, read in batches."""
    yield from _rows(listing, None)


def _rows(listing: Listing[RowT], limit: int | None) -> Iterator[RowT]:
    for batch in batches(listing, limit):
        yield from batch


def _first(listing: Listing[CertificateRow]) -> Sequence[object]:
    return listing.rows(0, 1)


def _documents(backend: Backend, listing: Listing[CertificateRow], limit: int | None) -> Iterator[Document]:
    from certtui.cli import documents

    for batch in batches(listing, limit):
        for record in backend.certificates.records([row.id for row in batch], as_of=listing.as_of):
            yield documents.of_record(record)


def _texts(row: CertificateRow) -> tuple[object, ...]:
    more = row.san_count - 1
    names = f"{row.common_name} +{more}" if more > 0 else row.common_name
    left = "-" if row.days_remaining is None else f"{row.days_remaining}d"
    return (
        *(row.id, row.name, names, row.status, output.day(row.not_after), left),
        *(row.resource_count, row.business_group),
    )
