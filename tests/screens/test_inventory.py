"""The Inventory: what is seen, and what keys do to it."""

from __future__ import annotations

from tests.screens.harness import console, settle, text_of
from tests.screens.memory import MemoryBackend


async def test_the_inventory_shows_the_certificates_of_the_store() -> None:
    async with console(MemoryBackend(30)) as (app, pilot):
        await settle(pilot)
        assert "api-gateway" in text_of(app)
