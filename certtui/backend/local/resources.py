"""Resources and what they use: `backend.base.Resources` on the local store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from certtui.backend.local import events
from certtui.backend.local.access_entries import inside
from certtui.backend.local.before_after import changed
from certtui.backend.local.entries import entry, recount
from certtui.backend.local.labels import one_line, text
from certtui.backend.local.open_store import Change, OpenStore
from certtui.backend.local.page import certificate_page
from certtui.errors import Conflict, Invalid, NotFound
from certtui.model.resource import RESOURCE_TYPES, ROLES
from certtui.model.search_text import fold

TYPE_CHECKING = False
if TYPE_CHECKING:
    from certtui.backend.base import Listing
    from certtui.backend.local.tables import AssociationTable, ResourceTable
    from certtui.model.certificate import Certificate
    from certtui.model.query import Query
    from certtui.model.resource import Resource, ResourceForm, ResourceRow

_MAX_NAME = 128
_MAX_ENDPOINT = 512
_MAX_NOTES = 4_000
_NAMED_AT_MOST = 5


class LocalResources:
    """The things that use certificates."""

    def __init__(self, store: OpenStore) -> None:
        self._store = store

    def search(self, query: Query) -> Listing[ResourceRow]:
        from certtui.backend.local.read.resources import open_resources

        return open_resources(self._store.readers, self._store.clock, query)

    def get(self, resource_id: int) -> Resource:
        from certtui.backend.local.resource_page import resource_page

        with self._store.readers.use() as connection:
            return resource_page(connection, self._store.clock, resource_id)

    def resolve(self, reference: str) -> int:
        from certtui.backend.local.read.lookup import resolve_resource

        return resolve_resource(self._store.readers, reference)

    def add(self, form: ResourceForm) -> Resource:
        from certtui.backend.local.tables import ResourceTable

        values = _checked(form)
        if not values.get("name"):
            raise Invalid("A resource needs a name.", "Give it one.", field="name")
        values.setdefault("type", "other")
        with self._store.changing() as change:
            _require_free(change, values["name"], None)
            (row_id,) = change.new_ids("resource", 1)
            row = ResourceTable(
                id=row_id,
                created_at=change.now,
                updated_at=change.now,
                name_key=fold(values["name"]),
                name=values["name"],
                type=values["type"],
                endpoint=values.get("endpoint", ""),
                notes=values.get("notes", ""),
            )
            change.session.add(row)
            change.record(events.RESOURCE_CREATED, "resource", row_id, row.name, {"type": row.type})
        return self.get(row_id)

    def edit(self, resource_id: int, version: int, form: ResourceForm) -> Resource:
        values = _checked(form)
        with self._store.changing() as change:
            row = _resource_as_seen(change, resource_id, version)
            if values.get("name") == "":
                raise Invalid("A resource needs a name.", "Give it one.", field="name")
            what = changed({field: getattr(row, field) for field in values}, values)
            if "name" in what:
                _require_free(change, values["name"], resource_id)
            if what:
                for field in what:
                    setattr(row, field, values[field])
                row.name_key = fold(row.name)
                row.version += 1
                row.updated_at = change.now
                change.session.add(row)
                change.record(events.RESOURCE_EDITED, "resource", resource_id, row.name, {"changed": what})
        return self.get(resource_id)

    def remove(self, resource_id: int, version: int, *, dissociate: bool = False) -> None:
        with self._store.changing() as change:
            row = _resource_as_seen(change, resource_id, version)
            used = _associations(change, resource_id)
            certificates = list(dict.fromkeys(one.certificate_id for one in used))
            _require_all_inside(change, row, certificates)
            if certificates and not dissociate:
                names = [entry(change, one).name for one in certificates[:_NAMED_AT_MOST]]
                more = len(certificates) - len(names)
                shown = ", ".join(names) + (f" and {more} more" if more else "")
                raise Conflict(f"{row.name} uses {shown}.", "Dissociate first, or confirm the dissociation.")
            _delete_all(change, used)
            for certificate_id in certificates:
                recount(change, certificate_id)
            change.session.delete(row)
            change.record(events.RESOURCE_DELETED, "resource", resource_id, row.name, {"dissociated": certificates})

    def associate(self, certificate_id: int, resource_ids: Sequence[int], role: str = "server") -> Certificate:
        from certtui.backend.local.tables import AssociationTable

        if role not in ROLES:
            raise Invalid(f"{role} is no role.", f"A certificate is used as {' or '.join(ROLES)}.", field="role")
        with self._store.changing() as change:
            row = entry(change, certificate_id)
            if row.fingerprint_sha256 is None:
                raise Invalid(
                    f"{row.name} has no certificate yet, so nothing can use it.",
                    "Give the signed certificate first.",
                    field="certificate",
                )
            added = []
            for resource_id in dict.fromkeys(resource_ids):
                _resource(change, resource_id)
                if change.session.get(AssociationTable, (certificate_id, resource_id, role)) is None:
                    change.session.add(
                        AssociationTable(
                            certificate_id=certificate_id, resource_id=resource_id, role=role, created_at=change.now
                        )
                    )
                    added.append(resource_id)
            if added:
                recount(change, certificate_id)
                change.record(
                    events.CERTIFICATE_ASSOCIATED,
                    "certificate",
                    certificate_id,
                    row.name,
                    {"resources": added, "role": role},
                )
        return self._certificate(certificate_id)

    def dissociate(self, certificate_id: int, resource_ids: Sequence[int]) -> Certificate:
        with self._store.changing() as change:
            row = entry(change, certificate_id)
            wanted = list(dict.fromkeys(resource_ids))
            for resource_id in wanted:
                resource = _resource(change, resource_id)
                used = [one for one in _associations(change, resource_id) if one.certificate_id == certificate_id]
                if not used:
                    raise NotFound(f"{row.name} is not associated with {resource.name}.", "Look at what uses it.")
                _delete_all(change, used)
            if wanted:
                recount(change, certificate_id)
                change.record(
                    events.CERTIFICATE_DISSOCIATED, "certificate", certificate_id, row.name, {"resources": wanted}
                )
        return self._certificate(certificate_id)

    def _certificate(self, certificate_id: int) -> Certificate:
        with self._store.readers.use() as connection:
            return certificate_page(connection, self._store.clock, certificate_id)


def _checked(form: ResourceForm) -> dict[str, str]:
    """The fields that are given. Raises `Invalid`."""
    values: dict[str, str] = {}
    if form.name is not None:
        values["name"] = one_line(form.name, "name", _MAX_NAME)
    if form.type is not None:
        if form.type not in RESOURCE_TYPES:
            raise Invalid(
                f"{form.type} is no type of resource.", f"It is one of {', '.join(RESOURCE_TYPES)}.", field="type"
            )
        values["type"] = form.type
    if form.endpoint is not None:
        values["endpoint"] = one_line(form.endpoint, "endpoint", _MAX_ENDPOINT)
    if form.notes is not None:
        values["notes"] = text(form.notes, "notes", _MAX_NOTES)
    return values


def _require_free(change: Change, name: str, but: int | None) -> None:
    from sqlmodel import select

    from certtui.backend.local.tables import ResourceTable

    taken = change.session.exec(select(ResourceTable).where(ResourceTable.name_key == fold(name))).first()
    if taken is not None and taken.id != but:
        raise Conflict(f"There is a resource called {taken.name} already.", "Choose another name.")


def _resource(change: Change, resource_id: int) -> ResourceTable:
    from certtui.backend.local.tables import ResourceTable

    row = change.session.get(ResourceTable, resource_id)
    if row is None:
        raise NotFound(f"There is no resource {resource_id} here (any more).", "Refresh the list.")
    return row


def _resource_as_seen(change: Change, resource_id: int, version: int) -> ResourceTable:
    row = _resource(change, resource_id)
    if row.version != version:
        raise Conflict(
            f"{row.name} was changed by somebody else since you opened it.", "Look at it again, then repeat the change."
        )
    return row


def _require_all_inside(change: Change, row: ResourceTable, certificates: Sequence[int]) -> None:
    """Raises `Conflict` when somebody else's certificates use the resource; it names none of them."""
    from certtui.backend.local.tables import CertificateTable

    if not change.limited:
        return
    for certificate_id in certificates:
        certificate = change.session.get(CertificateTable, certificate_id)
        if certificate is not None and not inside(change, certificate):
            raise Conflict(
                f"{row.name} uses certificates of other groups too.", "Ask an admin of this server to remove it."
            )


def _associations(change: Change, resource_id: int) -> Sequence[AssociationTable]:
    from sqlmodel import select

    from certtui.backend.local.tables import AssociationTable

    return change.session.exec(select(AssociationTable).where(AssociationTable.resource_id == resource_id)).all()


def _delete_all(change: Change, associations: Iterable[AssociationTable]) -> None:
    for one in associations:
        change.session.delete(one)
    change.session.flush()
