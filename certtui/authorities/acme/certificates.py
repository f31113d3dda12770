"""The certificate of an order with the chain one prefers, and its end (RFC 8555, 7.4.2 and 7.6)."""

from __future__ import annotations

from certtui.authorities.acme.accounts import Session
from certtui.authorities.acme.connection import Connection
from certtui.authorities.acme.jose import AccountKey, b64
from certtui.authorities.acme.problems import AcmeError
from certtui.errors import CerttuiError, Unreachable, Unsupported
from certtui.model.revocation import RevocationReason
from certtui.model.x509 import X509Facts
from certtui.record import dataclass

_PEM = "application/pem-certificate-chain"
_MOST_ALTERNATES = 10


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A leaf and its chain, next to the leaf first. `note` says where the preferred chain was not to be had."""

    leaf: X509Facts
    chain: tuple[X509Facts, ...]
    note: str = ""


def download(session: Session, url: str, preferred: str = "") -> Downloaded:
    """Fetch a certificate; `preferred` is the common name of the root that its chain should lead to."""
    reply = session.post(url, None, accept=_PEM)
    found = _chain(reply.body)
    if not preferred or leads_to(found, preferred):
        return found
    for alternate in reply.linked("alternate")[:_MOST_ALTERNATES]:
        other = _chain(session.post(alternate, None, accept=_PEM).body)
        if other.leaf.der == found.leaf.der and leads_to(other, preferred):
            return other
    ends = (found.chain or (found.leaf,))[-1].issuer_name
    return Downloaded(
        found.leaf, found.chain, f"The CA offers no chain that leads to “{preferred}”; the one taken leads to “{ends}”."
    )


def leads_to(found: Downloaded, name: str) -> bool:
    """Whether the topmost certificate was issued by (or is) the CA of this common name."""
    top = (found.chain or (found.leaf,))[-1]
    return name.strip().casefold() in (top.issuer_name.casefold(), top.common_name.casefold() if top.is_ca else "")


def revoke_by_account(session: Session, der: bytes, reason: RevocationReason) -> str:
    """Revoke what the account ordered, or may speak for; what came of it, in a sentence."""
    return _revoke(session.connection, session.key, session.kid, der, reason)


def revoke_by_key(connection: Connection, key: AccountKey, der: bytes, reason: RevocationReason) -> str:
    """Revoke with the certificate's own private key."""
    return _revoke(connection, key, "", der, reason)


def _revoke(connection: Connection, key: AccountKey, kid: str, der: bytes, reason: RevocationReason) -> str:
    url = connection.directory.revoke_cert
    if not url:
        raise Unsupported("This CA can't revoke by ACME.", "Tell it by its own page.")
    payload: dict[str, object] = {"certificate": b64(der)}
    if reason is not RevocationReason.UNSPECIFIED:
        payload["reason"] = reason.code
    try:
        connection.post(url, payload, key, kid)
    except AcmeError as error:
        match error.problem.type:
            case "alreadyRevoked":
                return "The CA had revoked it already."
            case "badRevocationReason" if reason is not RevocationReason.UNSPECIFIED:
                _revoke(connection, key, kid, der, RevocationReason.UNSPECIFIED)
                return f"The CA revoked it, without the reason {reason}, which it does not take."
        raise
    return "The CA revoked it."


def _chain(body: bytes) -> Downloaded:
    from certtui.pki import pem
    from certtui.pki.facts import x509_facts

    found = []
    try:
        for block in pem.blocks(body):
            if block.label != "CERTIFICATE":
                raise Unreachable(f"The ACME server sent a {block.label[:40]} in place of a certificate.")
            found.append(x509_facts(block.der))
    except Unreachable:
        raise
    except CerttuiError as error:
        raise Unreachable(f"The ACME server sent a certificate that can't be read: {error.message}") from None
    if not found:
        raise Unreachable("The ACME server sent no certificate where one was announced.", "It is tried again.")
    return Downloaded(found[0], tuple(found[1:]))
