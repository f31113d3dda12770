"""Finding the command, its arguments, usage errors, help: what happens before anything is opened."""

from __future__ import annotations

import pytest

from certtui.cli.commands import COMMANDS, nouns, verbs
from certtui.cli.main import command, find, main


@pytest.mark.parametrize("words", list(COMMANDS))
def test_every_command_has_a_parser_and_help(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*words.split(), "--help"]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith(f"usage: certtui {words}")
    assert shown.err == ""


@pytest.mark.parametrize("words", list(COMMANDS))
def test_every_option_of_every_command_is_explained(words: str) -> None:
    parser, _ = command(words)
    unexplained = [action.dest for action in parser._actions if not action.help]
    assert unexplained == []


def test_the_overview_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert [words for words in COMMANDS if words not in shown] == []


@pytest.mark.parametrize("noun", [noun for noun in nouns() if verbs(noun)])
def test_a_noun_alone_with_help_names_its_verbs(noun: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([noun, "--help"]) == 0
    shown = capsys.readouterr().out
    assert all(f"{noun} {verb}" in shown for verb in verbs(noun))


def test_a_word_that_resembles_no_command_gets_no_suggestion(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["frobnicate"]) == 2
    assert capsys.readouterr().err.splitlines()[0] == "certtui: There is no command 'frobnicate'."


@pytest.mark.parametrize(
    ("argv", "nearest"),
    [
        (["lst"], "list"),
        (["exprot", "x"], "export"),
        (["csr", "creat"], "create"),
        (["list", "--formt", "csv"], "--format"),
    ],
)
def test_a_typo_is_answered_with_the_nearest_word(
    argv: list[str], nearest: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(argv) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("certtui: ")
    assert nearest in shown.err.splitlines()[0]


@pytest.mark.parametrize(
    "argv",
    [
        ["csr"],
        ["show"],
        ["export", "1"],
        ["export", "1", "--as", "jks", "--out", "-"],
        ["list", "--limit", "-3"],
        ["list", "--limit", "many"],
        ["list", "--format", "yaml"],
        ["edit", "1"],
        ["import"],
        ["import", "--key", "k"],
        ["import", "-", "-"],
        ["import", "x.pfx", "--password-file", "-", "-"],
        ["import", "--from", "host:port"],
        ["import", "--from", "[::1"],
        ["import", "--from", "https://example.com/"],
        ["import", "--from", "example.com:70000"],
        ["associate", "1"],
        ["resource", "add", "x"],
        ["resource", "add", "x", "--type", "toaster"],
        ["csr", "create", "--cn", "x", "--key", "rsa-1024"],
        ["csr", "create", "--key", "ec-256"],
        ["csr", "create", "--cn", "x", "--key", "ec-256", "--subject", "O"],
        ["csr", "create", "--cn", "x", "--key", "ec-256", "--subject", "XX=1"],
        ["csr", "create", "--cn", "x", "--key", "ec-256", "--subject", "CN=y"],
        ["export", "1", "--as", "pem", "--out", "-", "--generate-password"],
        ["export", "1", "--as", "pfx", "--out", "x", "--no-encryption"],
        ["export", "1", "--as", "key", "--out", "x", "--compat"],
        ["export", "1", "--as", "key", "--out", "x", "--password-file", "p", "--generate-password"],
        ["completions", "tcsh"],
        ["--nonsense"],
        ["list", "--store"],
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_is_a_usage_error_in_one_sentence_and_a_hint(
    argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(argv) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("certtui: ")
    assert len(shown.err.splitlines()) <= 2
    assert "Traceback" not in shown.err


def test_what_was_typed_reaches_the_terminal_only_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--\x1b]52;c;AAAA\x07"]) == 2
    assert main(["\x1b[31mlist"]) == 2
    assert "\x1b" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argv", "code"),
    [(["list", "b\udcffd"], 2), (["show", "b\udcff"], 4), (["audit", "list", "\udcff"], 2), (["edit", "\udcff"], 2)],
)
@pytest.mark.usefixtures("inventory")
def test_bytes_that_are_not_text_are_refused_in_a_sentence(
    argv: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(argv) == code
    assert len(capsys.readouterr().err.splitlines()) == 2


@pytest.fixture
def inventory() -> None:
    """A store, since nothing is looked for where there is none."""
    assert main(["store", "init"]) == 0


@pytest.mark.parametrize(
    "argv",
    [
        ["--store", "s.db", "--read-only", "list", "x"],
        ["list", "--store", "s.db", "x", "--read-only"],
        ["list", "x", "--read-only", "--store=s.db"],
        ["--store=s.db", "list", "--read-only", "x"],
    ],
)
def test_the_options_of_every_command_stand_before_or_after_it(argv: list[str]) -> None:
    words, rest = find(argv)
    parser, _ = command(words)
    args = parser.parse(rest)
    assert (words, args.store, args.read_only, args.filter) == ("list", "s.db", True, ["x"])


def test_a_descending_order_may_follow_its_option_as_a_word_of_its_own() -> None:
    parser, _ = command("list")
    assert parser.parse(["--sort", "-not_after", "status:active"]).sort == "-not_after"


def test_options_may_stand_between_arguments() -> None:
    parser, _ = command("delete")
    assert parser.parse(["one", "--yes", "two"]).certificates == ["one", "two"]


def test_words_after_two_dashes_are_arguments() -> None:
    parser, _ = command("list")
    assert parser.parse(["--limit", "3", "--", "-x", "--sort"]).filter == ["-x", "--sort"]


def test_the_version_is_told_also_beside_other_options(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--ascii", "--version"]) == 0
    assert capsys.readouterr().out.startswith("certtui ")


def test_without_a_terminal_the_console_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 1
    assert "needs a terminal" in capsys.readouterr().err
