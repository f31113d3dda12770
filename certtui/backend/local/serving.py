"""An open local store as a server needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.model.secret import Secret

if TYPE_CHECKING:
    from certtui.backend.base import Backend
    from certtui.backend.local.backend import LocalBackend
    from certtui.backend.local.once import LocalAnswers
    from certtui.clock import Clock
    from certtui.model.access import Identity
    from certtui.model.once import Once


class LocalServing:
    """`server.port.Serving` over a local store."""

    def __init__(self, backend: LocalBackend) -> None:
        # Here, in one thread: two that import SQLAlchemy for the first time, from two ends, get half of it.
        import certtui.backend.local.tables  # noqa: F401

        self._backend = backend

    @property
    def clock(self) -> Clock:
        return self._backend.clock

    @property
    def backend(self) -> Backend:
        return self._backend

    @property
    def answers(self) -> LocalAnswers:
        return self._backend.answers

    def acting(self, identity: Identity, *, request_id: str, once: Once | None = None) -> Backend:
        return self._backend.acting(identity, via="api", request_id=request_id, once=once)

    def authenticate_token(self, token: bytes, address: str) -> Identity:
        return self._backend.authenticate_token(Secret(token), where=address)

    def authenticate_certificate(self, der: bytes, address: str) -> Identity:
        return self._backend.authenticate_certificate(der, where=address)

    def login_delay(self, address: str) -> float:
        return self._backend.logins.failed.delay(address)
