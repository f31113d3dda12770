"""Containers of a real store under whatever people do to them and to their certificates, in whatever order.

Beside the store stands a plain list of what each version held; after every step both agree, numbers have only grown, and
whatever is given out is one whole set.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from certtui.errors import Conflict, Invalid, NotFound
from certtui.model.container import ContainerContent, ContainerEdit, ContainerStatus
from tests.backend.entries import add, cert
from tests.backend.filing import NGINX, container, parts_in
from tests.backend.harness import LocalSqlite
from tests.backend.test_containers import key_spki, spki

ENTRIES = range(1, 7)
"""Ids of the certificates of the template, each with its key."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a few certificates, made once and copied for every run."""
    made = LocalSqlite(tmp_path_factory.mktemp("template") / "store")
    backend = made.open(create=True)
    for number in ENTRIES:
        assert add(backend, cert("www.example.com", number=number), key=True).id == number
    made.close()
    return made.folder


class Held:
    """What a container is expected to be."""

    def __init__(self, entry: int) -> None:
        self.entries: list[int | None] = [entry]
        """What each version held, None once that was deleted."""
        self.origin: list[int] = [1]
        """The number under which the content of each version was given out first."""
        self.follows = True
        self.consumer = False
        self.seen = ""
        """The digest that the consumer has."""

    @property
    def current(self) -> int | None:
        return self.entries[-1]

    def next(self, entry: int, origin: int | None = None) -> None:
        self.entries.append(entry)
        self.origin.append(origin or len(self.entries))


