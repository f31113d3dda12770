"""The calendar of expiries, as RFC 5545 has it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from certtui.channels.ics import Expiry, calendar_text, escaped, folded
from tests.certs import NOW


def expiry(name: str = "api-gateway", **more: object) -> Expiry:
    return Expiry("ab12@certtui", name, NOW, NOW, ("Issued by R3.",), **more)


def unfolded(text: str) -> list[str]:
    return text.replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def test_an_expiry_is_a_day_with_a_name() -> None:
    assert unfolded(calendar_text([expiry()])) == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//certtui//certtui//EN",
        "CALSCALE:GREGORIAN",
        "X-WR-CALNAME:Certificates that expire",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
        "X-PUBLISHED-TTL:PT6H",
        "BEGIN:VEVENT",
        "UID:ab12@certtui",
        "DTSTAMP:20260615T120000Z",
        "DTSTART;VALUE=DATE:20260615",
        "DTEND;VALUE=DATE:20260616",
        "SUMMARY:api-gateway expires",
        r"DESCRIPTION:Until 2026-06-15 12:00 UTC.\nIssued by R3.",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
        "END:VCALENDAR",
    ]


def test_marks_of_the_format_are_escaped() -> None:
    assert escaped("a;b,c\\d\ne") == r"a\;b\,c\\d\ne"


def test_no_name_breaks_out_of_its_line() -> None:
    hostile = "x\r\nEND:VEVENT\r\nBEGIN:VALARM\x00\x1b\u2028"
    assert [line for line in unfolded(calendar_text([expiry(hostile)])) if line.startswith(("END:VE", "BEGIN:VA"))] == [
        "END:VEVENT"
    ]


@given(st.text())
def test_folded_lines_are_short_and_say_the_same(text: str) -> None:
    line = f"SUMMARY:{escaped(text)}"
    parts = list(folded(line))
    assert all(len(part.encode()) <= 75 for part in parts)
    assert all(part.startswith(" ") for part in parts[1:])
    assert parts[0] + "".join(part[1:] for part in parts[1:]) == line
