"""Saved CSRs over HTTP: the key is made on the server and stays there."""

from __future__ import annotations

from certtui.backend.wire_forms import Id, Upload
from certtui.model.certificate import AddOutcome
from certtui.model.csr import CsrRequest, SavedCsr
from certtui.server.route import Call, Parameter, Reply, Routes, reply
from certtui.server.uploads import certificate_of

ROUTES = Routes("csrs", "Saved CSRs: pending certificates whose key was made here.")


@ROUTES(
    "POST", "/csrs", "csrs.create", "Make a key and a CSR", takes=CsrRequest, gives=SavedCsr, changes=True, created=True,
    again=lambda call, kept: _saved(call.backend.csrs.get(kept.first("certificate"))),
    example={"subject": {"common_name": "www.example.com"}, "sans": ["DNS:www.example.com"], "key_type": "ec-256"},
)  # fmt: skip
def create(call: Call) -> Reply:
    return _saved(call.backend.csrs.create(call.body))


@ROUTES("GET", "/csrs", "csrs.list", "List saved CSRs, newest first", gives=tuple[SavedCsr, ...])
def list_all(call: Call) -> Reply:
    return reply(tuple(call.backend.csrs.list()), tuple[SavedCsr, ...])


@ROUTES(
    "GET", "/csrs/resolve", "csrs.resolve", "Find one by id or unique name", gives=Id,
    query=(Parameter("reference", "An id or a name.", example="www.example.com"),),
)  # fmt: skip
def resolve(call: Call) -> Reply:
    return reply(Id(call.backend.csrs.resolve(call.reference)))


@ROUTES("GET", "/csrs/{id}", "csrs.get", "Read one saved CSR", gives=SavedCsr)
def get(call: Call) -> Reply:
    return _saved(call.backend.csrs.get(call.id))


@ROUTES(
    "POST", "/csrs/{id}/complete", "csrs.complete", "Give the signed certificate",
    help="As in adding certificates: DER in base64, or `pem`. 422 names both keys where it belongs to another one.",
    takes=Upload, gives=AddOutcome, if_match=True, changes=True, upload=True,
    example={"pem": "-----BEGIN CERTIFICATE-----\n…"},
)  # fmt: skip
def complete(call: Call) -> Reply:
    new = certificate_of(call.state.inspect, call.body)
    return reply(call.backend.csrs.complete(call.id, call.seen, new))


@ROUTES(
    "DELETE", "/csrs/{id}", "csrs.delete", "Delete a saved CSR with its key", if_match=True, changes=True,
    again=lambda call, kept: Reply(),
)  # fmt: skip
def delete(call: Call) -> Reply:
    call.backend.csrs.delete(call.id, call.seen)
    return Reply()


def _saved(saved: SavedCsr) -> Reply:
    return reply(saved, version=saved.version)
