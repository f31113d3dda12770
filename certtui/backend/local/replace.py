"""Update after renewal: what would move from the old certificate to the new one, and moving it in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from certtui.backend.local import events
from certtui.backend.local.acls import inherit
from certtui.backend.local.cas_guard import refuse_ca
from certtui.backend.local.containers_follow import replaced
from certtui.backend.local.entries import entry_as_seen, recount
from certtui.backend.local.open_store import Change, OpenStore
from certtui.backend.local.page import certificate_page
from certtui.clock import rfc3339
from certtui.errors import Conflict, Invalid
from certtui.model.certificate import AssociationMove, Certificate, ReplacementPlan
from certtui.model.status import Status

if TYPE_CHECKING:
    from certtui.backend.local.tables import AssociationTable, CertificateTable
    from certtui.model.consumer import ContainerRef

_NAMED_AT_MOST = 5
_STRENGTH = {"rsa": 1, "dsa": 1, "ec": 12, "ed25519": 12, "ed448": 17}
"""Bits of an RSA key that a bit of another is worth (NIST SP 800-57 part 1, table 2): only to warn of a weaker one."""


def plan_replacement(store: OpenStore, old_id: int, new_id: int) -> ReplacementPlan:
    """See `backend.base.Certificates.plan_replacement`."""
    if old_id == new_id:
        raise Invalid("A certificate can't replace itself.", "Name the new certificate.", field="new")
    with store.readers.use() as connection:
        old = certificate_page(connection, store.clock, old_id)
        new = certificate_page(connection, store.clock, new_id)
    for side, field in ((old, "old"), (new, "new")):
        if side.x509 is None:
            raise Invalid(f"{side.row.name} has no certificate yet.", "Give the signed certificate first.", field=field)
    if any(member.id == new_id for member in old.lineage):
        raise Invalid(
            f"{old.row.name} and {new.row.name} are in one lineage already.",
            "Move single associations with associate and dissociate.",
            field="new",
        )
    if any(member.relation == "renewed" for member in new.lineage):
        raise Invalid(
            f"{new.row.name} renews another certificate already.",
            "Move single associations with associate and dissociate.",
            field="new",
        )
    return ReplacementPlan(
        old_id=old.id,
        old_version=old.version,
        new_id=new.id,
        new_version=new.version,
        moves=tuple(_moves(old, new)),
        warnings=tuple(_warnings(old, new, store.clock.now())),
        containers=_following(old, new),
    )


def carry_out(store: OpenStore, plan: ReplacementPlan) -> None:
    """Move the associations that the plan says, record the lineage. Raises `Conflict` if either side or its use moved."""
    with store.changing() as change:
        old = entry_as_seen(change, plan.old_id, plan.old_version)
        new = entry_as_seen(change, plan.new_id, plan.new_version)
        refuse_ca(change, old.id, "replaced")
        if new.renews_id is not None:
            raise Conflict(f"{new.name} renews another certificate already.", "Look again and plan anew.")
        theirs = {(one.resource_id, one.role): one for one in _associations(change, plan.old_id)}
        already = {(one.resource_id, one.role) for one in _associations(change, plan.new_id)}
        moved = []
        for move in plan.moves:
            key = (move.resource.id, move.resource.role)
            if not move.move:
                continue
            association = theirs.get(key)
            if association is None:
                raise Conflict(
                    f"{old.name} is no longer associated with {move.resource.name}.", "Look again and plan anew."
                )
            _move(change, association, plan.new_id, already)
            moved.append(move.resource.id)
        new.renews_id = plan.old_id
        change.session.add(new)
        inherit(change, plan.old_id, plan.new_id)
        containers = replaced(change, plan.old_id, new)
        recount(change, plan.old_id)
        recount(change, plan.new_id)
        change.record(
            events.CERTIFICATE_REPLACED,
            "certificate",
            plan.new_id,
            new.name,
            {"ids": [plan.new_id, plan.old_id], "renews": plan.old_id, "moved": moved}
            | ({"containers": containers} if containers else {}),
        )


def move_all(change: Change, old: CertificateTable, new: CertificateTable) -> list[tuple[int, str, str]]:
    """Every association of the old one goes to the new one, on record with both; answers (resource id, its name, role)."""
    from certtui.backend.local.tables import ResourceTable

    already = {(one.resource_id, one.role) for one in _associations(change, new.id)}
    moved = []
    for association in sorted(_associations(change, old.id), key=lambda one: (one.resource_id, one.role)):
        resource = change.session.get(ResourceTable, association.resource_id)
        moved.append((association.resource_id, "" if resource is None else resource.name, association.role))
        _move(change, association, new.id, already)
    if moved:
        recount(change, old.id)
        recount(change, new.id)
        for event, entry in ((events.CERTIFICATE_DISSOCIATED, old), (events.CERTIFICATE_ASSOCIATED, new)):
            for role in dict.fromkeys(role for _, _, role in moved):
                ids = [resource_id for resource_id, _, each in moved if each == role]
                change.record(event, "certificate", entry.id, entry.name, {"resources": ids, "role": role})
    return moved


def _following(old: Certificate, new: Certificate) -> tuple[ContainerRef, ...]:
    """The containers that would give out the new one; without its key here they can't."""
    return tuple(one for one in old.containers if one.follows) if new.row.has_private_key else ()


