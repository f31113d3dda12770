"""`certtui container fetch`: what load balancers and scripts call. Keys go to files of 0600, never to standard output."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from certtui.cli import output, terminal
from certtui.cli.arguments import Parser, Usage, format_option
from certtui.cli.container import reference
from certtui.errors import CerttuiError, Locked

if TYPE_CHECKING:
    from argparse import Namespace

    from certtui.backend.base import Backend
    from certtui.cli.context import Context
    from certtui.container_folder import Held
    from certtui.model.consumer import ConsumerForm
    from certtui.model.container import ContainerPayload

UNCHANGED = 6
"""Exit code of a fetch with `--exit-code` that found nothing new."""


def arguments(parser: Parser) -> None:
    """The arguments of `container fetch`."""
    reference(parser)
    parser.add_argument("--out", metavar="DIR", required=True, help="the folder for the files, made if it is not there")
    parser.add_argument(
        "--consumer",
        metavar="SERVICE[:TYPE:ID|URL]",
        help="who fetches: registered, with the version that it has, as nginx:host:web-1",
    )
    parser.add_argument(
        "--exec-if-changed",
        metavar="COMMAND",
        help="a command to run (no shell) once there is something new; run again by the next fetch if it fails",
    )
    parser.add_argument("--exit-code", action="store_true", help=f"end with {UNCHANGED} when nothing is new")
    parser.add_argument("--force", action="store_true", help="write it all again; replace other files of these names")
    format_option(parser, csv=False)


def run(context: Context, args: Namespace) -> int:
    """Fetch, write what is new, run the command."""
    from certtui import container_folder

    folder = Path(args.out).expanduser()
    consumer = consumer_of(args.consumer) if args.consumer else None
    command = _words(args.exec_if_changed)
    with context.open() as backend, container_folder.locked(folder):
        container_id = backend.containers.resolve(args.container)
        held = None if args.force else container_folder.held(folder)
        payload = _fetched(context, backend, container_id, held, consumer)
        if payload is not None:
            contents = container_folder.files_of(payload)
            container_folder.require_free(folder, payload.ref, contents, force=args.force)
            _spare_the_store(backend, folder, contents)
            container_folder.put(folder, payload, contents, pending=bool(command))
            for warning in payload.warnings:
                terminal.say(f"certtui: {warning}")
        if command and container_folder.is_pending(folder):
            _execute(command)
            container_folder.settled(folder)
    _tell(args, folder, held, payload)
    return UNCHANGED if payload is None and args.exit_code else 0


COMMANDS = {"container fetch": (arguments, run)}


def consumer_of(text: str) -> ConsumerForm:
    """`service`, or `service:type:id-or-url`. Raises `Usage`."""
    from certtui.model.consumer import ConsumerForm

    service, *rest = text.split(":", 2)
    if not service or len(rest) == 1:
        raise Usage(f"{text} does not say who fetches.", "Write SERVICE, or SERVICE:TYPE:ID, as nginx:host:web-1.")
    return ConsumerForm(service, *rest)


def _fetched(
    context: Context, backend: Backend, container_id: int, held: Held | None, consumer: ConsumerForm | None
) -> ContainerPayload | None:
    have = "" if held is None else held.digest
    try:
        return backend.containers.fetch(container_id, have=have, consumer=consumer)
    except Locked:
        # What is unchanged needs no key; so it is only now that somebody is asked for the passphrase.
        context.unlock(backend)
        return backend.containers.fetch(container_id, have=have, consumer=consumer)


def _spare_the_store(backend: Backend, folder: Path, contents: dict[str, bytes]) -> None:
    from certtui.own_files import spare_the_store

    for name in contents:
        spare_the_store(backend, folder / name)


def _words(command: str | None) -> list[str]:
    """The words of a command. Raises `Usage`."""
    import shlex

    if command is None:
        return []
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise Usage(
            f"--exec-if-changed is no command: {error}.", "Write it as for a shell, which it does not go to."
        ) from None
    if not words:
        raise Usage("--exec-if-changed is empty.", "Give a command, or leave it out.")
    return words


def _execute(words: list[str]) -> None:
    """Run the command. Raises `CerttuiError` when it fails: the next fetch runs it again."""
    import subprocess

    try:
        ended = subprocess.run(words, stdin=subprocess.DEVNULL, check=False).returncode
    except OSError as error:
        raise CerttuiError(
            f"The files are there, but {words[0]} could not be run: {error.strerror}.", "The next fetch runs it again."
        ) from None
    if ended:
        raise CerttuiError(f"The files are there, but {words[0]} ended with {ended}.", "The next fetch runs it again.")


def _tell(args: Namespace, folder: Path, held: Held | None, payload: ContainerPayload | None) -> None:
    from certtui import container_folder

    names = sorted(container_folder.files_of(payload)) if payload is not None else sorted(held.names if held else ())
    number = payload.number if payload is not None else held.number if held is not None else 0
    if args.format == "json":
        output.json_object(
            {
                "changed": payload is not None,
                "number": number,
                "folder": str(folder),
                "files": list(names),
                "warnings": list(payload.warnings) if payload is not None else [],
            }
        )
    elif payload is not None:
        terminal.say(f"Wrote version {number} of {payload.name} to {folder}: {', '.join(names)}.")
    else:
        terminal.say(f"Nothing is new: {folder} has version {number}.")
