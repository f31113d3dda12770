"""The gate: what every path passes before something is issued, renewed or imported (DESIGN 2, policy).

One function, `pass_gate`. A hard finding refuses, whatever the person says; a soft one passes with a reason or under a
waiver, and is put on record with it. What was refused is on record too, although the act's transaction is undone:
`OpenStore.changing` asks for that once it is.
"""

from __future__ import annotations

from certtui.backend.local import events
from certtui.backend.local.cas_whole import whole
from certtui.backend.local.policies_findings import note_findings
from certtui.backend.local.policies_rows import attached_policies, policies_in_force, selecting, selecting_in
from certtui.clock import from_epoch
from certtui.errors import PolicyRefused, ReasonNeeded
from certtui.model.policy import HARD, PolicySubject
from certtui.model.policy_judge import clipped, judge
from certtui.model.policy_words import refusal_sentence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from certtui.backend.local.open_store import Change, OpenStore
    from certtui.model.policy import Policy, PolicyFinding

_HINT = "Change what is asked for, or ask whoever sets the policies."
_WHY = "Say why it may pass all the same."


def pass_gate(
    store: OpenStore,
    change: Change | None,
    subject: PolicySubject,
    *,
    reason: str = "",
    object_id: int | None = None,
    ca_id: int | None = None,
) -> tuple[PolicyFinding, ...]:
    """Let a request pass, or raise; answers the soft findings that it passed with, which are on record then.

    `change` is the transaction that it is part of; None outside of one. `object_id` is the entry that it is about, where
    there is one; `ca_id` the CA of the built-in PKI that is asked, whose repository may have policies attached.
    Raises `PolicyRefused` for a hard finding, `ReasonNeeded` for a soft one without a reason or a waiver.
    """
    policies = in_force(store, change, ca_id)
    now = store.clock.now() if change is None else from_epoch(change.now)
    findings = judge(policies, subject, now) if policies else ()
    if not findings:
        return ()
    try:
        require_passable(findings, subject, reason)
    except PolicyRefused as refused:
        if change is None:
            record_refusal(store, refused)
        raise
    if change is not None:
        record_soft(change, findings, subject, reason, object_id)
        return findings
    with store.recording() as own:
        record_soft(own, findings, subject, reason, object_id)
    return findings


def in_force(store: OpenStore, change: Change | None, ca_id: int | None = None) -> tuple[Policy, ...]:
    """The enabled policies, within a change read once, under its lock; and those that are attached for what a CA issues."""
    if change is None:
        with whole(store).readers.use() as connection:
            now, select = store.clock.now(), selecting(connection)
            return _with(policies_in_force(select, now), attached_policies(select, now, ca_id=ca_id))
    if change.policies is None:
        change.policies = policies_in_force(selecting_in(change), from_epoch(change.now))
    return _with(change.policies, () if ca_id is None else attached(change, ca_id=ca_id))


def attached(change: Change, *, repository_id: int | None = None, ca_id: int | None = None) -> tuple[Policy, ...]:
    """The policies that are attached to a repository, or to that of a CA: they hold there, enabled elsewhere or not."""
    return attached_policies(selecting_in(change), from_epoch(change.now), repository_id=repository_id, ca_id=ca_id)


def _with(enabled: tuple[Policy, ...], more: tuple[Policy, ...]) -> tuple[Policy, ...]:
    """All of them, each once: an attached one is about every act."""
    if not more:
        return enabled
    ids = {policy.id for policy in more}
    return (*(policy for policy in enabled if policy.id not in ids), *more)


def require_passable(findings: Sequence[PolicyFinding], subject: PolicySubject, reason: str) -> None:
    """Raises `PolicyRefused`, `ReasonNeeded` for findings that do not pass."""
    hard = tuple(finding for finding in findings if finding.outcome == HARD)
    if hard:
        raise PolicyRefused(refusal_sentence(hard), _HINT, findings=hard, subject=subject)
    asking = tuple(finding for finding in findings if finding.needs_reason)
    if asking and not reason.strip():
        raise ReasonNeeded(refusal_sentence(asking), _WHY, findings=asking)


def record_refusal(store: OpenStore, refused: PolicyRefused) -> None:
    """Put a refusal on record, in a transaction of its own: that of the act is undone."""
    if refused.subject is None:
        return
    with store.recording() as change:
        record_hard(change, refused.findings, refused.subject, None)


def record_hard(
    change: Change, findings: Sequence[PolicyFinding], subject: PolicySubject, object_id: int | None
) -> None:
    """Put hard findings on record within a change that goes on in another way."""
    name = subject.entry_name or subject.common_name
    change.record(events.POLICY_HARD_FAIL, "certificate", object_id, name, _detail(findings, subject, ""))


def record_soft(
    change: Change, findings: Sequence[PolicyFinding], subject: PolicySubject, reason: str, object_id: int | None
) -> None:
    """Put soft findings on record, with the person's word and the waivers that were used; the entry keeps them."""
    if object_id is not None:
        note_findings(change, [(object_id, findings)])
    name = subject.entry_name or subject.common_name
    detail = _detail(findings, subject, reason)
    change.record(events.POLICY_SOFT_FAIL, "certificate", object_id, name, detail)


def _detail(findings: Sequence[PolicyFinding], subject: PolicySubject, reason: str) -> dict[str, object]:
    detail: dict[str, object] = {
        "act": subject.act,
        "names": list(map(clipped, subject.names[:_NAMES])),
        "findings": [
            {"policy": one.policy_id, "name": one.policy_name, "rule": one.rule, "message": one.message}
            | ({} if one.waiver_id is None else {"waiver": one.waiver_id})
            for one in findings
        ],
    }
    return detail | ({"reason": reason.strip()} if reason.strip() else {})


_NAMES = 20
"""Names in a record; a certificate may have thousands."""
