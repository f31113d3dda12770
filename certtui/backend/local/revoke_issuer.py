"""Who has to know that a certificate is revoked: a CA of this store, an authority that can be asked, or a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend.local.open_store import Change, OpenStore
from certtui.errors import CerttuiError, Locked
from certtui.model.authority import AuthorityType
from certtui.model.local_ca import CaState
from certtui.model.revocation import AuthorityKnows
from certtui.record import dataclass

if TYPE_CHECKING:
    from certtui.backend.local.tables import CertificateTable
    from certtui.backend.local.tables_issuing import AuthorityTable


@dataclass(frozen=True, slots=True)
class Knower:
    """Who has to know, and how far that is certain: `knows` is what a revocation begins with."""

    knows: AuthorityKnows
    plan: str
    """A sentence: who will be told, and how."""
    answer: str = ""
    """What the revocation keeps as the answer: why it was not told."""
    ca_id: int | None = None
    """The CA of this store whose CRL will have it."""


def knower_of(store: OpenStore, change: Change, row: CertificateTable) -> Knower:
    """Who has to know of this entry's revocation."""
    ours = _ca_of(change, row)
    if ours is not None:
        ca_id, name, state = ours
        if state != CaState.OFFLINE.value:
            return Knower(
                AuthorityKnows.HERE,
                f"{name} is a CA of this store: its CRL and OCSP answers say so at once.",
                ca_id=ca_id,
            )
        said = f"The key of {name} is not here: its CRL is made elsewhere."
        return Knower(AuthorityKnows.PERSON, f"{said} A person must revoke it there.", said, ca_id=ca_id)
    if row.self_issued:
        said = "It is self-issued: no authority can say that it is revoked."
        return Knower(AuthorityKnows.PERSON, f"{said} A person must take it out of wherever it is trusted.", said)
    profile = _profile(change, row)
    if profile is None:
        said = "No authority is known here that issued it."
        return Knower(AuthorityKnows.PERSON, f"{said} A person must tell {row.issuer_name or 'its issuer'}.", said)
    why_not = _why_no_revoke(store, profile)
    if why_not:
        return Knower(AuthorityKnows.PERSON, f"{why_not} A person must tell {profile.name}.", why_not)
    return Knower(
        AuthorityKnows.NOT_TOLD,
        f"{profile.name} is asked at once, and again until it answers.",
        "It was not asked yet.",
    )


def unknown_to_our_ca() -> Knower:
    """For a certificate with the name of our CA as its issuer that this CA can't put on its CRL."""
    said = "It is not among what the CAs of this store have issued."
    return Knower(AuthorityKnows.PERSON, said, said)


def _ca_of(change: Change, row: CertificateTable) -> tuple[int, str, str] | None:
    """The CA of this store that issued it, as (id, name, state): by what it issued, else by name and key."""
    from sqlmodel import col, select

    from certtui.backend.local.tables_issuing import CaTable, IssuedTable

    found = change.session.exec(
        select(CaTable)
        .join(IssuedTable, col(IssuedTable.ca_id) == col(CaTable.id))
        .where(IssuedTable.certificate_id == row.id)
    ).first()
    if found is None:
        named = change.session.exec(
            select(CaTable).where(CaTable.subject_id == row.issuer_id).where(CaTable.certificate_id != row.id)
        ).all()
        # Two CAs of one name differ by their keys (RFC 5280, 4.2.1.1).
        exact = [one for one in named if row.authority_key_id in (one.key_hash_sha1, "")]
        likely = exact or (named if len(named) == 1 else [])
        found = likely[0] if likely else None
    return None if found is None else (found.id, found.name, found.state)


def _profile(change: Change, row: CertificateTable) -> AuthorityTable | None:
    from certtui.backend.local.tables_issuing import AuthorityTable

    return None if row.authority_id is None else change.session.get(AuthorityTable, row.authority_id)


def _why_no_revoke(store: OpenStore, profile: AuthorityTable) -> str:
    """Why the profile can't revoke by itself, "" when it can."""
    from certtui.backend.local import authorities_made

    if profile.type == AuthorityType.LOCAL.value:
        return unknown_to_our_ca().answer
    try:
        return authorities_made.authority_of(store, profile.id).capabilities.why_no_revoke
    except Locked:
        return ""  # its secrets are sealed just now: it is asked when they are not
    except CerttuiError as error:
        return error.message
