"""From a profile's row to an authority that can be used: orders, tests and revocations take it from here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from certtui.authorities import factory
from certtui.authorities.base import Authority, Issued, Request
from certtui.authorities.local import IssuingCa
from certtui.backend.local.acme_books import StoreBooks
from certtui.backend.local.cas_whole import whole
from certtui.clock import from_epoch
from certtui.errors import CerttuiError, Invalid, NotFound
from certtui.model.authority import AuthorityType
from certtui.model.local_ca import CaState
from certtui.model.template import Template

if TYPE_CHECKING:
    from certtui.backend.local.open_store import OpenStore

CA_SETTING = "ca"
"""The setting of a local profile that holds its CA: kept as the CA's id."""

_STATES = {
    CaState.WAITING.value: "waits for its own certificate",
    CaState.OFFLINE.value: "is offline: its key is not here",
    CaState.RETIRED.value: "is retired",
}


def authority_of(store: OpenStore, authority_id: int | None) -> Authority:
    """The authority of a profile. Raises `NotFound` when the profile is gone, `Unsupported`, `Invalid`."""
    with store.readers.use() as connection:
        row = connection.execute(
            "SELECT name, type, settings, id FROM authority WHERE id = ?", (authority_id,)
        ).fetchone()
    if row is None:
        raise NotFound("The authority profile is gone.", "See the list of authorities.")
    return made(store, *row)


def made(store: OpenStore, name: str, kind: str, settings: str, authority_id: int = 0) -> Authority:
    """The same from a row's columns; without an id for one that is not kept yet."""
    kept: dict[str, str] = json.loads(settings)
    books = StoreBooks(store, authority_id)
    return factory.make(AuthorityType(kind), name, kept, StorePki(whole(store), kept.get(CA_SETTING, "")), books)


class StorePki:
    """`authorities.local.Pki` on this store, for the CA that a profile names by its id."""

    def __init__(self, store: OpenStore, ca: str) -> None:
        self._store = store
        self._ca = ca

    def ca(self) -> IssuingCa:
        with self._store.readers.use() as connection:
            row = connection.execute(
                "SELECT a.id, a.name, a.state, c.subject, c.not_after FROM ca a "
                "JOIN certificate c ON c.id = a.certificate_id WHERE a.id = ?",
                (int(self._ca or 0),),
            ).fetchone()
        if row is None:
            raise NotFound("The CA of this profile is gone.", "Choose another CA for it.")
        ca_id, name, state, subject, not_after = row
        ends = None if not_after is None else from_epoch(not_after)
        problem = f"{name} {_STATES[state]}." if state in _STATES else ""
        if not problem and ends is not None and ends <= self._store.clock.now():
            problem = f"{name} has expired."
        return IssuingCa(ca_id, name, subject, ends, problem)

    def reserve(self) -> str:
        from certtui.backend.local.cas_issue import reserve

        return str(reserve(self._store, f"id:{self._ca}"))

    def sign(self, reference: str, request: Request, template: Template) -> Issued:
        from certtui.backend.local.cas_issue import Reserved, sign

        signed = sign(
            self._store,
            Reserved.parse(reference),
            request.csr,
            template,
            subject=request.subject,
            sans=request.sans,
            days=request.days,
            submitted_at=request.submitted_at,
        )
        return Issued(signed.leaf, signed.chain, signed.notes)

    def refusal(self, request: Request, template: Template) -> str:
        from certtui.backend.local.cas_signers import certificate_of, issuers_above
        from certtui.pki.bounds import known_issuer
        from certtui.pki.issue import check_order

        with self._store.readers.use() as connection:
            row = connection.execute("SELECT certificate_id FROM ca WHERE id = ?", (int(self._ca or 0),)).fetchone()
            if row is None:
                return "The CA of this profile is gone."
            certificate = certificate_of(connection, row[0])
            above = issuers_above(connection, row[0], certificate)
        try:
            check_order(
                known_issuer(certificate, [each.der for each in above]),
                template,
                request.submitted_at,
                subject=request.subject,
                sans=request.sans,
                days=request.days,
                key_type=request.key_type,
            )
        except Invalid as error:
            return str(error)
        return ""

    def key_opens(self) -> str:
        from certtui.backend.local.keys import open_key

        try:
            with self._store.readers.use() as connection:
                row = connection.execute("SELECT certificate_id FROM ca WHERE id = ?", (int(self._ca or 0),)).fetchone()
            if row is None:
                return "The CA is gone."
            open_key(self._store, row[0])
        except CerttuiError as error:
            return error.message
        return ""
