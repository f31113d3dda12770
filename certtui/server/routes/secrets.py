"""Stored secrets over HTTP. A payload goes in here, and comes out only in a container that is fetched."""

from __future__ import annotations

from certtui.backend.wire_forms import Id
from certtui.model.stored_secret import StoredSecret, StoredSecretCheck, StoredSecretForm
from certtui.server.route import Call, Parameter, Reply, Routes, reply

ROUTES = Routes(
    "secrets", "Secrets stored beside certificates, as parts of containers. What is in them is never shown."
)


@ROUTES(
    "GET", "/secrets/resolve", "secrets.resolve", "Find one by id or unique name", gives=Id,
    query=(Parameter("reference", "An id or a name.", example="shop passphrase"),),
)  # fmt: skip
def resolve(call: Call) -> Reply:
    return reply(Id(call.backend.secrets.resolve(call.reference)))


@ROUTES(
    "POST", "/secrets", "secrets.store", "Store a secret",
    help="`payload` is base64, at most 64 KiB of what is inside. Types: passphrase, symmetric, opaque, public, private, "
    "certificate; the last three are read, in PEM or DER. An encrypted private key keeps its encryption.",
    takes=StoredSecretForm, gives=StoredSecret, changes=True, created=True,
    again=lambda call, kept: _page(call.backend.secrets.get(kept.first("secret"))),
    example={"name": "shop passphrase", "type": "passphrase", "payload": "Y29ycmVjdCBob3JzZQ=="},
)  # fmt: skip
def store(call: Call) -> Reply:
    return _page(call.backend.secrets.store(call.body))


@ROUTES(
    "GET", "/secrets/{id}", "secrets.get", "Read what is known of one", help="And which containers have it as a part.",
    gives=StoredSecret,
)  # fmt: skip
def get(call: Call) -> Reply:
    return _page(call.backend.secrets.get(call.id))


@ROUTES("GET", "/secrets/{id}/check", "secrets.check", "Ask whether it has expired", gives=StoredSecretCheck)
def check(call: Call) -> Reply:
    return reply(call.backend.secrets.check(call.id))


@ROUTES(
    "DELETE", "/secrets/{id}", "secrets.delete", "Destroy a stored secret", help="409 while a container has it as a part.",
    if_match=True, changes=True, again=lambda call, kept: Reply(),
)  # fmt: skip
def delete(call: Call) -> Reply:
    call.backend.secrets.delete(call.id, call.seen)
    return Reply()


def _page(secret: StoredSecret) -> Reply:
    return reply(secret, version=secret.version)
