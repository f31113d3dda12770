"""Whether a certificate that is revoked is to have a successor, ordered by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend.local.open_store import Change
from certtui.errors import Invalid
from certtui.model.revocation import RevocationForm, renewed_after

if TYPE_CHECKING:
    from certtui.backend.local.tables import CertificateTable

_ROUND = "renewals"


def why_no_renewal(change: Change, row: CertificateTable) -> str:
    """Why no successor can be ordered, one sentence; "" where it can. Whoever sees a part is not told of what lies outside."""
    from sqlmodel import col, select

    from certtui.backend.local.tables import CertificateTable as Row
    from certtui.backend.local.tables_issuing import AuthorityTable, CaTable

    if change.session.exec(select(CaTable.id).where(CaTable.certificate_id == row.id)).first() is not None:
        return "It is the certificate of a CA, which is rolled over."
    newer = select(Row.id).where(Row.renews_id == row.id, col(Row.not_after).is_not(None))
    if change.session.exec(newer).first() is not None:
        return "It has a successor already."
    if row.authority_id is None or change.session.get(AuthorityTable, row.authority_id) is None:
        return "No authority is known for it, so nobody can be asked."
    return ""


def renews(change: Change, row: CertificateTable, form: RevocationForm) -> bool:
    """Whether its successor is to be ordered. Raises `Invalid` (field `renew`) where a person wants one, and there can be none."""
    why_not = why_no_renewal(change, row)
    if form.renew is None:
        return not why_not and renewed_after(form.reason, renews_itself=bool(row.auto_renew_days))
    if form.renew and why_not:
        raise Invalid(f"No successor of {row.name} can be ordered. {why_not}", "Revoke it without one.", field="renew")
    return form.renew


def hurry(change: Change) -> None:
    """The next worker looks at once for what is to be renewed, not when its round comes."""
    from certtui.backend.local.tables_issuing import WorkRoundTable

    found = change.session.get(WorkRoundTable, _ROUND)
    if found is not None:
        found.due_at = change.now
        change.session.add(found)
