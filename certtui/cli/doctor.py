"""`certtui doctor`: prints what `certtui.doctor` found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.cli import output
from certtui.cli.arguments import Parser, format_option
from certtui.errors import CerttuiError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from certtui.backend.base import Backend
    from certtui.cli.context import Context


def _arguments(parser: Parser) -> None:
    format_option(parser, csv=False)


def _run(context: Context, args: Namespace) -> int:
    from certtui import doctor

    found = doctor.findings(
        context.admin,
        actor=context.actor,
        environ=context.environ,
        clipboard=_clipboard_setting(context),
        server=_server(context),
    )
    if args.format == "json":
        output.json_array(
            {"check": each.check, "state": each.state, "message": each.message, "hint": each.hint} for each in found
        )
    else:
        wide = max(len(each.check) for each in found)
        for each in found:
            output.lines([f"{each.state:<4}  {each.check:<{wide}}  {each.message}"])
            if each.hint:
                output.lines([each.hint], indent=" " * (wide + 8))
    return 1 if doctor.worst(found) == doctor.FAIL else 0


COMMANDS = {"doctor": (_arguments, _run)}


def _server(context: Context) -> Callable[[], Backend] | None:
    """What opens the server that is meant, None for a store."""
    try:
        _, chosen = context.place
    except CerttuiError:
        return None  # looking for the store says what is wrong
    return context.server if chosen.url and not context.demo else None


def _clipboard_setting(context: Context) -> str:
    try:
        return context.config.clipboard
    except CerttuiError:
        # The doctor itself says what is wrong with the configuration.
        return "auto"
