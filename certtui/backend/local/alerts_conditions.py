"""What raises each kind of alert, as one SELECT over stored facts and `now`; `docs/alerts.md` says the same in words.

Every statement has the columns of COLUMNS, one row for each thing that needs a person. Epoch seconds and numbers of days
are written into the text, for they are numbers of ours; what people wrote is in the parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from certtui.backend.local.read import dialect
from certtui.backend.local.read.dialect import Sql
from certtui.backend.local.weak import WEAK_DIGEST, WEAK_KEY
from certtui.model.alert import DEFAULT_THRESHOLDS, AlertKind, Severity, severity_of_days

COLUMNS = ("object_id", "severity", "level", "object_name", "business_group", "certificate_id", "due_at", "detail")

DAY = 86_400
EXPIRED_DAYS = 30
"""For so long an expired certificate that nothing uses raises its hand; then it is history."""

CA_DAYS = (365, 180, 90, 30, 7)
"""Days at which a CA that runs out raises its hand, but not before the last third of its life."""

WAITING_DAYS = ((30, Severity.CRITICAL), (7, Severity.WARNING), (2, Severity.INFO))
"""Days after which an order that waits for somebody raises its hand, and how high."""

LONGEST_DETAIL = 500


@dataclass(frozen=True, slots=True)
class Facts:
    """What is judged by beside the rows: the instant, and the numbers that belong to the store."""

    now: int
    short_lifetime_days: int = 100
    thresholds: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """Days by business group, "" for all groups without their own."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A kind of alert, what kind of thing it is about, and what finds it."""

    kind: AlertKind
    object_kind: str
    statement: Callable[[Facts], Sql]
    many: bool = False
    """There may be a great many: then the rows themselves are not read where an alert says the same already. What it says
    beside severity and level does not change without an act that tells the alert (`alerts_labels`)."""


def _expiring(facts: Facts) -> Sql:
    default = tuple(facts.thresholds.get("", DEFAULT_THRESHOLDS))
    own = {group: tuple(days) for group, days in facts.thresholds.items() if group}
    furthest = max(max(days) for days in (default, *own.values()))
    level = _level(default, facts.now)
    if own:
        cases = " ".join(f"WHEN ? THEN {_level(days, facts.now)}" for days in own.values())
        level = f"CASE c.business_group {cases} ELSE {level} END"
    severities = {each: severity_of_days(each) for days in (default, *own.values()) for each in days}
    critical = max((each for each, severity in severities.items() if severity is Severity.CRITICAL), default=0)
    warning = max((each for each, severity in severities.items() if severity is Severity.WARNING), default=critical)
    inner = (
        f"SELECT c.id, {level} AS level, c.name, c.business_group, c.not_after FROM certificate c "  # noqa: S608
        f"WHERE c.not_after >= {facts.now} AND c.not_after <= {facts.now + furthest * DAY} "
        f"AND {_not_revoked('c', facts.now)} "
        f"AND (c.not_after - c.not_before > {facts.short_lifetime_days * DAY} OR c.expiring_from <= {facts.now}) "
        f"AND {_NO_CA_OF_OURS} AND {_not_replaced(facts.now)}"
    )
    return (
        "SELECT e.id AS object_id, "  # noqa: S608
        f"CASE WHEN e.level <= {critical} THEN 3 WHEN e.level <= {warning} THEN 2 ELSE 1 END AS severity, "
        "e.level AS level, e.name AS object_name, e.business_group AS business_group, e.id AS certificate_id, "
        f"e.not_after AS due_at, '' AS detail FROM ({inner}) e WHERE e.level > 0",
        tuple(own),
    )


def _expired(facts: Facts) -> Sql:
    return _certificates(
        Severity.CRITICAL,
        f"c.not_after < {facts.now} AND c.not_after >= {facts.now - EXPIRED_DAYS * DAY} AND c.resource_count = 0 "
        f"AND {_not_revoked('c', facts.now)} AND {_NO_CA_OF_OURS} AND {_not_replaced(facts.now)}",
    )


def _in_use_expired(facts: Facts) -> Sql:
    return _certificates(
        Severity.CRITICAL,
        f"c.not_after < {facts.now} AND c.resource_count > 0 AND {_not_revoked('c', facts.now)}",
        detail="CAST(c.resource_count AS TEXT)",
    )


def _in_use_revoked(facts: Facts) -> Sql:
    return _certificates(
        Severity.CRITICAL,
        f"c.revoked_at <= {facts.now} AND c.resource_count > 0",
        due="c.revoked_at",
        detail="CAST(c.resource_count AS TEXT)",
    )


