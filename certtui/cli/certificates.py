"""`certtui show`, `edit` and `delete`: one certificate, or a few, named by id, name or fingerprint."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from certtui.cli import documents, output, terminal
from certtui.cli.arguments import Parser, Usage, count, format_option, keep_key_options, yes_option
from certtui.errors import CerttuiError, Conflict, Denied, Unreachable

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Sequence

    from certtui.backend.base import Backend
    from certtui.cli.context import Context
    from certtui.model.certificate import Certificate
    from certtui.model.chain import ChainReport
    from certtui.model.x509 import X509Details

PARTLY = 3


def reference(parser: Parser, name: str = "certificate", metavar: str = "CERT", **options: str) -> None:
    """A CERT argument."""
    parser.add_argument(name, metavar=metavar, help="an id, a name or the beginning of a fingerprint", **options)  # type: ignore[arg-type]  # argparse takes keywords by name


def find(backend: Backend, text: str) -> Certificate:
    """The certificate that a CERT argument means. Raises `NotFound`, `Ambiguous`."""
    return backend.certificates.get(backend.certificates.resolve(text))


def _show_arguments(parser: Parser) -> None:
    reference(parser)
    format_option(parser, csv=False)


def _show(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        certificate = find(backend, args.certificate)
        with contextlib.suppress(Denied, Unreachable):
            # A store that can't be written is read nevertheless.
            backend.certificates.record_view(certificate.id)
        chain = backend.certificates.chain(certificate.id) if certificate.x509 else None
        details = context.inspect().details(certificate.x509.der) if certificate.x509 else None
    if args.format == "json":
        output.json_object(documents.of_certificate(certificate, chain, details))
    else:
        output.fields(_pairs(certificate, details))
        _write_rest(certificate, chain)
    return 0


def _pairs(certificate: Certificate, details: X509Details | None) -> Iterator[tuple[str, object]]:
    from certtui.model.consumer import consumer_words

    row, x509 = certificate.row, certificate.x509
    yield "Name", row.name
    yield "Id", row.id
    yield "Status", f"{row.status}: {certificate.status_reason}"
    yield "Common name", row.common_name
    for number, san in enumerate(certificate.sans):
        yield "" if number else "SANs", san
    yield "Subject", certificate.subject
    if x509 is not None:
        yield "Issuer", x509.issuer
        yield "Serial", x509.serial_number
        yield "Valid from", output.minute(row.not_before)
        yield "Valid to", output.minute(row.not_after)
        yield "Days left", row.days_remaining
    yield "Key", f"{row.key_algorithm}, {'here' if row.has_private_key else 'not here'}"
    yield "Public key", certificate.spki_sha256
    if x509 is not None:
        yield "Digest", x509.signature_digest
        yield "SHA-256", x509.fingerprint_sha256
        yield "SHA-1", x509.fingerprint_sha1
    if details is not None:
        yield "Key usage", ", ".join(details.key_usages)
        yield "Extended use", ", ".join(details.extended_key_usages)
    yield "Source", row.source
    yield "Provider", row.provider
    if certificate.authority:
        yield "Authority", certificate.authority
    if certificate.order_id is not None:
        yield "Order", certificate.order_id
    if certificate.auto_renew_days:
        key = ", with the same key" if certificate.keep_key else ""
        yield "Auto-renew", f"{certificate.auto_renew_days} days before it expires{key}"
    if revocation := certificate.revocation:
        yield "Revoked", f"{output.minute(revocation.revoked_at)} by {revocation.by}, {revocation.reason}"
        yield "Invalid since", output.minute(revocation.invalidity_date)
        yield "CA knows", f"{revocation.authority}. {revocation.answer}".strip()
    for line in certificate.panel:
        yield line.label, line.text
    yield "Group", row.business_group
    if row.repository:
        yield "Repository", row.repository
    yield "Description", certificate.description
    yield "Contact", row.contact_email
    yield "Created", output.minute(row.created_at)
    for number, resource in enumerate(certificate.resources):
        yield "" if number else "Used by", f"{resource.name} ({resource.type}, {resource.role}) {resource.endpoint}"
    for number, container in enumerate(certificate.containers):
        yield (
            "" if number else "Container",
            f"{container.name} (id {container.id}, version {container.number}) containers/{container.ref}",
        )
    for number, consumer in enumerate(certificate.consumers):
        yield "" if number else "Consumers", f"{consumer_words(consumer)}, by {consumer.container}"
    for number, entry in enumerate(certificate.lineage):
        yield (
            "" if number else "Lineage",
            f"{entry.name} (id {entry.id}, {entry.relation}, {entry.status}, until {output.day(entry.not_after)})",
        )


def _write_rest(certificate: Certificate, chain: ChainReport | None) -> None:
    if chain is not None:
        output.lines(["", f"Chain: {chain.summary}"])
        for path in chain.paths[:1]:
            for depth, link in enumerate(path.links):
                remark = link.problem or link.note or f"until {output.day(link.not_after)}"
                output.lines([f"{link.name or link.subject}   {remark}"], indent="  " * (depth + 1))
        output.lines([f"Judged by: {chain.trust_store}"])
    if certificate.x509 is not None:
        output.lines(["", *documents.pem(certificate.x509.der).splitlines()])
    elif certificate.csr_pem:
        output.lines(["", *certificate.csr_pem.splitlines()])


def _edit_arguments(parser: Parser) -> None:
    reference(parser)
    parser.add_argument("--name", help="a new name")
    parser.add_argument("--group", help="the business group that owns it, '' for none")
    parser.add_argument("--description", help="what it is for")
    parser.add_argument("--contact", metavar="EMAIL", help="whom to write to")
    parser.add_argument("--authority", metavar="NAME", help="the profile that renews it, '' for none")
    parser.add_argument(
        "--auto-renew", metavar="DAYS", type=count, help="renew so many days before it expires; 0 for never"
    )
    keep_key_options(parser)


def _edit(context: Context, args: Namespace) -> int:
    from certtui.model.certificate import CertificateEdit

    changes = CertificateEdit(
        name=args.name,
        business_group=args.group,
        description=args.description,
        contact_email=args.contact,
        authority=args.authority,
        auto_renew_days=args.auto_renew,
        keep_key=args.keep_key,
    )
    if changes == CertificateEdit():
        raise Usage(
            "Nothing to change was given.",
            "Add --name, --group, --description, --contact, --authority, --auto-renew or --keep-key.",
        )
    with context.open() as backend:
        certificate = find(backend, args.certificate)
        after = backend.certificates.edit(certificate.id, certificate.version, changes)
        problems: tuple[str, ...] = ()
        if args.authority is not None or args.auto_renew is not None:
            from certtui.renewing import renewal_problems

            problems = renewal_problems(backend, after)
    terminal.say(f"Changed {after.row.name} (id {after.id}).")
    if problems:
        terminal.say(f"It would not be renewed as it is: {' '.join(problems)}")
    return 0


_DISSOCIATE = "Dissociate it first, or add --dissociate."


def _delete_arguments(parser: Parser) -> None:
    reference(parser, "certificates", nargs="+")
    parser.add_argument("--dissociate", action="store_true", help="also those that resources use")
    yes_option(parser)


def _delete(context: Context, args: Namespace) -> int:
    with context.open() as backend:
        found, errors = _find_all(backend, args.certificates)
        if found and not args.yes:
            _ask_to_delete(found, dissociate=args.dissociate)
        for certificate in found:
            try:
                backend.certificates.delete(
                    certificate.id,
                    certificate.version,
                    dissociate=args.dissociate,
                    consumers=[consumer.id for consumer in certificate.consumers],
                )
            except (Denied, Unreachable):
                raise
            except Conflict as error:
                in_use = certificate.resources and not args.dissociate
                errors.append(Conflict(error.message, _DISSOCIATE) if in_use else error)
            except CerttuiError as error:
                errors.append(error)
            else:
                terminal.say(f"Deleted {certificate.row.name} (id {certificate.id}).")
    return conclude(errors, done=len(args.certificates) - len(errors))


def conclude(errors: Sequence[CerttuiError], *, done: int) -> int:
    """The exit code of an act on several things; what went wrong is said. Raises the error when it is the only one and nothing was done."""
    if not errors:
        return 0
    if len(errors) == 1 and not done:
        raise errors[0]
    for error in errors:
        terminal.say(f"certtui: {error}")
    return PARTLY if done else errors[0].exit_code


def _find_all(backend: Backend, references: Sequence[str]) -> tuple[list[Certificate], list[CerttuiError]]:
    found: dict[int, Certificate] = {}
    errors: list[CerttuiError] = []
    for text in references:
        try:
            certificate = find(backend, text)
        except (Denied, Unreachable):
            raise
        except CerttuiError as error:
            errors.append(error)
        else:
            found[certificate.id] = certificate
    return list(found.values()), errors


def _ask_to_delete(found: Sequence[Certificate], *, dissociate: bool) -> None:
    if not terminal.can_ask():
        raise Usage("Nobody can be asked whether to delete.", "Add --yes.")
    from certtui.model.consumer import consumer_words

    for certificate in found:
        row = certificate.row
        key = ", with its private key" if row.has_private_key else ""
        terminal.say(f"  {row.name} (id {row.id}, {row.status}, until {output.day(row.not_after)}{key})")
        if dissociate:
            for resource in certificate.resources:
                terminal.say(f"    used by {resource.name} ({resource.type}) {resource.endpoint}")
        for consumer in certificate.consumers:
            terminal.say(f"    used by {consumer_words(consumer)}, by the container {consumer.container}")
    what = "this certificate" if len(found) == 1 else f"these {len(found)} certificates"
    if not terminal.confirm(f"Delete {what}? This can't be undone."):
        raise CerttuiError("Nothing was deleted.")


COMMANDS = {
    "show": (_show_arguments, _show),
    "edit": (_edit_arguments, _edit),
    "delete": (_delete_arguments, _delete),
}
