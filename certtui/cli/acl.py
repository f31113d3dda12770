"""`certtui acl`: who may read and use certificates, containers, repositories and stored secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.cli import output, terminal
from certtui.cli.arguments import Parser, Usage, format_option
from certtui.clock import rfc3339

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from certtui.backend.base import Backend
    from certtui.cli.context import Context
    from certtui.model.acl import Acl, AclForm, Reach, Reacher

_NOUNS = {"certificate": "certificates", "container": "containers", "repository": "repositories", "secret": "secrets"}
"""Kinds of objects with a list, and who of the backend knows them by name."""

_WHO = (
    output.Column("NAME", least=8),
    output.Column("CREDENTIAL"),
    output.Column("ROLE"),
    output.Column("READS"),
    output.Column("USES"),
    output.Column("TAKES KEY"),
    output.Column("WHY", least=20),
)
_COUNTS = (output.Column("KIND"), output.Column("SEES", right=True), output.Column("MAY USE", right=True))
_NAMED = (
    output.Column("KIND"),
    output.Column("ID", right=True),
    output.Column("NAME", least=12),
    output.Column("MAY"),
)


def _object_arguments(parser: Parser) -> None:
    parser.add_argument(
        "kind",
        metavar="KIND",
        choices=tuple(_NOUNS),
        help=" or ".join((", ".join(list(_NOUNS)[:-1]), list(_NOUNS)[-1])),
    )
    parser.add_argument("name", metavar="NAME", help="its id or unique name")


def _show_arguments(parser: Parser) -> None:
    _object_arguments(parser)
    format_option(parser, csv=False)


def _show(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        acl = backend.acls.get(args.kind, _id(backend, args.kind, args.name))
    _told(acl, args.format)
    return 0


def _set_arguments(parser: Parser) -> None:
    _object_arguments(parser)
    parser.add_argument("--group-read", choices=("on", "off"), help="whether its business group may read it")
    parser.add_argument(
        "--group-use", choices=("on", "off"), help="whether its business group may use its key or payload"
    )
    for right, what in (("read", "read it"), ("use", "use its key or payload, and read it")):
        parser.add_argument(
            f"--{right}", metavar="WHO", action="append", default=[], help=f"let a person or service {what}"
        )
    parser.add_argument("--remove", metavar="WHO", action="append", default=[], help="take somebody off the list")
    format_option(parser, csv=False)


def _set(context: Context, args: Namespace) -> int:
    if not (args.group_read or args.group_use or args.read or args.use or args.remove):
        raise Usage("Nothing to change was said.", "See `certtui acl set --help`.")
    with context.open() as backend:
        acl = backend.acls.get(args.kind, _id(backend, args.kind, args.name))
        acl = backend.acls.set(acl.kind, acl.object_id, acl.version, _form(acl, args))
    _told(acl, args.format)
    return 0


def _form(acl: Acl, args: Namespace) -> AclForm:
    """The list with what was said; somebody whose right changes is moved, and who is not there can't be taken off."""
    from certtui.model.acl import AclForm

    if absent := [one for one in args.remove if one not in (*acl.readers, *acl.users)]:
        raise Usage(f"{absent[0]} is not on the list of {acl.object_name}.", "`certtui acl show` tells who is.")
    gone = {*args.remove, *args.read, *args.use}
    readers = [one for one in acl.readers if one not in gone] + [one for one in args.read if one not in args.use]
    users = [one for one in acl.users if one not in gone] + args.use
    return AclForm(_on(args.group_read), _on(args.group_use), tuple(readers), tuple(users))


def _on(said: str | None) -> bool | None:
    return None if said is None else said == "on"


def _who_arguments(parser: Parser) -> None:
    _object_arguments(parser)
    format_option(parser)


