"""asyncio's own event loop, which waits less for a TLS handshake: asyncio gives a silent client a whole minute."""

from __future__ import annotations

import asyncio
from typing import Any


class Loop(asyncio.SelectorEventLoop):
    """uvicorn names no time for handshakes where it makes its listeners, so it is put in here."""

    handshake = 10.0
    """Seconds from the connection to the end of the handshake."""

    # Any: whatever uvicorn gives, handed on
    async def create_server(self, *args: Any, **more: Any) -> asyncio.Server:
        """As asyncio's."""
        if more.get("ssl") is not None:
            more["ssl_handshake_timeout"] = self.handshake
        return await super().create_server(*args, **more)
