"""Access lists over HTTP, and who reaches what."""

from __future__ import annotations

from certtui.errors import Invalid
from certtui.model.acl import KINDS, Acl, AclForm, Reach, Reacher
from certtui.server.route import Call, Parameter, Reply, Routes, reply

ROUTES = Routes("acls", "Access lists on certificates, containers, repositories and secrets, and who reaches what.")

_KIND = Parameter("object", "What it stands on.", {"type": "string", "enum": list(KINDS)}, example="certificate")


@ROUTES(
    "GET", "/acls/reach", "acls.reach", "Tell what a token or client certificate reaches", gives=Reach,
    query=(Parameter("credential", "`token N` or `mapping N`.", example="token 1"),),
)  # fmt: skip
def reach(call: Call) -> Reply:
    return reply(call.backend.acls.reach(call.query.get("credential", "")))


@ROUTES(
    "GET", "/acls/{id}", "acls.get", "Read the access list of an object",
    help="Version 0 where nobody wrote one: then it is open to its business group.", gives=Acl, query=(_KIND,),
)  # fmt: skip
def get(call: Call) -> Reply:
    return _page(call.backend.acls.get(_kind(call), call.id))


@ROUTES(
    "PATCH", "/acls/{id}", "acls.set", "Change the access list of an object",
    help="For its owner and for admins. Parts that are missing stay as they are.",
    takes=AclForm, gives=Acl, query=(_KIND,), if_match=True, changes=True, again=lambda call, kept: get(call),
    now=lambda call: call.backend.acls.get(_kind(call), call.id).version,
    example={"use_group": False, "users": ["svc-lb"]},
)  # fmt: skip
def change(call: Call) -> Reply:
    return _page(call.backend.acls.set(_kind(call), call.id, call.seen, call.body))


@ROUTES("GET", "/acls/{id}/who", "acls.who", "Tell who reaches an object", gives=tuple[Reacher, ...], query=(_KIND,))
def who(call: Call) -> Reply:
    return reply(tuple(call.backend.acls.who(_kind(call), call.id)), tuple[Reacher, ...])


def _kind(call: Call) -> str:
    if not (kind := call.query.get("object", "")):
        raise Invalid("`object` is missing.", f"One of {', '.join(KINDS)}.", field="object")
    return kind


def _page(acl: Acl) -> Reply:
    return reply(acl, version=acl.version)
