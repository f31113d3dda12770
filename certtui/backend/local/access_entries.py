"""The scope of whoever changes something: entries outside it are not found, and nothing may be put there.

Asked under the write lock, of the row itself. `access` is None for whoever has no limits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend.local.certificate_values import split
from certtui.errors import Conflict, Denied, Invalid
from certtui.model.domains import names_of, outside, reversed_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement

    from certtui.backend.local.open_store import Change
    from certtui.backend.local.tables import CertificateTable
    from certtui.model.access import Access

_NAMED_AT_MOST = 3


def inside(change: Change, row: CertificateTable) -> bool:
    """Whether the entry lies in the scope of whoever makes the change, and no access list hides it from them."""
    access = change.access
    if access is not None and not access.holds(row.business_group, split(row.sans), row.common_name):
        return False
    if not change.limited:
        return True
    from certtui.backend.local.acl import hides_entry

    return not hides_entry(change, row)


def settled_group(access: Access | None, group: str, sans: Sequence[str], common_name: str) -> str:
    """The business group of an entry to be made; a missing one is that of a person who has exactly one.

    Raises `Denied` for a group or a name outside the scope, `Invalid` when it has to be said which group is meant.
    """
    if access is None:
        return group
    if access.groups is not None and not group and "" not in access.groups:
        if len(access.groups) > 1:
            raise Invalid(
                "Which business group it belongs to has to be said.",
                f"Yours are {', '.join(access.groups)}.",
                field="business_group",
            )
        group = access.groups[0]
    require_group(access, group)
    if access.domains is not None:
        _require_names(access.domains, names_of(sans, common_name))
    return group


def require_group(access: Access | None, group: str) -> None:
    """Raises `Denied` for a business group outside the scope."""
    if access is None or access.groups is None or group in access.groups:
        return
    yours = ", ".join(one or "none" for one in access.groups)
    if not group:
        raise Denied("Without a business group it would be none of yours.", f"Yours: {yours}.")
    raise Denied(f"{group} is no business group of yours.", f"Yours: {yours}.")


def _require_names(domains: Sequence[str], names: Sequence[str]) -> None:
    yours = f"Your domains: {', '.join(domains)}, and the names below them."
    if not names:
        raise Denied("It has no domain name, so it lies in none of your domains.", yours)
    wrong = outside(names, domains)
    if wrong:
        more = f" and {len(wrong) - _NAMED_AT_MOST} more names" if len(wrong) > _NAMED_AT_MOST else ""
        verb = "lies" if len(wrong) == 1 else "lie"
        raise Denied(f"{', '.join(wrong[:_NAMED_AT_MOST])}{more} {verb} outside your domains.", yours)


def held_elsewhere(name: str) -> Conflict:
    """For a certificate, known to whoever brings it, of which the entry lies outside the scope; tells no more than that."""
    return Conflict(f"{name} is held by another group already.", "Ask an admin of this server to let you see it.")


def in_scope(access: Access | None) -> list[ColumnElement[bool]]:
    """The scope as conditions on `CertificateTable`; entries spread over several domains are left out."""
    from sqlalchemy import and_, or_
    from sqlmodel import col

    from certtui.backend.local.tables import CertificateTable as Row

    conditions: list[ColumnElement[bool]] = []
    if access is not None and access.groups is not None:
        conditions.append(col(Row.business_group).in_(access.groups))
    if access is not None and access.domains is not None:
        starts = [reversed_name(domain) for domain in access.domains]
        conditions.append(
            or_(*(and_(col(Row.domain) >= start, col(Row.domain) < f"{start[:-1]}/") for start in starts))
        )
    return conditions
