"""Which soft policies an entry passed all the same: a row for each, from which alerts are made.

The audit log tells of them in sentences; here stands only what a sweep asks a million times. A row goes with its entry and
with its policy. What a waiver lets pass is quiet until the waiver ends, whether it was made before or after.
"""

from __future__ import annotations

from certtui.backend.local.certificate_values import split
from certtui.backend.local.policies_rows import selecting_in, waivers_of
from certtui.clock import epoch, from_epoch
from certtui.model.policy import IMPORT, PolicySubject
from certtui.model.policy_judge import names_judged, waiver_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from certtui.backend.local.open_store import Change
    from certtui.model.policy import PolicyFinding

_NOTE = (
    "INSERT INTO soft_finding (certificate_id, policy_id, waived_until) VALUES (?, ?, ?) "
    "ON CONFLICT (certificate_id, policy_id) DO UPDATE SET waived_until = excluded.waived_until"
)
_PAGE = 5_000
_OF_POLICY = (
    "SELECT f.certificate_id, f.waived_until, c.name, c.common_name, c.sans FROM soft_finding f "  # noqa: S608 (a number)
    "JOIN certificate c ON c.id = f.certificate_id WHERE f.policy_id = ? AND f.certificate_id > ? "
    f"ORDER BY f.certificate_id LIMIT {_PAGE}"
)


def note_findings(change: Change, found: Iterable[tuple[int, Sequence[PolicyFinding]]]) -> None:
    """Keep with entries (by id) what they passed with, beside what is kept already."""
    found = list(found)
    waived = any(one.waiver_id is not None for _, findings in found for one in findings)
    ends = {one.id: epoch(one.expires_at) for one in waivers_of(selecting_in(change), None)} if waived else {}
    rows = {
        (entry, one.policy_id): 0 if one.waiver_id is None else ends.get(one.waiver_id, 0)
        for entry, findings in found
        for one in findings
    }
    _many(change, _NOTE, [(entry, policy, until) for (entry, policy), until in rows.items()])


def forget_findings(change: Change, certificate_id: int) -> None:
    """What an entry passed with is about to be judged anew."""
    _many(change, "DELETE FROM soft_finding WHERE certificate_id = ?", [(certificate_id,)])


def waivers_changed(change: Change, policy_id: int) -> None:
    """A waiver of the policy came or went: what was found before is waived as it now says."""
    select = selecting_in(change)
    now = from_epoch(change.now)
    waivers = waivers_of(select, policy_id)
    last = 0
    while True:
        page = [tuple(row) for row in select(_OF_POLICY, (policy_id, last))]
        changed = []
        for entry, before, name, common_name, sans in page:
            subject = PolicySubject(IMPORT, names=split(sans), common_name=common_name, entry_name=name)
            waiver = waiver_for(waivers, subject, names_judged(subject), now)
            until = 0 if waiver is None else epoch(waiver.expires_at)
            if until != before:
                changed.append((until, entry, policy_id))
        _many(change, "UPDATE soft_finding SET waived_until = ? WHERE certificate_id = ? AND policy_id = ?", changed)
        if len(page) < _PAGE:
            return
        last = int(page[-1][0])


def _many(change: Change, statement: str, rows: Sequence[tuple[int, ...]]) -> None:
    if not rows:
        return
    change.session.flush()
    connection = change.session.connection()
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    connection.exec_driver_sql(statement.replace("?", mark), list(rows))
