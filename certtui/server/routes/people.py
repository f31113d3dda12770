"""Tokens and client certificates over HTTP, for admins."""

from __future__ import annotations

from certtui.backend.wire_forms import MappingBody
from certtui.model.access import CertificateMapping, NewToken, TokenForm, TokenInfo
from certtui.server.route import Call, Reply, Routes, reply

ROUTES = Routes("people", "Tokens and client certificates that stand for people and services.")

_ACCESS = {"role": "operator", "groups": ["payments"]}


@ROUTES(
    "POST", "/tokens", "people.create_token", "Make a token",
    help="The token (base64) is in this answer and never again; a retry with the same Idempotency-Key gets a 409 that says so.",
    takes=TokenForm, gives=NewToken, changes=True, secret=True, created=True,
    example={"actor": "ci-deploy", "access": _ACCESS, "expires_at": "2027-01-01T00:00:00Z"},
)  # fmt: skip
def create_token(call: Call) -> Reply:
    return reply(call.backend.people.create_token(call.body))


@ROUTES("GET", "/tokens", "people.list_tokens", "List tokens, newest first", gives=tuple[TokenInfo, ...])
def list_tokens(call: Call) -> Reply:
    return reply(tuple(call.backend.people.list_tokens()), tuple[TokenInfo, ...])


@ROUTES("DELETE", "/tokens/{id}", "people.revoke_token", "Revoke a token", gives=TokenInfo, changes=True)
def revoke_token(call: Call) -> Reply:
    info = call.backend.people.revoke_token(call.id)
    call.state.gate.forget()
    return reply(info)


@ROUTES(
    "POST", "/mappings", "people.add_mapping", "Let a client certificate stand for somebody",
    takes=MappingBody, gives=CertificateMapping, changes=True, created=True,
    example={"match": "DNS:deploy.example.com", "actor": "ci-deploy", "access": _ACCESS},
)  # fmt: skip
def add_mapping(call: Call) -> Reply:
    return reply(call.backend.people.add_mapping(call.body.match, call.body.actor, call.body.access))


@ROUTES(
    "GET",
    "/mappings",
    "people.list_mappings",
    "List client certificates that stand for somebody",
    gives=tuple[CertificateMapping, ...],
)
def list_mappings(call: Call) -> Reply:
    return reply(tuple(call.backend.people.list_mappings()), tuple[CertificateMapping, ...])


@ROUTES("DELETE", "/mappings/{id}", "people.remove_mapping", "Remove a mapping", changes=True)
def remove_mapping(call: Call) -> Reply:
    call.backend.people.remove_mapping(call.id)
    call.state.gate.forget()
    return Reply()
