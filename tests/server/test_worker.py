"""The server does the due work of its store while it serves, and ends it with itself."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from certtui.backend.factory import StoreOptions
from certtui.backend.local.backend import LocalBackend
from certtui.clock import FixedClock
from certtui.errors import Unsupported
from certtui.server.settings import Settings
from tests.backend.cas import root
from tests.certs import NOW
from tests.server_process import OPERATOR, Running, running

WORKING = Settings(feed_interval=0.02, graceful=5, worker=True)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


def store(folder: Path, clock: FixedClock, **more: bool) -> LocalBackend:
    return LocalBackend.open(StoreOptions(str(folder / "certtui.db"), create=True, **more), actor=OPERATOR, clock=clock)


def next_change(server: Running, since: int) -> dict[str, Any]:
    """What the server tells of the next change to a CA, as soon as it happens."""
    with httpx.stream("GET", f"{server.url}/api/v1/feed?since={since}", headers=server.headers(), timeout=10) as stream:
        for line in stream.iter_lines():
            if line.startswith("data:") and '"object_kind":"ca"' in line:
                return json.loads(line.removeprefix("data:"))
    raise AssertionError("the feed ended")


def test_a_crl_that_is_due_is_renewed_by_the_server_itself(tmp_path: Path, clock: FixedClock) -> None:
    backend = store(tmp_path, clock)
    ca = root(backend)
    before = backend.feed.latest()
    clock.advance(days=6)
    with running(tmp_path, backend=backend, settings=WORKING) as server:
        assert next_change(server, before)["event"].startswith("ca.crl")
        crl = backend.cas.get(ca.row.id).row.crl
        assert crl is not None
        assert (crl.number, crl.this_update) == (2, NOW + timedelta(days=6))
        assert "certtui-worker" in {each.name for each in threading.enumerate()}
    assert "certtui-worker" not in {each.name for each in threading.enumerate()}
    # Its round was waited for.
    assert backend.work.status().last_round == NOW + timedelta(days=6)
    backend.close()


def test_who_worked_stands_in_the_audit_log(tmp_path: Path, clock: FixedClock) -> None:
    backend = store(tmp_path, clock)
    root(backend)
    before = backend.feed.latest()
    clock.advance(days=6)
    with running(tmp_path, backend=backend, settings=WORKING) as server:
        change = next_change(server, before)
        assert '"via":"worker"' in backend.audit.get(change["seq"]).actor
    backend.close()


@pytest.mark.parametrize("settings", [Settings(worker=False), Settings(worker=True)], ids=["told-not-to", "read-only"])
def test_no_worker_runs_where_it_must_not(tmp_path: Path, clock: FixedClock, settings: Settings) -> None:
    store(tmp_path, clock).close()
    with running(tmp_path, clock=clock, settings=settings, read_only=settings.worker) as server:
        assert httpx.get(f"{server.url}/readyz").status_code == 200
        assert "certtui-worker" not in {each.name for each in threading.enumerate()}


def test_a_console_elsewhere_leaves_the_work_to_the_server(tmp_path: Path, clock: FixedClock) -> None:
    from certtui.backend.factory import RemoteOptions, open_remote
    from certtui.model.secret import Secret

    with running(tmp_path, clock=clock) as server:
        remote = open_remote(RemoteOptions(server.url, name="team", token=Secret(server.token())), clock=clock)
        assert remote.work.status().last_round is None
        with pytest.raises(Unsupported) as refused:
            remote.work.run_due()
        assert refused.value.message == remote.capabilities.why_not("work.run_due")
        assert refused.value.message == "The server of “team” does its due work itself."
        remote.close()
