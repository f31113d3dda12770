"""*Auto-renew doesn't trigger*, answered by the console itself: bad days, or a CNAME that broke since the order."""

from __future__ import annotations

from datetime import timedelta

import pytest

from certtui.backend.local.backend import LocalBackend
from certtui.errors import Invalid
from certtui.model.certificate import CertificateEdit
from certtui.model.order import OrderStatus
from certtui.model.query import Gone, Query
from tests.acme.test_orders import Ahead, delegate
from tests.acme.test_renewals import DAY, backend, clock, issued, lines, move_to, server
from tests.lab import CUSTOMER, Lab

pytestmark = pytest.mark.real("pebble", "named")
__all__ = ["backend", "clock", "server"]  # fixtures


def alerts(backend: LocalBackend) -> list[tuple[str, str, str]]:
    """Those about renewals that are open: kind, severity and what they say."""
    backend.alerts.sweep()
    rows = backend.alerts.search(Query("state:open")).rows(0, 20)
    return [
        (str(row.kind), str(row.severity), row.detail)
        for row in rows
        if not isinstance(row, Gone) and str(row.kind) in ("cname_broken", "renewal_blocked", "order_waiting")
    ]


def test_bad_days_are_refused_with_those_that_would_do(server: Lab, backend: LocalBackend) -> None:
    page = issued(server, backend, f"days.{CUSTOMER}")
    assert page.x509 is not None
    life = (page.x509.not_after - page.x509.not_before + timedelta(seconds=1)).days
    with pytest.raises(Invalid) as refused:
        backend.certificates.edit(page.id, page.version, CertificateEdit(auto_renew_days=life))
    assert refused.value.message == f"It lives {life} days, and can't be renewed {life} days before its end."
    assert refused.value.hint == f"Give 1 to {life - 1}, or 0 for one that does not renew itself."


def test_a_cname_that_breaks_is_told_long_before_it_is_needed_and_until_it_is_mended(
    server: Lab, backend: LocalBackend, clock: Ahead
) -> None:
    name = f"drifts.{CUSTOMER}"
    page = issued(server, backend, name, days=10)
    assert page.x509 is not None
    assert "cnames" not in backend.work.run_due().done  # it was looked at by its order
    clock.seconds += 86_400
    assert backend.work.run_due().done["cnames"] == 1
    assert lines(backend.certificates.get(page.id), "CNAME")[0].startswith("Each leads where it should, seen ")
    assert backend.work.run_due().done.get("cnames") is None  # at most once a day

    record = f"_acme-challenge.{name}"
    server.dns.put(CUSTOMER, record, "CNAME", "elsewhere.example.", ttl=1_800)
    clock.seconds += 90_000
    assert backend.work.run_due().done["cnames"] == 1
    ((kind, severity, detail),) = alerts(backend)
    assert (kind, severity) == ("cname_broken", "info")
    assert detail.startswith(f"{record} leads to the wrong target: elsewhere.example, not to ")
    assert "Caches may keep that for 1800 seconds." in detail
    page = backend.certificates.get(page.id)
    assert lines(page, "CNAME") == [f"{detail} Mend it: the renewal needs it."]
    assert lines(page, "Decided")[-1].endswith(f"It could not be renewed as it is: {detail}")
    assert backend.renewals.due() == ()  # not for weeks

    # It comes nearer, and more urgent; then it is due, and its order waits for what the page says.
    assert page.x509 is not None
    move_to(clock, page.x509.not_after - 15 * DAY)
    assert alerts(backend)[0][1] == "warning"
    move_to(clock, page.x509.not_after - 10 * DAY + timedelta(minutes=1))
    (order_id,) = backend.renewals.run_due().orders
    assert backend.orders.get(order_id).row.status is OrderStatus.PENDING
    assert lines(backend.certificates.get(page.id), "Now") == [
        f"Its renewal is under way: order {order_id} is pending."
    ]
    clock.seconds += 2 * 86_400
    told = {kind: (severity, detail) for kind, severity, detail in alerts(backend)}
    assert told["renewal_blocked"] == ("warning", f"order {order_id} waits for pebble since 2 days")
    assert "order_waiting" not in told

    delegate(server, backend, name)
    backend.work.run_due()
    assert backend.orders.get(order_id).row.status is OrderStatus.COMPLETE
    assert alerts(backend) == []


def test_what_is_mended_before_it_is_due_is_seen_by_itself(server: Lab, backend: LocalBackend, clock: Ahead) -> None:
    name = f"mended.{CUSTOMER}"
    page = issued(server, backend, name, days=10)
    server.dns.take(CUSTOMER, f"_acme-challenge.{name}")
    clock.seconds += 90_000
    backend.work.run_due()
    assert [kind for kind, _, _ in alerts(backend)] == ["cname_broken"]
    delegate(server, backend, name)
    clock.seconds += 3_700
    backend.work.run_due()
    assert alerts(backend) == []
    assert lines(backend.certificates.get(page.id), "Decided")[-1].endswith("Its CNAMEs lead where they should again.")
