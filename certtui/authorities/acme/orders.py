"""Orders, authorizations, challenges, and the end of an order (RFC 8555, 7.4 and 7.5; profiles; RFC 9773, 5)."""

from __future__ import annotations

from collections.abc import Sequence

from certtui.authorities.acme.accounts import Session, get
from certtui.authorities.acme.connection import Reply
from certtui.authorities.acme.jose import b64
from certtui.authorities.acme.objects import (
    AcmeOrder,
    Authorization,
    Challenge,
    Identifier,
    authorization_of,
    challenge_of,
    order_of,
)
from certtui.authorities.acme.problems import AcmeError
from certtui.errors import Invalid, Unreachable

_MOST_PAGES = 500
_NOT_REPLACED = ("alreadyReplaced", "malformed", "unauthorized", "conflict")
"""How servers say that they don't take `replaces` of this certificate; RFC 9773, 5 names the first."""


def identifiers(sans: Sequence[str]) -> tuple[Identifier, ...]:
    """What `DNS:…` and `IP:…` names are in an order, sorted. Raises `Invalid` (field `sans`) for other kinds."""
    found = set()
    for san in sans:
        kind, _, value = san.partition(":")
        if kind not in ("DNS", "IP"):
            raise Invalid(
                f"ACME has no place for {san}.", "Leave it out: it takes host names and addresses.", field="sans"
            )
        found.add((kind.lower(), value.lower()))
    return tuple(Identifier(*each) for each in sorted(found))


def new(session: Session, names: Sequence[Identifier], *, profile: str = "", replaces: str = "") -> AcmeOrder:
    """Ask for a certificate. `replaces` is the ARI id of the one that this renews; a CA that knows no such field ignores it."""
    payload: dict[str, object] = {"identifiers": [{"type": each.type, "value": each.value} for each in names]}
    if profile:
        payload["profile"] = profile
    if replaces:
        payload["replaces"] = replaces
    try:
        reply = session.post(session.connection.directory.new_order, payload)
    except AcmeError as error:
        if not replaces or error.problem.type not in _NOT_REPLACED:
            raise
        # Somebody renewed it already, or by another account: what `replaces` says only saves rate limits.
        return new(session, names, profile=profile)
    if not reply.location:
        raise Unreachable("The ACME server made an order, but does not say where.", "Check the directory's address.")
    return _order(reply, reply.location)


def fetch(session: Session, url: str) -> AcmeOrder:
    """The order as it is now."""
    return _order(session.post(url, None), url)


def listed(session: Session) -> tuple[str, ...]:
    """The orders of the account that have not ended, where the server lists them (RFC 8555, 7.1.2.1); many do not."""
    page = get(session).orders
    found: list[str] = []
    try:
        for _ in range(_MOST_PAGES):
            if not page:
                break
            reply = session.post(page, None)
            urls = reply.json().get("orders")
            found += [str(url) for url in urls] if isinstance(urls, list) else []
            page = next(iter(reply.linked("next")), "")
    except AcmeError as error:
        # Boulder names a list and has none.
        if error.problem.status not in (404, 405):
            raise
    except Unreachable:
        if not found:
            return ()
        raise
    return tuple(found)


def authorization(session: Session, url: str) -> Authorization:
    """What is to be proved for one name."""
    reply = session.post(url, None)
    return authorization_of(reply.json(), url, reply.retry_at)


def respond(session: Session, challenge: Challenge) -> Challenge:
    """Tell the server that the challenge can be looked at (RFC 8555, 7.5.1). One that it was told of already, by a process that died, is no error."""
    try:
        return challenge_of(session.post(challenge.url, {}).json())
    except AcmeError as error:
        if error.problem.type != "malformed":
            raise
        now = challenge_of(session.post(challenge.url, None).json())
        if now.status in ("pending", ""):
            raise
        return now


def deactivate_authorization(session: Session, url: str) -> None:
    """Give up what was proved, or is to be (RFC 8555, 7.5.2)."""
    session.post(url, {"status": "deactivated"})


def finalize(session: Session, order: AcmeOrder, csr: bytes) -> AcmeOrder:
    """Hand in the CSR. One that was handed in before, by a process that died, is no error: the order as it is now."""
    try:
        return _order(session.post(order.finalize, {"csr": b64(csr)}), order.url)
    except AcmeError as error:
        if error.problem.type != "orderNotReady" and error.problem.status != 403:
            raise
        now = fetch(session, order.url)
        if now.status in ("processing", "valid"):
            return now
        raise


def _order(reply: Reply, url: str) -> AcmeOrder:
    return order_of(reply.json(), url, reply.retry_at)
