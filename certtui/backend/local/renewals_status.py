"""Certificates that their CA has revoked: asked about once a day, put on record, and replaced without waiting for their end."""

from __future__ import annotations

import json
import logging
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from certtui.backend.local import events
from certtui.backend.local.entries import touch
from certtui.backend.local.open_store import OpenStore
from certtui.backend.local.page import chain_of, entry_row, leaf_of
from certtui.backend.local.renewals_read import HEAD_OF_LINEAGE
from certtui.backend.local.renewals_story import is_there, row_of, tell
from certtui.clock import epoch, rfc3339
from certtui.errors import CerttuiError, Denied, Interrupted
from certtui.model.revocation import AuthorityKnows, RevocationReason

if TYPE_CHECKING:
    from certtui.model.crl import CrlEntry

BATCH = 50
ROUND_SECONDS = 90.0
"""After so long nobody else is asked in a round: responders that don't answer hold up no renewal."""

_DAY = timedelta(days=1)
_SPREAD = 3_600
_TOO_FAR = 2 * 86_400
"""Seconds ahead that nobody sets: a clock that was wrong did."""


NOT_REPLACED = ("cessationOfOperation", "affiliationChanged", "privilegeWithdrawn", "cACompromise", "aACompromise")
"""Reasons of a CA after which no successor is ordered: nobody needs it, or the same CA should not, or would not, issue it again."""

_HOLD = "certificateHold"
"""It may be taken back: not a revocation yet."""

# Only what was ordered through this store: addresses in what was brought here are written by strangers.
_DUE = f"""SELECT c.id, a.settings, a.name FROM certificate c
JOIN authority a ON a.id = c.authority_id AND a.type = 'acme' AND a.enabled = 1
LEFT JOIN renewal r ON r.certificate_id = c.id
WHERE c.auto_renew_days > 0 AND c.not_after > ? AND c.revoked_at IS NULL AND c.source = 'managed' AND {HEAD_OF_LINEAGE}
  AND (coalesce(r.status_at, c.created_at + 86400) <= ? OR r.status_at > ?)
ORDER BY coalesce(r.status_at, c.created_at), c.id LIMIT ?"""  # noqa: S608 (our own)


def statuses_due(store: OpenStore, now: datetime) -> tuple[int, tuple[str, ...]]:
    """Ask about those that were not asked about for a day: (how many were found revoked, nothing: it is asked again anyway)."""
    from certtui.authorities.acme.revoked import revocation_of

    at, found = epoch(now), 0
    with store.readers.use() as connection:
        rows = connection.execute(_DUE, (at, at, at + _TOO_FAR, BATCH)).fetchall()
    heard: dict[str, bytes | None] = {}
    ends = time.monotonic() + ROUND_SECONDS
    for certificate_id, settings, authority in rows:
        if time.monotonic() > ends:
            break
        said = None
        try:
            with store.readers.use() as connection:
                leaf = leaf_of(connection, entry_row(connection, certificate_id))
                chain = chain_of(connection, certificate_id)
            wanted = json.loads(settings).get("ask_revoked") != "no"
            if wanted and leaf is not None and chain and chain[0].subject_id == leaf.issuer_id:
                said = revocation_of(leaf, chain[0], now, heard)
        except (Interrupted, Denied):
            raise
        except CerttuiError as error:
            logging.getLogger(__name__).info("certificate %s could not be asked about: %s", certificate_id, error)
        except Exception:
            # What a stranger publishes must not hide what others do.
            logging.getLogger(__name__).exception("certificate %s could not be asked about", certificate_id)
        if said is not None and said[0].reason != _HOLD:
            found += _learned(store, certificate_id, authority, *said)
        else:
            _asked(store, certificate_id)
    return found, ()


def _asked(store: OpenStore, certificate_id: int) -> None:
    with store.changing() as change:
        if not is_there(change, certificate_id):
            return
        row = row_of(change, certificate_id)
        row.status_at = change.now + int(_DAY.total_seconds()) + certificate_id % _SPREAD
        change.session.add(row)


def _learned(store: OpenStore, certificate_id: int, authority: str, entry: CrlEntry, where: str) -> int:
    """It is revoked, here as well: on record with who said so, and replaced unless the reason speaks against it."""
    from certtui.backend.local.revoke_renewal import why_no_renewal
    from certtui.backend.local.tables import CertificateTable
    from certtui.backend.local.tables_issuing import RevocationTable

    with store.changing() as change:
        row = change.session.get(CertificateTable, certificate_id)
        if row is None or row.revoked_at is not None:
            return 0
        known = {str(each) for each in RevocationReason}
        renew = entry.reason not in NOT_REPLACED and not why_no_renewal(change, row)
        more = "" if entry.reason in known else f" The reason is {entry.reason}."
        answer = f"{where} says so, since {rfc3339(entry.revoked_at)}.{more}"
        row.revoked_at = min(epoch(entry.revoked_at), change.now)
        touch(change, row)
        change.session.add(
            RevocationTable(
                certificate_id=row.id,
                reason=entry.reason if entry.reason in known else RevocationReason.UNSPECIFIED.value,
                revoked_by=authority,
                authority_knows=AuthorityKnows.ITSELF.value,
                answer=answer[0].upper() + answer[1:],
                renew=int(renew),
            )
        )
        tell(change, row_of(change, row.id), f"Its CA has revoked it ({entry.reason}): {where} says so.")
        change.record(
            events.REVOCATION_LEARNED,
            "certificate",
            row.id,
            row.name,
            {
                "serial": row.serial_number,
                "reason": entry.reason,
                "where": where,
                "version": row.version,
                "renew": renew,
            },
        )
        return 1
