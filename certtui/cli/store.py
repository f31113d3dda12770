"""`certtui store`: making it, looking after it, and its key."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from certtui.cli import output, terminal
from certtui.cli.arguments import Parser, Usage, format_option, password_option
from certtui.clock import rfc3339

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from certtui.backend.base import StoreAdmin
    from certtui.cli.context import Context
    from certtui.model.progress import Progress
    from certtui.model.secret import Secret
    from certtui.model.store import CheckFinding, StoreStatus

_CHECKS = (
    output.Column("CHECK"),
    output.Column("OK"),
    output.Column("WHAT", least=20),
    output.Column("WHAT TO DO", least=20),
)


def _init_arguments(parser: Parser) -> None:
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--passphrase", action="store_true", help="ask for a passphrase instead of making a key file")
    password_option(group, "a passphrase instead of a key file")  # type: ignore[arg-type]  # a group takes arguments as a parser does
    format_option(parser, csv=False)


def _init(context: Context, args: Namespace) -> int:
    passphrase = _new_passphrase(args.password_file) if args.passphrase or args.password_file else None
    status = _admin(context).init(passphrase=passphrase)
    if args.format == "json":
        output.json_object(_document(status))
    terminal.say(f"Made the store {status.url}.")
    if status.key_file:
        terminal.say(f"Its key is in {status.key_file}: keep a copy elsewhere, a backup does not hold it.")
    return 0


def _status_arguments(parser: Parser) -> None:
    format_option(parser, csv=False)


def _status(context: Context, args: Namespace) -> int:
    status = _admin(context).status()
    if args.format == "json":
        output.json_object(_document(status))
        return 0
    if not status.exists:
        output.fields([("Store", status.url), ("Exists", False)])
        return 0
    output.fields(
        [
            ("Store", status.url),
            ("Engine", f"{status.engine}, journal {status.journal_mode}" if status.journal_mode else status.engine),
            ("Schema", status.schema_revision),
            ("Certificates", status.certificates),
            ("Sealed keys", status.sealed_keys),
            ("Size", f"{status.size} bytes"),
            ("Protected by", status.protection),
            ("Key file", status.key_file),
            ("Key", status.key_fingerprint),
            ("Locked", status.locked),
            ("Created", output.minute(status.created_at)),
            *(("Note", warning) for warning in status.warnings),
        ]
    )
    return 0


def _check_arguments(parser: Parser) -> None:
    format_option(parser, csv=False)


def _check(context: Context, args: Namespace) -> int:
    context.require_store()
    with context.open() as backend:
        if backend.store.locked and terminal.can_ask():
            context.unlock(backend)
        findings = backend.store.check(_progress("checked"))
    terminal.clear_line()
    return report(findings, args.format)


def report(findings: Sequence[CheckFinding], form: str) -> int:
    """Print findings as a table or JSON; 1 when one of them is a problem."""
    if form == "json":
        output.json_array(
            {"check": each.check, "ok": each.ok, "message": each.message, "hint": each.hint} for each in findings
        )
    else:
        output.table(_CHECKS, ((each.check, each.ok, each.message, each.hint) for each in findings))
    return 0 if all(each.ok for each in findings) else 1


def _backup_arguments(parser: Parser) -> None:
    parser.add_argument("file", metavar="FILE", help="where to")
    parser.add_argument("--force", action="store_true", help="overwrite")
    format_option(parser, csv=False)


def _backup(context: Context, args: Namespace) -> int:
    context.require_store()
    with context.open() as backend:
        done = backend.store.backup(
            Path(args.file).expanduser(), overwrite=args.force, progress=_progress("pages copied")
        )
    terminal.clear_line()
    if args.format == "json":
        output.json_object(
            {
                "path": done.path,
                "size": done.size,
                "sha256": done.sha256,
                "certificates": done.certificates,
                "key_fingerprint": done.key_fingerprint,
                "key_place": done.key_place,
            }
        )
    terminal.say(f"Wrote {done.path}: {done.certificates} certificates, {done.size} bytes.")
    terminal.say(f"The store key {done.key_fingerprint} is not in it; without {done.key_place} no private key opens.")
    return 0


def _restore_arguments(parser: Parser) -> None:
    parser.add_argument("file", metavar="FILE", help="a backup")
    parser.add_argument(
        "--force", action="store_true", help="take the place of a store that is there, which is kept aside"
    )
    format_option(parser, csv=False)


def _restore(context: Context, args: Namespace) -> int:
    done = _admin(context).restore(Path(args.file).expanduser(), overwrite=args.force)
    if args.format == "json":
        output.json_object(
            {
                "path": done.path,
                "certificates": done.certificates,
                "sealed_keys": done.sealed_keys,
                "unopened_keys": done.unopened_keys,
                "warning": done.warning,
            }
        )
    terminal.say(f"Restored {done.path}: {done.certificates} certificates, {done.sealed_keys} sealed keys.")
    if done.warning:
        terminal.say(done.warning)
    return 3 if done.unopened_keys else 0


def _rekey_arguments(parser: Parser) -> None:
    format_option(parser, csv=False)


def _rekey(context: Context, args: Namespace) -> int:
    context.require_store()
    with context.open() as backend:
        context.unlock(backend)
        status = backend.store.rekey(_progress("sealed anew"))
    terminal.clear_line()
    if args.format == "json":
        output.json_object(_document(status))
    terminal.say(
        f"The store key is {status.key_fingerprint} now. Keep a copy of it: older copies open older backups only.",
        "Back up now: `certtui store backup FILE`.",
    )
    return 0


def _passphrase_arguments(parser: Parser) -> None:
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--remove", action="store_true", help="go back to a key file")
    password_option(group, "the new passphrase")  # type: ignore[arg-type]  # a group takes arguments as a parser does


def _passphrase(context: Context, args: Namespace) -> int:
    context.require_store()
    with context.open() as backend:
        context.unlock(backend)
        status = backend.store.set_passphrase(None if args.remove else _new_passphrase(args.password_file))
    if status.key_file:
        terminal.say(f"The store opens by the key file {status.key_file} now: keep a copy elsewhere.")
    else:
        terminal.say("The store opens by its passphrase now. Who loses it loses the private keys.")
    return 0


COMMANDS = {
    "store init": (_init_arguments, _init),
    "store status": (_status_arguments, _status),
    "store check": (_check_arguments, _check),
    "store backup": (_backup_arguments, _backup),
    "store restore": (_restore_arguments, _restore),
    "store rekey": (_rekey_arguments, _rekey),
    "store passphrase": (_passphrase_arguments, _passphrase),
}


def _admin(context: Context) -> StoreAdmin:
    if context.demo:
        raise Usage("The demonstration's store is thrown away; there is nothing to care for.", "Leave --demo out.")
    return context.admin()


def _new_passphrase(file: str | None) -> Secret:
    if file:
        if secret := terminal.secret_from(file):
            return secret
        raise Usage("The passphrase is empty.", "Put one into the first line of the file.")
    if not terminal.can_ask():
        raise Usage("Nobody can be asked for a passphrase.", "Give --password-file FILE.")
    return terminal.ask_new_secret("New passphrase of the store")


def _progress(what: str) -> Progress | None:
    if terminal.width(2) is None:
        return None

    told = 0

    def tell(done: int, total: int | None) -> None:
        nonlocal told
        if done - told >= 100 or done == total:
            told = done
            terminal.write_line(f"{done} of {total} {what}" if total else f"{done} {what}")

    return tell


def _document(status: StoreStatus) -> output.Document:
    return {
        "url": status.url,
        "exists": status.exists,
        "engine": status.engine,
        "schema_revision": status.schema_revision,
        "journal_mode": status.journal_mode,
        "certificates": status.certificates,
        "sealed_keys": status.sealed_keys,
        "size": status.size,
        "protection": status.protection,
        "key_file": status.key_file,
        "key_fingerprint": status.key_fingerprint,
        "locked": status.locked,
        "created_at": rfc3339(status.created_at) if status.created_at else None,
        "warnings": list(status.warnings),
    }
