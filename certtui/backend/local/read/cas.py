"""The CAs of the built-in PKI as they are listed and shown. They are the same for everybody: what they say is public.

The connections come from `cas_whole.whole`, so that the certificate of a CA is seen from every scope.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend.local.read import conditions, dialect, order
from certtui.backend.local.read.listing import LocalListing, Nature, Plan
from certtui.backend.local.read.lookup import resolve_ca as resolve_ca
from certtui.clock import epoch, from_epoch
from certtui.errors import NotFound
from certtui.model.filter_fields import CA
from certtui.model.filters import parse
from certtui.model.local_ca import Ca, CaRow, CaState, CrlInfo, LivingCertificate

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any

    from certtui.backend.base import Listing
    from certtui.backend.local.read.dialect import Sql
    from certtui.backend.local.readers import Readers
    from certtui.clock import Clock
    from certtui.model.filters import Term
    from certtui.model.query import Query

_SORTS = {
    "name": order.number("name_key"),
    "state": order.words("state"),
    "kind": order.words("kind"),
    "created": order.number("created_at"),
    "id": order.number("id"),
}
_ROW = (
    "SELECT a.id, a.version, a.name, a.kind, a.state, a.certificate_id, a.parent_id, c.common_name, c.key_algorithm, "
    "c.not_after, a.created_at, a.settings, EXISTS (SELECT 1 FROM repository r WHERE r.ca_id = a.id) "
    "FROM ca a JOIN certificate c ON c.id = a.certificate_id"
)
_COUNTS = (
    "SELECT ca_id, count(*), sum(CASE WHEN revoked_at IS NULL AND not_after >= ? THEN 1 ELSE 0 END), "
    "sum(CASE WHEN revoked_at IS NOT NULL THEN 1 ELSE 0 END) FROM issued WHERE ca_id IN ({marks}) GROUP BY ca_id"
)
_CRLS = (
    "SELECT r.ca_id, r.delta, r.number, r.this_update, r.next_update, r.entries, a.settings, a.publish_error "
    "FROM crl r JOIN ca a ON a.id = r.ca_id WHERE r.ca_id IN ({marks})"
)


def open_cas(readers: Readers, clock: Clock, query: Query) -> Listing[CaRow]:
    """A listing of CAs."""
    return LocalListing(readers, clock, query, Nature(_plan, _rows))


def ca_page(readers: Readers, clock: Clock, ca_id: int) -> Ca:
    """Everything of one CA. Raises `NotFound`."""
    from certtui.backend.local.cas_values import settings_of
    from certtui.backend.local.page import csr_pem, entry_row

    now = clock.now()
    with readers.use() as connection:
        connection.execute("BEGIN")
        row = _rows(connection, [ca_id], now).get(ca_id)
        found = connection.execute("SELECT settings FROM ca WHERE id = ?", (ca_id,)).fetchone()
        if row is None or found is None:
            raise _gone(ca_id)
        successor = connection.execute("SELECT id FROM ca WHERE predecessor_id = ? ORDER BY id DESC", (ca_id,))
        csr = connection.execute("SELECT der FROM csr WHERE certificate_id = ?", (row.certificate_id,)).fetchone()
        return Ca(
            row=row,
            settings=settings_of(found[0]),
            subject=entry_row(connection, row.certificate_id)["subject"],
            chain=_names_above(connection, row),
            csr_pem=csr_pem(csr[0]) if csr else "",
            delta=_crls(connection, [ca_id], now, delta=True).get(ca_id),
            successor_id=next((one for (one,) in successor), None),
            profiles=tuple(name for _, name in profiles_by(connection, ca_id, row.name)),
            limits=_limits(connection, row),
        )


def crl_info(readers: Readers, clock: Clock, ca_id: int, *, delta: bool) -> CrlInfo:
    """What is known of the newest CRL. Raises `NotFound`."""
    with readers.use() as connection:
        found = _crls(connection, [ca_id], clock.now(), delta=delta).get(ca_id)
    if found is None:
        raise _no_crl(ca_id, delta=delta)
    return found


def crl_der(readers: Readers, ca_id: int, *, delta: bool) -> bytes:
    """The newest CRL in DER. Raises `NotFound`."""
    with readers.use() as connection:
        if connection.execute("SELECT 1 FROM ca WHERE id = ?", (ca_id,)).fetchone() is None:
            raise _gone(ca_id)
        found = connection.execute("SELECT der FROM crl WHERE ca_id = ? AND delta = ?", (ca_id, int(delta))).fetchone()
    if found is None:
        raise _no_crl(ca_id, delta=delta)
    return bytes(found[0])


def ca_der(readers: Readers, ca_id: int) -> bytes:
    """The certificate of a CA in DER. Raises `NotFound`, also while it waits for it."""
    with readers.use() as connection:
        found = connection.execute(
            "SELECT a.name, d.der FROM ca a LEFT JOIN certificate_der d ON d.certificate_id = a.certificate_id "
            "WHERE a.id = ?",
            (ca_id,),
        ).fetchone()
    if found is None:
        raise _gone(ca_id)
    if found[1] is None:
        raise NotFound(f"The CA {found[0]} has no certificate yet.", "It waits for the offline root to sign it.")
    return bytes(found[1])


def living(readers: Readers, clock: Clock, ca_id: int) -> Sequence[LivingCertificate]:
    """What it issued that is neither expired nor revoked, soonest expiry first. Raises `NotFound`."""
    with readers.use() as connection:
        if connection.execute("SELECT 1 FROM ca WHERE id = ?", (ca_id,)).fetchone() is None:
            raise _gone(ca_id)
        rows = connection.execute(
            "SELECT i.certificate_id, coalesce(c.name, i.common_name), i.serial, i.not_after FROM issued i "
            "LEFT JOIN certificate c ON c.id = i.certificate_id "
            "WHERE i.ca_id = ? AND i.revoked_at IS NULL AND i.not_after >= ? ORDER BY i.not_after, 2, i.serial",
            (ca_id, epoch(clock.now())),
        ).fetchall()
    return [LivingCertificate(entry, name, serial, from_epoch(ends)) for entry, name, serial, ends in rows]


def profiles_by(connection: sqlite3.Connection, ca_id: int, name: str) -> list[tuple[int, str]]:
    """(id, name) of the authority profiles whose setting `ca` names this CA, by name or id."""
    import json

    from certtui.model.search_text import fold

    found = connection.execute("SELECT id, name, settings FROM authority WHERE type = 'local' ORDER BY name_key")
    wanted = (fold(name), str(ca_id))
    return [
        (row_id, title) for row_id, title, settings in found if fold(str(json.loads(settings).get("ca", ""))) in wanted
    ]


def _plan(_connection: sqlite3.Connection, query: Query, now: int) -> Plan:
    return Plan(
        table="ca",
        key="id",
        where=conditions.where(parse(query.text, CA), _condition),
        segments=order.segments(query.sort, _SORTS, "id", now),
    )


def _condition(term: Term) -> Sql:
    match term.key:
        case "":
            return dialect.either([dialect.contains("name", value.text) for value in term.values])
        case "state" | "kind":
            return dialect.either([(f"{term.key} = ?", (value.text,)) for value in term.values])
        case "name":
            return conditions.text("name", term.values)
    return conditions.numbers("id", term.values)


def _rows(connection: sqlite3.Connection, ids: Sequence[int], now: datetime) -> dict[int, CaRow]:
    if not ids:
        return {}
    marks = ", ".join("?" * len(ids))
    rows = connection.execute(f"{_ROW} WHERE a.id IN ({marks})", tuple(ids)).fetchall()
    counts = {
        ca_id: numbers
        for ca_id, *numbers in connection.execute(_COUNTS.format(marks=marks), (epoch(now), *ids)).fetchall()
    }
    crls = _crls(connection, ids, now, delta=False)
    return {row[0]: _row(row, counts.get(row[0], [0, 0, 0]), crls.get(row[0])) for row in rows}


# Any: a row of the driver, its columns as _ROW names them
def _row(row: Sequence[Any], counts: Sequence[int], crl: CrlInfo | None) -> CaRow:
    from certtui.backend.local.cas_values import settings_of

    return CaRow(
        id=row[0],
        version=row[1],
        name=row[2],
        kind=row[3],
        state=CaState(row[4]),
        certificate_id=row[5],
        parent_id=row[6],
        common_name=row[7],
        key_algorithm=row[8],
        not_after=None if row[9] is None else from_epoch(row[9]),
        issued=int(counts[0]),
        living=int(counts[1]),
        revoked=int(counts[2]),
        crl=crl,
        created_at=from_epoch(row[10]),
        compliant=settings_of(row[11]).compliant,
        bound=bool(row[12]),
    )


def _crls(connection: sqlite3.Connection, ids: Sequence[int], now: datetime, *, delta: bool) -> dict[int, CrlInfo]:
    from certtui.backend.local.cas_publish import delta_file
    from certtui.backend.local.cas_values import settings_of

    marks = ", ".join("?" * len(ids))
    found = {}
    rows = connection.execute(f"{_CRLS.format(marks=marks)} AND r.delta = ?", (*ids, int(delta))).fetchall()
    for ca_id, _, number, begins, ends, entries, settings, problem in rows:
        file = settings_of(settings).crl_file
        place = "" if not file else str(delta_file(file)) if delta else file
        found[ca_id] = CrlInfo(
            number=int(number),
            this_update=from_epoch(begins),
            next_update=from_epoch(ends),
            entries=entries,
            delta=delta,
            overdue=epoch(now) >= ends,
            published=f"Not written: {problem}" if problem and file else place,
        )
    return found


def _names_above(connection: sqlite3.Connection, row: CaRow) -> tuple[str, ...]:
    """From the parent up to the root: the CAs here, else what the chain material of its entry says."""
    names: list[str] = []
    seen = {row.id}
    above, last = row.parent_id, row.certificate_id
    while above is not None and above not in seen:
        seen.add(above)
        found = connection.execute("SELECT name, parent_id, certificate_id FROM ca WHERE id = ?", (above,)).fetchone()
        if found is None:
            break
        names.append(found[0])
        above, last = found[1], found[2]
    return (*names, *_names_in_material(connection, last))


def _names_in_material(connection: sqlite3.Connection, certificate_id: int) -> list[str]:
    """The issuers of a CA that are no CAs here, as far as their names are known."""
    from certtui.backend.local.cas_signers import chain_above
    from certtui.backend.local.page import entry_row, leaf_of

    facts = leaf_of(connection, entry_row(connection, certificate_id))
    if facts is None or facts.self_issued:
        return []
    chain = chain_above(connection, certificate_id, facts)
    end = chain[-1] if chain else facts
    return [*(each.common_name or each.subject for each in chain), end.issuer_name]


def _limits(connection: sqlite3.Connection, row: CaRow) -> tuple[str, ...]:
    from certtui.backend.local.cas_limits import limits_in_words
    from certtui.backend.local.page import entry_row, leaf_of

    facts = leaf_of(connection, entry_row(connection, row.certificate_id))
    return () if facts is None else limits_in_words(facts)


def _gone(ca_id: int) -> NotFound:
    return NotFound(f"There is no CA {ca_id} here (any more).", "`certtui ca list` shows them all.")


def _no_crl(ca_id: int, *, delta: bool) -> NotFound:
    what = "delta CRL" if delta else "CRL"
    return NotFound(f"There is no {what} of the CA {ca_id} here.", "Issue one, or accept the one of an offline CA.")
