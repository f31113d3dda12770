"""The contract suite runs every test against every kind of backend: add a harness here and it joins."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from certtui.backend.base import Backend
from tests.backend.harness import Harness, LocalSqlite

HARNESSES: dict[str, Callable[[Path], Harness]] = {
    "sqlite": LocalSqlite,
}


@pytest.fixture(params=sorted(HARNESSES))
def harness(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Harness]:
    """The kind of backend under test, with an empty store."""
    made = HARNESSES[request.param](tmp_path / "store")
    if isinstance(made, LocalSqlite):
        made.open(create=True)
    yield made
    made.close()


@pytest.fixture
def backend(harness: Harness) -> Backend:
    """A backend on an empty store that may be changed."""
    return harness.open()


@pytest.fixture
def local(tmp_path: Path) -> Iterator[LocalSqlite]:
    """The embedded store alone, not made yet: for what only it promises."""
    made = LocalSqlite(tmp_path / "store")
    yield made
    made.close()
