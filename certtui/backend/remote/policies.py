"""The policies of a server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from certtui.backend.remote.certificates import asked
from certtui.backend.remote.listing import open_listing
from certtui.backend.wire_forms import DryRunBody, Id, SetBody
from certtui.errors import NotFound
from certtui.model.policy import (
    Policy,
    PolicyDryRun,
    PolicyFinding,
    PolicyForm,
    PolicyRow,
    PolicySet,
    PolicySubject,
    PolicyWaiver,
    WaiverForm,
)

if TYPE_CHECKING:
    from certtui.backend.base import Listing
    from certtui.backend.remote.view import View
    from certtui.model.progress import Progress
    from certtui.model.query import Query

JUDGING = 600.0
"""Seconds that judging a large inventory may take."""


class RemotePolicies:
    """`backend.base_policies.Policies` over HTTP."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._http = view.connection

    def search(self, query: Query) -> Listing[PolicyRow]:
        return open_listing(self._view, "policies", PolicyRow, query)

    def get(self, policy_id: int) -> Policy:
        found: Policy = self._http.read(_path(policy_id), Policy)
        return found

    def resolve(self, reference: str) -> int:
        found: Id = self._http.read("/policies/resolve", Id, reference=asked(reference))
        return found.id

    def add(self, form: PolicyForm) -> Policy:
        self._view.may_change()
        found: Policy = self._http.change("POST", "/policies", form, Policy)
        return found

    def edit(self, policy_id: int, version: int, form: PolicyForm) -> Policy:
        self._view.may_change()
        found: Policy = self._http.change("PATCH", _path(policy_id), form, Policy, version=version)
        return found

    def remove(self, policy_id: int, version: int) -> None:
        self._view.may_change()
        self._http.change("DELETE", _path(policy_id), None, None, version=version)

    def dry_run(self, policy: PolicyForm | int, progress: Progress | None = None) -> PolicyDryRun:
        if progress is not None:
            progress(0, None)
        body = DryRunBody(form=policy) if isinstance(policy, PolicyForm) else DryRunBody(policy_id=policy)
        found: PolicyDryRun = self._http.post("/policies/dry-run", body, PolicyDryRun, timeout=JUDGING)
        if progress is not None:
            progress(found.judged, found.judged)
        return found

    def judge(self, subject: PolicySubject) -> Sequence[PolicyFinding]:
        found: tuple[PolicyFinding, ...] = self._http.post("/policies/judge", subject, tuple[PolicyFinding, ...])
        return found

    def sets(self) -> Sequence[PolicySet]:
        found: tuple[PolicySet, ...] = self._http.read("/policies/sets", tuple[PolicySet, ...])
        return found

    def add_set(self, name: str) -> Sequence[Policy]:
        self._view.may_change()
        found: tuple[Policy, ...] = self._http.change("POST", "/policies/sets", SetBody(name), tuple[Policy, ...])
        return found

    def waive(self, form: WaiverForm) -> PolicyWaiver:
        self._view.may_change()
        found: PolicyWaiver = self._http.change("POST", "/policies/waivers", form, PolicyWaiver)
        return found

    def list_waivers(self, policy_id: int | None = None) -> Sequence[PolicyWaiver]:
        found: tuple[PolicyWaiver, ...] = self._http.read(
            "/policies/waivers", tuple[PolicyWaiver, ...], policy_id=policy_id
        )
        return found

    def remove_waiver(self, waiver_id: int) -> None:
        self._view.may_change()
        if waiver_id < 0:
            raise NotFound(f"There is no waiver {waiver_id}.", "Look at what there is.")
        self._http.change("DELETE", f"/policies/waivers/{waiver_id}", None, None)


def _path(policy_id: int) -> str:
    if policy_id < 0:
        raise NotFound(f"There is no policy {policy_id}.", "`certtui policy list` tells what there is.")
    return f"/policies/{policy_id}"
