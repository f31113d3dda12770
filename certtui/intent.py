"""What a person means to do once, whatever the network makes of it.

    with intent.of(form_id):
        backend.csrs.create(request)

A form has an id of its own, kept with what is typed in it. A backend that is reached over a network makes its idempotency
keys from it and from what is sent: saving the same form again is the same act, also after a dropped connection, a
restarted server or a restarted console. Other backends have no use for it.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_current: ContextVar[str] = ContextVar("certtui-intent", default="")


def new() -> str:
    """An id for a form that is begun."""
    from secrets import token_hex

    return token_hex(16)


@contextmanager
def of(form_id: str) -> Iterator[None]:
    """What is called inside, in this thread, belongs to that form."""
    token = _current.set(form_id)
    try:
        yield
    finally:
        _current.reset(token)


def current() -> str:
    """The id of the form that is being saved, "" outside of one."""
    return _current.get()
