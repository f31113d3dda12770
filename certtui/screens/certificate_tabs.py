"""The tabs of a certificate's page behind the first one, each a list of fields. Pure functions."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING

from certtui.model.container import reference_of
from certtui.model.search_text import u_labels
from certtui.screens import audit_words
from certtui.screens.certificate_life import STATUS_STYLE, done
from certtui.screens.certificate_overview import key_place, when
from certtui.screens.container_words import consumer_line
from certtui.widgets.fields import Item, blank, heading, sentence, text_line

if TYPE_CHECKING:
    from certtui.model.audit import AuditEvent
    from certtui.model.certificate import Certificate
    from certtui.model.x509 import X509Details


def names(certificate: Certificate) -> list[Item]:
    """Every subject alternative name, international ones in both spellings."""
    if not certificate.sans:
        return [sentence("It has no subject alternative names. The common name is never used for matching.", "warn")]
    count = len(certificate.sans)
    items = [
        sentence(f"{count:,} name{'s' if count > 1 else ''}. Clients match against these, not the common name."),
        blank(),
    ]
    for san in certificate.sans:
        kind, _, value = san.partition(":")
        other = u_labels(value) if kind == "DNS" else value
        items.append(
            Item(_KINDS.get(kind, kind.lower()), value if other == value else f"{value}  ({other})", copies=value)
        )
    return items


def used_by(certificate: Certificate, associate_key: str, container_key: str = "") -> list[Item]:
    """Resources, containers and their consumers: everything that would break."""
    if not (certificate.resources or certificate.containers):
        makes = f" {container_key} makes a container of it, which consumers fetch." if container_key else ""
        return [sentence(f"No resource is known to use it. {associate_key} says which ones do.{makes}")]
    opens = "a resource or a container" if certificate.containers else "a resource"
    items: list[Item] = [sentence(f"What would break without it. Enter opens {opens}."), blank()]
    for resource in certificate.resources:
        facts = "  ".join(part for part in (resource.type, resource.endpoint) if part)
        role = "" if resource.role == "server" else f"  as {resource.role}"
        items.append(
            Item(
                resource.type,
                f"{resource.name}  {facts.removeprefix(resource.type).strip()}{role}".strip(),
                copies=resource.name,
                target=("resource", resource.id),
            )
        )
    for container in certificate.containers:
        items.append(
            Item(
                "container",
                f"{container.name}  version {container.number}"
                f"{'' if container.consumer_count else ', no consumer is registered'}",
                copies=reference_of(container.ref),
                target=("container", container.id),
            )
        )
        items += [
            Item("", f"  {consumer_line(each, container.number)}", copies=each.resource or each.service)
            for each in certificate.consumers
            if each.container_id == container.id
        ]
    return items


def lineage(certificate: Certificate) -> list[Item]:
    """The older and newer ones, oldest first, and what was done with this one."""
    if len(certificate.lineage) <= 1:
        return [
            sentence("It renews nothing and nothing renews it, as far as is recorded here."),
            *done(certificate),
        ]
    items: list[Item] = [sentence("Oldest first. Enter opens another one."), blank()]
    for entry in certificate.lineage:
        here = entry.relation == "this"
        valid = (
            f"{entry.not_before:%Y-%m-%d} to {entry.not_after:%Y-%m-%d}"
            if entry.not_before and entry.not_after
            else "-"
        )
        items.append(
            Item(
                "this one" if here else entry.relation,
                f"{entry.name}  {valid}  {entry.status}",
                STATUS_STYLE.get(entry.status, "") if here else "",
                copies=entry.name,
                target=None if here else ("certificate", entry.id),
            )
        )
    return [*items, *done(certificate)]


def key(certificate: Certificate, *, locked: bool, reveal_key: str, delete_key: str, export_key: str) -> list[Item]:
    """The key's identity and what can be done with it; never the key."""
    facts: list[Item] = [
        Item("Algorithm", certificate.row.key_algorithm or "not known"),
        Item("Public key", certificate.spki_sha256 or "not known"),
        Item(
            "",
            "SHA-256 of the SubjectPublicKeyInfo: certificate, request and key that belong together have the same.",
            "dim",
        ),
        Item("Private key", key_place(certificate)),
    ]
    if not certificate.row.has_private_key:
        return [
            *facts,
            blank(),
            sentence("To attach it, add the certificate again with its key: it is not added twice."),
        ]
    lock = "The store is locked: its passphrase is asked first." if locked else "Sealed in the store with AES-256-GCM."
    return [
        *facts,
        Item("", lock, "dim"),
        blank(),
        Item(
            reveal_key, "show it on a screen of its own: asked first, audited, hidden after a minute", selectable=False
        ),
        Item(export_key, "write it to a file, encrypted by default", selectable=False),
        Item(delete_key, "destroy it and keep the certificate: asked for by typing", selectable=False),
    ]


