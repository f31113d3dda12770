"""Repositories of other groups are not there; those of one's own are changed by their admins, what binds a CA by few."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from certtui.model.repository import Repository
from certtui.server.app import route_names
from certtui.server.route import PREFIX
from tests.backend.entries import add, cert
from tests.backend.harness import LocalPostgres
from tests.backend.issuing import complete
from tests.backend.repositories import file, issuing_ca, repository
from tests.server.conftest import client
from tests.server_process import Running, running

THEIRS = "secret-project.example.net"
OURS = "www.example.com"


@dataclass
class Estate:
    """A repository of each group and a shared one; a certificate of each group in their own, one of theirs in the shared."""

    ours: Repository
    theirs: Repository
    shared: Repository
    our_entry: int
    their_entry: int
    ca: int


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real("initdb"))])
def server(request: pytest.FixtureRequest, tmp_path: Path, clock):
    """A server on each kind of store: a scope is written into their SQL."""
    if request.param == "sqlite":
        with running(tmp_path, clock=clock) as made:
            yield made
        return
    store = LocalPostgres(tmp_path / "store", clock).start()
    with running(tmp_path, backend=store.open()) as made:
        yield made
    store.close()


@pytest.fixture
def estate(server: Running) -> Estate:
    backend = server.backend
    ours = repository(backend, "our web", group="ours")
    theirs = repository(backend, "unspeakable", group="theirs")
    shared = repository(backend, "shared")
    mine = add(backend, cert(OURS), business_group="ours").id
    hidden = add(backend, cert(THEIRS), business_group="theirs").id
    other = add(backend, cert(f"second.{THEIRS}"), business_group="theirs").id
    file(backend, ours, mine)
    file(backend, theirs, hidden)
    file(backend, shared, other)
    return Estate(ours, theirs, shared, mine, hidden, issuing_ca(backend).row.id)


def seen(answer: httpx.Response) -> bool:
    return any(word in answer.text for word in (THEIRS, "secret-project", "unspeakable", "theirs"))


def rows(answer: httpx.Response) -> dict[str, int]:
    return {row["name"]: row["certificates"] for row in answer.json()["rows"]}


def test_lists_counts_and_names_hold_ones_own_and_what_is_shared(server: Running, estate: Estate) -> None:
    with client(server, "operator", groups=("ours",)) as scoped:
        listed = scoped.post("/repositories/listings", json={"sort": "name"})
        # What is filed in the shared one is none of theirs, and not counted.
        assert rows(listed) == {"our web": 1, "shared": 0}
        assert not seen(listed)
        assert scoped.get("/repositories/resolve", params={"reference": "unspeakable"}).status_code == 404
        for filter in ("repository:unspeakable", "repository:*", '!repository:""', "repository:shared"):
            assert not seen(scoped.get("/certificates", params={"filter": filter, "sort": "repository"}))
        assert not seen(scoped.post("/audit/listings", json={"sort": "-id"}))
        changes = scoped.get("/feed/changes", params={"since": 0}).json()
        told = {each for one in changes if one["object_kind"] == "repository" for each in one["object_ids"]}
        assert told == {estate.ours.id, estate.shared.id}


def test_where_a_certificate_is_filed_is_for_those_who_see_the_repository(server: Running, estate: Estate) -> None:
    # One of ours in a repository of theirs, as an admin may file it.
    file(server.backend, estate.theirs, estate.our_entry)
    with client(server, "operator", groups=("ours",)) as scoped:
        page = scoped.get(f"/certificates/{estate.our_entry}")
        assert (page.json()["row"]["repository"], page.json()["row"]["repository_id"]) == ("", None)
        assert scoped.get("/certificates", params={"filter": 'repository:""'}).json()["items"] != []
        version = page.json()["row"]["version"]
        moved = scoped.post(
            f"/repositories/{estate.ours.id}/add", json={"versions": [[estate.our_entry, version]]}
        ).json()
        assert moved["done"] == []
        assert "a repository that is not yours" in moved["skipped"][0][1]


def test_no_route_with_an_id_shows_or_touches_theirs(server: Running, estate: Estate) -> None:
    before = server.backend.repositories.get(estate.theirs.id)
    bodies = {
        "repositories.rename": {"name": "mine"},
        "repositories.reset": {"leaving": 1},
        "repositories.enable": {"data_source": "uploaded"},
        "repositories.add_certificates": {"versions": [[estate.our_entry, 2]]},
        "repositories.remove_certificates": {"versions": [[estate.their_entry, 2]]},
        "repositories.sign": {"certificate_id": estate.their_entry, "content": ""},
        "repositories.verify": {"message": "MIIB"},
        "repositories.encrypt": {"certificate_ids": [estate.their_entry], "content": ""},
        "repositories.decrypt": {"message": "MIIB", "certificate_id": estate.their_entry},
    }
    with client(server, "admin", groups=("ours",)) as scoped:
        for method, path, name in route_names(server.server.config.app):
            if "/repositories/{id}" not in path:
                continue
            url = path.replace("{id}", str(estate.theirs.id)).removeprefix(PREFIX)
            answer = scoped.request(method, url, json=bodies.get(name), headers={"if-match": '"1"'})
            assert answer.status_code == 404, f"{name}: {answer.status_code} {answer.text}"
            assert not seen(answer), name
    assert server.backend.repositories.get(estate.theirs.id) == before


def test_an_admin_of_a_group_runs_its_own_repositories_and_no_shared_one(server: Running, estate: Estate) -> None:
    with client(server, "admin", groups=("ours",)) as scoped:
        made = scoped.post("/repositories", json={"name": "more", "source": {"data_source": "uploaded"}})
        assert (made.status_code, made.json()["row"]["business_group"]) == (201, "ours")
        url = f"/repositories/{made.json()['row']['id']}"
        headers = {"if-match": '"1"'}
        assert scoped.patch(url, json={"name": "less"}, headers=headers).status_code == 200
        for group in ("", "theirs"):
            refused = scoped.post(
                "/repositories", json={"business_group": group or "other", "source": {"data_source": "uploaded"}}
            )
            assert refused.status_code == 403
        shared = f"/repositories/{estate.shared.id}"
        assert scoped.get(shared).status_code == 200
        assert scoped.patch(shared, json={"name": "mine"}, headers=headers).status_code == 403
        # Certificates of others are filed there: neither the plan nor the act says which.
        for answer in (scoped.get(f"{shared}/plan-reset"), scoped.delete(shared, headers=headers)):
            assert answer.status_code == 403
            assert not seen(answer)
        private = {"name": "private", "source": {"data_source": "private", "ca_id": estate.ca}}
        assert scoped.post("/repositories", json=private).status_code == 403


def test_a_reset_by_who_does_not_see_all_that_is_filed_names_none(server: Running, estate: Estate) -> None:
    file(server.backend, estate.ours, estate.their_entry)
    with client(server, "admin", groups=("ours",)) as scoped:
        url = f"/repositories/{estate.ours.id}"
        for leaving in (1, 2):
            refused = scoped.post(f"{url}/reset", json={"leaving": leaving}, headers={"if-match": '"1"'})
            assert refused.status_code == 409
            assert not seen(refused)
        assert scoped.get(f"{url}/plan-reset").status_code == 409
    assert server.backend.repositories.get(estate.ours.id).row.certificates == 2


def test_a_policy_that_is_attached_holds_for_who_does_not_see_its_repository(server: Running, estate: Estate) -> None:
    from dataclasses import replace

    from certtui.errors import PolicyRefused
    from certtui.model.policy import PolicyForm, PolicyRules

    backend = server.backend
    ca = backend.cas.get(estate.ca)
    backend.cas.edit(ca.row.id, ca.row.version, replace(ca.settings, compliant=True))
    rule = backend.policies.add(PolicyForm("no wildcards", rules=PolicyRules(wildcards=False)))
    repository(backend, "unspeakable CA", "compliant", group="theirs", ca_id=ca.row.id, policy_ids=(rule.id,))
    wanted = {
        "authority": "internal",
        "subject": {"common_name": "*.example.com"},
        "labels": {"business_group": "ours"},
    }
    with client(server, "operator", groups=("ours",)) as scoped:
        foretold = scoped.post("/orders/preview", json=wanted).json()
        assert [one["policy_name"] for one in foretold["findings"]] == ["no wildcards"]
        shown = scoped.get(f"/cas/{ca.row.id}")
        assert shown.json()["row"]["bound"] is True
        assert not seen(shown)
    with pytest.raises(PolicyRefused):
        complete(backend, "*.example.com")
