"""The row of an ACME account and its sealed keys: what a CA last said, and which of two keys is the account's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from certtui.authorities.acme.books import ACCOUNT_KEY, NEXT_KEY, KeptAccount
from certtui.backend.local import events
from certtui.backend.local.certificate_values import instant
from certtui.backend.local.secrets import AUTHORITY, forget_secrets, open_secrets, seal_secrets
from certtui.backend.local.wiping import destroying
from certtui.clock import epoch

if TYPE_CHECKING:
    from certtui.backend.local.open_store import Change, OpenStore
    from certtui.backend.local.tables_acme import AcmeAccountTable
    from certtui.model.secret import Secret


def kept(store: OpenStore, authority_id: int) -> KeptAccount | None:
    """The account of a profile as it was last seen; None where there never was one."""
    with store.readers.use() as connection:
        row = connection.execute(
            "SELECT directory, url, contact, status, contact_seen, terms, key_type, seen_at, registered_at "
            "FROM acme_account WHERE authority_id = ?",
            (authority_id,),
        ).fetchone()
    if row is None:
        return None
    directory, url, contact, status, seen, terms, key_type, seen_at, registered_at = row
    return KeptAccount(
        directory,
        url,
        contact,
        status,
        tuple(json.loads(seen or "[]")),
        terms,
        key_type,
        instant(seen_at),
        instant(registered_at),
    )


def row_of(change: Change, authority_id: int) -> AcmeAccountTable:
    """The row, a new one where there is none."""
    from certtui.backend.local.tables_acme import AcmeAccountTable as Row

    return change.session.get(Row, authority_id) or Row(
        authority_id=authority_id, created_at=change.now, updated_at=change.now
    )


def keep(store: OpenStore, authority_id: int, account: KeptAccount) -> None:
    """Write down what is known of the account; that it was made or has ended is put on record."""
    from certtui.backend.local.authorities_rows import profile

    with store.changing() as change:
        row = row_of(change, authority_id)
        known, was = row.url, row.status
        row.directory, row.url, row.contact = account.directory, account.url, account.contact
        row.status, row.terms, row.key_type = account.status, account.terms, account.key_type
        row.contact_seen = json.dumps(account.contact_seen) if account.contact_seen else ""
        row.seen_at = None if account.seen_at is None else epoch(account.seen_at)
        made = bool(account.url) and account.url != known
        if made:
            row.registered_at = change.now
        row.updated_at = change.now
        change.session.add(row)
        detail = {"account": account.url, "directory": account.directory}
        if made:
            name = profile(change, authority_id).name
            change.record(events.AUTHORITY_ACCOUNT, "authority", authority_id, name, detail)
        if account.status != was and account.status in ("deactivated", "revoked"):
            name = profile(change, authority_id).name
            change.record(
                events.AUTHORITY_ACCOUNT_CLOSED, "authority", authority_id, name, {**detail, "status": account.status}
            )


def keep_key(store: OpenStore, authority_id: int, name: str, key: Secret) -> Secret:
    """Seal a key, unless there is one: the one that is kept. Raises `Locked`."""
    with store.changing() as change:
        if has_key(change, authority_id, name):
            there = True
        else:
            there = False
            seal_secrets(store, change, AUTHORITY, authority_id, {name: key})
    return open_secrets(store, AUTHORITY, authority_id)[name] if there else key


def has_key(change: Change, authority_id: int, name: str) -> bool:
    """Whether such a key is kept."""
    from sqlmodel import select

    from certtui.backend.local.tables_issuing import SealedSecretTable as Row

    wanted = select(Row.id).where(Row.owner_kind == AUTHORITY, Row.owner_id == authority_id, Row.name == name)
    return change.session.exec(wanted).first() is not None


def change_key(store: OpenStore, authority_id: int) -> None:
    """The server knows the next key: it is the account's from now on, and the old one is destroyed."""
    from certtui.authorities.acme.jose import AccountKey
    from certtui.backend.local.authorities_rows import profile

    new = open_secrets(store, AUTHORITY, authority_id).get(NEXT_KEY)
    if new is None:
        return  # another process found it out before
    with destroying(store) as change:
        if not has_key(change, authority_id, NEXT_KEY):
            return
        seal_secrets(store, change, AUTHORITY, authority_id, {ACCOUNT_KEY: new})
        forget_secrets(change, AUTHORITY, authority_id, (NEXT_KEY,))
        row = row_of(change, authority_id)
        row.key_type, row.updated_at = AccountKey(new).kind, change.now
        change.session.add(row)
        name = profile(change, authority_id).name
        detail = {"account": row.url, "directory": row.directory, "key_type": row.key_type}
        change.record(events.AUTHORITY_ACCOUNT_KEY, "authority", authority_id, name, detail)
