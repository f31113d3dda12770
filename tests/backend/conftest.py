"""The contract suite runs every test against every kind of backend: add a harness here and it joins."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from certtui.backend.base import Backend, Store
from certtui.errors import Unsupported
from tests.backend.harness import Harness, LocalPostgres, LocalSqlite, Remote, RemotePostgres

HARNESSES: dict[str, Callable[[Path], Harness]] = {
    "postgresql": lambda folder: LocalPostgres(folder).start(),
    "sqlite": LocalSqlite,
    "remote": Remote,
    "remote on postgresql": RemotePostgres,
}
_PROGRAMS = {"postgresql": ("initdb",), "remote on postgresql": ("initdb",)}
"""Programs of the system that a kind of backend needs."""


@pytest.fixture(
    params=[pytest.param(name, marks=[pytest.mark.real(*_PROGRAMS.get(name, ()))]) for name in sorted(HARNESSES)]
)
def harness(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Harness]:
    """The kind of backend under test, with an empty store."""
    made = HARNESSES[request.param](tmp_path / "store")
    if isinstance(made, LocalSqlite):
        made.open(create=True)
    yield made
    made.close()


BOTH = "remote on postgresql"
COMPOSED = frozenset(
    {"test_access_changes", "test_adding", "test_keys", "test_listing", "test_orders", "test_replacing", "test_search"}
)
"""What is also met over a server on PostgreSQL: each half has the whole suite for itself, and these what lies between them."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep a few modules for the two halves together; it is the dearest kind, and nothing is new in it but their meeting."""
    left_out = [item for item in items if _is_composed(item) and item.path.stem not in COMPOSED]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        gone = set(left_out)
        items[:] = [item for item in items if item not in gone]


def _is_composed(item: pytest.Item) -> bool:
    callspec = getattr(item, "callspec", None)
    return callspec is not None and callspec.params.get("harness") == BOTH


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """`@pytest.mark.needs("store.rekey")`: where a backend lacks one of these acts, the test must meet `Unsupported`."""
    wanted = {act for mark in pyfuncitem.iter_markers("needs") for act in mark.args}
    backend = pyfuncitem.funcargs.get("backend")
    reasons = {backend.capabilities.why_not(act) for act in wanted} - {""} if wanted else set()
    if not reasons:
        return (yield)
    with pytest.raises(Unsupported) as refused:
        yield
    assert refused.value.message in reasons
    return True


@pytest.fixture
def store(harness: Harness, backend: Backend) -> Store:
    """The store under `backend`, to look after."""
    return harness.care(backend)


@pytest.fixture
def backend(harness: Harness) -> Backend:
    """A backend on an empty store that may be changed."""
    return harness.open()


@pytest.fixture
def on_postgres(tmp_path: Path) -> Iterator[LocalPostgres]:
    """A store on PostgreSQL alone: for what only it promises. The test carries the mark `real("initdb")`."""
    made = LocalPostgres(tmp_path / "store").start()
    yield made
    made.close()


@pytest.fixture
def local(tmp_path: Path) -> Iterator[LocalSqlite]:
    """The embedded store alone, not made yet: for what only it promises."""
    made = LocalSqlite(tmp_path / "store")
    yield made
    made.close()
