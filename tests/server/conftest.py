"""A server over an empty store, and clients for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from certtui.clock import FixedClock
from tests.certs import NOW
from tests.server_process import Running, running


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def server(tmp_path: Path, clock: FixedClock) -> Iterator[Running]:
    """A server on loopback, its clock standing still."""
    with running(tmp_path, clock=clock) as made:
        yield made


@pytest.fixture
def api(server: Running) -> Iterator[httpx.Client]:
    """An admin with every right."""
    with client(server) as made:
        yield made


def client(server: Running, role: str = "admin", *, export_keys: bool = True, **more: object) -> httpx.Client:
    """A client of the API with a token of its own."""
    headers = server.headers(role, export_keys=export_keys, **more)
    return httpx.Client(base_url=f"{server.url}/api/v1", headers=headers, timeout=10)
