"""Filing entries in a repository, and taking them out: by hand, with what is added, and of what a bound CA issues."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend.local import events, gate
from certtui.backend.local.certificate_values import split
from certtui.backend.local.entries import batches, entries_as_seen
from certtui.backend.local.open_store import Change, OpenStore
from certtui.backend.local.repositories_rows import repository, repository_inside, step
from certtui.backend.local.repositories_rules import Rules
from certtui.clock import from_epoch
from certtui.errors import CerttuiError, Conflict, PolicyRefused, ReasonNeeded
from certtui.model.policy import IMPORT
from certtui.model.repository import DataSource, FilingOutcome
from certtui.model.repository_states import RepositoryEvent
from certtui.record import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from certtui.backend.local.tables import CertificateTable
    from certtui.backend.local.tables_filing import RepositoryTable
    from certtui.backend.local.tables_issuing import CaTable
    from certtui.model.policy import Policy

_CHUNK = 500


def add_certificates(
    store: OpenStore, repository_id: int, versions: Sequence[tuple[int, int]], reason: str
) -> FilingOutcome:
    """See `backend.base_filing.Repositories.add_certificates`; a thousand in one transaction."""
    done: list[int] = []
    skipped: list[tuple[int, str]] = []
    asking: list[int] = []
    for part in batches(versions):
        with store.changing() as change:
            row = repository(change, repository_id)
            step(row, RepositoryEvent.FILE)
            seen = entries_as_seen(change, part)
            filed = file_entries(change, row, seen.rows, dict.fromkeys(seen.rows, reason))
            for row_id, error in filed.refused.items():
                if isinstance(error, PolicyRefused) and error.subject is not None:
                    gate.record_hard(change, error.findings, error.subject, row_id)
            done += filed.done
            skipped += [*seen.skipped, *((row_id, str(error)) for row_id, error in filed.refused.items())]
            asking += [row_id for row_id, error in filed.refused.items() if isinstance(error, ReasonNeeded)]
    return _outcome(versions, done, skipped, asking)


def remove_certificates(store: OpenStore, repository_id: int, versions: Sequence[tuple[int, int]]) -> FilingOutcome:
    """See `backend.base_filing.Repositories.remove_certificates`."""
    done: list[int] = []
    skipped: list[tuple[int, str]] = []
    for part in batches(versions):
        with store.changing() as change:
            row = repository(change, repository_id)
            step(row, RepositoryEvent.FILE)
            seen = entries_as_seen(change, part)
            leaving = {row_id: entry for row_id, entry in seen.rows.items() if entry.repository_id == row.id}
            for entry in leaving.values():
                _put(change, entry, None)
            record(change, events.CERTIFICATE_UNFILED, leaving, {"repository": row.id})
            done += leaving
            skipped += seen.skipped
            skipped += [
                (row_id, f"{entry.name} is not filed in {row.name}.")
                for row_id, entry in seen.rows.items()
                if row_id not in leaving
            ]
    return _outcome(versions, done, skipped, [])


@dataclass(slots=True)
class Filed:
    """What became of entries that were to be filed."""

    done: list[int] = field(default_factory=list)
    refused: dict[int, CerttuiError] = field(default_factory=dict)


def file_entries(
    change: Change,
    row: RepositoryTable,
    entries: Mapping[int, CertificateTable],
    reasons: Mapping[int, str],
) -> Filed:
    """File what may be filed, with one record for all. The repository takes certificates: its state was asked."""
    filed = Filed()
    rules = Rules(change, row)
    policies = gate.attached(change, repository_id=row.id)
    moving: dict[int, CertificateTable] = {}
    for row_id, entry in entries.items():
        if entry.repository_id == row.id:
            filed.done.append(row_id)
            continue
        problem = _held_elsewhere(change, entry) or rules.refusal(entry)
        if problem is None and policies:
            problem = _judged(change, policies, entry, reasons.get(row_id, ""))
        if problem is not None:
            filed.refused[row_id] = problem
            continue
        moving[row_id] = entry
        filed.done.append(row_id)
    came_from = {row_id: entry.repository_id for row_id, entry in moving.items() if entry.repository_id is not None}
    for entry in moving.values():
        _put(change, entry, row.id)
    detail: dict[str, object] = {"repository": row.id}
    if came_from:
        detail["from"] = sorted([row_id, old] for row_id, old in came_from.items())
    record(change, events.CERTIFICATE_FILED, moving, detail)
    return filed


def file_issued(change: Change, issued: Iterable[tuple[int, int]], *, judged: bool = True) -> None:
    """File what CAs issued (CA, entry) where they are bound to a repository.

    Policies were asked before a CA signed; of what no policy was asked nothing goes where all is to be compliant.
    """
    from sqlmodel import col, select

    from certtui.backend.local.tables_filing import RepositoryTable

    by_ca: dict[int, list[int]] = {}
    for ca_id, entry_id in issued:
        by_ca.setdefault(ca_id, []).append(entry_id)
    for row in change.session.exec(select(RepositoryTable).where(col(RepositoryTable.ca_id).in_(by_ca))).all():
        if row.ca_id is not None and (judged or row.data_source != DataSource.COMPLIANT.value):
            _file_new(change, row, by_ca[row.ca_id])


def take_over(change: Change, predecessor_id: int, successor: CaTable) -> None:
    """The repository of a CA belongs to its successor from now on, as its profiles do; unless the mark was taken from it."""
    from certtui.backend.local.cas_values import settings_of
    from certtui.backend.local.repositories_rows import bound_to, touch

    row = bound_to(change, predecessor_id)
    if row is None:
        return
    if row.data_source == DataSource.COMPLIANT.value and not settings_of(successor.settings).compliant:
        return
    row.ca_id = successor.id
    touch(change, row)
    detail = {"changed": {"ca": [predecessor_id, successor.id]}}
    change.record(events.REPOSITORY_REBOUND, "repository", row.id, row.name, detail)


def record(change: Change, event: str, entries: Mapping[int, CertificateTable], detail: Mapping[str, object]) -> None:
    """One record for all entries of an act, none for none."""
    if not entries:
        return
    ids = list(entries)
    title = f"{len(ids)} certificates" if len(ids) > 1 else entries[ids[0]].name
    change.record(event, "certificate", ids[0] if len(ids) == 1 else None, title, {"ids": ids, **detail})


def _put(change: Change, entry: CertificateTable, repository_id: int | None) -> None:
    entry.repository_id = repository_id
    entry.version += 1
    entry.updated_at = change.now
    change.session.add(entry)


def _held_elsewhere(change: Change, entry: CertificateTable) -> CerttuiError | None:
    """Nobody takes a certificate out of a repository that is not there for them."""
    from certtui.backend.local.tables_filing import RepositoryTable

    if entry.repository_id is None or not change.limited:
        return None
    there = change.session.get(RepositoryTable, entry.repository_id)
    if there is None or repository_inside(change, there):
        return None
    return Conflict(f"{entry.name} is filed in a repository that is not yours.", "Ask an admin of this server.")


def _judged(change: Change, policies: Sequence[Policy], entry: CertificateTable, reason: str) -> CerttuiError | None:
    from certtui.backend.local.policies_subject import stored_subject
    from certtui.model.policy_judge import judge

    subject = stored_subject(
        IMPORT,
        entry.name,
        split(entry.sans),
        entry.common_name,
        entry.subject,
        entry.key_algorithm,
        entry.signature_digest,
        entry.not_before or 0,
        entry.not_after or 0,
        entry.issuer_name,
        entry.provider,
        entry.business_group,
        entry.is_ca,
    )
    findings = judge(policies, subject, from_epoch(change.now))
    if not findings:
        return None
    try:
        gate.require_passable(findings, subject, reason)
    except (PolicyRefused, ReasonNeeded) as refused:
        return refused
    gate.record_soft(change, findings, subject, reason, entry.id)
    return None


def _file_new(change: Change, row: RepositoryTable, ids: Sequence[int]) -> None:
    """New entries, in the transaction that makes them: their version has not been seen by anybody."""
    from sqlalchemy import update
    from sqlmodel import col, select

    from certtui.backend.local.tables import CertificateTable

    change.session.flush()
    for start in range(0, len(ids), _CHUNK):
        change.session.execute(
            update(CertificateTable)
            .where(col(CertificateTable.id).in_(ids[start : start + _CHUNK]))
            .values(repository_id=row.id)
            .execution_options(synchronize_session=False)
        )
    title = f"{len(ids)} certificates"
    if len(ids) == 1:
        title = change.session.exec(select(CertificateTable.name).where(CertificateTable.id == ids[0])).one()
    detail = {"ids": list(ids), "repository": row.id, "issued_by": row.ca_id}
    change.record(events.CERTIFICATE_FILED, "certificate", ids[0] if len(ids) == 1 else None, title, detail)


def _outcome(
    versions: Sequence[tuple[int, int]], done: Sequence[int], skipped: Sequence[tuple[int, str]], asking: Sequence[int]
) -> FilingOutcome:
    order = {row_id: place for place, (row_id, _) in enumerate(versions)}
    return FilingOutcome(
        tuple(sorted(done, key=order.__getitem__)),
        tuple(sorted(skipped, key=lambda one: order[one[0]])),
        tuple(sorted(asking, key=order.__getitem__)),
    )
