"""`certtui export`: a certificate, its chain or its key to a file. Keys are 0600, and go to a terminal only when forced."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from certtui.cli import terminal
from certtui.cli.arguments import Parser, Usage, password_option
from certtui.cli.certificates import find, reference
from certtui.errors import Conflict

if TYPE_CHECKING:
    from argparse import Namespace

    from certtui.cli.context import Context
    from certtui.model.certificate import Exported
    from certtui.model.secret import Secret

FORMS = ("pem", "fullchain", "chain", "der", "pkcs7", "pfx", "key")
_SEALED = ("pfx", "key")
_BINARY = ("der", "pkcs7", "pfx")


def arguments(parser: Parser) -> None:
    """The arguments of `export`."""
    reference(parser)
    parser.add_argument("--as", dest="form", choices=FORMS, required=True, help="what to write")
    parser.add_argument("--out", metavar="FILE", required=True, help="where to, - for standard output")
    group = parser.add_mutually_exclusive_group()
    password_option(group, "the password that seals a PFX or key")  # type: ignore[arg-type]  # a group takes arguments as a parser does
    group.add_argument("--generate-password", action="store_true", help="make one; it is shown once, on standard error")
    group.add_argument("--no-encryption", action="store_true", help="write a private key in the clear (--as key)")
    parser.add_argument("--compat", action="store_true", help="a PFX for old readers: 3DES and SHA-1, which are weak")
    parser.add_argument("--force", action="store_true", help="overwrite, and let keys go to a terminal")


def run(context: Context, args: Namespace) -> int:
    """Write it."""
    from certtui import passwords
    from certtui.model.certificate import ExportForm, ExportRequest
    from certtui.own_files import spare_the_store

    _check(args)
    with context.open() as backend:
        certificate = find(backend, args.certificate)
        if args.out != "-":
            spare_the_store(backend, Path(args.out).expanduser())
        if args.form in _SEALED:
            context.unlock(backend)
        generated = passwords.generated() if args.generate_password else None
        password = generated or _password(args)
        request = ExportRequest(ExportForm(args.form), password=password, compat=args.compat)
        exported = backend.certificates.export(certificate.id, request)
    _write(exported, args)
    if generated is not None:
        terminal.say(f"Password, shown once: {generated.reveal().decode()}")
    return 0


COMMANDS = {"export": (arguments, run)}


def _check(args: Namespace) -> None:
    to_terminal = args.out == "-" and terminal.is_out_terminal()
    if to_terminal and args.form in _SEALED and not args.force:
        raise Usage("A private key doesn't go to a terminal.", "Name a file by --out, or add --force.")
    if to_terminal and args.form in _BINARY and not args.force:
        raise Usage(f"{args.form.upper()} is binary, and would confuse a terminal.", "Name a file by --out.")
    if args.form not in _SEALED and (args.password_file or args.generate_password or args.no_encryption):
        raise Usage(f"--as {args.form} holds no key, so there is nothing to encrypt.", "Leave the password out.")
    if args.form == "pfx" and args.no_encryption:
        raise Usage("A PFX is always encrypted.", "Use --as key --no-encryption for a key in the clear.")
    if args.compat and args.form != "pfx":
        raise Usage("--compat is about PFX files.", "Leave it out, or use --as pfx.")


def _password(args: Namespace) -> Secret | None:
    if args.form not in _SEALED or args.no_encryption:
        return None
    if args.password_file:
        password = terminal.secret_from(args.password_file)
        if not password:
            raise Usage("The password is empty.", "Put one into the first line of the file.")
        return password
    if not terminal.can_ask():
        clear = ", or --no-encryption for a key in the clear" if args.form == "key" else ""
        raise Usage("A password is needed.", f"Give --password-file or --generate-password{clear}.")
    return terminal.ask_new_secret("New password for the file")


def _write(exported: Exported, args: Namespace) -> None:
    if args.out == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(exported.content.reveal())
        sys.stdout.buffer.flush()
        return
    from certtui import files

    path = Path(args.out).expanduser()
    mode = files.PRIVATE if exported.holds_key else files.PUBLIC
    try:
        files.write(path, exported.content.reveal(), mode=mode, overwrite=args.force)
    except Conflict as there:
        raise Conflict(there.message, "Take another name, or add --force to overwrite it.") from None
    terminal.say(f"Wrote {path}{', readable by you alone' if exported.holds_key else ''}.")
