"""Accounts: made, found by their key, changed, given another key, closed (RFC 8555, 7.3)."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence

from certtui.authorities.acme.connection import Connection, Reply, host_of
from certtui.authorities.acme.jose import AccountKey, external_binding
from certtui.authorities.acme.objects import Account, account_of
from certtui.authorities.acme.problems import AcmeError, ExternalAccountRefused
from certtui.errors import Conflict, Unreachable, Unsupported
from certtui.model.secret import Secret
from certtui.record import dataclass


@dataclass(frozen=True, slots=True)
class Session:
    """A server, and the account there that asks: its URL (`kid`) and its key."""

    connection: Connection
    key: AccountKey
    kid: str
    until: float | None = None
    """By `time.monotonic`: nothing is asked after it."""

    def post(self, url: str, payload: dict[str, object] | None, *, accept: str = "") -> Reply:
        """A request signed by the account. Raises `Unreachable`, `AcmeError`."""
        if self.until is not None and time.monotonic() > self.until:
            raise Unreachable(
                f"{host_of(self.connection.url)} answers too slowly.", "It goes on from there another time."
            )
        return self.connection.post(url, payload, self.key, self.kid, accept=accept)


@dataclass(frozen=True, slots=True)
class ExternalAccount:
    """The customer of a CA that an account is bound to."""

    kid: str
    mac_key: Secret


def create(
    connection: Connection, key: AccountKey, contact: Sequence[str] = (), external: ExternalAccount | None = None
) -> Account:
    """Make the account of a key, agreeing to the terms; where it is there, it is the answer: asking twice is safe."""
    directory = connection.directory
    payload: dict[str, object] = {"termsOfServiceAgreed": True}
    if contact:
        payload["contact"] = list(contact)
    if external is not None:
        payload["externalAccountBinding"] = external_binding(key, external.kid, external.mac_key, directory.new_account)
    try:
        return _account(connection.post(directory.new_account, payload, key))
    except AcmeError as error:
        if external is not None and error.problem.type == "unauthorized":
            raise ExternalAccountRefused(error.problem) from error
        raise


def find(connection: Connection, key: AccountKey) -> Account | None:
    """The account of a key, None where the server knows none."""
    try:
        return _account(connection.post(connection.directory.new_account, {"onlyReturnExisting": True}, key))
    except AcmeError as error:
        if error.problem.type == "accountDoesNotExist":
            return None
        raise


def get(session: Session) -> Account:
    """The account as it is now."""
    return account_of(session.post(session.kid, None).json(), session.kid)


def set_contact(session: Session, contact: Sequence[str]) -> Account:
    """Change whom the CA writes to; none for nobody."""
    return account_of(session.post(session.kid, {"contact": list(contact)}).json(), session.kid)


def deactivate(session: Session) -> None:
    """Close the account: nothing can be ordered by it again, ever (RFC 8555, 7.3.6)."""
    session.post(session.kid, {"status": "deactivated"})


def roll_over(session: Session, new: AccountKey) -> Session:
    """Give the account another key (RFC 8555, 7.3.5); the session under the new one. Raises `Unsupported`, `Conflict`."""
    url = session.connection.directory.key_change
    if not url:
        raise Unsupported("This CA can't change the key of an account.", "Make another account.")
    inner = json.dumps({"account": session.kid, "oldKey": session.key.public_jwk}).encode()
    signed: dict[str, object] = json.loads(new.signed(inner, url=url))
    try:
        session.post(url, signed)
    except AcmeError as error:
        if error.problem.status == 409:
            raise Conflict("Another account has that key already.", "Make a new key.") from None
        raise
    return Session(session.connection, new, session.kid)


def mailto(addresses: Sequence[str]) -> tuple[str, ...]:
    """E-mail addresses as contacts (RFC 6068)."""
    from urllib.parse import quote

    return tuple("mailto:" + quote(each, safe="@+.-_") for each in addresses)


def _account(reply: Reply) -> Account:
    if not reply.location:
        raise Unreachable("The ACME server made an account, but does not say where.", "Check the directory's address.")
    return account_of(reply.json(), reply.location)
