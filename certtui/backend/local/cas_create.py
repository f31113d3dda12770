"""Making CAs: key, certificate, inventory entry, CA and first CRL, in one transaction. The key is made before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend.local import events
from certtui.backend.local.cas_crl import first_crl, publish_quietly
from certtui.backend.local.cas_issue import IssuedEntry, record_issued
from certtui.backend.local.cas_profiles import hand_over_profiles
from certtui.backend.local.cas_rows import NewCa, put_in, require_name_free
from certtui.backend.local.cas_signers import loaded_ca, require_active, signer_of
from certtui.backend.local.cas_values import checked_settings
from certtui.backend.local.open_store import Change, OpenStore
from certtui.backend.local.repositories_filing import file_issued, take_over
from certtui.errors import Conflict
from certtui.model.ca import CaSpec
from certtui.model.local_ca import CaSettings, CaState
from certtui.model.search_text import fold

if TYPE_CHECKING:
    from certtui.backend.local.tables_issuing import CaTable
    from certtui.model.ca import MadePair
    from certtui.model.x509 import X509Facts


def create_root(
    store: OpenStore, spec: CaSpec, settings: CaSettings | None, *, predecessor_id: int | None = None
) -> int:
    """A root that signs itself; its id. Raises `Invalid` (field), `Conflict` for a name that is taken, `Locked`."""
    from certtui.pki.ca import make_root

    checked = _ready(store, spec, settings)
    pair = make_root(spec, store.clock.now())
    new = _new(spec, checked, pair, "root", predecessor_id=predecessor_id)
    with store.changing() as change:
        row = _put(store, change, new, pair.notes)
    return _done(store, row.id)


def create_intermediate(
    store: OpenStore,
    parent_id: int,
    spec: CaSpec,
    settings: CaSettings | None,
    *,
    predecessor_id: int | None = None,
) -> int:
    """A CA that one here signs; its id. Raises `Invalid` (limits of the parent), `Locked`, `Conflict`."""
    from certtui.backend.local.cas_values import issuing_urls
    from certtui.pki.ca import make_intermediate

    checked = _ready(store, spec, settings)
    parent = loaded_ca(store, parent_id)
    require_active(parent.state, parent.name)
    pair = make_intermediate(spec, parent.signer, store.clock.now(), urls=issuing_urls(parent.settings))
    new = _new(
        spec,
        checked,
        pair,
        "intermediate",
        parent_id=parent_id,
        predecessor_id=predecessor_id,
        chain=parent.chain_below,
    )
    with store.changing() as change:
        require_still_active(change, parent_id)
        row = _put(store, change, new, pair.notes)
        record_issued(change, [IssuedEntry(parent_id, pair.certificate, row.certificate_id, None)])
        file_issued(change, [(parent_id, row.certificate_id)], judged=False)
    return _done(store, row.id)


def request_intermediate(
    store: OpenStore, spec: CaSpec, settings: CaSettings | None, *, predecessor_id: int | None = None
) -> int:
    """A CA that waits for an offline root; its id. Raises `Invalid` (field), `Conflict`, `Locked`."""
    from certtui.pki.ca import intermediate_csr

    checked = _ready(store, spec, settings)
    request, key = intermediate_csr(spec)
    name = spec.subject.common_name.strip()
    new = NewCa(
        name,
        "intermediate",
        CaState.WAITING,
        checked,
        spec,
        request=request,
        key=key,
        predecessor_id=predecessor_id,
    )
    with store.changing() as change:
        require_name_free(change, name)
        require_no_successor(change, predecessor_id)
        row = put_in(store, change, new)
        change.record(
            events.CA_REQUESTED,
            "ca",
            row.id,
            name,
            {"certificate": row.certificate_id, "spki_sha256": request.spki_sha256},
        )
    return row.id


def require_still_active(change: Change, ca_id: int) -> None:
    """Under the lock: nobody retired the CA while something was signed with it. Raises `Conflict`."""
    from certtui.backend.local.tables_issuing import CaTable

    row = change.session.get(CaTable, ca_id)
    if row is None:
        raise Conflict("The CA is not here any more.", "Choose another one.")
    require_active(CaState(row.state), row.name)


def require_no_successor(change: Change, ca_id: int | None) -> None:
    """Under the lock: nobody else rolled the CA over or retired it meanwhile. Raises `Conflict`."""
    from sqlmodel import col, select

    from certtui.backend.local.tables_issuing import CaTable

    if ca_id is None:
        return
    old = change.session.get(CaTable, ca_id, with_for_update=True)
    if old is None or old.state != CaState.ACTIVE:
        raise Conflict("The CA issues no more, so it gets no successor.", "Look at it again.")
    successor = change.session.exec(
        select(CaTable.name).where(CaTable.predecessor_id == ca_id, col(CaTable.state) != CaState.RETIRED.value)
    ).first()
    if successor is not None:
        raise Conflict(f"The CA {old.name} has a successor already, {successor}.", "Roll that one over.")


def _ready(store: OpenStore, spec: CaSpec, settings: CaSettings | None) -> CaSettings:
    """What is wrong anyway is said before a key is made, which may take seconds."""
    store.require_writable()
    store.store_key()
    checked = checked_settings(settings)
    name = spec.subject.common_name.strip()
    with store.readers.use() as connection:
        taken = connection.execute("SELECT name FROM ca WHERE name_key = ?", (fold(name),)).fetchone()
    if taken is not None:
        raise Conflict(f"There is a CA called {taken[0]} already.", "Choose another common name.")
    return checked


def _new(
    spec: CaSpec,
    settings: CaSettings,
    pair: MadePair,
    kind: str,
    *,
    parent_id: int | None = None,
    predecessor_id: int | None = None,
    chain: tuple[X509Facts, ...] = (),
) -> NewCa:
    return NewCa(
        pair.certificate.common_name,
        kind,
        CaState.ACTIVE,
        settings,
        spec,
        certificate=pair.certificate,
        key=pair.key,
        parent_id=parent_id,
        predecessor_id=predecessor_id,
        chain=chain,
    )


def _put(store: OpenStore, change: Change, new: NewCa, notes: tuple[str, ...]) -> CaTable:
    if new.certificate is None or new.key is None or new.spec is None:
        raise AssertionError("a CA made here has all three")
    require_name_free(change, new.name)
    require_no_successor(change, new.predecessor_id)
    row = put_in(store, change, new)
    signer = signer_of(new.certificate, new.key.pkcs8, new.chain, new.spec.digest)
    first_crl(change, row, signer, store.clock.now())
    if new.predecessor_id is not None:
        hand_over_profiles(change, new.predecessor_id, row)
        take_over(change, new.predecessor_id, row)
    change.record(
        events.CA_CREATED,
        "ca",
        row.id,
        new.name,
        {
            "certificate": row.certificate_id,
            "kind": new.kind,
            "key_algorithm": new.certificate.key_algorithm,
            "fingerprint_sha256": new.certificate.fingerprint_sha256,
            **({"parent": new.parent_id} if new.parent_id else {}),
            **({"predecessor": new.predecessor_id} if new.predecessor_id else {}),
            **({"notes": list(notes)} if notes else {}),
        },
    )
    return row


def _done(store: OpenStore, ca_id: int) -> int:
    publish_quietly(store, ca_id)
    return ca_id
