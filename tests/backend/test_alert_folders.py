"""Files of a watched folder that are of no use: one alert for each profile, until they are gone or fit."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from certtui.backend.local.backend import LocalBackend
from certtui.model.alert import AlertRow
from certtui.model.authority import AuthorityForm
from certtui.model.query import Query, Sort
from tests.backend.entries import cert
from tests.backend.harness import LocalSqlite
from tests.backend.issuing import complete, csr, external_authority, signed

KIND = "kind:watched_folder state:open"


@pytest.fixture
def here(local: LocalSqlite) -> LocalBackend:
    return local.open(create=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "in"
    made.mkdir()
    return made


def waiting(here, folder: Path):
    """A profile that watches the folder, and an order that waits for it."""
    external_authority(here, watch_folder=str(folder))
    return complete(here, authority="globex")


def put(folder: Path, name: str, content: bytes) -> Path:
    file = folder / name
    file.write_bytes(content)
    os.utime(file, (0, 0))
    return file


def told(here, local: LocalSqlite) -> list[AlertRow]:
    """After a later round and a sweep."""
    local.clock.advance(minutes=1)
    here.work.run_due()
    here.alerts.sweep()
    return list(here.alerts.search(Query(KIND, Sort("id"))).rows(0, 5))


def pem(new) -> bytes:
    from certtui.pki import pem as armour

    return armour.encode("CERTIFICATE", new.x509.der)


def test_a_file_that_fits_no_order_is_told_once_on_its_profile(here, local, folder) -> None:
    order = waiting(here, folder)
    put(folder, "x.pem", cert("foreign.example.com").pem)
    (row,) = told(here, local)
    assert (row.object_kind, row.object_id, row.object_name) == ("authority", order.row.authority_id, "globex")
    assert row.detail == (
        "x.pem in the watched folder of globex: The certificate for foreign.example.com belongs to no order that waits."
    )
    put(folder, "y.pem", b"nothing that is a certificate")
    (row,) = told(here, local)
    from certtui.model.alert_words import sentence_of

    assert sentence_of(row, local.clock.now()).endswith("that waits. 1 more is of no use.")


def test_it_resolves_itself_when_the_file_is_gone(here, local, folder) -> None:
    waiting(here, folder)
    file = put(folder, "x.pem", b"nothing that is a certificate")
    assert told(here, local)
    file.unlink()
    assert told(here, local) == []


def test_when_no_order_waits_any_more_what_was_told_is_looked_at_and_nothing_else(here, local, folder) -> None:
    order = waiting(here, folder)
    file = put(folder, "x.pem", b"nothing that is a certificate")
    assert told(here, local)
    here.orders.complete(order.id, here.orders.get(order.id).version, signed(order.csr_pem))
    put(folder, "later.pem", b"nobody waits for this one")
    assert [row.detail.partition(" ")[0] for row in told(here, local)] == ["x.pem"]
    file.unlink()
    assert told(here, local) == []


def test_it_resolves_itself_when_an_order_comes_that_the_file_fits(here, local, folder) -> None:
    from certtui.model.order import OrderForm
    from certtui.pki import pem as armour

    waiting(here, folder)
    request = csr("late.example.com")
    put(folder, "late.pem", pem(signed(armour.encode("CERTIFICATE REQUEST", request).decode())))
    assert told(here, local)
    local.clock.advance(minutes=1)
    late = here.orders.save(OrderForm(authority="globex", csr=request))
    here.orders.submit(late.id, late.version)
    assert told(here, local) == []
    assert here.orders.get(late.id).row.status == "complete"


def test_a_folder_that_can_not_be_read_is_told_until_it_can(here, local, tmp_path) -> None:
    folder = tmp_path / "later"
    waiting(here, folder)
    (row,) = told(here, local)
    assert row.detail == f"The watched folder {folder} of globex can't be read: No such file or directory."
    folder.mkdir()
    assert told(here, local) == []


def test_a_folder_that_stays_unreadable_is_written_down_once(here, local, tmp_path) -> None:
    waiting(here, tmp_path / "nowhere")
    assert told(here, local)
    with here._store.readers.use() as connection:
        before = connection.execute("SELECT seen_at FROM watched_file").fetchall()
    assert told(here, local)
    with here._store.readers.use() as connection:
        assert connection.execute("SELECT seen_at FROM watched_file").fetchall() == before


@pytest.mark.parametrize("become", ["", "another"])
def test_what_lay_in_another_folder_is_forgotten_with_it(here, local, folder, tmp_path, become) -> None:
    order = waiting(here, folder)
    put(folder, "x.pem", b"nothing that is a certificate")
    assert told(here, local)
    (tmp_path / "another").mkdir()
    profile = here.authorities.get(order.row.authority_id)
    path = str(tmp_path / become) if become else ""
    here.authorities.edit(profile.row.id, profile.row.version, AuthorityForm(settings={"watch_folder": path}))
    here.alerts.sweep()
    assert list(here.alerts.search(Query(KIND, Sort("id"))).rows(0, 5)) == []


def test_it_goes_with_its_profile(here, local, folder) -> None:
    order = waiting(here, folder)
    put(folder, "x.pem", b"nothing that is a certificate")
    assert told(here, local)
    order = here.orders.get(order.id)
    here.orders.cancel(order.id, order.version)
    profile = here.authorities.get(order.row.authority_id)
    here.authorities.remove(profile.row.id, profile.row.version)
    assert told(here, local) == []


def test_who_sees_a_part_is_not_told_what_lies_in_folders(here, local, folder) -> None:
    from certtui.model.access import Access, Identity, Role
    from certtui.model.audit import Actor

    waiting(here, folder)
    put(folder, "x.pem", b"nothing that is a certificate")
    assert told(here, local)
    part = here.acting(Identity(Actor("eve", credential="token 9"), Access(Role.OPERATOR, groups=("",))))
    assert list(part.alerts.search(Query(KIND, Sort("id"))).rows(0, 5)) == []
