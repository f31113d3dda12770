"""What an ACME profile adds to pages, as data: what the proof needs and what was seen of it, the account."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from certtui.authorities.acme import caa_order
from certtui.authorities.acme.profile import directory_of, emails_of
from certtui.clock import rfc3339
from certtui.errors import CerttuiError
from certtui.model.panel import PanelLine

if TYPE_CHECKING:
    from certtui.authorities.acme.authority import AcmeCa
    from certtui.authorities.acme.books import KeptAccount
    from certtui.authorities.base import Request


_WRITES_TO = "CA writes to"


def asked(ca: AcmeCa, request: Request) -> Sequence[PanelLine]:
    """What an order would ask for."""
    lines = [PanelLine("Asked of", ca.summary)]
    if profile := ca.settings.get("profile", ""):
        lines.append(PanelLine("ACME profile", profile))
    if request.days is not None:
        lines.append(PanelLine("Validity", f"{request.days} days wished; the CA decides"))
    return [*lines, *ca.proof.asked(request)]


def of_order(ca: AcmeCa, request: Request, now: datetime) -> Sequence[PanelLine]:
    """What an order that was sent waits for."""
    progress = ca.books.progress(request.order_id)
    caa, proof = caa_order.lines(progress.caa), ca.proof.panel(request, now)
    # What has to be mended stands above how several consoles want a CNAME.
    lines = [*caa, *proof] if any(not each.ok for each in progress.caa) else [*proof, *caa]
    if progress.rehearsed_at is not None:
        lines.append(PanelLine("Staging", f"A run there went well at {rfc3339(progress.rehearsed_at)}.", mark="ok"))
    return [*lines, PanelLine("Order at the CA", progress.url, copy=progress.url)] if progress.url else lines


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
        lines += _of_account(account)
    if ca.settings.get("agree") != "yes":
        lines.append(PanelLine("Terms", "Nobody has agreed to them: nothing can be ordered.", mark="problem"))
    # These lines stand on pages of certificates too, which have contacts of their own.
    wished = ", ".join(emails_of(ca.settings))
    if wished and all(each.text != wished for each in lines if each.label == _WRITES_TO):
        lines.append(PanelLine("E-mail set", wished))
    return [*lines, *ca.proof.of_profile()]


def _of_account(account: KeptAccount) -> list[PanelLine]:
    """As the CA last said."""
    mark = "problem" if account.closed else "ok"
    lines = [PanelLine("Account", account.url, mark=mark, copy=account.url)]
    if account.closed:
        lines.append(
            PanelLine(
                "", f"It is closed ({account.status}): nothing can be ordered until another is made.", mark="problem"
            )
        )
    elif account.seen_at is not None:
        said = f"{account.status}, as the CA said at {rfc3339(account.seen_at)[:16].replace('T', ' ')} UTC"
        lines.append(PanelLine("Account state", said, mark="" if account.status == "valid" else "problem"))
        told = ", ".join(each.removeprefix("mailto:") for each in account.contact_seen)
        lines.append(PanelLine(_WRITES_TO, told or "none that the CA keeps"))
    if account.key_type:
        lines.append(PanelLine("Account key", account.key_type))
    return lines
