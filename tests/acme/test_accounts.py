"""The account of a profile at a real Pebble: its key changed whatever dies on the way, whom to write to, terms, its end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from certtui.authorities.acme import accounts as client
from certtui.authorities.acme.accounts import Session
from certtui.authorities.acme.authority import AcmeCa
from certtui.authorities.acme.connection import Connection
from certtui.authorities.acme.jose import AccountKey
from certtui.backend.factory import RemoteOptions, StoreOptions, open_backend
from certtui.backend.local.acme_books import StoreBooks
from certtui.backend.local.authorities_made import authority_of
from certtui.backend.local.backend import LocalBackend
from certtui.backend.remote.backend import RemoteBackend
from certtui.errors import Conflict, Denied, Invalid, NotFound, Unreachable
from certtui.model.access import Access, Role
from certtui.model.audit import Actor
from certtui.model.authority import AuthorityForm, AuthorityType
from certtui.model.csr import SubjectFields
from certtui.model.order import OrderForm, OrderStatus
from certtui.model.query import Query
from tests.acme.test_orders import Ahead, delegate, ordered, revoked
from tests.directory_front import fronted
from tests.lab import CUSTOMER, Lab, lab
from tests.remote.server import Server

pytestmark = pytest.mark.real("pebble", "named")


@pytest.fixture(scope="module")
def server() -> Iterator[Lab]:
    with lab() as made:
        yield made


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[LocalBackend]:
    made = open_backend(StoreOptions(str(tmp_path / "store.db"), create=True), actor=Actor("ada"), clock=Ahead())
    assert isinstance(made, LocalBackend)
    yield made
    made.close()


def version(backend: LocalBackend) -> int:
    return backend.accounts.get(1).version


def events(backend: LocalBackend) -> list[str]:
    listing = backend.audit.search(Query(""))
    found = [each for each in listing.rows(0, 50) if each is not None and ".account" in each.event]
    return [each.event for each in sorted(found, key=lambda each: each.id)]


def test_a_key_is_changed_and_orders_go_on_by_the_same_account(server: Lab, backend: LocalBackend) -> None:
    authority = server.authority(backend)
    assert backend.accounts.get(1).sentence == "pebble has no account yet: its test, or the first order, makes one."
    with pytest.raises(Conflict, match="no account yet"):
        backend.accounts.roll_over(1, authority.row.version)
    backend.authorities.test(1)
    before = backend.accounts.get(1)
    assert (before.status, before.key_type, before.contact) == ("valid", "ec-256", ("mailto:ops@example.test",))
    assert before.registered_at is not None

    # A session that was taken before, as by a worker in the middle of something, finds the new key by itself.
    ca = authority_of(backend._store, 1)
    assert isinstance(ca, AcmeCa)
    ca.session()
    after = backend.accounts.roll_over(1, before.version, "rsa-2048")
    assert (after.url, after.key_type, after.key_waits) == (before.url, "rsa-2048", False)
    with pytest.raises(Conflict, match="changed by somebody else"):
        backend.accounts.roll_over(1, before.version)
    delegate(server, backend, f"a.{CUSTOMER}")
    draft = backend.orders.save(OrderForm("pebble", SubjectFields(), (f"DNS:a.{CUSTOMER}",)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("certtui.backend.local.orders_send.authority_of", lambda *_: ca)
        assert backend.orders.submit(draft.id, draft.version).row.status is OrderStatus.COMPLETE
    assert events(backend) == [
        "authority.account.registered",
        "authority.account_key.requested",
        "authority.account_key.changed",
    ]


class Killed(BaseException):
    """A process that ends here."""


@pytest.mark.parametrize("lost", ["question", "answer", "kill"])
def test_whichever_key_the_server_knows_is_found_out(
    server: Lab, backend: LocalBackend, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    server.authority(backend)
    backend.authorities.test(1)
    url = backend.accounts.get(1).url
    real = Connection.post

    def post(self: Connection, address: str, *args: object, **more: object) -> object:
        if address != self.directory.key_change:
            return real(self, address, *args, **more)  # type: ignore[arg-type]  # as it was called
        if lost == "question":
            raise Unreachable("It did not arrive.")
        real(self, address, *args, **more)  # type: ignore[arg-type]
        raise Killed if lost == "kill" else Unreachable("The answer did not arrive.")

    with monkeypatch.context() as patch:
        patch.setattr(Connection, "post", post)
        with pytest.raises((Unreachable, Killed)):
            backend.accounts.roll_over(1, version(backend))
    assert backend.accounts.get(1).key_waits
    assert "has not confirmed" in backend.accounts.get(1).sentence

    # Whoever works meanwhile asks by the key that the server knows.
    delegate(server, backend, f"k.{CUSTOMER}")
    assert ordered(backend, f"k.{CUSTOMER}").row.status is OrderStatus.COMPLETE
    waits = backend.accounts.get(1).key_waits
    assert waits == (lost == "question")
    books = StoreBooks(backend._store, 1)
    if waits:
        # The change is gone on with: by the key that waited, of whatever kind is asked for now.
        kept = books.secret("account_key_next")
        assert kept is not None
        assert backend.accounts.roll_over(1, version(backend), "ec-384").key_type == "ec-256"
        now = books.secret("account_key")
        assert now is not None
        assert now.reveal() == kept.reveal()
    found = backend.accounts.look(1)
    assert (found.url, found.status, found.key_waits) == (url, "valid", False)


def test_a_change_that_was_done_and_not_heard_of_is_confirmed_by_doing_it_again(
    server: Lab, backend: LocalBackend
) -> None:
    server.authority(backend)
    backend.authorities.test(1)
    books = StoreBooks(backend._store, 1)
    url, old = backend.accounts.get(1).url, books.secret("account_key")
    ca = authority_of(backend._store, 1)
    assert isinstance(ca, AcmeCa)
    assert old is not None
    from certtui.authorities.acme.jose import new_key

    new = books.keep_next_key(new_key())
    client.roll_over(Session(ca.connection(), AccountKey(old), url), AccountKey(new))
    assert backend.accounts.roll_over(1, version(backend)).key_waits is False
    now = books.secret("account_key")
    assert now is not None
    assert now.reveal() == new.reveal()


def test_whom_to_write_to_is_told_at_once(server: Lab, backend: LocalBackend) -> None:
    server.authority(backend)
    backend.authorities.test(1)
    now = backend.accounts.set_contact(1, version(backend), ["a@example.test", "b@example.test"])
    assert now.contact == ("mailto:a@example.test", "mailto:b@example.test")
    assert backend.authorities.get(1).settings["email"] == "a@example.test, b@example.test"
    assert backend.accounts.look(1).contact == now.contact
    with pytest.raises(Invalid) as met:
        backend.accounts.set_contact(1, version(backend), ["nobody"])
    assert met.value.field == "email"
    with pytest.raises(Conflict):
        backend.accounts.set_contact(1, now.version - 1, ["c@example.test"])
    assert backend.accounts.set_contact(1, version(backend), []).contact == ()


def test_closed_for_ever_and_another_one_made_on_purpose(server: Lab, backend: LocalBackend) -> None:
    server.authority(backend)
    delegate(server, backend, f"old.{CUSTOMER}")
    done = ordered(backend, f"old.{CUSTOMER}")
    waiting = ordered(backend, f"waits.{CUSTOMER}")
    first = backend.accounts.get(1)
    assert first.open_orders == (f"waits.{CUSTOMER}",)
    with pytest.raises(Conflict, match=f"1 order waits for pebble by now, not 0: waits.{CUSTOMER}."):
        backend.accounts.deactivate(1, first.version, open_orders=0)
    with pytest.raises(Conflict, match="is not closed"):
        backend.accounts.open_new(1, first.version)

    # The CA does not hear of it at first: nothing is ordered all the same, and doing it again ends it.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "deactivate", lambda *_: (_ for _ in ()).throw(Unreachable("Not reached.")))
        with pytest.raises(Unreachable):
            backend.accounts.deactivate(1, first.version, open_orders=1)
    assert backend.accounts.get(1).status == "closing"
    with pytest.raises(Invalid, match="is closed: nothing can be ordered"):
        backend.orders.preview(OrderForm("pebble", SubjectFields(), (f"DNS:{CUSTOMER}",)))
    closed = backend.accounts.deactivate(1, version(backend), open_orders=1)
    assert closed.status == "deactivated"
    with pytest.raises(Conflict, match="closed already"):
        backend.accounts.deactivate(1, closed.version, open_orders=1)
    for act in (backend.accounts.roll_over, lambda *seen: backend.accounts.set_contact(*seen, ["x@example.test"])):
        with pytest.raises(Conflict, match="is closed"):
            act(1, closed.version)
    delegate(server, backend, f"waits.{CUSTOMER}")
    failed = backend.orders.look(waiting.id)
    assert failed.error is not None
    assert "closed" in failed.error.words
    lines = {line.label: line for line in backend.authorities.get(1).panel}
    assert lines["Account"].mark == "problem"
    test = backend.authorities.test(1).lines[2]
    assert (test.label, test.ok, "certtui account new pebble" in test.text) == ("Account", False, True)
    # The certificate's own key revokes what the closed account ordered.
    assert done.row.certificate_id is not None
    revoked(server, backend, done.row.certificate_id)

    again = backend.accounts.open_new(1, version(backend))
    assert (again.status, again.url != first.url) == ("valid", True)
    assert ordered(backend, f"old.{CUSTOMER}").row.status is OrderStatus.COMPLETE
    assert events(backend)[1:] == [
        "authority.account_deactivate.requested",
        "authority.account_deactivate.requested",
        "authority.account_deactivate.confirmed",
        "authority.account.requested",
        "authority.account.registered",
    ]


def test_closed_elsewhere_is_seen_when_it_is_looked_at(server: Lab, backend: LocalBackend) -> None:
    server.authority(backend)
    backend.authorities.test(1)
    ca = authority_of(backend._store, 1)
    assert isinstance(ca, AcmeCa)
    client.deactivate(ca.session())
    found = backend.accounts.look(1)
    assert (found.status, found.closed) == ("deactivated", True)


def test_new_terms_are_named_and_agreed_to(server: Lab, backend: LocalBackend) -> None:
    with fronted(server.acme, termsOfService="https://ca.example.net/terms/1") as front:
        server.authority(backend, directory=front.url)
        assert backend.authorities.test(1).ok
        front.meta["termsOfService"] = "https://ca.example.net/terms/2"
        forget(front.url)
        line = backend.authorities.test(1).lines[1]
        assert line.text == (
            "The CA's terms are at https://ca.example.net/terms/2 by now; agreed to were those at "
            "https://ca.example.net/terms/1. Read them, then `certtui account agree pebble`."
        )
        # A server that insists says so for an order, which waits until somebody has.
        delegate(server, backend, f"t.{CUSTOMER}")
        front.insists = True
        forget(front.url)
        order = ordered(backend, f"t.{CUSTOMER}")
        assert order.row.status is OrderStatus.PENDING
        assert order.steps[-1].text == (
            "pebble wants a person to go to https://ca.example.net/terms/2 before it goes on, mostly to agree to new terms; "
            "it is asked again by itself. It says: Terms of service have changed."
        )
        with pytest.raises(Conflict, match="by now"):
            backend.accounts.agree(1, version(backend), "https://ca.example.net/terms/1")
        now = backend.accounts.agree(1, version(backend), "https://ca.example.net/terms/2")
        assert now.terms == "https://ca.example.net/terms/2"
        front.insists = False
        forget(front.url)
        assert backend.authorities.test(1).ok
        assert backend.orders.look(order.id).row.status is OrderStatus.COMPLETE


def test_over_a_server_it_is_the_same_account(server: Lab, backend: LocalBackend) -> None:
    server.authority(backend)
    backend.authorities.test(1)
    with Server(backend) as http:
        api = RemoteBackend.open(RemoteOptions(http.url, token=http.token()))
        try:
            seen = api.accounts.get(1)
            assert seen == backend.accounts.get(1)
            assert api.accounts.look(1).terms_now.startswith("data:text")
            rolled = api.accounts.roll_over(1, seen.version, "ec-384")
            assert (rolled.url, rolled.key_type) == (seen.url, "ec-384")
            with pytest.raises(Conflict, match="changed by somebody else"):
                api.accounts.roll_over(1, seen.version, "ec-384")
            told = api.accounts.set_contact(1, rolled.version, ["x@example.test"])
            assert told.contact == ("mailto:x@example.test",)
            with pytest.raises(Invalid) as met:
                api.accounts.set_contact(1, told.version, ["x"])
            assert met.value.field == "email"
            agreed = api.accounts.agree(1, told.version, told.terms)
            closed = api.accounts.deactivate(1, agreed.version, open_orders=0)
            assert api.accounts.open_new(1, closed.version).status == "valid"
        finally:
            api.close()
        weak = RemoteBackend.open(RemoteOptions(http.url, token=http.token("eve", Access(Role.OPERATOR))))
        try:
            assert weak.accounts.get(1).status == "valid"
            with pytest.raises(Denied, match="needs the role admin"):
                weak.accounts.deactivate(1, weak.accounts.get(1).version, open_orders=0)
        finally:
            weak.close()


def forget(url: str) -> None:
    """A directory is asked for once an hour."""
    from certtui.authorities.acme import connections

    for key in [key for key in connections._open if key[0] == url]:
        del connections._open[key]


def test_other_authorities_have_no_account(backend: LocalBackend) -> None:
    authority = backend.authorities.add(AuthorityForm("globex", AuthorityType.EXTERNAL))
    for act in (
        lambda: backend.accounts.get(authority.row.id),
        lambda: backend.accounts.look(authority.row.id),
        lambda: backend.accounts.deactivate(authority.row.id, authority.row.version, open_orders=0),
    ):
        with pytest.raises(NotFound, match="globex is asked without an account"):
            act()
