"""The account of an authority as its page shows it; nobody is asked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from certtui.backend.local.authorities_rows import gone
from certtui.backend.local.cas_whole import whole
from certtui.errors import NotFound
from certtui.model.account import Account

if TYPE_CHECKING:
    from certtui.backend.local.open_store import OpenStore


def account(store: OpenStore, authority_id: int) -> Account:
    """See `Accounts.get`."""
    from certtui.authorities.acme.books import NEXT_KEY
    from certtui.authorities.acme.profile import directory_of, emails_of
    from certtui.backend.local.acme_account import kept as kept_account
    from certtui.backend.local.secrets import AUTHORITY, secrets_set

    with store.readers.use() as connection:
        row = connection.execute(
            "SELECT version, name, type, settings FROM authority WHERE id = ?", (authority_id,)
        ).fetchone()
    if row is None:
        raise gone(authority_id)
    version, name, kind, text = row
    if kind != "acme":
        raise no_account(name)
    # Whoever may see the profile is told what hangs on it as far as they may see that.
    with store.readers.use() as connection:
        orders = connection.execute(
            "SELECT name FROM certificate_order WHERE authority_id = ? AND status IN ('pending', 'processing') ORDER BY id",
            (authority_id,),
        ).fetchall()
    with whole(store).readers.use() as connection:
        waits = NEXT_KEY in secrets_set(connection, AUTHORITY, [authority_id]).get(authority_id, ())
    settings = json.loads(text)
    directory = directory_of(settings)
    kept = kept_account(whole(store), authority_id)
    here = kept is not None and kept.directory == directory
    known = kept if kept is not None and here else None
    return Account(
        authority_id=authority_id,
        version=version,
        authority=name,
        directory=directory,
        url=known.url if known else "",
        status=known.status if known else "",
        contact=known.contact_seen if known else (),
        email=emails_of(settings),
        key_type=known.key_type if known else "",
        key_waits=waits,
        terms=known.terms if known else "",
        registered_at=known.registered_at if known else None,
        seen_at=known.seen_at if known else None,
        open_orders=tuple(each for (each,) in orders),
    )


def no_account(name: str) -> NotFound:
    """For an authority of another type."""
    return NotFound(f"{name} is asked without an account.", "Only authorities of the type acme have one.")
