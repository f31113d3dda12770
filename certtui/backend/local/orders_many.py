"""Many orders to CAs of this store at once: made, signed and stored in one transaction, as a file of orders brings them.

One order after the other takes three transactions each, since an authority elsewhere must never be asked twice. A CA of
the store signs here, and what it signed leaves the process with the commit alone: before it nothing happened, after it
everything. Only plain orders go this way. Whatever is special about one (another type of authority, a policy that has
something to say, resources, a renewal, a reference or a key that is known) is left to the other way, with its sentences.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from certtui.backend.local import events
from certtui.backend.local.access_entries import settled_group
from certtui.backend.local.add import seal_keys
from certtui.backend.local.cas_issue import IssuedEntry, Reserved, Signed, record_issued, sign
from certtui.backend.local.certificate_values import Values, label_values, searchable, x509_values
from certtui.backend.local.chain_material import chunks, store_chains
from certtui.backend.local.containers_follow import of_orders
from certtui.backend.local.gate import in_force
from certtui.backend.local.open_store import Change, OpenStore
from certtui.backend.local.orders_checks import check_renewal, days_of, key_type_of, subject_of, uploaded
from certtui.backend.local.orders_form import checked_form, form_json, name_values, normalised, order_search_text
from certtui.backend.local.orders_rows import findings_json, requester_kind
from certtui.backend.local.repositories_filing import file_issued
from certtui.clock import from_epoch
from certtui.errors import CerttuiError, Interrupted, Locked, Unreachable
from certtui.model.authority import AuthorityType
from certtui.model.certificate import Labels
from certtui.model.csr import CsrRequest
from certtui.model.local_ca import CaState
from certtui.model.order import OrderForm, OrderStatus
from certtui.model.renewal import RENEWS
from certtui.model.search_text import fold
from certtui.model.x509 import CsrFacts, KeyFacts
from certtui.record import dataclass

if TYPE_CHECKING:
    from certtui.authorities.local import LocalPki
    from certtui.backend.local.tables_issuing import AuthorityTable


@dataclass(frozen=True, slots=True)
class Placed:
    """An order that is complete."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class _Profile:
    """A profile of the built-in PKI that is enabled."""

    id: int
    version: int
    name: str
    auto_renew_days: int
    ca_id: int
    authority: LocalPki


@dataclass(frozen=True, slots=True)
class _Ready:
    """An order whose certificate is signed, and not stored yet."""

    form: OrderForm
    names: Values
    sans: tuple[str, ...]
    csr: CsrFacts
    key: KeyFacts | None
    profile: _Profile
    reserved: Reserved
    signed: Signed
    notes: tuple[str, ...]


def place_many(store: OpenStore, forms: Sequence[OrderForm]) -> list[Placed | None]:
    """Place and complete what is plain, all or nothing; None for each order that has to go the other way, untouched.

    Raises `Locked`, `Denied` in read-only mode, `Unreachable`.
    """
    store.require_writable()
    store.store_key()
    profiles: dict[str, _Profile | None] = {}
    ready: dict[int, _Ready] = {}
    for number, form in enumerate(forms):
        try:
            one = _prepared(store, form, profiles)
        except (Locked, Unreachable, Interrupted):
            raise
        except CerttuiError:
            # Said where it belongs: the other way meets it again.
            continue
        if one is not None:
            ready[number] = one
    if not ready:
        return [None] * len(forms)
    with store.changing() as change:
        plain = _still_plain(store, change, ready)
        placed = _written(store, change, plain)
    return [placed.get(number) for number in range(len(forms))]


def _prepared(store: OpenStore, form: OrderForm, profiles: dict[str, _Profile | None]) -> _Ready | None:
    """Key, CSR and certificate of a plain order, None for another. Nothing is written."""
    from certtui.pki.csr import make
    from certtui.pki.facts import csr_facts
    from certtui.pki.signing import new_serial

    form = checked_form(form)
    if form.resource_ids or form.renews_id is not None or not form.authority or form.reference.startswith(RENEWS):
        return None
    name = fold(form.authority)
    if name not in profiles:
        profiles[name] = _profile(store, name)
    profile = profiles[name]
    if profile is None:
        return None
    check_renewal(form, profile.authority)
    key: KeyFacts | None = None
    notes: tuple[str, ...] = ()
    if form.csr:
        from certtui.pki.request import names_of_csr

        notes = names_of_csr(form.csr).notes
        form = uploaded(form)
        facts = csr_facts(form.csr)
        common_name, sans = normalised(form)
    else:
        kind = key_type_of(form, profile.authority)
        facts, key = make(CsrRequest(form.subject, form.sans, kind, form.labels))
        common_name, sans = facts.common_name, facts.sans
    group = settled_group(store.access, form.labels.business_group, sans, common_name)
    labels = form.labels
    form = replace(form, labels=Labels(labels.name, group, labels.description, labels.contact_email))
    reserved = Reserved(profile.ca_id, new_serial())
    signed = sign(
        store,
        reserved,
        facts.der,
        profile.authority.template(form.template),
        subject=form.subject,
        sans=sans,
        days=form.days,
        submitted_at=store.clock.now(),
    )
    names = name_values(form.labels.name, common_name, sans)
    return _Ready(form, names, sans, facts, key, profile, reserved, signed, notes)


