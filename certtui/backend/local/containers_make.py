"""Making containers, and giving them something else to give out: complete and matching, or refused with the part that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from certtui.backend.local import events
from certtui.backend.local.cas_guard import ca_names
from certtui.backend.local.containers_access import (
    container_as_seen,
    group_for,
    require_key,
    secret,
)
from certtui.backend.local.containers_follow import require_confirmed
from certtui.backend.local.containers_open import open_secrets
from certtui.backend.local.containers_page import container_page, unusable
from certtui.backend.local.containers_parts import OpenPart, check_names, check_pair, check_types, opened_key
from certtui.backend.local.containers_write import make, next_version, parts_of
from certtui.backend.local.entries import entry as found_entry
from certtui.backend.local.labels import MAX_GROUP, one_line
from certtui.errors import Conflict, Invalid, NotFound
from certtui.model.certificate import Labels, NewCertificate
from certtui.model.container import (
    CERTIFICATE,
    INTERMEDIATES,
    PASSPHRASE,
    PRIVATE_KEY,
    ContainerContent,
    ContainerEdit,
    ContainerForm,
    ContainerType,
    VersionReason,
)
from certtui.model.search_text import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from certtui.backend.local.open_store import Change, OpenStore
    from certtui.backend.local.tables import CertificateTable
    from certtui.backend.local.tables_filing import ContainerTable

_MAX_NAME = 256


def create(store: OpenStore, form: ContainerForm) -> int:
    """Make a container; answers its id."""
    name = one_line(form.name, "name", _MAX_NAME)
    group = one_line(form.business_group, "business_group", MAX_GROUP)
    new = _judged(store, form.type, form.certificate_id, form.parts, Labels(name, group), form.reason)
    if form.type is not ContainerType.CERTIFICATE and not name:
        raise Invalid("A container needs a name.", "Give it one.", field="name")
    with store.changing() as change:
        _require_there(change, form.parts)
        entry = _entry(store, change, form.certificate_id, new) if form.type is ContainerType.CERTIFICATE else None
        row = make(
            change,
            name=name or (entry.name if entry is not None else ""),
            kind=form.type,
            entry=entry,
            parts=_kept(form.type, form.parts),
            group=group if entry is not None else group_for(change.access, group),
            follows=form.follows,
            reason=VersionReason.CREATED,
        )
        return row.id


def update(store: OpenStore, container_id: int, version: int, content: ContainerContent) -> None:
    """Give out something else from now on, as a new version."""
    if content.certificate_id is None and content.parts is None:
        raise Invalid("Nothing new was given.", "Name a certificate, or stored secrets.", field="certificate_id")
    store.require_writable()
    with store.readers.use() as connection:
        page = container_page(connection, store.clock.now(), container_id)
    kind = page.row.type
    held = {part.name: part.secret_id for part in page.parts if part.secret_id is not None}
    if kind is not ContainerType.CERTIFICATE and content.certificate_id is not None:
        raise Invalid(
            f"A container of type {kind} holds no certificate of the inventory.",
            "Name stored secrets.",
            field="certificate_id",
        )
    parts = held if content.parts is None else content.parts
    of_entry = kind is ContainerType.CERTIFICATE
    brought = of_entry and (CERTIFICATE in parts or PRIVATE_KEY in parts or INTERMEDIATES in parts)
    new = None
    if not of_entry or brought or content.certificate_id is not None:
        new = _judged(store, kind, content.certificate_id, parts, Labels(), content.reason)
    else:
        # Another passphrase, or none, for the certificate that it has.
        check_names(kind, parts)
        check_types(kind, {name: part.about for name, part in open_secrets(store, parts).items()})
    with store.changing() as change:
        row = container_as_seen(change, container_id, version)
        _require_there(change, parts)
        entry = None
        if of_entry:
            chosen = row.certificate_id if content.certificate_id is None else content.certificate_id
            if new is None and chosen is None:
                raise Invalid("Its certificate is gone.", "Name another one.", field="certificate_id")
            entry = _entry(store, change, chosen, new)
        kept = _kept(kind, parts)
        if kept == parts_of(change, row.id, row.number) and (entry.id if entry else None) == row.certificate_id:
            raise Conflict(f"{row.name} gives this out already.", "There is nothing to change.")
        next_version(change, row, entry=entry, parts=kept, reason=VersionReason.UPDATED)


def edit(store: OpenStore, container_id: int, version: int, changes: ContainerEdit) -> None:
    """Change the name, the group of one without an entry, and whether renewals are followed."""
    from certtui.backend.local.before_after import changed

    with store.changing() as change:
        row = container_as_seen(change, container_id, version)
        values: dict[str, object] = {}
        if changes.name is not None:
            values["name"] = one_line(changes.name, "name", _MAX_NAME)
            if not values["name"]:
                raise Invalid("A container needs a name.", "Give it one.", field="name")
        if changes.business_group is not None:
            if row.certificate_id is not None:
                raise Invalid(
                    f"{row.name} belongs to the group of its certificate.",
                    "Change the group of the certificate.",
                    field="business_group",
                )
            group = one_line(changes.business_group, "business_group", MAX_GROUP)
            values["business_group"] = group_for(change.access, group)
        if changes.follows is not None:
            values["follows"] = int(changes.follows)
        what = changed({field: getattr(row, field) for field in values}, values)
        if not what:
            return
        for field in what:
            setattr(row, field, values[field])
        row.name_key = fold(row.name)
        row.version += 1
        row.updated_at = change.now
        change.session.add(row)
        change.record(events.CONTAINER_EDITED, "container", row.id, row.name, {"changed": what})


def rollback(store: OpenStore, container_id: int, version: int, to: int | None) -> None:
    """Give out again what an earlier version held, as a new version."""
    from certtui.backend.local.tables import CertificateTable
    from certtui.backend.local.tables_filing import ContainerVersionTable

    with store.changing() as change:
        row = container_as_seen(change, container_id, version)
        number = _step_back(change, row) if to is None else _origin(change, row.id, to)
        earlier = change.session.get(ContainerVersionTable, (container_id, number))
        if earlier is None:
            raise NotFound(f"{row.name} has no version {to or number}.", "Its page lists them.")
        entry = None
        if row.type == ContainerType.CERTIFICATE.value:
            entry_id = earlier.certificate_id
            kept = None if entry_id is None else change.session.get(CertificateTable, entry_id)
            if problem := unusable(entry_id, kept.name if kept else None, kept.has_private_key if kept else 0):
                raise Conflict(f"{row.name} can't go back to version {number}. {problem}", "Update it instead.")
            entry = found_entry(change, entry_id or 0)
        parts = parts_of(change, row.id, number)
        if parts == parts_of(change, row.id, row.number) and (entry.id if entry else None) == row.certificate_id:
            raise Conflict(f"{row.name} gives out the content of version {number} already.", "Name another version.")
        reason = f"{VersionReason.ROLLED_BACK} {number}"
        next_version(change, row, entry=entry, parts=parts, reason=reason, event=events.CONTAINER_ROLLED_BACK)


def delete(store: OpenStore, container_id: int, version: int, consumers: Sequence[int]) -> None:
    """Remove a container with its versions; what is in it stays where it is."""
    with store.changing() as change:
        row = container_as_seen(change, container_id, version)
        require_confirmed(change, row.name, [row], frozenset(consumers))
        change.session.delete(row)
        detail: dict[str, object] = {"ref": row.ref, "consumers": sorted(consumers)}
        if row.certificate_id is not None:
            detail["certificate"] = row.certificate_id
        change.record(events.CONTAINER_DELETED, "container", row.id, row.name, detail)


def _judged(
    store: OpenStore,
    kind: ContainerType,
    certificate_id: int | None,
    parts: Mapping[str, int],
    labels: Labels,
    reason: str,
) -> NewCertificate | None:
    """The parts, looked at before the lock is taken; what they bring into the inventory, None where it is there or needs none.

    Raises `Invalid` with the part that is wrong as the field, `Locked`.
    """
    check_names(kind, parts)
    if kind is not ContainerType.CERTIFICATE and certificate_id is not None:
        raise Invalid(
            f"A container of type {kind} holds no certificate of the inventory.",
            "Leave the certificate out, or make it of type certificate.",
            field="certificate_id",
        )
    if certificate_id is not None and (
        extra := [one for one in (CERTIFICATE, PRIVATE_KEY, INTERMEDIATES) if one in parts]
    ):
        raise Invalid(
            f"The certificate is in the inventory, so {extra[0]} is taken from there.",
            f"Leave the certificate out, or {extra[0]}.",
            field=extra[0],
        )
    store.require_writable()
    if certificate_id is not None:
        require_key(store, certificate_id)
    opened = open_secrets(store, parts)
    check_types(kind, {name: part.about for name, part in opened.items()})
    if kind is ContainerType.RSA:
        check_pair(opened)
    if kind is not ContainerType.CERTIFICATE or certificate_id is not None:
        return None
    return _paired(opened, labels, reason)


def _paired(opened: Mapping[str, OpenPart], labels: Labels, reason: str) -> NewCertificate:
    """The certificate that the parts make, with its key and chain. Raises `Invalid` with the part that is wrong as the field."""
    from certtui.pki.pair import label, mismatch, ordered_chain
    from certtui.pki.roots import system_trust_store
    from certtui.pki.stored import certificates_in

    for name in (CERTIFICATE, PRIVATE_KEY):
        if name not in opened:
            raise Invalid(
                f"The part {name} is missing.", "Name a certificate of the inventory, or stored secrets.", field=name
            )
    leaf, *beside = certificates_in(opened[CERTIFICATE].payload)
    key = opened_key(opened)
    if key.spki_sha256 != leaf.spki_sha256:
        raise Invalid(mismatch(leaf, key), "Name the key that was made for this certificate.", field=PRIVATE_KEY)
    given = certificates_in(opened[INTERMEDIATES].payload) if INTERMEDIATES in opened else ()
    chain, _ = ordered_chain(leaf, [leaf, *beside, *given], system_trust_store().by_subject.__contains__)
    in_chain = {one.fingerprint_sha256 for one in chain}
    stray = next((one for one in given if one.fingerprint_sha256 not in in_chain | {leaf.fingerprint_sha256}), None)
    if stray is not None:
        raise Invalid(
            f"The certificate {label(stray)} is not in the chain of {label(leaf)}.",
            "Name the intermediates that lead from it to a root.",
            field=INTERMEDIATES,
        )
    return NewCertificate(leaf, chain=chain, key=key, labels=labels, reason=reason)


def _entry(
    store: OpenStore, change: Change, certificate_id: int | None, new: NewCertificate | None
) -> CertificateTable:
    """The entry that a container gives out: with its certificate and its key. Raises `Invalid`, `NotFound`."""
    from certtui.backend.local.add import add_within

    if new is not None:
        certificate_id = add_within(store, change, [new], {})[0].id
        change.session.flush()
        change.session.expire_all()
    if certificate_id is None:
        raise Invalid("No certificate was given.", "Name one of the inventory.", field="certificate_id")
    row = found_entry(change, certificate_id)
    if row.fingerprint_sha256 is None:
        raise Invalid(f"{row.name} has no certificate yet.", "Wait for the end of its order.", field="certificate_id")
    if name := ca_names(change, [row.id]).get(row.id):
        raise Invalid(
            f"This is the certificate of the CA {name}, whose key stays with the CA.",
            "Order a certificate from it.",
            field="certificate_id",
        )
    if not row.has_private_key:
        raise Invalid(
            f"The private key of {row.name} is not here.",
            "Attach it by adding the certificate with its key.",
            field="certificate_id" if new is None else PRIVATE_KEY,
        )
    return row


def _require_there(change: Change, parts: Mapping[str, int]) -> None:
    """The stored secrets are still there, and to be seen; what is in one never changes."""
    for secret_id in parts.values():
        secret(change, secret_id)


def _kept(kind: ContainerType, parts: Mapping[str, int]) -> dict[str, int]:
    """What stays a part by itself: of a certificate's only the passphrase, the others are in the inventory."""
    return {name: one for name, one in parts.items() if kind is not ContainerType.CERTIFICATE or name == PASSPHRASE}


def _step_back(change: Change, row: ContainerTable) -> int:
    """The number whose content was given out before what is given out now. Raises `Conflict` at the first."""
    number = _origin(change, row.id, _origin(change, row.id, row.number) - 1)
    if number < 1:
        raise Conflict(f"{row.name} has no earlier version.", "Update it to another certificate instead.")
    return number


def _origin(change: Change, container_id: int, number: int) -> int:
    """The number under which the content of a version was given out first: a step back stands for what it stepped back to."""
    from certtui.backend.local.tables_filing import ContainerVersionTable

    while (row := change.session.get(ContainerVersionTable, (container_id, number))) is not None:
        word, _, to = row.reason.partition(" ")
        if word != VersionReason.ROLLED_BACK or not to.isdigit() or int(to) >= number:
            break
        number = int(to)
    return number
