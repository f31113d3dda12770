"""Policies and waivers: `backend.base.Policies` on the local store."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from certtui.backend.local import events
from certtui.backend.local.labels import one_line, text
from certtui.backend.local.open_store import Change, OpenStore
from certtui.backend.local.policies_findings import waivers_changed
from certtui.backend.local.policies_rows import policies_in_force, policy_rows, selecting, waivers_of
from certtui.clock import epoch, from_epoch
from certtui.errors import Conflict, Denied, Invalid, NotFound
from certtui.model.policy import SOFT, Policy, PolicyForm, PolicyRules, PolicyScope
from certtui.model.policy_check import checked_form
from certtui.model.policy_json import dumped, rules_json, scope_json
from certtui.model.search_text import fold

TYPE_CHECKING = False
if TYPE_CHECKING:
    from certtui.backend.base import Listing
    from certtui.backend.local.tables_policies import PolicyTable
    from certtui.model.policy import (
        PolicyDryRun,
        PolicyFinding,
        PolicyRow,
        PolicySet,
        PolicySubject,
        PolicyWaiver,
        WaiverForm,
    )
    from certtui.model.progress import Progress
    from certtui.model.query import Query

_MAX_NAME = 128
_MAX_DESCRIPTION = 1_000
_MAX_REASON = 1_000
_ENDLESS = 1 << 63


class LocalPolicies:
    """The rules that every path passes."""

    def __init__(self, store: OpenStore) -> None:
        self._store = store

    def search(self, query: Query) -> Listing[PolicyRow]:
        from certtui.backend.local.read.policies import open_policies

        return open_policies(self._store.readers, self._store.clock, query)

    def get(self, policy_id: int) -> Policy:
        with self._store.readers.use() as connection:
            select = selecting(connection)
            found = policy_rows(select, [policy_id], self._store.clock.now()) if 0 < policy_id < _ENDLESS else {}
            if policy_id not in found:
                raise _gone(policy_id)
            return Policy(found[policy_id], waivers_of(select, policy_id))

    def resolve(self, reference: str) -> int:
        from certtui.backend.local.read.lookup import resolve_policy

        return resolve_policy(self._store.readers, reference)

    def add(self, form: PolicyForm) -> Policy:
        values = _values(form)
        with self._store.changing() as change:
            row = _insert(change, values)
        return self.get(row)

    def edit(self, policy_id: int, version: int, form: PolicyForm) -> Policy:
        given = _given(form)
        with self._store.changing() as change:
            row = _as_seen(change, policy_id, version)
            changed = {
                field: [getattr(row, field), value] for field, value in given.items() if value != getattr(row, field)
            }
            if "name" in changed:
                _require_free(change, str(given["name"]), policy_id)
            if changed:
                for field in changed:
                    setattr(row, field, given[field])
                row.name_key = fold(row.name)
                row.version += 1
                row.updated_at = change.now
                change.session.add(row)
                detail = {"changed": {field: [_told(field, each) for each in both] for field, both in changed.items()}}
                change.record(events.POLICY_EDITED, "policy", policy_id, row.name, detail)
        return self.get(policy_id)

    def remove(self, policy_id: int, version: int) -> None:
        with self._store.changing() as change:
            row = _as_seen(change, policy_id, version)
            _require_unattached(change, row)
            for waiver in _waivers(change, policy_id):
                change.session.delete(waiver)
            change.session.flush()
            change.session.delete(row)
            kept = ("description", "enabled", "outcome", "scope", "rules")
            detail = {field: _told(field, getattr(row, field)) for field in kept}
            change.record(events.POLICY_DELETED, "policy", policy_id, row.name, detail)

    def dry_run(self, policy: PolicyForm | int, progress: Progress | None = None) -> PolicyDryRun:
        from certtui.backend.local.policies_dry_run import dry_run

        now = self._store.clock.now()
        if isinstance(policy, int):
            return dry_run(self._store.readers, self.get(policy), now, progress)
        return dry_run(self._store.readers, _unsaved(policy, epoch(now)), now, progress)

    def judge(self, subject: PolicySubject) -> Sequence[PolicyFinding]:
        from certtui.model.policy_judge import judge

        now = self._store.clock.now()
        with self._store.readers.use() as connection:
            policies = policies_in_force(selecting(connection), now)
        return judge(policies, subject, now)

    def sets(self) -> Sequence[PolicySet]:
        from certtui.model.policy_sets import ready_made_sets

        return ready_made_sets()

    def add_set(self, name: str) -> Sequence[Policy]:
        chosen = _set_named(name)
        with self._store.changing() as change:
            ids = [
                _insert(change, values)
                for values in map(_values, chosen.policies)
                if _named(change, str(values["name"])) is None
            ]
        return tuple(map(self.get, ids))

    def waive(self, form: WaiverForm) -> PolicyWaiver:
        from certtui.backend.local.tables_policies import PolicyWaiverTable

        values = _waiver_values(form, self._store)
        with self._store.changing() as change:
            policy = _policy(change, form.policy_id)
            if policy.outcome != SOFT:
                raise Invalid(
                    f"{policy.name} is hard: nothing is waived from it.",
                    "Make it soft, or narrow its scope.",
                    field="policy_id",
                )
            (row_id,) = change.new_ids("policy_waiver", 1)
            change.session.add(PolicyWaiverTable(id=row_id, policy_id=policy.id, created_at=change.now, **values))
            waivers_changed(change, policy.id)
            detail = {"waiver": row_id, **values}
            change.record(events.POLICY_WAIVED, "policy", policy.id, policy.name, detail)
        return next(one for one in self.list_waivers(form.policy_id) if one.id == row_id)

    def list_waivers(self, policy_id: int | None = None) -> Sequence[PolicyWaiver]:
        with self._store.readers.use() as connection:
            return waivers_of(selecting(connection), policy_id)

    def remove_waiver(self, waiver_id: int) -> None:
        from certtui.backend.local.tables_policies import PolicyWaiverTable

        with self._store.changing() as change:
            row = change.session.get(PolicyWaiverTable, waiver_id) if 0 < waiver_id < _ENDLESS else None
            if row is None:
                raise NotFound(f"There is no waiver {waiver_id} here (any more).", "See the list of waivers.")
            policy = _policy(change, row.policy_id)
            change.session.delete(row)
            waivers_changed(change, policy.id)
            detail = {"waiver": waiver_id, "owner": row.owner, "entry": row.entry, "names": row.names}
            change.record(events.POLICY_UNWAIVED, "policy", policy.id, policy.name, detail)


def added_set(change: Change, name: str, *, may_add: bool) -> list[int]:
    """The policies of a ready-made set, whether they were here or not. Raises `NotFound`, `Denied` unless one may add them."""
    ids = []
    for values in map(_values, _set_named(name).policies):
        there = _named(change, str(values["name"]))
        if there is None and not may_add:
            raise Denied(
                f"The policy {values['name']} of that set is not here yet, and a policy holds for everybody.",
                "Ask an admin who sees all of the store to add it.",
            )
        ids.append(_insert(change, values) if there is None else there.id)
    return ids


def _set_named(name: str) -> PolicySet:
    from certtui.model.policy_sets import ready_made_sets

    sets = ready_made_sets()
    chosen = next((one for one in sets if fold(one.name) == fold(name.strip())), None)
    if chosen is None:
        known = ", ".join(one.name for one in sets)
        raise NotFound(f"There is no set of policies called {name}.", f"There are {known}.")
    return chosen


Values = dict[str, Any]  # columns by name, each of its own type


def _given(form: PolicyForm) -> Values:
    """The columns that a form fills. Raises `Invalid`."""
    checked = checked_form(form)
    values: Values = {}
    if form.name is not None:
        values["name"] = one_line(form.name, "name", _MAX_NAME)
        if not values["name"]:
            raise Invalid("A policy needs a name.", "Give it one.", field="name")
    if form.description is not None:
        values["description"] = text(form.description, "description", _MAX_DESCRIPTION)
    if form.enabled is not None:
        values["enabled"] = int(form.enabled)
    if checked.outcome is not None:
        values["outcome"] = checked.outcome
    if checked.scope is not None:
        values["scope"] = dumped(scope_json(checked.scope))
    if checked.rules is not None:
        values["rules"] = dumped(rules_json(checked.rules))
    return values


def _values(form: PolicyForm) -> Values:
    """The columns of a new policy. Raises `Invalid`, also for what a new one lacks."""
    if form.rules is None:
        # Says that it needs a rule.
        checked_form(PolicyForm(rules=PolicyRules()))
    given = _given(form)
    if "name" not in given:
        raise Invalid("A policy needs a name.", "Give it one.", field="name")
    nothing: Values = {
        "description": "",
        "enabled": 0,
        "outcome": "hard",
        "scope": dumped(scope_json(PolicyScope())),
    }
    return nothing | given


def _insert(change: Change, values: Values) -> int:
    from certtui.backend.local.tables_policies import PolicyTable

    name = str(values["name"])
    _require_free(change, name, None)
    (row_id,) = change.new_ids("policy", 1)
    change.session.add(
        PolicyTable(id=row_id, created_at=change.now, updated_at=change.now, name_key=fold(name), **values)
    )
    change.session.flush()
    detail = {field: _told(field, value) for field, value in values.items() if field != "name"}
    change.record(events.POLICY_CREATED, "policy", row_id, name, detail)
    return row_id


def _told(field: str, value: str | int) -> object:
    """A column as an audit record tells it."""
    if field == "enabled":
        return bool(value)
    return json.loads(str(value)) if field in ("scope", "rules") else value


def _unsaved(form: PolicyForm, now: int) -> Policy:
    """The policy that a form would make. A name is not asked for: nothing is kept of it."""
    from certtui.model.policy import PolicyRow

    checked = checked_form(form)
    if checked.rules is None:
        raise Invalid("A policy without a rule refuses nothing.", "Give it a rule.", field="rules")
    return Policy(
        PolicyRow(
            id=0,
            version=0,
            name=form.name or "this policy",
            description=form.description or "",
            enabled=False,
            outcome=checked.outcome or "hard",
            scope=checked.scope or PolicyScope(),
            rules=checked.rules,
            waiver_count=0,
            created_at=from_epoch(now),
            updated_at=from_epoch(now),
        )
    )


def _waiver_values(form: WaiverForm, store: OpenStore) -> Values:
    """The columns of a waiver. Raises `Invalid`."""
    from certtui.model.policy_names import checked_pattern

    owner = one_line(form.owner, "owner", _MAX_NAME)
    if not owner:
        raise Invalid("A waiver needs an owner.", "Say who answers for it.", field="owner")
    reason = text(form.reason, "reason", _MAX_REASON)
    if not reason:
        raise Invalid("A waiver needs a reason.", "Say why the policy need not hold.", field="reason")
    if form.expires_at <= store.clock.now():
        raise Invalid("A waiver that has ended waives nothing.", "Give an end that is to come.", field="expires_at")
    entry = one_line(form.entry, "entry", _MAX_NAME)
    names = tuple(dict.fromkeys(checked_pattern(one, "names") for one in form.names))
    if not entry and not names:
        raise Invalid(
            "A waiver for everything would be no policy.", "Say for which entry, or for which names.", field="names"
        )
    return {
        "owner": owner,
        "reason": reason,
        "expires_at": epoch(form.expires_at),
        "entry": entry,
        "names": "\n".join(names),
        "created_by": store.actor.name,
    }


def _named(change: Change, name: str) -> PolicyTable | None:
    from sqlmodel import select

    from certtui.backend.local.tables_policies import PolicyTable

    return change.session.exec(select(PolicyTable).where(PolicyTable.name_key == fold(name))).first()


def _require_free(change: Change, name: str, but: int | None) -> None:
    taken = _named(change, name)
    if taken is not None and taken.id != but:
        raise Conflict(f"There is a policy called {taken.name} already.", "Choose another name.")


def _policy(change: Change, policy_id: int) -> PolicyTable:
    from certtui.backend.local.tables_policies import PolicyTable

    row = change.session.get(PolicyTable, policy_id) if 0 < policy_id < _ENDLESS else None
    if row is None:
        raise _gone(policy_id)
    return row


def _as_seen(change: Change, policy_id: int, version: int) -> PolicyTable:
    row = _policy(change, policy_id)
    if row.version != version:
        raise Conflict(
            f"{row.name} was changed by somebody else since you opened it.", "Look at it again, then repeat the change."
        )
    return row


def _require_unattached(change: Change, row: PolicyTable) -> None:
    """Raises `Conflict` while what is filed somewhere is judged by the policy."""
    from sqlmodel import col, select

    from certtui.backend.local.repositories_rows import as_seen_by
    from certtui.backend.local.tables_filing import RepositoryPolicyTable, RepositoryTable

    attached = change.session.exec(
        select(RepositoryTable)
        .join(RepositoryPolicyTable, col(RepositoryPolicyTable.repository_id) == RepositoryTable.id)
        .where(RepositoryPolicyTable.policy_id == row.id)
        .order_by(col(RepositoryTable.name_key))
    ).first()
    if attached is not None:
        raise Conflict(
            f"{row.name} is attached to {as_seen_by(change, attached)}.",
            "Reset that repository first, or change the policy.",
        )


def _waivers(change: Change, policy_id: int) -> Sequence[object]:
    from sqlmodel import select

    from certtui.backend.local.tables_policies import PolicyWaiverTable

    return change.session.exec(select(PolicyWaiverTable).where(PolicyWaiverTable.policy_id == policy_id)).all()


def _gone(policy_id: int) -> NotFound:
    return NotFound(f"There is no policy {policy_id} here (any more).", "Refresh the list.")
