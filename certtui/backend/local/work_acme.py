"""Records in tech zones whose order has ended, however it ended: cancelled, failed, or killed between two steps."""

from __future__ import annotations

import logging
from datetime import datetime

from certtui.backend.local.open_store import OpenStore
from certtui.clock import epoch
from certtui.errors import CerttuiError, Denied, Interrupted

RUN_SECONDS = 900
"""A run at a staging server belongs to no order, and is over by then, or dead."""


def records_due(store: OpenStore, now: datetime) -> tuple[int, tuple[str, ...]]:
    """Take them away: (how many, one sentence for each profile whose records could not be removed)."""
    from certtui.authorities.acme.authority import AcmeCa
    from certtui.authorities.acme.taking_away import take_away
    from certtui.backend.local.authorities_made import authority_of

    with store.readers.use() as connection:
        rows = connection.execute(
            "SELECT DISTINCT r.authority_id, r.order_id, a.name FROM acme_record r "
            "JOIN authority a ON a.id = r.authority_id "
            "LEFT JOIN certificate_order o ON o.id = r.order_id AND o.status IN ('pending', 'processing') "
            "WHERE o.id IS NULL AND (r.order_id > 0 OR r.added_at <= ?) ORDER BY r.authority_id, r.order_id",
            (epoch(now) - RUN_SECONDS,),
        ).fetchall()
    done = 0
    problems: dict[int, str] = {}
    for authority_id, order_id, name in rows:
        if authority_id in problems:
            continue
        try:
            authority = authority_of(store, authority_id)
            if isinstance(authority, AcmeCa):
                done += take_away(authority, order_id)
        except (Interrupted, Denied):
            raise
        except CerttuiError as error:
            problems[authority_id] = f"{name}: records in its tech zone could not be removed. {error}"
        except Exception as error:
            logging.getLogger(__name__).exception("records of order %s could not be removed", order_id)
            problems[authority_id] = f"{name}: removing records failed: {type(error).__name__}. The log says more."
    return done, tuple(problems.values())


def take_away_last(store: OpenStore, authority_id: int) -> list[str]:
    """Before a profile goes, with which nobody could any more: the names of the records that stay, as nobody answered."""
    from certtui.authorities.acme.authority import AcmeCa
    from certtui.authorities.acme.taking_away import take_away
    from certtui.backend.local.authorities_made import authority_of

    with store.readers.use() as connection:
        orders = connection.execute(
            "SELECT DISTINCT r.order_id FROM acme_record r "
            "LEFT JOIN certificate_order o ON o.id = r.order_id AND o.status IN ('pending', 'processing') "
            "WHERE r.authority_id = ? AND o.id IS NULL ORDER BY r.order_id",
            (authority_id,),
        ).fetchall()
    if not orders:
        return []
    try:
        authority = authority_of(store, authority_id)
        for (order_id,) in orders:
            if isinstance(authority, AcmeCa):
                take_away(authority, order_id)
    except (Interrupted, Denied):
        raise
    except CerttuiError as error:
        logging.getLogger(__name__).warning("records of a profile that goes stay: %s", error)
    with store.readers.use() as connection:
        left = connection.execute("SELECT name FROM acme_record WHERE authority_id = ? ORDER BY id", (authority_id,))
        return [name for (name,) in left.fetchall()]
