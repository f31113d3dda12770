"""The contexts of the configuration for the console: which there are, and what opens each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.switching import Choice, Contexts, Opener

if TYPE_CHECKING:
    from collections.abc import Sequence

    from certtui.backend.base import BackendInfo
    from certtui.cli.context import Context
    from certtui.model.audit import Actor
    from certtui.model.secret import Secret


class ConfiguredContexts(Contexts):
    """What `certtui.switching` asks for, from the configuration file; the store of the data folder is always among them."""

    def __init__(self, context: Context, actor: Actor) -> None:
        self._context = context
        self._actor = actor

    def choices(self) -> Sequence[Choice]:
        from certtui import paths
        from certtui.cli.remote import asks_token
        from certtui.config import Context as Place

        own = str(paths.default_store(self._context.environ))
        contexts = {"local": Place(), **self._context.config.contexts}
        return [Choice(name, each.url or each.store or own, asks_token(each)) for name, each in contexts.items()]

    def command_option(self, info: BackendInfo) -> str:
        from shlex import quote

        from certtui import config, paths

        found, environ = self._context.config, self._context.environ
        if info.name in found.contexts:
            return "" if info.name == found.default_context else f"--context {quote(info.name)}"
        if info.kind != "local":
            return ""  # named by the environment, which the person's shell has as well
        _, meant = config.resolved(found, environ)
        return (
            "" if info.place == (meant.store or str(paths.default_store(environ))) else f"--store {quote(info.place)}"
        )

    def opener(self, name: str, token: Secret | None = None) -> Opener:
        from certtui import config
        from certtui.backend.factory import open_backend, open_remote
        from certtui.cli.remote import remote_options

        found = self._context.config
        # Without the environment: who chooses by name means what the configuration says of it.
        if name == "local" and name not in found.contexts:
            chosen = config.Context(read_only=self._context.read_only)
        else:
            _, chosen = config.resolved(found, {}, name=name, read_only=self._context.read_only)
        clock = self._context.clock
        if chosen.url:
            server = remote_options(name, chosen, token=token, follow=True)
            return lambda: open_remote(server, clock=clock)
        options = self._context.store_options(name, chosen, create=True)
        return lambda: open_backend(options, actor=self._actor, clock=clock)
