"""The table of acts, made from the seam's own methods: what is new there and has no rule here fails."""

from __future__ import annotations

import inspect

import pytest

from certtui.backend import (
    base,
    base_accounts,
    base_acls,
    base_alerts,
    base_containers,
    base_filing,
    base_issuing,
    base_policies,
)
from certtui.errors import Denied
from certtui.model.access import ACTS, OWNER, Access, Role, refusal, require

NOUNS = {
    "certificates": base.Certificates,
    "csrs": base.Csrs,
    "resources": base.Resources,
    "repositories": base_filing.Repositories,
    "audit": base.Audit,
    "feed": base.Feed,
    "people": base.People,
    "containers": base_containers.Containers,
    "secrets": base_containers.StoredSecrets,
    "policies": base_policies.Policies,
    "alerts": base_alerts.Alerts,
    "channels": base_alerts.Channels,
    "orders": base_issuing.Orders,
    "authorities": base_issuing.Authorities,
    "accounts": base_accounts.Accounts,
    "cas": base_issuing.Cas,
    "renewals": base_issuing.Renewals,
    "work": base_issuing.Work,
    "acls": base_acls.Acls,
}
METHODS = [
    f"{noun}.{name}"
    for noun, protocol in NOUNS.items()
    for name, member in vars(protocol).items()
    if inspect.isfunction(member) and not name.startswith("_")
]
TAKE_KEYS = {"certificates.export_key", "certificates.reveal_key", "containers.fetch"}
FOR_ALL = {
    *(f"policies.{name}" for name in ("add", "edit", "remove", "add_set", "waive", "remove_waiver")),
    *(act for act in METHODS if act.startswith("channels.") and act != "channels.calendar"),
    *(f"authorities.{name}" for name in ("add", "edit", "test", "remove")),
    *(act for act in METHODS if act.startswith("accounts.") and act != "accounts.get"),
    *(
        act
        for act in METHODS
        if act.startswith("cas.")
        and act.partition(".")[2] not in ("search", "get", "resolve", "crl", "certificate", "ocsp")
    ),
    *("alerts.sweep", "renewals.run_due", "work.run_due"),
}
"""What an admin may do who sees all of the store: it holds for everybody."""
ADMINS = {
    *FOR_ALL,
    "alerts.set_thresholds",
    "audit.verify",
    *("acls.who", "acls.reach"),
    *(f"repositories.{name}" for name in ("create", "rename", "plan_reset", "reset", "enable", "delete")),
    *(act for act in METHODS if act.startswith("people.")),
}
READS = {
    *(
        f"certificates.{name}"
        for name in ["search", "overview", "get", "records", "resolve", "lookup", "chain", "record_view", "export"]
    ),
    "certificates.plan_replacement",
    "certificates.page",
    *(f"csrs.{name}" for name in ("list", "get", "resolve")),
    *(f"resources.{name}" for name in ("search", "get", "resolve")),
    *(f"containers.{name}" for name in ("search", "get", "resolve", "check", "consumers")),
    *(f"secrets.{name}" for name in ("search", "get", "resolve", "check")),
    *(f"repositories.{name}" for name in ("search", "get", "resolve", "verify", "encrypt")),
    *(f"policies.{name}" for name in ("search", "get", "resolve", "dry_run", "judge", "sets", "list_waivers")),
    *(f"alerts.{name}" for name in ("search", "get", "open_counts", "thresholds")),
    "channels.calendar",
    *(f"orders.{name}" for name in ("search", "overview", "get", "resolve", "preview")),
    *(f"authorities.{name}" for name in ("types", "search", "get", "resolve")),
    "accounts.get",
    *(f"cas.{name}" for name in ("search", "get", "resolve", "crl", "certificate", "ocsp")),
    *(f"renewals.{name}" for name in ("search", "calendar", "simulate", "due")),
    "work.status",
    "acls.get",
    *(f"audit.{name}" for name in ("search", "get", "head", "record_export")),
    *(f"feed.{name}" for name in ("latest", "since")),
}


def test_every_method_of_the_seam_has_a_rule_and_every_rule_a_method() -> None:
    # An export of a form that holds the key; the inventory page by page, which only a server asks for.
    beside = {"certificates.export_key", "certificates.page"}
    assert set(METHODS) - beside == set(ACTS) - beside


def test_every_noun_of_the_backend_is_ruled_or_kept_on_the_server() -> None:
    nouns = {name for name, member in vars(base.Backend).items() if isinstance(member, property)}
    assert nouns == {*NOUNS, "store", "info", "capabilities"}


@pytest.mark.parametrize("export_keys", [False, True])
@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("act", sorted(ACTS))
def test_what_each_role_may_do(act: str, role: Role, export_keys: bool) -> None:
    if act in TAKE_KEYS:
        allowed = export_keys
    elif act in ADMINS:
        allowed = role is Role.ADMIN
    elif act in READS:
        allowed = True
    else:
        allowed = role >= Role.OPERATOR
    access = Access(role, export_keys)
    assert (refusal(access, act) == "") is allowed
    if not allowed:
        with pytest.raises(Denied):
            require(access, act)


@pytest.mark.parametrize("act", sorted(ACTS))
def test_what_holds_for_everybody_is_changed_by_those_who_see_everything(act: str) -> None:
    for access in (Access(Role.ADMIN, True, groups=("payments",)), Access(Role.ADMIN, True, domains=("example.com",))):
        assert (refusal(access, act) == "") is (act not in FOR_ALL)


def test_an_act_without_a_rule_is_an_error_for_everybody() -> None:
    with pytest.raises(KeyError):
        require(OWNER, "certificates.publish")


@pytest.mark.parametrize(
    ("mine", "theirs", "fits"),
    [
        (OWNER, Access(Role.ADMIN, True), True),
        (OWNER, Access(Role.VIEWER, groups=("a",), domains=("x.example",)), True),
        (Access(Role.OPERATOR), Access(Role.ADMIN), False),
        (Access(Role.ADMIN), Access(Role.VIEWER, True), False),
        (Access(Role.ADMIN, groups=("a", "b")), Access(Role.ADMIN, groups=("b",)), True),
        (Access(Role.ADMIN, groups=("a",)), Access(Role.VIEWER), False),
        (Access(Role.ADMIN, groups=("a",)), Access(Role.VIEWER, groups=("a", "b")), False),
        (Access(Role.ADMIN, domains=("example.com",)), Access(Role.VIEWER, domains=("a.example.com",)), True),
        (Access(Role.ADMIN, domains=("a.example.com",)), Access(Role.VIEWER, domains=("example.com",)), False),
        (Access(Role.ADMIN, domains=("example.com",)), Access(Role.VIEWER, groups=("a",)), False),
    ],
)
def test_nobody_gives_more_than_they_have(mine: Access, theirs: Access, fits: bool) -> None:
    assert (mine.beyond(theirs) == "") is fits
