"""Channels over HTTP: ways for alerts out of the console."""

from __future__ import annotations

from certtui.backend.wire_forms import Id
from certtui.model.channel import Calendar, Channel, ChannelForm, Delivery, DeliveryResult
from certtui.server.route import Call, Parameter, Reply, Routes, reply

ROUTES = Routes("channels", "Ways for alerts out: webhooks and mail. Their secrets are sealed, and never told again.")

_FORM = {
    "name": "on-call",
    "settings": {"type": "webhook", "url": "https://hooks.example.com/certtui"},
    "min_severity": "critical",
}


@ROUTES("GET", "/channels", "channels.list", "List channels by name", gives=tuple[Channel, ...])
def list_all(call: Call) -> Reply:
    return reply(tuple(call.backend.channels.list()), tuple[Channel, ...])


@ROUTES(
    "GET", "/channels/resolve", "channels.resolve", "Find one by id or unique name", gives=Id,
    query=(Parameter("reference", "An id or a name.", example="on-call"),),
)  # fmt: skip
def resolve(call: Call) -> Reply:
    return reply(Id(call.backend.channels.resolve(call.reference)))


@ROUTES(
    "GET", "/channels/calendar", "channels.calendar", "Read expiries as iCalendar text",
    help="Of the next thirteen months, as far as you may see. /api/v1/calendar.ics is the same to subscribe to.",
    gives=Calendar,
)  # fmt: skip
def calendar(call: Call) -> Reply:
    return reply(call.backend.channels.calendar())


@ROUTES(
    "POST", "/channels", "channels.add", "Add a channel",
    help="`settings` say by their `type` what it is. A command or a file can be named on the server's host alone. `secret` "
    "(base64) is sealed.",
    takes=ChannelForm, gives=Channel, changes=True, created=True, example=_FORM,
    again=lambda call, kept: _page(call.backend.channels.get(kept.first("channel"))),
)  # fmt: skip
def add(call: Call) -> Reply:
    return _page(call.backend.channels.add(call.body))


@ROUTES("GET", "/channels/{id}", "channels.get", "Read one channel", gives=Channel)
def get(call: Call) -> Reply:
    return _page(call.backend.channels.get(call.id))


@ROUTES(
    "PUT", "/channels/{id}", "channels.edit", "Change a channel",
    help="The whole form; its type stays. `secret` null keeps the one that is there, an empty one removes it.",
    takes=ChannelForm, gives=Channel, if_match=True, changes=True, again=lambda call, kept: get(call),
    example=_FORM | {"enabled": False},
)  # fmt: skip
def edit(call: Call) -> Reply:
    return _page(call.backend.channels.edit(call.id, call.seen, call.body))


@ROUTES(
    "DELETE", "/channels/{id}", "channels.remove", "Remove a channel with its secret and what waits for it",
    if_match=True, changes=True, again=lambda call, kept: Reply(),
)  # fmt: skip
def remove(call: Call) -> Reply:
    call.backend.channels.remove(call.id, call.seen)
    return Reply()


@ROUTES(
    "POST", "/channels/{id}/test", "channels.test", "Send a test message now",
    help="It is kept in the history. Its outcome is in the answer, be it good or bad.",
    gives=DeliveryResult, changes=True,
)  # fmt: skip
def test(call: Call) -> Reply:
    return reply(call.backend.channels.test(call.id))


@ROUTES(
    "GET", "/channels/{id}/deliveries", "channels.deliveries", "Read the newest messages along a channel",
    gives=tuple[Delivery, ...],
    query=(Parameter("limit", "At most so many.", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}),),
)  # fmt: skip
def deliveries(call: Call) -> Reply:
    found = call.backend.channels.deliveries(call.id, call.number("limit", 100, most=1000))
    return reply(tuple(found), tuple[Delivery, ...])


def _page(channel: Channel) -> Reply:
    return reply(channel, version=channel.version)
