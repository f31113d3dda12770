"""The page on CMS lists the forms that the tests run, all of them and no others."""

from __future__ import annotations

import re
from pathlib import Path

from tests.cms_forms import READ_ENCRYPTED, READ_SIGNED, REFUSED, WRITTEN_ENCRYPTED, WRITTEN_SIGNED

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "cms.md").read_text(encoding="utf-8")


def rows(section: str, head: str) -> list[list[str]]:
    """The cells of the rows of one table: that of a section whose first column has this head."""
    text = PAGE.split(f"## {section}\n")[1].split("\n## ")[0]
    table = re.search(rf"^\| {head} \|.*\n\|[-|]+\n((?:\|.*\n)+)", text, re.MULTILINE)
    assert table is not None, (section, head)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[1].splitlines()]


def test_what_is_written_and_read_is_what_the_tests_run() -> None:
    for section, head, forms in (
        ("What is written", "signed", WRITTEN_SIGNED),
        ("What is written", "encrypted", WRITTEN_ENCRYPTED),
        ("What is read", "signed", READ_SIGNED),
        ("What is read", "encrypted", READ_ENCRYPTED),
    ):
        assert [row[0] for row in rows(section, head)] == list(forms), (section, head)


def test_the_commands_that_stand_there_are_those_that_are_run() -> None:
    for head, forms in (("signed", READ_SIGNED), ("encrypted", READ_ENCRYPTED)):
        for name, command in rows("What is read", head):
            form = forms[name]
            assert " ".join((*form.words, *getattr(form, "options", ()))) + "`" in command, name


def test_what_is_refused_is_said_in_these_words() -> None:
    assert {row[0]: row[1] for row in rows("What is refused", "form")} == {n: form.said for n, form in REFUSED.items()}
