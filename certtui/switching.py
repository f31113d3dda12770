"""Other places with certificates that the console may be switched to, and the switch itself: one stays at the same place.

The old backend stays until the new one has answered, so a server that does not answer takes nothing from the screen.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from certtui import work
from certtui.errors import CerttuiError
from certtui.record import dataclass

if TYPE_CHECKING:
    from certtui.app import CerttuiApp
    from certtui.backend.base import Backend, BackendInfo
    from certtui.model.secret import Secret

Opener = Callable[[], "Backend"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One context: its name, its path or URL, and whether its token has to be typed."""

    name: str
    place: str
    asks_token: bool = False


class Contexts(Protocol):
    """The contexts of the configuration, given to the console by the command line."""

    def choices(self) -> Sequence[Choice]: ...

    def command_option(self, info: BackendInfo) -> str:
        """What a command line needs so that it means the place shown: `--context NAME`, `--store PATH`, or "" where it is meant anyway."""

    def opener(self, name: str, token: Secret | None = None) -> Opener:
        """What opens that context, in a thread. Raises what a wrong configuration raises."""


def switch(app: CerttuiApp, opener: Opener, *, failed: Callable[[CerttuiError], object]) -> None:
    """Open another backend and stand at the same place with it; pages over the place are left."""

    def opened(backend: Backend) -> None:
        old = app.change_backend(backend, opener)
        if old is not None:
            # Closing waits for a change that has begun.
            threading.Thread(target=old.close, name="certtui-close", daemon=True).start()

    work.run(app, opener, done=opened, failed=failed, key="open")
