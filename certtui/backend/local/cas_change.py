"""What becomes of a CA: other settings, a successor, retirement."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from certtui.backend.local import events
from certtui.backend.local.cas_create import create_intermediate, create_root, request_intermediate
from certtui.backend.local.cas_crl import HOUR, publish_quietly
from certtui.backend.local.cas_rows import ca_as_seen, gone, touch_ca
from certtui.backend.local.cas_values import checked_settings, settings_json, settings_of, spec_of
from certtui.backend.local.open_store import Change, OpenStore
from certtui.errors import Conflict, Invalid
from certtui.model.ca import CA_KEY_TYPES, CaSpec
from certtui.model.csr import SubjectFields
from certtui.model.local_ca import CaSettings, CaState
from certtui.model.search_text import fold

if TYPE_CHECKING:
    import sqlite3

    from certtui.backend.local.tables_issuing import CaTable
    from certtui.model.x509 import X509Facts

_GENERATION = re.compile(r"^(.*) G(\d{1,6})$")


def edit(store: OpenStore, ca_id: int, version: int, settings: CaSettings) -> None:
    """Other settings; URLs are in what it issues from now on, other CRL times from the next CRL on. Raises `Invalid`, `Conflict`."""
    checked = checked_settings(settings)
    with store.changing() as change:
        row = ca_as_seen(change, ca_id, version)
        before = settings_of(row.settings)
        if before.compliant and not checked.compliant:
            _require_no_compliant_repository(change, row)
        changed = {
            name: [was, now]
            for (name, was), now in zip(asdict(before).items(), asdict(checked).values(), strict=True)
            if was != now
        }
        if changed:
            row.settings = settings_json(checked)
            _new_times(change, ca_id, before, checked)
            row.publish_error = row.publish_error if checked.crl_file else ""
            touch_ca(change, row)
            change.record(events.CA_EDITED, "ca", ca_id, row.name, {"changed": changed})
    publish_quietly(store, ca_id)


def roll_over(store: OpenStore, ca_id: int, version: int, spec: CaSpec | None) -> int:
    """A successor with a new key; its id. Profiles that issue by the old one issue by it once it has its certificate.

    Raises `Conflict` for a CA that is no issuing one any more or that changed, `Invalid` (field), `Locked`.
    """
    with store.readers.use() as connection:
        found = connection.execute(
            "SELECT version, name, kind, state, parent_id, settings, spec, certificate_id FROM ca WHERE id = ?",
            (ca_id,),
        ).fetchone()
        if found is None:
            raise gone(ca_id)
        seen, name, kind, state, parent_id, settings, made, certificate_id = found
        parent = _state_of(connection, parent_id)
        taken = {row[0] for row in connection.execute("SELECT name_key FROM ca")}
        wanted = spec or _as_before(connection, certificate_id, spec_of(made))
        successor = connection.execute(
            "SELECT name FROM ca WHERE predecessor_id = ? AND state <> 'retired'", (ca_id,)
        ).fetchone()
    if seen != version:
        raise Conflict(f"The CA {name} was changed by somebody else since you opened it.", "Look at it again.")
    if state == CaState.WAITING:
        raise Conflict(f"The CA {name} waits for its certificate.", "Bring that before it gets a successor.")
    if state == CaState.OFFLINE:
        raise Conflict(f"The key of the CA {name} is not here: it is rolled over where its key is.", "Make a new CA.")
    if state == CaState.RETIRED:
        raise Conflict(f"The CA {name} is retired, and gets no successor any more.", "Make a new CA.")
    if successor is not None:
        raise Conflict(f"The CA {name} has a successor already, {successor[0]}.", "Roll that one over.")
    if spec is None:
        wanted = replace(wanted, subject=_next_generation(wanted.subject, name, taken))
    # Its CRL goes to a file of its own: two CAs never write one.
    kept = replace(settings_of(settings), crl_file="")
    if kind == "root":
        return create_root(store, wanted, kept, predecessor_id=ca_id)
    if parent == CaState.ACTIVE:
        return create_intermediate(store, parent_id, wanted, kept, predecessor_id=ca_id)
    return request_intermediate(store, wanted, kept, predecessor_id=ca_id)


def retire(store: OpenStore, ca_id: int, version: int, *, living: int) -> None:
    """Issue no more. Raises `Conflict` unless `living` is the number of certificates that still live."""
    from sqlmodel import col, func, select

    from certtui.backend.local.tables_issuing import IssuedTable

    with store.changing() as change:
        row = ca_as_seen(change, ca_id, version)
        if row.state == CaState.RETIRED:
            raise Conflict(f"The CA {row.name} is retired already.", "Its CRLs go on.")
        count = change.session.exec(
            select(func.count())
            .select_from(IssuedTable)
            .where(col(IssuedTable.ca_id) == ca_id, col(IssuedTable.revoked_at).is_(None))
            .where(col(IssuedTable.not_after) >= change.now)
        ).one()
        if count != living:
            what = "1 certificate that is still valid" if count == 1 else f"{count} certificates that are still valid"
            raise Conflict(
                f"The CA {row.name} has issued {what}.",
                "Look at the list, and confirm with their number: they can't be renewed by this CA any more.",
            )
        was = row.state
        row.state = CaState.RETIRED.value
        row.retired_at = change.now
        if was != CaState.ACTIVE:
            row.crl_due_at = row.delta_due_at = None
        touch_ca(change, row)
        change.record(events.CA_RETIRED, "ca", ca_id, row.name, {"living": count, "was": was})


def _new_times(change: Change, ca_id: int, before: CaSettings, after: CaSettings) -> None:
    """What is due by the new settings: never later than by the old ones."""
    from certtui.backend.local.tables_issuing import CaTable, CrlTable

    row = change.session.get(CaTable, ca_id)
    if row is None or row.state not in (CaState.ACTIVE.value, CaState.RETIRED.value) or row.crl_due_at is None:
        return
    full = change.session.get(CrlTable, (ca_id, 0))
    if full is not None and after.crl_days < before.crl_days:
        row.crl_due_at = min(row.crl_due_at, full.this_update + after.crl_days * 24 * HOUR * 2 // 3)
    if not after.delta_hours:
        row.delta_due_at = None
        there = change.session.get(CrlTable, (ca_id, 1))
        if there is not None:
            change.session.delete(there)
    elif after.delta_hours != before.delta_hours:
        row.delta_due_at = change.now


def _require_no_compliant_repository(change: Change, row: CaTable) -> None:
    """Raises `Conflict` while a repository of compliant certificates counts on the mark."""
    from certtui.backend.local.repositories_rows import as_seen_by, bound_to
    from certtui.model.repository import DataSource

    bound = bound_to(change, row.id)
    if bound is not None and bound.data_source == DataSource.COMPLIANT.value:
        raise Conflict(
            f"The CA {row.name} is bound to {as_seen_by(change, bound)}, whose certificates are to be compliant.",
            "Reset that repository first.",
        )


def _state_of(connection: sqlite3.Connection, ca_id: int | None) -> str:
    found = None if ca_id is None else connection.execute("SELECT state FROM ca WHERE id = ?", (ca_id,)).fetchone()
    return "" if found is None else str(found[0])


def _as_before(connection: sqlite3.Connection, certificate_id: int, spec: CaSpec | None) -> CaSpec:
    """As the old one was made; of an imported one as its certificate says."""
    if spec is not None:
        return spec
    from certtui.backend.local.cas_signers import certificate_of

    return spec_of_certificate(certificate_of(connection, certificate_id))


def spec_of_certificate(certificate: X509Facts) -> CaSpec:
    """What one would have to ask for to get a CA like this. Raises `Invalid` for a kind of key that can't be made here."""
    from certtui.backend.local.cas_limits import constraint_as_written
    from certtui.pki.extensions import limits
    from certtui.pki.names import attribute_of

    if certificate.key_algorithm not in CA_KEY_TYPES:
        raise Invalid(
            f"A key of the kind {certificate.key_algorithm} can't be made here.",
            "Say how the successor is to be made.",
            field="key_type",
        )
    found = limits(certificate.der)
    return CaSpec(
        SubjectFields(
            certificate.common_name,
            *(attribute_of(certificate.subject, kind) for kind in ("O", "OU", "C", "ST", "L")),
        ),
        certificate.key_algorithm,
        days=max(1, (certificate.not_after - certificate.not_before).days),
        path_length=found.path_length,
        permitted=tuple(map(constraint_as_written, found.permitted)),
        excluded=tuple(map(constraint_as_written, found.excluded)),
        usages=found.usages or (),
    )


def _next_generation(subject: SubjectFields, name: str, taken: set[str]) -> SubjectFields:
    """The same name with the next number: two CAs of one name and two keys confuse many who build chains."""
    match = _GENERATION.match(subject.common_name)
    base, number = (match[1], int(match[2])) if match else (subject.common_name or name, 1)
    while True:
        number += 1
        candidate = f"{base} G{number}"
        if fold(candidate) not in taken:
            return replace(subject, common_name=candidate)
