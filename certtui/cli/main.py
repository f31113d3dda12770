"""The command line's entry: finds the command, builds its parser alone, turns every error into a sentence and a code.

Exit codes: 0 done, 1 failed, 2 usage, 3 done in part, 4 not found, 5 denied or locked, 130 interrupted, 141 when
whoever read our output went away.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Mapping, Sequence

from certtui.errors import Ambiguous, CerttuiError, Invalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from certtui.cli.arguments import Parser, Run, Usage

USAGE = 2
INTERRUPTED = 130
NOBODY_READS = 141


def main(argv: Sequence[str], environ: Mapping[str, str] = os.environ) -> int:
    """Run one command line; returns the exit code, never raises."""
    try:
        code = _run(argv, environ)
        sys.stdout.flush()
    except SystemExit as end:
        # argparse ends so after --help.
        code = end.code if isinstance(end.code, int) else 0
    except KeyboardInterrupt:
        _say("certtui: interrupted.")
        return INTERRUPTED
    except BrokenPipeError:
        _silence()
        return NOBODY_READS
    except OSError as error:
        # One that names no file is of our own streams; every other is an error of ours, since the backends translate theirs.
        if error.filename is not None:
            return _crash(error, argv, environ)
        _silence()
        _say(f"certtui: Standard output can't be written: {(error.strerror or str(error)).lower()}.")
        return 1
    except UnicodeEncodeError as error:
        if not any("\ud800" <= char <= "\udfff" for word in argv for char in word):
            return _crash(error, argv, environ)
        # Bytes that are not text are fine in a path, and in nothing else.
        _say("certtui: An argument holds bytes that are not text.", "Type it in UTF-8.")
        return USAGE
    except CerttuiError as error:
        if environ.get("CERTTUI_DEBUG"):
            raise
        return _report(error)
    except Exception as error:
        if environ.get("CERTTUI_DEBUG"):
            raise
        return _crash(error, argv, environ)
    return code


def find(argv: Sequence[str]) -> tuple[str, list[str]]:
    """The command's words and the other arguments; ("", …) for the console. Raises `Usage` with the nearest command."""
    from certtui.cli.arguments import VALUED
    from certtui.cli.commands import COMMANDS, nouns, verbs

    before: list[str] = []
    words = list(argv)
    while words and words[0].startswith("-") and words[0] != "--":
        before.append(words.pop(0))
        if before[-1] in VALUED and words:
            before.append(words.pop(0))
    if not words:
        return "", before
    noun = words.pop(0)
    if noun in COMMANDS:
        return noun, before + words
    if not (known := verbs(noun)):
        raise _unknown(f"There is no command {noun!r}", noun, nouns(), "certtui --help")
    if not words or words[0].startswith("-"):
        if any(word in ("-h", "--help") for word in words):
            _write_overview(noun)
            raise SystemExit(0)
        raise _unknown(f"certtui {noun} needs one of {', '.join(known)}", "", [], f"certtui {noun} --help")
    if (verb := words.pop(0)) not in known:
        raise _unknown(f"There is no command '{noun} {verb}'", verb, known, f"certtui {noun} --help")
    return f"{noun} {verb}", before + words


def command(words: str) -> tuple[Parser, Run]:
    """The parser of one command and what runs it; imports that command's module alone."""
    from importlib import import_module

    from certtui.cli.arguments import Parser, everywhere
    from certtui.cli.commands import COMMANDS

    module, summary = COMMANDS[words]
    arguments, run = import_module(module).COMMANDS[words]
    parser = Parser(words, summary)
    arguments(parser)
    everywhere(parser)
    return parser, run


def _run(argv: Sequence[str], environ: Mapping[str, str]) -> int:
    from certtui.cli import terminal

    terminal.set_up(ascii_only="--ascii" in argv)
    words, rest = find(argv)
    # A start makes hundreds of thousands of objects that stay: looking through them again and again is a tenth of a short command.
    gc.set_threshold(200_000 if words else 50_000, 20, 20)
    # A command line of its own that httpx would bring along, with click and rich; it does without where click is missing.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # None is how an import is made to fail
    if not words:
        return _run_console(rest, environ)
    parser, run = command(words)
    args = parser.parse(rest)
    from certtui.cli.context import Context

    return run(Context(args, environ), args)


def _run_console(rest: Sequence[str], environ: Mapping[str, str]) -> int:
    if any(word in ("-h", "--help") for word in rest):
        _write_overview("")
        return 0
    if any(word in ("-V", "--version") for word in rest):
        from certtui import __version__

        sys.stdout.write(f"certtui {__version__}\n")
        return 0
    from certtui.cli.arguments import Parser, everywhere
    from certtui.cli.console import run
    from certtui.cli.context import Context

    parser = Parser("", "the console for certificates")
    everywhere(parser)
    return run(Context(parser.parse(rest), environ))


def _write_overview(noun: str) -> None:
    from certtui.cli.commands import COMMANDS

    rows = [(words, summary) for words, (_, summary) in COMMANDS.items() if not noun or words.startswith(f"{noun} ")]
    wide = max(len(words) for words, _ in rows)
    if noun:
        sys.stdout.write(f"certtui {noun} COMMAND ...\n\n")
    else:
        sys.stdout.write("certtui [--store URL|PATH] [--read-only] [--demo] [--ascii]   opens the console\n")
        sys.stdout.write("certtui COMMAND ...                                           does one thing\n\n")
    sys.stdout.writelines(f"  {words:<{wide}}  {summary}\n" for words, summary in rows)
    sys.stdout.write("\ncerttui COMMAND --help tells the rest.\n")


def _unknown(sentence: str, word: str, known: Sequence[str], hint: str) -> Usage:
    from difflib import get_close_matches

    from certtui.cli.arguments import Usage

    near = get_close_matches(word, known, n=1, cutoff=0.6)
    return Usage(f"{sentence}; the nearest is {near[0]!r}." if near else f"{sentence}.", f"{hint} tells what there is.")


def _report(error: CerttuiError) -> int:
    _say(f"certtui: {error.message}", *([error.hint] if error.hint else []))
    if isinstance(error, Ambiguous):
        width = max(len(str(number)) for number, _ in error.candidates) if error.candidates else 0
        for number, label in error.candidates:
            _say(f"  {number:>{width}}  {label}")
    # A filter or a sort that makes no sense is a matter of the command line, wherever it was found out.
    if isinstance(error, Invalid) and error.field in ("filter", "sort"):
        return USAGE
    return error.exit_code


def _crash(error: Exception, argv: Sequence[str], environ: Mapping[str, str]) -> int:
    from certtui import crash

    # The words of the command alone: what else was typed may be anything.
    doing = next((word for word in argv if word.isalpha()), "the command line")
    _say(f"certtui: {crash.sentence(error, crash.write_report(error, doing=doing, environ=environ))}")
    return 1


def _say(*lines: str) -> None:
    from certtui.cli import terminal

    try:
        terminal.say(*lines)
    except (OSError, ValueError):
        _silence()


def _silence() -> None:
    """Point standard output at nothing, so that the interpreter's own flush at the end says nothing either."""
    with contextlib.suppress(OSError, ValueError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, sys.stdout.fileno())
        os.close(nothing)
