"""Connections that outlive a question: TLS is set up once for many orders, and nonces are at hand."""

from __future__ import annotations

import threading

from certtui.authorities.acme.connection import Connection

_MOST = 8
_guard = threading.Lock()
_open: dict[tuple[str, str, float], Connection] = {}


def shared(directory_url: str, ca_file: str = "", timeout: float = 15.0) -> Connection:
    """The connection of this process to a server. Raises `Invalid`."""
    key = (directory_url, ca_file, timeout)
    with _guard:
        found = _open.pop(key, None) or Connection(directory_url, ca_file=ca_file, timeout=timeout)
        _open[key] = found
        # The one that was not used for longest goes; whoever still asks by it ends that question first.
        if len(_open) > _MOST:
            _open.pop(next(iter(_open)))
        return found
