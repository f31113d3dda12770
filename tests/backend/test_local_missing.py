"""A store that is not there yet: reads see nothing, changes say so, and nothing is made."""

from __future__ import annotations

import pytest

from certtui.backend.factory import StoreOptions, open_backend
from certtui.errors import Invalid, NotFound
from certtui.model.query import Query, Sort
from tests.backend.entries import add, cert, resource
from tests.backend.harness import ACTOR, LocalSqlite


def test_reading_sees_an_empty_store_and_makes_nothing(local: LocalSqlite) -> None:
    backend = local.open()
    assert list(backend.certificates.search(Query()).rows(0, 10)) == []
    assert list(backend.resources.search(Query()).rows(0, 10)) == []
    assert list(backend.audit.search(Query("", Sort("id"))).rows(0, 10)) == []
    assert backend.certificates.overview().total == 0
    assert backend.csrs.list() == []
    assert backend.feed.latest() == 0
    assert backend.audit.head().seq == 0
    assert backend.audit.verify().first_broken is None
    assert backend.store.status().exists is False
    assert backend.store.locked is False
    assert [finding.ok for finding in backend.store.check()] == [False]
    assert backend.certificates.lookup(fingerprints=["00" * 32]) in ((), [])
    assert not local.folder.exists()


def test_a_change_says_that_there_is_no_store(local: LocalSqlite, tmp_path) -> None:
    backend = local.open()
    for act in (
        lambda: add(backend, cert()),
        lambda: add(backend, cert(), key=True),
        lambda: resource(backend),
        lambda: backend.store.rekey(),
        lambda: backend.store.backup(tmp_path / "backup.db"),
        lambda: backend.certificates.record_view(1),
    ):
        with pytest.raises(NotFound) as refused:
            act()
        assert refused.value.hint
    assert not local.folder.exists()


def test_a_folder_without_a_store_is_no_empty_store(local: LocalSqlite) -> None:
    local.folder.mkdir()
    with pytest.raises(Invalid, match="is a folder and holds no store"):
        open_backend(StoreOptions(str(local.folder)), actor=ACTOR)
    assert list(local.folder.iterdir()) == []


def test_a_folder_that_holds_a_store_is_that_store(local: LocalSqlite) -> None:
    local.open(create=True)
    backend = open_backend(StoreOptions(str(local.folder)), actor=ACTOR)
    assert backend.info.place == str(local.file)
    backend.close()


def test_its_status_is_known_without_opening_it(local: LocalSqlite) -> None:
    status = local.admin().status()
    assert (status.exists, status.certificates, status.created_at) == (False, 0, None)
    assert not local.folder.exists()


def test_a_read_only_console_makes_no_store_either(local: LocalSqlite) -> None:
    backend = local.open(read_only=True, create=True)
    assert backend.certificates.overview().total == 0
    assert not local.folder.exists()