def _moves(old: Certificate, new: Certificate) -> Iterator[AssociationMove]:
    there = {(one.id, one.role) for one in new.resources}
    for resource in old.resources:
        if (resource.id, resource.role) in there:
            reason = "The new certificate is associated already; the old association ends."
        elif resource.role == "client-ca":
            reason = "It is trusted there as a client CA; the new one takes its place."
        else:
            reason = "The new certificate takes its place."
        yield AssociationMove(resource, True, reason)


def _warnings(old: Certificate, new: Certificate, now: datetime) -> Iterator[str]:
    before, after = old.x509, new.x509
    if before is None or after is None:
        return
    lost = [san for san in before.sans if not covered(san, after.sans)]
    if lost:
        names = ", ".join(san.partition(":")[2] for san in lost[:_NAMED_AT_MOST])
        more = f" and {len(lost) - _NAMED_AT_MOST} more" if len(lost) > _NAMED_AT_MOST else ""
        yield f"The new certificate lacks names of the old one: {names}{more}."
    if after.not_after <= before.not_after:
        yield f"The new certificate does not last longer: until {rfc3339(after.not_after)}, the old one until {rfc3339(before.not_after)}."
    if new.row.status is Status.EXPIRED:
        yield "The new certificate has expired."
    if new.row.status is Status.REVOKED:
        yield "The new certificate is revoked."
    if after.not_before > now:
        yield f"The new certificate becomes valid on {rfc3339(after.not_before)}."
    if old.row.has_private_key and not new.row.has_private_key:
        yield "The private key of the new certificate is not here; that of the old one is."
        if stay := [one.name for one in old.containers if one.follows]:
            yield f"Without its key, {', '.join(stay[:_NAMED_AT_MOST])} would go on giving out the old one."
    weak, weaker = _bits(before.key_algorithm), _bits(after.key_algorithm)
    if weak and weaker and weaker < weak:
        yield f"The new key is weaker: {after.key_algorithm} after {before.key_algorithm}."
    if before.is_ca != after.is_ca:
        yield "One of the two is a CA certificate, the other is not."


def covered(san: str, sans: Sequence[str]) -> bool:
    """Whether a name is still there, also under a wildcard for one label (RFC 6125, 6.4.3)."""
    lowered = {one.lower() for one in sans}
    kind, _, value = san.lower().partition(":")
    return san.lower() in lowered or (kind == "dns" and f"dns:*.{value.partition('.')[2]}" in lowered)


def _bits(algorithm: str) -> int:
    kind, _, size = algorithm.partition("-")
    factor = _STRENGTH.get(kind, 0)
    return factor * (int(size) if size.isdigit() else {"ed25519": 256, "ed448": 448}.get(kind, 0))


def _associations(change: Change, certificate_id: int) -> Sequence[AssociationTable]:
    from sqlmodel import select

    from certtui.backend.local.tables import AssociationTable

    return change.session.exec(select(AssociationTable).where(AssociationTable.certificate_id == certificate_id)).all()


def _move(change: Change, association: AssociationTable, new_id: int, already: set[tuple[int, str]]) -> None:
    from certtui.backend.local.tables import AssociationTable

    resource_id, role = association.resource_id, association.role
    change.session.delete(association)
    change.session.flush()
    if (resource_id, role) not in already:
        change.session.add(
            AssociationTable(certificate_id=new_id, resource_id=resource_id, role=role, created_at=change.now)
        )
        already.add((resource_id, role))
