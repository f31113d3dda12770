"""The table of acts in the docs is the one in the code."""

from __future__ import annotations

from pathlib import Path

from certtui.model.access import ACTS, Access, Role, Rule, refusal

PAGE = Path(__file__).resolve().parents[2] / "docs" / "access.md"
BEGIN, END = "<!-- acts -->\n", "<!-- /acts -->"


def table() -> str:
    """The table as it has to stand in the page."""
    lines = ["", "| act | viewer | operator | admin |", "|---|---|---|---|"]
    for act, rule in ACTS.items():
        lines.append(f"| `{act}` | " + " | ".join(_cell(act, rule, role) for role in Role) + " |")
    return "\n".join(lines) + "\n\n"


def _cell(act: str, rule: Rule, role: Role) -> str:
    if refusal(Access(role), act) == "":
        return "yes, without a scope" if rule.whole else "yes"
    return "with export-keys" if rule.keys and refusal(Access(role, True), act) == "" else ""


def test_the_page_has_the_table_of_the_code() -> None:
    _, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    found, end, _ = rest.partition(END)
    assert end
    assert found == table(), "write it anew: python -m tests.unit.test_access_docs"


def test_the_page_names_every_option_of_a_token() -> None:
    from certtui.cli.main import command

    text = PAGE.read_text(encoding="utf-8")
    for words in ("token create", "token list", "token revoke", "token map", "token unmap"):
        parser, _ = command(words)
        assert f"certtui {words}" in text
        group = next(each for each in parser._action_groups if each.title == "everywhere")
        own = [action for action in parser._actions if action not in group._group_actions]
        options = [option for action in own for option in action.option_strings if option.startswith("--")]
        assert [option for option in options if option not in text and option not in ("--help", "--format")] == []


if __name__ == "__main__":
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(before + BEGIN + table() + END + rest.partition(END)[2], encoding="utf-8")
