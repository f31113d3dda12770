"""The configured authorities over HTTP."""

from __future__ import annotations

from certtui.backend.wire_forms import Id
from certtui.model.authority import Authority, AuthorityForm, AuthorityTest, AuthorityTypeInfo
from certtui.server.route import Call, Parameter, Reply, Routes, reply

ROUTES = Routes("authorities", "Who issues. Of their secrets only which are set is ever told.")


@ROUTES(
    "GET", "/authorities/types", "authorities.types", "Ask what kinds can be added, and their settings",
    gives=tuple[AuthorityTypeInfo, ...],
)  # fmt: skip
def types(call: Call) -> Reply:
    return reply(tuple(call.backend.authorities.types()), tuple[AuthorityTypeInfo, ...])


@ROUTES(
    "GET", "/authorities/resolve", "authorities.resolve", "Find one by id or unique name", gives=Id,
    query=(Parameter("reference", "An id or a name.", example="internal"),),
)  # fmt: skip
def resolve(call: Call) -> Reply:
    return reply(Id(call.backend.authorities.resolve(call.reference)))


@ROUTES(
    "POST", "/authorities", "authorities.add", "Add an authority",
    help="Its settings are those of its type; secrets (base64) are sealed and never told again.",
    takes=AuthorityForm, gives=Authority, changes=True, created=True,
    again=lambda call, kept: _page(call.backend.authorities.get(kept.first("authority"))),
    example={"name": "internal", "type": "local", "enabled": True, "settings": {"ca": "Issuing 1"}},
)  # fmt: skip
def add(call: Call) -> Reply:
    return _page(call.backend.authorities.add(call.body))


@ROUTES("GET", "/authorities/{id}", "authorities.get", "Read one authority", gives=Authority)
def get(call: Call) -> Reply:
    return _page(call.backend.authorities.get(call.id))


@ROUTES(
    "PATCH", "/authorities/{id}", "authorities.edit", "Change an authority",
    help="Fields, settings and secrets that are missing stay as they are; the type is fixed. Disabling it stops new "
    "submissions, not orders under way.",
    takes=AuthorityForm, gives=Authority, if_match=True, changes=True, again=lambda call, kept: get(call),
    example={"enabled": False},
)  # fmt: skip
def edit(call: Call) -> Reply:
    return _page(call.backend.authorities.edit(call.id, call.seen, call.body))


@ROUTES(
    "POST", "/authorities/{id}/test", "authorities.test", "Try what can be tried without ordering anything",
    help="The answer is kept with the authority.", gives=AuthorityTest, changes=True,
    again=lambda call, kept: _tested(call),
)  # fmt: skip
def test(call: Call) -> Reply:
    return reply(call.backend.authorities.test(call.id))


@ROUTES(
    "DELETE", "/authorities/{id}", "authorities.remove", "Remove an authority",
    help="409 while orders are open. Certificates keep its name.", if_match=True, changes=True,
    again=lambda call, kept: Reply(),
)  # fmt: skip
def remove(call: Call) -> Reply:
    call.backend.authorities.remove(call.id, call.seen)
    return Reply()


def _tested(call: Call) -> Reply:
    found = call.backend.authorities.get(call.id)
    return reply(AuthorityTest(found.row.test_ok, found.last_test))


def _page(authority: Authority) -> Reply:
    return reply(authority, version=authority.row.version)
