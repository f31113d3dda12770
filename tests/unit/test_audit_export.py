"""The audit log for other programs: whatever stands in it, a record stays one record and can be read back."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certtui.audit_export import FIELDS, SD_ID, document, escape, lines, read_cell, unescape
from certtui.errors import Invalid
from certtui.model.audit import AuditEvent
from tests.certs import NOW

NASTY = (
    "=1+1",
    "@SUM(A1)",
    "'=1",
    "-2",
    "+3",
    "\t=4",
    'quo"te',
    "a,b\r\nc",
    "\x1b]52;c;x\x07",
    "\\x41",
    "back\\slash",
    '] [x y="z"]',
    "‮",
    "\ud800",
    "\x7f",
    "",
)
texts = st.one_of(st.sampled_from(NASTY), st.text(max_size=30))
details = st.one_of(
    st.just(""),
    texts,
    st.dictionaries(st.text(max_size=6), st.one_of(texts, st.integers(), st.none()), max_size=3).map(json.dumps),
)
events = st.builds(
    AuditEvent,
    id=st.integers(1, 10**9),
    at=st.integers(0, 10**8).map(lambda seconds: NOW + timedelta(seconds=seconds)),
    event=st.one_of(st.just("certificate.edit.success"), texts),
    actor=st.one_of(st.just('{"name": "ada"}'), texts),
    object_kind=texts,
    object_id=st.one_of(st.none(), st.integers(1, 10**9)),
    object_name=texts,
    detail=details,
    previous_hash=st.just("ab" * 32),
    hash=st.just("cd" * 32),
)


def event(**more) -> AuditEvent:
    """A record with these fields."""
    fields = {
        **{"id": 7, "at": NOW, "event": "certificate.edit.success", "actor": '{"name": "ada"}'},
        **{"object_kind": "certificate", "object_id": 3, "object_name": "www", "detail": ""},
        **{"previous_hash": "ab" * 32, "hash": "cd" * 32},
    }
    return AuditEvent(**{**fields, **more})


@given(st.lists(events, max_size=4))
def test_json_lines_are_one_ascii_line_a_record_and_read_back(found) -> None:
    text = "".join(lines("jsonl", found))
    assert text.isascii()
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text)
    assert [json.loads(line) for line in text.splitlines()] == [
        json.loads(json.dumps(document(each))) for each in found
    ]


@given(st.lists(events, max_size=4))
def test_csv_reads_back_and_no_cell_is_a_formula_or_moves_a_terminal(found) -> None:
    text = "".join(lines("csv", found))
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert tuple(rows[0]) == FIELDS
    assert len(rows) == len(found) + 1
    for row, each in zip(rows[1:], found, strict=True):
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)
        assert all(cell.isprintable() for cell in row)
        back = dict(zip(FIELDS, map(read_cell, row), strict=True))
        assert back["object_name"] == each.object_name
        assert back["detail"] == each.detail
        assert back["actor"] == each.actor
        assert back["object_id"] == ("" if each.object_id is None else str(each.object_id))


_MESSAGE = re.compile(
    r"<(?P<pri>\d{1,3})>1 (?P<at>\S+) (?P<host>[!-~]{1,255}) (?P<app>[!-~]{1,48}) (?P<proc>[!-~]{1,128}) "
    r'(?P<id>[!-~]{1,32}) \[(?P<sd>[^ =\]"]{1,32})(?P<params>(?: [^ =\]"]{1,32}="(?:[^"\\\]]|\\["\\\]])*")*)\] '
    r"(?P<msg>.*)",
    re.DOTALL,
)
_PARAM = re.compile(r' ([^ =\]"]{1,32})="((?:[^"\\\]]|\\["\\\]])*)"')


@given(events)
def test_a_syslog_message_parses_and_its_parameters_read_back(each) -> None:
    (line,) = lines("syslog", [each], host="jump.example.com")
    assert line.endswith("\n")
    assert "\n" not in line[:-1]
    message = _MESSAGE.fullmatch(line[:-1])
    assert message is not None
    assert message["sd"] == SD_ID
    assert int(message["pri"]) // 8 == 13
    assert message["host"] == "jump.example.com"
    assert all(char.isprintable() or char == "\ufeff" for char in message["msg"])
    given_ = {name: unescape(re.sub(r"\\(.)", r"\1", value)) for name, value in _PARAM.findall(message["params"])}
    assert given_.get("objectName", "") == each.object_name
    assert given_.get("detail", "") == each.detail
    assert given_["seq"] == str(each.id)


@given(st.text())
def test_what_is_escaped_is_printable_and_reads_back(text) -> None:
    assert escape(text).isprintable()
    assert unescape(escape(text)) == text


def test_a_message_is_what_rfc_5424_says() -> None:
    (line,) = lines("syslog", [event(object_name='a"b]c')], host="jump")
    assert line == (
        "<109>1 2026-06-15T12:00:00Z jump certtui - certificate.edit.success "
        r'[certtui@32473 seq="7" event="certificate.edit.success" actor="{\"name\": \"ada\"}" '
        r'objectKind="certificate" objectId="3" objectName="a\"b\]c" '
        f'previousHash="{"ab" * 32}" hash="{"cd" * 32}"] certificate.edit.success a"b]c by ada\n'
    )


def test_what_destroys_or_fails_is_a_warning() -> None:
    for name, priority in (("certificate.delete.success", 108), ("auth.login.failed", 108), ("store.x", 109)):
        (line,) = lines("syslog", [event(event=name)])
        assert line.startswith(f"<{priority}>1 ")


def test_a_message_beyond_ascii_says_that_it_is_utf_8() -> None:
    (line,) = lines("syslog", [event(object_name="bücher")])
    assert "] \ufeffcertificate.edit.success bücher" in line


def test_a_formula_is_disarmed() -> None:
    row = list(lines("csv", [event(object_name="=cmd|' /C calc'!A0")]))[1]
    assert "\"'=cmd|' /C calc'!A0\"" in row


def test_another_form_is_refused() -> None:
    with pytest.raises(Invalid):
        lines("xml", [])
