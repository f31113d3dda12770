"""The rules of `certtui.model.status` as SQL over stored facts and `now`; a property test holds the two equal."""

from __future__ import annotations

from certtui.backend.local.read import dialect
from certtui.backend.local.read.dialect import Sql
from certtui.model.status import Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

PRECEDENCE = (
    Status.REVOKED,
    Status.ERROR,
    Status.PENDING,
    Status.DRAFT,
    Status.NOT_YET_VALID,
    Status.EXPIRED,
    Status.EXPIRING,
    Status.ACTIVE,
)
"""The order of `sort: status`, worst and oldest first."""

_NOT_REVOKED = "(revoked_at IS NULL OR revoked_at > ?)"
_NO_X509 = "(not_before IS NULL OR not_after IS NULL)"


def status_is(statuses: Sequence[str], now: int) -> Sql:
    """The rows with one of the statuses at `now` (epoch seconds)."""
    wanted = set(statuses)
    parts: list[Sql] = []
    if {Status.ACTIVE, Status.EXPIRING} <= wanted:
        wanted -= {Status.ACTIVE, Status.EXPIRING}
        parts.append((f"not_after >= ? AND not_before <= ? AND {_NOT_REVOKED}", (now, now, now)))
    parts += [_status(status, now) for status in PRECEDENCE if status in wanted]
    return dialect.either(parts)


def _status(status: Status, now: int) -> Sql:
    match status:
        case Status.REVOKED:
            return "revoked_at IS NOT NULL AND revoked_at <= ?", (now,)
        case Status.DRAFT:
            return f"state IN ('', 'draft') AND {_NO_X509} AND {_NOT_REVOKED}", (now,)
        case Status.ERROR | Status.PENDING:
            # The first two conditions let the small index of entries without an X.509 answer.
            return f"state = ? AND state <> '' AND {_NO_X509} AND {_NOT_REVOKED}", (str(status), now)
        case Status.NOT_YET_VALID:
            return f"not_before > ? AND not_after IS NOT NULL AND {_NOT_REVOKED}", (now, now)
        case Status.EXPIRED:
            return f"not_after < ? AND not_before <= ? AND {_NOT_REVOKED}", (now, now, now)
        case Status.EXPIRING:
            return (
                f"not_after >= ? AND not_before <= ? AND expiring_from <= ? AND {_NOT_REVOKED}",
                (now, now, now, now),
            )
        case Status.ACTIVE:
            return (
                "not_after >= ? AND not_before <= ? AND (expiring_from IS NULL OR expiring_from > ?) "
                f"AND {_NOT_REVOKED}",
                (now, now, now, now),
            )
