"""The due work over HTTP: whether anybody works. The work itself is done on the server."""

from __future__ import annotations

from certtui.model.work import WorkStatus
from certtui.server.route import Call, Reply, Routes, reply

ROUTES = Routes("work", "Orders, revocations, CRLs, alerts and deliveries that are due; the server does them.")


@ROUTES("GET", "/work", "work.status", "Ask whether anybody works, and what waits", gives=WorkStatus)
def status(call: Call) -> Reply:
    return reply(call.backend.work.status())
