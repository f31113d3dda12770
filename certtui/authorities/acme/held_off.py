"""Where a CA does not go on by itself: what it limits is waited for, what it refuses is quoted, what it wants of a person is told."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from certtui.authorities.acme.problems import AcmeError, Limited
from certtui.authorities.acme.proof import pause_between_looks
from certtui.authorities.acme.retry_after import LONGEST
from certtui.authorities.base import Refused, Request, Waiting
from certtui.clock import rfc3339

if TYPE_CHECKING:
    from certtui.authorities.acme.authority import AcmeCa

_LIMITED_FOR = timedelta(hours=1)
"""Where a server says that it is asked too much, and not for how long."""

_LIMITED_LEAST = timedelta(seconds=30)
"""Sooner a server that limits is not asked again, whatever it says."""


def answer_of(ca: AcmeCa, request: Request, error: AcmeError) -> Waiting | Refused:
    """What a problem that a CA names comes to."""
    if isinstance(error, Limited):
        now = ca.books.now()
        # Some say it in words, which may be any time: not at once, and not in a year.
        until = min(max(error.retry_at or now + _LIMITED_FOR, now + _LIMITED_LEAST), now + LONGEST)
        return Waiting(
            f"{error.problem.meaning} It is asked again at {rfc3339(until)}. It says: {error.problem.words}", until
        )
    if error.problem.type == "userActionRequired":
        return _person(ca, request, error)
    return Refused(error.problem.meaning, error.problem.words, error.hint)


def _person(ca: AcmeCa, request: Request, error: AcmeError) -> Waiting:
    """New terms, mostly (RFC 8555, 7.3.3): nothing is lost by waiting until somebody has read them."""
    now = ca.books.now()
    where = error.problem.instance or ca.connection().directory.terms
    return Waiting(
        f"{ca.name} wants a person to go to {where or 'its page'} before it goes on, mostly to agree to new terms; it is "
        f"asked again by itself. It says: {error.problem.detail}",
        now + pause_between_looks(now - request.submitted_at),
        pending=True,
    )
