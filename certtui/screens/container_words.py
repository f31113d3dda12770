"""Containers, consumers and stored secrets in words: pure functions, raw text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.model.consumer import consumer_words
from certtui.model.container import ContainerStatus, VersionReason, reference_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from certtui.backend.base import BackendInfo
    from certtui.model.consumer import Consumer, ContainerRef
    from certtui.model.container import Container, ContainerRow, ContainerVersion

STATUS_LOOK = {
    ContainerStatus.ACTIVE: ("  active", ""),
    ContainerStatus.EXPIRING: ("! expiring", "warn"),
    ContainerStatus.EXPIRED: ("x expired", "bad"),
    ContainerStatus.REVOKED: ("x revoked", "bad"),
    ContainerStatus.NOT_YET_VALID: ("~ not yet", "note"),
    ContainerStatus.INCOMPLETE: ("x incomplete", "bad"),
}
"""Symbol and word of a status, and its style: a status needs no colour."""

_REASONS = {
    VersionReason.CREATED: "made by hand",
    VersionReason.ISSUED: "an order was completed",
    VersionReason.RENEWED: "its certificate was renewed",
    VersionReason.REPLACED: "its certificate was replaced by hand",
    VersionReason.UPDATED: "updated by hand",
}


def reference(info: BackendInfo, ref: str) -> str:
    """What consumers call it by: over a server its URL."""
    return reference_of(ref, info.place if info.kind == "remote" else "")


def holds(row: ContainerRow) -> str:
    """What is in it, in a few words: its certificate, or the names of its parts."""
    return row.certificate or ", ".join(row.parts) or "nothing"


def version_holds(version: ContainerVersion) -> str:
    """What a version held, and until when that is good."""
    held = version.certificate or ", ".join(version.parts) or "a certificate that is gone"
    return f"{held}, until {version.not_after:%Y-%m-%d}" if version.not_after else held


def why(reason: str) -> str:
    """Why a version was made."""
    kind, _, number = reason.partition(" ")
    if kind == VersionReason.ROLLED_BACK:
        return f"stepped back to {number}"
    return _REASONS.get(reason, reason)


def has(consumer: Consumer, current: int) -> str:
    """Which version a consumer has."""
    if not consumer.fetched_number:
        return f"has none yet, current is {current}"
    if consumer.fetched_number == current:
        return f"has {current}, the current one"
    return f"has {consumer.fetched_number}, current is {current}"


def consumer_line(consumer: Consumer, current: int) -> str:
    """A consumer and what it has."""
    return f"{consumer_words(consumer)}: {has(consumer, current)}"


def consumer_lines(consumers: Sequence[Consumer], containers: Sequence[ContainerRef] = ()) -> list[str]:
    """Every one of them, indented, as a dialog lists what would break; by which container, where several are in question."""
    numbers = {each.id: each.number for each in containers}
    lines = []
    for each in consumers:
        by = f"  by {each.container}" if each.container else ""
        behind = numbers.get(each.container_id)
        lines.append(f"  {consumer_words(each)}{by}{f', {has(each, behind)}' if behind is not None else ''}")
    return lines


def what_consumers_see(container: Container) -> list[str]:
    """What a new version means for those who fetch it."""
    number = container.row.number + 1
    if not container.consumers:
        return [f"It becomes version {number}. No consumer is registered; who fetches by the reference gets it."]
    count = len(container.consumers)
    said = "This consumer gets" if count == 1 else f"These {count:,} consumers get"
    return [
        f"It becomes version {number}. {said} it at the next fetch:",
        *(f"  {consumer_line(each, container.row.number)}" for each in container.consumers),
    ]


def until(instant: datetime | None, days: int | None) -> str:
    """A day and how far it is; "" for none."""
    if instant is None:
        return ""
    return f"{instant:%Y-%m-%d}" + ("" if days is None else f" ({days:,}d)" if days > -10_000 else f" ({days}d)")


def octets(size: int) -> str:
    """A size in words."""
    return f"{size:,} octet{'' if size == 1 else 's'}"
