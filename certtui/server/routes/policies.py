"""Policies over HTTP: rules over what is issued, renewed and imported."""

from __future__ import annotations

from certtui.backend.wire_forms import DryRunBody, Id, SetBody
from certtui.errors import Invalid
from certtui.model.policy import (
    Policy,
    PolicyDryRun,
    PolicyFinding,
    PolicyForm,
    PolicySet,
    PolicySubject,
    PolicyWaiver,
    WaiverForm,
)
from certtui.server.route import Call, Parameter, Reply, Routes, reply

ROUTES = Routes("policies", "Rules over what is issued, renewed and imported. They hold for everybody.")

_FORM = {"name": "no SHA-1", "description": "SHA-1 is broken.", "outcome": "hard", "rules": {"digests": ["sha256"]}}


@ROUTES(
    "GET", "/policies/resolve", "policies.resolve", "Find one by id or unique name", gives=Id,
    query=(Parameter("reference", "An id or a name.", example="no SHA-1"),),
)  # fmt: skip
def resolve(call: Call) -> Reply:
    return reply(Id(call.backend.policies.resolve(call.reference)))


@ROUTES(
    "POST", "/policies", "policies.add", "Add a policy", help="It is not enabled unless `enabled` says so.",
    takes=PolicyForm, gives=Policy, changes=True, created=True, example=_FORM,
    again=lambda call, kept: _page(call.backend.policies.get(kept.first("policy"))),
)  # fmt: skip
def add(call: Call) -> Reply:
    return _page(call.backend.policies.add(call.body))


@ROUTES(
    "POST", "/policies/dry-run", "policies.dry_run", "Judge the inventory by a policy",
    help="One that is here (`policy_id`), enabled or not, or a `form` that is not saved. Changes nothing.",
    takes=DryRunBody, gives=PolicyDryRun, example={"form": _FORM},
)  # fmt: skip
def dry_run(call: Call) -> Reply:
    body: DryRunBody = call.body
    if body.policy_id is not None and body.form is not None:
        raise Invalid("`form` stands in place of `policy_id`.", "Leave one of them out.", field="form")
    chosen = body.form if body.form is not None else body.policy_id
    if chosen is None:
        raise Invalid("Neither `policy_id` nor `form` is given.", "Give one of them.", field="policy_id")
    return reply(call.backend.policies.dry_run(chosen))


@ROUTES(
    "POST", "/policies/judge", "policies.judge", "Ask what the enabled policies say of a request",
    help="Nothing is put on record and nothing refused.",
    takes=PolicySubject, gives=tuple[PolicyFinding, ...],
    example={"act": "issue", "names": ["DNS:www.example.com"], "key_algorithm": "ec-256"},
)  # fmt: skip
def judge(call: Call) -> Reply:
    return reply(tuple(call.backend.policies.judge(call.body)), tuple[PolicyFinding, ...])


@ROUTES("GET", "/policies/sets", "policies.sets", "List ready-made policies", gives=tuple[PolicySet, ...])
def sets(call: Call) -> Reply:
    return reply(tuple(call.backend.policies.sets()), tuple[PolicySet, ...])


@ROUTES(
    "POST", "/policies/sets", "policies.add_set", "Add the policies of a ready-made set",
    help="Not enabled; those whose names are taken stay as they are.",
    takes=SetBody, gives=tuple[Policy, ...], changes=True, created=True, example={"name": "strict"},
)  # fmt: skip
def add_set(call: Call) -> Reply:
    return reply(tuple(call.backend.policies.add_set(call.body.name)), tuple[Policy, ...])


@ROUTES(
    "POST", "/policies/waivers", "policies.waive", "Let a soft policy not hold for some entries until a time",
    takes=WaiverForm, gives=PolicyWaiver, changes=True, created=True,
    example={"policy_id": 1, "owner": "ada", "reason": "replaced in May", "expires_at": "2027-06-01T00:00:00Z",
             "names": ["legacy.example.com"]},
)  # fmt: skip
def waive(call: Call) -> Reply:
    return reply(call.backend.policies.waive(call.body))


@ROUTES(
    "GET", "/policies/waivers", "policies.list_waivers", "List waivers, newest first", help="Expired ones too.",
    gives=tuple[PolicyWaiver, ...],
    query=(Parameter("policy_id", "Those of one policy.", {"type": "integer", "minimum": 0}),),
)  # fmt: skip
def list_waivers(call: Call) -> Reply:
    policy_id = call.number("policy_id", 0) if "policy_id" in call.query else None
    return reply(tuple(call.backend.policies.list_waivers(policy_id)), tuple[PolicyWaiver, ...])


@ROUTES(
    "DELETE", "/policies/waivers/{id}", "policies.remove_waiver", "Take a waiver back", changes=True,
    again=lambda call, kept: Reply(),
)  # fmt: skip
def remove_waiver(call: Call) -> Reply:
    call.backend.policies.remove_waiver(call.id)
    return Reply()


@ROUTES("GET", "/policies/{id}", "policies.get", "Read one policy with its waivers", gives=Policy)
def get(call: Call) -> Reply:
    return _page(call.backend.policies.get(call.id))


@ROUTES(
    "PATCH", "/policies/{id}", "policies.edit", "Change a policy",
    help="Fields that are missing stay as they are; enabling is a change too.",
    takes=PolicyForm, gives=Policy, if_match=True, changes=True, again=lambda call, kept: get(call),
    example={"enabled": True},
)  # fmt: skip
def edit(call: Call) -> Reply:
    return _page(call.backend.policies.edit(call.id, call.seen, call.body))


@ROUTES(
    "DELETE", "/policies/{id}", "policies.remove", "Remove a policy with its waivers", if_match=True, changes=True,
    again=lambda call, kept: Reply(),
)  # fmt: skip
def remove(call: Call) -> Reply:
    call.backend.policies.remove(call.id, call.seen)
    return Reply()


def _page(policy: Policy) -> Reply:
    return reply(policy, version=policy.version)
