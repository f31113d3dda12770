"""Repositories of a real store under whatever is done to them, in whatever order.

Beside the store stand the states that the table gives, and where each certificate is filed; after every step both agree.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from certtui.errors import Conflict, NotFound
from certtui.model.repository import RepositorySource, RepositoryState
from certtui.model.repository_states import RepositoryEvent, moved, why_not
from tests.backend.cas import intermediate, root
from tests.backend.entries import added
from tests.backend.harness import LocalSqlite
from tests.backend.issuing import complete, local_authority
from tests.backend.repositories import repository

CERTIFICATES = 4


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a CA and some certificates, made once and copied for every run."""
    made = LocalSqlite(tmp_path_factory.mktemp("template") / "store")
    backend = made.open(create=True)
    local_authority(backend, ca=intermediate(backend, root(backend)).row.name)
    for number in range(CERTIFICATES):
        added(backend, f"h{number}.example.com")
    made.close()
    return made.folder


class Repositories(RuleBasedStateMachine):
    """What people do to repositories."""

    template: Path
    places = Bundle("places")

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        shutil.copytree(self.template, self.folder / "store")
        self.harness = LocalSqlite(self.folder / "store")
        self.backend = self.harness.open()
        self.ca = self.backend.cas.resolve("Issuing")
        self.states: dict[int, RepositoryState | None] = {}
        self.bound: int | None = None
        self.filed: dict[int, int] = {}
        first = self.backend.certificates.resolve("h0.example.com")
        self.uploaded = list(range(first, first + CERTIFICATES))
        self.number = 0

    def teardown(self) -> None:
        if not hasattr(self, "backend"):
            return
        assert all(finding.ok for finding in self.backend.store.check())
        self.harness.close()
        shutil.rmtree(self.folder)

    def attempt(self, place: int, event: RepositoryEvent, act, *, free: bool = True) -> bool:
        """Do it: where the table says so it leads there, else it is refused."""
        state = self.states[place]
        if state is None or why_not(event, state) or not free:
            with pytest.raises((Conflict, NotFound)):
                act()
            return False
        act()
        self.states[place] = moved(event, state, "")
        return True

    def version(self, place: int) -> int:
        return self.backend.repositories.get(place).version if self.states[place] is not None else 1

    @rule(target=places, private=st.booleans())
    def create(self, private: bool) -> int:
        private = private and self.bound is None
        more = {"ca_id": self.ca} if private else {}
        self.number += 1
        made = repository(self.backend, f"r{self.number}", "private" if private else "uploaded", **more)
        self.states[made.id] = made.row.state
        if private:
            self.bound = made.id
        return made.id

    @rule(place=places)
    def rename(self, place: int) -> None:
        version = self.version(place)
        self.number += 1
        act = lambda: self.backend.repositories.rename(place, version, f"r{self.number}")  # noqa: E731
        self.attempt(place, RepositoryEvent.RENAME, act)

    @rule(place=places)
    def reset(self, place: int) -> None:
        version, leaving = self.version(place), list(self.filed.values()).count(place)
        act = lambda: self.backend.repositories.reset(place, version, leaving=leaving)  # noqa: E731
        if self.attempt(place, RepositoryEvent.RESET, act):
            self.filed = {entry: where for entry, where in self.filed.items() if where != place}
            self.bound = None if self.bound == place else self.bound

    @rule(place=places, private=st.booleans())
    def enable(self, place: int, private: bool) -> None:
        version = self.version(place)
        source = RepositorySource("private", self.ca) if private else RepositorySource("uploaded")
        act = lambda: self.backend.repositories.enable(place, version, source)  # noqa: E731
        if self.attempt(place, RepositoryEvent.ENABLE, act, free=not private or self.bound is None) and private:
            self.bound = place

    @rule(place=places)
    def delete(self, place: int) -> None:
        version = self.version(place)
        self.attempt(place, RepositoryEvent.DELETE, lambda: self.backend.repositories.delete(place, version))

    @rule(place=places, which=st.lists(st.integers(0, CERTIFICATES - 1), min_size=1, unique=True))
    def file(self, place: int, which: list[int]) -> None:
        versions = [(self.uploaded[each], self.backend.certificates.get(self.uploaded[each]).version) for each in which]
        outcome = []
        act = lambda: outcome.append(self.backend.repositories.add_certificates(place, versions))  # noqa: E731
        if self.attempt(place, RepositoryEvent.FILE, act):
            # What others issued is not what the bound CA issued.
            assert outcome[0].done == (() if place == self.bound else tuple(each for each, _ in versions))
            self.filed |= dict.fromkeys(outcome[0].done, place)

    @rule(place=places)
    def take_all_out(self, place: int) -> None:
        inside = [entry for entry, where in self.filed.items() if where == place]
        versions = [(entry, self.backend.certificates.get(entry).version) for entry in inside]
        act = lambda: self.backend.repositories.remove_certificates(place, versions or [(999, 1)])  # noqa: E731
        if self.attempt(place, RepositoryEvent.FILE, act):
            for entry in inside:
                del self.filed[entry]

    @rule()
    def order(self) -> None:
        self.number += 1
        issued = complete(self.backend, f"o{self.number}.example.com").row.certificate_id
        assert issued is not None
        if self.bound is not None:
            self.filed[issued] = self.bound

    @invariant()
    def both_agree(self) -> None:
        if not hasattr(self, "backend"):
            return
        for place, state in self.states.items():
            if state is None:
                with pytest.raises(NotFound):
                    self.backend.repositories.get(place)
                continue
            row = self.backend.repositories.get(place).row
            assert row.state is state
            assert (row.data_source is None) == (state is RepositoryState.RESET)
            assert row.certificates == list(self.filed.values()).count(place)
            assert (row.ca_id == self.ca) == (self.bound == place)
        assert self.backend.cas.get(self.ca).row.bound == (self.bound is not None)


def test_a_repository_is_what_its_table_says_whatever_happens(template: Path) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    machine = type("OnTemplate", (Repositories,), {"template": template})
    run_state_machine_as_test(machine, settings=settings(max_examples=12, stateful_step_count=20, deadline=None))
