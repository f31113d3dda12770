"""Bulk acts on the inventory: each one transaction, rows that moved skipped and named."""

from __future__ import annotations

from certtui.backend.wire_forms import MOST_AT_ONCE, DeleteManyBody, EditManyBody
from certtui.model.certificate import BulkOutcome
from certtui.server.route import Call, Reply, Routes, at_most, reply

ROUTES = Routes("certificates", "")

_HELP = f"(id, version) pairs as they were seen, at most {MOST_AT_ONCE}; rows that changed since are skipped and named."


@ROUTES(
    "POST", "/certificates/edit", "certificates.edit_many", "Change labels of many", help=_HELP,
    takes=EditManyBody, gives=BulkOutcome, changes=True,
    example={"versions": [[1, 1], [2, 3]], "changes": {"business_group": "payments"}},
)  # fmt: skip
def edit_many(call: Call) -> Reply:
    at_most(call.body.versions, MOST_AT_ONCE, "versions")
    return reply(call.backend.certificates.edit_many(call.body.versions, call.body.changes))


@ROUTES(
    "POST", "/certificates/delete", "certificates.delete_many", "Delete many", help=_HELP,
    takes=DeleteManyBody, gives=BulkOutcome, changes=True, example={"versions": [[1, 1], [2, 3]]},
)  # fmt: skip
def delete_many(call: Call) -> Reply:
    at_most(call.body.versions, MOST_AT_ONCE, "versions")
    body: DeleteManyBody = call.body
    return reply(
        call.backend.certificates.delete_many(body.versions, dissociate=body.dissociate, consumers=body.consumers)
    )
