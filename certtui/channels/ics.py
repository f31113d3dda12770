"""Expiries as iCalendar (RFC 5545): one whole-day event each, lines folded, text escaped, the same UID for ever."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from certtui.text import shown

_OCTETS = 75
"""Of a line without its break (RFC 5545, 3.1)."""


@dataclass(frozen=True, slots=True)
class Expiry:
    """One certificate that expires; texts are raw."""

    uid: str
    name: str
    not_after: datetime
    changed_at: datetime
    lines: tuple[str, ...] = ()


def calendar_text(expiries: Iterable[Expiry], name: str = "Certificates that expire") -> str:
    """A whole calendar, with CRLF line breaks."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//certtui//certtui//EN", "CALSCALE:GREGORIAN"]
    lines += [f"X-WR-CALNAME:{escaped(name)}", "REFRESH-INTERVAL;VALUE=DURATION:PT6H", "X-PUBLISHED-TTL:PT6H"]
    for expiry in expiries:
        lines += _event(expiry)
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in folded(line))


def escaped(text: str) -> str:
    """A value of the type TEXT (3.3.11); what a calendar can't hold is made visible."""
    kept = "\n".join(map(shown, text.split("\n")))
    return kept.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def folded(line: str) -> Iterator[str]:
    """A content line in parts of at most 75 octets, none of which cuts a character (3.1)."""
    room, part = _OCTETS, ""
    for char in line:
        size = len(char.encode())
        if size > room:
            yield part
            part, room = " ", _OCTETS - 1
        part += char
        room -= size
    yield part


def _event(expiry: Expiry) -> list[str]:
    day = expiry.not_after.date()
    return [
        "BEGIN:VEVENT",
        f"UID:{expiry.uid}",
        f"DTSTAMP:{expiry.changed_at:%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{escaped(f'{expiry.name} expires')}",
        f"DESCRIPTION:{escaped(chr(10).join((f'Until {expiry.not_after:%Y-%m-%d %H:%M} UTC.', *expiry.lines)))}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]
