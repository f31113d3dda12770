"""The audit log over HTTP; its list is opened at /audit/listings."""

from __future__ import annotations

from certtui.model.audit import AuditEvent, AuditExport, AuditHead, AuditVerification
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


@ROUTES(
    "POST", "/audit/exports", "audit.record_export", "Put on record that records were written to a file",
    help="What a client says that it did, once it is done; the records themselves come from a listing.",
    takes=AuditExport, example={"count": 120, "form": "jsonl", "filter": "since:2026-01-01"},
)  # fmt: skip
def record_export(call: Call) -> Reply:
    call.backend.audit.record_export(call.body)
    return Reply()


@ROUTES("GET", "/audit/{id}", "audit.get", "Read one record", gives=AuditEvent)
def get(call: Call) -> Reply:
    return reply(call.backend.audit.get(call.id))
