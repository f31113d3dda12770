"""A CA profile of the type `acme`: what the screens, orders and revocations use of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from certtui.authorities.acme import account_acts, accounts, certificates, panel, rehearsal, renewal_info, trying
from certtui.authorities.acme.accounts import ExternalAccount, Session
from certtui.authorities.acme.acme_dns import Registration
from certtui.authorities.acme.advance import advance
from certtui.authorities.acme.books import ACCOUNT_KEY, NEXT_KEY, Books, KeptAccount
from certtui.authorities.acme.connection import Connection, host_of
from certtui.authorities.acme.connections import shared
from certtui.authorities.acme.dns_ask import Resolver, resolver_of
from certtui.authorities.acme.dns_names import Delegation, challenge_name, delegations, domains_of
from certtui.authorities.acme.jose import AccountKey, new_key
from certtui.authorities.acme.objects import Account
from certtui.authorities.acme.problems import AcmeError, Limited
from certtui.authorities.acme.profile import BY_ACME_DNS, MANUAL, directory_of, emails_of, staging_of
from certtui.authorities.acme.proof import Proof
from certtui.authorities.acme.proofs import proof_of
from certtui.authorities.base import Answer, Request, Told, Wish
from certtui.errors import Invalid
from certtui.model.authority import AuthorityCapabilities, CheckedLine
from certtui.model.panel import PanelLine
from certtui.model.revocation import RevocationReason
from certtui.model.x509 import X509Facts

_KEY_TYPES = ("ec-256", "ec-384", "rsa-2048", "rsa-3072", "rsa-4096")


_LOOK_SECONDS, _LOOK_SECONDS_EACH = 58.0, 2.0
"""How long one look at DNS may take, and more for each of its names; the servers of one are asked within seconds."""


class AcmeCa:
    """`settings` are checked ones; one object may serve several threads."""

    def __init__(self, name: str, settings: Mapping[str, str], books: Books) -> None:
        self.name = name
        self.settings = settings
        self.books = books
        self._session: Session | None = None
        self._guard = threading.Lock()

    @property
    def capabilities(self) -> AuthorityCapabilities:
        return AuthorityCapabilities(key_types=_KEY_TYPES, why_no_preflight=self._why_no_staging())

    def _why_no_staging(self) -> str:
        if self.settings.get("proof") == MANUAL:
            return (
                "Names are proved by hand, and a run elsewhere would want records or files of its own. Send the order."
            )
        try:
            staging_of(self.settings)
        except Invalid as error:
            return str(error)
        return ""

    @property
    def summary(self) -> str:
        try:
            where = host_of(self.settings.get("acmedns_url", ""))
            by = f"acme-dns at {where}" if self.by_acme_dns else self.tech_zone or self.proof.by
            return f"{urlsplit(directory_of(self.settings)).netloc}, by {by}"
        except Invalid as error:
            return error.message

    # -- orders --------------------------------------------------------------------------------------------------

    def begin(self, request: Request) -> str:
        # ACME has no number of ours in an order: what the server answers is kept under the order's own id.
        return f"acme-{request.order_id}"

    def submit(self, request: Request, reference: str) -> Answer:
        return advance(self, request)

    def poll(self, request: Request, reference: str) -> Answer:
        return advance(self, request)

    def ask(self, request: Request) -> Sequence[PanelLine]:
        self._check(request)
        return panel.asked(self, request)

    def panel(self, request: Request | None, reference: str, now: datetime) -> Sequence[PanelLine]:
        return panel.of_profile(self) if request is None else panel.of_order(self, request, now)

    def rehearse(self, request: Request) -> Sequence[CheckedLine]:
        self._check(request)
        return rehearsal.lines(self, request)

    def _check(self, request: Request) -> None:
        if request.template:
            raise Invalid("An ACME server has no templates here.", "Leave the template empty.", field="template")
        if request.key_type and request.key_type not in _KEY_TYPES:
            raise Invalid(
                f"Public CAs take no key of the kind {request.key_type}.",
                f"Choose one of {', '.join(_KEY_TYPES)}.",
                field="key_type",
            )
        if not request.sans:
            raise Invalid("ACME certifies SANs, and there is none.", "Give at least one host name.", field="sans")
        for san in request.sans:
            kind, _, value = san.partition(":")
            if kind not in ("DNS", "IP"):
                raise Invalid(f"ACME has no place for {san}.", "Leave it out: it takes host names.", field="sans")
            if why := self.proof.refusal(kind, value):
                raise Invalid(why, "Leave it out.", field="sans")
            if value.startswith("*.") and self.settings.get("wildcard") != "yes":
                raise Invalid(
                    f"{self.name} allows no wildcards, as {value}.",
                    "Name each host, or allow them in its settings.",
                    field="sans",
                )
        names = {san.partition(":")[2].lower() for san in request.sans}
        if request.common_name and request.common_name.lower() not in names:
            raise Invalid(
                f"The common name {request.common_name} is none of the SANs, which ACME servers refuse.",
                "Add it to the SANs, or leave it out.",
                field="common_name",
            )
        if (kept := self.books.account()) is not None and kept.directory == directory_of(self.settings):
            self._require_open(kept)
        if self.settings.get("agree") != "yes":
            raise Invalid(
                f"Nobody has agreed to the terms of {self.name}'s CA.",
                "See them with its test, and agree in its settings.",
                field="authority",
            )

    # -- revoking and testing ------------------------------------------------------------------------------------

    def revoke(self, leaf: X509Facts, reason: RevocationReason) -> Told:
        try:
            return Told(True, certificates.revoke_by_account(self.session(), leaf.der, reason))
        except Limited as error:
            return Told(False, error.message, again=True)
        except (AcmeError, Invalid) as error:
            # An account that did not order it, or is closed, as when a new one was made: whoever has the key may revoke too.
            key = self.books.certificate_key(leaf.spki_sha256)
            refused = isinstance(error, Invalid) or error.problem.type in ("unauthorized", "accountDoesNotExist")
            if key is None or not refused:
                return Told(False, error.message)
        try:
            return Told(True, certificates.revoke_by_key(self.connection(), AccountKey(key), leaf.der, reason))
        except (AcmeError, Invalid) as error:
            return Told(False, error.message)

    def window(self, leaf: X509Facts) -> Wish | None:
        connection = self.connection()
        info = renewal_info.ask(connection, leaf)
        if info is None:
            return None
        now = self.books.now()
        chosen = renewal_info.instant_within(info, leaf.fingerprint_sha256 + self.books.seed)
        return Wish(info.start, info.end, chosen, renewal_info.asked_again_at(info, now), info.explanation)

    def test(self) -> Sequence[CheckedLine]:
        return trying.lines(self)

    # -- what stands behind it -----------------------------------------------------------------------------------

    @property
    def tech_zone(self) -> str:
        """Where the CNAMEs lead; with acme-dns its zone, "" until a name is registered there."""
        if not self.by_acme_dns:
            return self.settings.get("tech_zone", "")
        return next((each.zone for each in self._registered().values()), "")

    @property
    def zone(self) -> str:
        """The zone that its records are in."""
        return self.tech_zone if self.by_acme_dns else self.settings.get("dns_zone") or self.tech_zone

    @property
    def proof(self) -> Proof:
        """How its names are proved; a new one for each call."""
        return proof_of(self)

    def delegations(self, sans: Sequence[str]) -> tuple[Delegation, ...]:
        """The CNAMEs that names need; with acme-dns one leads nowhere until its domain is registered, when an order is sent."""
        if not self.by_acme_dns:
            return delegations(sans, self.tech_zone, self.books.seed)
        known = self._registered()
        return tuple(
            Delegation(challenge_name(each), known[each].target if each in known else "") for each in domains_of(sans)
        )

    @property
    def by_acme_dns(self) -> bool:
        """Whether the targets of CNAMEs are what acme-dns gave out."""
        return self.settings.get("dns") == BY_ACME_DNS

    def _registered(self) -> Mapping[str, Registration]:
        return self.books.registrations(self.settings.get("acmedns_url", ""))

    def connection(self) -> Connection:
        """The server. Raises `Invalid`."""
        return shared(
            directory_of(self.settings),
            self.settings.get("ca_file", ""),
            float(self.settings.get("timeout") or 15),
        )

    def session(self) -> Session:
        """The account, made where there is none. Raises `Locked`, `Unreachable`, `AcmeError`, `Invalid`."""
        with self._guard:
            if self._session is None:
                self._session = self._account()
            return self._session

    def renew_session(self) -> bool:
        """Take the account's key anew at the next question; whether it may be another one, as after a change of the key."""
        with self._guard:
            session, self._session = self._session, None
            if session is None:
                return False
            key = self.books.secret(ACCOUNT_KEY)
            changing = self.books.secret(NEXT_KEY) is not None
            return changing or key is None or AccountKey(key).thumbprint != session.key.thumbprint

    def saw(self, account: Account) -> KeptAccount:
        """Keep what the server says of the account."""
        kept = self.books.account() or KeptAccount(self.connection().url, account.url, "")
        key = self.books.secret(ACCOUNT_KEY)
        seen = replace(
            kept,
            status=account.status,
            contact_seen=account.contact,
            key_type=kept.key_type if key is None else AccountKey(key).kind,
            seen_at=self.books.now(),
        )
        self.books.keep_account(seen)
        return seen

    def forget_session(self) -> None:
        """The server does not know the account any more: the next time it is made again, for the same key."""
        with self._guard:
            self._session = None
            if (kept := self.books.account()) is not None:
                self.books.keep_account(replace(kept, url=""))

    def _account(self) -> Session:
        connection, contact = self.connection(), emails_of(self.settings)
        kept = self.books.account()
        if kept is not None and kept.directory == connection.url:
            self._require_open(kept)
        key = self.books.secret(ACCOUNT_KEY)
        if key is None:
            # Kept before the server hears of it: a crash in between costs nothing but a key.
            key = self.books.keep_account_key(new_key(self.settings.get("account_key_type") or "ec-256"))
        else:
            key = account_acts.settled_key(self, connection, key)
        signing = AccountKey(key)
        wanted = ",".join(contact)
        if kept is not None and kept.url and kept.directory == connection.url:
            session = Session(connection, signing, kept.url)
            if kept.contact != wanted:
                account = accounts.set_contact(session, accounts.mailto(contact))
                self.books.keep_account(replace(self.saw(account), contact=wanted))
            return session
        if kept is not None and kept.directory != connection.url:
            # What is under way is so at the server of before: this one has never heard of it.
            self.books.forget_orders()
        account = accounts.create(connection, signing, accounts.mailto(contact), self._external())
        self.books.keep_account(
            KeptAccount(
                connection.url,
                account.url,
                wanted,
                account.status,
                account.contact,
                terms=connection.directory.terms,
                key_type=signing.kind,
                seen_at=self.books.now(),
            )
        )
        return Session(connection, signing, account.url)

    def _require_open(self, kept: KeptAccount) -> None:
        """Raises `Invalid` for an account that is closed: another is made on purpose alone."""
        if kept.closed:
            raise Invalid(
                f"The account of {self.name} is closed: nothing can be ordered by it.",
                f"`certtui account new {self.name}` makes another one.",
                field="authority",
            )

    def _external(self) -> ExternalAccount | None:
        kid = self.settings.get("eab_kid", "")
        if not kid:
            return None
        key = self.books.secret("eab_key")
        if key is None:
            raise Invalid("The EAB key id has no MAC key.", "Put it into the profile.", field="eab_key")
        return ExternalAccount(kid, key)

    def resolver(self, names: int = 1) -> Resolver:
        """Whom to ask the way, for one look at so many names: dead servers of one domain hold up nobody for long."""
        until = time.monotonic() + _LOOK_SECONDS + _LOOK_SECONDS_EACH * names
        return replace(resolver_of(self.settings.get("resolvers", "")), until=until)