def _profile(store: OpenStore, name_key: str) -> _Profile | None:
    from certtui.authorities.local import LocalPki
    from certtui.backend.local.authorities_made import CA_SETTING, made

    with store.readers.use() as connection:
        row = connection.execute(
            "SELECT id, version, name, type, settings, enabled, auto_renew_days FROM authority WHERE name_key = ?",
            (name_key,),
        ).fetchone()
    if row is None or row[3] != AuthorityType.LOCAL.value or not row[5]:
        return None
    authority = made(store, row[2], row[3], row[4])
    ca = str(json.loads(row[4]).get(CA_SETTING, ""))
    if not isinstance(authority, LocalPki) or not ca.isdigit():
        return None
    return _Profile(row[0], row[1], row[2], row[6], int(ca), authority)


def _still_plain(store: OpenStore, change: Change, ready: Mapping[int, _Ready]) -> dict[int, _Ready]:
    """Those that nothing under the lock speaks against."""
    from certtui.model.policy_judge import judge

    usable = _usable_profiles(change, {one.profile.id for one in ready.values()})
    references = _references(change, [one.form.reference for one in ready.values() if one.form.reference])
    waiting = _waiting_keys(change, [one.csr.spki_sha256 for one in ready.values() if one.key is None])
    policies = {ca_id: in_force(store, change, ca_id) for ca_id in {one.profile.ca_id for one in ready.values()}}
    now = from_epoch(change.now)
    plain: dict[int, _Ready] = {}
    for number, one in ready.items():
        profile = usable.get(one.profile.id)
        if profile is None or profile.version != one.profile.version:
            continue
        if one.form.reference in references or one.csr.spki_sha256 in waiting:
            continue
        asked = policies[one.profile.ca_id]
        if asked and judge(asked, _judged(one, profile), now):
            continue
        if one.form.reference:
            references.add(one.form.reference)
        plain[number] = one
    return plain


def _judged(one: _Ready, profile: AuthorityTable):  # type: ignore[no-untyped-def]  # what `subject_of` gives
    return subject_of(
        one.form,
        common_name=one.names["common_name"],
        sans=one.sans,
        key_algorithm=one.csr.key_algorithm,
        name=one.names["name"],
        authority=profile,
        days=days_of(one.form, one.profile.authority),
    )


def _usable_profiles(change: Change, ids: set[int]) -> dict[int, AuthorityTable]:
    """The profiles that are enabled still, and whose CA still issues."""
    from sqlmodel import col, select

    from certtui.backend.local.tables_issuing import AuthorityTable, CaTable

    active = {
        str(ca_id) for ca_id in change.session.exec(select(CaTable.id).where(CaTable.state == CaState.ACTIVE.value))
    }
    found = change.session.exec(
        select(AuthorityTable).where(col(AuthorityTable.id).in_(ids), AuthorityTable.enabled == 1)
    )
    return {row.id: row for row in found if str(json.loads(row.settings).get("ca", "")) in active}


def _references(change: Change, references: Sequence[str]) -> set[str]:
    from sqlmodel import col, select

    from certtui.backend.local.tables_issuing import CertificateOrderTable as Row

    found: set[str] = set()
    for chunk in chunks(references):
        found |= {str(one) for one in change.session.exec(select(Row.reference).where(col(Row.reference).in_(chunk)))}
    return found


def _waiting_keys(change: Change, spkis: Sequence[str]) -> set[str]:
    """Keys of uploaded CSRs that an entry waits for already."""
    from sqlalchemy import text
    from sqlmodel import col, select

    from certtui.backend.local.tables import CertificateTable as Row

    waiting = text("has_csr = 1 AND state = 'pending' AND state <> ''")
    found: set[str] = set()
    for chunk in chunks(spkis):
        found |= set(change.session.exec(select(Row.spki_sha256).where(waiting, col(Row.spki_sha256).in_(chunk))))
    return found


