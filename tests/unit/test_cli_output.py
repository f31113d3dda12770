"""Rows on standard output: tables that fit, JSON in ASCII, CSV that is exact."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certtui.cli import output, terminal
from certtui.cli.output import Column
from certtui.text import cells

_COLUMNS = (Column("ID", right=True), Column("NAME", least=6), Column("WHAT", least=4), Column("DAY"))


@pytest.fixture(autouse=True)
def no_ascii() -> None:
    terminal.set_up(ascii_only=False)


def narrow(monkeypatch: pytest.MonkeyPatch, width: int | None) -> None:
    monkeypatch.setattr(terminal, "width", lambda number=1: width)


def test_a_table_has_a_heading_and_columns_that_stand_below_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert output.table(_COLUMNS, [(1, "a", "b", "x"), (20, "longer", None, True)]) == 2
    assert capsys.readouterr().out.splitlines() == [
        "ID  NAME    WHAT  DAY",
        " 1  a       b     x",
        "20  longer  -     yes",
    ]


def test_no_rows_are_no_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert output.table(_COLUMNS, []) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("width", [20, 30, 40, 80])
def test_a_table_fits_the_terminal_and_cuts_the_widest_first(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    narrow(monkeypatch, width)
    output.table(_COLUMNS, [(1, "宽" * 40, "what " * 5, "2027-01-01")])
    lines = capsys.readouterr().out.splitlines()
    assert all(cells(line) <= width for line in lines)
    if width >= 40:
        assert "2027-01-01" in lines[1]


def test_a_long_list_is_written_row_by_row(capsys: pytest.CaptureFixture[str]) -> None:
    asked = []

    def rows() -> object:
        for number in range(3000):
            asked.append(len(capsys.readouterr().out))
            yield number, "a", "b", "c"

    output.table(_COLUMNS, rows())  # type: ignore[arg-type]  # an iterator is what it says
    assert sum(asked) > 0, "nothing was written before the last row was asked for"


@given(st.text())
def test_json_is_ascii_without_control_characters_and_carries_the_exact_text(text: str) -> None:
    written = output.json_text({"a": text})
    assert written.isascii()
    assert written.isprintable()
    assert json.loads(written) == {"a": text}


def test_an_array_is_json_whatever_its_length(capsys: pytest.CaptureFixture[str]) -> None:
    for count in (0, 1, 3):
        assert output.json_array({"n": number} for number in range(count)) == count
        assert json.loads(capsys.readouterr().out) == [{"n": number} for number in range(count)]


def test_csv_carries_the_exact_text_and_lists_joined_by_blanks(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = 'a\x1b]52;c;x\x07",\n\u202eb'
    document: output.Document = {
        **{"t": hostile, "l": ["DNS:a", "DNS:b"], "n": None, "b": True},
        "r": [{"id": 1, "name": "lb"}, {"id": 2, "name": "x"}],
    }
    output.csv(tuple(document), [document])
    _, row = csv.reader(io.StringIO(capsys.readouterr().out, newline=""))
    assert row == [hostile, "DNS:a DNS:b", "", "true", "lb x"]


def test_csv_on_a_terminal_is_safe_to_draw(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(terminal, "is_out_terminal", lambda: True)
    output.csv(("t",), [{"t": "\x1b[31m\u202ex"}])
    assert capsys.readouterr().out == "t\n␛[31m<U+202E>x\n"


def test_ascii_alone_means_ascii_alone(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    terminal.set_up(ascii_only=True)
    narrow(monkeypatch, 24)
    output.table(_COLUMNS, [(1, "münchen" * 5, "b", "c")])
    output.lines(["größe"])
    terminal.say("schön")
    written = capsys.readouterr()
    assert (written.out + written.err).isascii()
    assert all(len(line) <= 24 for line in written.out.splitlines())


def test_years_before_1000_have_four_digits() -> None:
    assert output.day(datetime(950, 1, 2, tzinfo=timezone.utc)) == "0950-01-02"
    assert output.minute(None) == "-"
