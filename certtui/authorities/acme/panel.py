"""What an ACME profile adds to pages, as data: the CNAMEs, what was seen of them, the account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from certtui.authorities.acme.profile import directory_of, emails_of
from certtui.clock import rfc3339
from certtui.errors import CerttuiError
from certtui.model.panel import PanelLine

if TYPE_CHECKING:
    from certtui.authorities.acme.authority import AcmeCa
    from certtui.authorities.acme.dns_look import Looked
    from certtui.authorities.acme.dns_names import Delegation
    from certtui.authorities.base import Request


def asked(ca: AcmeCa, request: Request) -> Sequence[PanelLine]:
    """What an order would ask for."""
    lines = [PanelLine("Asked of", ca.summary)]
    if profile := ca.settings.get("profile", ""):
        lines.append(PanelLine("ACME profile", profile))
    if request.days is not None:
        lines.append(PanelLine("Validity", f"{request.days} days wished; the CA decides"))
    return lines + [
        PanelLine("CNAME", f"{made.name} → {made.target}", copy=made.zone_line) for made in ca.delegations(request.sans)
    ]


def of_order(ca: AcmeCa, request: Request, now: datetime) -> Sequence[PanelLine]:
    """What an order that was sent waits for."""
    progress = ca.books.progress(request.order_id)
    if progress.url:
        return [
            *(PanelLine("CNAME", each.sentence, mark="ok") for each in progress.looks),
            PanelLine("Order at the CA", progress.url, copy=progress.url),
        ]
    looks = {each.delegation: each for each in progress.looks}
    lines = []
    if any(made not in looks or not looks[made].ok for made in ca.delegations(request.sans)):
        lines.append(PanelLine("To do", "Make this record, then leave: the order goes on by itself.", mark="waiting"))
    for made in ca.delegations(request.sans):
        looked = looks.get(made)
        mark = "waiting" if looked is None else "ok" if looked.ok else "problem" if looked.seen else "waiting"
        if looked is not None and looked.verdict == "missing":
            mark = "waiting"
        lines.append(PanelLine("CNAME", f"{made.name} → {made.target}", mark=mark, copy=made.zone_line))
        if looked is not None and not looked.ok:
            lines += _seen(looked)
    if progress.looked_at is not None:
        lines.append(PanelLine("Looked", rfc3339(progress.looked_at)))
    lines += _consoles(ca, request, looks)
    return lines


def of_profile(ca: AcmeCa) -> Sequence[PanelLine]:
    """The profile's own page."""
    try:
        lines = [PanelLine("Directory", directory_of(ca.settings), copy=directory_of(ca.settings))]
    except CerttuiError as error:
        return [PanelLine("Directory", error.message, mark="problem")]
    account = ca.books.account()
    if account is None or not account.url or account.directory != directory_of(ca.settings):
        lines.append(PanelLine("Account", "None yet: the test, or the first order, makes it.", mark="waiting"))
    else:
        lines.append(PanelLine("Account", account.url, mark="ok", copy=account.url))
    if ca.settings.get("agree") != "yes":
        lines.append(PanelLine("Terms", "Nobody has agreed to them: nothing can be ordered.", mark="problem"))
    if contact := ", ".join(emails_of(ca.settings)):
        lines.append(PanelLine("Contact", contact))
    lines.append(PanelLine("Tech zone", ca.tech_zone))
    return lines


def _seen(looked: Looked) -> list[PanelLine]:
    lines = [
        PanelLine("Seen now", f"{each.server}  {each.text}" + (f" (TTL {each.ttl} s)" if each.ttl else ""))
        for each in looked.seen
    ]
    return lines or [PanelLine("Seen now", looked.sentence)]


def _consoles(ca: AcmeCa, request: Request, looks: Mapping[Delegation, Looked]) -> list[PanelLine]:
    from certtui.authorities.acme.dns_names import for_consoles

    lines = []
    for made in ca.delegations(request.sans):
        looked = looks.get(made)
        if looked is None or looked.ok:
            continue
        lines += [PanelLine(console, text, copy=text) for console, text in for_consoles(made, looked.zone)]
    return lines
