"""`certtui completions`: what a shell needs to complete our commands, made from their parsers."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from certtui.cli.arguments import Parser
from certtui.cli.commands import COMMANDS as ALL
from certtui.cli.commands import nouns, verbs

if TYPE_CHECKING:
    import argparse
    from argparse import Namespace

    from certtui.cli.context import Context

_FILES = ("FILE", "PATH", "URL|PATH")
_GLOBAL = ("--store", "--context", "--read-only", "--demo", "--ascii", "--help", "--version")


class _Option(NamedTuple):
    names: tuple[str, ...]
    takes: str
    """"" for a flag, `files`, `any`, or words to choose from."""
    help: str


def _arguments(parser: Parser) -> None:
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), help="the shell")


def _run(context: Context, args: Namespace) -> int:
    sys.stdout.write(script(args.shell))
    return 0


COMMANDS = {"completions": (_arguments, _run)}


def script(shell: str) -> str:
    """The completion script for `bash`, `zsh` or `fish`."""
    match shell:
        case "bash":
            return _bash()
        case "zsh":
            # zsh runs bash completions; one source keeps the two the same.
            return "#compdef certtui\nautoload -U +X bashcompinit && bashcompinit\n" + _bash()
        case _:
            return _fish()


def _described(words: str) -> tuple[list[_Option], str]:
    """The options of a command, and what its arguments are (as in `_Option.takes`)."""
    from certtui.cli.main import command

    parser, _ = command(words)
    options, positional = [], "any"
    for action in parser._actions:  # argparse has no public way to list them
        if action.option_strings:
            options.append(_Option(tuple(action.option_strings), _takes(action), action.help or ""))
        elif (takes := _takes(action)) != "any":
            positional = takes
    return options, positional


def _takes(action: argparse.Action) -> str:
    if action.nargs == 0:
        return ""
    if action.choices is not None:
        return " ".join(map(str, action.choices))
    return "files" if str(action.metavar) in _FILES else "any"


def _bash() -> str:
    options, values, positionals = [], [], []
    for words in ALL:
        described, positional = _described(words)
        options.append(f'    "{words}") echo "{" ".join(name for option in described for name in option.names)}" ;;')
        positionals.append(f'    "{words}") echo "{positional}" ;;')
        values += [
            f'    "{words} {name}") echo "{option.takes}" ;;'
            for option in described
            if option.takes
            for name in option.names
        ]
    second = [f'    "{noun}") echo "{" ".join(verbs(noun))}" ;;' for noun in nouns() if verbs(noun)]
    return _BASH.format(
        nouns=" ".join(nouns()),
        everywhere=" ".join(_GLOBAL),
        verbs="\n".join(second),
        options="\n".join(options),
        values="\n".join(values),
        positionals="\n".join(positionals),
    )


_BASH = """# certtui: completions for bash; put `source <(certtui completions bash)` into ~/.bashrc
_certtui_verbs() {{
  case "$1" in
{verbs}
  esac
}}
_certtui_options() {{
  case "$1" in
{options}
    *) echo "{everywhere}" ;;
  esac
}}
_certtui_value() {{
  case "$1" in
{values}
    *" --store"|"--store") echo files ;;
    *" --context"|"--context") echo any ;;
  esac
}}
_certtui_argument() {{
  case "$1" in
{positionals}
  esac
}}
_certtui_reply() {{
  case "$1" in
    files) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$2")) ;;
    any) COMPREPLY=() ;;
    *) COMPREPLY=($(compgen -W "$1" -- "$2")) ;;
  esac
}}
_certtui() {{
  local word cur="${{COMP_WORDS[COMP_CWORD]}}" prev="" words="" skip="" i
  local IFS=$' \\t\\n'
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="${{COMP_WORDS[i]}}"
    prev="$word"
    if [[ -n "$skip" ]]; then skip=""; prev=""; continue; fi
    case "$word" in
      --*) [[ -n "$(_certtui_value "$words $word")" || -n "$(_certtui_value "$word")" ]] && skip=1 ;;
      -*) ;;
      *)
        if [[ -z "$words" ]]; then words="$word"
        elif [[ "$words" != *" "* && " $(_certtui_verbs "$words") " == *" $word "* ]]; then words="$words $word"
        fi ;;
    esac
  done
  local value=""
  if [[ -n "$skip" ]]; then
    value="$(_certtui_value "$words $prev")"
    [[ -z "$value" ]] && value="$(_certtui_value "$prev")"
  fi
  if [[ -n "$value" ]]; then _certtui_reply "$value" "$cur"
  elif [[ "$cur" == -* ]]; then _certtui_reply "$(_certtui_options "$words")" "$cur"
  elif [[ -z "$words" ]]; then _certtui_reply "{nouns}" "$cur"
  elif [[ "$words" != *" "* && -n "$(_certtui_verbs "$words")" ]]; then _certtui_reply "$(_certtui_verbs "$words")" "$cur"
  else _certtui_reply "$(_certtui_argument "$words")" "$cur"
  fi
}}
complete -F _certtui certtui
"""


def _fish() -> str:
    return "\n".join(
        ("# certtui: completions for fish; put this into ~/.config/fish/completions/certtui.fish", *_fish_lines(), "")
    )


def _fish_lines() -> Iterator[str]:
    yield "complete -c certtui -f"
    for noun in nouns():
        summary = ALL[noun][1] if noun in ALL else f"{', '.join(verbs(noun))}"
        yield f"complete -c certtui -n __fish_use_subcommand -a {noun} -d {_quoted(summary)}"
    for words, (_, summary) in ALL.items():
        noun, _, verb = words.partition(" ")
        here = f"__fish_seen_subcommand_from {noun}"
        if verb:
            siblings = " ".join(verbs(noun))
            yield f"complete -c certtui -n {_quoted(f'{here}; and not __fish_seen_subcommand_from {siblings}')} -a {verb} -d {_quoted(summary)}"
            here += f"; and __fish_seen_subcommand_from {verb}"
        options, positional = _described(words)
        if positional == "files":
            yield f"complete -c certtui -n {_quoted(here)} -F"
        elif positional != "any":
            yield f"complete -c certtui -n {_quoted(here)} -a {_quoted(positional)}"
        for option in options:
            yield f"complete -c certtui -n {_quoted(here)} {_fish_option(option)}"


def _fish_option(option: _Option) -> str:
    parts = [f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names]
    match option.takes:
        case "":
            pass
        case "files":
            parts.append("-r -F")
        case "any":
            parts.append("-x")
        case words:
            parts.append(f"-x -a {_quoted(words)}")
    return " ".join([*parts, f"-d {_quoted(option.help)}"])


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
