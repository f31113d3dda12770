"""A policy tried on the inventory as it stands: streamed, so that a million entries are never held."""

from __future__ import annotations

from datetime import datetime

from certtui.backend.local.certificate_values import split
from certtui.backend.local.policies_subject import stored_subject
from certtui.backend.local.read import dialect
from certtui.clock import epoch
from certtui.model.policy import MAX_DRY_RUN_FINDINGS, DryRunFinding, PolicyDryRun
from certtui.model.policy_judge import applies, judge_applying, names_judged

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3

    from certtui.backend.local.readers import Readers
    from certtui.model.policy import Policy
    from certtui.model.progress import Progress

_STEP = 500
_LIVING = "fingerprint_sha256 IS NOT NULL AND not_after >= ? AND (revoked_at IS NULL OR revoked_at > ?)"
_COLUMNS = (
    "id, name, sans, common_name, {subject}, key_algorithm, signature_digest, not_before, not_after, issuer_name, "
    "provider, business_group, is_ca"
)


def dry_run(readers: Readers, policy: Policy, now: datetime, progress: Progress | None = None) -> PolicyDryRun:
    """Judge every living certificate. Raises what `progress` raises, to break it off."""
    at = epoch(now)
    with readers.use() as connection:
        connection.execute("BEGIN")
        try:
            counting = f"SELECT count(*) FROM certificate WHERE {_LIVING}"  # noqa: S608 (our own text)
            total = int(connection.execute(counting, (at, at)).fetchone()[0])
            return _judged(connection, policy, now, total, progress)
        finally:
            connection.rollback()


def _judged(
    connection: sqlite3.Connection, policy: Policy, now: datetime, total: int, progress: Progress | None
) -> PolicyDryRun:
    at = epoch(now)
    scope = policy.row.scope
    # Taking a subject apart takes as long as everything else.
    subjects = "subject" if policy.row.rules.subject_fields else "''"
    act = scope.acts[0]
    judged = about = failing = waived = 0
    found: list[DryRunFinding] = []
    cursor = dialect.stream(
        connection,
        (f"SELECT {_COLUMNS.format(subject=subjects)} FROM certificate WHERE {_LIVING} ORDER BY id", (at, at)),  # noqa: S608
    )
    while rows := cursor.fetchmany(_STEP):
        for row_id, name, sans, *facts in rows:
            subject = stored_subject(act, name, split(sans), *facts)
            names = names_judged(subject)
            if not applies(scope, subject, names):
                continue
            about += 1
            findings = judge_applying(policy, subject, names, now)
            if not findings:
                continue
            if all(one.waiver_id is not None for one in findings):
                waived += 1
            else:
                failing += 1
            room = MAX_DRY_RUN_FINDINGS - len(found)
            found += [DryRunFinding(row_id, name, one) for one in findings[:room]]
        judged += len(rows)
        if progress is not None:
            progress(judged, total)
    return PolicyDryRun(judged, about, failing, waived, tuple(found), now)
