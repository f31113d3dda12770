"""The page on policies has every rule, every option, and JSON that is read."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from certtui.cli.main import command
from certtui.model.policy import PolicyForm, PolicyRules, PolicyScope
from certtui.model.policy_check import checked_form, checked_pattern
from certtui.model.policy_json import form_of
from certtui.model.policy_sets import ready_made_sets

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "policies.md").read_text(encoding="utf-8")


def test_every_rule_and_every_limit_stands_there() -> None:
    for name in (*PolicyScope.__slots__, *PolicyRules.__slots__):
        assert re.search(rf"`{name}[:`]", PAGE), name


def test_every_option_stands_there_and_every_option_that_stands_there_exists() -> None:
    parser, _ = command("policy add")
    known = set(parser._option_string_actions)
    rules = {option for option in known if option.startswith("--")}
    everywhere = {"--store", "--context", "--read-only", "--demo", "--ascii", "--help", "--enable", "--outcome"}
    for option in rules - everywhere:
        assert option in PAGE, option
    table = PAGE.split("## What it is about")[1].split("## Patterns")[0]
    for option in re.findall(r"\| `(--[a-z-]+)", table):
        assert option in known, option


def test_the_example_in_json_is_a_policy() -> None:
    form = form_of(PAGE.split("```json")[1].split("```")[0])
    assert isinstance(checked_form(form), PolicyForm)
    assert form.rules is not None
    assert [limit.days for limit in form.rules.validity] == [200, 100]


def test_every_pattern_of_the_page_is_one() -> None:
    table = PAGE.split("## Patterns of names")[1].split("Names are compared")[0]
    patterns = [
        pattern
        for line in table.splitlines()
        for pattern in re.findall(r"`([^`]+)`", line.split("|")[1] if "|" in line else "")
    ]
    assert len(patterns) > 10
    for pattern in patterns:
        assert checked_pattern(pattern, "names")


def test_every_command_of_the_page_parses_and_every_set_is_named() -> None:
    blocks = re.findall(r"```\n(.*?)```", PAGE, re.DOTALL)
    lines = [
        line.partition("  #")[0] for block in blocks for line in block.splitlines() if line.startswith("certtui policy")
    ]
    assert len(lines) > 4
    for line in lines:
        words = shlex.split(line)
        parser, _ = command(" ".join(words[1:3]))
        parser.parse(words[3:])
    assert all(f"**{one.name}**" in PAGE for one in ready_made_sets())
