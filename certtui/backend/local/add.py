"""Adding certificates: one by one or in batches of a thousand, always one transaction with one audit record."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from certtui.backend.local import events, sealing
from certtui.backend.local.access_entries import held_elsewhere, inside, settled_group
from certtui.backend.local.add_gate import judge_batch
from certtui.backend.local.certificate_values import (
    Values,
    entry_name,
    label_values,
    searchable,
    x509_values,
)
from certtui.backend.local.chain_material import chunks, store_chains
from certtui.backend.local.entries import as_it_was
from certtui.backend.local.issuers import missing_issuers
from certtui.backend.local.labels import checked_labels
from certtui.backend.local.open_store import Change, OpenStore
from certtui.backend.local.repositories_added import NotFiled, file_added
from certtui.errors import CerttuiError, Conflict, Invalid, NotFound, ReasonNeeded
from certtui.model.certificate import AddOutcome, Labels, NewCertificate
from certtui.model.status import ExpiringRule
from certtui.model.x509 import KeyFacts, X509Facts


def add_certificates(
    store: OpenStore,
    batch: Sequence[NewCertificate],
    *,
    csr_versions: Mapping[int, int] | None = None,
    skip_refused: bool = False,
) -> list[AddOutcome]:
    """Add a batch in one transaction; see `backend.base.Certificates.add`. `csr_versions` are those a person saw.

    A certificate whose public key belongs to a CSR saved here completes that entry, whether `csr_id` says so or not:
    its private key waits there, and a second entry without it would be of no use.
    """
    labels: dict[Labels, Labels] = {}
    checked = [
        (_fitting(new), labels.get(new.labels) or labels.setdefault(new.labels, checked_labels(new.labels)))
        for new in batch
    ]
    if not checked:
        return []
    left_out: dict[int, CerttuiError] = {}
    while True:
        try:
            with store.changing() as change:
                return _Batch(store, change, csr_versions or {}, skip_refused, left_out=left_out).add(checked)
        except NotFiled as some:
            # Their repositories don't take them: the same again without them, which may be what others are missing.
            left_out |= some.refused


def add_within(
    store: OpenStore, change: Change, batch: Sequence[NewCertificate], csr_versions: Mapping[int, int]
) -> list[AddOutcome]:
    """The same as a part of another change."""
    checked = [(_fitting(new), checked_labels(new.labels)) for new in batch]
    return _Batch(store, change, csr_versions, skip_refused=False).add(checked)


@dataclass(slots=True)
class _Entry:
    """An entry as it stands while a batch is worked through."""

    id: int
    name: str
    has_key: bool
    has_chain: bool


@dataclass(slots=True)
class _Batch:
    """One batch under the write lock: what is there, and what is to be written."""

    store: OpenStore
    change: Change
    csr_versions: Mapping[int, int]
    skip_refused: bool = False
    left_out: Mapping[int, CerttuiError] = field(default_factory=dict)
    """By position: why those are not added."""
    known: dict[str, _Entry] = field(default_factory=dict)
    """By fingerprint: in the inventory, or earlier in this batch."""
    pending: dict[str, int] = field(default_factory=dict)
    """Saved CSRs without a certificate, id by spki_sha256."""
    elsewhere: set[int] = field(default_factory=set)
    """Those of `known` and `pending` that lie outside the scope of whoever adds."""
    rows: list[Values] = field(default_factory=list)
    ders: list[dict[str, Any]] = field(default_factory=list)  # Any: column values
    keys: dict[int, KeyFacts] = field(default_factory=dict)
    chains: dict[int, Sequence[X509Facts]] = field(default_factory=dict)
    touched: set[int] = field(default_factory=set)
    """Entries of the inventory that got a key."""

    def add(self, batch: Sequence[tuple[NewCertificate, Labels]]) -> list[AddOutcome]:
        """Work the batch through and write it."""
        certificates = [new for new, _ in batch]
        self._look_up(certificates)
        judged = judge_batch(
            self.store,
            self.change,
            batch,
            self.known,
            self.pending,
            skip_refused=self.skip_refused,
            left_out=self.left_out,
        )
        judged.note(self.left_out.values())
        rule = self.change.expiring_rule()
        fresh = sum(new.x509.fingerprint_sha256 not in self.known for new in certificates)
        ids = iter(self.change.new_ids("certificate", fresh)) if fresh else iter(())
        missing = missing_issuers(self.change, certificates)
        outcomes = []
        for index, ((new, labels), issuer) in enumerate(zip(batch, missing, strict=True)):
            if (why := self.left_out.get(index) or judged.refused.get(index)) is not None:
                outcomes.append(_refused(new, labels, why))
                continue
            there = self.known.get(new.x509.fingerprint_sha256)
            if there is not None:
                self._require_inside(there.id, new)
                if new.csr_id is not None and new.csr_id != there.id:
                    raise Conflict(
                        f"This certificate is in the inventory already, as {there.name}.",
                        "Open that entry; the saved CSR stays as it is.",
                    )
                outcomes.append(self._attach(there, new, issuer))
                continue
            csr_id = self._csr_for(new)
            if csr_id is not None:
                outcomes.append(self._complete(csr_id, new, labels, rule, issuer))
            else:
                outcomes.append(self._insert(next(ids), new, labels, rule, issuer))
        self._write()
        self._record(outcomes, certificates)
        judged.record(self.change, [one.id for one in outcomes])
        if any(new.repository_id is not None for new in certificates):
            return file_added(self.change, certificates, outcomes, skip_refused=self.skip_refused)
        return outcomes

    def _look_up(self, certificates: Sequence[NewCertificate]) -> None:
        from sqlalchemy import text
        from sqlmodel import col, select

        from certtui.backend.local.tables import CertificateTable as Row
        from certtui.backend.local.tables import ChainLinkTable

        session = self.change.session
        for chunk in chunks({new.x509.fingerprint_sha256 for new in certificates}):
            found = session.exec(
                select(Row.fingerprint_sha256, Row.id, Row.name, Row.has_private_key).where(
                    col(Row.fingerprint_sha256).in_(chunk)
                )
            ).all()
            chained = set(
                session.exec(
                    select(ChainLinkTable.certificate_id).where(
                        col(ChainLinkTable.certificate_id).in_([row_id for _, row_id, _, _ in found])
                    )
                )
            )
            for fingerprint, row_id, name, has_key in found:
                self.known[str(fingerprint)] = _Entry(row_id, name, bool(has_key), row_id in chained)
        # The condition of the small index, as the index has it: for a parameter SQLite would not use it, but read every row.
        waiting = text("has_csr = 1 AND state = 'pending' AND state <> ''")
        for chunk in chunks({new.x509.spki_sha256 for new in certificates}):
            found_waiting = session.exec(
                select(Row.spki_sha256, Row.id).where(waiting, col(Row.spki_sha256).in_(chunk))
            )
            self.pending |= dict(found_waiting.all())
        if self.pending:
            from certtui.backend.local.orders_arrive import being_signed

            busy = being_signed(self.change, self.pending.values())
            self.pending = {spki: row_id for spki, row_id in self.pending.items() if row_id not in busy}
        if self.change.limited:
            self._look_around()

    def _look_around(self) -> None:
        """Find out which of what is there lies outside the scope."""
        from sqlmodel import col, select

        from certtui.backend.local.tables import CertificateTable as Row

        ids = {str(row_id) for row_id in (*(one.id for one in self.known.values()), *self.pending.values())}
        for chunk in chunks(ids):
            for row in self.change.session.exec(select(Row).where(col(Row.id).in_([int(one) for one in chunk]))):
                if not inside(self.change, row):
                    self.elsewhere.add(row.id)

    def _require_inside(self, row_id: int, new: NewCertificate) -> None:
        if row_id in self.elsewhere:
            raise held_elsewhere(entry_name(new.x509))

    def _csr_for(self, new: NewCertificate) -> int | None:
        if new.csr_id is not None:
            return new.csr_id
        found = self.pending.get(new.x509.spki_sha256)
        if found is not None:
            self._require_inside(found, new)
        return found

    def _attach(self, there: _Entry, new: NewCertificate, issuer: str) -> AddOutcome:
        attached = new.key is not None and not there.has_key
        if new.key is not None and attached:
            self.keys[there.id] = new.key
            there.has_key = True
            self.touched.add(there.id)
        if new.chain and not there.has_chain:
            self.chains[there.id] = new.chain
            there.has_chain = True
        return AddOutcome(there.id, there.name, new.x509.fingerprint_sha256, False, attached, issuer)

    def _insert(self, row_id: int, new: NewCertificate, labels: Labels, rule: ExpiringRule, issuer: str) -> AddOutcome:
        facts = new.x509
        name = labels.name or entry_name(facts)
        group = settled_group(self.change.access, labels.business_group, facts.sans, facts.common_name)
        values = x509_values(facts, rule) | label_values(labels, name)
        values |= {
            "business_group": group,
            "id": row_id,
            "version": 1,
            "has_private_key": int(new.key is not None),
            "source": new.source.value,
            "created_at": self.change.now,
            "updated_at": self.change.now,
            "created_by": self.change.actor,
        }
        values["search_text"] = searchable(values)
        self.rows.append(values)
        self._remember(row_id, name, new)
        return AddOutcome(row_id, name, facts.fingerprint_sha256, True, new.key is not None, issuer)

    def _complete(
        self, csr_id: int, new: NewCertificate, labels: Labels, rule: ExpiringRule, issuer: str
    ) -> AddOutcome:
        from certtui.backend.local.orders_arrive import being_signed, chain_completed, entry_completed, has_order
        from certtui.backend.local.tables import CertificateTable

        row = self.change.session.get(CertificateTable, csr_id)
        if row is None or row.state != "pending" or not row.has_csr or not inside(self.change, row):
            raise NotFound("There is no saved CSR with that id any more.", "See the list of saved CSRs.")
        if self.csr_versions.get(csr_id, row.version) != row.version:
            raise Conflict(
                f"{row.name} was changed by somebody else since you opened it.", "Look at it again, then repeat."
            )
        require_same_key(new.x509, row.spki_sha256, row.key_algorithm, row.name)
        ordered = has_order(self.change, csr_id)
        if ordered and being_signed(self.change, [csr_id]):
            raise Conflict(f"{row.name} is being signed by a CA of this store just now.", "Wait for its answer.")
        if ordered:
            new = chain_completed(self.store, new)
        facts = new.x509
        name = labels.name or row.name or entry_name(facts)
        group = settled_group(
            self.change.access, labels.business_group or row.business_group, facts.sans, facts.common_name
        )
        were = as_it_was(row)
        kept = Labels(
            name,
            group,
            labels.description or row.description,
            labels.contact_email or row.contact_email,
        )
        values = x509_values(facts, rule) | label_values(kept, name)
        values["search_text"] = searchable(values)
        of_a_ca = bool(row.is_ca)
        for column, value in values.items():
            setattr(row, column, value)
        if of_a_ca:
            from certtui.backend.local.cas_import import ca_arrived

            ca_arrived(self.store, self.change, row.id, facts)
        else:
            row.source = new.source.value
        row.version += 1
        row.updated_at = self.change.now
        had_key = bool(row.has_private_key)
        row.has_private_key = 1 if had_key or new.key is not None else 0
        self.change.session.add(row)
        self.pending.pop(facts.spki_sha256, None)
        self._remember(csr_id, name, new, keep_key=had_key)
        self.change.record(
            events.CSR_COMPLETED,
            "certificate",
            csr_id,
            name,
            {"fingerprint_sha256": facts.fingerprint_sha256} | ({} if were == as_it_was(row) else {"were": [were]}),
        )
        if ordered:
            entry_completed(self.change, row, new)
        attached = new.key is not None and not had_key
        return AddOutcome(csr_id, name, facts.fingerprint_sha256, True, attached, issuer, completed_csr=True)

    def _remember(self, row_id: int, name: str, new: NewCertificate, *, keep_key: bool = False) -> None:
        facts = new.x509
        self.ders.append({"certificate_id": row_id, "der": facts.der})
        if new.key is not None and not keep_key:
            self.keys[row_id] = new.key
        if new.chain:
            self.chains[row_id] = new.chain
        self.known[facts.fingerprint_sha256] = _Entry(row_id, name, keep_key or new.key is not None, bool(new.chain))

    def _write(self) -> None:
        from sqlalchemy import update
        from sqlmodel import col

        from certtui.backend.local.tables import CertificateDerTable, CertificateTable

        session = self.change.session
        session.flush()
        if self.rows:
            self.change.insert_many(CertificateTable, self.rows)
            self.change.index_texts(self.rows[0]["id"], self.rows[-1]["id"])
        self.change.insert_many(CertificateDerTable, self.ders)
        store_chains(self.change, self.chains)
        if self.keys:
            seal_keys(self.store, self.change, self.keys)
        if self.touched:
            session.execute(
                update(CertificateTable)
                .where(col(CertificateTable.id).in_(self.touched))
                .values(has_private_key=1, version=CertificateTable.version + 1, updated_at=self.change.now)
            )

    def _record(self, outcomes: Sequence[AddOutcome], batch: Sequence[NewCertificate]) -> None:
        """One record for all; completed CSRs have theirs."""
        changed = [one for one in outcomes if (one.created or one.key_attached) and not one.completed_csr]
        if not changed:
            return
        attached = sorted({one.id for one in changed if one.key_attached})
        if len(changed) == 1:
            one = changed[0]
            self.change.record(
                events.CERTIFICATE_IMPORTED,
                "certificate",
                one.id,
                one.name,
                {
                    "created": one.created,
                    "fingerprint_sha256": one.fingerprint_sha256,
                    "key_attached": one.key_attached,
                    "source": batch[outcomes.index(one)].source.value,
                },
            )
            return
        digest = hashlib.sha256("\n".join(one.fingerprint_sha256 for one in changed).encode()).hexdigest()
        self.change.record(
            events.CERTIFICATE_IMPORTED,
            "certificate",
            None,
            f"{len(changed)} certificates",
            {"ids": [one.id for one in changed], "keys": attached, "digest": digest},
        )


def _refused(new: NewCertificate, labels: Labels, refused: CerttuiError) -> AddOutcome:
    """What became of one that a policy, or its repository, keeps out."""
    name = labels.name or entry_name(new.x509)
    needs_reason = isinstance(refused, ReasonNeeded)
    return AddOutcome(
        0, name, new.x509.fingerprint_sha256, False, False, refused=str(refused), needs_reason=needs_reason
    )


def seal_keys(store: OpenStore, change: Change, keys: dict[int, KeyFacts]) -> None:
    """Seal private keys for entries, by certificate id, under the store key in force. Raises `Locked`."""
    from certtui.backend.local.tables import SealedKeyTable

    wrapping = change.wrapping_key()
    store_key = store.keyring.open(wrapping)
    rows = []
    for row_id, (certificate_id, key) in zip(change.new_ids("sealed_key", len(keys)), keys.items(), strict=True):
        sealed = sealing.seal(key.pkcs8, wrapping.store_uid, store_key)
        rows.append(
            {
                "id": row_id,
                "certificate_id": certificate_id,
                "key_uid": sealed.key_uid,
                "wrapping_key_id": wrapping.id,
                "spki_sha256": key.spki_sha256,
                "key_algorithm": key.key_algorithm,
                "created_at": change.now,
                "wrapped_data_key": sealed.wrapped_data_key,
                "payload": sealed.payload,
            }
        )
    change.insert_many(SealedKeyTable, rows)


def require_same_key(facts: X509Facts, spki_sha256: str, key_algorithm: str, name: str) -> None:
    """Raises `Invalid` naming both key identities when a certificate is not of this key."""
    from certtui.pki.keys import short_identity

    if facts.spki_sha256 != spki_sha256:
        raise Invalid(
            f"The certificate belongs to another key: its key is {short_identity(facts.spki_sha256, facts.key_algorithm)}, "
            f"the saved CSR “{name}” is of {short_identity(spki_sha256, key_algorithm)}.",
            "Give the certificate that was signed for this CSR.",
            field="certificate",
        )


def _fitting(new: NewCertificate) -> NewCertificate:
    """Raises `Invalid` naming both key identities when the key is another certificate's."""
    if new.key is not None and new.key.spki_sha256 != new.x509.spki_sha256:
        from certtui.pki.pair import mismatch

        raise Invalid(mismatch(new.x509, new.key), "Give the key that the certificate was made with.", field="key")
    return new
