"""Short ways to store secrets and make containers in a backend under test."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from certtui.backend.base import Backend
from certtui.model.consumer import Consumer, ConsumerForm
from certtui.model.container import Container, ContainerForm, ContainerPayload
from certtui.model.secret import Secret
from certtui.model.stored_secret import StoredSecret, StoredSecretForm

NGINX = ConsumerForm("nginx", "host", "web-1.example.com")


def secret(
    backend: Backend,
    name: str = "shop passphrase",
    type: str = "passphrase",
    payload: bytes = b"correct horse",
    *,
    expires_at: datetime | None = None,
    **more: str,
) -> StoredSecret:
    """Store a secret."""
    return backend.secrets.store(StoredSecretForm(name, type, Secret(payload), expires_at=expires_at, **more))


def container(backend: Backend, certificate_id: int | None = None, name: str = "", **more: Any) -> Container:
    """Make a container, of an entry unless told otherwise."""
    return backend.containers.create(ContainerForm(name=name, certificate_id=certificate_id, **more))


def consumer(backend: Backend, container_id: int, form: ConsumerForm = NGINX) -> Consumer:
    """Register a consumer."""
    return backend.containers.add_consumer(container_id, form)


def fetched(backend: Backend, container_id: int, **more: Any) -> ContainerPayload:
    """What a consumer gets."""
    payload = backend.containers.fetch(container_id, **more)
    assert payload is not None
    return payload


def parts_in(payload: ContainerPayload) -> dict[str, bytes]:
    """The contents of a payload by the names of the parts."""
    return {part.name: part.content.reveal() for part in payload.parts}
