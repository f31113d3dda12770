"""What an access list closes to somebody is not there for them by any route, though they see all groups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from certtui.model.acl import AclForm
from certtui.model.audit import Actor
from certtui.model.consumer import ConsumerForm
from certtui.model.container import ContainerForm, ContainerType
from certtui.model.order import OrderForm
from certtui.model.repository import DataSource, RepositoryForm, RepositorySource
from certtui.model.secret import Secret
from certtui.model.stored_secret import StoredSecretForm
from certtui.server.app import route_names
from certtui.server.route import PREFIX
from tests.backend.entries import add, cert, resource
from tests.server.conftest import client
from tests.server_process import Running

OURS, THEIRS, FILED = "www.example.com", "hidden-project.example.net", "hidden-project.example.org"
WORDS = ("hidden-project", "unspeakable", "hidden-lb")
CLOSED = AclForm(read_group=False, use_group=False, users=("svc-hidden-lb",))


@dataclass(frozen=True)
class Hidden:
    """Ids by the noun whose routes they stand in."""

    ids: dict[str, int]

    def of(self, path: str, name: str) -> int | None:
        """The hidden object that a route's `{id}` could mean, None where it means something else."""
        if path.startswith("/acls/"):
            return self.ids["certificates"]
        noun = path.strip("/").split("/")[0]
        return self.ids.get(noun)


@pytest.fixture
def hidden(server: Running) -> Hidden:
    """A certificate with all that can hang on it, a stored secret and a container of it: closed to all but one service."""
    backend = server.backend
    add(backend, cert(OURS), key=True)
    entry = add(backend, cert(THEIRS, days=10), key=True, description="unspeakable").id
    backend.resources.associate(entry, [resource(backend).row.id])
    made = backend.containers.create(ContainerForm(name="unspeakable bundle", certificate_id=entry))
    consumer = backend.containers.add_consumer(made.row.id, ConsumerForm("hidden-lb", "listener", "443"))
    secret = backend.secrets.store(StoredSecretForm("unspeakable word", "passphrase", Secret(b"xyzzy")))
    parts = {"word": secret.row.id}
    bundle = backend.containers.create(ContainerForm(name="unspeakable words", type=ContainerType.GENERIC, parts=parts))
    place = backend.repositories.create(
        RepositoryForm(name="unspeakable place", source=RepositorySource(DataSource.UPLOADED))
    )
    filed = add(backend, cert(FILED, days=20), key=True).id
    backend.repositories.add_certificates(place.row.id, [(filed, 1)])
    closed = {"certificate": entry, "secret": secret.row.id, "container": bundle.row.id, "repository": place.row.id}
    for kind, number in closed.items():
        backend.acls.set(kind, number, 0, CLOSED)
    order = backend.orders.save(OrderForm(sans=(f"DNS:{THEIRS}",), renews_id=entry))
    backend.alerts.sweep()
    return Hidden(
        {
            "certificates": entry,
            "csrs": entry,
            "containers": made.row.id,
            "consumers": consumer.id,
            "secrets": secret.row.id,
            "orders": order.row.id,
            "alerts": 1,
            "repositories": place.row.id,
            "filed": filed,
        }
    )


@pytest.fixture
def carol(server: Running, hidden: Hidden) -> Iterator[httpx.Client]:
    """Somebody with every right of an operator, whom no list names."""
    with client(server, "operator", actor="carol") as made:
        yield made


def filled(path: str, number: int) -> str:
    return path.replace("{id}", str(number)).replace("{container}", str(number)).replace("{listing}", "x")


def seen(answer: httpx.Response) -> bool:
    return any(word in answer.text for word in WORDS)


def test_there_is_something_to_hide(server: Running, hidden: Hidden) -> None:
    with client(server, actor="root") as root:
        for path in ("certificates", "containers", "secrets", "repositories", "orders", "alerts", "audit"):
            assert seen(root.post(f"/{path}/listings", json={})), path
    with client(server, "viewer", actor="svc-hidden-lb") as service:
        assert service.get(f"/certificates/{hidden.ids['certificates']}").status_code == 200


def test_no_route_that_reads_tells_of_it(server: Running, carol: httpx.Client, hidden: Hidden) -> None:
    for method, path, name in route_names(server.server.config.app):
        if name == "feed.follow" or not path.startswith(PREFIX):
            continue
        where = path.removeprefix(PREFIX)
        if method == "GET" or where.endswith(("/listings", "/records", "/lookup", "/preview", "/judge", "/dry-run")):
            for number in range(1, 8):
                url = filled(where, number)
                bodies = [{}, {"filter": "hidden"}, {"filter": "id:1,2,3,4"}, {"ids": [1, 2, 3, 4]}]
                for body in [None] if method == "GET" else bodies:
                    for more in (
                        {},
                        {"object": "certificate", "reference": THEIRS, "container_id": number, "since": 0},
                    ):
                        answer = carol.request(method, url, json=body, params=more)
                        assert not seen(answer), f"{method} {url} {body} {more}: {answer.text}"


