"""A dry run: the same order at the CA's staging server, with an account and a key of its own, whose certificate is thrown away.

The real server hears nothing of it. What is left for the staging server to find is on record as an order's is: a run
that dies leaves nothing that the worker does not take away.
"""

from __future__ import annotations

import secrets
import time
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from certtui.authorities.acme import caa_order
from certtui.authorities.acme.books import Progress
from certtui.authorities.acme.profile import DELEGATED, staging_of
from certtui.authorities.acme.taking_away import take_away
from certtui.authorities.base import Answer, Issued, Refused, Request, Waiting
from certtui.errors import CerttuiError
from certtui.model.authority import CheckedLine

if TYPE_CHECKING:
    from certtui.authorities.acme.authority import AcmeCa
    from certtui.authorities.acme.books import StagingBooks

PATIENCE = 90.0
"""Seconds that somebody who stands before it waits at most."""

_KEY_TYPE = "ec-256"


def staging(ca: AcmeCa, books: StagingBooks) -> AcmeCa:
    """The profile at its staging server. Raises `Invalid` where none is known."""
    from certtui.authorities.acme.authority import AcmeCa

    return AcmeCa(f"{ca.name} (staging)", staging_of(ca.settings), books)


def lines(ca: AcmeCa, request: Request) -> list[CheckedLine]:
    """Everything up to a certificate that nobody keeps, a line for each step; what can't be tried without the one before is left out."""
    found = [*_proof(ca, request), *_caa(ca, request)]
    if not all(line.ok for line in found):
        return found
    try:
        stage = staging(ca, ca.books.staging())
        found.append(CheckedLine("Staging server", True, _directory(stage)))
        found.append(CheckedLine("Staging account", True, stage.session().kid))
        found.append(_run(stage, request))
    except CerttuiError as error:
        found.append(CheckedLine("Staging", False, str(error)))
    return found


def step(ca: AcmeCa, request: Request) -> Answer:
    """One call that carries the run of a real order on; begun anew where it got lost. Raises as `advance`."""
    from certtui.authorities.acme.advance import advance

    books = ca.books.staging()
    csr = books.throwaway(request.order_id, lambda: _csr(request))
    stage = staging(ca, books)
    return advance(stage, replace(request, csr=csr, renews=None))


def _run(stage: AcmeCa, request: Request) -> CheckedLine:
    """The order itself, until it ends or nobody waits any longer."""
    from certtui.authorities.acme.advance import advance

    # An id of no order: nothing of it is in any inventory.
    asked = replace(request, order_id=-1 - secrets.randbits(48), csr=_csr(request), renews=None)
    until = time.monotonic() + PATIENCE
    done = False
    try:
        while True:
            answer = advance(stage, asked)
            match answer:
                case Issued():
                    done = True
                    issuer = answer.leaf.issuer_name
                    return CheckedLine("Staging order", True, f"{answer.notes[0]} Issued by {issuer}, and thrown away.")
                case Refused():
                    words = f" It says: {answer.words}" if answer.words else ""
                    return CheckedLine("Staging order", False, f"{answer.message}{words} {answer.hint}".strip())
                case Waiting():
                    left = until - time.monotonic()
                    due = (answer.look_at - stage.books.now()).total_seconds() if answer.look_at else left
                    if answer.pending or due >= left:
                        return CheckedLine("Staging order", False, f"It did not come to an end: {answer.text}")
                    time.sleep(max(due, 0.1))
    finally:
        if not done:
            with suppress(CerttuiError):
                take_away(stage, asked.order_id)


def _directory(stage: AcmeCa) -> str:
    """That it is there, and takes the profile's agreement. Raises `Unreachable`, `AcmeError`."""
    terms = stage.connection().directory.terms
    return f"{stage.connection().url} answers." + (f" Its terms: {terms}" if terms else "")


class _Look:
    """A call that looks and keeps nothing."""

    def __init__(self, request: Request, now: datetime) -> None:
        self.request = request
        self.progress = Progress()
        self.now = now

    def keep(self, progress: Progress) -> None:
        self.progress = progress

    def rest(self, retry_at: datetime | None, text: str) -> Waiting | None:
        return Waiting(text)


def _proof(ca: AcmeCa, request: Request) -> list[CheckedLine]:
    """What the CA would have to find."""
    call, proof = _Look(request, ca.books.now()), ca.proof
    try:
        waits = proof.look(call)
    except CerttuiError as error:
        return [CheckedLine("Proof", False, str(error))]
    finally:
        proof.close()
    if call.progress.looks:
        label = "CNAME" if (ca.settings.get("proof") or DELEGATED) == DELEGATED else "TXT"
        return [CheckedLine(label, each.ok, each.sentence) for each in call.progress.looks]
    text = waits.text if waits is not None else f"Names are proved by {proof.by}; nobody has anything left to do."
    return [CheckedLine("Proof", waits is None, text)]


def _caa(ca: AcmeCa, request: Request) -> list[CheckedLine]:
    """Of the real CA, by the account that is there."""
    try:
        looks = caa_order.looked_at(ca, request.sans, ca.proof.challenge, account=_account(ca))
    except CerttuiError as error:
        return [CheckedLine("CAA", False, str(error))]
    bad = [each for each in looks if not each.ok]
    if bad:
        return [
            CheckedLine("CAA", False, each.sentence + (f" To allow it, add: {each.allow}" if each.allow else ""))
            for each in bad
        ]
    words = [line.text for line in caa_order.lines(looks)]
    return [CheckedLine("CAA", True, words[0])] if words else []


def _account(ca: AcmeCa) -> str:
    kept = ca.books.account()
    return kept.url if kept is not None and kept.directory == ca.connection().url else ""


def _csr(request: Request) -> bytes:
    """With a key that is forgotten at once."""
    from certtui.model.csr import CsrRequest, SubjectFields
    from certtui.pki.csr import make

    facts, _ = make(CsrRequest(SubjectFields(), request.sans, request.key_type or _KEY_TYPE))
    return facts.der
