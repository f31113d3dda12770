"""The private key of an entry: opened, shown, destroyed. Every time on record."""

from __future__ import annotations

from sqlite3 import Connection

from certtui.backend.local import events, sealing
from certtui.backend.local.acl import refuse_key_in, require_use_of_key
from certtui.backend.local.cas_guard import refuse_ca, require_right_to_key
from certtui.backend.local.entries import entry, entry_as_seen, touch
from certtui.backend.local.keyring import CURRENT, wrapping_key_of
from certtui.backend.local.open_store import OpenStore
from certtui.backend.local.page import entry_row
from certtui.errors import Conflict, Denied, Locked, NotFound, Unreachable
from certtui.model.secret import Secret


def reveal_key(store: OpenStore, certificate_id: int) -> Secret:
    """The private key as unencrypted PKCS#8 PEM, put on record before it is handed out.

    Raises `NotFound`, `Locked`, `Denied` where it can't be put on record.
    """
    from certtui.pki.keys import pkcs8_pem

    require_right_to_key(store, certificate_id)
    require_use_of_key(store, certificate_id)
    pkcs8 = open_key(store, certificate_id)
    record_secret_read(store, events.KEY_REVEALED, certificate_id, {})
    return Secret(pkcs8_pem(pkcs8, None))


def open_key(store: OpenStore, certificate_id: int) -> Secret:
    """The PKCS#8 DER of an entry's key. Raises `NotFound` when it has none, `Locked`, `Unreachable` when it is not this one's."""
    from certtui.pki.keys import from_der

    while True:
        with store.readers.use() as connection:
            connection.execute("BEGIN")
            sealed = _sealed(connection, certificate_id)
            row = entry_row(connection, certificate_id)
            wrapping = wrapping_key_of(connection.execute(CURRENT).fetchone())
            connection.execute("COMMIT")
        try:
            pkcs8 = sealing.unseal(sealed, wrapping.store_uid, store.keyring.open(wrapping))
            break
        except (Locked, Unreachable):
            # A re-key of another process may have come in between: then there is a newer wrap to open.
            now = store.wrapping_key()
            if now is None or now.id == wrapping.id:
                raise
    # The seal is bound to the key, not to the row: whoever can write the file could hang a key on another entry.
    if from_der(pkcs8.reveal(), ()).spki_sha256 != row["spki_sha256"]:
        raise Unreachable(
            f"The private key stored with {row['name']} is that of another certificate.",
            "The store was changed from outside; see `certtui store check` and `certtui audit verify`.",
        )
    return pkcs8


def open_key_if_any(store: OpenStore, certificate_id: int) -> Secret | None:
    """The same, None for an entry without a key."""
    with store.readers.use() as connection:
        if not entry_row(connection, certificate_id)["has_private_key"]:
            return None
    return open_key(store, certificate_id)


def record_secret_read(store: OpenStore, event: str, certificate_id: int, detail: dict[str, object]) -> None:
    """Audit that a key leaves the store. Raises `Denied` where that can't be written: then it does not leave."""
    if not store.recording_reads():
        raise Denied(
            "A private key is given out only when that is put on record, and the store's file can't be written.",
            "Use an account that may write the store.",
        )
    with store.recording() as change:
        change.record(event, "certificate", certificate_id, entry(change, certificate_id).name, detail)


def delete_key(store: OpenStore, certificate_id: int, version: int) -> None:
    """Destroy the sealed key, keep the certificate. Raises `NotFound`, `Conflict` (also for a saved CSR, which is its key)."""
    from sqlalchemy import delete
    from sqlmodel import col

    from certtui.backend.local.tables import SealedKeyTable
    from certtui.backend.local.wiping import destroying

    with destroying(store) as change:
        row = entry_as_seen(change, certificate_id, version)
        if not row.has_private_key:
            raise NotFound(f"{row.name} has no private key here.", "There is nothing to delete.")
        refuse_ca(change, certificate_id, "robbed of its key")
        refuse_key_in(change, row)
        if row.state:
            raise Conflict(f"{row.name} is a saved CSR, of no use without its key.", "Delete the saved CSR instead.")
        change.session.execute(delete(SealedKeyTable).where(col(SealedKeyTable.certificate_id) == certificate_id))
        row.has_private_key = 0
        touch(change, row)
        change.record(events.KEY_DELETED, "certificate", certificate_id, row.name, {"spki_sha256": row.spki_sha256})


def _sealed(connection: Connection, certificate_id: int) -> sealing.SealedKey:
    row = connection.execute(
        "SELECT key_uid, wrapped_data_key, payload FROM sealed_key WHERE certificate_id = ?", (certificate_id,)
    ).fetchone()
    if row is None:
        name = entry_row(connection, certificate_id)["name"]
        raise NotFound(f"{name} has no private key here.", "Attach it by adding the certificate with its key.")
    return sealing.SealedKey(*row)
