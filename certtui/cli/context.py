"""What a command stands on: which store is meant, who acts, and the backend once it is needed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from certtui.cli import terminal
from certtui.errors import Locked

if TYPE_CHECKING:
    from argparse import Namespace

    from certtui.backend.base import Backend, StoreAdmin
    from certtui.backend.factory import StoreOptions
    from certtui.backend.inspect import Inspect
    from certtui.clock import Clock
    from certtui.config import Config
    from certtui.model.audit import Actor


class Context:
    """The surroundings of one command: flags, environment and configuration, in this order of precedence."""

    def __init__(self, args: Namespace, environ: Mapping[str, str] = os.environ, clock: Clock | None = None) -> None:
        self.environ = environ
        self.clock = clock
        self.demo = bool(args.demo)
        self.ascii = bool(args.ascii)
        self._store: str = args.store
        self._name: str = args.context
        self._read_only: bool = args.read_only
        self._config: Config | None = None

    @property
    def config(self) -> Config:
        """The configuration file's; raises what `certtui.config.load` raises."""
        if self._config is None:
            from certtui import config

            self._config = config.load(environ=self.environ)
        return self._config

    def options(self, *, create: bool = False) -> StoreOptions:
        """Which store, and how it is opened. Raises `Usage` for a passphrase file that can't be read."""
        from pathlib import Path

        from certtui import config, paths
        from certtui.backend.factory import StoreOptions

        name, chosen = config.resolved(
            self.config, self.environ, name=self._name, store=self._store, read_only=self._read_only
        )
        url = chosen.store or str(paths.default_store(self.environ))
        return StoreOptions(
            url=url if "://" in url else str(Path(url).expanduser()),
            key_file=Path(chosen.key_file).expanduser() if chosen.key_file else None,
            passphrase=terminal.secret_from(chosen.passphrase_file) if chosen.passphrase_file else None,
            read_only=chosen.read_only,
            create=create and not chosen.read_only,
            name=name,
        )

    @contextmanager
    def open(self, *, create: bool = False) -> Iterator[Backend]:
        """The backend; closed at the end. `create` makes a store that is missing, for acts that put something in."""
        if self.demo:
            from certtui.demo import demo_store

            with demo_store(self.clock) as options:
                # The demonstration is of this moment alone: only here are its options changed.
                from dataclasses import replace

                with closing(self._opened(replace(options, read_only=self._read_only))) as backend:
                    yield backend
            return
        backend = self._opened(self.options(create=create))
        try:
            for warning in backend.info.warnings:
                terminal.say(f"certtui: {warning}")
            yield backend
        finally:
            backend.close()

    def _opened(self, options: StoreOptions) -> Backend:
        from certtui.backend.factory import open_backend

        return open_backend(options, actor=self.actor, clock=self.clock)

    def admin(self) -> StoreAdmin:
        """Acts on the store without opening it."""
        from certtui.backend.factory import store_admin

        return store_admin(self.options(), actor=self.actor, clock=self.clock)

    def inspect(self) -> Inspect:
        """What reads certificate files, on this machine."""
        from certtui.backend.factory import open_inspect

        return open_inspect()

    def unlock(self, backend: Backend) -> None:
        """Make sure that keys can be used: asks for the passphrase where there is someone to ask. Raises `Locked`, `Denied`."""
        if not backend.store.locked:
            return
        if not terminal.can_ask():
            raise Locked("The store is locked.", "Name a file with its passphrase in CERTTUI_PASSPHRASE_FILE.")
        backend.store.unlock(terminal.ask_secret("Passphrase of the store"))

    @property
    def actor(self) -> Actor:
        """The person at the command line, for the audit log."""
        from certtui.cli.actor import current_actor

        return current_actor(self.environ)
