"""Acts on the account of an authority: what was decided is on record before the CA hears of it, and what it said afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from certtui.backend.local import events
from certtui.backend.local.acme_account import row_of
from certtui.backend.local.authorities_made import authority_of, made
from certtui.backend.local.authorities_rows import gone, profile_as_seen
from certtui.backend.local.open_store import Change, OpenStore
from certtui.backend.local.read.accounts import account, no_account
from certtui.backend.local.secrets import AUTHORITY, forget_secrets
from certtui.backend.local.wiping import destroying
from certtui.errors import Conflict, Invalid
from certtui.model.account import KEY_TYPES, Account

if TYPE_CHECKING:
    from certtui.authorities.acme.authority import AcmeCa
    from certtui.backend.local.tables_issuing import AuthorityTable

_NAMED_AT_MOST = 5


def look(store: OpenStore, authority_id: int) -> str:
    """The address of the CA's terms. See `Accounts.look`."""
    from certtui.authorities.acme import account_acts

    store.require_writable()
    with _said():
        ca = _ca(store, authority_id)
        account_acts.look(ca)
        return ca.connection().directory.terms


def roll_over(store: OpenStore, authority_id: int, version: int, key_type: str) -> None:
    """See `Accounts.roll_over`."""
    from certtui.authorities.acme import account_acts

    if key_type and key_type not in KEY_TYPES:
        raise Invalid(
            f"An account can't have a key of the kind {key_type}.",
            f"Use one of {', '.join(KEY_TYPES)}.",
            field="key_type",
        )
    _require_seen(store, authority_id, version)
    _require_open(account(store, authority_id))
    store.store_key()
    ca = _ca(store, authority_id)
    kind = key_type or ca.settings.get("account_key_type") or KEY_TYPES[0]
    with store.changing() as change:
        row = _begin(change, authority_id, version)
        change.record(events.AUTHORITY_ACCOUNT_KEY_ASKED, "authority", row.id, row.name, {"key_type": kind})
    with _said():
        account_acts.roll_over(ca, kind)


def set_contact(store: OpenStore, authority_id: int, version: int, email: Sequence[str]) -> None:
    """See `Accounts.set_contact`."""
    from certtui.authorities import factory
    from certtui.authorities.acme import account_acts
    from certtui.authorities.acme.profile import emails_of
    from certtui.model.authority import AuthorityType

    _require_seen(store, authority_id, version)
    _require_open(account(store, authority_id))
    store.store_key()
    with store.readers.use() as connection:
        (text,) = connection.execute("SELECT settings FROM authority WHERE id = ?", (authority_id,)).fetchone()
    settings = factory.checked_settings(AuthorityType.ACME, {**json.loads(text), "email": ", ".join(email)})
    with _said():
        account_acts.tell_contact(_ca(store, authority_id), emails_of(settings))
    with store.changing() as change:
        row = _begin(change, authority_id, version)
        before = json.loads(row.settings).get("email", "")
        row.settings = json.dumps(settings, sort_keys=True)
        row.summary = made(store, row.name, row.type, row.settings, row.id).summary
        change.session.add(row)
        detail = {"changed": {"email": [before, settings.get("email", "")]}}
        change.record(events.AUTHORITY_ACCOUNT_CONTACT, "authority", row.id, row.name, detail)


def agree(store: OpenStore, authority_id: int, version: int, terms: str) -> None:
    """See `Accounts.agree`."""
    from certtui.authorities.acme import account_acts

    _require_seen(store, authority_id, version)
    account(store, authority_id)
    with _said():
        account_acts.agree(_ca(store, authority_id), terms)
    with store.changing() as change:
        row = _begin(change, authority_id, version)
        row.settings = json.dumps({**json.loads(row.settings), "agree": "yes"}, sort_keys=True)
        change.session.add(row)
        change.record(events.AUTHORITY_ACCOUNT_TERMS, "authority", row.id, row.name, {"terms": terms})


