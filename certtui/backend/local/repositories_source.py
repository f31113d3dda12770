"""A data source that is chosen for a repository: its CA, and the policies that are attached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend.local.cas_rows import ca_row
from certtui.backend.local.cas_values import settings_of
from certtui.backend.local.open_store import Change
from certtui.backend.local.repositories_rows import as_seen_by, bound_to
from certtui.errors import Conflict, Denied, Invalid, NotFound
from certtui.model.access import refusal
from certtui.model.local_ca import CaState
from certtui.model.repository import DataSource
from certtui.record import dataclass

if TYPE_CHECKING:
    from certtui.backend.local.tables_filing import RepositoryTable
    from certtui.backend.local.tables_issuing import CaTable
    from certtui.model.repository import RepositorySource

_MAX_POLICIES = 100
_STATES = {
    CaState.WAITING.value: "waits for its certificate",
    CaState.OFFLINE.value: "is offline: its key is not here",
    CaState.RETIRED.value: "is retired",
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """A data source, checked for itself."""

    kind: DataSource
    ca_id: int | None
    policy_ids: tuple[int, ...]
    policy_set: str


def checked_source(source: RepositorySource) -> Chosen:
    """What is wrong with it, whatever the store holds. Raises `Invalid` (field)."""
    try:
        kind = DataSource(source.data_source)
    except ValueError:
        known = ", ".join(one.value for one in DataSource)
        said = f"{source.data_source} is no data source." if source.data_source else "A repository needs a data source."
        raise Invalid(said, f"It is one of {known}.", field="data_source") from None
    if kind.bound and source.ca_id is None:
        raise Invalid(
            f"“{kind.label}” are those of one CA.", "Choose an intermediate CA of the built-in PKI.", field="ca_id"
        )
    if not kind.bound and source.ca_id is not None:
        raise Invalid(f"“{kind.label}” belong to no CA.", "Leave the CA out.", field="ca_id")
    policies, ready_made = tuple(dict.fromkeys(source.policy_ids)), source.policy_set.strip()
    if kind is DataSource.COMPLIANT and not policies and not ready_made:
        raise Invalid(
            "What is compliant is judged by policies, and none is attached.",
            "Name policies, or a ready-made set.",
            field="policies",
        )
    if kind is not DataSource.COMPLIANT and (policies or ready_made):
        raise Invalid(
            f"Policies are attached to compliant certificates alone, not to “{kind.label}”.",
            "Leave them out.",
            field="policies",
        )
    if len(policies) > _MAX_POLICIES:
        raise Invalid(f"{_MAX_POLICIES} policies are the limit.", "Name fewer.", field="policies")
    return Chosen(kind, source.ca_id, policies, ready_made)


def choose(change: Change, row: RepositoryTable, chosen: Chosen) -> dict[str, object]:
    """Give a repository its data source; what is told of it on record. Raises `Invalid` (field), `Conflict`, `Denied`."""
    from certtui.backend.local.tables_filing import RepositoryPolicyTable

    row.data_source = chosen.kind.value
    told: dict[str, object] = {"data_source": chosen.kind.value}
    if chosen.ca_id is not None:
        ca = _bindable(change, chosen.kind, chosen.ca_id)
        row.ca_id = ca.id
        told["ca"] = ca.id
    change.session.add(row)
    change.session.flush()
    policies = _policies(change, chosen)
    for policy_id in policies:
        change.session.add(RepositoryPolicyTable(repository_id=row.id, policy_id=policy_id))
    if policies:
        change.session.flush()
        told["policies"] = policies
    return told


def _bindable(change: Change, kind: DataSource, ca_id: int) -> CaTable:
    """The CA, if it can be bound. Raises `Invalid` (field), `Conflict`, `Denied`."""
    if change.access is not None:
        raise Denied(
            "A CA issues for everybody, so whoever binds one has to see all of the store.",
            "Ask an admin who does.",
        )
    try:
        ca = ca_row(change, ca_id)
    except NotFound as missing:
        raise Invalid(missing.message, missing.hint, field="ca_id") from None
    if ca.kind != "intermediate":
        raise Invalid(f"The CA {ca.name} is a root.", "Bind an intermediate that it signed.", field="ca_id")
    if ca.state in _STATES:
        raise Invalid(f"The CA {ca.name} {_STATES[ca.state]}.", "Choose one that issues.", field="ca_id")
    taken = bound_to(change, ca_id)
    if taken is not None:
        raise Conflict(
            f"The CA {ca.name} is bound to {as_seen_by(change, taken)} already.",
            "Choose another CA, or reset that repository first.",
        )
    if kind is DataSource.COMPLIANT and not settings_of(ca.settings).compliant:
        raise Invalid(
            f"The CA {ca.name} is not marked as compliant.",
            f"Mark it (`certtui ca edit {ca.id} --compliant`), or choose another.",
            field="ca_id",
        )
    return ca


def _policies(change: Change, chosen: Chosen) -> list[int]:
    from certtui.backend.local.tables_policies import PolicyTable

    for policy_id in chosen.policy_ids:
        if change.session.get(PolicyTable, policy_id) is None:
            raise Invalid(f"There is no policy {policy_id} here (any more).", "Choose others.", field="policies")
    return list(dict.fromkeys([*chosen.policy_ids, *_of_set(change, chosen.policy_set)]))


def _of_set(change: Change, name: str) -> list[int]:
    """The policies of a ready-made set; those that are not here yet are added, not enabled."""
    from certtui.backend.local.policies import added_set

    if not name:
        return []
    try:
        return added_set(change, name, may_add=change.rights is None or not refusal(change.rights, "policies.add_set"))
    except NotFound as missing:
        raise Invalid(missing.message, missing.hint, field="policy_set") from None
