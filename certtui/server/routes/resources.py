"""The things that use certificates, over HTTP."""

from __future__ import annotations

from certtui.backend.wire_forms import MOST_AT_ONCE, AssociationBody, Id
from certtui.model.certificate import Certificate
from certtui.model.resource import Resource, ResourceForm
from certtui.server.route import Call, Parameter, Reply, Routes, at_most, reply

ROUTES = Routes("resources", "Things that use certificates: load balancers, listeners, hosts, files.")


@ROUTES(
    "POST", "/resources", "resources.add", "Add a resource", takes=ResourceForm, gives=Resource, changes=True, created=True,
    again=lambda call, kept: _page(call.backend.resources.get(kept.first("resource"))),
    example={"name": "lb-west", "type": "load-balancer", "endpoint": "lb-west.example.com:443"},
)  # fmt: skip
def add(call: Call) -> Reply:
    return _page(call.backend.resources.add(call.body))


@ROUTES(
    "GET", "/resources/resolve", "resources.resolve", "Find one by id or unique name", gives=Id,
    query=(Parameter("reference", "An id or a name.", example="lb-west"),),
)  # fmt: skip
def resolve(call: Call) -> Reply:
    return reply(Id(call.backend.resources.resolve(call.reference)))


@ROUTES("GET", "/resources/{id}", "resources.get", "Read one resource", gives=Resource)
def get(call: Call) -> Reply:
    return _page(call.backend.resources.get(call.id))


@ROUTES(
    "PATCH", "/resources/{id}", "resources.edit", "Change a resource", takes=ResourceForm, gives=Resource,
    if_match=True, changes=True, again=lambda call, kept: get(call), example={"notes": "rack 4"},
)  # fmt: skip
def edit(call: Call) -> Reply:
    return _page(call.backend.resources.edit(call.id, call.seen, call.body))


@ROUTES(
    "DELETE", "/resources/{id}", "resources.remove", "Remove a resource",
    help="409 while certificates are associated, unless `dissociate=true`.", if_match=True, changes=True,
    again=lambda call, kept: Reply(),
    query=(Parameter("dissociate", "Dissociate them first.", {"type": "boolean", "default": False}),),
)  # fmt: skip
def remove(call: Call) -> Reply:
    call.backend.resources.remove(call.id, call.seen, dissociate=call.flag("dissociate"))
    return Reply()


@ROUTES(
    "POST", "/certificates/{id}/associate", "resources.associate", "Say that resources use a certificate",
    takes=AssociationBody, gives=Certificate, changes=True,
    again=lambda call, kept: _certificate(call.backend.certificates.get(call.id)),
    example={"resource_ids": [1], "role": "server"},
)  # fmt: skip
def associate(call: Call) -> Reply:
    at_most(call.body.resource_ids, MOST_AT_ONCE, "resource_ids")
    return _certificate(call.backend.resources.associate(call.id, call.body.resource_ids, call.body.role))


@ROUTES(
    "POST", "/certificates/{id}/dissociate", "resources.dissociate", "Say that resources no longer use a certificate",
    takes=AssociationBody, gives=Certificate, changes=True,
    again=lambda call, kept: _certificate(call.backend.certificates.get(call.id)),
    example={"resource_ids": [1]},
)  # fmt: skip
def dissociate(call: Call) -> Reply:
    at_most(call.body.resource_ids, MOST_AT_ONCE, "resource_ids")
    return _certificate(call.backend.resources.dissociate(call.id, call.body.resource_ids))


def _page(resource: Resource) -> Reply:
    return reply(resource, version=resource.row.version)


def _certificate(certificate: Certificate) -> Reply:
    return reply(certificate, version=certificate.version)
