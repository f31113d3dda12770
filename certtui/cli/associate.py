"""`certtui associate` and `dissociate`: which resources use a certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.cli import terminal
from certtui.cli.arguments import Parser
from certtui.cli.certificates import find, reference

if TYPE_CHECKING:
    from argparse import Namespace

    from certtui.cli.context import Context
    from certtui.model.certificate import Certificate

_ROLES = ("server", "client-ca")


def _arguments(parser: Parser) -> None:
    reference(parser)
    parser.add_argument("resources", metavar="RESOURCE", nargs="+", help="the id or name of a resource")


def _associate_arguments(parser: Parser) -> None:
    _arguments(parser)
    parser.add_argument("--role", choices=_ROLES, default="server", help="what it is there for (default: server)")


def _associate(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        certificate = find(backend, args.certificate)
        ids = [backend.resources.resolve(text) for text in args.resources]
        after = backend.resources.associate(certificate.id, ids, args.role)
    terminal.say(f"{after.row.name} (id {after.id}) is used by {_users(after)}.")
    return 0


def _dissociate(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        certificate = find(backend, args.certificate)
        ids = [backend.resources.resolve(text) for text in args.resources]
        after = backend.resources.dissociate(certificate.id, ids)
    terminal.say(f"{after.row.name} (id {after.id}) is used by {_users(after)}.")
    return 0


def _users(certificate: Certificate) -> str:
    return ", ".join(f"{each.name} ({each.role})" for each in certificate.resources) or "nothing"


COMMANDS = {"associate": (_associate_arguments, _associate), "dissociate": (_arguments, _dissociate)}
