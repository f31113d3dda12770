"""The JSON of containers, consumers and stored secrets, as docs/cli.md says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.clock import rfc3339

if TYPE_CHECKING:
    from datetime import datetime

    from certtui.cli.output import Document
    from certtui.model.consumer import Consumer
    from certtui.model.container import Container, ContainerCheck, ContainerRow
    from certtui.model.stored_secret import StoredSecret, StoredSecretCheck, StoredSecretRow

CONTAINER = (
    *("id", "ref", "name", "type", "status", "number", "certificate_id", "certificate", "not_after", "days_remaining"),
    *("parts", "consumer_count", "follows", "business_group", "created_by", "created_at", "updated_at"),
)
CONSUMER = (
    *("id", "container_id", "container", "service", "resource_type", "resource", "fetched_number", "fetched_at"),
    *("behind", "created_by", "created_at"),
)
SECRET = (
    *("id", "name", "type", "algorithm", "spki_sha256", "size", "expires_at", "days_remaining", "container_count"),
    *("business_group", "description", "created_by", "created_at"),
)


def of_container(row: ContainerRow) -> Document:
    """One container as `container list` gives it."""
    return {
        "id": row.id,
        "ref": row.ref,
        "name": row.name,
        "type": row.type.value,
        "status": row.status.value,
        "number": row.number,
        "certificate_id": row.certificate_id,
        "certificate": row.certificate,
        "not_after": _time(row.not_after),
        "days_remaining": row.days_remaining,
        "parts": list(row.parts),
        "consumer_count": row.consumer_count,
        "follows": row.follows,
        "business_group": row.business_group,
        "created_by": row.created_by,
        "created_at": rfc3339(row.created_at),
        "updated_at": rfc3339(row.updated_at),
    }


def of_whole_container(container: Container, reference: str) -> Document:
    """One container as `container show` gives it."""
    return {
        **of_container(container.row),
        "version": container.version,
        "reference": reference,
        "status_reason": container.status_reason,
        "contents": [
            {"name": part.name, "about": part.about, "secret_id": part.secret_id, "secret": part.secret}
            for part in container.parts
        ],
        "versions": [
            {
                "number": one.number,
                "certificate_id": one.certificate_id,
                "certificate": one.certificate,
                "not_after": _time(one.not_after),
                "reason": one.reason,
                "parts": list(one.parts),
                "created_by": one.created_by,
                "created_at": rfc3339(one.created_at),
                "why_not": one.why_not,
            }
            for one in container.versions
        ],
        "consumers": [of_consumer(one) for one in container.consumers],
    }


def of_check(container: Container, check: ContainerCheck) -> Document:
    """What `container check` says."""
    return {
        "id": container.id,
        "name": container.row.name,
        "number": check.number,
        "ok": check.ok,
        "unfit": check.unfit,
        "summary": check.summary,
        "problems": [{"part": one.part, "problem": one.problem} for one in check.problems],
    }


def of_consumer(consumer: Consumer) -> Document:
    """One consumer."""
    return {
        "id": consumer.id,
        "container_id": consumer.container_id,
        "container": consumer.container,
        "service": consumer.service,
        "resource_type": consumer.resource_type,
        "resource": consumer.resource,
        "fetched_number": consumer.fetched_number,
        "fetched_at": _time(consumer.fetched_at),
        "behind": consumer.behind,
        "created_by": consumer.created_by,
        "created_at": rfc3339(consumer.created_at),
    }


def of_secret(row: StoredSecretRow) -> Document:
    """One stored secret as `secret list` gives it; nothing of what is in it."""
    return {
        "id": row.id,
        "name": row.name,
        "type": row.type,
        "algorithm": row.algorithm,
        "spki_sha256": row.spki_sha256,
        "size": row.size,
        "expires_at": _time(row.expires_at),
        "days_remaining": row.days_remaining,
        "container_count": row.container_count,
        "business_group": row.business_group,
        "description": row.description,
        "created_by": row.created_by,
        "created_at": rfc3339(row.created_at),
    }


def of_whole_secret(secret: StoredSecret) -> Document:
    """One stored secret as `secret show` gives it."""
    return {
        **of_secret(secret.row),
        "version": secret.version,
        "containers": [
            {"id": use.container_id, "name": use.container, "part": use.part, "current": use.current}
            for use in secret.uses
        ],
    }


def of_secret_check(secret: StoredSecret, check: StoredSecretCheck) -> Document:
    """What `secret check` says."""
    return {
        "id": secret.id,
        "name": secret.row.name,
        "ok": check.ok,
        "summary": check.summary,
        "expires_at": _time(check.expires_at),
        "days_remaining": check.days_remaining,
    }


def _time(instant: datetime | None) -> str | None:
    return rfc3339(instant) if instant else None
