"""CNAMEs of certificates that renew themselves by ACME: looked at daily, long before they are needed, while they can be mended."""

from __future__ import annotations

import logging
import time
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from certtui.backend.local import events
from certtui.backend.local.certificate_values import split
from certtui.backend.local.open_store import Change, OpenStore
from certtui.backend.local.renewals_read import HEAD_OF_LINEAGE
from certtui.backend.local.renewals_story import is_there, row_of, tell
from certtui.clock import epoch
from certtui.errors import CerttuiError, Denied, Interrupted
from certtui.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from certtui.authorities.acme.dns_look import Looked
    from certtui.authorities.base import Authority
    from certtui.backend.local.tables_renewal import RenewalTable

BATCH = 50
"""Certificates that are kept in one transaction."""

BATCHES = 4
"""In one round: others have their turn."""

ROUND_SECONDS = 90.0
"""After so long no further one is begun with in a round: dead name servers hold up nobody's alerts."""

AT_ONCE = 4
"""Certificates that are looked at at a time; the names of one are asked about side by side."""

_DAY = timedelta(days=1)
_TOO_FAR = 2 * 86_400
"""Seconds ahead that nobody sets: a clock that was wrong did."""

_SPREAD = 3_600
"""Seconds over which those of one import come apart again."""

_PAUSES = (timedelta(hours=1), timedelta(hours=2), timedelta(hours=4))
"""From a look that found something wrong to the next; the last one from then on: whoever mends it wants to see it."""

_SURE = ("missing", "wrong", "loop")
"""What an authoritative server says; that none answers, or that they differ, is believed when it is so twice."""

_DUE = f"""SELECT c.id, c.name, c.sans, c.authority_id FROM certificate c
JOIN authority a ON a.id = c.authority_id AND a.type = 'acme' AND a.enabled = 1
LEFT JOIN renewal r ON r.certificate_id = c.id
WHERE c.auto_renew_days > 0 AND c.not_after > ? AND c.revoked_at IS NULL AND {HEAD_OF_LINEAGE}
  AND (coalesce(r.look_at, c.created_at + 86400) <= ? OR r.look_at > ?)
ORDER BY coalesce(r.look_at, c.created_at), c.id LIMIT ?"""  # noqa: S608 (our own)


@dataclass(frozen=True, slots=True)
class _Wanted:
    certificate_id: int
    name: str
    sans: tuple[str, ...]
    authority_id: int


def looks_due(store: OpenStore, now: datetime) -> tuple[int, tuple[str, ...]]:
    """Look at what was not looked at for a day: (certificates whose CNAMEs were seen, nothing, for what is wrong is an alert)."""
    at, done = epoch(now), 0
    ends = time.monotonic() + ROUND_SECONDS
    for _ in range(BATCHES):
        if time.monotonic() > ends:
            break
        with store.readers.use() as connection:
            rows = connection.execute(_DUE, (at, at, at + _TOO_FAR, BATCH)).fetchall()
        wanted = [_Wanted(row[0], row[1], split(row[2]), row[3]) for row in rows]
        if not wanted:
            break
        found = _looked(store, wanted, ends)
        with store.changing() as change:
            for each in wanted:
                if each.certificate_id in found and is_there(change, each.certificate_id):
                    _keep(change, each, found[each.certificate_id])
        done += sum(looks is not None and bool(looks) for looks in found.values())
    return done, ()


def _looked(store: OpenStore, wanted: Sequence[_Wanted], ends: float) -> dict[int, Sequence[Looked] | None]:
    """What was seen, by certificate: nothing where no CNAME is needed, None where it could not be looked.

    Those whose turn comes after the end are left out: they come first the next time.
    """
    made = {authority_id: _authority(store, authority_id) for authority_id in {each.authority_id for each in wanted}}
    with ThreadPoolExecutor(min(len(wanted), AT_ONCE), thread_name_prefix="certtui-cnames") as pool:
        coming = {each.certificate_id: pool.submit(_look, made[each.authority_id], each) for each in wanted}
        for answer in coming.values():
            wait((answer,), max(ends - time.monotonic(), 0))
            if time.monotonic() > ends:
                break
        left = {certificate_id for certificate_id, answer in coming.items() if answer.cancel()}
        return {key: answer.result() for key, answer in coming.items() if key not in left}


def _authority(store: OpenStore, authority_id: int) -> Authority | None:
    from certtui.backend.local.authorities_made import authority_of

    try:
        return authority_of(store, authority_id)
    except (Interrupted, Denied):
        raise
    except CerttuiError:
        return None


def _look(authority: Authority | None, each: _Wanted) -> Sequence[Looked] | None:
    from certtui.authorities.acme.authority import AcmeCa
    from certtui.authorities.acme.proof_delegated import Delegated, looked_at

    if not isinstance(authority, AcmeCa):
        return None
    try:
        return looked_at(authority, each.sans) if isinstance(authority.proof, Delegated) else ()
    except (Interrupted, Denied):
        raise
    except CerttuiError:
        return None
    except Exception:
        # One that can't be looked at must not hide the others; the log has where it happened.
        logging.getLogger(__name__).exception(
            "the CNAMEs of certificate %s could not be looked at", each.certificate_id
        )
        return None


def _keep(change: Change, each: _Wanted, looks: Sequence[Looked] | None) -> None:
    row = row_of(change, each.certificate_id)
    if looks is None:
        row.look_at = change.now + int(_PAUSES[0].total_seconds())
        change.session.add(row)
        return
    row.looked_at = change.now if looks else None
    bad = sorted((one for one in looks if not one.ok), key=lambda one: one.verdict not in _SURE)
    if not bad:
        row.looks_bad = 0
        row.look_at = change.now + int(_DAY.total_seconds()) + each.certificate_id % _SPREAD
        if row.cname:
            _turned(change, row, each, "", "Its CNAMEs lead where they should again.")
        change.session.add(row)
        return
    row.looks_bad += 1
    row.look_at = change.now + int(_PAUSES[min(row.looks_bad, len(_PAUSES)) - 1].total_seconds())
    if bad[0].verdict in _SURE or row.looks_bad > 1:
        more = f" So it is with {len(bad) - 1} more of its names." if len(bad) > 1 else ""
        said = f"{bad[0].sentence}{more}"
        if not row.cname:
            _turned(change, row, each, said, f"It could not be renewed as it is: {said}")
        row.cname = said
    change.session.add(row)


def _turned(change: Change, row: RenewalTable, each: _Wanted, cname: str, told: str) -> None:
    """It was well and is not any more, or the other way round: told once, and on record."""
    row.cname = cname
    tell(change, row, told)
    event = events.CNAME_BROKEN if cname else events.CNAME_MENDED
    change.record(event, "certificate", each.certificate_id, each.name, {"text": told[:500]})
