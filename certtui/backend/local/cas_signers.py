"""A CA that can sign: its certificate, its loaded key, its chain. Unsealed once, and forgotten when the store is locked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend.local.cas_rows import gone
from certtui.backend.local.cas_values import settings_of, spec_of
from certtui.backend.local.keyring import CURRENT, wrapping_key_of
from certtui.backend.local.open_store import OpenStore
from certtui.errors import Conflict, NotFound
from certtui.model.local_ca import CaSettings, CaState
from certtui.model.x509 import X509Facts
from certtui.record import dataclass

if TYPE_CHECKING:
    import sqlite3

    from certtui.model.secret import Secret
    from certtui.pki.signing import Signer

_DEEPEST = 10
_MOST_OF_ONE_NAME = 20


@dataclass(frozen=True, slots=True)
class LoadedCa:
    """A CA whose key is loaded. `chain` leads from its issuer up, without the root."""

    id: int
    version: int
    certificate_id: int
    name: str
    kind: str
    state: CaState
    settings: CaSettings
    signer: Signer
    chain: tuple[X509Facts, ...]

    @property
    def chain_below(self) -> tuple[X509Facts, ...]:
        """What a certificate that it issued needs beside it: from the CA itself up, without the root."""
        return self.chain if self.signer.certificate.self_issued else (self.signer.certificate, *self.chain)


def loaded_ca(store: OpenStore, ca_id: int) -> LoadedCa:
    """The CA, ready to sign. `store` is `whole`. Raises `NotFound`, `Conflict` where its key is not here or waits, `Locked`."""
    with store.readers.use() as connection:
        found = connection.execute("SELECT version, state, name, spki_sha256 FROM ca WHERE id = ?", (ca_id,)).fetchone()
        wrapping = connection.execute(CURRENT).fetchone()
    if found is None:
        raise gone(ca_id)
    version, state, name, spki = found
    require_key(CaState(state), name)
    # Refused while the store is locked, whatever was kept.
    store.keyring.open(wrapping_key_of(wrapping))
    kept = store.keyring.recall(("ca", ca_id))
    # The key too: after a restore the same id may be another CA's.
    if isinstance(kept, LoadedCa) and kept.version == version and kept.signer.certificate.spki_sha256 == spki:
        return kept
    loaded = _load(store, ca_id)
    store.keyring.remember(("ca", ca_id), loaded)
    return loaded


def require_key(state: CaState, name: str) -> None:
    """Raises `Conflict` for a CA that can't sign anything."""
    if state is CaState.WAITING:
        raise Conflict(
            f"The CA {name} waits for its certificate.", "Give the certificate that the offline root signed."
        )
    if state is CaState.OFFLINE:
        raise Conflict(f"The key of the CA {name} is not here, so it can't sign.", "Use another CA, or import its key.")


def require_active(state: CaState, name: str) -> None:
    """Raises `Conflict` for a CA that issues nothing (any more)."""
    if state is CaState.RETIRED:
        raise Conflict(f"The CA {name} is retired and issues no more.", "Choose another CA.")
    require_key(state, name)


def certificate_of(connection: sqlite3.Connection, certificate_id: int) -> X509Facts:
    """The X.509 of a CA's entry. Raises `NotFound` while there is none."""
    from certtui.backend.local.page import entry_row, leaf_of

    row = entry_row(connection, certificate_id)
    facts = leaf_of(connection, row)
    if facts is None:
        raise NotFound(f"{row['name']} has no certificate yet.", "It waits for the offline root to sign it.")
    return facts


def chain_above(connection: sqlite3.Connection, certificate_id: int, certificate: X509Facts) -> tuple[X509Facts, ...]:
    """The certificates above a CA, as far as they are known here, without a root."""
    from certtui.backend.local.full_chain import full_chain
    from certtui.backend.local.page import chain_of

    own = [facts for facts in chain_of(connection, certificate_id) if not facts.self_issued]
    return tuple(facts for facts in full_chain(connection, certificate, own) if not facts.self_issued)


def issuers_above(connection: sqlite3.Connection, certificate_id: int, certificate: X509Facts) -> tuple[X509Facts, ...]:
    """The CAs whose limits hold for what a CA issues, the nearest first, up to and with the root if it is known here.

    Where an issuer was cross-signed, its root counts: that is whom readers here trust.
    """
    from certtui.backend.local.page import chain_material_by_subject, chain_of, entries_by_subject
    from certtui.pki.signatures import signature_problem

    own = chain_of(connection, certificate_id)
    found: list[X509Facts] = []
    end = certificate
    while not end.self_issued and len(found) < _DEEPEST:
        candidates = [one for one in own if one.subject_id == end.issuer_id]
        # CAs before all else: whoever adds many certificates of one name must not hide the limits of one.
        of_cas = connection.execute("SELECT certificate_id FROM ca WHERE subject_id = ?", (end.issuer_id,)).fetchall()
        candidates += [certificate_of(connection, one) for (one,) in of_cas]
        candidates += [facts for _, facts in entries_by_subject(connection, end.issuer_id, _MOST_OF_ONE_NAME)]
        candidates += chain_material_by_subject(connection, end.issuer_id, _MOST_OF_ONE_NAME)
        fitting = [one for one in candidates if one not in found and not signature_problem(end, one)]
        if not fitting:
            break
        end = min(fitting, key=lambda one: (not one.self_issued, -one.not_after.timestamp()))
        found.append(end)
    return tuple(found)


def signer_of(certificate: X509Facts, key: Secret, above: tuple[X509Facts, ...], digest: str) -> Signer:
    """What signs, with the limits of the CAs above it. Raises `Invalid`."""
    from certtui.pki.signing import load_signer

    return load_signer(certificate, key, digest=digest, above=tuple(each.der for each in above))


def _load(store: OpenStore, ca_id: int) -> LoadedCa:
    from certtui.backend.local.keys import open_key

    with store.readers.use() as connection:
        row = connection.execute(
            "SELECT version, certificate_id, name, kind, state, settings, spec FROM ca WHERE id = ?", (ca_id,)
        ).fetchone()
        if row is None:
            raise gone(ca_id)
        version, certificate_id, name, kind, state, settings, spec = row
        certificate = certificate_of(connection, certificate_id)
        chain = chain_above(connection, certificate_id, certificate)
        above = issuers_above(connection, certificate_id, certificate)
    made = spec_of(spec)
    try:
        key = open_key(store, certificate_id)
    except NotFound:
        raise Conflict(f"The key of the CA {name} is not here, so it can't sign.", "Use another CA.") from None
    signer = signer_of(certificate, key, above, made.digest if made else "sha256")
    return LoadedCa(ca_id, version, certificate_id, name, kind, CaState(state), settings_of(settings), signer, chain)
