"""Resetting a repository: everything leaves it, nothing is destroyed, and its CA and policies are free."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend.local import events
from certtui.backend.local.access_entries import inside
from certtui.backend.local.cas_whole import whole
from certtui.backend.local.open_store import Change, OpenStore
from certtui.backend.local.read.repositories import repository_page
from certtui.backend.local.repositories_rows import repository_as_seen, require_own, step, touch
from certtui.clock import from_epoch
from certtui.errors import Conflict
from certtui.model.repository import MAX_LEAVING, LeavingCertificate, RepositoryState, ResetPlan
from certtui.model.repository_states import RepositoryEvent, moved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from certtui.backend.local.tables_filing import RepositoryTable

_FILED = "SELECT count(*) FROM certificate WHERE repository_id = ?"
_BATCH = 1_000
_TOLD = 10_000
"""Ids in the record of the reset itself; those of the certificates have them all."""


def plan_reset(store: OpenStore, repository_id: int) -> ResetPlan:
    """See `backend.base_filing.Repositories.plan_reset`."""
    page = repository_page(store.readers, store.clock, repository_id)
    row = page.row
    require_own(store.access, row.business_group)
    moved(RepositoryEvent.RESET, row.state, row.name)
    with whole(store).readers.use() as connection:
        total = int(connection.execute(_FILED, (row.id,)).fetchone()[0])
    if total != row.certificates:
        raise _others(row.name)
    with store.readers.use() as connection:
        found = connection.execute(
            "SELECT id, name, not_after FROM certificate WHERE repository_id = ? ORDER BY name_key, id LIMIT ?",
            (row.id, MAX_LEAVING),
        ).fetchall()
    leaving = tuple(
        LeavingCertificate(each, name, None if ends is None else from_epoch(ends)) for each, name, ends in found
    )
    policies = tuple(one.name for one in page.policies)
    return ResetPlan(row.id, row.version, row.name, total, leaving, row.ca_name, policies)


def reset(store: OpenStore, repository_id: int, version: int, leaving: int) -> None:
    """See `backend.base_filing.Repositories.reset`."""
    with store.changing() as change:
        row = repository_as_seen(change, repository_id, version)
        step(row, RepositoryEvent.RESET)
        ids = _leaving(change, row)
        if len(ids) != leaving:
            count = "1 certificate is" if len(ids) == 1 else f"{len(ids)} certificates are"
            raise Conflict(
                f"{count} filed in {row.name} now, and not {leaving}.",
                "Look at the list again, and confirm with their number.",
            )
        _detach(change, row, ids)
        policies = _free_policies(change, row)
        told: dict[str, object] = {
            "data_source": row.data_source,
            "certificates": len(ids),
            "detached": list(ids[:_TOLD]),
        }
        if row.ca_id is not None:
            told["ca"] = row.ca_id
        if policies:
            told["policies"] = policies
        row.data_source, row.ca_id, row.state = "", None, RepositoryState.RESET.value
        touch(change, row)
        change.record(events.REPOSITORY_RESET, "repository", row.id, row.name, told)


def _leaving(change: Change, row: RepositoryTable) -> Sequence[int]:
    """The ids of all that is filed there. Raises `Conflict`, naming none, where somebody does not see them all."""
    from sqlmodel import col, select

    from certtui.backend.local.tables import CertificateTable

    chosen = CertificateTable.repository_id == row.id
    if not change.limited:
        return change.session.exec(select(CertificateTable.id).where(chosen).order_by(col(CertificateTable.id))).all()
    entries = change.session.exec(select(CertificateTable).where(chosen).order_by(col(CertificateTable.id))).all()
    if not all(inside(change, entry) for entry in entries):
        raise _others(row.name)
    return [entry.id for entry in entries]


def _detach(change: Change, row: RepositoryTable, ids: Sequence[int]) -> None:
    from sqlalchemy import update
    from sqlmodel import col

    from certtui.backend.local.tables import CertificateTable

    for start in range(0, len(ids), _BATCH):
        part = list(ids[start : start + _BATCH])
        change.session.execute(
            update(CertificateTable)
            .where(col(CertificateTable.id).in_(part))
            .values(repository_id=None, version=CertificateTable.version + 1, updated_at=change.now)
            .execution_options(synchronize_session=False)
        )
        title = f"{len(part)} certificates" if len(part) > 1 else "1 certificate"
        detail = {"ids": part, "repository": row.id}
        only = part[0] if len(part) == 1 else None
        change.record(events.CERTIFICATE_UNFILED, "certificate", only, title, detail)


def _free_policies(change: Change, row: RepositoryTable) -> list[int]:
    from sqlmodel import select

    from certtui.backend.local.tables_filing import RepositoryPolicyTable

    links = change.session.exec(
        select(RepositoryPolicyTable).where(RepositoryPolicyTable.repository_id == row.id)
    ).all()
    for link in links:
        change.session.delete(link)
    change.session.flush()
    return sorted(link.policy_id for link in links)


def _others(name: str) -> Conflict:
    return Conflict(f"Certificates of others are filed in {name} too.", "Ask an admin of this server to reset it.")
