"""Routes for those who run the server: alive, ready, numbers, and the document of the API."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from starlette.responses import Response

from certtui.errors import CerttuiError
from certtui.model.access import require
from certtui.model.query import Query, Sort
from certtui.server.endpoint import authenticated
from certtui.server.openapi import document
from certtui.server.port import paged
from certtui.server.problems import Refusal
from certtui.server.route import PREFIX

if TYPE_CHECKING:
    from certtui.backend.base import Backend
    from certtui.server.metrics import Sample
    from certtui.server.state import State

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def operations(app: FastAPI, state: State) -> None:
    """Add `/healthz` and `/readyz` are open to anybody and say nothing else; `/metrics` needs a token that may count."""

    async def healthz(request: Request) -> Response:
        request.scope["certtui.act"] = "healthz"
        return Response('{"status":"alive"}', media_type="application/json")

    async def readyz(request: Request) -> Response:
        request.scope["certtui.act"] = "readyz"
        if state.stopping:
            raise Refusal(503, "stopping", "Stopping", "The server is being stopped.", headers={"retry-after": "5"})
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(state.pool, lambda: state.serving.backend.feed.latest())
        return Response('{"status":"ready"}', media_type="application/json")

    async def metrics(request: Request) -> Response:
        request.scope["certtui.act"] = "metrics"
        identity = await authenticated(request, state)
        require(identity.access, "certificates.overview")
        view = state.serving.acting(identity, request_id=request.scope["certtui.request_id"])
        loop = asyncio.get_running_loop()
        gauges = await loop.run_in_executor(state.pool, _gauges, state, view)
        return Response(state.metrics.text(gauges), media_type=METRICS_TYPE)

    @cache
    def described() -> str:
        return json.dumps(document())

    async def openapi(request: Request) -> Response:
        request.scope["certtui.act"] = "openapi"
        return Response(described(), media_type="application/json")

    app.add_api_route("/healthz", healthz, name="healthz")
    app.add_api_route("/readyz", readyz, name="readyz")
    app.add_api_route("/metrics", metrics, name="metrics")
    app.add_api_route(f"{PREFIX}/openapi.json", openapi, name="openapi")


def _gauges(state: State, view: Backend) -> list[tuple[str, str, Iterable[Sample]]]:
    """Numbers of what the asking person may see."""
    counted = view.certificates.overview()
    lists, size = state.listings.size
    gauges: list[tuple[str, str, Iterable[Sample]]] = [
        (
            "certtui_certificates",
            "Certificates by status; those that expire by how soon.",
            [("", (("status", each.key),), each.count) for each in counted.buckets],
        ),
        ("certtui_listings", "Lists held for consoles.", [("", (), lists)]),
        ("certtui_listing_bytes", "What they weigh.", [("", (), size)]),
        ("certtui_feed_streams", "Change feeds that are followed.", [("", (), state.follower.streams)]),
        ("certtui_store_locked", "1 while the store is locked.", [("", (), int(view.store.locked))]),
    ]
    orders, alerts, work = view.orders.overview().counts, view.alerts.open_counts(), view.work.status()
    gauges += [
        ("certtui_orders", "Orders by status.", [("", (("status", each),), count) for each, count in orders.items()]),
        (
            "certtui_alerts",
            "Open alerts by severity.",
            [("", (("severity", each),), getattr(alerts, each)) for each in ("info", "warning", "critical")],
        ),
        ("certtui_work_due", "Pieces of work that are due and that nobody does.", [("", (), work.due)]),
    ]
    if (days := _next_expiry(view)) is not None:
        gauges.append(("certtui_next_expiry_days", "Days until the next certificate expires.", [("", (), days)]))
    return gauges


def _next_expiry(view: Backend) -> int | None:
    try:
        rows, _ = paged(view).page(Query("days>=0 !status:revoked", Sort("not_after")), "", 1)
    except CerttuiError:
        return None
    return int(json.loads(rows[0])["days_remaining"]) if rows else None
