"""`certtui repository sign`, `verify`, `encrypt` and `decrypt`: the keys of a repository used without being seen (CMS)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from certtui.cli import files, output, terminal
from certtui.cli.arguments import Parser, Usage, format_option
from certtui.clock import rfc3339
from certtui.errors import Conflict

if TYPE_CHECKING:
    from argparse import Namespace

    from certtui.backend.base import Backend
    from certtui.cli.context import Context
    from certtui.cli.output import Document, Value
    from certtui.model.cms import CmsSigner, CmsVerification

_COLUMNS = (
    output.Column("SIGNER", least=12),
    output.Column("SIGNED"),
    output.Column("ALGORITHM"),
    output.Column("SIGNATURE"),
    output.Column("TRUSTED"),
    output.Column("WHY NOT", least=16),
)
_OLD_READERS = "for old readers"


def _sign_arguments(parser: Parser) -> None:
    from certtui.model.cms import DIGESTS

    _file(parser, "what to sign")
    parser.add_argument("--cert", metavar="CERT", required=True, help="the certificate whose key signs")
    parser.add_argument("--detached", action="store_true", help="leave the content out of the message")
    parser.add_argument("--digest", choices=DIGESTS, default=DIGESTS[0], help=f"default: {DIGESTS[0]}")
    parser.add_argument("--pss", action="store_true", help="RSASSA-PSS, for RSA keys")
    _form(parser)
    _out(parser)


def _sign(context: Context, args: Namespace) -> int:
    from certtui.model.cms import MAX_CONTENT, SignOptions

    _spare_the_terminal(args, binary=args.form == "der")
    content = files.source(args.file, MAX_CONTENT).data
    options = SignOptions(args.digest, args.pss, args.detached, args.form)
    with context.open() as backend:
        repository_id, (certificate_id,) = _meant(backend, args, [args.cert])
        context.unlock(backend)
        message = backend.repositories.sign(repository_id, certificate_id, content, options)
    return _write(args, message)


def _verify_arguments(parser: Parser) -> None:
    _file(parser, "the signed message")
    parser.add_argument("--content", metavar="FILE", help="what a detached message signs")
    parser.add_argument("--out", metavar="FILE", help="write the content of a valid message, - for standard output")
    parser.add_argument("--force", action="store_true", help="overwrite, and let any content go to a terminal")
    format_option(parser, csv=False)


def _verify(context: Context, args: Namespace) -> int:
    from certtui.model.cms import MAX_CONTENT, MAX_MESSAGE

    if args.content == args.file == files.STANDARD_INPUT:
        raise Usage("Message and content can't both be standard input.", "Name a file for one of them.")
    if args.out is not None:
        _spare_the_terminal(args, binary=True)
    if args.out == files.STANDARD_INPUT and args.format == "json":
        raise Usage("The content and JSON can't both go to standard output.", "Name a file by --out.")
    message = files.source(args.file, MAX_MESSAGE).data
    content = None if args.content is None else files.source(args.content, MAX_CONTENT).data
    with context.open() as backend:
        repository_id, _ = _meant(backend, args, [])
        found = backend.repositories.verify(repository_id, message, content)
    if found.valid and args.out is not None:
        _write(args, content if found.detached and content is not None else found.content, private=True)
    if args.format == "json":
        output.json_object(of_verification(found))
    elif args.out != files.STANDARD_INPUT and found.signers:
        output.table(_COLUMNS, map(_texts, found.signers))
    terminal.say(found.summary)
    return 0 if found.valid else 1


def _encrypt_arguments(parser: Parser) -> None:
    from certtui.model.cms import CIPHERS, OAEP, PKCS1

    _file(parser, "what to encrypt")
    parser.add_argument(
        "--cert", metavar="CERT", action="append", required=True, help="whose key opens it; may be repeated"
    )
    parser.add_argument("--cipher", choices=CIPHERS, default=CIPHERS[0], help=f"default: {CIPHERS[0]}")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--oaep", dest="rsa", action="store_const", const=OAEP, help="RSA-OAEP, the default for RSA keys")
    way.add_argument("--pkcs1", dest="rsa", action="store_const", const=PKCS1, help=f"RSA PKCS#1 v1.5, {_OLD_READERS}")
    parser.set_defaults(rsa=OAEP)
    _form(parser)
    _out(parser)


def _encrypt(context: Context, args: Namespace) -> int:
    from certtui.model.cms import MAX_CONTENT, EncryptOptions

    _spare_the_terminal(args, binary=args.form == "der")
    content = files.source(args.file, MAX_CONTENT).data
    options = EncryptOptions(args.cipher, args.rsa, args.form)
    with context.open() as backend:
        repository_id, ids = _meant(backend, args, args.cert)
        message = backend.repositories.encrypt(repository_id, ids, content, options)
    return _write(args, message)


def _decrypt_arguments(parser: Parser) -> None:
    _file(parser, "the encrypted message")
    parser.add_argument("--cert", metavar="CERT", help="whose key opens it; without, the message tells")
    _out(parser)


def _decrypt(context: Context, args: Namespace) -> int:
    from certtui.model.cms import MAX_MESSAGE

    _spare_the_terminal(args, binary=True)
    message = files.source(args.file, MAX_MESSAGE).data
    with context.open() as backend:
        repository_id, ids = _meant(backend, args, [args.cert] if args.cert else [])
        context.unlock(backend)
        found = backend.repositories.decrypt(repository_id, ids[0] if ids else None, message)
    _write(args, found.content, private=True)
    terminal.say(f"Opened with the key of {found.certificate_name} ({found.key_encryption}, {found.cipher}).")
    if not found.authenticated:
        terminal.say("The cipher protects from no change on the way: what it says may be somebody else's.")
    return 0


COMMANDS = {
    "repository sign": (_sign_arguments, _sign),
    "repository verify": (_verify_arguments, _verify),
    "repository encrypt": (_encrypt_arguments, _encrypt),
    "repository decrypt": (_decrypt_arguments, _decrypt),
}


def of_verification(found: CmsVerification) -> Document:
    """What verifying found, as JSON."""
    signers: list[Value] = [
        {
            "name": each.name,
            "issuer": each.issuer,
            "serial_number": each.serial_number,
            "fingerprint_sha256": each.fingerprint_sha256,
            "algorithm": each.algorithm,
            "signed_at": rfc3339(each.signed_at) if each.signed_at else None,
            "good": each.good,
            "problem": each.problem,
            "trusted": each.trusted,
            "path": each.path,
        }
        for each in found.signers
    ]
    return {"valid": found.valid, "summary": found.summary, "detached": found.detached, "signers": signers}


def _texts(signer: CmsSigner) -> tuple[object, ...]:
    why = signer.problem or ("" if signer.trusted else signer.path)
    signature = "good" if signer.good else "not good"
    return signer.name, output.minute(signer.signed_at), signer.algorithm, signature, signer.trusted, why


def _file(parser: Parser, what: str) -> None:
    parser.add_argument("name", metavar="REPO", help="the id or name of a private or compliant repository")
    parser.add_argument(
        "file", metavar="FILE", nargs="?", default="-", help=f"{what}; standard input without it, and for -"
    )


def _form(parser: Parser) -> None:
    from certtui.model.cms import FORMS

    parser.add_argument("--form", choices=FORMS, default=FORMS[0], help=f"default: {FORMS[0]}")


def _out(parser: Parser) -> None:
    parser.add_argument("--out", metavar="FILE", default="-", help="where to, instead of standard output")
    parser.add_argument("--force", action="store_true", help="overwrite, and let what is binary go to a terminal")


def _spare_the_terminal(args: Namespace, *, binary: bool) -> None:
    """Raises `Usage` for what would confuse a terminal, or was written by strangers to do so."""
    if binary and args.out == files.STANDARD_INPUT and terminal.is_out_terminal() and not args.force:
        raise Usage("What comes out could confuse a terminal.", "Name a file by --out, or add --force.")


def _meant(backend: Backend, args: Namespace, certificates: list[str]) -> tuple[int, list[int]]:
    """Repository and certificates. Raises `NotFound`, `Ambiguous`; `Conflict` where there are no keys to use."""
    from certtui.model.cms import why_not_used

    repository = backend.repositories.get(backend.repositories.resolve(args.name))
    if reason := why_not_used(repository.row.data_source):
        raise Conflict(f"The keys of {repository.name} are not used here. {reason}", "Choose another repository.")
    if args.out not in (None, files.STANDARD_INPUT):
        from certtui.own_files import spare_the_store

        spare_the_store(backend, Path(args.out).expanduser())
    return repository.id, [backend.certificates.resolve(each) for each in certificates]


def _write(args: Namespace, content: bytes, *, private: bool = False) -> int:
    """To the file or to standard output; what was secret is readable by oneself alone."""
    if args.out == files.STANDARD_INPUT:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return 0
    from certtui import files as places

    path = Path(args.out).expanduser()
    try:
        places.write(path, content, mode=places.PRIVATE if private else places.PUBLIC, overwrite=args.force)
    except Conflict as there:
        raise Conflict(there.message, "Take another name, or add --force to overwrite it.") from None
    terminal.say(f"Wrote {path}.")
    return 0
