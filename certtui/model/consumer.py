"""A consumer: who uses a container, and with it the certificate that is in it."""

from __future__ import annotations

from datetime import datetime

from certtui.record import dataclass

MOST_CONSUMERS = 1_000
"""Of one container."""


@dataclass(frozen=True, slots=True)
class Consumer:
    """Who uses a container: a service, and its resource by type and id or URL."""

    id: int
    container_id: int
    container: str
    """The container's name."""
    service: str
    resource_type: str
    resource: str
    created_at: datetime
    created_by: str
    fetched_at: datetime | None = None
    fetched_number: int = 0
    """The version that it has, 0 for none so far."""
    behind: bool = False
    """It has an earlier version than the one that is given out."""


@dataclass(frozen=True, slots=True)
class ContainerRef:
    """A container as seen from its certificate."""

    id: int
    name: str
    ref: str
    number: int
    follows: bool
    consumer_count: int = 0


@dataclass(frozen=True, slots=True)
class ConsumerForm:
    """Who uses a container: a service, and perhaps which of its resources."""

    service: str
    resource_type: str = ""
    resource: str = ""


def consumer_words(consumer: Consumer | ConsumerForm) -> str:
    """A consumer in a few words: `nginx, host web-1`."""
    used = " ".join(filter(None, (consumer.resource_type, consumer.resource)))
    return f"{consumer.service}, {used}" if used else consumer.service
