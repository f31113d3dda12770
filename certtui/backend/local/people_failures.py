"""Logins that fail: put on record, and slowed.

One address is recorded at once when it fails first, then at most once a minute with the number of tries since; all
addresses together get at most so many records a minute, and the rest is counted into one. So a flood is seen and the log
is not filled by it. Addresses are remembered up to a bound, the oldest forgotten first.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from contextlib import suppress
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING

from certtui.backend.local import events
from certtui.backend.local.audit_chain import Entry, actor_json, append
from certtui.clock import epoch
from certtui.errors import CerttuiError
from certtui.model.audit import Actor
from certtui.record import dataclass, field

if TYPE_CHECKING:
    from certtui.backend.local.open_store import OpenStore

WINDOW = 60
"""Seconds in which one address gets one record."""

RECORDS = 10
"""Records a window for all addresses together."""

REMEMBERED = 4_096
FREE_TRIES = 3
"""Failures of an address that are answered at once: people mistype."""

LONGEST_DELAY = 8.0
FORGOTTEN_AFTER = 900
"""Seconds without a failure after which an address begins anew."""

_LONGEST = 100
"""Characters of what is recorded as an address: it may come from a proxy's header."""

_NOBODY = Actor("", kind="unknown", via="api")


@dataclass(slots=True)
class _Failing:
    """What is known of one address."""

    tries: int = 0
    last: int = 0
    unrecorded: int = 0
    recorded_at: int | None = None
    reasons: dict[str, int] = field(default_factory=dict)


class FailedLogins:
    """Counts failures by address. `delay` is the policy a server obeys; this never waits itself."""

    def __init__(self, store: OpenStore) -> None:
        self._store = store
        self._guard = threading.Lock()
        self._failing: OrderedDict[str, _Failing] = OrderedDict()
        self._window = 0
        self._records = 0
        self._dropped = 0
        self._dropped_reasons: dict[str, int] = {}

    def delay(self, where: str) -> float:
        """Seconds to wait before the answer to a login from an address; 0 for one that has not failed often.

        Ask before the login is looked at, and wait whatever comes out: 0.5, 1, 2 … 8 seconds from the fourth failure on.
        """
        now = epoch(self._store.clock.now())
        with self._guard:
            known = self._failing.get(network_of(where[:_LONGEST]))
            if known is None or now - known.last >= FORGOTTEN_AFTER or known.tries < FREE_TRIES:
                return 0.0
            return float(min(LONGEST_DELAY, 0.5 * 2 ** min(known.tries - FREE_TRIES, 10)))

    def failed(self, where: str, reason: str, prefix: str = "") -> None:
        """A login failed. `prefix` is that of a token which is known, but expired or revoked."""
        where = where[:_LONGEST]
        now, address = epoch(self._store.clock.now()), network_of(where)
        with self._guard:
            known = self._failing.setdefault(address, _Failing())
            self._failing.move_to_end(address)
            if now - known.last >= FORGOTTEN_AFTER:
                known.tries = 0
            known.tries += 1
            known.last = now
            known.unrecorded += 1
            known.reasons[reason] = known.reasons.get(reason, 0) + 1
            entries = self._due(now, address, known, where, prefix)
            self._forget()
        self._record(now, entries)

    def succeeded(self, where: str) -> None:
        """A login from an address went well: its failures before are forgiven once they are on record."""
        with self._guard:
            known = self._failing.get(network_of(where[:_LONGEST]))
            if known is not None:
                known.tries = 0

    def settle(self) -> None:
        """Put on record what was only counted so far; now and then while it is quiet, and before the store closes."""
        now = epoch(self._store.clock.now())
        with self._guard:
            for address, known in self._failing.items():
                if known.unrecorded:
                    self._drop(known, address)
            entries = self._summary()
        self._record(now, entries)

    def _due(self, now: int, address: str, known: _Failing, where: str, prefix: str) -> list[Entry]:
        """What is to be recorded now, holding the guard."""
        entries = []
        if now - self._window >= WINDOW:
            entries = self._summary()
            self._window, self._records = now, 0
        if known.recorded_at is not None and now - known.recorded_at < WINDOW:
            return entries
        if self._records >= RECORDS:
            self._drop(known, address)
            known.recorded_at = now
            return entries
        detail: dict[str, object] = {"address": where, "tries": known.unrecorded, "reasons": dict(known.reasons)}
        if prefix:
            detail["prefix"] = prefix
        entries.append(Entry(events.LOGIN_FAILED, "login", None, where, detail))
        self._records += 1
        known.recorded_at, known.unrecorded = now, 0
        known.reasons.clear()
        return entries

    def _drop(self, known: _Failing, address: str) -> None:
        """Count the failures of an address into the summary, holding the guard."""
        self._dropped += known.unrecorded
        for reason, count in known.reasons.items():
            self._dropped_reasons[reason] = self._dropped_reasons.get(reason, 0) + count
        known.unrecorded = 0
        known.reasons.clear()

    def _summary(self) -> list[Entry]:
        if not self._dropped:
            return []
        detail: dict[str, object] = {"tries": self._dropped, "reasons": dict(self._dropped_reasons)}
        self._dropped = 0
        self._dropped_reasons.clear()
        return [Entry(events.LOGIN_FAILED, "login", None, "several addresses", detail)]

    def _forget(self) -> None:
        while len(self._failing) > REMEMBERED:
            address, known = self._failing.popitem(last=False)
            self._drop(known, address)

    def _record(self, now: int, entries: list[Entry]) -> None:
        if not entries or not self._store.recording_reads():
            return
        # Who can't be let in is not told that the log can't be written either; the server's own log has it.
        with suppress(CerttuiError), self._store.writer.transaction() as session:
            append(session, now, actor_json(_NOBODY), entries)


def network_of(where: str) -> str:
    """What counts as one origin: an IPv4 address, or the /64 of an IPv6 address, which is one subscriber's."""
    try:
        address = ip_address(where.partition("%")[0])
    except ValueError:
        return where
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return f"{IPv6Address(int(address) >> 64 << 64)}/64"
