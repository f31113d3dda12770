"""The name and the group that alerts show follow those of the entry they hang on, in the transaction that changes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from certtui.backend.local.open_store import Change
    from certtui.backend.local.tables import CertificateTable


def follow_entry(change: Change, row: CertificateTable) -> None:
    """The entry has other labels now."""
    from sqlalchemy import case, update
    from sqlmodel import col

    from certtui.backend.local.tables_alerts import AlertTable as Alert

    change.session.execute(
        update(Alert)
        .where(col(Alert.certificate_id) == row.id)
        .values(
            object_name=case((col(Alert.object_kind) == "certificate", row.name), else_=col(Alert.object_name)),
            business_group=row.business_group,
        )
    )
