"""`certtui repository add` and `remove`: certificates into a repository, and out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.cli import output, terminal
from certtui.cli.arguments import Parser, Usage, format_option
from certtui.cli.certificates import PARTLY, reference
from certtui.cli.reasons import reason_option
from certtui.cli.repository import find
from certtui.errors import Conflict

if TYPE_CHECKING:
    from argparse import Namespace

    from certtui.backend.base import Backend
    from certtui.cli.context import Context
    from certtui.model.repository import FilingOutcome, Repository

_BATCH = 500


def _add_arguments(parser: Parser) -> None:
    _arguments(parser, "file")
    reason_option(parser)


def _add(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        repository = find(backend, args.name)
        named = _named(backend, args)
        outcome = backend.repositories.add_certificates(
            repository.id, [(row_id, version) for row_id, (version, _) in named.items()], reason=args.reason
        )
    return _reported(args, repository, named, outcome, "Filed {0} in {1}.")


def _remove_arguments(parser: Parser) -> None:
    _arguments(parser, "take out")


def _remove(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        repository = find(backend, args.name)
        named = _named(backend, args)
        outcome = backend.repositories.remove_certificates(
            repository.id, [(row_id, version) for row_id, (version, _) in named.items()]
        )
    return _reported(args, repository, named, outcome, "Took {0} out of {1}.")


COMMANDS = {
    "repository add": (_add_arguments, _add),
    "repository remove": (_remove_arguments, _remove),
}


def _arguments(parser: Parser, what: str) -> None:
    parser.add_argument("name", metavar="REPO", help="the id or name of a repository")
    reference(parser, "certificates", nargs="*")
    parser.add_argument("--matching", metavar="FILTER", help=f"{what} all that a filter fits: 'issuer:\"R3\" unused'")
    format_option(parser, csv=False)


def _named(backend: Backend, args: Namespace) -> dict[int, tuple[int, str]]:
    """What is meant: version and name by id. Raises `Usage` for nothing, `NotFound`, `Ambiguous`."""
    if not args.certificates and args.matching is None:
        raise Usage("No certificate is named.", "Name certificates, or give --matching FILTER.")
    found: dict[int, tuple[int, str]] = {}
    for text in args.certificates:
        certificate = backend.certificates.get(backend.certificates.resolve(text))
        found[certificate.id] = certificate.version, certificate.row.name
    if args.matching is not None:
        found |= _matching(backend, args.matching)
    return found


def _matching(backend: Backend, filter: str) -> dict[int, tuple[int, str]]:
    from certtui.model.query import Gone, Query

    found: dict[int, tuple[int, str]] = {}
    listing = backend.certificates.search(Query(filter))
    try:
        start = 0
        while rows := listing.rows(start, start + _BATCH):
            found |= {row.id: (row.version, row.name) for row in rows if not isinstance(row, Gone)}
            start += len(rows)
    finally:
        listing.close()
    return found


def _reported(
    args: Namespace, repository: Repository, named: dict[int, tuple[int, str]], outcome: FilingOutcome, sentence: str
) -> int:
    if args.format == "json":
        output.json_object(
            {
                "repository": repository.id,
                "done": list(outcome.done),
                "skipped": [{"id": row_id, "reason": why} for row_id, why in outcome.skipped],
                "needs_reason": list(outcome.needs_reason),
            }
        )
    elif len(outcome.skipped) == 1 and not outcome.done:
        raise Conflict(outcome.skipped[0][1], "Add --reason TEXT." if outcome.needs_reason else "")
    for row_id, why in outcome.skipped:
        terminal.say(f"{named[row_id][1]} (id {row_id}): {why}")
    if outcome.needs_reason:
        terminal.say("Say why they may pass all the same, by --reason TEXT.")
    count = "1 certificate" if len(outcome.done) == 1 else f"{len(outcome.done)} certificates"
    terminal.say(sentence.format(count, repository.name))
    if not outcome.skipped:
        return 0
    return PARTLY if outcome.done else 1
