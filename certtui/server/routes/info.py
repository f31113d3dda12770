"""Who I am here, and what this server can do: the first question of every client."""

from __future__ import annotations

from certtui import __version__
from certtui.backend.wire_forms import ServerInfo
from certtui.model.access import ACTS, refusal
from certtui.server.route import Call, Reply, Routes, reply

ROUTES = Routes("info", "The server and you.")


@ROUTES("GET", "/info", "info", "Ask who you are here, and what you may do", gives=ServerInfo)
def info(call: Call) -> Reply:
    own, access = call.backend.info, call.identity.access
    return reply(
        ServerInfo(
            name=own.name,
            version=__version__,
            actor=call.identity.actor,
            access=access,
            role=str(access.role),
            read_only=own.read_only,
            locked=call.backend.store.locked,
            demo=own.demo,
            now=call.state.serving.clock.now(),
            acts=tuple(ACTS),
            refused={act: reason for act in ACTS if (reason := refusal(access, act))},
        )
    )
