"""Changing the labels of entries, and how they are renewed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING

from certtui.backend.local import events
from certtui.backend.local.access_entries import require_group
from certtui.backend.local.before_after import changed, changed_many
from certtui.backend.local.certificate_values import default_name, split
from certtui.backend.local.edit_renewal import renewal_values
from certtui.backend.local.entries import as_it_was, batches, entries_as_seen, entry_as_seen, touch
from certtui.backend.local.labels import checked_edit
from certtui.backend.local.open_store import Change, OpenStore
from certtui.errors import Conflict, Invalid
from certtui.model.certificate import BulkOutcome, CertificateEdit
from certtui.model.search_text import fold

if TYPE_CHECKING:
    from certtui.backend.local.tables import CertificateTable

_LABELS = ("name", "business_group", "description", "contact_email")
_COLUMN = {"authority": "authority_id"}


def edit_certificate(store: OpenStore, certificate_id: int, version: int, changes: CertificateEdit) -> None:
    """Change the labels of one entry, and how it is renewed. Raises `NotFound`, `Conflict`, `Invalid`, `Denied` for a group outside the scope."""
    wanted = checked_edit(changes)
    with store.changing() as change:
        row = entry_as_seen(change, certificate_id, version)
        if wanted.business_group is not None:
            require_group(store.access, wanted.business_group)
        were = as_it_was(row)
        what = _apply(change, row, wanted, renewal_values(store, change, row, wanted))
        if what:
            detail: dict[str, object] = {"changed": what, "version": row.version}
            if "business_group" in what:
                detail["were"] = [were]
            change.record(events.CERTIFICATE_EDITED, "certificate", row.id, row.name, detail)


def edit_certificates(store: OpenStore, versions: Sequence[tuple[int, int]], changes: CertificateEdit) -> BulkOutcome:
    """Change the labels of many, a thousand a transaction; rows that moved are skipped and named. Raises `Invalid`."""
    if changes.name is not None and len(versions) > 1:
        raise Invalid("Many certificates can't take one name.", "Rename them one by one.", field="name")
    wanted = checked_edit(changes)
    if wanted.business_group is not None:
        require_group(store.access, wanted.business_group)
    columns = [_COLUMN.get(one.name, one.name) for one in fields(wanted) if getattr(wanted, one.name) is not None]
    done: list[int] = []
    skipped: list[tuple[int, str]] = []
    for part in batches(versions):
        with store.changing() as change:
            seen = entries_as_seen(change, part)
            were = {row_id: as_it_was(row) for row_id, row in seen.rows.items()}
            before = {row_id: {each: getattr(row, each) for each in columns} for row_id, row in seen.rows.items()}
            renewals: dict[int, dict[str, int | None]] = {}
            for row_id, row in seen.rows.items():
                try:
                    renewals[row_id] = renewal_values(store, change, row, wanted)
                except (Conflict, Invalid) as error:
                    skipped.append((row_id, str(error)))
            taken = {row_id: row for row_id, row in seen.rows.items() if row_id in renewals}
            touched = [row_id for row_id, row in taken.items() if _apply(change, row, wanted, renewals[row_id])]
            if touched:
                change.record(
                    events.CERTIFICATE_EDITED,
                    "certificate",
                    touched[0] if len(touched) == 1 else None,
                    f"{len(touched)} certificates" if len(touched) > 1 else seen.rows[touched[0]].name,
                    {
                        **changed_many(
                            {row_id: before[row_id] for row_id in touched},
                            {each: getattr(taken[touched[0]], each) for each in columns},
                        ),
                        **({} if wanted.business_group is None else {"were": [were[row_id] for row_id in touched]}),
                    },
                )
            done += taken
            skipped += seen.skipped
    return BulkOutcome(tuple(done), tuple(skipped))


def _apply(
    change: Change, row: CertificateTable, wanted: CertificateEdit, renewal: Mapping[str, int | None]
) -> dict[str, list[object]]:
    """Set what differs; answers {column: [before, after]}."""
    given: dict[str, object] = {label: value for label in _LABELS if (value := getattr(wanted, label)) is not None}
    if "name" in given:
        given["name"] = given["name"] or default_name(row.common_name, split(row.sans), row.subject, row.issuer_name)
    given |= renewal
    what = changed({label: getattr(row, label) for label in given}, given)
    for label in what:
        setattr(row, label, given[label])
    if what:
        row.name_key = fold(row.name)
        touch(change, row)
        if "name" in what or "business_group" in what:
            from certtui.backend.local import alerts_labels

            alerts_labels.follow_entry(change, row)
        if renewal:
            from certtui.backend.local.renewals_story import begin_anew

            begin_anew(change, row.id)
        if row.state:
            from certtui.backend.local.orders_rows import follow_entry

            follow_entry(change, row)
    return what
