"""Stored secrets: `backend.base_containers.StoredSecrets` on the local store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend.local import events
from certtui.backend.local.labels import MAX_DESCRIPTION, MAX_GROUP, one_line, text
from certtui.clock import epoch, rfc3339
from certtui.errors import Conflict, Invalid
from certtui.model.search_text import fold
from certtui.model.stored_secret import LARGEST_SECRET, SECRET_TYPES, StoredSecretCheck

if TYPE_CHECKING:
    from certtui.backend.base import Listing
    from certtui.backend.local.open_store import Change, OpenStore
    from certtui.backend.local.tables_filing import SecretTable
    from certtui.model.query import Query
    from certtui.model.stored_secret import StoredSecret, StoredSecretForm, StoredSecretRow

PAYLOAD = "payload"
"""What the sealed payload is called among the secrets of its owner."""

_MAX_NAME = 128
_NAMED_AT_MOST = 5


class LocalStoredSecrets:
    """Secrets beside certificates, parts of containers."""

    def __init__(self, store: OpenStore) -> None:
        self._store = store

    def search(self, query: Query) -> Listing[StoredSecretRow]:
        from certtui.backend.local.read.secrets import open_secrets

        return open_secrets(self._store.readers, self._store.clock, query)

    def get(self, secret_id: int) -> StoredSecret:
        from certtui.backend.local.secrets_rows import secret_page

        with self._store.readers.use() as connection:
            return secret_page(connection, self._store.clock.now(), secret_id)

    def resolve(self, reference: str) -> int:
        from certtui.backend.local.read.lookup import resolve_secret

        return resolve_secret(self._store.readers, reference)

    def store(self, form: StoredSecretForm) -> StoredSecret:
        from certtui.backend.local.containers_access import group_for
        from certtui.backend.local.secrets import STORED, seal_secrets
        from certtui.backend.local.tables_filing import SecretTable
        from certtui.pki.stored import read_payload

        self._store.require_writable()
        name, group, description = _checked(form)
        read = read_payload(form.type, form.payload)
        _require_size(len(read.payload.reveal()))
        expires = form.expires_at or read.not_after
        with self._store.changing() as change:
            (row_id,) = change.new_ids("secret", 1)
            row = SecretTable(
                id=row_id,
                created_at=change.now,
                updated_at=change.now,
                expires_at=None if expires is None else epoch(expires),
                size=len(read.payload.reveal()),
                name=name,
                name_key=fold(name),
                type=form.type,
                algorithm=read.algorithm,
                spki_sha256=read.spki_sha256,
                business_group=group_for(change.access, group),
                description=description,
                created_by=change.actor,
            )
            change.session.add(row)
            change.session.flush()
            seal_secrets(self._store, change, STORED, row_id, {PAYLOAD: read.payload})
            change.record(events.SECRET_STORED, "secret", row_id, name, {"type": form.type, "size": row.size})
        return self.get(row_id)

    def check(self, secret_id: int) -> StoredSecretCheck:
        from certtui.model.status import days_ago

        row = self.get(secret_id).row
        if row.expires_at is None or row.days_remaining is None:
            return StoredSecretCheck(True, f"{row.name} does not expire.", None, None)
        if row.expires_at < self._store.clock.now():
            said = f"{row.name} expired {days_ago(row.days_remaining)}, on {rfc3339(row.expires_at)[:10]}."
            return StoredSecretCheck(False, said, row.expires_at, row.days_remaining)
        left = f"{row.days_remaining} day{'' if row.days_remaining == 1 else 's'}"
        said = f"{row.name} is good for {left}, until {rfc3339(row.expires_at)[:10]}."
        return StoredSecretCheck(True, said, row.expires_at, row.days_remaining)

    def delete(self, secret_id: int, version: int) -> None:
        from certtui.backend.local.acl import barred_among, not_named
        from certtui.backend.local.acl_sql import SECRET
        from certtui.backend.local.containers_access import secret
        from certtui.backend.local.secrets import STORED, forget_secrets
        from certtui.backend.local.wiping import destroying

        with destroying(self._store) as change:
            row = secret(change, secret_id)
            if row.version != version:
                raise Conflict(
                    f"{row.name} was changed by somebody else since you opened it.",
                    "Look at it again, then repeat the change.",
                )
            if secret_id in barred_among(change, SECRET, (secret_id,)):
                raise not_named(row.name)
            _require_unused(change, row)
            forget_secrets(change, STORED, secret_id)
            change.session.delete(row)
            detail = {"type": row.type, "business_group": row.business_group}
            change.record(events.SECRET_DELETED, "secret", secret_id, row.name, detail)


def _checked(form: StoredSecretForm) -> tuple[str, str, str]:
    """Name, group and description. Raises `Invalid` (field)."""
    name = one_line(form.name, "name", _MAX_NAME)
    if not name:
        raise Invalid("A stored secret needs a name.", "Give it one.", field="name")
    if form.type not in SECRET_TYPES:
        raise Invalid(f"{form.type} is no type of secret.", f"It is one of {', '.join(SECRET_TYPES)}.", field="type")
    if not form.payload:
        raise Invalid("The secret is empty.", "Give what is to be stored.", field="payload")
    _require_size(len(form.payload.reveal()))
    group = one_line(form.business_group, "business_group", MAX_GROUP)
    return name, group, text(form.description, "description", MAX_DESCRIPTION)


def _require_size(size: int) -> None:
    if size > LARGEST_SECRET:
        raise Invalid(
            f"The secret has {size:,} octets; {LARGEST_SECRET:,} are the limit.", "Store less.", field="payload"
        )


def _require_unused(change: Change, row: SecretTable) -> None:
    """Raises `Conflict` naming the containers that have it as a part, those that whoever asks may see."""
    from sqlmodel import col, select

    from certtui.backend.local.containers_access import container_inside
    from certtui.backend.local.tables_filing import ContainerPartTable, ContainerTable

    using = change.session.exec(
        select(ContainerTable)
        .where(
            col(ContainerTable.id).in_(
                select(ContainerPartTable.container_id).where(ContainerPartTable.secret_id == row.id)
            )
        )
        .order_by(col(ContainerTable.name_key))
    ).all()
    if not using:
        return
    names = [one.name for one in using if container_inside(change, one)]
    shown = ", ".join(names[:_NAMED_AT_MOST]) + (" …" if len(names) > _NAMED_AT_MOST else "")
    of = shown or "a container that you don't see"
    raise Conflict(
        f"{row.name} is a part of {of}, now or in an earlier version.",
        "Delete the container first; an earlier version could not be given out again without it.",
    )
