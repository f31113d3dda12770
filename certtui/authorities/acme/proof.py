"""Proving control of names: what every way of it gives to the driver of orders, and what it gets from there.

A module `proof_…` for each way. None of them asks the CA anything: `advance` does, and tells it to look when `present`
has nothing more to wait for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from certtui.authorities.acme.books import Progress
from certtui.authorities.acme.objects import Challenge, Identifier
from certtui.authorities.base import Answer, Request, Waiting
from certtui.model.panel import PanelLine
from certtui.record import dataclass
from certtui.typed import Protocol

_LOOK_SHORTEST, _LOOK_LONGEST = timedelta(seconds=30), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """A challenge that the CA waits for an answer to: of which name, and the answer (RFC 8555, 8.1)."""

    identifier: Identifier
    challenge: Challenge
    key_authorization: str
    dns_value: str
    """The same as a TXT record (RFC 8555, 8.4)."""
    until: datetime | None = None
    """How long the CA waits for it, where it says so."""
    told: bool = False
    """The CA was told to look, and has not come to an end."""


class Call(Protocol):
    """One call that carries an order on, as a proof sees it."""

    @property
    def request(self) -> Request: ...

    @property
    def progress(self) -> Progress: ...

    @property
    def now(self) -> datetime: ...

    def keep(self, progress: Progress) -> None:
        """Put on record how far it is."""

    def rest(self, retry_at: datetime | None, text: str) -> Waiting | None:
        """Sleep a little; an answer where that would take longer than this call may."""


class Proof(Protocol):
    """One way to prove names, of one profile."""

    @property
    def challenge(self) -> str:
        """The type of challenge that it answers."""

    @property
    def by(self) -> str:
        """In a sentence after `proved by`."""

    @property
    def afterwards(self) -> str:
        """What a person may do once the certificate is there, after a full stop; "" for nothing."""

    @property
    def patience(self) -> float:
        """Seconds that a call has to wait for the CA at least, since what it looks for is there no longer than that."""

    def hint(self, request: Request) -> str:
        """What to look at where the CA could not see the proof; one or two sentences."""

    def refusal(self, kind: str, value: str) -> str:
        """Why a SAN of the kind `DNS` or `IP` can't be proved so, one sentence; "" where it can."""

    def look(self, call: Call) -> Waiting | None:
        """Before the CA is asked for an order: what still has to be done by somebody, kept in the progress; None to go on."""

    def present(self, call: Call, asked: Sequence[Asked]) -> Answer | None:
        """Let the CA find these answers. None when it may look; it may be called again for the same, also by another process."""

    def lost(self, order_id: int) -> bool:
        """Whether what was there for the CA went with a process that ended before the CA had looked."""

    def settle(self, order_id: int) -> None:
        """The call came to an answer: what the CA was told of was there as long as it had to be."""

    def close(self) -> None:
        """The call is over, whatever came of it; what lives only while one lasts ends."""

    def asked(self, request: Request) -> Sequence[PanelLine]:
        """For the preview of an order: what has to be there."""

    def panel(self, request: Request, now: datetime) -> Sequence[PanelLine]:
        """For the page of an order that was sent: what to do, and what was seen."""

    def of_profile(self) -> Sequence[PanelLine]:
        """For the profile's own page."""

    def tests(self) -> Sequence[tuple[str, Callable[[], str]]]:
        """For *save and test*: labels, and what to try; each makes sense only where the one before went well. They raise `CerttuiError`."""


def pause_between_looks(waited: timedelta) -> timedelta:
    """From one look to the next: half a minute at first, an hour after a day."""
    return min(max(waited / 20, _LOOK_SHORTEST), _LOOK_LONGEST)


def untold(asked: Sequence[Asked]) -> list[Asked]:
    """Those that the CA was not told of yet: what stays where it was put needs to be put there once."""
    return [each for each in asked if not each.told]
