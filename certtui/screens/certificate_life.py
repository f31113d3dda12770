"""The life of a certificate on its page: the strip of stops, what is next in a sentence, and what was done. Pure functions."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from certtui.model.renewal import lead
from certtui.model.status import DAY, ExpiringRule, Status, days_ago, days_remaining, expiring_from
from certtui.widgets.fields import Item, blank, heading, sentence
from certtui.widgets.lifecycle_strip import Stop

if TYPE_CHECKING:
    from collections.abc import Sequence

    from certtui.model.certificate import Certificate, LineageEntry

STATUS_STYLE = {
    Status.ACTIVE: "ok",
    Status.EXPIRING: "warn",
    Status.EXPIRED: "bad",
    Status.REVOKED: "bad",
    Status.ERROR: "bad",
    Status.NOT_YET_VALID: "note",
    Status.PENDING: "note",
    Status.DRAFT: "note",
}
_SHOWN_THRESHOLDS = 4


def stops(certificate: Certificate, now: datetime, rule: ExpiringRule | None = None) -> list[Stop]:
    """Issued, deployed, watched, renewed, ended: a fact under each, and under that since when or until when."""
    begin, end = certificate.row.not_before, certificate.row.not_after
    if begin is None or end is None:
        return [Stop("requested", f"{certificate.row.created_at:%Y-%m-%d}", "", True), Stop("issued", "not yet", "dim")]
    status = certificate.row.status
    over = status in (Status.EXPIRED, Status.REVOKED)
    name, fact, more = _last(certificate, end, now)
    return [
        Stop("issued", _day(begin), "", True, _came(certificate, begin)),
        _deployed(certificate),
        _watched(certificate, begin, end, rule or ExpiringRule(), now),
        _renewal(certificate),
        Stop(name, fact, STATUS_STYLE.get(status, ""), over, more),
    ]


def next_step(certificate: Certificate, now: datetime) -> str:
    """What is next in its life, one sentence; "" before there is a certificate."""
    begin, end, status = certificate.row.not_before, certificate.row.not_after, certificate.row.status
    if begin is None or end is None:
        return ""
    users = _users(certificate)
    newer = renewal_of(certificate)
    if status is Status.REVOKED or newer is not None:
        if users:
            return f"{_several(users)} {'has' if len(users) == 1 else 'have'} to be given {newer.name if newer else 'another one'}."
        return "Nothing: it is used by nothing known here, and can be deleted."
    if status is Status.EXPIRED:
        return (
            f"{_several(users)} {'needs' if len(users) == 1 else 'need'} another one."
            if users
            else "Nothing; it can be deleted."
        )
    if begin > now:
        return f"It becomes valid on {_day(begin)}."
    coming = [
        (end, "it expires" + (f", and {_several(users)} {'breaks' if len(users) == 1 else 'break'}" if users else ""))
    ]
    coming += [
        (end - days * DAY, f"an alert is raised, {days} {'day' if days == 1 else 'days'} before it expires")
        for days in (certificate.life.thresholds if certificate.life else ())
    ]
    if certificate.authority and (renews := renews_at(certificate)) is not None:
        if renews <= now:
            return f"{certificate.authority} is to renew it, since {_day(renews)}."
        # In front: where an alert is raised at the same instant, this is what a person wants to know.
        coming.insert(0, (renews, f"{certificate.authority} renews it"))
    at, what = min((one for one in coming if one[0] > now), key=lambda one: one[0])
    return f"On {_day(at)} {what}."


def renews_at(certificate: Certificate) -> datetime | None:
    """When its days have come, which are fitted to a life that is too short for them; None for one that does not renew itself."""
    begin, end, days = certificate.row.not_before, certificate.row.not_after, certificate.auto_renew_days
    return None if begin is None or end is None or not days else end - lead(begin, end, days)


def renewal_of(certificate: Certificate) -> LineageEntry | None:
    """The certificate that renews it, once there is one."""
    newer = (one for one in certificate.lineage if one.relation == "renewal")
    return next((one for one in newer if one.not_before is not None or one.status is Status.ACTIVE), None)


def done(certificate: Certificate) -> list[Item]:
    """What was done with it, newest first; nothing where that was not read."""
    life = certificate.life
    if life is None:
        return []
    items = [blank(), heading("What was done")]
    for each in life.done:
        text = each.text + (f", by {each.by}" if each.by else "")
        items.append(Item(f"{each.at:%Y-%m-%d}", text, copies=f"{each.at:%Y-%m-%d %H:%M} UTC {each.stage}: {text}"))
    if life.alerted_at is not None and life.alert_id is not None:
        items.append(
            Item(_day(life.alerted_at), "an alert on its end is open", "warn", target=("alert", life.alert_id))
        )
    return [*items, sentence("The tab Audit has every record, exports and views too.", "dim")]


def _came(certificate: Certificate, begin: datetime) -> str:
    """How it came here, where that says more than the day it was issued."""
    if certificate.order_id is not None:
        return f"order {certificate.order_id}"
    added = certificate.row.created_at
    return "" if _day(added) == _day(begin) else f"here {_day(added)}"


def _deployed(certificate: Certificate) -> Stop:
    resources, consumers = len(certificate.resources), len(certificate.consumers)
    if not resources and not consumers:
        return Stop("deployed", "no resource", "dim", False)
    fact = f"{resources} resource{'s' if resources != 1 else ''}"
    if consumers:
        others = f"{consumers} consumer{'s' if consumers != 1 else ''}"
        fact = f"{resources} + {others}" if resources else others
    since = certificate.life.used_since if certificate.life else None
    return Stop("deployed", fact, "", True, f"since {_day(since)}" if since else "")


def _watched(certificate: Certificate, begin: datetime, end: datetime, rule: ExpiringRule, now: datetime) -> Stop:
    life, status = certificate.life, certificate.row.status
    reached = status in (Status.EXPIRING, Status.EXPIRED, Status.REVOKED)
    due = status in (Status.EXPIRING, Status.EXPIRED) and renewal_of(certificate) is None
    watched = certificate.expiring_at or expiring_from(begin, end, rule)
    style = "warn" if due else ""
    if life is None:
        return Stop("watched", f"from {_day(watched)}", style, reached)
    days = " ".join(map(str, life.thresholds[:_SHOWN_THRESHOLDS]))
    fact = f"{days} …" if len(life.thresholds) > _SHOWN_THRESHOLDS else f"{days} d"
    if life.alerted_at is not None:
        return Stop("watched", fact, style, True, f"alert {_day(life.alerted_at)}")
    return Stop("watched", fact, style, reached, f"from {_day(watched)}" if watched > now else "")


def _renewal(certificate: Certificate) -> Stop:
    newer, at_days = renewal_of(certificate), renews_at(certificate)
    if newer is not None:
        at = certificate.life.renewed_at if certificate.life else None
        return Stop("renewed", _day(at) if at else "done", "", True, f"by {newer.name}")
    status = certificate.row.status
    due = status in (Status.EXPIRING, Status.EXPIRED)
    if status is Status.REVOKED:
        if certificate.revocation is not None and certificate.revocation.renew:
            return Stop("renew", "now", "warn", False, certificate.authority)
        return Stop("renew", "no", "dim", False)
    if at_days is not None and certificate.authority:
        return Stop("renew by", _day(at_days), "warn" if due else "", False, certificate.authority)
    return Stop("renew by hand", "due" if due else "not due", "warn" if due else "", False)


def _last(certificate: Certificate, end: datetime, now: datetime) -> tuple[str, str, str]:
    """Name, fact, and what stands under it."""
    if certificate.revocation is not None:
        return "revoked", _day(certificate.revocation.revoked_at), str(certificate.revocation.reason)
    if certificate.row.status is Status.REVOKED:
        return "revoked", _day(end), ""
    left = days_remaining(end, now)
    if certificate.row.status is Status.EXPIRED:
        return "expired", _day(end), days_ago(left)
    return "expires", _day(end), f"in {left:,} d"


def _users(certificate: Certificate) -> list[str]:
    return [*(one.name for one in certificate.resources), *(one.service for one in certificate.consumers)]


def _several(names: Sequence[str]) -> str:
    if len(names) > 3:
        return f"{', '.join(names[:2])} and {len(names) - 2} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d}"
