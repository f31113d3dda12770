"""What a person does with the account of a profile: see it, give it another key, tell whom to write to, agree anew, close it.

Nothing here ever makes an account. A change of the key is safe against dying anywhere: the new key is kept before the
server hears of it, and as long as two are kept, the server is asked which of them it knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from certtui.authorities.acme import accounts
from certtui.authorities.acme.accounts import Session
from certtui.authorities.acme.books import ACCOUNT_KEY, NEXT_KEY, KeptAccount
from certtui.authorities.acme.jose import AccountKey, new_key
from certtui.authorities.acme.objects import Account
from certtui.authorities.acme.problems import AcmeError
from certtui.errors import CerttuiError, Conflict, Unreachable, Unsupported

if TYPE_CHECKING:
    from certtui.authorities.acme.authority import AcmeCa
    from certtui.authorities.acme.connection import Connection
    from certtui.model.secret import Secret

_REFUSED = ("unauthorized", "accountDoesNotExist", "malformed")
"""How servers answer a request that an account which is closed, or a key which is not its own any more, has signed."""


def look(ca: AcmeCa) -> KeptAccount:
    """Ask the CA how the account is, and keep that. Raises `Conflict` (there is none), `Unreachable`, `AcmeError`."""
    session = _session(ca)
    try:
        return ca.saw(accounts.get(session))
    except AcmeError as error:
        status = _ended(error)
        if not status:
            raise
        return ca.saw(Account(session.kid, status))


def roll_over(ca: AcmeCa, key_type: str) -> None:
    """Give the account the key that is kept for it, a new one where there is none. Raises `Unsupported`, `Unreachable`, `AcmeError`."""
    connection = ca.connection()
    kept = _kept(ca)
    if not connection.directory.key_change:
        raise Unsupported("This CA can't change the key of an account.", "Close it, and make another one.")
    new = ca.books.keep_next_key(new_key(key_type))
    session = Session(connection, AccountKey(_key(ca)), kept.url)
    try:
        accounts.roll_over(session, AccountKey(new))
    except (AcmeError, Conflict) as error:
        # It may have been done already, by a process that died before it heard so.
        if isinstance(error, AcmeError) and error.problem.type not in _REFUSED:
            raise
        if _known(connection, new) != kept.url:
            raise
    ca.books.change_key()
    ca.renew_session()


def settled_key(ca: AcmeCa, connection: Connection, key: Secret) -> Secret:
    """The key that the server knows, where the account is being given another. Raises `Unreachable`, `AcmeError`."""
    new = ca.books.secret(NEXT_KEY)
    if new is None or _known(connection, key) or not _known(connection, new):
        return key
    ca.books.change_key()
    return new


def tell_contact(ca: AcmeCa, addresses: Sequence[str]) -> None:
    """Tell the CA whom to write to."""
    account = accounts.set_contact(_session(ca), accounts.mailto(addresses))
    ca.books.keep_account(replace(ca.saw(account), contact=",".join(addresses)))


def agree(ca: AcmeCa, terms: str) -> None:
    """Note that these terms are agreed to, which must be those that the CA names now. Raises `Conflict` where they are not.

    The CA is not told: it heard so when the account was made, and one that insists anew has a page for it (RFC 8555, 7.3.2, 7.3.3).
    """
    now = ca.connection().directory.terms
    if now != terms:
        raise Conflict(f"The CA's terms are at {now or 'no address'} by now.", "Read those.")
    kept = ca.books.account() or KeptAccount(ca.connection().url, "", "")
    ca.books.keep_account(replace(kept, terms=terms))


def close(ca: AcmeCa) -> None:
    """Close the account at the CA, for ever; once more does no harm."""
    session = Session(ca.connection(), AccountKey(_key(ca)), _kept(ca, closed=True).url)
    try:
        accounts.deactivate(session)
    except AcmeError as error:
        if not _ended(error):
            raise
    ca.saw(Account(session.kid, "deactivated"))


def _session(ca: AcmeCa) -> Session:
    """The account as it is kept; none is made."""
    kept = _kept(ca)
    key = settled_key(ca, ca.connection(), _key(ca))
    return Session(ca.connection(), AccountKey(key), kept.url)


def _kept(ca: AcmeCa, *, closed: bool = False) -> KeptAccount:
    kept = ca.books.account()
    if kept is None or not kept.url or kept.directory != ca.connection().url:
        raise Conflict(f"{ca.name} has no account yet.", "Its test, or the first order, makes one.")
    if kept.closed and not closed:
        raise Conflict(f"The account of {ca.name} is closed.", "Make another one on purpose.")
    return kept


def _key(ca: AcmeCa) -> Secret:
    key = ca.books.secret(ACCOUNT_KEY)
    if key is None:
        raise Unreachable(f"The account's key of {ca.name} is not in this store.", "Make another authority for the CA.")
    return key


def _known(connection: Connection, key: Secret) -> str:
    """The URL of the account that has this key at the server, "" for none."""
    try:
        account = accounts.find(connection, AccountKey(key))
    except AcmeError as error:
        if error.problem.type not in _REFUSED:
            raise
        return ""
    return account.url if account is not None else ""


def _ended(error: CerttuiError) -> str:
    """`deactivated` or `revoked` where the server refuses because the account is that."""
    if not isinstance(error, AcmeError) or error.problem.type not in _REFUSED:
        return ""
    said = error.problem.detail.lower()
    return next((word for word in ("deactivated", "revoked") if word in said), "")
