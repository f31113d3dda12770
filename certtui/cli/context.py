"""What a command stands on: which store is meant, who acts, and the backend once it is needed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager

from certtui.cli import terminal
from certtui.errors import Locked, Unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from certtui.backend.base import Backend, StoreAdmin
    from certtui.backend.factory import RemoteOptions, StoreOptions
    from certtui.backend.inspect import Inspect
    from certtui.clock import Clock
    from certtui.config import Config
    from certtui.config import Context as Place
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
    def read_only(self) -> bool:
        """Whether nothing may be changed, whatever the context says."""
        return self._read_only

    @property
    def config(self) -> Config:
        """The configuration file's; raises what `certtui.config.load` raises."""
        if self._config is None:
            from certtui import config

            self._config = config.load(environ=self.environ)
        return self._config

    def mean(self, name: str) -> None:
        """From now on this context is meant."""
        self._name, self._store = name, ""

    @property
    def place(self) -> tuple[str, Place]:
        """What is meant, by its name; raises what `certtui.config.resolved` raises."""
        from certtui import config

        return config.resolved(self.config, self.environ, name=self._name, store=self._store, read_only=self._read_only)

    def remote(self, *, follow: bool = False) -> RemoteOptions | None:
        """The server that is meant, its token asked for where nothing else gives one; None for a store. Raises `Denied`."""
        name, chosen = self.place
        if self.demo or not chosen.url:
            return None
        from certtui.cli.remote import options_of

        return options_of(name, chosen, follow=follow)

    def require_store(self) -> None:
        """Raise `Unsupported` where a server is meant: its store is cared for there."""
        name, chosen = self.place
        if chosen.url and not self.demo:
            raise Unsupported(
                f"The store of “{name}” is on its server, and is cared for there.",
                "Run this on the server's host, with --store.",
            )

    def options(self, *, create: bool = False) -> StoreOptions:
        """Which store, and how it is opened. Raises `Usage` for a passphrase file that can't be read, `Unsupported` for a server."""
        self.require_store()
        name, chosen = self.place
        return self.store_options(name, chosen, create=create)

    def store_options(self, name: str, chosen: Place, *, create: bool = False) -> StoreOptions:
        """The same for a context that is a store."""
        from pathlib import Path

        from certtui import paths
        from certtui.backend.factory import StoreOptions

        url = chosen.store or str(paths.default_store(self.environ))
        return StoreOptions(
            url=url if "://" in url else str(Path(url).expanduser()),
            key_file=Path(chosen.key_file).expanduser() if chosen.key_file else None,
            passphrase=terminal.secret_from(chosen.passphrase_file) if chosen.passphrase_file else None,
            read_only=chosen.read_only,
            create=create and not chosen.read_only,
            name=name,
        )

    def unlockable_options(self) -> StoreOptions:
        """The options with the passphrase, asked for where the store has one and nobody gave it. Raises `Locked`."""
        from dataclasses import replace

        options = self.options()
        status = self.admin().status()
        if options.passphrase is not None or not status.exists or status.protection != "passphrase":
            return options
        if not terminal.can_ask():
            raise Locked("The store is locked.", "Name a file with its passphrase in CERTTUI_PASSPHRASE_FILE.")
        return replace(options, passphrase=terminal.ask_secret("Passphrase of the store"))

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
        server = self.remote()
        backend = self._opened(self.options(create=create)) if server is None else self._reached(server)
        try:
            for warning in backend.info.warnings:
                terminal.say(f"certtui: {warning}")
            yield backend
        finally:
            backend.close()

    def server(self) -> Backend:
        """The server that is meant, for what is about servers alone. Raises `Unsupported` for a store."""
        options = self.remote()
        if options is None:
            raise Unsupported("That context is a store.", "Name one that is a server.")
        return self._reached(options)

    def _reached(self, options: RemoteOptions) -> Backend:
        from certtui.backend.factory import open_remote

        return open_remote(options, clock=self.clock)

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
        if reason := backend.capabilities.why_not("store.unlock"):
            raise Locked("The store is locked.", reason)
        if backend.store.status().protection == "key-file":
            from certtui.model.secret import Secret

            # There is no passphrase to ask for; this says what is wrong with the key file.
            backend.store.unlock(Secret(b""))
            return
        if not terminal.can_ask():
            raise Locked("The store is locked.", "Name a file with its passphrase in CERTTUI_PASSPHRASE_FILE.")
        backend.store.unlock(terminal.ask_secret("Passphrase of the store"))

    @property
    def actor(self) -> Actor:
        """The person at the command line, for the audit log."""
        from certtui.cli.actor import current_actor

        return current_actor(self.environ)
