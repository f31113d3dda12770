"""When a server wants to be asked again: Retry-After as seconds or as a date (RFC 9110, 10.2.3)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

LONGEST = timedelta(days=8)
"""What lies further ahead is cut: rate limits of public CAs end within a week."""


def instant(header: str, now: datetime) -> datetime | None:
    """The instant that the header names, never before `now`; None for no header or one that is no time."""
    text = header.strip()
    if text.isascii() and text.isdigit():
        wait = timedelta(seconds=int(text[:9])) if len(text) < 10 else LONGEST
    else:
        try:
            until = parsedate_to_datetime(text)
        except (ValueError, TypeError):
            return None
        # "GMT" without an offset is what RFC 9110 has; Python gives it as a time without a zone where it says -0000.
        until = until.replace(tzinfo=timezone.utc) if until.tzinfo is None else until.astimezone(timezone.utc)
        wait = until - now
    return now + min(max(wait, timedelta(0)), LONGEST)
