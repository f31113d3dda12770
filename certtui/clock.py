"""The injected clock: facts are stored, `now` is asked here, UTC everywhere."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

UTC = timezone.utc


class Clock:
    """Tells the time; the only place of certtui that asks the operating system for it."""

    def now(self) -> datetime:
        """The current instant, aware, UTC, whole seconds (X.509 times have no finer grain)."""
        return datetime.now(UTC).replace(microsecond=0)


class FixedClock(Clock):
    """A clock that stands still until told otherwise; for tests, snapshots and demonstrations."""

    def __init__(self, instant: datetime) -> None:
        self._instant = instant

    def now(self) -> datetime:
        return self._instant

    def advance(self, **delta: float) -> None:
        """Move on by `timedelta(**delta)`."""
        self._instant += timedelta(**delta)


def epoch(instant: datetime) -> int:
    """Whole seconds since 1970-01-01T00:00:00Z; negative before it (X.509 knows 1950)."""
    return int((instant - _EPOCH).total_seconds())


def from_epoch(seconds: int) -> datetime:
    """The aware UTC instant of whole epoch seconds, also for years that `fromtimestamp` refuses."""
    return _EPOCH + timedelta(seconds=seconds)


def rfc3339(instant: datetime) -> str:
    """RFC 3339 in UTC with whole seconds, as JSON output and the audit log have it."""
    return (
        instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if instant.year >= 1000
        else (f"{instant.year:04d}" + instant.astimezone(UTC).strftime("-%m-%dT%H:%M:%SZ"))
    )


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
