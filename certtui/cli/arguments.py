"""The arguments of one command: argparse with our sentences, the options of every command, and what formats there are."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from certtui.cli import terminal
from certtui.cli.usage import Usage as Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from certtui.cli.context import Context

FORMATS = ("table", "json", "csv")

VALUED = ("--store", "--context")
"""Options of every command that take a value; main looks for the command behind them."""
FLAGS = ("--read-only", "--demo", "--ascii")

Arguments = Callable[["Parser"], None]
Run = Callable[["Context", argparse.Namespace], int]


class _Help(argparse.RawDescriptionHelpFormatter):
    """argparse asks `shutil` for the width, for every option, and `shutil` brings three compressors along."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=(terminal.width() or 80) - 2)


class Parser(argparse.ArgumentParser):
    """One command's parser: raises `Usage` instead of ending the process, takes options and arguments in any order.

    argparse's own `parse_intermixed_args` forgets a `--`, and parses everything twice.
    """

    def __init__(self, words: str, summary: str) -> None:
        super().__init__(
            prog=f"certtui {words}".strip(),
            description=summary[:1].upper() + summary[1:] + ".",
            allow_abbrev=False,
            add_help=False,
            formatter_class=_Help,
        )

    def parse(self, argv: Sequence[str]) -> argparse.Namespace:
        """Raises `Usage`, and `SystemExit` after `--help`."""
        options: list[str] = []
        arguments: list[str] = []
        words = iter(argv)
        for word in words:
            if word == "--":
                arguments += words
            elif word == "-" or not word.startswith("-"):
                arguments.append(word)
            else:
                # Joined to its option, a value may begin with a dash, as in `--sort -not_after`.
                value = next(words, None) if self._takes_value(word) else None
                options.append(word if value is None else f"{word}={value}")
        return self.parse_args([*options, *(["--", *arguments] if arguments else [])])

    def _takes_value(self, word: str) -> bool:
        action = self._option_string_actions.get(word)
        return action is not None and action.nargs != 0

    def error(self, message: str) -> NoReturn:
        """What argparse found, as one of our errors."""
        sentence = message[:1].upper() + message[1:]
        if message.startswith("unrecognized arguments: ") and (near := self._nearest(message.split()[2])):
            sentence += f"; the nearest is {near}"
        raise Usage(f"{sentence}.", f"{self.prog} --help tells what there is.")

    def _nearest(self, word: str) -> str:
        from difflib import get_close_matches

        return next(iter(get_close_matches(word.partition("=")[0], list(self._option_string_actions), 1)), "")


def everywhere(parser: Parser) -> None:
    """The options that every command takes."""
    group = parser.add_argument_group("everywhere")
    group.add_argument(
        "--store", metavar="URL|PATH", default="", help="the store, instead of the one in your data folder"
    )
    group.add_argument("--context", metavar="NAME", default="", help="a context of the configuration")
    group.add_argument("--read-only", action="store_true", help="change nothing")
    group.add_argument("--demo", action="store_true", help="a throw-away store with made-up certificates")
    group.add_argument("--ascii", action="store_true", help="write ASCII alone")
    group.add_argument("-h", "--help", action="help", help="show this and end")


def format_option(parser: Parser, *, csv: bool = True) -> None:
    """`--format`, for commands that print rows (or, without CSV, one object)."""
    choices = FORMATS if csv else FORMATS[:2]
    parser.add_argument("--format", choices=choices, default="table", help="how to print it (default: table)")


def password_option(parser: Parser, what: str) -> None:
    """`--password-file`; its first line counts, `-` is standard input."""
    parser.add_argument("--password-file", metavar="FILE", help=f"{what}: the first line of FILE, - for standard input")


def yes_option(parser: Parser) -> None:
    """`--yes`, for scripts."""
    parser.add_argument("--yes", action="store_true", help="don't ask")


def keep_key_options(parser: Parser) -> None:
    """`--keep-key` and `--new-key`: which key renewals have; None where neither is given."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--keep-key",
        action="store_const",
        const=True,
        dest="keep_key",
        help="renewals have the same key: for TLSA records and pins, which name it",
    )
    which.add_argument(
        "--new-key", action="store_const", const=False, dest="keep_key", help="renewals have a new key (the default)"
    )


def count(text: str) -> int:
    """A whole number, 0 or more, for argparse."""
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 0")
    return int(text)
