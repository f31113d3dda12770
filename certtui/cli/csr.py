"""`certtui csr`: keys and requests that are made here, and the certificates that come back."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from certtui.cli import documents, files, output, terminal
from certtui.cli.arguments import Parser, Usage, format_option, password_option, yes_option
from certtui.cli.reasons import reason_asked, reason_option
from certtui.errors import CerttuiError, Invalid

if TYPE_CHECKING:
    from argparse import Namespace

    from certtui.backend.base import Backend
    from certtui.cli.context import Context
    from certtui.model.csr import SavedCsr
    from certtui.model.x509 import X509Facts

_KEYS = (
    "rsa-2048",
    "rsa-3072",
    "rsa-4096",
    "ec-256",
    "ec-384",
    "ec-521",
    "ed25519",
    "ml-dsa-44",
    "ml-dsa-65",
    "ml-dsa-87",
)
_COLUMNS = (
    output.Column("ID", right=True),
    output.Column("NAME", least=12),
    output.Column("COMMON NAME", least=12),
    output.Column("NAMES", right=True),
    output.Column("KEY"),
    output.Column("GROUP", least=6),
    output.Column("CREATED"),
)


def _create_arguments(parser: Parser) -> None:
    parser.add_argument("--cn", metavar="CN", default="", help="the common name")
    parser.add_argument(
        "--san",
        metavar="TYPE:VALUE",
        action="append",
        default=[],
        help="a name it is for: DNS:, IP:, EMAIL: or URI: (again for more)",
    )
    parser.add_argument("--subject", metavar="O=..,OU=..", default="", help="the rest of the subject: O, OU, C, ST, L")
    parser.add_argument("--key", choices=_KEYS, required=True, help="what key to make")
    parser.add_argument("--name", default="", help="what to call it (default: the common name)")
    parser.add_argument("--group", default="", help="the business group that owns it")
    parser.add_argument("--description", default="", help="what it is for")


def _create(context: Context, args: Namespace) -> int:
    from certtui.cli.subject import parse_subject
    from certtui.model.certificate import Labels
    from certtui.model.csr import CsrRequest

    subject = parse_subject(args.subject, args.cn)
    sans = _sans(context, args.san)
    if not subject.common_name and not sans:
        raise Usage("A request without any name is of no use.", "Give --cn, or --san DNS:www.example.com.")
    labels = Labels(name=args.name, business_group=args.group, description=args.description)
    with context.open(create=True) as backend:
        context.unlock(backend)
        saved = backend.csrs.create(CsrRequest(subject=subject, sans=sans, key_type=args.key, labels=labels))
    sys.stdout.write(saved.pem)
    terminal.say(f"Saved as {saved.name} (id {saved.id}). Its key stays in the store.")
    if not saved.sans:
        terminal.say(
            f"It has no SAN, by which alone clients check names; add --san DNS:{subject.common_name} for a server."
        )
    return 0


def _sans(context: Context, typed: list[str]) -> tuple[str, ...]:
    if not typed:
        return ()
    for text in typed:
        if "\n" in text or not text.strip():
            raise Usage(f"{text!r} is no SAN.", "Write --san DNS:www.example.com, once for each.")
    normal, problems = context.inspect().suggest_sans("\n".join(typed))
    if problems:
        raise Usage(" ".join(problems), "Write TYPE:VALUE with DNS, IP, EMAIL or URI.")
    return normal


def _list_arguments(parser: Parser) -> None:
    format_option(parser)


def _list(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        saved = backend.csrs.list()
    match args.format:
        case "table":
            output.table(_COLUMNS, map(_texts, saved))
        case "json":
            output.json_array(map(documents.of_csr, saved))
        case _:
            output.csv(documents.CSR, map(documents.of_csr, saved))
    return 0


def _show_arguments(parser: Parser) -> None:
    _name(parser)
    format_option(parser, csv=False)


def _show(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        saved = _find(backend, args.name)
    if args.format == "json":
        output.json_object({**documents.of_csr(saved), "pem": saved.pem})
        return 0
    output.fields(
        [
            ("Name", saved.name),
            ("Id", saved.id),
            ("Subject", saved.subject),
            *(("" if number else "SANs", san) for number, san in enumerate(saved.sans)),
            ("Key", f"{saved.key_algorithm}, here"),
            ("Public key", saved.spki_sha256),
            ("Group", saved.business_group),
            ("Created", output.minute(saved.created_at)),
        ]
    )
    output.lines(["", *saved.pem.splitlines()])
    return 0


def _complete_arguments(parser: Parser) -> None:
    _name(parser)
    parser.add_argument(
        "file", metavar="FILE", help="the signed certificate, with its chain or without; - for standard input"
    )
    password_option(parser, "the password of an encrypted file")
    reason_option(parser)


def _complete(context: Context, args: Namespace) -> int:
    from certtui.model.certificate import NewCertificate

    inspect = context.inspect()
    with context.open() as backend:
        saved = _find(backend, args.name)
        material = files.material(inspect, files.source(args.file), files.passwords_from(args.password_file))
        pairing = inspect.pair([material])
        if pairing.leaf.spki_sha256 != saved.spki_sha256:
            saved = _other(backend, saved, pairing.leaf, args.file)
        new = NewCertificate(x509=pairing.leaf, chain=pairing.chain, csr_id=saved.id, reason=args.reason)
        with reason_asked():
            outcome = backend.csrs.complete(saved.id, saved.version, new)
    terminal.say(f"{outcome.name} (id {outcome.id}) has its certificate now.")
    if outcome.missing_issuer:
        terminal.say(f"The chain lacks {outcome.missing_issuer}: import it too.")
    return 0


def _other(backend: Backend, asked: SavedCsr, leaf: X509Facts, file: str) -> SavedCsr:
    """The saved CSR that a certificate really belongs to, when a person agrees. Raises `Invalid` naming both keys."""
    sentence = (
        f"The certificate belongs to the key {leaf.spki_sha256[:16]}, the CSR {asked.name} to the key "
        f"{asked.spki_sha256[:16]}."
    )
    fitting = [each for each in backend.csrs.list() if each.spki_sha256 == leaf.spki_sha256]
    if not fitting:
        raise Invalid(sentence, "No saved CSR has that key: check which certificate this is.", field="certificate")
    other = fitting[0]
    if terminal.can_ask():
        terminal.say(f"certtui: {sentence}")
        if terminal.confirm(f"It belongs to the saved CSR {other.name} (id {other.id}). Complete that one?"):
            return other
    raise Invalid(
        sentence, f"It belongs to another saved CSR: certtui csr complete {other.id} {file}", field="certificate"
    )


def _delete_arguments(parser: Parser) -> None:
    _name(parser)
    yes_option(parser)


def _delete(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        saved = _find(backend, args.name)
        if not args.yes:
            if not terminal.can_ask():
                raise Usage("Nobody can be asked whether to delete.", "Add --yes.")
            if not terminal.confirm(f"Delete the CSR {saved.name} with its private key? This can't be undone."):
                raise CerttuiError("Nothing was deleted.")
        backend.csrs.delete(saved.id, saved.version)
    terminal.say(f"Deleted the CSR {saved.name} (id {saved.id}) and its key.")
    return 0


COMMANDS = {
    "csr create": (_create_arguments, _create),
    "csr list": (_list_arguments, _list),
    "csr show": (_show_arguments, _show),
    "csr complete": (_complete_arguments, _complete),
    "csr delete": (_delete_arguments, _delete),
}


def _name(parser: Parser) -> None:
    parser.add_argument("name", metavar="NAME", help="the id or name of a saved CSR")


def _find(backend: Backend, text: str) -> SavedCsr:
    return backend.csrs.get(backend.csrs.resolve(text))


def _texts(saved: SavedCsr) -> tuple[object, ...]:
    return (
        *(saved.id, saved.name, saved.common_name, len(saved.sans), saved.key_algorithm),
        *(saved.business_group, output.day(saved.created_at)),
    )
