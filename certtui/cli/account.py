"""`certtui account`: the accounts that ACME authorities have at their CAs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.cli import output, terminal
from certtui.cli.arguments import Parser, Usage, format_option, yes_option
from certtui.errors import CerttuiError

if TYPE_CHECKING:
    from argparse import Namespace

    from certtui.backend.base import Backend
    from certtui.cli.context import Context
    from certtui.cli.output import Document
    from certtui.model.account import Account

_KEY_TYPES = ("ec-256", "ec-384", "rsa-2048", "rsa-3072", "rsa-4096")


def _show_arguments(parser: Parser) -> None:
    _name(parser)
    parser.add_argument("--ask", action="store_true", help="ask the CA how it is now")
    format_option(parser, csv=False)


def _show(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        account = _find(backend, args.name)
        if args.ask:
            context.unlock(backend)
            account = backend.accounts.look(account.authority_id)
    if args.format == "json":
        output.json_object(_document(account))
        return 0
    terms = account.terms
    if account.terms_now and account.terms_now != terms:
        terms = f"{terms or 'none were'} agreed to; the CA's are at {account.terms_now} by now"
    output.fields(
        [
            ("Authority", account.authority),
            ("State", account.sentence),
            ("Account", account.url),
            ("As the CA says", account.status),
            ("Asked", output.minute(account.seen_at)),
            ("Contact there", [each.removeprefix("mailto:") for each in account.contact]),
            ("E-mail set", list(account.email)),
            ("Key", account.key_type),
            ("Made", output.minute(account.registered_at)),
            ("Terms", terms),
            ("Orders open", list(account.open_orders)),
        ]
    )
    return 0


def _roll_over_arguments(parser: Parser) -> None:
    _name(parser)
    parser.add_argument("--key", choices=_KEY_TYPES, default="", help="its kind; as the profile says unless given")
    format_option(parser, csv=False)


def _roll_over(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        account = _find(backend, args.name)
        context.unlock(backend)
        account = backend.accounts.roll_over(account.authority_id, account.version, args.key)
    return _told(account, args, f"The account of {account.authority} has another key ({account.key_type}).")


def _contact_arguments(parser: Parser) -> None:
    _name(parser)
    parser.add_argument("email", metavar="EMAIL", nargs="*", help="whom the CA writes to")
    parser.add_argument("--nobody", action="store_true", help="let it write to nobody")
    format_option(parser, csv=False)


def _contact(context: Context, args: Namespace) -> int:
    if bool(args.email) == args.nobody:
        raise Usage("Say whom the CA is to write to.", "Give addresses, or --nobody.")
    with context.open() as backend:
        account = _find(backend, args.name)
        context.unlock(backend)
        account = backend.accounts.set_contact(account.authority_id, account.version, tuple(args.email))
    kept = ", ".join(each.removeprefix("mailto:") for each in account.contact)
    return _told(account, args, f"The CA of {account.authority} was told; it has {kept or 'nobody'}.")


def _agree_arguments(parser: Parser) -> None:
    _name(parser)
    parser.add_argument("--terms", metavar="URL", default="", help="the address of the terms that you have read")
    format_option(parser, csv=False)


def _agree(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        account = _find(backend, args.name)
        context.unlock(backend)
        terms = args.terms
        if not terms:
            account = backend.accounts.look(account.authority_id)
            terms = account.terms_now
            if not terms:
                raise CerttuiError(f"The CA of {account.authority} names no terms.", "There is nothing to agree to.")
            if not terminal.can_ask():
                raise Usage("Nobody can be asked whether the terms were read.", f"Add --terms {terms}.")
            if not terminal.confirm(f"The terms are at {terms}. Are they read, and agreed to?"):
                raise CerttuiError("Nothing was agreed to.")
        account = backend.accounts.agree(account.authority_id, account.version, terms)
    return _told(account, args, f"Agreed: {account.terms}")


def _deactivate_arguments(parser: Parser) -> None:
    _name(parser)
    parser.add_argument(
        "--open-orders", metavar="N", type=int, help="how many orders are open, as `account show` lists"
    )
    yes_option(parser)
    format_option(parser, csv=False)


def _deactivate(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        account = _find(backend, args.name)
        number = len(account.open_orders) if args.open_orders is None else args.open_orders
        if not args.yes:
            _confirm(account)
        elif args.open_orders is None and account.open_orders:
            raise Usage(
                f"Orders are open that can't be finished then: {', '.join(account.open_orders[:5])}.",
                f"Add --open-orders {len(account.open_orders)}, or cancel them first.",
            )
        context.unlock(backend)
        account = backend.accounts.deactivate(account.authority_id, account.version, open_orders=number)
    said = f"The account of {account.authority} is closed. `certtui account new` makes another one."
    return _told(account, args, said)


def _confirm(account: Account) -> None:
    """Let a person see what it means, and type the name. Raises `CerttuiError`."""
    if not terminal.can_ask():
        raise Usage("Nobody can be asked whether to close it.", "Add --yes.")
    terminal.say(
        f"{account.url} is closed at the CA for ever: nothing can be ordered by it, or revoked.",
        *(f"  {name} can't be finished" for name in account.open_orders),
    )
    if terminal.ask(f"Type {account.authority} to close its account") != account.authority:
        raise CerttuiError("Nothing was closed: that is not its name.")


def _new_arguments(parser: Parser) -> None:
    _name(parser)
    format_option(parser, csv=False)


def _new(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        account = _find(backend, args.name)
        context.unlock(backend)
        account = backend.accounts.open_new(account.authority_id, account.version)
    return _told(account, args, f"{account.authority} has another account: {account.url}")


COMMANDS = {
    "account show": (_show_arguments, _show),
    "account roll-over": (_roll_over_arguments, _roll_over),
    "account contact": (_contact_arguments, _contact),
    "account agree": (_agree_arguments, _agree),
    "account deactivate": (_deactivate_arguments, _deactivate),
    "account new": (_new_arguments, _new),
}


def _name(parser: Parser) -> None:
    parser.add_argument("name", metavar="NAME", help="the id or name of an ACME authority")


def _find(backend: Backend, reference: str) -> Account:
    return backend.accounts.get(backend.authorities.resolve(reference))


def _told(account: Account, args: Namespace, said: str) -> int:
    if args.format == "json":
        output.json_object(_document(account))
    else:
        terminal.say(said)
    return 0


def _document(account: Account) -> Document:
    from certtui.clock import rfc3339

    return {
        "authority_id": account.authority_id,
        "authority": account.authority,
        "directory": account.directory,
        "url": account.url,
        "status": account.status,
        "contact": list(account.contact),
        "email": list(account.email),
        "key_type": account.key_type,
        "key_waits": account.key_waits,
        "terms": account.terms,
        "terms_now": account.terms_now,
        "registered_at": None if account.registered_at is None else rfc3339(account.registered_at),
        "seen_at": None if account.seen_at is None else rfc3339(account.seen_at),
        "open_orders": list(account.open_orders),
    }