def deactivate(store: OpenStore, authority_id: int, version: int, open_orders: int) -> None:
    """See `Accounts.deactivate`."""
    from certtui.authorities.acme import account_acts

    _require_seen(store, authority_id, version)
    account(store, authority_id)
    store.store_key()
    with store.changing() as change:
        row = _begin(change, authority_id, version)
        kept = row_of(change, row.id)
        if not kept.url:
            raise Conflict(f"{row.name} has no account.", "There is nothing to close.")
        if kept.status in ("deactivated", "revoked"):
            raise Conflict(f"The account of {row.name} is closed already.", "Make another one to order from it.")
        _require_orders(account(store, row.id), open_orders)
        kept.status, kept.updated_at = "closing", change.now
        change.session.add(kept)
        detail = {"account": kept.url, "directory": kept.directory, "open_orders": open_orders}
        change.record(events.AUTHORITY_ACCOUNT_CLOSING, "authority", row.id, row.name, detail)
    with _said():
        account_acts.close(_ca(store, authority_id))


def open_new(store: OpenStore, authority_id: int, version: int) -> None:
    """See `Accounts.open_new`."""
    from certtui.authorities.acme.books import ACCOUNT_KEY, NEXT_KEY

    _require_seen(store, authority_id, version)
    account(store, authority_id)
    store.store_key()
    with destroying(store) as change:
        row = _begin(change, authority_id, version)
        kept = row_of(change, row.id)
        if kept.status not in ("deactivated", "revoked"):
            raise Conflict(
                f"The account of {row.name} is not closed, and it needs no other.", "Change its key, or close it first."
            )
        # What was agreed to, and whom to write to, stays; the new one is made by a key of its own.
        forget_secrets(change, AUTHORITY, row.id, (ACCOUNT_KEY, NEXT_KEY))
        old = kept.url
        kept.url = kept.status = kept.contact_seen = kept.key_type = kept.contact = ""
        kept.seen_at = kept.registered_at = None
        kept.updated_at = change.now
        change.session.add(kept)
        change.record(events.AUTHORITY_ACCOUNT_ASKED, "authority", row.id, row.name, {"closed": old})
    with _said():
        _ca(store, authority_id).session()


def _begin(change: Change, authority_id: int, version: int) -> AuthorityTable:
    """The profile as the person saw it, which is another from now on. Raises `NotFound`, `Conflict`."""
    row = profile_as_seen(change, authority_id, version)
    row.version += 1
    row.updated_at = change.now
    change.session.add(row)
    return row


def _require_orders(seen: Account, open_orders: int) -> None:
    names = seen.open_orders
    if len(names) != open_orders:
        more = f" and {len(names) - _NAMED_AT_MOST} more" if len(names) > _NAMED_AT_MOST else ""
        which = f": {', '.join(names[:_NAMED_AT_MOST])}{more}" if names else ""
        raise Conflict(
            f"{len(names)} {'order waits' if len(names) == 1 else 'orders wait'} for {seen.authority} by now, "
            f"not {open_orders}{which}.",
            "Look at them again, then decide.",
        )


def _require_open(seen: Account) -> None:
    if not seen.url:
        raise Conflict(f"{seen.authority} has no account yet.", "Its test, or the first order, makes one.")
    if seen.closed:
        raise Conflict(f"The account of {seen.authority} is closed.", "Make another one on purpose.")


def _require_seen(store: OpenStore, authority_id: int, version: int) -> None:
    """Before anybody is asked: the profile is as the person saw it. Raises `NotFound`, `Conflict`, `Denied`."""
    store.require_writable()
    with store.readers.use() as connection:
        row = connection.execute("SELECT version, name FROM authority WHERE id = ?", (authority_id,)).fetchone()
    if row is None:
        raise gone(authority_id)
    if row[0] != version:
        raise Conflict(
            f"{row[1]} was changed by somebody else since you opened it.", "Look at it again, then repeat the change."
        )


def _ca(store: OpenStore, authority_id: int) -> AcmeCa:
    from certtui.authorities.acme.authority import AcmeCa

    found = authority_of(store, authority_id)
    if not isinstance(found, AcmeCa):
        raise no_account(account(store, authority_id).authority)
    return found


@contextmanager
def _said() -> Iterator[None]:
    """What the CA answers for a refusal, as one of the seam's errors: its words, and what to do."""
    from certtui.authorities.acme.problems import AcmeError

    try:
        yield
    except AcmeError as error:
        field = "email" if error.problem.type in ("invalidContact", "unsupportedContact") else ""
        raise Invalid(error.message, error.hint, field=field) from None
