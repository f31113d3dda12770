"""Revoking: here at once and for good, in one transaction; who else has to know is told after it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from certtui.backend.local import events
from certtui.backend.local.cas_guard import require_right
from certtui.backend.local.certificate_values import instant
from certtui.backend.local.entries import entry_as_seen, touch
from certtui.backend.local.open_store import Change, OpenStore
from certtui.backend.local.revoke_issuer import Knower, knower_of, unknown_to_our_ca
from certtui.backend.local.revoke_renewal import hurry, renews
from certtui.clock import epoch, from_epoch, rfc3339
from certtui.errors import Conflict, Invalid
from certtui.model.local_ca import CaState
from certtui.model.revocation import AuthorityKnows, RevocationForm, require_possible

if TYPE_CHECKING:
    from certtui.backend.local.tables import CertificateTable
    from certtui.backend.local.tables_issuing import RevocationTable


def revoke(store: OpenStore, certificate_id: int, version: int, form: RevocationForm) -> None:
    """See `backend.base.Certificates.revoke`."""
    from certtui.backend.local.tables_issuing import RevocationTable

    with store.changing() as change:
        row = entry_as_seen(change, certificate_id, version)
        require_right(change, certificate_id, "cas.retire")
        _require_revocable(row)
        _require_serial(row, form.serial_number)
        invalidity = _checked_invalidity(form.invalidity_date, row, change.now)
        knower = _marked(change, row, knower_of(store, change, row), form, invalidity)
        row.revoked_at = change.now
        touch(change, row)
        retired = _retire(change, row)
        asked = knower.knows is AuthorityKnows.NOT_TOLD
        renew = renews(change, row, form)
        change.session.add(
            RevocationTable(
                certificate_id=row.id,
                reason=form.reason.value,
                invalidity_at=invalidity,
                revoked_by=store.actor.name,
                authority_knows=knower.knows.value,
                answer=knower.answer,
                due_at=change.now if asked else None,
                renew=int(renew),
            )
        )
        if renew:
            hurry(change)
        change.record(
            events.REVOCATION_CONFIRMED,
            "certificate",
            row.id,
            row.name,
            {
                "serial": row.serial_number,
                "reason": form.reason.value,
                "code": form.reason.code,
                "invalidity_date": None if invalidity is None else rfc3339(from_epoch(invalidity)),
                "authority": knower.knows.value,
                "version": row.version,
                "renew": renew,
                **({"ca": retired} if retired else {}),
            },
        )
    _tell(store, certificate_id, knower)


def note_authority_told(store: OpenStore, certificate_id: int, version: int) -> None:
    """See `backend.base.Certificates.note_authority_told`."""
    with store.changing() as change:
        row = entry_as_seen(change, certificate_id, version)
        revocation = revocation_of(change, certificate_id)
        if revocation is None:
            raise Conflict(f"{row.name} is not revoked.", "Revoke it first.")
        if revocation.authority_knows not in (AuthorityKnows.PERSON.value, AuthorityKnows.NOT_TOLD.value):
            raise Conflict(
                f"Nobody has to tell the authority of {row.name}: it is {_knows(revocation)}.",
                "There is nothing to do.",
            )
        before = revocation.authority_knows
        revocation.authority_knows = AuthorityKnows.PERSON_TOLD.value
        revocation.due_at = None
        revocation.answer = f"Noted by {store.actor.name} on {rfc3339(from_epoch(change.now))}."
        change.session.add(revocation)
        touch(change, row)
        change.record(
            events.REVOCATION_TOLD_BY_PERSON,
            "certificate",
            row.id,
            row.name,
            {"serial": row.serial_number, "was": before, "version": row.version},
        )


def _marked(
    change: Change, row: CertificateTable, knower: Knower, form: RevocationForm, invalidity: int | None
) -> Knower:
    """The same, marked in what our CA issued; where that knows nothing of it after all, a person has to see to it."""
    if knower.ca_id is None:
        return knower
    from certtui.backend.local.cas_revoke import mark_revoked

    since = None if invalidity is None else from_epoch(invalidity)
    marked = mark_revoked(change, row, form.reason, from_epoch(change.now), since)
    if marked is None and knower.knows is AuthorityKnows.HERE:
        return unknown_to_our_ca()
    return knower


def _retire(change: Change, row: CertificateTable) -> int | None:
    """A CA of this store whose certificate is revoked issues no more; its CRLs go on. Answers its id."""
    from sqlmodel import col, select

    from certtui.backend.local.cas_rows import touch_ca
    from certtui.backend.local.tables_issuing import CaTable

    if not row.is_ca:
        return None
    ca = change.session.exec(
        select(CaTable).where(CaTable.certificate_id == row.id).where(col(CaTable.state) == CaState.ACTIVE.value)
    ).first()
    if ca is None:
        return None
    ca.state = CaState.RETIRED.value
    ca.retired_at = change.now
    touch_ca(change, ca)
    change.record(events.CA_RETIRED, "ca", ca.id, ca.name, {"revoked": True, "was": CaState.ACTIVE.value})
    return ca.id


def _tell(store: OpenStore, certificate_id: int, knower: Knower) -> None:
    """After the commit: it is revoked whatever comes of this, and what fails here is due work."""
    if knower.knows is AuthorityKnows.HERE and knower.ca_id is not None:
        from certtui.backend.local.cas_revoke import crl_after_revocation

        problem = crl_after_revocation(store, knower.ca_id)
        if problem:
            keep_answer(store, certificate_id, problem)
    elif knower.knows is AuthorityKnows.NOT_TOLD:
        from certtui.backend.local.revoke_work import tell_now

        tell_now(store, certificate_id)


def keep_answer(store: OpenStore, certificate_id: int, answer: str) -> None:
    """Keep what was said of a revocation, where it is shown."""
    with store.changing() as change:
        revocation = revocation_of(change, certificate_id)
        if revocation is not None:
            revocation.answer = answer
            change.session.add(revocation)


def revocation_of(change: Change, certificate_id: int) -> RevocationTable | None:
    """The row that says how a revocation stands."""
    from certtui.backend.local.tables_issuing import RevocationTable

    return change.session.get(RevocationTable, certificate_id)


def untold_of(change: Change, ids: Sequence[int]) -> set[int]:
    """Those of the entries whose authority is still to be told by this store."""
    from sqlmodel import col, select

    from certtui.backend.local.tables_issuing import RevocationTable as Row

    return set(
        change.session.exec(
            select(Row.certificate_id)
            .where(col(Row.certificate_id).in_(ids))
            .where(Row.authority_knows == AuthorityKnows.NOT_TOLD.value)
        )
    )


def same_serial(one: str, other: str) -> bool:
    """Whether two serial numbers in hex are the same: colons, case, spaces and leading zeros are a matter of style."""
    return _bare(one) == _bare(other)


def _bare(serial: str) -> str:
    digits = "".join(serial.split()).replace(":", "").lower()
    sign = "-" if digits.startswith("-") else ""
    return sign + (digits.lstrip("-").removeprefix("0x").lstrip("0") or "0")


def _knows(revocation: RevocationTable) -> str:
    if revocation.authority_knows == AuthorityKnows.HERE.value:
        return "a CA of this store"
    return revocation.authority_knows


def _require_revocable(row: CertificateTable) -> None:
    if row.fingerprint_sha256 is None:
        raise Conflict(f"{row.name} has no certificate yet, so there is nothing to revoke.", "Cancel its order.")
    if row.revoked_at is not None:
        raise Conflict(f"{row.name} is revoked already.", "Its page says when and why.")


def _require_serial(row: CertificateTable, serial: str) -> None:
    if not serial.strip():
        raise Invalid("The serial number of the certificate is needed.", "Its page has it.", field="serial_number")
    if not same_serial(serial, row.serial_number):
        raise Invalid(
            f"The serial number of {row.name} is another one.",
            "Look at the certificate again: its page has its serial number.",
            field="serial_number",
        )


def _checked_invalidity(invalidity: datetime | None, row: CertificateTable, now: int) -> int | None:
    """The instant since which the key is not to be trusted, in epoch seconds. Raises `Invalid`."""
    if invalidity is None:
        return None
    require_possible(invalidity, instant(row.not_before), from_epoch(now))
    return epoch(invalidity)