def _weak_key(facts: Facts) -> Sql:
    where = f"({WEAK_KEY.format('c.')}) AND {_living('c', facts.now)}"
    return _certificates(Severity.WARNING, where, detail="c.key_algorithm")


def _weak_digest(facts: Facts) -> Sql:
    where = f"{WEAK_DIGEST.format('c.')} AND {_living('c', facts.now)}"
    return _certificates(Severity.WARNING, where, detail="c.signature_digest")


def _key_reuse(facts: Facts) -> Sql:
    return _shared("spki_sha256", "c.is_ca = 0", Severity.WARNING, facts)


def _duplicate_name(facts: Facts) -> Sql:
    return _shared("name_key", "TRUE", Severity.INFO, facts)


HANGING_DAYS = 1
"""So long an order that renews something by itself may wait before that is told."""

_RENEWED_BY_ITSELF = (
    "SELECT w.order_id FROM renewal w JOIN certificate c ON c.id = w.certificate_id "
    "WHERE w.order_id IS NOT NULL AND c.auto_renew_days > 0"
)
"""Orders of which `renewal_blocked` tells, with the end of what they renew in view."""


def _renewal_blocked(facts: Facts) -> Sql:
    waits = (
        f"o.status IN ('pending', 'processing') AND o.type <> 'external' "
        f"AND o.submitted_at <= {facts.now - HANGING_DAYS * DAY}"
    )
    reason = (
        "CASE WHEN c.authority_id IS NULL THEN 'no authority' WHEN p.id IS NULL THEN 'authority gone' "
        "WHEN p.enabled = 0 THEN 'authority disabled' WHEN w.blocked <> '' THEN rtrim(substr(w.blocked, 1, 300), '.') "
        "WHEN o.status = 'failed' THEN rtrim(substr('order ' || CAST(o.id AS TEXT) || ' failed: ' || o.error || "
        "CASE WHEN o.error_words <> '' THEN ' ' || o.error_words ELSE '' END, 1, 300), '.') "
        f"ELSE 'order ' || CAST(o.id AS TEXT) || ' waits for ' || o.authority_name || ' since ' || "
        f"CAST(({facts.now} - o.submitted_at) / {DAY} AS TEXT) || ' days' END"
    )
    joined = (
        "LEFT JOIN authority p ON p.id = c.authority_id LEFT JOIN renewal w ON w.certificate_id = c.id "
        "LEFT JOIN certificate_order o ON o.id = w.order_id"
    )
    stands = f"(p.id IS NULL OR p.enabled = 0 OR w.blocked <> '' OR o.status = 'failed' OR ({waits}))"
    by_time, given = _certificates(
        _by_nearness("c.auto_renew_days", facts.now),
        f"c.auto_renew_days > 0 AND {stands} AND {_living('c', facts.now)} AND {_not_replaced(facts.now)}",
        detail=reason,
        joined=f" {joined}",
    )
    revoked, _ = _certificates(
        Severity.CRITICAL,
        # With a plus before it a column leads through no index of SQLite: the few that are looked for come first.
        f"+c.not_after >= {facts.now} AND {stands} AND {_not_replaced(facts.now)}",
        detail=reason,
        joined=f" JOIN revocation v ON v.certificate_id = c.id AND v.renew = 1 {joined}",
    )
    return f"{by_time} UNION ALL {revoked}", given


def _by_nearness(days: str, now: int) -> str:
    """How urgent, by what is left until the end: more when it should be renewed already, most in its last week (or sixth)."""
    soon = f"(c.not_after - {now})"
    return (
        f"CASE WHEN {soon} <= {7 * DAY} AND {soon} * 6 <= c.not_after - c.not_before THEN 3 "
        f"WHEN {soon} <= ({days}) * {DAY} THEN 2 ELSE 1 END"
    )


def _cname_broken(facts: Facts) -> Sql:
    return _certificates(
        _by_nearness("c.auto_renew_days + 7", facts.now),
        f"+c.auto_renew_days > 0 AND +c.not_after >= {facts.now} AND {_not_revoked('c', facts.now)} "
        f"AND {_not_replaced(facts.now)}",
        detail=f"substr(w.cname, 1, {LONGEST_DETAIL})",
        joined=" JOIN renewal w ON w.certificate_id = c.id AND w.cname <> '' "
        "JOIN authority p ON p.id = c.authority_id AND p.type = 'acme'",
    )