def audit(events: Sequence[AuditEvent] | None, total: int | None) -> list[Item]:
    """What was done to it, newest first; None while it is read."""
    if events is None:
        return [sentence("Reading the audit log …", "dim")]
    if not events:
        return [sentence("The audit log has nothing on it.")]
    items: list[Item] = []
    for event in events:
        about = audit_words.about(event)
        text = f"{event.event}  by {audit_words.actor(event)}" + (f"  {about}" if about else "")
        items.append(Item(f"{event.at:%m-%d %H:%M}", text, copies=text, target=("audit", event.id)))
    if total is not None and total > len(events):
        items += [
            blank(),
            sentence(f"These are the newest {len(events):,} of {total:,}; the place Audit has all.", "dim"),
        ]
    return items


def text(certificate: Certificate, details: X509Details | None, csr_text: str = "") -> list[Item]:
    """The whole certificate in the manner of `openssl x509 -text`, unknown extensions as hex."""
    if details is None:
        if certificate.x509 is None:
            return [text_line(line) for line in csr_text.splitlines()] or [sentence("There is no certificate yet.")]
        return [sentence("Reading it …", "dim")]
    return [text_line(line) for line in details.text.splitlines()]


def pem(certificate: Certificate) -> list[Item]:
    """The certificate and what is stored of its chain, as PEM."""
    if certificate.x509 is None:
        return [sentence("There is no certificate yet; the request is under CSR.")]
    items = [text_line(line) for line in pem_of(certificate.x509.der).splitlines()]
    for link in certificate.chain:
        items += [blank(), heading(f"Chain: {link.common_name or link.subject}")]
        items += [text_line(line) for line in pem_of(link.der).splitlines()]
    return items


def csr(certificate: Certificate, csr_text: str) -> list[Item]:
    """The request it came from."""
    if not certificate.csr_pem:
        return [sentence("No request is known: the certificate was not asked for from here.")]
    items = [text_line(line) for line in certificate.csr_pem.strip().splitlines()]
    if csr_text:
        items += [blank(), *(text_line(line) for line in csr_text.splitlines())]
    return items


def copy_fields(certificate: Certificate, details: X509Details | None) -> list[tuple[str, str]]:
    """Everything that can be copied, (label, text), empty ones included."""
    row, facts = certificate.row, certificate.x509
    fields = [
        ("Name", row.name),
        ("Common name", row.common_name),
        ("Names", "\n".join(san.partition(":")[2] for san in certificate.sans)),
        ("Subject", certificate.subject),
    ]
    if facts is not None:
        whole = pem_of(facts.der)
        fields += [
            ("Issuer", facts.issuer),
            ("Serial", facts.serial_number),
            ("SHA-256", facts.fingerprint_sha256),
            ("SHA-1", facts.fingerprint_sha1),
            ("Valid from", when(facts.not_before)),
            ("Valid to", when(facts.not_after)),
            ("PEM", whole),
            (
                "PEM with chain",
                whole + "".join(pem_of(link.der) for link in certificate.chain) if certificate.chain else "",
            ),
        ]
    return [
        *fields,
        ("Public key hash", certificate.spki_sha256),
        ("Key algorithm", row.key_algorithm),
        ("CSR", certificate.csr_pem),
        ("Text", details.text if details is not None else ""),
        ("Why this status", certificate.status_reason),
        ("Used by", "\n".join(resource.name for resource in certificate.resources)),
        ("Group", row.business_group),
        ("Description", certificate.description),
        ("Contact", row.contact_email),
        ("Id", str(row.id)),
    ]


def pem_of(der: bytes, label: str = "CERTIFICATE") -> str:
    """DER as PEM (RFC 7468, 64 characters a line)."""
    body = base64.b64encode(der).decode("ascii")
    lines = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n"


_KINDS = {"DNS": "DNS", "IP": "IP", "EMAIL": "e-mail", "URI": "URI", "OTHER": "other"}
