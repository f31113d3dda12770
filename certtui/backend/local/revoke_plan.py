"""What revoking would break: who uses the certificate, what could take its place, who will be told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from certtui.backend.local import events
from certtui.backend.local.cas_below import Below, below
from certtui.backend.local.cas_guard import require_right
from certtui.backend.local.certificate_values import split
from certtui.backend.local.entries import entry
from certtui.backend.local.open_store import Change, OpenStore
from certtui.backend.local.page import certificate_page, entry_row, row_of
from certtui.backend.local.read import dialect
from certtui.backend.local.replace import covered
from certtui.backend.local.revoke_issuer import knower_of
from certtui.backend.local.revoke_renewal import why_no_renewal
from certtui.clock import epoch
from certtui.errors import Conflict
from certtui.model.domains import domain_of, names_of
from certtui.model.local_ca import CaState
from certtui.model.revocation_plan import RevocationPlan
from certtui.model.status import Status, days_ago

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from certtui.backend.local.tables import CertificateTable
    from certtui.model.certificate import Certificate, CertificateRow

_USABLE = (Status.ACTIVE, Status.EXPIRING)
_LOOKED_AT = 500


def plan_revocation(store: OpenStore, certificate_id: int) -> RevocationPlan:
    """See `backend.base.Certificates.plan_revocation`. Recorded as a view is: nothing has changed."""
    store.require_writable()
    with store.readers.use() as connection:
        page = certificate_page(connection, store.clock, certificate_id)
        require_revocable(page)
        found = _replacement(connection, page, store.clock.now())
        dependants = _dependants(connection, page, store.clock.now())
        under = below(connection, certificate_id)
    with store.recording() as change:
        row = entry(change, certificate_id)
        require_right(change, certificate_id, "cas.retire")
        knower = knower_of(store, change, row)
        is_ca = page.x509 is not None and page.x509.is_ca
        living = _living(change, row) if is_ca else 0
        issues = is_ca and _issues(change, row)
        plan = RevocationPlan(
            certificate_id=page.id,
            version=page.version,
            name=page.row.name,
            serial_number=page.x509.serial_number if page.x509 else "",
            resources=page.resources,
            lineage=page.lineage,
            replacement_id=found.id if found else None,
            replacement=_replacement_words(page, found),
            authority=knower.plan,
            warnings=tuple(_warnings(page, max(living, dependants), under, issues=issues)),
            consumers=page.consumers,
            renews_itself=bool(row.auto_renew_days),
            why_no_renewal=why_no_renewal(change, row),
        )
        change.record(
            events.REVOCATION_REQUESTED,
            "certificate",
            page.id,
            page.row.name,
            {
                "serial": plan.serial_number,
                "resources": [resource.id for resource in page.resources],
                "consumers": [consumer.id for consumer in page.consumers],
                "lineage": [member.id for member in page.lineage],
                "replacement": plan.replacement_id,
                "living": max(living, dependants),
                "authority": str(knower.knows),
            },
        )
    return plan


def require_revocable(page: Certificate) -> None:
    """Raises `Conflict` for an entry without an X.509, and for one that is revoked already."""
    if page.x509 is None:
        raise Conflict(f"{page.row.name} has no certificate yet, so there is nothing to revoke.", "Cancel its order.")
    if page.row.status is Status.REVOKED:
        raise Conflict(f"{page.row.name} is revoked already.", "Its page says when and why.")


def _replacement(connection: sqlite3.Connection, page: Certificate, now: datetime) -> CertificateRow | None:
    """A newer one of its lineage that can be used now, else one with all of its names; the longest lasting."""
    newer = [
        row_of(entry_row(connection, member.id), now)
        for member in page.lineage
        if member.relation == "renewal" and member.status in _USABLE
    ]
    return max(newer or _same_names(connection, page, now), key=_lasts, default=None)


def _lasts(row: CertificateRow) -> tuple[bool, int, int]:
    return row.status is Status.ACTIVE, row.days_remaining or 0, row.id


def _same_names(connection: sqlite3.Connection, page: Certificate, now: datetime) -> list[CertificateRow]:
    """Usable entries that are valid for every name of this one; of a CA those with its name."""
    x509 = page.x509
    if x509 is None:
        return []
    usable = "id <> ? AND revoked_at IS NULL AND not_before <= ? AND not_after >= ?"
    given: tuple[object, ...] = (page.id, epoch(now), epoch(now))
    if x509.is_ca:
        where, more = "is_ca = 1 AND subject_id = ?", (x509.subject_id,)
        return [row for row, _ in _rows(connection, f"{where} AND {usable}", (*more, *given), now)]
    names = names_of(page.sans, page.row.common_name)
    if not names:
        return []
    domains = _domains(page)
    marks = ", ".join("?" * len(domains))
    first, above = names[0], f"*.{names[0].partition('.')[2]}"
    named, texts = dialect.either([dialect.contains("sans", first), dialect.contains("sans", above)])
    found = _rows(
        connection, f"domain IN ({marks}) AND ({named}) AND is_ca = 0 AND {usable}", (*domains, *texts, *given), now
    )
    return [row for row, sans in found if all(covered(f"DNS:{name}", sans) for name in names)]


def _domains(page: Certificate) -> list[str]:
    """What an entry with all of its names can have as its domain: what they have in common, and what is above it."""
    labels = domain_of(page.sans, page.row.common_name).split(".")[:-1]
    starts = ["", *(".".join(labels[:count]) + "." for count in range(1, len(labels) + 1))]
    return [*starts, *(f"{start}*." for start in starts)]


def _rows(
    connection: sqlite3.Connection, where: str, given: Sequence[object], now: datetime
) -> Iterator[tuple[CertificateRow, tuple[str, ...]]]:
    from sqlite3 import Row

    cursor = connection.cursor()
    cursor.row_factory = Row
    found = cursor.execute(
        f"SELECT * FROM certificate WHERE {where} ORDER BY not_after DESC, id LIMIT ?",  # noqa: S608 (texts of this module)
        (*given, _LOOKED_AT),
    ).fetchall()
    return ((row_of(row, now), split(row["sans"])) for row in found)


def _replacement_words(page: Certificate, found: CertificateRow | None) -> str:
    if found is None:
        return "No replacement is in the inventory."
    relation = next((member.relation for member in page.lineage if member.id == found.id), "")
    if relation:
        why = "renews it" if relation == "renewal" else "is the one before it"
    else:
        why = "has the same subject" if page.x509 is not None and page.x509.is_ca else "has the same names"
    until = f"until {found.not_after:%Y-%m-%d}" if found.not_after else ""
    used = " Nothing uses it yet." if page.resources and not found.resource_count else ""
    return f"{found.name} (id {found.id}) {why} and is valid {until}.{used}"


def _living(change: Change, row: CertificateTable) -> int:
    """What this CA of the store has issued that is neither expired nor revoked."""
    from sqlmodel import col, func, select

    from certtui.backend.local.tables_issuing import CaTable, IssuedTable

    return change.session.exec(
        select(func.count())
        .select_from(IssuedTable)
        .join(CaTable, col(CaTable.id) == col(IssuedTable.ca_id))
        .where(CaTable.certificate_id == row.id)
        .where(col(IssuedTable.revoked_at).is_(None))
        .where(IssuedTable.not_after >= change.now)
    ).one()


def _issues(change: Change, row: CertificateTable) -> bool:
    """Whether it is the certificate of a CA of this store that issues now."""
    from sqlmodel import select

    from certtui.backend.local.tables_issuing import CaTable

    active = select(CaTable.id).where(CaTable.certificate_id == row.id).where(CaTable.state == CaState.ACTIVE.value)
    return change.session.exec(active).first() is not None


def _dependants(connection: sqlite3.Connection, page: Certificate, now: datetime) -> int:
    """Living entries of the inventory that name this CA as their issuer."""
    x509 = page.x509
    if x509 is None or not x509.is_ca:
        return 0
    # The name alone has an index; the hash decides.
    named, given = dialect.equal("issuer_name", x509.common_name or x509.subject)
    if not x509.common_name:
        named, given = "TRUE", ()
    return int(
        connection.execute(
            f"SELECT count(*) FROM certificate WHERE {named} AND issuer_id = ? AND id <> ? "  # noqa: S608 (our own)
            "AND (authority_key_id = ? OR authority_key_id = '') AND revoked_at IS NULL AND not_after >= ?",
            (*given, x509.subject_id, page.id, x509.subject_key_id, epoch(now)),
        ).fetchone()[0]
    )


def _said_of(under: Below) -> str:
    many = "The CA below it goes on" if len(under.cas) == 1 else f"The {len(under.cas)} CAs below it go on"
    asked = f"; {_few(under.profiles)} would still be asked" if under.profiles else ""
    return f"{many} issuing what nobody trusts, until retired: {_few(under.cas)}{asked}."


def _few(names: Sequence[str]) -> str:
    more = len(names) - _NAMED_BELOW
    return ", ".join(names[:_NAMED_BELOW]) + (f" and {more} more" if more > 0 else "")


_NAMED_BELOW = 5


def _warnings(page: Certificate, living: int, under: Below, *, issues: bool) -> Iterator[str]:
    x509 = page.x509
    if x509 is None:
        return
    if page.row.status is Status.EXPIRED:
        yield f"It expired {days_ago(page.row.days_remaining or 0)}: nobody should trust it in any case."
    if x509.is_ca:
        if living:
            many = f"{living:,} living certificate{'s' if living > 1 else ''}"
            yield f"It is a CA with {many}: none of them is trusted any more once this one is revoked."
        else:
            yield "It is a CA; no living certificate of it is known here."
        if issues:
            yield "It is retired with it: it issues no more, and what would be ordered from it has to go elsewhere."
        if under.cas:
            yield _said_of(under)
    if any(resource.role == "client-ca" for resource in page.resources):
        yield "It is trusted somewhere as a client CA: whoever comes with a certificate of it is refused there."
