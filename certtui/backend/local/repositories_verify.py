"""Verifying a message in a repository: the signatures by `pki.cms`, the paths against the CAs of the built-in PKI and the system's roots."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from certtui.backend.local import events
from certtui.backend.local.page import entries_by_subject, facts_of
from certtui.backend.local.repositories_cms import identified, record_use, usable
from certtui.clock import from_epoch

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from certtui.backend.local.open_store import OpenStore
    from certtui.backend.local.repositories_cms import Repository
    from certtui.model.cms import CmsIdentity, CmsVerification
    from certtui.model.x509 import X509Facts
    from certtui.pki.chain import Candidate
    from certtui.pki.cms import Judgement

_MOST_OF_ONE_NAME = 8
_CAS = (
    "SELECT c.*, d.der FROM ca a JOIN certificate c ON c.id = a.certificate_id "
    "JOIN certificate_der d ON d.certificate_id = c.id WHERE c.revoked_at IS NULL AND a.parent_id IS NULL"
)
"""The tops of the built-in PKI: its roots, and CAs below a root that is elsewhere."""
_REVOKED = "SELECT revoked_at FROM certificate WHERE fingerprint_sha256 = ? AND revoked_at IS NOT NULL"
_REVOKED_AND_DELETED = (
    "SELECT i.revoked_at FROM issued i JOIN ca a ON a.id = i.ca_id "
    "WHERE a.subject_id = ? AND i.serial = ? AND i.revoked_at IS NOT NULL"
)


def verify(store: OpenStore, repository_id: int, message: bytes, content: bytes | None) -> CmsVerification:
    """See `backend.base_filing.Repositories.verify`."""
    from certtui.backend.local.cas_whole import whole
    from certtui.pki import cms

    with store.readers.use() as connection, whole(store).readers.use() as everything:
        repository = usable(connection, repository_id)
        judge = _Judge(store, connection, everything)
        found = cms.verify(message, content, judge=judge.path, find=lambda named: _known(connection, repository, named))
    detail: dict[str, object] = {
        "sha256": hashlib.sha256(message).hexdigest(),
        "octets": len(message),
        "signers": [each.fingerprint_sha256 for each in found.signers],
    }
    event = events.REPOSITORY_VERIFIED if found.valid else events.REPOSITORY_NOT_VERIFIED
    record_use(store, event, repository, [], detail)
    return found


def _known(connection: sqlite3.Connection, repository: Repository, named: CmsIdentity) -> Sequence[X509Facts]:
    """Certificates filed there that a message names so, where it does not bring them along."""
    condition, given = identified(named)
    return [
        facts_of(row, row["der"])
        for row in _rows(
            connection,
            "SELECT c.*, d.der FROM certificate c JOIN certificate_der d ON d.certificate_id = c.id "  # noqa: S608 (our own)
            f"WHERE repository_id = ? AND {condition} ORDER BY c.id DESC LIMIT {_MOST_OF_ONE_NAME}",
            (repository.id, *given),
        )
    ]


class _Judge:
    """Judges the path of a signer's certificate, today."""

    def __init__(
        self,
        store: OpenStore,
        connection: sqlite3.Connection,
        everything: sqlite3.Connection,
    ) -> None:
        from certtui.pki.roots import system_trust_store, trust_store_of

        system = system_trust_store()
        own = [facts_of(row, row["der"]) for row in _rows(everything, _CAS)]
        place = f"the CAs of this store and {system.place}" if system.place else "the CAs of this store"
        self._trust = trust_store_of(place, [*system.roots, *own])
        self._store = store
        self._connection = connection
        self._everything = everything

    def path(self, certificate: X509Facts, included: Sequence[X509Facts]) -> Judgement:
        """Trusted where a path leads to a root, and nothing on it was revoked here."""
        from certtui.pki.chain import Candidate, build
        from certtui.pki.cms import Judgement

        report = build(Candidate(certificate, "chain"), included, self._inventory, self._trust, self._store.clock.now())
        best = report.paths[0]
        if not best.trusted:
            return Judgement(False, report.summary)
        if day := self._revoked(certificate):
            return Judgement(False, f"Its certificate was revoked {day}.")
        for link in best.links[:-1]:
            if (at := self._revoked_at(_REVOKED, link.fingerprint_sha256)) is not None:
                return Judgement(False, f"The CA “{link.name}” above it was revoked {_day(at)}.")
        return Judgement(True, report.summary)

    def _inventory(self, subject_id: str) -> Sequence[Candidate]:
        from certtui.pki.chain import Candidate

        found = entries_by_subject(self._connection, subject_id, _MOST_OF_ONE_NAME)
        return [Candidate(facts, "inventory", row["id"], bool(row["has_private_key"])) for row, facts in found]

    def _revoked(self, certificate: X509Facts) -> str:
        """The day on which it was revoked, in the inventory or by a CA whose entry of it was deleted; "" for never."""
        at = self._revoked_at(_REVOKED, certificate.fingerprint_sha256)
        if at is None:
            at = self._revoked_at(_REVOKED_AND_DELETED, certificate.issuer_id, certificate.serial_number)
        return "" if at is None else _day(at)

    def _revoked_at(self, statement: str, *given: str) -> int | None:
        found = self._everything.execute(statement, given).fetchone()
        return None if found is None else int(found[0])


def _day(at: int) -> str:
    return f"{from_epoch(at):%Y-%m-%d}"


def _rows(connection: sqlite3.Connection, statement: str, given: Sequence[object] = ()) -> Sequence[sqlite3.Row]:
    import sqlite3

    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    return cursor.execute(statement, given).fetchall()