def _written(store: OpenStore, change: Change, plain: Mapping[int, _Ready]) -> dict[int, Placed]:
    from certtui.backend.local.tables import CertificateDerTable, CertificateTable, CsrTable
    from certtui.backend.local.tables_issuing import CertificateOrderTable

    if not plain:
        return {}
    count = len(plain)
    entries, orders = change.new_ids("certificate", count), change.new_ids("certificate_order", count)
    numbered = list(zip(plain.items(), entries, orders, strict=True))
    rule = change.expiring_rule()
    rows = []
    for (_, one), entry, _order in numbered:
        values = x509_values(one.signed.leaf, rule) | label_values(one.form.labels, one.names["name"])
        days = one.form.auto_renew_days
        values |= {
            "id": entry,
            "version": 1,
            "has_private_key": int(one.key is not None),
            "has_csr": 1,
            "source": "managed",
            "provider": AuthorityType.LOCAL.value,
            "authority_id": one.profile.id,
            "keep_key": int(one.form.keep_key and one.key is not None),
            "auto_renew_days": (one.profile.auto_renew_days if days is None else days) or None,
            "created_at": change.now,
            "updated_at": change.now,
            "created_by": change.actor,
        }
        values["search_text"] = searchable(values)
        rows.append(values)
    change.insert_many(CertificateTable, rows)
    change.index_texts(entries[0], entries[-1])
    change.insert_many(
        CertificateDerTable, [{"certificate_id": entry, "der": one.signed.leaf.der} for (_, one), entry, _ in numbered]
    )
    change.insert_many(
        CsrTable,
        [{"certificate_id": entry, "created_at": change.now, "der": one.csr.der} for (_, one), entry, _ in numbered],
    )
    store_chains(change, {entry: one.signed.chain for (_, one), entry, _ in numbered if one.signed.chain})
    if keys := {entry: one.key for (_, one), entry, _ in numbered if one.key is not None}:
        seal_keys(store, change, keys)
    change.insert_many(
        CertificateOrderTable, [_order_row(store, change, one, entry, order) for (_, one), entry, order in numbered]
    )
    record_issued(
        change, [IssuedEntry(one.reserved.ca_id, one.signed.leaf, entry, order) for (_, one), entry, order in numbered]
    )
    of_orders(change, [values for values in rows if values["has_private_key"]])
    file_issued(change, [(one.reserved.ca_id, entry) for (_, one), entry, _ in numbered])
    _record(change, [one for (_, one), _, _ in numbered], entries, orders)
    return {number: Placed(order, one.names["name"]) for (number, one), _, order in numbered}


def _order_row(store: OpenStore, change: Change, one: _Ready, entry: int, order: int) -> Values:
    who, profile = store.actor.name, one.profile.name
    return {
        "id": order,
        "version": 1,
        "certificate_id": entry,
        "authority_id": one.profile.id,
        "created_at": change.now,
        "updated_at": change.now,
        "submitted_at": change.now,
        "finished_at": change.now,
        "status": OrderStatus.COMPLETE.value,
        "type": AuthorityType.LOCAL.value,
        "authority_name": profile,
        "requester_kind": requester_kind(store.actor),
        "requester": who,
        "business_group": one.form.labels.business_group,
        "reference": one.form.reference or None,
        "authority_ref": str(one.reserved),
        "spki_sha256": one.csr.spki_sha256,
        "key_algorithm": one.csr.key_algorithm,
        "search_text": order_search_text(
            {
                "name": one.names["name"],
                "common_name": one.names["common_name"],
                "authority_name": profile,
                "requester": who,
            },
            one.sans,
        ),
        "form": form_json(one.form),
        "steps": _steps(one, change.now, who),
        "findings": findings_json(()),
        "csr": one.csr.der,
        **one.names,
    }


def _steps(one: _Ready, now: int, who: str) -> str:
    """The story as the other way tells it."""
    if one.key is None:
        csr = " ".join(["The CSR was uploaded.", "Its key is not here.", *one.notes])
    else:
        csr = f"Key ({one.csr.key_algorithm}) and CSR were made; the key is sealed here."
    told = [
        ("draft", f"Saved by {who}."),
        ("csr", csr),
        ("submitted", f"Sent to {one.profile.name} by {who}."),
        *(("note", note) for note in one.signed.notes),
        ("issued", f"{one.profile.name} issued the certificate. Serial number {one.signed.leaf.serial_number}."),
    ]
    return json.dumps([[now, name, said, "done"] for name, said in told], ensure_ascii=True, separators=(",", ":"))


def _record(change: Change, done: Sequence[_Ready], entries: range, orders: range) -> None:
    """One event of each kind for all, with their ids, as of a bulk import."""
    by_hand = any(one.form.csr for one in done)
    listed = {"ids": list(entries), "orders": list(orders)}
    title = f"{len(done)} certificates"
    change.record(events.REQUEST_CSR if by_hand else events.REQUEST_AUTOMATED, "certificate", None, title, listed)
    serials = [one.signed.leaf.serial_number for one in done]
    change.record(events.CERTIFICATE_ISSUED, "certificate", None, title, listed | {"serials": serials})
    change.record(events.ORDER_COMPLETED, "order", None, f"{len(done)} orders", {"ids": list(orders)})