def _who(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        acl = backend.acls.get(args.kind, _id(backend, args.kind, args.name))
        found = backend.acls.who(acl.kind, acl.object_id)
    match args.format:
        case "table":
            if not output.table(_WHO, map(_texts, found)):
                terminal.say("No token and no client certificate is given out.")
            terminal.say("Whoever can read the store's file and its key on its own host needs none of these.")
        case "json":
            output.json_array(map(_document, found))
        case _:
            names = "name credential role export_keys reads uses takes_key why"
            output.csv(names.split(), map(_document, found))
    return 0


def _reach_arguments(parser: Parser) -> None:
    parser.add_argument("credential", metavar="ID", help="the token's number, or mapping:ID for a client certificate")
    format_option(parser, csv=False)


def _reach(context: Context, args: Namespace) -> int:
    kind, _, number = args.credential.rpartition(":")
    if kind not in ("", "token", "mapping") or not number.isdigit():
        raise Usage(f"{args.credential} is no number of a token.", "Write 3, token:3 or mapping:2.")
    with context.open() as backend:
        reach = backend.acls.reach(f"{kind or 'token'} {number}")
    if args.format == "json":
        output.json_object(_of_reach(reach))
        return 0
    output.fields(
        [
            ("Stands for", reach.name),
            ("Credential", f"{reach.credential}, which opens nothing any more" if reach.ended else reach.credential),
            ("Role", f"{reach.role}, export-keys" if reach.export_keys else reach.role),
            ("Groups", _limits(reach.groups)),
            ("Domains", _limits(reach.domains)),
        ]
    )
    output.lines([""])
    output.table(_COUNTS, ((one.kind, one.reads, one.uses) for one in reach.counts))
    if reach.named:
        output.lines(["", "Lists that name it:"])
        output.table(
            _NAMED, ((one.kind, one.object_id, one.object_name, "use" if one.uses else "read") for one in reach.named)
        )
    if not reach.export_keys:
        terminal.say("Without export-keys no key and no payload leaves the store.")
    return 0


def _id(backend: Backend, kind: str, reference: str) -> int:
    """The object that is meant. Raises `NotFound`, `Ambiguous`."""
    found: int = getattr(backend, _NOUNS[kind]).resolve(reference)
    return found


def _told(acl: Acl, form: str) -> None:
    if form == "json":
        output.json_object(_of_acl(acl))
        return
    output.fields(
        [
            ("Object", f"{acl.kind} {acl.object_name} (id {acl.object_id})"),
            ("Owner", acl.owner or "unknown"),
            ("Group reads", acl.read_group),
            ("Group uses", acl.use_group),
            ("May read", list(acl.readers)),
            ("May use", list(acl.users)),
            *([("Changed", f"{output.minute(acl.updated_at)} by {acl.updated_by}")] if acl.updated_at else []),
        ]
    )


def _limits(names: Sequence[str] | None) -> str:
    return "all" if names is None else ", ".join(one or "(none)" for one in names)


def _texts(one: Reacher) -> Sequence[object]:
    return one.name, one.credential, one.role, one.reads, one.uses, one.takes_key, one.why


def _of_acl(acl: Acl) -> output.Document:
    return {
        "kind": acl.kind,
        "object_id": acl.object_id,
        "object_name": acl.object_name,
        "version": acl.version,
        "read_group": acl.read_group,
        "use_group": acl.use_group,
        "readers": list(acl.readers),
        "users": list(acl.users),
        "owner": acl.owner,
        "updated_at": rfc3339(acl.updated_at) if acl.updated_at else None,
        "updated_by": acl.updated_by,
    }


def _document(one: Reacher) -> output.Document:
    return {
        "name": one.name,
        "credential": one.credential,
        "role": one.role,
        "export_keys": one.export_keys,
        "reads": one.reads,
        "uses": one.uses,
        "takes_key": one.takes_key,
        "why": one.why,
    }


def _of_reach(reach: Reach) -> output.Document:
    return {
        "name": reach.name,
        "credential": reach.credential,
        "role": reach.role,
        "export_keys": reach.export_keys,
        "groups": None if reach.groups is None else list(reach.groups),
        "domains": None if reach.domains is None else list(reach.domains),
        "ended": reach.ended,
        "counts": {one.kind: {"reads": one.reads, "uses": one.uses} for one in reach.counts},
        "named": [
            {"kind": one.kind, "object_id": one.object_id, "object_name": one.object_name, "uses": one.uses}
            for one in reach.named
        ],
    }


COMMANDS = {
    "acl show": (_show_arguments, _show),
    "acl set": (_set_arguments, _set),
    "acl who": (_who_arguments, _who),
    "acl reach": (_reach_arguments, _reach),
}
