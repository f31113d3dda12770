"""Containers and stored secrets under the write lock: found within the scope, and still as the person saw them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend.local import acl
from certtui.backend.local.access_entries import inside, require_group
from certtui.backend.local.acl import hides
from certtui.backend.local.acl_sql import CONTAINER, SECRET
from certtui.backend.local.cas_guard import require_right_to_key
from certtui.backend.local.containers_page import gone
from certtui.backend.local.secrets_rows import gone as gone_secret
from certtui.errors import Conflict, Denied, Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from certtui.backend.local.containers_content import Content
    from certtui.backend.local.open_store import Change, OpenStore
    from certtui.backend.local.tables_filing import ContainerTable, SecretTable
    from certtui.model.access import Access

_ENDLESS = 1 << 63


def container_inside(change: Change, row: ContainerTable) -> bool:
    """Whether a container is there for whoever changes something: by its entry's scope, without one by its group."""
    from certtui.backend.local.tables import CertificateTable

    entry = None if row.certificate_id is None else change.session.get(CertificateTable, row.certificate_id)
    held = inside(change, entry) if entry is not None else _holds(change.access, row.business_group)
    return held and not hides(change, CONTAINER, row.id)


def secret_inside(change: Change, row: SecretTable) -> bool:
    """Whether a stored secret is there for whoever changes something: by its group."""
    return _holds(change.access, row.business_group) and not hides(change, SECRET, row.id)


def container(change: Change, container_id: int) -> ContainerTable:
    """The row of a container. Raises `NotFound`."""
    from certtui.backend.local.tables_filing import ContainerTable

    row = change.session.get(ContainerTable, container_id) if 0 < container_id < _ENDLESS else None
    if row is None or not container_inside(change, row):
        raise gone(container_id)
    return row


def container_as_seen(change: Change, container_id: int, version: int) -> ContainerTable:
    """The row of a container that nobody changed since. Raises `NotFound`, `Conflict`."""
    row = container(change, container_id)
    if row.version != version:
        raise Conflict(
            f"{row.name} was changed by somebody else since you opened it.", "Look at it again, then repeat the change."
        )
    return row


def secret(change: Change, secret_id: int) -> SecretTable:
    """The row of a stored secret. Raises `NotFound`."""
    from certtui.backend.local.tables_filing import SecretTable

    row = change.session.get(SecretTable, secret_id) if 0 < secret_id < _ENDLESS else None
    if row is None or not secret_inside(change, row):
        raise gone_secret(secret_id)
    return row


def group_for(access: Access | None, group: str) -> str:
    """The business group of something without names; a missing one is that of a person who has exactly one. Raises `Denied`."""
    if access is None:
        return group
    if access.domains is not None:
        raise Denied(
            "It has no domain name, so it lies in none of your domains.", "Ask somebody who sees all of your group."
        )
    if access.groups is not None and not group and "" not in access.groups:
        if len(access.groups) > 1:
            raise Invalid(
                "Which business group it belongs to has to be said.",
                f"Yours are {', '.join(access.groups)}.",
                field="business_group",
            )
        group = access.groups[0]
    require_group(access, group)
    return group


def require_use(store: OpenStore, content: Content) -> None:
    """Before a container is opened to be given out: raises `Denied` unless it, its key and all its parts are for whoever asks."""
    acl.require_use(store, CONTAINER, content.container_id, content.name)
    if content.certificate_id is not None:
        require_key(store, content.certificate_id)
    require_secrets(store, {part.secret_id: part.name for part in content.stored.values()})


def require_key(store: OpenStore, certificate_id: int) -> None:
    """The same for the key of an entry alone. Raises `NotFound`, `Denied`."""
    acl.require_use_of_key(store, certificate_id)
    require_right_to_key(store, certificate_id)


def require_secrets(store: OpenStore, names: Mapping[int, str]) -> None:
    """The same for stored secrets, by id; the names are for the sentence. Raises `Denied`."""
    for secret_id, name in names.items():
        acl.require_use(store, SECRET, secret_id, name)


def _holds(access: Access | None, group: str) -> bool:
    """What has no names lies in no domain."""
    return access is None or (access.domains is None and (access.groups is None or group in access.groups))
