"""`certtui ca create-root|create-intermediate|request|complete|import`: CAs that come to be."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from certtui.cli import ca_documents as documents
from certtui.cli import files, output, terminal
from certtui.cli.arguments import Parser, format_option, password_option
from certtui.cli.ca import find, name_argument
from certtui.cli.ca_options import settings_of, settings_options, spec_of, spec_options
from certtui.errors import CerttuiError

if TYPE_CHECKING:
    from argparse import Namespace

    from certtui.backend.base import Backend
    from certtui.cli.context import Context
    from certtui.model.certificate import NewCertificate
    from certtui.model.local_ca import Ca


def _root_arguments(parser: Parser) -> None:
    _new_name(parser)
    spec_options(parser, days=3650)
    settings_options(parser)
    format_option(parser, csv=False)


def _root(context: Context, args: Namespace) -> int:
    spec, settings = spec_of(args), settings_of(args)
    with context.open(create=True) as backend:
        context.unlock(backend)
        ca = backend.cas.create_root(spec, settings)
    _told(args, ca)
    terminal.say(f"Next: certtui ca create-intermediate NAME --parent {ca.row.id}")
    return 0


def _intermediate_arguments(parser: Parser) -> None:
    _new_name(parser)
    parser.add_argument("--parent", metavar="CA", required=True, help="the id or name of the CA that signs it")
    spec_options(parser, days=1825)
    settings_options(parser)
    _profile_options(parser)
    format_option(parser, csv=False)


def _intermediate(context: Context, args: Namespace) -> int:
    spec, settings = spec_of(args), settings_of(args)
    with context.open() as backend:
        parent = backend.cas.resolve(args.parent)
        context.unlock(backend)
        ca = backend.cas.create_intermediate(parent, spec, settings)
        profile = _add_profile(backend, ca, args)
        ca = backend.cas.get(ca.row.id)
    _told(args, ca)
    _tell_profile(profile)
    return 0


def _request_arguments(parser: Parser) -> None:
    _new_name(parser)
    spec_options(parser, days=1825)
    settings_options(parser)
    format_option(parser, csv=False)


def _request(context: Context, args: Namespace) -> int:
    spec, settings = spec_of(args), settings_of(args)
    with context.open(create=True) as backend:
        context.unlock(backend)
        ca = backend.cas.request_intermediate(spec, settings)
    if args.format == "json":
        output.json_object(documents.of_ca(ca))
    else:
        sys.stdout.write(ca.csr_pem)
    terminal.say(
        f"{ca.row.name} (id {ca.row.id}) waits for the offline root to sign this CSR. Its key stays in the store.",
        f"Then: certtui ca complete {ca.row.id} FILE",
    )
    return 0


def _complete_arguments(parser: Parser) -> None:
    name_argument(parser)
    parser.add_argument("file", metavar="FILE", help="the signed certificate, with its chain or without; - for input")
    _profile_options(parser)
    format_option(parser, csv=False)


def _complete(context: Context, args: Namespace) -> int:
    new = _material(context, args.file, None, None)
    with context.open() as backend:
        waiting = find(backend, args.name)
        context.unlock(backend)
        ca = backend.cas.complete(waiting.row.id, waiting.row.version, new)
        # A successor's profiles came over to it.
        profile = _add_profile(backend, ca, args) if not ca.profiles else ""
        ca = backend.cas.get(ca.row.id)
    _told(args, ca)
    _tell_profile(profile)
    return 0


def _import_arguments(parser: Parser) -> None:
    parser.add_argument("file", metavar="FILE", help="the CA's certificate: PEM, DER or a PFX with its key")
    parser.add_argument(
        "--key", metavar="FILE", help="its private key; without it the CA is offline: nothing is signed"
    )
    password_option(parser, "the password of an encrypted file")
    settings_options(parser)
    _profile_options(parser)
    format_option(parser, csv=False)


def _import(context: Context, args: Namespace) -> int:
    new = _material(context, args.file, args.key, args.password_file)
    settings = settings_of(args)
    with context.open(create=True) as backend:
        if new.key is not None:
            context.unlock(backend)
        ca = backend.cas.import_ca(new, settings)
        profile = _add_profile(backend, ca, args) if ca.row.kind == "intermediate" else ""
        ca = backend.cas.get(ca.row.id)
    _told(args, ca)
    if ca.row.state.value == "offline":
        terminal.say(f"Its key is not here: bring its CRLs by certtui ca accept-crl {ca.row.id} FILE")
    _tell_profile(profile)
    return 0


COMMANDS = {
    "ca create-root": (_root_arguments, _root),
    "ca create-intermediate": (_intermediate_arguments, _intermediate),
    "ca request": (_request_arguments, _request),
    "ca complete": (_complete_arguments, _complete),
    "ca import": (_import_arguments, _import),
}


def _new_name(parser: Parser) -> None:
    parser.add_argument("name", metavar="NAME", help="the CA's common name, which is its name here too")


def _profile_options(parser: Parser) -> None:
    parser.add_argument(
        "--profile", metavar="NAME", default="", help="what to call the authority profile (default: as the CA)"
    )
    parser.add_argument("--no-profile", action="store_true", help="make no authority profile that issues by it")


def _material(context: Context, file: str, key: str | None, password_file: str | None) -> NewCertificate:
    from certtui.model.certificate import NewCertificate

    inspect = context.inspect()
    passwords = files.passwords_from(password_file)
    materials = [files.material(inspect, files.source(name), passwords) for name in (file, key) if name is not None]
    pairing = inspect.pair(materials)
    return NewCertificate(x509=pairing.leaf, chain=pairing.chain, key=pairing.key)


def _add_profile(backend: Backend, ca: Ca, args: Namespace) -> str:
    """An authority profile that issues by the CA, so that orders can be sent; its name, "" where none is made."""
    if args.no_profile or ca.row.state.value != "active":
        return ""
    from certtui.model.authority import AuthorityForm, AuthorityType

    name = args.profile or ca.row.name
    try:
        made = backend.authorities.add(AuthorityForm(name, AuthorityType.LOCAL, True, settings={"ca": ca.row.name}))
    except CerttuiError as problem:
        # The CA is made, and stays: what is missing can be added by itself.
        terminal.say(
            f"certtui: The CA is made, its authority profile is not. {problem}",
            "Add one by certtui authority add.",
        )
        return ""
    return made.row.name


def _told(args: Namespace, ca: Ca) -> None:
    if args.format == "json":
        output.json_object(documents.of_ca(ca))
    kind = "a root" if ca.row.kind == "root" else "an intermediate"
    terminal.say(f"{ca.row.name} (id {ca.row.id}) is {ca.row.state}, {kind} until {output.day(ca.row.not_after)}.")
    if ca.row.crl is not None and ca.row.crl.published.startswith("Not written"):
        terminal.say(f"certtui: {ca.row.crl.published}")


def _tell_profile(name: str) -> None:
    if name:
        terminal.say(f"The authority profile {name} issues by it.")
