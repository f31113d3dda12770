"""One order at an ACME server, carried on from wherever it stands: each step is on record before it is made.

How names are proved is the profile's `Proof`: it looks whether it can be done before the server is asked for anything
(its orders run out, ours wait as long as it takes), lets the server find the answers, and takes them away.
Whatever was interrupted is found again by the order's URL, or, if the server was asked and its answer is not known, in
the account's list of orders; a server without a list gives the same pending order again (as Boulder does).
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from certtui.authorities.acme import caa_order, certificates, orders, rehearsal
from certtui.authorities.acme.accounts import Session
from certtui.authorities.acme.books import Progress
from certtui.authorities.acme.challenges import asked_of
from certtui.authorities.acme.held_off import answer_of
from certtui.authorities.acme.objects import AcmeOrder, Authorization, Identifier
from certtui.authorities.acme.problems import AcmeError
from certtui.authorities.acme.renewal_info import certificate_id
from certtui.authorities.acme.taking_away import take_away
from certtui.authorities.acme.unfulfilled import failed, refusal
from certtui.authorities.acme.unwanted import unasked, unwanted
from certtui.authorities.base import Answer, Issued, Refused, Request, Waiting
from certtui.clock import rfc3339
from certtui.errors import CerttuiError, Unreachable

if TYPE_CHECKING:
    from certtui.authorities.acme.authority import AcmeCa

PATIENCE = 20.0
"""Seconds that one call waits for the server; then the worker comes again."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 3.0
_QUICK_LOOKS = 3
"""Retry-After is heeded from then on: most servers have done what they were asked before it is over."""

HARD_LIMIT = 100.0
"""Seconds after which one call asks the server nothing more, however slowly it answers: others wait for their turn, and a lease ends."""

_NEXT = timedelta(seconds=30)
"""Where the server is busy with another order of ours for the same names."""

_MOST_LOST = 200
"""Orders of the account that are looked through for one whose answer was lost."""


def advance(ca: AcmeCa, request: Request) -> Answer:
    """Go as far as it goes now. Raises `Unreachable`, `Locked`."""
    try:
        try:
            return _once(ca, request)
        except AcmeError as error:
            if error.problem.type == "accountDoesNotExist":
                ca.forget_session()
            elif error.problem.type not in ("unauthorized", "malformed") or not ca.renew_session():
                raise
            # The account is made again, or was given another key since.
            return _once(ca, request)
    except AcmeError as error:
        return answer_of(ca, request, error)


def _once(ca: AcmeCa, request: Request) -> Answer:
    run = _Run(ca, request)
    try:
        answer = run.on()
        run.proof.settle(request.order_id)
        return answer
    finally:
        run.proof.close()


