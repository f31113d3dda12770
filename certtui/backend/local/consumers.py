"""The consumers of containers: registered, by a person or as they fetch, and taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend.local import events
from certtui.backend.local.containers_access import container
from certtui.backend.local.labels import one_line
from certtui.errors import Conflict, Invalid, NotFound
from certtui.model.consumer import MOST_CONSUMERS, ConsumerForm, consumer_words

if TYPE_CHECKING:
    from certtui.backend.local.open_store import Change, OpenStore
    from certtui.backend.local.tables_filing import ConsumerTable, ContainerTable

_ENDLESS = 1 << 63
_MAX_SERVICE = 128
_MAX_TYPE = 64
_MAX_RESOURCE = 1_024


def checked_consumer(form: ConsumerForm) -> ConsumerForm:
    """The form with blanks at both ends removed. Raises `Invalid` (field)."""
    checked = ConsumerForm(
        service=one_line(form.service, "service", _MAX_SERVICE),
        resource_type=one_line(form.resource_type, "resource_type", _MAX_TYPE),
        resource=one_line(form.resource, "resource", _MAX_RESOURCE),
    )
    if not checked.service:
        raise Invalid(
            "A consumer needs a service.", "Say what uses the container, for instance nginx.", field="service"
        )
    return checked


def add_consumer(store: OpenStore, container_id: int, form: ConsumerForm) -> int:
    """Register a consumer; answers its id. One that is registered stays as it is."""
    checked = checked_consumer(form)
    with store.changing() as change:
        return registered(change, container(change, container_id), checked).id


def remove_consumer(store: OpenStore, consumer_id: int) -> None:
    """Take a consumer away. Raises `NotFound`."""
    from certtui.backend.local.tables_filing import ConsumerTable

    with store.changing() as change:
        row = change.session.get(ConsumerTable, consumer_id) if 0 < consumer_id < _ENDLESS else None
        if row is None:
            raise gone(consumer_id)
        try:
            held = container(change, row.container_id)
        except NotFound:
            raise gone(consumer_id) from None
        change.session.delete(row)
        change.record(events.CONSUMER_REMOVED, "container", held.id, held.name, _told(row))


def registered(change: Change, held: ContainerTable, form: ConsumerForm, *, number: int | None = None) -> ConsumerTable:
    """The row of a consumer, made where there is none; with `number`, that it has this version now."""
    from sqlmodel import func, select

    from certtui.backend.local.tables_filing import ConsumerTable as Row

    of_it = Row.container_id == held.id
    row = change.session.exec(
        select(Row).where(
            of_it,
            Row.service == form.service,
            Row.resource_type == form.resource_type,
            Row.resource == form.resource,
        )
    ).first()
    if row is None:
        if change.session.exec(select(func.count()).select_from(Row).where(of_it)).one() >= MOST_CONSUMERS:
            raise Conflict(
                f"{held.name} has {MOST_CONSUMERS:,} consumers, which is the limit.", "Take those away that left."
            )
        (row_id,) = change.new_ids("consumer", 1)
        row = Row(
            id=row_id,
            container_id=held.id,
            created_at=change.now,
            service=form.service,
            resource_type=form.resource_type,
            resource=form.resource,
            created_by=change.actor,
        )
        change.record(events.CONSUMER_ADDED, "container", held.id, held.name, _told(row))
    if number is not None:
        row.fetched_number, row.fetched_at = number, change.now
    change.session.add(row)
    change.session.flush()
    return row


def gone(consumer_id: int) -> NotFound:
    """For a consumer that is not there, or not to be seen."""
    return NotFound(f"There is no consumer {consumer_id} here (any more).", "Refresh the list.")


def _told(row: ConsumerTable) -> dict[str, object]:
    form = ConsumerForm(row.service, row.resource_type, row.resource)
    return {"consumer": row.id, "who": consumer_words(form)}
