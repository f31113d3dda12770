"""What policies say of certificates that are added: a batch at once, so that without such a policy it costs nothing."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from certtui.backend.local import events, gate
from certtui.backend.local.access_entries import inside, settled_group
from certtui.backend.local.certificate_values import entry_name
from certtui.backend.local.open_store import Change, OpenStore
from certtui.backend.local.policies_findings import note_findings
from certtui.backend.local.policies_subject import imported_subject
from certtui.clock import from_epoch
from certtui.errors import CerttuiError, PolicyRefused, ReasonNeeded
from certtui.model.certificate import Labels, NewCertificate
from certtui.model.policy import IMPORT, PolicyFinding, PolicySubject
from certtui.model.policy_judge import judge


@dataclass(frozen=True, slots=True)
class _Passed:
    """One that passes with soft findings."""

    index: int
    findings: tuple[PolicyFinding, ...]
    subject: PolicySubject
    reason: str


@dataclass(slots=True)
class JudgedBatch:
    """What the gate says of a batch."""

    refused: dict[int, PolicyRefused | ReasonNeeded] = field(default_factory=dict)
    """By position: why those are left out."""
    _hard: list[tuple[tuple[PolicyFinding, ...], PolicySubject]] = field(default_factory=list)
    _passed: list[_Passed] = field(default_factory=list)

    def note(self, left_out: Iterable[CerttuiError]) -> None:
        """What hard policies of a repository found of those that are left out."""
        self._hard += [
            (one.findings, one.subject)
            for one in left_out
            if isinstance(one, PolicyRefused) and one.subject is not None
        ]

    def record(self, change: Change, ids: Sequence[int]) -> None:
        """Put it on record; `ids` are the entries' by position. One event for all, as an import has."""
        if len(self._hard) == 1:
            gate.record_hard(change, *self._hard[0], None)
        elif self._hard:
            detail: dict[str, object] = {
                "act": IMPORT,
                "certificates": [subject.entry_name for _, subject in self._hard],
                "findings": _summed(findings for findings, _ in self._hard),
            }
            change.record(events.POLICY_HARD_FAIL, "certificate", None, _several(self._hard), detail)
        if len(self._passed) == 1:
            one = self._passed[0]
            gate.record_soft(change, one.findings, one.subject, one.reason, ids[one.index])
        elif self._passed:
            note_findings(change, [(ids[one.index], one.findings) for one in self._passed])
            reasons = list(dict.fromkeys(one.reason for one in self._passed if one.reason))
            detail = {
                "act": IMPORT,
                "ids": [ids[one.index] for one in self._passed],
                "findings": _summed(one.findings for one in self._passed),
            }
            if reasons:
                detail["reason"] = " / ".join(reasons)
            change.record(events.POLICY_SOFT_FAIL, "certificate", None, _several(self._passed), detail)


def judge_batch(
    store: OpenStore,
    change: Change,
    batch: Sequence[tuple[NewCertificate, Labels]],
    there: Mapping[str, object],
    csr_ids: Mapping[str, int],
    *,
    skip_refused: bool,
    left_out: Container[int] = (),
) -> JudgedBatch:
    """Judge those of a batch that are new here. Raises `PolicyRefused`, `ReasonNeeded` unless they are to be skipped.

    `there` has the fingerprints of the inventory, `csr_ids` the saved CSRs that wait, by their keys; `left_out` are the
    positions of those that are not added anyway.
    """
    judged = JudgedBatch()
    policies = [one for one in gate.in_force(store, change) if IMPORT in one.row.scope.acts]
    if not policies:
        return judged
    seen: set[str] = set()
    for index, (new, labels) in enumerate(batch):
        if index in left_out or new.x509.fingerprint_sha256 in there:
            continue
        subject = _subject(change, new, labels, csr_ids)
        findings = judge(policies, subject, from_epoch(change.now))
        if not findings:
            continue
        try:
            gate.require_passable(findings, subject, new.reason)
        except (PolicyRefused, ReasonNeeded) as refused:
            if not skip_refused:
                raise _named(refused, subject) if len(batch) > 1 else refused from None
            judged.refused[index] = refused
            if isinstance(refused, PolicyRefused):
                judged._hard.append((refused.findings, subject))
            continue
        if new.x509.fingerprint_sha256 not in seen:
            seen.add(new.x509.fingerprint_sha256)
            judged._passed.append(_Passed(index, findings, subject, new.reason.strip()))
    return judged


def _subject(change: Change, new: NewCertificate, labels: Labels, csr_ids: Mapping[str, int]) -> PolicySubject:
    facts = new.x509
    name, group = labels.name, labels.business_group
    csr_id = csr_ids.get(facts.spki_sha256) if new.csr_id is None else new.csr_id
    if csr_id is not None:
        from certtui.backend.local.tables import CertificateTable

        row = change.session.get(CertificateTable, csr_id)
        if row is None or not inside(change, row):
            # Adding refuses it in a moment; nothing of an entry that lies outside the scope is told here.
            return imported_subject(facts, name or entry_name(facts), group)
        name, group = name or row.name, group or row.business_group
    group = settled_group(change.access, group, facts.sans, facts.common_name)
    return imported_subject(facts, name or entry_name(facts), group)


def _named(refused: PolicyRefused | ReasonNeeded, subject: PolicySubject) -> PolicyRefused | ReasonNeeded:
    """The same error, saying which of several certificates it is about."""
    message = f"{subject.entry_name}: {refused.message}"
    if isinstance(refused, PolicyRefused):
        return PolicyRefused(message, refused.hint, findings=refused.findings, subject=refused.subject)
    return ReasonNeeded(message, refused.hint, findings=refused.findings)


def _several(certificates: Sequence[object]) -> str:
    return f"{len(certificates)} certificates"


def _summed(all_findings: Iterable[Sequence[PolicyFinding]]) -> list[dict[str, object]]:
    """How often each rule of each policy was met, with the first sentence."""
    found: dict[tuple[int, str], dict[str, object]] = {}
    for findings in all_findings:
        for one in findings:
            kept = found.setdefault(
                (one.policy_id, one.rule),
                {
                    "policy": one.policy_id,
                    "name": one.policy_name,
                    "rule": one.rule,
                    "message": one.message,
                    "count": 0,
                },
            )
            kept["count"] = int(str(kept["count"])) + 1
    return list(found.values())
