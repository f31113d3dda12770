"""The paths of one entry to a root: from its chain material, the inventory and the system's roots; no network."""

from __future__ import annotations

from collections.abc import Sequence
from sqlite3 import Connection
from typing import TYPE_CHECKING

from certtui.backend.local.open_store import OpenStore
from certtui.backend.local.page import chain_of, entries_by_subject, entry_row, leaf_of
from certtui.errors import NotFound

if TYPE_CHECKING:
    from certtui.model.chain import ChainReport
    from certtui.pki.chain import Candidate

_MOST_OF_ONE_NAME = 20
"""Certificates of one subject that are looked at: a hostile inventory may hold thousands."""


def chain_report(store: OpenStore, certificate_id: int) -> ChainReport:
    """See `backend.base.Certificates.chain`. Raises `NotFound`, also for an entry without a certificate."""
    from certtui.pki.chain import Candidate, build
    from certtui.pki.roots import system_trust_store

    with store.readers.use() as connection:
        row = entry_row(connection, certificate_id)
        leaf = leaf_of(connection, row)
        if leaf is None:
            raise NotFound(f"{row['name']} has no certificate yet, so no chain.", "Give the signed certificate first.")
        return build(
            Candidate(leaf, "inventory", certificate_id, bool(row["has_private_key"])),
            chain_of(connection, certificate_id),
            lambda subject_id: _inventory(connection, subject_id),
            system_trust_store(),
            store.clock.now(),
        )


def _inventory(connection: Connection, subject_id: str) -> Sequence[Candidate]:
    from certtui.pki.chain import Candidate

    return [
        Candidate(facts, "inventory", row["id"], bool(row["has_private_key"]))
        for row, facts in entries_by_subject(connection, subject_id, _MOST_OF_ONE_NAME)
    ]
