"""The change feed by asking; the stream itself is in `certtui.server.stream`."""

from __future__ import annotations

from certtui.backend.wire_forms import Latest
from certtui.model.audit import Change
from certtui.server.route import Call, Parameter, Reply, Routes, reply

ROUTES = Routes("feed", "What others changed: by asking, or as server-sent events.")


@ROUTES("GET", "/feed/latest", "feed.latest", "Ask for the newest change's number", gives=Latest)
def latest(call: Call) -> Reply:
    return reply(Latest(call.backend.feed.latest()))


@ROUTES(
    "GET", "/feed/changes", "feed.since", "Read changes after a number, oldest first", gives=tuple[Change, ...],
    query=(
        Parameter("since", "The number of the last change that is known.", {"type": "integer", "minimum": 0}, 0),
        Parameter("limit", "At most so many.", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 1000}),
    ),
)  # fmt: skip
def changes(call: Call) -> Reply:
    found = call.backend.feed.since(call.number("since", 0), call.number("limit", 1000, most=1000))
    return reply(tuple(found), tuple[Change, ...])
