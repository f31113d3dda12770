"""The JSON of each noun: stable from 0.1 on, documented in docs/cli.md. Exact texts; times RFC 3339, UTC."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.cli.documents_containers import of_consumer
from certtui.clock import rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from certtui.cli.output import Document, Value
    from certtui.model.audit import AuditEvent
    from certtui.model.certificate import (
        Certificate,
        CertificateRecord,
        CertificateRow,
        LineageEntry,
        ReplacementPlan,
        ResourceRef,
    )
    from certtui.model.chain import ChainLink, ChainReport
    from certtui.model.consumer import ContainerRef
    from certtui.model.csr import SavedCsr
    from certtui.model.match import MatchPart
    from certtui.model.resource import AssociatedCertificate, Resource, ResourceRow
    from certtui.model.revocation import Revocation
    from certtui.model.revocation_plan import RevocationPlan
    from certtui.model.x509 import X509Details, X509Facts

CERTIFICATE = (
    *("id", "name", "common_name", "sans", "issuer", "subject", "serial_number", "key_algorithm", "signature_digest"),
    *("not_before", "not_after", "days_remaining", "status", "source", "provider", "has_private_key"),
    *("fingerprint_sha256", "business_group", "description", "contact_email", "resources", "created_at"),
    *("repository", "authority", "auto_renew_days"),
)
CSR = ("id", "name", "common_name", "sans", "subject", "key_algorithm", "spki_sha256", "business_group", "created_at")
RESOURCE = ("id", "name", "type", "endpoint", "notes", "certificate_count", "next_expiry", "created_at")
AUDIT = (
    *("id", "at", "event", "actor", "object_kind", "object_id", "object_name", "detail"),
    *("previous_hash", "hash"),
)


def of_record(record: CertificateRecord) -> Document:
    """One entry as `list` gives it."""
    return {
        **_head(record.row, record.sans, record.issuer, record.subject, record.serial_number, record.signature_digest),
        **_tail(record.row, record.fingerprint_sha256, record.description, record.resources),
    }


def of_certificate(certificate: Certificate, chain: ChainReport | None, details: X509Details | None) -> Document:
    """One entry as `show` gives it: what `list` gives, and what its page shows."""
    x509 = certificate.x509
    return {
        **_head(
            certificate.row,
            x509.sans if x509 else certificate.sans,
            x509.issuer if x509 else "",
            certificate.subject,
            x509.serial_number if x509 else "",
            x509.signature_digest if x509 else "",
        ),
        **_tail(
            certificate.row,
            x509.fingerprint_sha256 if x509 else "",
            certificate.description,
            certificate.resources,
        ),
        "version": certificate.version,
        "status_reason": certificate.status_reason,
        "fingerprint_sha1": x509.fingerprint_sha1 if x509 else "",
        "spki_sha256": certificate.spki_sha256,
        "is_ca": x509.is_ca if x509 else False,
        "subject_key_id": x509.subject_key_id if x509 else "",
        "authority_key_id": x509.authority_key_id if x509 else "",
        "signature_algorithm": details.signature_algorithm if details else "",
        "key_usages": list(details.key_usages) if details else [],
        "extended_key_usages": list(details.extended_key_usages) if details else [],
        "extensions": [
            {"oid": each.oid, "name": each.name, "critical": each.critical, "value": list(each.lines)}
            for each in (details.extensions if details else ())
        ],
        "chain": [_of_facts(each) for each in certificate.chain],
        "paths": _of_paths(chain),
        "chain_summary": chain.summary if chain else "",
        "trust_store": chain.trust_store if chain else "",
        "associations": [_of_association(each) for each in certificate.resources],
        "lineage": [_of_lineage(each) for each in certificate.lineage],
        "order_id": certificate.order_id,
        "keep_key": certificate.keep_key,
        "revocation": of_revocation(certificate.revocation),
        "pem": pem(x509.der) if x509 else "",
        "csr_pem": certificate.csr_pem,
        "updated_at": rfc3339(certificate.updated_at),
        "container_ref": certificate.containers[0].ref if certificate.containers else "",
        "containers": [_of_held(each) for each in certificate.containers],
        "consumers": [of_consumer(each) for each in certificate.consumers],
    }


def of_revocation(revocation: Revocation | None) -> Document | None:
    """How a revocation stands."""
    if revocation is None:
        return None
    return {
        "revoked_at": rfc3339(revocation.revoked_at),
        "reason": str(revocation.reason),
        "code": revocation.reason.code,
        "invalidity_date": _time(revocation.invalidity_date),
        "by": revocation.by,
        "authority_knows": str(revocation.authority),
        "answer": revocation.answer,
        "attempts": revocation.attempts,
        "tries_at": _time(revocation.tries_at),
        "renew": revocation.renew,
    }


def of_revoked(certificate: Certificate) -> Document:
    """What `revoke` did: which one, and how its revocation stands."""
    return {
        "id": certificate.id,
        "name": certificate.row.name,
        "serial_number": certificate.x509.serial_number if certificate.x509 else "",
        "status_reason": certificate.status_reason,
        **(of_revocation(certificate.revocation) or {}),
    }


def of_revocation_plan(plan: RevocationPlan) -> Document:
    """What a revocation would break."""
    return {
        "id": plan.certificate_id,
        "name": plan.name,
        "serial_number": plan.serial_number,
        "resources": [_of_association(each) for each in plan.resources],
        "lineage": [_of_lineage(each) for each in plan.lineage],
        "replacement_id": plan.replacement_id,
        "replacement": plan.replacement,
        "authority": plan.authority,
        "warnings": list(plan.warnings),
        "consumers": [of_consumer(each) for each in plan.consumers],
        "renews_itself": plan.renews_itself,
        "why_no_renewal": plan.why_no_renewal,
    }


def of_csr(csr: SavedCsr) -> Document:
    """One saved CSR; `show` adds its PEM."""
    return {
        "id": csr.id,
        "name": csr.name,
        "common_name": csr.common_name,
        "sans": list(csr.sans),
        "subject": csr.subject,
        "key_algorithm": csr.key_algorithm,
        "spki_sha256": csr.spki_sha256,
        "business_group": csr.business_group,
        "created_at": rfc3339(csr.created_at),
    }


def of_resource(row: ResourceRow) -> Document:
    """One resource as `resource list` gives it."""
    return {
        "id": row.id,
        "name": row.name,
        "type": row.type,
        "endpoint": row.endpoint,
        "notes": row.notes,
        "certificate_count": row.certificate_count,
        "next_expiry": _time(row.next_expiry),
        "created_at": rfc3339(row.created_at),
    }


def of_whole_resource(resource: Resource) -> Document:
    """One resource with its certificates, as `resource show` gives it."""
    return {**of_resource(resource.row), "certificates": [_of_user(each) for each in resource.certificates]}


def of_event(event: AuditEvent) -> Document:
    """One audit record; `detail` is an object."""
    import json

    return {
        "id": event.id,
        "at": rfc3339(event.at),
        "event": event.event,
        "actor": event.actor,
        "object_kind": event.object_kind,
        "object_id": event.object_id,
        "object_name": event.object_name,
        "detail": json.loads(event.detail) if event.detail else {},
        "previous_hash": event.previous_hash,
        "hash": event.hash,
    }


def of_plan(plan: ReplacementPlan, *, done: bool) -> Document:
    """What a replacement does, or did."""
    return {
        "old_id": plan.old_id,
        "new_id": plan.new_id,
        "done": done,
        "moves": [{**_of_association(each.resource), "move": each.move, "reason": each.reason} for each in plan.moves],
        "warnings": list(plan.warnings),
        "containers": [_of_held(each) for each in plan.containers],
    }


def of_part(part: MatchPart) -> Document:
    """One thing that `match` found in a file."""
    return {
        "path": part.path,
        "kind": part.kind,
        "label": part.label,
        "spki_sha256": part.identity,
        "ok": part.ok,
        "problem": part.problem,
        "not_after": rfc3339(part.not_after) if part.not_after else None,
    }


def pem(der: bytes, label: str = "CERTIFICATE") -> str:
    """PEM of DER bytes (RFC 7468), ending with a newline."""
    from base64 import b64encode

    text = b64encode(der).decode("ascii")
    body = "\n".join(text[start : start + 64] for start in range(0, len(text), 64))
    return f"-----BEGIN {label}-----\n{body}\n-----END {label}-----\n"


def _head(
    row: CertificateRow, sans: Iterable[str], issuer: str, subject: str, serial_number: str, digest: str
) -> Document:
    return {
        "id": row.id,
        "name": row.name,
        "common_name": row.common_name,
        "sans": list(sans),
        "issuer": issuer,
        "subject": subject,
        "serial_number": serial_number,
        "key_algorithm": row.key_algorithm,
        "signature_digest": digest,
        "not_before": _time(row.not_before),
        "not_after": _time(row.not_after),
        "days_remaining": row.days_remaining,
        "status": str(row.status),
        "source": row.source,
        "provider": row.provider,
        "has_private_key": row.has_private_key,
    }


def _tail(row: CertificateRow, fingerprint: str, description: str, resources: Iterable[ResourceRef]) -> Document:
    return {
        "fingerprint_sha256": fingerprint,
        "business_group": row.business_group,
        "description": description,
        "contact_email": row.contact_email,
        "resources": [{"id": each.id, "name": each.name, "type": each.type} for each in resources],
        "created_at": rfc3339(row.created_at),
        "repository": row.repository,
        "authority": row.authority,
        "auto_renew_days": row.auto_renew_days,
    }


def _time(instant: datetime | None) -> str | None:
    return rfc3339(instant) if instant else None


def _of_facts(facts: X509Facts) -> Document:
    return {
        "subject": facts.subject,
        "issuer": facts.issuer,
        "serial_number": facts.serial_number,
        "fingerprint_sha256": facts.fingerprint_sha256,
        "not_before": rfc3339(facts.not_before),
        "not_after": rfc3339(facts.not_after),
    }


def _of_paths(chain: ChainReport | None) -> list[Value]:
    if chain is None:
        return []
    return [
        {"trusted": path.trusted, "problem": path.problem, "links": [_of_link(link) for link in path.links]}
        for path in chain.paths
    ]


def _of_link(link: ChainLink) -> Document:
    return {
        "subject": link.subject,
        "fingerprint_sha256": link.fingerprint_sha256,
        "not_after": _time(link.not_after),
        "found_in": link.found_in,
        "certificate_id": link.certificate_id,
        "note": link.note,
        "problem": link.problem,
    }


def _of_association(resource: ResourceRef) -> Document:
    return {
        "id": resource.id,
        "name": resource.name,
        "type": resource.type,
        "endpoint": resource.endpoint,
        "role": resource.role,
    }


def _of_held(container: ContainerRef) -> Document:
    return {
        "id": container.id,
        "name": container.name,
        "ref": container.ref,
        "number": container.number,
        "follows": container.follows,
        "consumer_count": container.consumer_count,
    }


def _of_lineage(entry: LineageEntry) -> Document:
    return {
        "id": entry.id,
        "name": entry.name,
        "relation": entry.relation,
        "status": str(entry.status),
        "not_before": _time(entry.not_before),
        "not_after": _time(entry.not_after),
    }


def _of_user(certificate: AssociatedCertificate) -> Document:
    return {
        "id": certificate.id,
        "name": certificate.name,
        "role": certificate.role,
        "status": certificate.status,
        "not_after": _time(certificate.not_after),
    }
