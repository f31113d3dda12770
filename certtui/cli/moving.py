"""`certtui store migrate-to`: the whole store to another place, SQLite to PostgreSQL or back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from certtui.cli import output, terminal
from certtui.cli.arguments import Parser, Usage, format_option, password_option

if TYPE_CHECKING:
    from argparse import Namespace

    from certtui.cli.context import Context
    from certtui.model.progress import Progress
    from certtui.model.secret import Secret

_BAR = 30


def _arguments(parser: Parser) -> None:
    parser.add_argument("url", metavar="URL", help="where to: postgresql://user@host/database, or a path")
    parser.add_argument("--key-file", metavar="FILE", help="where the key file of the new place goes")
    password_option(parser, "a passphrase for the new place, instead of a key file")
    format_option(parser, csv=False)


def _move(context: Context, args: Namespace) -> int:
    from certtui.backend.factory import StoreOptions, move_store

    if context.demo:
        raise Usage("The demonstration's store is thrown away; there is nothing to move.", "Leave --demo out.")
    target = StoreOptions(
        url=args.url if "://" in args.url else str(Path(args.url).expanduser()),
        key_file=Path(args.key_file).expanduser() if args.key_file else None,
        passphrase=_passphrase(args.password_file),
    )
    done = move_store(
        context.unlockable_options(), target, actor=context.actor, clock=context.clock, progress=_progress()
    )
    terminal.clear_line()
    if args.format == "json":
        output.json_object(
            {
                "place": done.place,
                "tables": dict(done.tables),
                "sealed_keys": done.sealed_keys,
                "key_place": done.key_place,
                "key_fingerprint": done.key_fingerprint,
                "audit_head": done.audit_head,
                "audit_problem": done.audit_problem,
            }
        )
    certificates = dict(done.tables)["certificate"]
    rows = sum(count for _, count in done.tables)
    terminal.say(
        f"Moved to {done.place}: {certificates} certificates, {done.sealed_keys} private keys, {rows} rows in all, "
        "each read again there and equal."
    )
    terminal.say(f"Its store key {done.key_fingerprint} is new; without {done.key_place} no private key opens there.")
    terminal.say("The old place is as it was: use the new one with --store or in the configuration, then put it away.")
    if done.audit_problem:
        terminal.say(f"The audit log was copied as it is, and was not whole before: {done.audit_problem}")
        return 3
    return 0


def _passphrase(file: str | None) -> Secret | None:
    if not file:
        return None
    if secret := terminal.secret_from(file):
        return secret
    raise Usage("The passphrase is empty.", "Put one into the first line of the file.")


def _progress() -> Progress | None:
    if terminal.width(2) is None:
        return None
    shown = -1

    def tell(done: int, total: int | None) -> None:
        nonlocal shown
        percent = 100 * done // total if total else 100
        if percent != shown:
            shown = percent
            filled = _BAR * percent // 100
            terminal.write_line(f"[{'#' * filled}{'.' * (_BAR - filled)}] {percent:3d} %  rows copied and read again")

    return tell


COMMANDS = {"store migrate-to": (_arguments, _move)}