def _ca_not_told(facts: Facts) -> Sql:
    return _certificates(
        "CASE WHEN r.reason IN ('keyCompromise', 'cACompromise') THEN 3 ELSE 2 END",
        f"r.authority_knows IN ('not told', 'a person must tell it') AND c.not_after >= {facts.now}",
        due="c.revoked_at",
        detail="r.authority_knows",
        joined=" JOIN revocation r ON r.certificate_id = c.id",
    )


def _policy_finding(facts: Facts) -> Sql:
    # From the findings, of which there are fewer than certificates.
    found = (
        "SELECT f.certificate_id, min(p.name) AS first, count(*) AS total FROM soft_finding f "  # noqa: S608
        f"JOIN policy p ON p.id = f.policy_id AND p.enabled = 1 WHERE f.waived_until <= {facts.now} "
        "GROUP BY f.certificate_id"
    )
    return _certificates(
        Severity.WARNING,
        f"{_living('c', facts.now)} AND {_not_replaced(facts.now)}",
        detail="o.first || CASE WHEN o.total > 1 THEN ' +' || CAST(o.total - 1 AS TEXT) ELSE '' END",
        joined=f" JOIN ({found}) o ON o.certificate_id = c.id",
    )


def _order_failed(_facts: Facts) -> Sql:
    return _orders(
        str(int(Severity.WARNING)),
        "o.status = 'failed' AND NOT EXISTS (SELECT 1 FROM certificate_order s WHERE s.again_of = o.id) "  # noqa: S608
        f"AND o.id NOT IN ({_RENEWED_BY_ITSELF})",
        due="o.finished_at",
        detail=f"substr(o.error || CASE WHEN o.error_words <> '' THEN ' ' || o.error_words ELSE '' END, 1, {LONGEST_DETAIL})",
    )


def _order_waiting(facts: Facts) -> Sql:
    cases = " ".join(
        f"WHEN o.submitted_at <= {facts.now - days * DAY} THEN {int(severity)}" for days, severity in WAITING_DAYS
    )
    least = min(days for days, _ in WAITING_DAYS)
    # An external CA's profile says after how many days to remind; 0 is never.
    days_of = f"CAST(NULLIF({dialect.json_text('settings', 'reminder_days')}, '') AS BIGINT)"
    days = f"coalesce((SELECT {days_of} FROM authority WHERE authority.id = o.authority_id), {least})"  # noqa: S608
    return _orders(
        f"CASE {cases} ELSE 1 END",
        f"o.status IN ('pending', 'processing') AND {days} > 0 AND o.submitted_at <= {facts.now} - {days} * {DAY} "
        f"AND (o.type = 'external' OR o.id NOT IN ({_RENEWED_BY_ITSELF}))",
        due="o.submitted_at",
        detail="o.authority_name",
    )


def _ca_expiring(facts: Facts) -> Sql:
    left = f"(c.not_after - {facts.now})"
    return _cas(
        f"CASE WHEN {left} <= {30 * DAY} THEN 3 WHEN {left} <= {90 * DAY} THEN 2 ELSE 1 END",
        "JOIN certificate c ON c.id = k.certificate_id",
        f"k.state IN ('active', 'offline') AND {_NO_SUCCESSOR} AND {left} <= {max(CA_DAYS) * DAY} "
        f"AND {left} * 3 <= c.not_after - c.not_before AND {_not_revoked('c', facts.now)}",
        level=f"CASE WHEN {left} <= 0 THEN 0 ELSE {_level(CA_DAYS, facts.now)} END",
        due="c.not_after",
        detail="''",
    )


def _ca_revoked_above(facts: Facts) -> Sql:
    down = (
        "WITH RECURSIVE down(id, above, revoked_at) AS (SELECT b.id, a.name, c.revoked_at FROM ca b "  # noqa: S608
        "JOIN ca a ON a.id = b.parent_id JOIN certificate c ON c.id = a.certificate_id "
        f"WHERE c.revoked_at <= {facts.now} "
        "UNION SELECT k.id, d.above, d.revoked_at FROM ca k JOIN down d ON k.parent_id = d.id) "
        "SELECT id, min(above) AS above, min(revoked_at) AS revoked_at FROM down GROUP BY id"
    )
    return _cas(
        str(int(Severity.CRITICAL)),
        f"JOIN ({down}) d ON d.id = k.id",
        "k.state = 'active'",
        due="d.revoked_at",
        detail="d.above",
    )


