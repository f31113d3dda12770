"""What lies outside of a person's scope is not there: by no filter, count, id, name, hash, list or feed."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest

from certtui.model.access import Access
from certtui.server.app import route_names
from certtui.server.route import PREFIX
from tests.backend.entries import add, cert, new, resource
from tests.certs import Made
from tests.server.conftest import client
from tests.server_process import Running

THEIRS = "secret-project.example.net"
OURS = "www.example.com"


@pytest.fixture
def theirs(server: Running) -> Made:
    """One certificate of each group, with keys; theirs used by a resource."""
    made = cert(THEIRS)
    add(server.backend, cert(OURS), key=True, business_group="ours")
    entry = add(server.backend, made, key=True, business_group="theirs", description="unspeakable")
    server.backend.resources.associate(entry.id, [resource(server.backend).row.id])
    return made


@pytest.fixture
def scoped(server: Running) -> Iterator[httpx.Client]:
    with client(server, "operator", groups=("ours",)) as made:
        yield made


def seen(answer: httpx.Response) -> bool:
    return any(word in answer.text for word in (THEIRS, "secret-project", "unspeakable", "theirs"))


def test_lists_counts_and_pages_hold_ones_own_alone(scoped: httpx.Client, theirs: Made) -> None:
    listed = scoped.get("/certificates").json()["items"]
    assert [each["name"] for each in listed] == [OURS]
    assert scoped.post("/certificates/listings", json={}).json()["total"] == 1
    assert scoped.get("/certificates/overview").json()["total"] == 1


@pytest.mark.parametrize(
    "filter",
    [
        THEIRS,
        "group:theirs",
        "group:*",
        f"san:{THEIRS}",
        "unspeakable",
        "resource:lb-west",
        "id:2",
        "!group:ours",
        "has:key",
    ],
)
def test_no_filter_finds_what_is_theirs(scoped: httpx.Client, theirs: Made, filter: str) -> None:
    answer = scoped.get("/certificates", params={"filter": filter})
    assert answer.status_code == 200
    assert not seen(answer)
    assert not seen(scoped.post("/certificates/listings", json={"filter": filter}))


def test_no_id_name_or_hash_leads_there(scoped: httpx.Client, theirs: Made) -> None:
    for reference in ("2", THEIRS, theirs.facts.fingerprint_sha256[:8]):
        assert scoped.get("/certificates/resolve", params={"reference": reference}).status_code == 404
    found = scoped.post("/certificates/lookup", json={
        "fingerprints": [theirs.facts.fingerprint_sha256], "spkis": [theirs.facts.spki_sha256],
        "subject_ids": [theirs.facts.subject_id],
    })  # fmt: skip
    # The one of ours has the same issuer as theirs; no hash of theirs finds theirs.
    assert all(each["id"] == 1 for each in found.json())
    assert scoped.post("/certificates/records", json={"ids": [1, 2]}).text.count('"id":') >= 1
    assert not seen(scoped.post("/certificates/records", json={"ids": [1, 2]}))


def test_no_route_with_an_id_shows_or_touches_it(server: Running, scoped: httpx.Client, theirs: Made) -> None:
    before = server.backend.certificates.get(2)
    bodies = {
        "certificates.edit": {"name": "mine"}, "certificates.export": {"form": "pem"},
        "certificates.plan_replacement": {"new_id": 1}, "resources.associate": {"resource_ids": [1]},
        "resources.dissociate": {"resource_ids": [1]}, "csrs.complete": {"pem": "x"},
        "certificates.replace": {"old_id": 2, "old_version": before.version, "new_id": 1, "new_version": 1, "moves": [],
                                 "warnings": []},
    }  # fmt: skip
    for method, path, name in route_names(server.server.config.app):
        if "/certificates/{id}" not in path and "/csrs/{id}" not in path:
            continue
        url = path.replace("{id}", "2").removeprefix(PREFIX)
        answer = scoped.request(method, url, json=bodies.get(name), headers={"if-match": f'"{before.version}"'})
        assert answer.status_code in (404, 422), f"{name}: {answer.status_code} {answer.text}"
        assert not seen(answer), name
    assert server.backend.certificates.get(2) == before


def test_bulk_acts_skip_it_like_what_is_gone(server: Running, scoped: httpx.Client, theirs: Made) -> None:
    version = server.backend.certificates.get(2).version
    for act, body in (("edit", {"changes": {"name": "mine"}}), ("delete", {"dissociate": True})):
        answer = scoped.post(f"/certificates/{act}", json={"versions": [[2, version]], **body})
        assert answer.json()["done"] == []
        assert not seen(answer)
    assert server.backend.certificates.get(2).row.name == THEIRS


def test_a_resource_shows_none_of_their_certificates(scoped: httpx.Client, theirs: Made) -> None:
    assert not seen(scoped.get("/resources/1"))
    assert not seen(scoped.post("/resources/listings", json={}))


def test_the_audit_log_and_the_feed_tell_nothing_of_it(scoped: httpx.Client, theirs: Made) -> None:
    assert not seen(scoped.post("/audit/listings", json={"sort": "-id"}))
    changes = scoped.get("/feed/changes", params={"since": 0}).json()
    assert all(2 not in each["object_ids"] for each in changes if each["object_kind"] == "certificate")


def test_adding_what_is_theirs_tells_nothing_of_it(scoped: httpx.Client, theirs: Made) -> None:
    from certtui.backend import wire
    from certtui.backend.wire_forms import uploads

    answer = scoped.post("/certificates", content=wire.dumps(uploads([new(theirs, business_group="ours")])))
    assert "unspeakable" not in answer.text
    assert scoped.get("/certificates").text.count('"theirs"') == 0


def test_a_list_that_is_open_loses_what_leaves_the_scope(server: Running, scoped: httpx.Client, theirs: Made) -> None:
    from certtui.model.certificate import CertificateEdit

    opened = scoped.post("/certificates/listings", json={}).json()
    server.backend.certificates.edit(1, 1, CertificateEdit(business_group="theirs"))
    rows = scoped.get(f"/listings/{opened['id']}/rows").json()["rows"]
    assert rows == [{"gone": 1}]


def test_nobody_reads_another_persons_list(server: Running, scoped: httpx.Client, theirs: Made) -> None:
    with client(server) as other:
        opened = other.post("/certificates/listings", json={}).json()
        assert opened["total"] == 2
        for act in ("", "/rows", "/ids", "/position?id=2"):
            assert scoped.get(f"/listings/{opened['id']}{act}").status_code == 410
        scoped.delete(f"/listings/{opened['id']}")
        assert other.get(f"/listings/{opened['id']}").status_code == 200


def test_no_route_gives_a_private_key_without_the_right(server: Running, theirs: Made) -> None:
    from base64 import b64decode, b64encode

    secrets = [made.key_facts.pkcs8.reveal() for made in (cert(OURS), theirs)]
    needles = [b64encode(each).decode()[40:80] for each in secrets]
    plain = [None, {"ids": [1, 2]}, {"filter": ""}]
    exports = [
        {"form": form, "password": password} for form in ("key", "pfx", "fullchain") for password in (None, "cHc=")
    ]
    for role in ("viewer", "operator", "admin"):
        with client(server, role, export_keys=False) as person:
            for method, path, name in route_names(server.server.config.app):
                if name in ("feed.follow",) or method == "DELETE":
                    continue
                for body in exports if name == "certificates.export" else plain:
                    answer = person.request(
                        method, server.url + path.replace("{id}", "1"), json=body, headers={"if-match": '"1"'}
                    )
                    text = answer.text
                    assert "PRIVATE KEY" not in text, name
                    assert not any(each in text for each in needles), name
                    if name == "certificates.export" and answer.status_code == 200:
                        assert answer.json()["holds_key"] is False
                        assert b"PRIVATE KEY" not in b64decode(answer.json()["content"])


def test_with_the_right_a_viewer_takes_the_key_out(server: Running, theirs: Made) -> None:
    with client(server, "viewer", export_keys=True) as person:
        from base64 import b64decode

        assert b"PRIVATE KEY" in b64decode(person.post("/certificates/1/reveal-key").json())
        assert person.post("/certificates/1/export", json={"form": "key"}).json()["holds_key"] is True


def test_a_scope_by_domain_holds_as_well(server: Running, theirs: Made) -> None:
    with client(server, "viewer", domains=("example.com",)) as person:
        assert not seen(person.get("/certificates"))
        assert person.get("/certificates/2").status_code == 404


def test_metrics_count_ones_own_alone(server: Running, theirs: Made) -> None:
    mine = httpx.get(f"{server.url}/metrics", headers=server.headers("viewer", groups=("ours",))).text
    everything = httpx.get(f"{server.url}/metrics", headers=server.headers("viewer")).text

    def counted(text: str) -> float:
        return sum(float(line.split()[-1]) for line in text.splitlines() if line.startswith("certtui_certificates{"))

    assert (counted(mine), counted(everything)) == (1, 2)


def test_access_as_told_by_info_is_that_of_the_token(scoped: httpx.Client) -> None:
    told = scoped.get("/info").json()
    assert told["access"] == {"role": "operator", "export_keys": True, "groups": ["ours"], "domains": None}
    assert json.dumps(Access.__slots__)  # the names are those of the model
