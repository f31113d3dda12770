"""Revoking certificates over HTTP."""

from __future__ import annotations

from certtui.model.certificate import Certificate
from certtui.model.revocation import RevocationForm
from certtui.model.revocation_plan import RevocationPlan
from certtui.server.route import Call, Reply, Routes, reply

ROUTES = Routes("certificates", "")


@ROUTES(
    "POST", "/certificates/{id}/revocation-plan", "certificates.plan_revocation", "See what revoking it would break",
    help="Put on record. 409 for what has no X.509, or is revoked already.", gives=RevocationPlan,
)  # fmt: skip
def plan_revocation(call: Call) -> Reply:
    return reply(call.backend.certificates.plan_revocation(call.id))


@ROUTES(
    "POST", "/certificates/{id}/revoke", "certificates.revoke", "Revoke a certificate for good",
    help="Here at once; its authority is told now, or as soon as it answers. `serial_number` (hex) repeats the "
    "certificate's own: the guard against a wrong id.",
    takes=RevocationForm, gives=Certificate, if_match=True, changes=True, again=lambda call, kept: _page(call),
    example={"serial_number": "0a1b2c", "reason": "superseded"},
)  # fmt: skip
def revoke(call: Call) -> Reply:
    revoked = call.backend.certificates.revoke(call.id, call.seen, call.body)
    return reply(revoked, version=revoked.version)


@ROUTES(
    "POST", "/certificates/{id}/authority-told", "certificates.note_authority_told",
    "Note that a person told the authority of a revocation", help="409 where nobody needs to.",
    gives=Certificate, if_match=True, changes=True, again=lambda call, kept: _page(call),
)  # fmt: skip
def note_authority_told(call: Call) -> Reply:
    told = call.backend.certificates.note_authority_told(call.id, call.seen)
    return reply(told, version=told.version)


def _page(call: Call) -> Reply:
    found = call.backend.certificates.get(call.id)
    return reply(found, version=found.version)
