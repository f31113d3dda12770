"""Alerts over HTTP: what needs a person."""

from __future__ import annotations

from certtui.backend.wire_forms import (
    MOST_AT_ONCE,
    NoteBody,
    NoteManyBody,
    SnoozeBody,
    SnoozeManyBody,
    ThresholdsBody,
)
from certtui.model.alert import Alert, AlertCounts, SweepReport, Thresholds
from certtui.model.certificate import BulkOutcome
from certtui.server.route import Call, Reply, Routes, at_most, reply

ROUTES = Routes("alerts", "What needs a person: one alert for each thing and kind.")

_MANY = f"(id, version) pairs as they were seen, at most {MOST_AT_ONCE}; those that moved or can't be are skipped and named."
_NOTE = {"note": "renewed on Monday"}
_NOTES = {"versions": [[1, 1], [2, 3]], "note": "known"}
_UNTIL = "2027-01-04T08:00:00Z"


@ROUTES("GET", "/alerts/counts", "alerts.open_counts", "Count open alerts by severity", gives=AlertCounts)
def open_counts(call: Call) -> Reply:
    return reply(call.backend.alerts.open_counts())


@ROUTES(
    "GET", "/alerts/thresholds", "alerts.thresholds", "Read the days at which expiring certificates raise alerts",
    help='What holds for all (group "") first, then groups with their own.', gives=tuple[Thresholds, ...],
)  # fmt: skip
def thresholds(call: Call) -> Reply:
    return reply(tuple(call.backend.alerts.thresholds()), tuple[Thresholds, ...])


@ROUTES(
    "PUT", "/alerts/thresholds", "alerts.set_thresholds", "Set the days of a group, or of all",
    help='`business_group` "" is all; `days` null takes a group\'s own away.',
    takes=ThresholdsBody, gives=tuple[Thresholds, ...], changes=True, again=lambda call, kept: thresholds(call),
    example={"business_group": "payments", "days": [60, 30, 14, 7]},
)  # fmt: skip
def set_thresholds(call: Call) -> Reply:
    body: ThresholdsBody = call.body
    return reply(tuple(call.backend.alerts.set_thresholds(body.business_group, body.days)), tuple[Thresholds, ...])


@ROUTES(
    "POST", "/alerts/sweep", "alerts.sweep", "Look now for what needs a person",
    help="What the worker does every few minutes.", gives=SweepReport, changes=True,
)  # fmt: skip
def sweep(call: Call) -> Reply:
    return reply(call.backend.alerts.sweep())


@ROUTES(
    "POST", "/alerts/acknowledge", "alerts.acknowledge_many", "Take many on", help=_MANY,
    takes=NoteManyBody, gives=BulkOutcome, changes=True, example=_NOTES,
)  # fmt: skip
def acknowledge_many(call: Call) -> Reply:
    at_most(call.body.versions, MOST_AT_ONCE, "versions")
    return reply(call.backend.alerts.acknowledge_many(call.body.versions, call.body.note))


@ROUTES(
    "POST", "/alerts/snooze", "alerts.snooze_many", "Let many be quiet until a time", help=_MANY,
    takes=SnoozeManyBody, gives=BulkOutcome, changes=True, example=_NOTES | {"until": _UNTIL},
)  # fmt: skip
def snooze_many(call: Call) -> Reply:
    at_most(call.body.versions, MOST_AT_ONCE, "versions")
    return reply(call.backend.alerts.snooze_many(call.body.versions, call.body.until, call.body.note))


@ROUTES(
    "POST", "/alerts/resolve", "alerts.resolve_many", "Say that many are done", help=_MANY,
    takes=NoteManyBody, gives=BulkOutcome, changes=True, example=_NOTES,
)  # fmt: skip
def resolve_many(call: Call) -> Reply:
    at_most(call.body.versions, MOST_AT_ONCE, "versions")
    return reply(call.backend.alerts.resolve_many(call.body.versions, call.body.note))


@ROUTES(
    "POST", "/alerts/reopen", "alerts.reopen_many", "Take back what was said of many", help=_MANY,
    takes=NoteManyBody, gives=BulkOutcome, changes=True, example=_NOTES,
)  # fmt: skip
def reopen_many(call: Call) -> Reply:
    at_most(call.body.versions, MOST_AT_ONCE, "versions")
    return reply(call.backend.alerts.reopen_many(call.body.versions, call.body.note))


@ROUTES("GET", "/alerts/{id}", "alerts.get", "Read one alert with its history", gives=Alert)
def get(call: Call) -> Reply:
    return _page(call.backend.alerts.get(call.id))


def _as_it_stands(call: Call, kept: object) -> Reply:
    return get(call)


@ROUTES(
    "POST", "/alerts/{id}/acknowledge", "alerts.acknowledge", "Take one on",
    help="It stays so until it becomes more urgent.",
    takes=NoteBody, gives=Alert, if_match=True, changes=True, again=_as_it_stands, example=_NOTE,
)  # fmt: skip
def acknowledge(call: Call) -> Reply:
    return _page(call.backend.alerts.acknowledge(call.id, call.seen, call.body.note))


@ROUTES(
    "POST", "/alerts/{id}/snooze", "alerts.snooze", "Let one be quiet until a time",
    help="Or until it becomes more urgent.",
    takes=SnoozeBody, gives=Alert, if_match=True, changes=True, again=_as_it_stands, example=_NOTE | {"until": _UNTIL},
)  # fmt: skip
def snooze(call: Call) -> Reply:
    return _page(call.backend.alerts.snooze(call.id, call.seen, call.body.until, call.body.note))


@ROUTES(
    "POST", "/alerts/{id}/resolve", "alerts.resolve", "Say that one is done",
    help="It stays so until its cause goes away and comes back.",
    takes=NoteBody, gives=Alert, if_match=True, changes=True, again=_as_it_stands, example=_NOTE,
)  # fmt: skip
def resolve(call: Call) -> Reply:
    return _page(call.backend.alerts.resolve(call.id, call.seen, call.body.note))


@ROUTES(
    "POST", "/alerts/{id}/reopen", "alerts.reopen", "Take back what was said of one",
    help="409 when its cause is no more.",
    takes=NoteBody, gives=Alert, if_match=True, changes=True, again=_as_it_stands, example=_NOTE,
)  # fmt: skip
def reopen(call: Call) -> Reply:
    return _page(call.backend.alerts.reopen(call.id, call.seen, call.body.note))


def _page(alert: Alert) -> Reply:
    return reply(alert, version=alert.version)
