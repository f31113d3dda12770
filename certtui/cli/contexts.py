"""`certtui context`: places with certificates by name, stores and servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.cli import output, terminal
from certtui.cli.arguments import Parser, Usage, count, format_option

if TYPE_CHECKING:
    from argparse import Namespace

    from certtui.backend.base import Backend
    from certtui.cli.context import Context

_COLUMNS = (
    output.Column(""),
    output.Column("NAME", least=8),
    output.Column("KIND"),
    output.Column("PLACE", least=20),
    output.Column("READ-ONLY"),
)
_NAMES = ("default", "name", "kind", "place", "read_only")
_SERVER = (
    ("--token-file", "FILE", "a file, 0600, with your token in its first line"),
    ("--token-command", "COMMAND", "a command that prints your token"),
    ("--ca-file", "FILE", "trust the CA certificates in it, in place of the system's"),
    ("--pin", "PIN", "the SHA-256 of the server's public key, sha256//BASE64 or hex"),
    ("--client-cert", "FILE", "a client certificate to show (PEM)"),
    ("--client-key", "FILE", "its key, where that has a file of its own"),
    ("--proxy", "URL", "an HTTP proxy, or none"),
)


def _list_arguments(parser: Parser) -> None:
    format_option(parser)


def _list(context: Context, args: Namespace) -> int:
    from certtui import config
    from certtui.backend.factory import shown_store

    found = context.config
    now, _ = config.context(found)
    rows: list[output.Document] = [
        {
            "default": name == now,
            "name": name,
            "kind": "server" if each.url else "store",
            "place": each.url or shown_store(each.store or str(_default_store(context))),
            "read_only": each.read_only,
        }
        for name, each in (found.contexts or {"local": config.Context()}).items()
    ]
    match args.format:
        case "json":
            output.json_array(rows)
        case "csv":
            output.csv(_NAMES, rows)
        case _:
            output.table(
                _COLUMNS,
                (
                    ("*" if row["default"] else " ", row["name"], row["kind"], row["place"], row["read_only"])
                    for row in rows
                ),
            )
    return 0


def _add_arguments(parser: Parser) -> None:
    parser.add_argument("name", metavar="NAME", help="what to call it")
    parser.add_argument(
        "--url", metavar="URL", default="", help="a server: https://HOST:PORT; else --store names a store"
    )
    for option, value, text in _SERVER:
        parser.add_argument(option, metavar=value, default="", help=f"server: {text}")
    parser.add_argument(
        "--timeout", metavar="SECONDS", type=count, default=30, help="server: how long to wait for an answer"
    )
    parser.add_argument("--use", action="store_true", help="open it from now on when none is asked for")


def _add(context: Context, args: Namespace) -> int:
    from certtui import config, config_writer

    given = {option.removeprefix("--").replace("-", "_"): "" for option, _, _ in _SERVER}
    given = {name: getattr(args, name) for name in given}
    if not args.url and (extra := [name for name, value in given.items() if value]):
        raise Usage(f"--{extra[0].replace('_', '-')} is for a server.", "Give its --url.")
    if args.url and args.store:
        raise Usage("A context is a store or a server.", "Give --url or --store.")
    if args.url:
        from certtui.backend.factory import server_url
        from certtui.cli.remote import remote_options

        made = config.Context(url=server_url(args.url), timeout=args.timeout or 1, read_only=args.read_only, **given)
        _require_pins(remote_options(args.name, made).pins)
    else:
        made = config.Context(store=args.store, read_only=args.read_only)
    file = config_writer.add_context(args.name, made, default=args.use, environ=context.environ)
    terminal.say(f"Added {args.name} to {file}.")
    if args.url:
        terminal.say(f"`certtui context test {args.name}` tells whether it answers, and who you are there.")
    return 0


def _use_arguments(parser: Parser) -> None:
    parser.add_argument("name", metavar="NAME", help="a context of the configuration")


def _use(context: Context, args: Namespace) -> int:
    from certtui import config_writer

    file = config_writer.use_context(args.name, context.environ)
    terminal.say(f"{args.name} is opened from now on when no other context is asked for ({file}).")
    return 0


def _test_arguments(parser: Parser) -> None:
    parser.add_argument(
        "name", metavar="NAME", nargs="?", default="", help="a context; the one that is meant, without it"
    )
    format_option(parser, csv=False)


def _test(context: Context, args: Namespace) -> int:
    from time import perf_counter

    from certtui.backend.factory import is_untrusted
    from certtui.errors import CerttuiError

    if args.name:
        context.mean(args.name)
    began = perf_counter()
    try:
        with context.open() as backend:
            opened = perf_counter()
            backend.feed.latest()
            answered = perf_counter()
            document = _found(backend, opened - began, answered - opened)
    except CerttuiError as error:
        if is_untrusted(error) and (pin := _shown_pin(context)):
            error.hint = (
                f"{error.hint} It shows the pin sha256//{pin}: compare it with the server's own before you trust it."
            )
        raise
    if args.format == "json":
        output.json_object(document)
    else:
        output.fields([(name.replace("_", " ").capitalize(), value) for name, value in document.items()])
    return 0


COMMANDS = {
    "context list": (_list_arguments, _list),
    "context add": (_add_arguments, _add),
    "context use": (_use_arguments, _use),
    "context test": (_test_arguments, _test),
}


def _found(backend: Backend, opening: float, asking: float) -> output.Document:
    info = backend.info
    missing: list[output.Value] = [
        f"{act}: {reason}"
        for act, reason in backend.capabilities.missing.items()
        if not act.startswith(("store.", "work.", "renewals.run_due"))
    ]
    return {
        "context": info.name,
        "kind": "server" if info.kind == "remote" else "store",
        "place": info.place,
        "you": info.actor.name,
        "role": info.role,
        "read_only": info.read_only,
        "locked": backend.store.locked,
        "opened_in_ms": round(opening * 1000),
        "round_trip_ms": round(asking * 1000),
        "not_possible": missing,
    }


def _shown_pin(context: Context) -> str:
    """The pin of whatever answers there, believed or not, in base64; "" when nothing does."""
    from base64 import b64encode

    from certtui.errors import CerttuiError

    _, chosen = context.place
    inspect = context.inspect()
    try:
        host, port = inspect.target(chosen.url)
        leaf = inspect.fetch(host, port).certificates[0]
    except (CerttuiError, IndexError):
        return ""
    return b64encode(bytes.fromhex(leaf.spki_sha256)).decode()


def _require_pins(pins: tuple[str, ...]) -> None:
    from certtui.backend.factory import check_pin

    for each in pins:
        check_pin(each)


def _default_store(context: Context) -> object:
    from certtui import paths

    return paths.default_store(context.environ)
