"""`certtui ca`: the CAs of the built-in PKI as they are, their CRLs, and what becomes of them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from certtui.cli import ca_documents as documents
from certtui.cli import files, output, terminal
from certtui.cli.arguments import Parser, Usage, count, format_option, yes_option
from certtui.cli.ca_options import any_setting, settings_of, settings_options, spec_options
from certtui.cli.listing import rows_of, sort_option
from certtui.errors import CerttuiError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from certtui.backend.base import Backend
    from certtui.cli.context import Context
    from certtui.model.ca import CaSpec
    from certtui.model.local_ca import Ca, CaRow, CrlInfo, LivingCertificate

_SHOWN = 20
_COLUMNS = (
    output.Column("ID", right=True),
    output.Column("NAME", least=12),
    output.Column("KIND"),
    output.Column("STATE"),
    output.Column("KEY"),
    output.Column("EXPIRES"),
    output.Column("LIVING", right=True),
    output.Column("REVOKED", right=True),
    output.Column("CRL", right=True),
    output.Column("NEXT UPDATE"),
)
_LIVING = (
    output.Column("ID", right=True),
    output.Column("NAME", least=12),
    output.Column("SERIAL", least=10),
    output.Column("EXPIRES"),
)


def _list_arguments(parser: Parser) -> None:
    parser.add_argument("filter", metavar="FILTER", nargs="*", help="words and conditions: state:active, kind:root")
    sort_option(parser, "name")
    format_option(parser)


def _list(context: Context, args: Namespace) -> int:
    from certtui.model.query import Query, Sort

    with context.open() as backend:
        listing = backend.cas.search(Query(" ".join(args.filter), Sort.parse(args.sort)))
        try:
            rows = rows_of(listing)
            match args.format:
                case "table":
                    if not output.table(_COLUMNS, map(_texts, rows)) and not args.filter:
                        terminal.say("There are no CAs. `certtui ca create-root NAME` makes one.")
                case "json":
                    output.json_array(map(documents.of_ca_row, rows))
                case _:
                    output.csv(documents.CA, map(documents.of_ca_row, rows))
        finally:
            listing.close()
    return 0


def _show_arguments(parser: Parser) -> None:
    name_argument(parser)
    format_option(parser, csv=False)


def _show(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        ca = find(backend, args.name)
    if args.format == "json":
        output.json_object(documents.of_ca(ca))
        return 0
    row, settings = ca.row, ca.settings
    output.fields(
        [
            ("Name", row.name),
            ("Id", row.id),
            ("Kind", row.kind),
            ("State", row.state),
            ("Subject", ca.subject),
            ("Signed by", list(ca.chain) or ("itself" if row.kind == "root" else "")),
            ("Key", row.key_algorithm),
            ("Expires", output.day(row.not_after)),
            ("Limits", list(ca.limits)),
            ("Certificate", f"certtui show {row.certificate_id}"),
            ("Issued", f"{row.issued}, of which {row.living} living and {row.revoked} revoked"),
            ("Profiles", list(ca.profiles)),
            ("Compliant", row.compliant),
            ("Repository", ca.repository or ("one that is not yours" if row.bound else "")),
            ("CRL", _crl_text(row.crl)),
            *([("Delta CRL", _crl_text(ca.delta))] if ca.delta else []),
            ("CRL days", settings.crl_days),
            ("Delta hours", settings.delta_hours),
            ("CRL file", settings.crl_file),
            ("CRL URLs", list(settings.crl_urls)),
            ("Delta URLs", list(settings.delta_urls)),
            ("Issuer URLs", list(settings.issuer_urls)),
            ("OCSP URLs", list(settings.ocsp_urls)),
        ]
    )
    if ca.csr_pem and row.state.value == "waiting":
        output.lines(["", *ca.csr_pem.splitlines()])
    return 0


def _edit_arguments(parser: Parser) -> None:
    name_argument(parser)
    settings_options(parser)


def _edit(context: Context, args: Namespace) -> int:
    if not any_setting(args):
        raise Usage("Nothing is to be changed.", "Name a setting; certtui ca edit --help tells which there are.")
    with context.open() as backend:
        ca = find(backend, args.name)
        changed = backend.cas.edit(ca.row.id, ca.row.version, settings_of(args, ca.settings))
    terminal.say(f"Changed {changed.row.name} (id {changed.row.id}). URLs are in what it issues from now on.")
    _warn_unpublished(changed)
    return 0


def _crl_arguments(parser: Parser) -> None:
    name_argument(parser)
    parser.add_argument("--new", action="store_true", help="issue a new one first, with the next number")
    parser.add_argument(
        "--delta", action="store_true", help="the delta CRL, which says what changed since the full one"
    )
    parser.add_argument("--out", metavar="FILE", default="", help="write it to FILE, - for standard output")
    parser.add_argument("--pem", action="store_true", help="write PEM; DER is what clients expect")
    parser.add_argument("--force", action="store_true", help="overwrite FILE")
    format_option(parser, csv=False)


def _crl(context: Context, args: Namespace) -> int:
    if args.out == "-" and terminal.is_out_terminal() and not args.pem:
        raise Usage("DER is binary, and would confuse a terminal.", "Name a file by --out, or add --pem.")
    with context.open() as backend:
        ca = find(backend, args.name)
        if args.new:
            context.unlock(backend)
            info: CrlInfo | None = backend.cas.issue_crl(ca.row.id, delta=args.delta)
        else:
            info = ca.delta if args.delta else ca.row.crl
        der = backend.cas.crl(ca.row.id, delta=args.delta)
    if args.out:
        _write(args, _crl_pem(der) if args.pem else der)
    elif info is not None and args.format == "json":
        output.json_object(documents.of_crl(info))
    elif info is not None:
        output.fields(
            [
                ("Number", info.number),
                ("This update", output.minute(info.this_update)),
                ("Next update", f"{output.minute(info.next_update)}{' (overdue)' if info.overdue else ''}"),
                ("Entries", info.entries),
                ("Published", info.published),
            ]
        )
    if info is not None and info.published.startswith("Not written"):
        terminal.say(f"certtui: {info.published}")
    return 0


def _accept_arguments(parser: Parser) -> None:
    name_argument(parser)
    parser.add_argument("file", metavar="FILE", help="the CRL in PEM or DER; - for standard input")
    format_option(parser, csv=False)


def _accept(context: Context, args: Namespace) -> int:
    data = files.source(args.file).data
    with context.open() as backend:
        ca = find(backend, args.name)
        info = backend.cas.accept_crl(ca.row.id, data)
    if args.format == "json":
        output.json_object(documents.of_crl(info))
    terminal.say(
        f"The CRL number {info.number} of {ca.row.name} is here: {info.entries} revoked, the next one comes by "
        f"{output.day(info.next_update)}."
    )
    return 0


def _rollover_arguments(parser: Parser) -> None:
    name_argument(parser)
    parser.add_argument("--name", dest="new_name", default="", help="the successor's common name (default: the next G)")
    spec_options(parser, days=3650, given=False)
    format_option(parser, csv=False)


def _rollover(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        ca = find(backend, args.name)
        spec = _successor(args, ca)
        context.unlock(backend)
        young = backend.cas.roll_over(ca.row.id, ca.row.version, spec)
    if args.format == "json":
        output.json_object(documents.of_ca(young))
    if young.row.state.value == "waiting":
        sys.stdout.write(young.csr_pem if args.format != "json" else "")
        terminal.say(
            f"{young.row.name} (id {young.row.id}) waits for {ca.chain[0] if ca.chain else 'the root'} to sign its CSR.",
            f"Then: certtui ca complete {young.row.id} FILE",
        )
        return 0
    moved = f" Profiles that issue by it now: {', '.join(young.profiles)}." if young.profiles else ""
    terminal.say(f"{young.row.name} (id {young.row.id}) succeeds {ca.row.name}, which goes on signing its CRLs.{moved}")
    return 0


def _living_arguments(parser: Parser) -> None:
    name_argument(parser)
    format_option(parser)


def _living(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        ca = find(backend, args.name)
        living = backend.cas.living(ca.row.id)
    match args.format:
        case "table":
            if not output.table(_LIVING, map(_living_texts, living)):
                terminal.say(f"Nothing that {ca.row.name} issued is still valid.")
        case "json":
            output.json_array(map(documents.of_living, living))
        case _:
            output.csv(documents.LIVING, map(documents.of_living, living))
    return 0


def _retire_arguments(parser: Parser) -> None:
    name_argument(parser)
    parser.add_argument(
        "--living",
        metavar="N",
        type=count,
        help="the number of certificates that still live, as `ca living` lists them",
    )
    yes_option(parser)
    format_option(parser, csv=False)


def _retire(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        ca = find(backend, args.name)
        living = backend.cas.living(ca.row.id)
        number = args.living
        if number is None:
            number = _asked_to_retire(ca, living, yes=args.yes)
        ca = backend.cas.retire(ca.row.id, ca.row.version, living=number)
    if args.format == "json":
        output.json_object(documents.of_ca(ca))
        return 0
    terminal.say(f"{ca.row.name} is retired. It issues no more; its CRLs and OCSP answers go on.")
    return 0


COMMANDS = {
    "ca list": (_list_arguments, _list),
    "ca show": (_show_arguments, _show),
    "ca edit": (_edit_arguments, _edit),
    "ca crl": (_crl_arguments, _crl),
    "ca accept-crl": (_accept_arguments, _accept),
    "ca rollover": (_rollover_arguments, _rollover),
    "ca living": (_living_arguments, _living),
    "ca retire": (_retire_arguments, _retire),
}


def name_argument(parser: Parser) -> None:
    """The CA that is meant."""
    parser.add_argument("name", metavar="CA", help="the id, name or common name of a CA")


def find(backend: Backend, reference: str) -> Ca:
    """The CA that is meant. Raises `NotFound`, `Ambiguous`."""
    return backend.cas.get(backend.cas.resolve(reference))


def _texts(row: CaRow) -> tuple[object, ...]:
    crl = row.crl
    late = " (overdue)" if crl and crl.overdue else ""
    return (
        *(row.id, row.name, row.kind, row.state, row.key_algorithm, output.day(row.not_after), row.living, row.revoked),
        *(crl.number if crl else "", f"{output.day(crl.next_update)}{late}" if crl else ""),
    )


def _living_texts(one: LivingCertificate) -> tuple[object, ...]:
    return one.certificate_id, one.name, one.serial_number, output.day(one.not_after)


def _crl_text(crl: CrlInfo | None) -> str:
    if crl is None:
        return ""
    late = ", overdue" if crl.overdue else ""
    place = f", {crl.published}" if crl.published else ""
    return f"number {crl.number}, {crl.entries} revoked, next update {output.minute(crl.next_update)}{late}{place}"


def _crl_pem(der: bytes) -> bytes:
    from base64 import encodebytes

    lines = encodebytes(der).replace(b"\n", b"")
    body = b"".join(lines[start : start + 64] + b"\n" for start in range(0, len(lines), 64))
    return b"-----BEGIN X509 CRL-----\n" + body + b"-----END X509 CRL-----\n"


def _write(args: Namespace, content: bytes) -> None:
    if args.out == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    from pathlib import Path

    from certtui import files as own

    path = Path(args.out).expanduser()
    own.write(path, content, mode=own.PUBLIC, overwrite=args.force)
    terminal.say(f"Wrote {path}.")


def _successor(args: Namespace, ca: Ca) -> CaSpec | None:
    """What the options change of the successor; None when they say nothing."""
    given = (args.new_name, args.subject, args.key, args.digest, args.days, args.path_length)
    if not any(value not in (None, "") for value in given) and not (args.permit or args.exclude or args.usage):
        return None
    if not args.new_name:
        raise Usage("A successor that is made differently needs a name.", "Give its common name by --name.")
    from certtui.cli.subject import parse_subject
    from certtui.model.ca import CaSpec

    return CaSpec(
        parse_subject(args.subject, args.new_name),
        args.key or ca.row.key_algorithm,
        args.digest or "sha256",
        args.days or 3650,
        args.path_length,
        tuple(args.permit),
        tuple(args.exclude),
        tuple(args.usage),
    )


def _asked_to_retire(ca: Ca, living: Sequence[LivingCertificate], *, yes: bool) -> int:
    """The number to confirm with: 0 where nothing lives, else what a person saw and agreed to."""
    if not living:
        return 0
    if yes or not terminal.can_ask():
        raise Usage(
            f"{ca.row.name} has issued {len(living)} certificate{'s' * (len(living) > 1)} not yet expired or revoked.",
            f"Look at `certtui ca living {ca.row.id}`, then confirm with --living {len(living)}.",
        )
    for one in living[:_SHOWN]:
        terminal.say(f"  {one.name}, until {output.day(one.not_after)}")
    if len(living) > _SHOWN:
        terminal.say(f"  and {len(living) - _SHOWN} more")
    if not terminal.confirm(f"Retire {ca.row.name}, so that none of these {len(living)} can be renewed by it?"):
        raise CerttuiError("Nothing was changed.")
    return len(living)


def _warn_unpublished(ca: Ca) -> None:
    if ca.row.crl is not None and ca.row.crl.published.startswith("Not written"):
        terminal.say(f"certtui: {ca.row.crl.published}")
