"""Repositories over HTTP: places that group certificates by data source."""

from __future__ import annotations

from certtui.backend.wire_forms import MOST_AT_ONCE, FilingBody, Id, RenameBody, ResetBody
from certtui.model.repository import FilingOutcome, Repository, RepositoryForm, RepositorySource, ResetPlan
from certtui.server.route import Call, Parameter, Reply, Routes, at_most, reply

ROUTES = Routes("repositories", "Places that group certificates by data source. A certificate is in at most one.")

_FILING = (
    f"(id, version) pairs as they were seen, at most {MOST_AT_ONCE}. Those that stay where they are come back in `skipped` "
    "with the reason; those of them that a person's word (`reason`) would let in are in `needs_reason` too."
)
_SOURCE = {"data_source": "private", "ca_id": 2}


@ROUTES(
    "GET", "/repositories/resolve", "repositories.resolve", "Find one by id or unique name", gives=Id,
    query=(Parameter("reference", "An id or a name.", example="web servers"),),
)  # fmt: skip
def resolve(call: Call) -> Reply:
    return reply(Id(call.backend.repositories.resolve(call.reference)))


@ROUTES(
    "POST", "/repositories", "repositories.create", "Make a repository",
    help="An empty name is made up. `data_source` is `uploaded`, `uploaded-ca`, `private` or `compliant`; the last two are "
    "bound to an intermediate CA, and the last one has policies (`policy_ids`, or the ready-made `policy_set`).",
    takes=RepositoryForm, gives=Repository, changes=True, created=True,
    again=lambda call, kept: _page(call.backend.repositories.get(kept.first("repository"))),
    example={"name": "web servers", "business_group": "payments", "source": _SOURCE},
)  # fmt: skip
def create(call: Call) -> Reply:
    return _page(call.backend.repositories.create(call.body))


@ROUTES("GET", "/repositories/{id}", "repositories.get", "Read one repository", gives=Repository)
def get(call: Call) -> Reply:
    return _page(call.backend.repositories.get(call.id))


@ROUTES(
    "PATCH", "/repositories/{id}", "repositories.rename", "Rename a repository", takes=RenameBody, gives=Repository,
    if_match=True, changes=True, again=lambda call, kept: get(call), example={"name": "web servers"},
)  # fmt: skip
def rename(call: Call) -> Reply:
    body: RenameBody = call.body
    return _page(call.backend.repositories.rename(call.id, call.seen, body.name))


@ROUTES(
    "GET", "/repositories/{id}/plan-reset", "repositories.plan_reset", "Ask what a reset would do",
    help="409 where it was reset already, or where certificates are filed that one does not see.", gives=ResetPlan,
)  # fmt: skip
def plan_reset(call: Call) -> Reply:
    return reply(call.backend.repositories.plan_reset(call.id))


@ROUTES(
    "POST", "/repositories/{id}/reset", "repositories.reset", "Reset a repository",
    help="All certificates leave it, and stay in the inventory; its CA and its policies are free. It can't be undone. "
    "409 unless `leaving` is the number of certificates that are filed there.",
    takes=ResetBody, gives=Repository, if_match=True, changes=True, again=lambda call, kept: get(call),
    example={"leaving": 3},
)  # fmt: skip
def reset(call: Call) -> Reply:
    body: ResetBody = call.body
    return _page(call.backend.repositories.reset(call.id, call.seen, leaving=body.leaving))


@ROUTES(
    "POST", "/repositories/{id}/enable", "repositories.enable", "Enable a repository that was reset",
    help="With a data source that is chosen anew.", takes=RepositorySource, gives=Repository, if_match=True, changes=True,
    again=lambda call, kept: get(call), example={"data_source": "uploaded"},
)  # fmt: skip
def enable(call: Call) -> Reply:
    return _page(call.backend.repositories.enable(call.id, call.seen, call.body))


@ROUTES(
    "DELETE", "/repositories/{id}", "repositories.delete", "Delete a repository that was reset", if_match=True,
    changes=True, again=lambda call, kept: Reply(),
)  # fmt: skip
def delete(call: Call) -> Reply:
    call.backend.repositories.delete(call.id, call.seen)
    return Reply()


@ROUTES(
    "POST", "/repositories/{id}/add", "repositories.add_certificates", "File certificates",
    help=f"One that is filed elsewhere moves. {_FILING}", takes=FilingBody, gives=FilingOutcome, changes=True,
    example={"versions": [[1, 1], [2, 3]]},
)  # fmt: skip
def add_certificates(call: Call) -> Reply:
    body: FilingBody = call.body
    at_most(body.versions, MOST_AT_ONCE, "versions")
    return reply(call.backend.repositories.add_certificates(call.id, body.versions, reason=body.reason))


@ROUTES(
    "POST", "/repositories/{id}/remove", "repositories.remove_certificates", "Take certificates out",
    help=f"They stay in the inventory. {_FILING}", takes=FilingBody, gives=FilingOutcome, changes=True,
    example={"versions": [[1, 1], [2, 3]]},
)  # fmt: skip
def remove_certificates(call: Call) -> Reply:
    body: FilingBody = call.body
    at_most(body.versions, MOST_AT_ONCE, "versions")
    return reply(call.backend.repositories.remove_certificates(call.id, body.versions))


def _page(repository: Repository) -> Reply:
    return reply(repository, version=repository.version)
