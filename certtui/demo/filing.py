"""What the demonstration gives out: repositories, containers, who fetches them, and secrets that are kept beside certificates. All by real acts."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from certtui.model.consumer import ConsumerForm
from certtui.model.container import ContainerContent, ContainerForm, ContainerType
from certtui.model.repository import DataSource, RepositoryForm, RepositorySource
from certtui.model.secret import Secret
from certtui.model.stored_secret import StoredSecretForm

if TYPE_CHECKING:
    from datetime import datetime

    from certtui.backend.base import Backend
    from certtui.model.container import Container

EDGE = ConsumerForm("nginx", "host", "edge-3.example.com")
BALANCER = ConsumerForm("haproxy", "load-balancer", "lb-west")
NIGHTLY = ConsumerForm("airflow", "job", "nightly-reports")


def give_out(backend: Backend, billing: tuple[int, int], gateway: int) -> None:
    """The gateway's certificate, which one fetches and one has not yet; billing's old one and then its renewal."""
    containers = backend.containers
    front = containers.create(ContainerForm(certificate_id=gateway))
    containers.fetch(front.id, consumer=EDGE)
    containers.add_consumer(front.id, BALANCER)
    old, new = billing
    bills = containers.create(ContainerForm("billing-tls", certificate_id=old))
    containers.fetch(bills.id, consumer=BALANCER)
    containers.fetch(bills.id, consumer=EDGE)
    bills = containers.update(bills.id, containers.get(bills.id).version, ContainerContent(new))
    containers.fetch(bills.id, consumer=EDGE)


def file_away(backend: Backend, edge: Sequence[int]) -> None:
    """What stands at the edge, in a repository of its own; another one was reset and waits for a data source."""
    uploaded = RepositorySource(DataSource.UPLOADED)
    place = backend.repositories.create(RepositoryForm(uploaded, "edge"))
    versions = [(record.row.id, record.row.version) for record in backend.certificates.records(edge)]
    backend.repositories.add_certificates(place.id, versions)
    old = backend.repositories.create(RepositoryForm(uploaded, "old portal"))
    backend.repositories.reset(old.id, old.version, leaving=0)


def store_secrets(backend: Backend, now: datetime) -> Container:
    """What a nightly job needs besides certificates, as a container of its own; one thing that nothing uses."""
    word = _secret(backend, "reports-db", "passphrase", secrets.token_urlsafe(24).encode(), "The reporting role.")
    token = _secret(
        backend, "harbour-token", "opaque", secrets.token_hex(32).encode(), "For orders at Harbour.",
        expires_at=now + timedelta(days=19),
    )  # fmt: skip
    _secret(backend, "backup-key", "symmetric", secrets.token_bytes(32), "For the backups of the lake.")
    parts = {"db_password": word, "harbour_token": token}
    made = backend.containers.create(
        ContainerForm("reports-job", ContainerType.GENERIC, parts=parts, business_group="data")
    )
    backend.containers.fetch(made.id, consumer=NIGHTLY)
    return made


def register(backend: Backend, orders: Mapping[str, ConsumerForm]) -> None:
    """Who uses what orders brought: every completed one has a container by itself."""
    for name, consumer in orders.items():
        backend.containers.add_consumer(backend.containers.resolve(name), consumer)


def _secret(
    backend: Backend, name: str, kind: str, payload: bytes, about: str, *, expires_at: datetime | None = None
) -> int:
    form = StoredSecretForm(name, kind, Secret(payload), expires_at, "data", about)
    return backend.secrets.store(form).id