def _crl_expiring(facts: Facts) -> Sql:
    # The worker renews a CRL when a third of its time is left; one from outside has to be asked for by then.
    late = "CASE WHEN r.external = 1 THEN 3 ELSE 6 END"
    return _cas(
        str(int(Severity.WARNING)),
        _CRL,
        f"r.next_update > {facts.now} AND c.not_after >= {facts.now} AND k.state <> 'waiting' AND (k.publish_error <> '' "
        f"OR (r.next_update - {facts.now}) * ({late}) <= r.next_update - r.this_update)",
        due="r.next_update",
        detail=f"substr(k.publish_error, 1, {LONGEST_DETAIL})",
    )


def _crl_overdue(facts: Facts) -> Sql:
    return _cas(
        str(int(Severity.CRITICAL)),
        _CRL,
        f"r.next_update <= {facts.now} AND c.not_after >= {facts.now} AND k.state <> 'waiting'",
        due="r.next_update",
        detail=f"substr(k.publish_error, 1, {LONGEST_DETAIL})",
    )


def _watched_folder(_facts: Facts) -> Sql:
    told = (
        "SELECT authority_id, min(name) AS first, count(*) AS total FROM watched_file WHERE problem <> '' "
        "GROUP BY authority_id"
    )
    more = "CASE WHEN t.total > 1 THEN ' +' || CAST(t.total - 1 AS TEXT) ELSE '' END"
    return (
        f"SELECT p.id AS object_id, {int(Severity.WARNING)} AS severity, 0 AS level, p.name AS object_name, "  # noqa: S608
        "'' AS business_group, CAST(NULL AS BIGINT) AS certificate_id, CAST(NULL AS BIGINT) AS due_at, "
        f"substr(w.problem, 1, {LONGEST_DETAIL}) || {more} AS detail FROM ({told}) t "
        "JOIN watched_file w ON w.authority_id = t.authority_id AND w.name = t.first "
        "JOIN authority p ON p.id = t.authority_id",
        (),
    )


def _delivery_failed(_facts: Facts) -> Sql:
    last = (
        "SELECT channel_id, max(CASE WHEN state = 'failed' THEN id ELSE 0 END) AS failed, "
        "max(CASE WHEN state = 'sent' THEN id ELSE 0 END) AS sent FROM delivery GROUP BY channel_id"
    )
    return (
        f"SELECT h.id AS object_id, {int(Severity.WARNING)} AS severity, 0 AS level, h.name AS object_name, "  # noqa: S608
        "'' AS business_group, CAST(NULL AS BIGINT) AS certificate_id, d.created_at AS due_at, "
        f"substr(d.answer, 1, {LONGEST_DETAIL}) AS detail FROM channel h JOIN ({last}) n ON n.channel_id = h.id "
        "JOIN delivery d ON d.id = n.failed WHERE n.failed > n.sent AND h.enabled = 1",
        (),
    )


CONDITIONS = (
    Condition(AlertKind.EXPIRING, "certificate", _expiring, many=True),
    Condition(AlertKind.EXPIRED, "certificate", _expired),
    Condition(AlertKind.IN_USE_EXPIRED, "certificate", _in_use_expired),
    Condition(AlertKind.IN_USE_REVOKED, "certificate", _in_use_revoked),
    Condition(AlertKind.WEAK_KEY, "certificate", _weak_key),
    Condition(AlertKind.WEAK_DIGEST, "certificate", _weak_digest),
    Condition(AlertKind.KEY_REUSE, "certificate", _key_reuse),
    Condition(AlertKind.DUPLICATE_NAME, "certificate", _duplicate_name),
    Condition(AlertKind.POLICY_FINDING, "certificate", _policy_finding),
    Condition(AlertKind.RENEWAL_BLOCKED, "certificate", _renewal_blocked),
    Condition(AlertKind.CNAME_BROKEN, "certificate", _cname_broken),
    Condition(AlertKind.CA_NOT_TOLD, "certificate", _ca_not_told),
    Condition(AlertKind.ORDER_FAILED, "order", _order_failed),
    Condition(AlertKind.ORDER_WAITING, "order", _order_waiting),
    Condition(AlertKind.CA_EXPIRING, "ca", _ca_expiring),
    Condition(AlertKind.CA_REVOKED_ABOVE, "ca", _ca_revoked_above),
    Condition(AlertKind.CRL_EXPIRING, "ca", _crl_expiring),
    Condition(AlertKind.CRL_OVERDUE, "ca", _crl_overdue),
    Condition(AlertKind.WATCHED_FOLDER, "authority", _watched_folder),
    Condition(AlertKind.DELIVERY_FAILED, "channel", _delivery_failed),
)
"""All kinds that SQL alone finds; an incomplete chain is found by `alerts_chains`."""


