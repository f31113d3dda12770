"""Containers over HTTP: named bundles with a stable reference, and their consumers."""

from __future__ import annotations

from certtui.backend.wire_forms import Id, RollbackBody
from certtui.model.consumer import Consumer, ConsumerForm
from certtui.model.container import (
    Container,
    ContainerCheck,
    ContainerContent,
    ContainerEdit,
    ContainerForm,
    ContainerPayload,
    ref_in,
    reference_of,
)
from certtui.server.route import Call, Parameter, Reply, Routes, reply, whole

ROUTES = Routes(
    "containers",
    "Certificate, private key and intermediates under a stable reference, for load balancers and scripts. "
    "Where a path has `{container}`, it is an id or the 32 digits of the reference.",
)

_CONSUMER = {"service": "nginx", "resource_type": "host", "resource": "web-1.example.com"}


@ROUTES(
    "GET", "/containers/resolve", "containers.resolve", "Find one by reference, id or unique name", gives=Id,
    query=(Parameter("reference", "A reference, an id or a name.", example="shop"),),
)  # fmt: skip
def resolve(call: Call) -> Reply:
    return reply(Id(call.backend.containers.resolve(call.reference)))


@ROUTES(
    "POST", "/containers", "containers.create", "Make a container",
    help="Of a certificate whose key is here (`certificate_id`), or of stored secrets (`parts`: their ids by the names of the "
    "parts); complete and matching, or 422 with the part that is wrong as `field`.",
    takes=ContainerForm, gives=Container, changes=True, created=True, example={"name": "shop", "certificate_id": 1},
    again=lambda call, kept: _page(call.backend.containers.get(kept.first("container"))),
)  # fmt: skip
def create(call: Call) -> Reply:
    return _page(call.backend.containers.create(call.body))


@ROUTES(
    "GET", "/containers/{container}", "containers.get", "Read one container", help="With its versions and consumers.",
    gives=Container,
)  # fmt: skip
def get(call: Call) -> Reply:
    return _page(call.backend.containers.get(_meant(call)))


@ROUTES(
    "GET", "/containers/{container}/payload", "containers.fetch", "Fetch what is in it",
    help="`content` of each part is base64, PEM inside. The `ETag` stands for exactly this content: send it as "
    "`If-None-Match`, and 304 says that nothing is new; no key is touched then. With `service` the consumer is registered, and "
    "which version it has. 409 where a part is missing or does not belong to the others. Needs the right export-keys; audited.",
    gives=ContainerPayload, secret=True, conditional=True,
    query=(
        Parameter("service", "Who fetches.", example="nginx"),
        Parameter("resource_type", "What kind of thing it is for.", example="host"),
        Parameter("resource", "Its id or URL.", example="web-1.example.com"),
    ),
)  # fmt: skip
def fetch(call: Call) -> Reply:
    consumer = None
    if any(name in call.query for name in ("service", "resource_type", "resource")):
        consumer = ConsumerForm(*(call.query.get(name, "") for name in ("service", "resource_type", "resource")))
    payload = call.backend.containers.fetch(_meant(call), have=call.have, consumer=consumer)
    if payload is None:
        return Reply(etag=f'"{call.have}"', unchanged=True)
    return Reply(reply(payload).body, f'"{payload.digest}"')


@ROUTES(
    "GET", "/containers/{container}/check", "containers.check", "Ask whether a consumer would get what it needs",
    help="Parts complete and matching, chain complete, nothing expired. Gives nothing out.", gives=ContainerCheck,
)  # fmt: skip
def check(call: Call) -> Reply:
    return reply(call.backend.containers.check(_meant(call)))


@ROUTES(
    "PATCH", "/containers/{id}", "containers.edit", "Change the name, or whether it follows renewals",
    help="Fields that are missing stay as they are.", takes=ContainerEdit, gives=Container, if_match=True, changes=True,
    again=lambda call, kept: _page(call.backend.containers.get(call.id)), example={"follows": False},
)  # fmt: skip
def edit(call: Call) -> Reply:
    return _page(call.backend.containers.edit(call.id, call.seen, call.body))


@ROUTES(
    "POST", "/containers/{id}/update", "containers.update", "Give out something else, as a new version",
    help="Another certificate (`certificate_id`), or other stored secrets (`parts`, all of them).",
    takes=ContainerContent, gives=Container, if_match=True, changes=True,
    again=lambda call, kept: _page(call.backend.containers.get(call.id)), example={"certificate_id": 2},
)  # fmt: skip
def update(call: Call) -> Reply:
    return _page(call.backend.containers.update(call.id, call.seen, call.body))


@ROUTES(
    "POST", "/containers/{id}/rollback", "containers.rollback", "Give out again what an earlier version held",
    help="As a new version, so that numbers only grow. 409 where its certificate or key is gone.",
    takes=RollbackBody, gives=Container, if_match=True, changes=True,
    again=lambda call, kept: _page(call.backend.containers.get(call.id)), example={"to": 1},
)  # fmt: skip
def rollback(call: Call) -> Reply:
    return _page(call.backend.containers.rollback(call.id, call.seen, to=call.body.to))


@ROUTES(
    "DELETE", "/containers/{id}", "containers.delete", "Delete a container",
    help="What is in it stays where it is. 409 while it has consumers, unless `consumers` has the ids of all of them.",
    if_match=True, changes=True, again=lambda call, kept: Reply(),
    query=(Parameter("consumers", "Ids of consumers that were looked at and confirmed, between commas."),),
)  # fmt: skip
def delete(call: Call) -> Reply:
    call.backend.containers.delete(call.id, call.seen, consumers=call.numbers("consumers"))
    return Reply()


@ROUTES(
    "GET", "/consumers", "containers.consumers", "List the consumers of a container, or of all",
    gives=tuple[Consumer, ...],
    query=(Parameter("container_id", "Those of one container.", {"type": "integer", "minimum": 0}),),
)  # fmt: skip
def consumers(call: Call) -> Reply:
    container_id = call.number("container_id", 0) if "container_id" in call.query else None
    return reply(tuple(call.backend.containers.consumers(container_id)), tuple[Consumer, ...])


@ROUTES(
    "POST", "/containers/{id}/consumers", "containers.add_consumer", "Register a consumer",
    help="One that is registered stays as it is.", takes=ConsumerForm, gives=Consumer, changes=True, created=True,
    again=lambda call, kept: _added(call), example=_CONSUMER,
)  # fmt: skip
def add_consumer(call: Call) -> Reply:
    return _added(call)


@ROUTES(
    "DELETE", "/consumers/{id}", "containers.remove_consumer", "Take a consumer away", changes=True,
    again=lambda call, kept: Reply(),
)  # fmt: skip
def remove_consumer(call: Call) -> Reply:
    call.backend.containers.remove_consumer(call.id)
    return Reply()


def _added(call: Call) -> Reply:
    return reply(call.backend.containers.add_consumer(call.id, call.body))


def _meant(call: Call) -> int:
    """The container of the path, which may be the reference that consumers have."""
    text = call.path["container"]
    return call.backend.containers.resolve(reference_of(ref)) if (ref := ref_in(text)) else whole("id", text)


def _page(container: Container) -> Reply:
    return reply(container, version=container.version)
