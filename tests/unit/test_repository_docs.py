"""The page on repositories has every data source, every option, and commands that parse."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from certtui.backend.local import events
from certtui.cli.main import command
from certtui.cli.repository import RISKS
from certtui.model.repository import DataSource

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "repositories.md").read_text(encoding="utf-8")


def test_every_data_source_stands_there_with_its_words() -> None:
    for source in DataSource:
        assert f"| `{source.value}` | {source.label} |" in PAGE


def test_every_command_of_the_page_parses() -> None:
    blocks = re.findall(r"```\n(.*?)```", PAGE, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if line.startswith("certtui ")]
    assert len(lines) > 5
    for line in lines:
        words = shlex.split(line)
        two = " ".join(words[1:3])
        known = two if two.split()[0] in ("repository", "ca") else words[1]
        parser, _ = command(known)
        parser.parse(words[1 + len(known.split()) :])


def test_what_is_agreed_to_and_what_is_on_record_stands_there() -> None:
    assert f'"{RISKS}"' in PAGE
    for name, event in vars(events).items():
        if name.startswith("REPOSITORY_"):
            assert event.removeprefix("repository") in PAGE
