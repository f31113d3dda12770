"""What the server asks of its store beyond the seam, on PostgreSQL: pages for scripts, and changes done once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import httpx
import pytest

from tests.backend.entries import add, cert
from tests.backend.harness import LocalPostgres
from tests.server.conftest import client
from tests.server.test_listings import opened, paged
from tests.server_process import Running, running

pytestmark = pytest.mark.real("initdb")


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[LocalPostgres]:
    made = LocalPostgres(tmp_path / "store").start()
    yield made
    made.close()


@pytest.fixture
def server(postgres: LocalPostgres, tmp_path: Path) -> Iterator[Running]:
    with running(tmp_path, backend=postgres.open()) as made:
        yield made


@pytest.fixture
def api(server: Running) -> Iterator[httpx.Client]:
    with client(server) as made:
        yield made


def test_pages_come_to_the_whole_list_in_its_order(server: Running, api: httpx.Client) -> None:
    for index in range(9):
        labels = {"business_group": ("", "Aa", "ab")[index % 3], "name": ("same", "Other", "öäü", "")[index % 4]}
        add(server.backend, cert(f"{index}.example.com", days=20 * index + 1), **labels)
    api.post("/csrs", json={"subject": {"common_name": "a.example.com"}})
    api.post("/csrs", json={"subject": {"common_name": "b.example.com"}})
    for sort in ("name", "-name", "status", "-status", "not_after", "-not_after", "group", "-issuer", "-id", "created"):
        whole = [row["id"] for row in opened(api, sort=sort)["rows"]]
        assert len(whole) == 11
        for limit in (1, 4, 11):
            assert list(islice(paged(api, sort=sort, limit=limit), 20)) == whole, (sort, limit)


def test_two_servers_on_one_database_do_it_once(server: Running, postgres: LocalPostgres, tmp_path: Path) -> None:
    headers = server.headers("admin") | {"idempotency-key": "the-same"}
    with running(tmp_path, backend=postgres.open()) as second, ThreadPoolExecutor(6) as pool:
        urls = [f"{each.url}/api/v1/resources" for each in (server, second) * 3]
        answers = list(
            pool.map(lambda url: httpx.post(url, json={"name": "lb", "type": "host"}, headers=headers), urls)
        )
    assert {each.status_code for each in answers} == {201}
    assert len({each.content for each in answers}) == 1
