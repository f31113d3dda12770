"""A certificate is written by strangers: whatever stands in it, no command lets it act on a terminal."""

from __future__ import annotations

import json
import re
import sys
import tempfile
from pathlib import Path

import pytest

from tests import hostile
from tests.journeys.command_line import certtui
from tests.pty import Terminal

_ACTING = re.compile(
    rb"[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8b-\x8f\xaa-\xae]|\xe2\x81[\xa0-\xaf]"
)
"""C0 but for tab, line feed and carriage return, DEL, C1, zero-width and bidirectional controls, in UTF-8."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Certificates whose every name is hostile, in files whose names are hostile too."""
    there = tmp_path / "in"
    there.mkdir()
    for number, subject in enumerate(
        (hostile.CLIPBOARD, hostile.BIDI, hostile.MARKUP, hostile.ZERO_WIDTH, "a\x7f\x9b31mb")
    ):
        name = hostile.raw_name(("O", subject), ("CN", subject))
        der = hostile.raw_cert(subject=name, issuer=name, serial=hostile.integer(number + 1))
        (there / f"{number}\x1b[31m\u202e.crt").write_bytes(der)
    (there / "broken\x1b]0;x\x07.crt").write_bytes(b"\x30\x82\x00\x04\x1b\x07\x9b\x7f")
    return there


_COMMANDS = (
    ("import", "{folder}"),
    ("import", "{folder}", "--format", "json"),
    ("import", "{folder}/broken\x1b]0;x\x07.crt"),
    ("list",),
    ("list", "--format", "json"),
    ("list", "--format", "csv"),
    ("list", "--ascii"),
    ("show", "1"),
    ("show", "1", "--format", "json"),
    ("show", "5"),
    ("show", hostile.CLIPBOARD),
    ("edit", "1", "--name", "x\x1b]52;c;AAAA\x07"),
    ("match", "{folder}/0\x1b[31m\u202e.crt", "{folder}/1\x1b[31m\u202e.crt"),
    ("match", "{folder}/missing\x1b[31m"),
    ("replace", "1", "2", "--dry-run"),
    ("export", "1", "--as", "pem", "--out", "-"),
    ("export", "1", "--as", "der", "--out", "-"),
    ("resource", "add", "lb\x1b[31m", "--type", "host", "--endpoint", "\u202e:443"),
    ("resource", "list"),
    ("resource", "show", "1"),
    ("associate", "1", "1"),
    ("list", "status:\x1b[31m"),
    ("audit", "list"),
    ("audit", "list", "--format", "json"),
    ("audit", "list", "--format", "csv"),
    ("delete", "1", "--yes"),
    ("delete", "1", "--yes", "--dissociate"),
)


def test_no_control_byte_of_a_certificate_reaches_a_terminal(folder: Path) -> None:
    commands = [[word.replace("{folder}", str(folder)) for word in command] for command in _COMMANDS]
    written = in_a_terminal(commands)
    assert len(written) == len(commands)
    for command, raw in zip(commands, written, strict=True):
        assert not _ACTING.search(raw), (command, raw)
        assert raw.strip(), command


def test_every_hostile_certificate_can_be_listed_and_shown(tmp_path: Path) -> None:
    for name, make in hostile.CERTIFICATES.items():
        (tmp_path / f"{name}.crt").write_bytes(make())
    for name, make in hostile.REFUSED.items():
        (tmp_path / f"{name}.crt").write_bytes(make())
    report = certtui("import", tmp_path, "--format", "json", code=3).json
    assert len(report["imported"]) == len(hostile.CERTIFICATES)
    assert len(report["rejected"]) == len(hostile.REFUSED)
    numbers = [str(each["id"]) for each in report["imported"]]
    commands = [
        ["list"],
        *(["show", number] for number in numbers),
        *(["export", n, "--as", "pem", "--out", "-"] for n in numbers),
    ]
    for command, raw in zip(commands, in_a_terminal(commands), strict=True):
        assert not _ACTING.search(raw), command
        assert b"certtui: " not in raw, (command, raw)


def in_a_terminal(commands: list[list[str]]) -> list[bytes]:
    """What each command writes to a terminal; all of them in one process, since starting it takes longer than any."""
    script = "\n".join(
        [
            "import json, sys",
            "from certtui.cli.main import main",
            "for argv in json.load(open(sys.argv[1])):",
            "    main(argv)",
            "    print('=' * 7 + 'next', flush=True)",
        ]
    )
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(commands, file)
        file.flush()
        with Terminal([sys.executable, "-c", script, file.name], screen=False) as terminal:
            assert terminal.wait_end() == 0
            return bytes(terminal.raw).split(b"=======next\r\n")[:-1]


def test_json_carries_the_exact_text_and_is_ascii(folder: Path) -> None:
    certtui("import", folder, code=3)
    done = certtui("list", "--format", "json")
    assert done.raw.isascii()
    assert not _ACTING.search(done.raw)
    assert {row["common_name"] for row in json.loads(done.out)} >= {hostile.CLIPBOARD, hostile.BIDI, hostile.MARKUP}


def test_csv_to_a_file_carries_the_exact_text(folder: Path) -> None:
    certtui("import", folder, code=3)
    assert hostile.CLIPBOARD in certtui("list", "--format", "csv").out


def test_markup_is_text(folder: Path) -> None:
    certtui("import", folder, code=3)
    assert "[/foo]" in certtui("list").out


def test_five_thousand_names_are_a_count_in_a_list_and_all_of_them_in_show(tmp_path: Path) -> None:
    (tmp_path / "many.crt").write_bytes(hostile.many_names_cert(5000))
    certtui("import", tmp_path / "many.crt")
    assert "+4999" in certtui("list").out
    assert len(certtui("show", "1", "--format", "json").json["sans"]) == 5000
