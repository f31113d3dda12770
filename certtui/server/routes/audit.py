"""The audit log over HTTP; its list is opened at /audit/listings."""

from __future__ import annotations

from certtui.model.audit import AuditEvent, AuditHead, AuditVerification
from certtui.server.route import Call, Reply, Routes, reply

ROUTES = Routes("audit", "What was done, by whom, from where: append-only and hash-chained.")


@ROUTES(
    "GET", "/audit/head", "audit.head", "Read the newest record's number and hash, to keep elsewhere", gives=AuditHead
)
def head(call: Call) -> Reply:
    return reply(call.backend.audit.head())


@ROUTES(
    "POST", "/audit/verify", "audit.verify", "Check that the log is whole",
    help="Walks the whole chain; takes a second per 100,000 records or so.", gives=AuditVerification,
)  # fmt: skip
def verify(call: Call) -> Reply:
    return reply(call.backend.audit.verify())


@ROUTES("GET", "/audit/{id}", "audit.get", "Read one record", gives=AuditEvent)
def get(call: Call) -> Reply:
    return reply(call.backend.audit.get(call.id))