# --- parts ----------------------------------------------------------------------------------------------------------------

_NO_CA_OF_OURS = "NOT EXISTS (SELECT 1 FROM ca k WHERE k.certificate_id = c.id)"
_NO_SUCCESSOR = "NOT EXISTS (SELECT 1 FROM ca s WHERE s.predecessor_id = k.id)"
_CRL = "JOIN crl r ON r.ca_id = k.id AND r.delta = 0 JOIN certificate c ON c.id = k.certificate_id"


def _not_revoked(table: str, now: int) -> str:
    return f"({table}.revoked_at IS NULL OR {table}.revoked_at > {now})"


def _living(table: str, now: int) -> str:
    """Has an X.509 that is neither expired nor revoked."""
    return f"{table}.not_after >= {now} AND {_not_revoked(table, now)}"


def _not_replaced(now: int) -> str:
    """No newer entry renews it that is valid now."""
    return (
        "NOT EXISTS (SELECT 1 FROM certificate n WHERE n.renews_id = c.id AND n.not_before "  # noqa: S608
        f"<= {now} AND {_living('n', now)})"
    )


def _level(days: Sequence[int], now: int) -> str:
    cases = " ".join(f"WHEN c.not_after - {now} <= {each * DAY} THEN {each}" for each in sorted(set(days)))
    return f"CASE {cases} ELSE 0 END"


def _certificates(
    severity: Severity | str, where: str, *, due: str = "c.not_after", detail: str = "''", joined: str = ""
) -> Sql:
    severity = severity if isinstance(severity, str) else str(int(severity))
    return (
        f"SELECT c.id AS object_id, {severity} AS severity, 0 AS level, c.name AS object_name, "  # noqa: S608
        f"c.business_group AS business_group, c.id AS certificate_id, {due} AS due_at, {detail} AS detail "
        f"FROM certificate c{joined} WHERE {where}",
        (),
    )


def _orders(severity: str, where: str, *, due: str, detail: str) -> Sql:
    return (
        f"SELECT o.id AS object_id, {severity} AS severity, 0 AS level, "  # noqa: S608
        "CASE WHEN o.name <> '' THEN o.name ELSE o.common_name END AS object_name, "
        f"o.business_group AS business_group, o.certificate_id AS certificate_id, {due} AS due_at, {detail} AS detail "
        f"FROM certificate_order o WHERE {where}",
        (),
    )


def _cas(severity: str, joined: str, where: str, *, due: str, detail: str, level: str = "0") -> Sql:
    return (
        f"SELECT k.id AS object_id, {severity} AS severity, {level} AS level, k.name AS object_name, "  # noqa: S608
        f"'' AS business_group, CAST(NULL AS BIGINT) AS certificate_id, {due} AS due_at, {detail} AS detail "
        f"FROM ca k {joined} WHERE {where}",
        (),
    )


def _shared(column: str, more: str, severity: Severity, facts: Facts) -> Sql:
    """What several living entries share, none of them replaced: one row for each group that has a part in it, hung on its oldest."""
    several = (
        f"SELECT {column} AS shared FROM certificate WHERE {column} <> '' "  # noqa: S608
        f"GROUP BY {column} HAVING count(*) > 1"
    )
    counted = f"{more} AND {_living('c', facts.now)} AND {_not_replaced(facts.now)}"
    alive = (
        f"SELECT g.shared, count(*) AS total FROM ({several}) g JOIN certificate c ON c.{column} = g.shared "  # noqa: S608
        f"WHERE {counted} GROUP BY g.shared HAVING count(*) > 1"
    )
    oldest = (
        f"SELECT min(c.id) AS id, min(l.total) AS total FROM ({alive}) l JOIN certificate c ON c.{column} = l.shared "  # noqa: S608
        f"WHERE {counted} GROUP BY l.shared, c.business_group"
    )
    return (
        f"SELECT c.id AS object_id, {int(severity)} AS severity, 0 AS level, c.name AS object_name, "  # noqa: S608
        "c.business_group AS business_group, c.id AS certificate_id, CAST(NULL AS BIGINT) AS due_at, "
        f"CAST(f.total AS TEXT) AS detail FROM ({oldest}) f JOIN certificate c ON c.id = f.id",
        (),
    )