class Containers(RuleBasedStateMachine):
    """What could happen to containers."""

    template: Path
    containers = Bundle("containers")
    entries = st.sampled_from(ENTRIES)

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        shutil.copytree(self.template, self.folder / "store")
        self.harness = LocalSqlite(self.folder / "store")
        self.backend = self.harness.open()
        self.held: dict[int, Held] = {}
        self.keys = dict.fromkeys(ENTRIES, True)
        """The entries that are there, and whether their keys are."""

    def teardown(self) -> None:
        if not hasattr(self, "backend"):
            return
        assert all(finding.ok for finding in self.backend.store.check())
        self.harness.close()
        shutil.rmtree(self.folder)

    # --- containers -------------------------------------------------------------------------------------------------------

    @rule(target=containers, entry=entries)
    def make(self, entry: int) -> int:
        if not self.keys.get(entry):
            with pytest.raises((Invalid, NotFound)):
                container(self.backend, entry)
            return 0
        made = container(self.backend, entry)
        self.held[made.id] = Held(entry)
        return made.id

    @rule(one=containers, entry=entries)
    def update(self, one: int, entry: int) -> None:
        held = self.held.get(one)
        if held is None:
            return
        version = self.backend.containers.get(one).version
        if not self.keys.get(entry) or held.current == entry:
            with pytest.raises((Conflict, Invalid, NotFound)):
                self.backend.containers.update(one, version, ContainerContent(entry))
            return
        self.backend.containers.update(one, version, ContainerContent(entry))
        held.next(entry)

    @rule(one=containers, to=st.one_of(st.none(), st.integers(1, 8)))
    def rollback(self, one: int, to: int | None) -> None:
        held = self.held.get(one)
        if held is None:
            return
        wanted = held.origin[-1] - 1 if to is None else to
        there = 1 <= wanted <= len(held.entries)
        number = held.origin[wanted - 1] if there else 0
        entry = held.entries[number - 1] if there else None
        version = self.backend.containers.get(one).version
        if entry is None or not self.keys.get(entry) or entry == held.current:
            with pytest.raises((Conflict, NotFound)):
                self.backend.containers.rollback(one, version, to=to)
            return
        self.backend.containers.rollback(one, version, to=to)
        held.next(entry, number)

    @rule(one=containers, follows=st.booleans())
    def follow(self, one: int, follows: bool) -> None:
        if (held := self.held.get(one)) is not None:
            version = self.backend.containers.get(one).version
            self.backend.containers.edit(one, version, ContainerEdit(follows=follows))
            held.follows = follows

    @rule(one=containers)
    def fetch(self, one: int) -> None:
        held = self.held.get(one)
        if held is None:
            return
        if held.current is None or not self.keys[held.current]:
            with pytest.raises(Conflict):
                self.backend.containers.fetch(one, have=held.seen, consumer=NGINX)
            return
        payload = self.backend.containers.fetch(one, have=held.seen, consumer=NGINX)
        known = self.backend.containers.get(one).consumers
        assert [each.fetched_number for each in known] == [len(held.entries)]
        if payload is not None:
            given = parts_in(payload)
            assert key_spki(given["private_key"]) == spki(given["certificate"])
            assert given["certificate"] == cert("www.example.com", number=held.current).pem
            assert payload.digest != held.seen
            held.seen = payload.digest
        held.consumer = True

    @rule(one=containers, confirmed=st.booleans())
    def delete(self, one: int, confirmed: bool) -> None:
        held = self.held.get(one)
        if held is None:
            return
        page = self.backend.containers.get(one)
        ids = [each.id for each in page.consumers] if confirmed else []
        if held.consumer and not confirmed:
            with pytest.raises(Conflict):
                self.backend.containers.delete(one, page.version, consumers=ids)
            return
        self.backend.containers.delete(one, page.version, consumers=ids)
        del self.held[one]

    # --- their certificates -----------------------------------------------------------------------------------------------

    @rule(old=entries, new=entries)
    def replace(self, old: int, new: int) -> None:
        if old == new or old not in self.keys or new not in self.keys:
            return
        try:
            plan = self.backend.certificates.plan_replacement(old, new)
        except Invalid:
            return  # in one lineage already
        self.backend.certificates.replace(plan)
        for held in self.held.values():
            if held.current == old and held.follows and self.keys[new]:
                held.next(new)

    @rule(entry=entries)
    def delete_key(self, entry: int) -> None:
        if self.keys.get(entry):
            version = self.backend.certificates.get(entry).version
            self.backend.certificates.delete_key(entry, version)
            self.keys[entry] = False

    @rule(entry=entries, confirmed=st.booleans())
    def delete_certificate(self, entry: int, confirmed: bool) -> None:
        if entry not in self.keys:
            return
        page = self.backend.certificates.get(entry)
        using = [held for held in self.held.values() if held.current == entry and held.consumer]
        assert bool(page.consumers) == bool(using)
        ids = [each.id for each in page.consumers] if confirmed else []
        if using and not confirmed:
            with pytest.raises(Conflict):
                self.backend.certificates.delete(entry, page.version, consumers=ids)
            return
        self.backend.certificates.delete(entry, page.version, consumers=ids)
        del self.keys[entry]
        for one, held in list(self.held.items()):
            alone = held.current == entry and not held.consumer
            held.entries = [None if each == entry else each for each in held.entries]
            if alone and not any(held.entries):
                del self.held[one]

    # --- what holds after every step --------------------------------------------------------------------------------------

    @invariant()
    def the_store_agrees_with_the_list(self) -> None:
        if not hasattr(self, "held"):
            return
        for one, held in self.held.items():
            page = self.backend.containers.get(one)
            assert (page.row.number, page.row.certificate_id) == (len(held.entries), held.current)
            assert [version.certificate_id for version in reversed(page.versions)] == held.entries
            assert [version.number for version in reversed(page.versions)] == list(range(1, len(held.entries) + 1))
            whole = held.current is not None and self.keys[held.current]
            assert (page.row.status is ContainerStatus.ACTIVE) is whole
            assert page.row.follows is held.follows


def test_containers_are_what_they_were_made_whatever_happens(template: Path) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    machine = type("FromTemplate", (Containers,), {"template": template})
    run_state_machine_as_test(machine, settings=settings(max_examples=15, stateful_step_count=20, deadline=None))