def test_no_route_that_changes_touches_it_or_tells_of_it(server: Running, carol: httpx.Client, hidden: Hidden) -> None:
    def standing() -> list[object]:
        backend = server.backend
        return [
            backend.certificates.get(hidden.ids["certificates"]),
            backend.containers.get(hidden.ids["containers"]),
            backend.secrets.get(hidden.ids["secrets"]),
            backend.orders.get(hidden.ids["orders"]),
            backend.alerts.get(hidden.ids["alerts"]),
            backend.acls.get("certificate", hidden.ids["certificates"]),
            backend.repositories.get(hidden.ids["repositories"]),
            backend.certificates.get(hidden.ids["filed"]),
        ]

    before = standing()
    bodies = {
        "certificates.edit": {"name": "mine"},
        "certificates.export": {"form": "key"},
        "certificates.plan_replacement": {"new_id": 1},
        "certificates.replace": {
            **{"old_id": hidden.ids["certificates"], "old_version": 2, "new_id": 1, "new_version": 1},
            **{"moves": [], "warnings": []},
        },
        "resources.associate": {"resource_ids": [1]},
        "resources.dissociate": {"resource_ids": [1]},
        "containers.edit": {"name": "mine"},
        "containers.update": {"certificate_id": 1},
        "containers.rollback": {"to": 1},
        "containers.add_consumer": {"service": "mine"},
        "acls.set": {"read_group": True},
        "repositories.rename": {"name": "mine"},
        "repositories.reset": {"leaving": 1},
        "repositories.enable": {"data_source": "uploaded"},
        "repositories.add_certificates": {"versions": [[1, 1]]},
        "repositories.remove_certificates": {"versions": [[hidden.ids["filed"], 2]]},
        "orders.edit": {"sans": ["DNS:x.example.com"]},
        "alerts.snooze": {"until": "2035-01-01T00:00:00Z"},
    }
    for method, path, name in route_names(server.server.config.app):
        where = path.removeprefix(PREFIX)
        number = hidden.of(where, name)
        if method == "GET" or "{id}" not in where or number is None:
            continue
        tried = [(number, version) for version in (1, 2, 3)]
        if where.startswith("/certificates/"):
            tried += [(hidden.ids["filed"], 2)]
        for number, version in tried:
            answer = carol.request(
                method,
                filled(where, number),
                json=bodies.get(name),
                params={"object": "certificate"} if name.startswith("acls.") else None,
                headers={"if-match": f'"{version}"'},
            )
            # What only admins do is refused before anybody looks.
            assert answer.status_code in (403, 404, 422), f"{method} {where} {answer.status_code} {answer.text}"
            assert not seen(answer), f"{method} {where}: {answer.text}"
    assert standing() == before


def test_making_something_of_it_is_refused(carol: httpx.Client, hidden: Hidden) -> None:
    entry, secret = hidden.ids["certificates"], hidden.ids["secrets"]
    for path, body in (
        ("/containers", {"certificate_id": entry}),
        ("/containers", {"name": "mine", "type": "generic", "parts": {"word": secret}}),
        ("/orders", {"sans": ["DNS:x.example.com"], "renews_id": entry}),
        (f"/repositories/{hidden.ids['repositories']}/add", {"versions": [[1, 1]]}),
    ):  # fmt: skip
        answer = carol.post(path, json=body)
        assert answer.status_code in (404, 422), f"{path}: {answer.status_code} {answer.text}"
        assert not seen(answer)


def test_what_may_be_read_and_not_used_gives_no_payload(server: Running, hidden: Hidden) -> None:
    backend = server.backend
    only_read = AclForm(read_group=True)
    for kind, number in (
        ("certificate", hidden.ids["certificates"]),
        ("secret", hidden.ids["secrets"]),
        ("container", 2),
    ):
        backend.acls.set(kind, number, 1, only_read)
    for role in ("viewer", "operator", "admin"):
        with client(server, role, actor="carol") as person:
            for number in (1, 2):
                answer = person.get(f"/containers/{number}/payload")
                assert answer.status_code == 403, answer.text
                assert "eHl6enk" not in answer.text
            assert person.post("/certificates/2/reveal-key").status_code == 403


def test_the_feed_and_the_log_say_nothing_of_it(server: Running, carol: httpx.Client, hidden: Hidden) -> None:
    changes = carol.get("/feed/changes", params={"since": 0}).json()
    for kind, number in (
        ("certificate", hidden.ids["certificates"]),
        ("container", 1),
        ("container", 2),
        ("secret", 1),
    ):
        assert all(number not in each["object_ids"] for each in changes if each["object_kind"] == kind), kind
    assert not seen(carol.post("/audit/listings", json={"sort": "-id"}))
    assert Actor("carol").name not in str(changes)
