"""What is added to the page of a certificate: its authority's own lines, and how it stands with its renewal.

None of it is a reason for the page not to open.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from certtui.clock import from_epoch, rfc3339
from certtui.errors import CerttuiError
from certtui.model.panel import PanelLine

_SHOWN = 5

if TYPE_CHECKING:
    from certtui.backend.local.open_store import OpenStore
    from certtui.model.certificate import Certificate


def with_panel(store: OpenStore, page: Certificate) -> Certificate:
    """The page with the panel of the profile that issued it, where there is one, and the renewal's."""
    if page.x509 is None:
        return page
    return replace(page, panel=(*_renewal(store, page), *_authority(store, page)))


def _authority(store: OpenStore, page: Certificate) -> tuple[PanelLine, ...]:
    if page.authority_id is None or not page.authority:
        return ()
    from certtui.backend.local.authorities_made import authority_of

    try:
        return tuple(authority_of(store, page.authority_id).panel(None, "", store.clock.now()))
    except CerttuiError as error:
        return (PanelLine("Its authority", error.message, mark="problem"),)


def _renewal(store: OpenStore, page: Certificate) -> tuple[PanelLine, ...]:
    """When it renews itself, why then, what stands in the way, and what was decided before."""
    from certtui.backend.local import renewals_read

    if not page.auto_renew_days and (page.revocation is None or not page.revocation.renew):
        return ()
    found = renewals_read.of_certificate(store, page.id)
    with store.readers.use() as connection:
        told = renewals_read.story(connection, page.id)
    lines = []
    if found is not None:
        renewal = found.renewal
        when = f"{rfc3339(renewal.due_at)[:16].replace('T', ' ')} UTC"
        lines.append(
            PanelLine("Renewal", f"due since {when}" if renewal.due else when, mark="waiting" if renewal.due else "")
        )
        lines.append(PanelLine("Why then", renewal.why))
        if renewal.blocked:
            again = f" It is tried again at {rfc3339(renewal.try_at)}." if renewal.try_at is not None else ""
            under_way = renewal.try_at is None and renewal.order_id is not None
            lines.append(PanelLine("Now", renewal.blocked + again, mark="waiting" if under_way else "problem"))
        if renewal.cname:
            lines.append(PanelLine("CNAME", f"{renewal.cname} Mend it: the renewal needs it.", mark="problem"))
        elif renewal.looked_at is not None:
            seen = f"{rfc3339(renewal.looked_at)[:16].replace('T', ' ')} UTC"
            lines.append(PanelLine("CNAME", f"Each leads where it should, seen {seen}.", mark="ok"))
    lines += [
        PanelLine("Decided", f"{rfc3339(from_epoch(at))[:16].replace('T', ' ')} {text}") for at, text in told[-_SHOWN:]
    ]
    return tuple(lines)
