"""Processes that die in the middle of a new version, and fetches while another process renews: never half, never mixed."""

from __future__ import annotations

import signal

import pytest

from certtui.model.container import ContainerContent
from tests.backend.entries import add, cert
from tests.backend.filing import container, fetched, parts_in
from tests.backend.harness import LocalPostgres, LocalSqlite
from tests.backend.issuing import complete, local_authority
from tests.backend.test_containers import key_spki, spki
from tests.backend.test_work_processes import START, start

UPDATE = (
    START
    + """
from certtui.backend.local import containers_make, containers_write
from certtui.backend.local.containers import LocalContainers
from certtui.model.container import ContainerContent
container_id, entry_id, point = int(sys.argv[4]), int(sys.argv[5]), sys.argv[6]
def after(function):
    def wrapped(*arguments, **more):
        found = function(*arguments, **more)
        die()
        return found
    return wrapped
match point:
    case "before the version is written":
        containers_make.next_version = die
    case "between version and pointer":
        # The version's row is in the database, and whatever points to it is not.
        def version_alone(change, *_):
            for row in [each for each in change.session.dirty]:
                change.session.expunge(row)
            change.session.flush()
            die()
        containers_write._put_parts = version_alone
    case "before both are committed":
        containers_make.next_version = after(containers_make.next_version)
    case "after both are committed":
        LocalContainers.get = die
version = int(sys.argv[7])
backend.containers.update(container_id, version, ContainerContent(entry_id))
"""
)

RENEW = (
    START
    + """
from certtui.model.order import OrderForm
from certtui.model.csr import SubjectFields
renewed = int(sys.argv[4])
print("ready", flush=True)
sys.stdin.readline()
for _ in range(int(sys.argv[5])):
    form = OrderForm(authority="internal", subject=SubjectFields(common_name="shop.example.com"), renews_id=renewed)
    draft = backend.orders.save(form)
    renewed = backend.orders.submit(draft.id, draft.version).row.certificate_id
print("done", flush=True)
"""
)


@pytest.mark.parametrize(
    ("point", "number"),
    [
        ("before the version is written", 1),
        ("between version and pointer", 1),
        ("before both are committed", 1),
        ("after both are committed", 2),
    ],
)
def test_a_new_version_survives_a_kill_at_every_point(local: LocalSqlite, point: str, number: int) -> None:
    backend = local.open(create=True)
    entries = [add(backend, cert("www.example.com", number=each), key=True).id for each in (1, 2)]
    made = container(backend, entries[0])
    child = start(UPDATE, local, str(made.id), str(entries[1]), point, str(made.version))
    _, said = child.communicate(timeout=60)
    assert child.returncode == -signal.SIGKILL, said
    page = backend.containers.get(made.id)
    assert (page.row.number, page.row.certificate_id) == (number, entries[number - 1])
    assert [version.number for version in page.versions] == list(range(number, 0, -1))
    payload = fetched(backend, made.id)
    assert payload.number == number
    assert key_spki(parts_in(payload)["private_key"]) == spki(parts_in(payload)["certificate"])
    if number == 1:
        assert backend.containers.update(made.id, page.version, ContainerContent(entries[1])).row.number == 2
    assert all(finding.ok for finding in backend.store.check())
    assert backend.audit.verify().first_broken is None


def _fetch_while_renewed(harness: LocalSqlite | LocalPostgres, *, times: int) -> None:
    backend = harness.open(create=True)
    local_authority(backend)
    order = complete(backend)
    container_id = backend.containers.resolve(order.container_ref)
    child = start(RENEW, harness, str(order.row.certificate_id), str(times))
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n", child.stderr and child.stderr.read()
    child.stdin.write("go\n")
    child.stdin.flush()
    seen: dict[int, bytes] = {}
    last, have = 0, ""
    while last <= times:
        payload = backend.containers.fetch(container_id, have=have)
        if payload is None:
            assert child.poll() in (None, 0), child.stderr and child.stderr.read()
            continue
        given = parts_in(payload)
        assert key_spki(given["private_key"]) == spki(given["certificate"])
        assert given["intermediates"]
        assert payload.number > last
        seen[payload.number] = given["certificate"]
        last, have = payload.number, payload.digest
    assert child.wait(timeout=60) == 0
    assert len(set(seen.values())) == len(seen) > 1
    child.communicate()


def test_fetches_while_another_process_renews_are_each_of_one_version(local: LocalSqlite) -> None:
    _fetch_while_renewed(local, times=8)


@pytest.mark.real("initdb")
def test_fetches_while_another_process_renews_are_each_of_one_version_on_postgresql(
    on_postgres: LocalPostgres,
) -> None:
    _fetch_while_renewed(on_postgres, times=5)