class _Run:
    """One call: what it works with, and until when it waits."""

    def __init__(self, ca: AcmeCa, request: Request) -> None:
        self.ca = ca
        self.books = ca.books
        self.request = request
        self.proof = ca.proof
        self.progress = ca.books.progress(request.order_id)
        self._told: set[str] = set()
        self._begin()

    def _begin(self) -> None:
        """From now on it is waited for the server."""
        began = time.monotonic()
        self._until = began + max(PATIENCE, self.proof.patience)
        self._ends = max(began + HARD_LIMIT, self._until)
        self._pause = _FIRST_PAUSE
        self._looks = 0

    def on(self) -> Answer:
        if not self.progress.url and (waits := caa_order.look(self.ca, self, self.proof.look(self))) is not None:
            return waits
        if not self.progress.url and (answer := self._rehearsed()) is not None:
            return answer
        session = replace(self.ca.session(), until=self._ends)
        # As it is now: a profile that was given another server has forgotten what it asked of the one before.
        self.progress = self.books.progress(self.request.order_id)
        order = self._order(session)
        if isinstance(order, Waiting):
            return order
        while True:
            match order.status:
                case "pending":
                    if (answer := self._prove(session, order)) is not None:
                        return answer
                    waits = self.rest(order.retry_at, f"{self.ca.name} looks at the proof of {self._names()}.")
                case "ready":
                    order = orders.finalize(session, order, self.request.csr)
                    continue
                case "processing":
                    waits = self.rest(order.retry_at, f"{self.ca.name} makes the certificate.")
                case "valid":
                    return self._issued(session, order)
                case _:
                    return self._over(session, order)
            if waits is not None:
                return waits
            order = orders.fetch(session, order.url)

    def _rehearsed(self) -> Answer | None:
        """Where the profile wants it, the same at the staging server first: None when that went well."""
        if self.ca.settings.get("preflight") != "yes" or self.progress.rehearsed_at is not None:
            return None
        answer = rehearsal.step(self.ca, self.request)
        match answer:
            case Issued():
                self.keep(replace(self.progress, rehearsed_at=self.books.now()))
                self._begin()
                return None
            case Waiting():
                return replace(answer, text=f"At the staging server: {answer.text}")
            case Refused():
                said = f"The run at the staging server failed, so {self.ca.name} was not asked. {answer.message}"
                return replace(answer, message=said)

    # -- the order at the server ---------------------------------------------------------------------------------

    def _order(self, session: Session) -> AcmeOrder | Waiting:
        if self.progress.url:
            try:
                return orders.fetch(session, self.progress.url)
            except AcmeError as error:
                if error.problem.status != 404:
                    raise
                # The server has forgotten it: a staging server that was set up anew.
                self.keep(replace(self.progress, url="", asked_at=None))
        wanted = orders.identifiers(self.request.sans)
        if self.progress.asked_at is not None and (found := self._lost(session, wanted)) is not None:
            self.keep(replace(self.progress, url=found.url))
            return found
        self.keep(replace(self.progress, asked_at=self.books.now()))
        try:
            order = orders.new(
                session, wanted, profile=self.ca.settings.get("profile", ""), replaces=self._replaces(session)
            )
        except AcmeError:
            # It said no: there is none to be found.
            self.keep(replace(self.progress, asked_at=None))
            raise
        if self.books.has_another(order.url, self.request.order_id):
            # As Boulder does for the same names while one is open: finished for both, it would have the key of one.
            self.keep(replace(self.progress, asked_at=None))
            said = f"{self.ca.name} has another order for {self._names()} under way, which was sent from here; this one is next."
            return Waiting(said, self.books.now() + _NEXT)
        self.keep(replace(self.progress, url=order.url))
        return order

    def _replaces(self, session: Session) -> str:
        """The ARI name of the certificate that this renews, where the CA has ARI (RFC 9773, 5)."""
        old = self.request.renews
        return certificate_id(old) if old is not None and session.connection.directory.renewal_info else ""

    def _lost(self, session: Session, wanted: tuple[Identifier, ...]) -> AcmeOrder | None:
        """An order that was made, and whose answer never arrived here."""
        listed = orders.listed(session)
        known = self.books.orders_known(listed)
        for url in [each for each in reversed(listed) if each not in known][:_MOST_LOST]:
            found = orders.fetch(session, url)
            if found.status in ("pending", "ready") and set(found.identifiers) == set(wanted):
                return found
        return None

    def _prove(self, session: Session, order: AcmeOrder) -> Answer | None:
        """Answer what is not answered yet; None when the server is to look."""
        found = [orders.authorization(session, url) for url in order.authorizations]
        if failed(found):
            return self._refused(found, order)
        asked = asked_of(self.ca.name, found, self.request.sans, self.proof, session.key, self._told)
        if isinstance(asked, Refused):
            return self._ended(asked)
        if not asked:
            return None
        answer = self.proof.present(self, asked)
        if answer is not None:
            return self._ended(answer) if isinstance(answer, Refused) else answer
        untold = [one for one in asked if not one.told]
        if untold:
            self._pause = _FIRST_PAUSE
        for one in untold:
            orders.respond(session, one.challenge)
            # Pebble calls a challenge pending while it looks.
            self._told.add(one.challenge.url)
        return None

    # -- its end -------------------------------------------------------------------------------------------------

    def _issued(self, session: Session, order: AcmeOrder) -> Answer:
        from certtui.pki.facts import csr_facts

        if not order.certificate:
            raise Unreachable(f"{self.ca.name} says that the order is done, but not where the certificate is.")
        found = certificates.download(session, order.certificate, self.ca.settings.get("chain", ""))
        self.clean()
        if found.leaf.spki_sha256 != csr_facts(self.request.csr).spki_sha256:
            return Refused(f"{self.ca.name} sent a certificate for another key.", hint="Send the order again.")
        if why := unwanted(found.leaf, self.request.sans, self.books.now()):
            return Refused(
                f"{self.ca.name} sent a certificate {why}.",
                f"Its serial number is {found.leaf.serial_number}.",
                "Ask the CA; then send the order again.",
            )
        proved = f"{self._names()} proved by {self.proof.by}.{self.proof.afterwards}"
        at = self.progress.rehearsed_at
        tried = f"A run at the staging server went well at {rfc3339(at)}." if at is not None else ""
        notes = (tried, proved, found.note, unasked(found.leaf, self.request.sans))
        return Issued(found.leaf, found.chain, tuple(note for note in notes if note))

    def _over(self, session: Session, order: AcmeOrder) -> Answer:
        """An order that will not be fulfilled."""
        now = self.books.now()
        if order.error is None and order.expires is not None and order.expires <= now:
            return self._anew(f"{self.ca.name}'s order has run out before it was done; another is made.")
        return self._refused([orders.authorization(session, url) for url in order.authorizations], order)

    def _anew(self, why: str) -> Waiting:
        """Forget the order that the CA has; the next call asks for another one."""
        self.keep(replace(self.progress, url="", asked_at=None))
        return Waiting(why, self.now)

    def _refused(self, found: list[Authorization], order: AcmeOrder) -> Answer:
        bad = failed(found)
        if bad and self.proof.lost(self.request.order_id):
            anew = self._anew("What answered the CA was ended before the CA had looked; it is asked anew.")
            self.clean()
            return anew
        if bad and all(each.status == "expired" for each in bad) and order.error is None:
            return self._anew(f"{self.ca.name} waited no longer for the proof; another order is made.")
        return self._ended(refusal(self.ca.name, found, order, lambda: self.proof.hint(self.request)))

    def _ended(self, answer: Refused) -> Refused:
        self.clean()
        return answer

    def clean(self) -> None:
        """Take away what was left for the CA; what can't be removed now is left to the worker."""
        with suppress(CerttuiError):
            take_away(self.ca, self.request.order_id)

    # -- helpers -------------------------------------------------------------------------------------------------

    def rest(self, retry_at: datetime | None, text: str) -> Waiting | None:
        """Sleep a little; an answer where that would take longer than this call may."""
        self._looks += 1
        seconds = self._pause
        self._pause = min(self._pause * 1.6, _LONGEST_PAUSE)
        now = self.books.now()
        if retry_at is not None and self._looks > _QUICK_LOOKS:
            seconds = max(seconds, (retry_at - now).total_seconds())
        if time.monotonic() + seconds > self._until:
            return Waiting(text, now + timedelta(seconds=max(seconds, 1)))
        time.sleep(seconds)
        return None

    @property
    def now(self) -> datetime:
        return self.books.now()

    def keep(self, progress: Progress) -> None:
        self.progress = progress
        self.books.keep_progress(self.request.order_id, progress)

    def _names(self) -> str:
        names = [san.partition(":")[2] for san in self.request.sans]
        return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
