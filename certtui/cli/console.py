"""No command: the console. Here its settings come together, from configuration, state and flags."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from certtui.errors import Unsupported

if TYPE_CHECKING:
    from collections.abc import Sequence

    from certtui.app import Settings
    from certtui.backend.base import Backend
    from certtui.backend.factory import StoreOptions
    from certtui.cli.context import Context

_COLUMNS = "columns"
_LONGEST_END = 5.0
"""Seconds that leaving waits for a change which has begun."""


def run(context: Context) -> int:
    """Open it on this terminal; returns when the person leaves. Raises `Unsupported` where there is no terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Unsupported(
            "The console needs a terminal, and this is none.", "certtui --help tells the commands for scripts."
        )
    from certtui import crash, log

    crash.no_core_dumps()
    log.start()
    # Errors of the configuration are told here, on the terminal as it was, not on a screen.
    settings, server = _settings(context), context.remote(follow=True)
    options = None if server else context.options(create=True)
    from certtui.app import CerttuiApp
    from certtui.backend.factory import open_backend, open_inspect, open_remote
    from certtui.cli.actor import current_actor
    from certtui.cli.console_contexts import ConfiguredContexts

    actor = current_actor(context.environ, via="console")
    with ExitStack() as stack:
        # Made and taken away here, not in the thread that fills it: a person may leave before that is done.
        folder = Path(mkdtemp(prefix="certtui-demo-")) if context.demo else Path()
        if context.demo:
            stack.callback(rmtree, folder, ignore_errors=True)

        def opened() -> Backend:
            if server is not None:
                return open_remote(server, clock=context.clock)
            assert options is not None, "a store, when it is no server"  # noqa: S101
            if not context.demo:
                return _unlocked(open_backend(options, actor=actor, clock=context.clock), options)
            from certtui.clock import Clock
            from certtui.demo import make_demo

            made = make_demo(folder, context.clock or Clock())
            return open_backend(replace(made, read_only=options.read_only), actor=actor, clock=context.clock)

        contexts = None if context.demo else ConfiguredContexts(context, actor)
        app = CerttuiApp(opened, open_inspect, settings=settings, clock=context.clock, contexts=contexts)
        stack.callback(lambda: app.backend.close() if app.backend else None)
        code = app.run() or app.return_code or 0
        app.jobs.see_through(_LONGEST_END)
        return code


def _unlocked(backend: Backend, options: StoreOptions) -> Backend:
    """Try a passphrase that was given: its Argon2 runs here, in the thread that opens, not at the first look of a screen."""
    if options.passphrase is not None:
        _ = backend.store.locked
    return backend


def _settings(context: Context) -> Settings:
    from certtui import state
    from certtui.app import Settings

    config = context.config
    chosen = {
        place: tuple(str(each) for each in columns)
        for place, columns in state.read(_COLUMNS).items()
        if isinstance(columns, list)
    }
    return Settings(
        theme=config.theme,
        ascii=context.ascii or config.ascii,
        keys=config.keys,
        columns={**config.columns, **chosen},
        save_columns=_save_columns,
        idle_lock_seconds=60.0 * config.idle_lock_minutes,
        clipboard=config.clipboard,
        clipboard_clear_seconds=float(config.clipboard_clear_seconds),
        worker=config.worker,
    )


def _save_columns(place: str, columns: Sequence[str]) -> None:
    from certtui import state

    state.write(_COLUMNS, {**state.read(_COLUMNS), place: list(columns)})
