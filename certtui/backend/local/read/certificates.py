"""The inventory's list: rows of `certificate` without SQLAlchemy."""

from __future__ import annotations

from certtui.backend.local.read import dialect, order
from certtui.backend.local.read.listing import LocalListing, Nature, Plan
from certtui.clock import from_epoch
from certtui.model.certificate import CertificateRow
from certtui.model.status import days_remaining, status_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any

    from certtui.backend.local.read.dialect import Sql
    from certtui.backend.local.readers import Readers
    from certtui.clock import Clock
    from certtui.model.filters import Term
    from certtui.model.query import Query

FILED = "(SELECT r.{0} FROM repository r WHERE r.id = certificate.repository_id)"
"""A column of the repository that an entry is filed in, NULL for none that may be seen."""

AUTHORITY = "(SELECT a.{0} FROM authority a WHERE a.id = certificate.authority_id)"
"""A column of the authority that renews an entry, NULL for none."""

_AUTHORITY_KEY = AUTHORITY.format("name_key")
FILED_KEY = FILED.format("name_key")

SORTS = {
    "name": order.number("name_key"),
    "common_name": order.words("common_name"),
    "status": order.STATUS,
    "not_after": order.instant("not_after"),
    "days": order.instant("not_after"),
    "not_before": order.instant("not_before"),
    "issuer": order.words("issuer_name"),
    "group": order.words("business_group"),
    "key": order.words("key_algorithm"),
    "source": order.words("source"),
    "provider": order.words("provider"),
    "contact": order.words("contact_email"),
    "resources": order.number("resource_count"),
    "created": order.number("created_at"),
    "repository": order.Column(FILED_KEY, f"{FILED_KEY} IS NOT NULL", f"{FILED_KEY} IS NULL"),
    "authority": order.Column(_AUTHORITY_KEY, f"{_AUTHORITY_KEY} IS NOT NULL", f"{_AUTHORITY_KEY} IS NULL"),
    "auto_renew_days": order.Column("auto_renew_days", "auto_renew_days > 0", "coalesce(auto_renew_days, 0) = 0"),
    "id": order.number("id"),
}
"""What the inventory sorts by."""

COLUMNS = (
    "id, version, name, common_name, san_count, state, not_before, not_after, expiring_from, revoked_at, resource_count, "
    "business_group, issuer_name, provider, source, key_algorithm, has_private_key, contact_email, created_at, "
    f"{FILED.format('name')} AS filed_in, {FILED.format('id')} AS filed_in_id, {AUTHORITY.format('name')} AS renewed_by, auto_renew_days"
)
"""What `certificate_row` reads, in its order."""


def open_certificates(readers: Readers, clock: Clock, query: Query) -> LocalListing[CertificateRow]:
    """Open the inventory's list. Raises `Invalid` (field "filter" or "sort")."""
    return LocalListing(readers, clock, query, Nature(certificate_plan, certificate_rows))


def certificate_rows(connection: sqlite3.Connection, ids: Sequence[int], as_of: datetime) -> dict[int, CertificateRow]:
    """The rows with these ids that are there, with status and days as of an instant."""
    found: dict[int, CertificateRow] = {}
    for start in range(0, len(ids), 500):
        chunk = ids[start : start + 500]
        marks = ", ".join("?" * len(chunk))
        for row in connection.execute(f"SELECT {COLUMNS} FROM certificate WHERE id IN ({marks})", chunk):  # noqa: S608
            found[row[0]] = certificate_row(row, as_of)
    return found


# Any: a row of the driver, its columns as COLUMNS names them
def certificate_row(row: Sequence[Any], as_of: datetime) -> CertificateRow:
    """One row as the seam has it, from the columns of COLUMNS."""
    (
        row_id, version, name, common_name, san_count, state, not_before, not_after, expiring_from, revoked_at, resources,
        group, issuer, provider, source, key, has_key, contact, created_at, repository, repository_id,
        authority, auto_renew_days,
    ) = row  # fmt: skip
    begin, end = _instant(not_before), _instant(not_after)
    return CertificateRow(
        id=row_id,
        version=version,
        name=name,
        common_name=common_name,
        san_count=san_count,
        status=status_of(
            now=as_of,
            state=state,
            revoked_at=_instant(revoked_at),
            not_before=begin,
            not_after=end,
            expiring_at=_instant(expiring_from),
        ),
        not_before=begin,
        not_after=end,
        days_remaining=None if end is None else days_remaining(end, as_of),
        resource_count=resources,
        business_group=group,
        issuer=issuer,
        provider=provider,
        source=source,
        key_algorithm=key,
        has_private_key=bool(has_key),
        contact_email=contact,
        created_at=from_epoch(created_at),
        repository=repository or "",
        repository_id=repository_id,
        authority=authority or "",
        auto_renew_days=auto_renew_days or None,
    )


def _instant(seconds: int | None) -> datetime | None:
    return None if seconds is None else from_epoch(seconds)


def certificate_plan(connection: sqlite3.Connection, query: Query, now: int) -> Plan:
    """What the inventory's list asks the database at `now` (epoch seconds). Raises `Invalid`."""
    ordered = order.segments(query.sort, SORTS, "id", now)
    if not query.text.strip():
        return Plan("certificate", "id", dialect.EVERYTHING, ordered)

    # A list without a filter, as cron jobs ask for, does not pay for the filter language.
    from certtui.backend.local.read.certificate_filter import certificate_filter, looked_up
    from certtui.backend.local.read.leading import FEW_IN_ORDER, Rarity, leading
    from certtui.model.filters import parse

    terms, rarity = parse(query.text), Rarity(connection)

    def compiled(some: Sequence[Term]) -> Sql:
        return certificate_filter(some, now, rarity.rare)

    def hits(term: Term) -> int:
        return rarity.hits_of(looked_up(term)) if term.values and looked_up(term) else FEW_IN_ORDER + 1

    leaders = leading(connection, terms, compiled, hits)
    rest = dialect.opaque(compiled([term for term in terms if term not in leaders]))
    where = dialect.both([compiled(leaders), rest]) if leaders else rest
    return Plan("certificate", "id", where, ordered, led=bool(leaders))
