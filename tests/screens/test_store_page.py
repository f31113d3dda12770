"""The store's page, and locking while idle: what it looks like and what it does to a revealed key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from certtui.model.secret import Secret
from certtui.screens.idle_lock import LockScreen
from certtui.screens.key_reveal import RevealScreen
from certtui.screens.store import StoreScreen
from tests.screens.estate import Estate, estate
from tests.screens.harness import settle, shot

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Estate]:
    with estate(tmp_path) as made:
        made.add("api-gateway", days=29)
        yield made


async def test_an_idle_lock_takes_a_revealed_key_off_the_screen(made: Estate) -> None:
    async with made.page("api-gateway", "Key") as (app, pilot, _):
        reveal = RevealScreen("api-gateway", Secret(b"-----BEGIN PRIVATE KEY-----"))
        await app.push_screen(reveal)
        await settle(pilot)
        lock = LockScreen(900)
        await app.push_screen(lock)
        await settle(pilot)
        assert reveal._secret is None
        assert made.backend.store.locked


@SIZES
async def test_the_store_page_looks_like_this(made: Estate, picture: SnapshotAssertion, size: tuple[int, int]) -> None:
    status = replace(
        made.backend.store.status(), url="/srv/certtui/store.db", key_file="/srv/certtui/store.key",
        key_fingerprint="0123456789abcdef", size=1_300_000, warnings=("The store lies on a network file system.",),
    )  # fmt: skip
    async with made.console(size) as (app, pilot):
        page = StoreScreen()
        await app.push_screen(page)
        await settle(pilot)
        page._loaded(status)
        await settle(pilot)
        assert shot(app) == picture
