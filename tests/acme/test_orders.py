"""Orders by ACME from a store to a certificate: real Pebble, real BIND, and a process that may die anywhere."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from certtui.authorities.acme import accounts, dns_plant
from certtui.authorities.acme import advance as advancing
from certtui.authorities.acme import orders as server_orders
from certtui.authorities.acme.accounts import Session
from certtui.authorities.acme.authority import AcmeCa
from certtui.authorities.acme.books import KeptAccount
from certtui.authorities.acme.connection import Connection
from certtui.authorities.acme.dns_update import DynamicUpdate
from certtui.authorities.acme.jose import AccountKey
from certtui.authorities.acme.objects import AcmeOrder, Identifier
from certtui.backend.factory import StoreOptions, open_backend
from certtui.backend.local import acme_bound, orders_send
from certtui.backend.local.acme_books import StoreBooks
from certtui.backend.local.authorities_made import authority_of
from certtui.backend.local.backend import LocalBackend
from certtui.backend.local.secrets import AUTHORITY, forget_secrets
from certtui.clock import Clock
from certtui.errors import Denied, Invalid
from certtui.model.access import Access, Identity, Role
from certtui.model.audit import Actor
from certtui.model.authority import AuthorityForm
from certtui.model.csr import SubjectFields
from certtui.model.order import Order, OrderForm, OrderStatus
from certtui.model.query import Query
from certtui.model.revocation import RevocationForm, RevocationReason
from tests.bind import KEY, KEY_NAME
from tests.lab import CUSTOMER, TECH, Lab, lab
from tests.pebble import pebble

pytestmark = pytest.mark.real("pebble", "named")


@pytest.fixture(scope="module")
def server() -> Iterator[Lab]:
    with lab() as made:
        yield made


class Ahead(Clock):
    """The real time, which orders and certificates of a real server live by, and what a test adds to it."""

    def __init__(self) -> None:
        self.seconds = 0

    def now(self):  # type: ignore[no-untyped-def]  # as Clock's
        from datetime import timedelta

        return super().now() + timedelta(seconds=self.seconds)


@pytest.fixture
def clock() -> Ahead:
    return Ahead()


@pytest.fixture
def backend(tmp_path: Path, clock: Ahead) -> Iterator[LocalBackend]:
    made = opened(tmp_path, clock)
    yield made
    made.close()


def opened(folder: Path, clock: Clock) -> LocalBackend:
    """The store of a folder, made where there is none."""
    made = open_backend(StoreOptions(str(folder / "store.db"), create=True), actor=Actor("ada"), clock=clock)
    assert isinstance(made, LocalBackend)
    return made


def ordered(backend: LocalBackend, *names: str, authority: str = "pebble") -> Order:
    """An order that was sent."""
    form = OrderForm(authority, SubjectFields(names[0]), tuple(f"DNS:{name}" for name in names))
    draft = backend.orders.save(form)
    return backend.orders.submit(draft.id, draft.version)


def delegate(server: Lab, backend: LocalBackend, *names: str, authority: str = "pebble") -> None:
    """Make the CNAMEs that a person would make."""
    ca = authority_of(backend._store, backend.authorities.resolve(authority))
    assert isinstance(ca, AcmeCa)
    for made in ca.delegations([f"DNS:{name}" for name in names]):
        server.dns.put(CUSTOMER, made.name, "CNAME", made.target + ".")


def panel(order: Order, label: str) -> list[str]:
    return [line.text for line in order.panel if line.label == label]


def left_behind(backend: LocalBackend) -> list[tuple[str, str]]:
    with backend._store.readers.use() as connection:
        return connection.execute("SELECT name, value FROM acme_record").fetchall()


def test_from_a_name_to_a_certificate_and_its_end(server: Lab, backend: LocalBackend, clock: Ahead) -> None:
    authority = server.authority(backend)
    test = backend.authorities.test(authority.row.id)
    assert test.ok, test.lines
    assert [line.label for line in test.lines] == ["Directory", "Terms", "Account", "Tech zone", "Records"]

    order = ordered(backend, CUSTOMER, f"www.{CUSTOMER}", f"*.{CUSTOMER}")
    assert order.row.status is OrderStatus.PENDING
    cnames = [line for line in order.panel if line.label == "CNAME"]
    assert [line.text.split(" → ")[0] for line in cnames] == [
        f"_acme-challenge.{CUSTOMER}",
        f"_acme-challenge.www.{CUSTOMER}",
    ]
    assert cnames[0].copy.startswith(f"_acme-challenge.{CUSTOMER}. 300 IN CNAME ")
    assert panel(order, "Seen now")[0] == f"ns1.{CUSTOMER} (127.0.0.1)  no such name (TTL 1 s)"
    assert order.looks_at is not None
    assert "1 other name waits for a CNAME too." in order.steps[-1].text

    # Looking again changes nothing that a person sees, so nothing is put on record.
    again = backend.orders.look(order.id)
    assert (again.version, len(again.steps)) == (order.version, len(order.steps))

    delegate(server, backend, CUSTOMER, f"www.{CUSTOMER}")
    clock.seconds = 40
    report = backend.work.run_due()
    assert report.problems == ()
    order = backend.orders.get(order.id)
    assert order.row.status is OrderStatus.COMPLETE, order
    assert left_behind(backend) == []
    assert server.dns.texts(cnames[0].text.split(" → ")[1]) == set()

    assert order.row.certificate_id is not None
    page = backend.certificates.get(order.row.certificate_id)
    assert page.x509 is not None
    assert set(page.x509.sans) == {f"DNS:{CUSTOMER}", f"DNS:www.{CUSTOMER}", f"DNS:*.{CUSTOMER}"}
    assert (str(page.row.source), str(page.row.provider)) == ("managed", "acme")
    assert page.row.has_private_key

    # The account is used again, and so are the CNAMEs.
    second = ordered(backend, CUSTOMER)
    assert second.row.status is OrderStatus.COMPLETE
    revoked(server, backend, page.row.id)


def revoked(server: Lab, backend: LocalBackend, entry_id: int) -> None:
    page = backend.certificates.get(entry_id)
    assert page.x509 is not None
    form = RevocationForm(page.x509.serial_number, RevocationReason.SUPERSEDED)
    backend.certificates.revoke(entry_id, page.version, form)
    backend.work.run_due()
    assert page.x509 is not None
    assert server.acme.status_of(page.x509.serial_number)["Status"] == "Revoked"


class Killed(BaseException):
    """A process that ends here: nothing catches it, and nothing after it is done."""


EFFECTS: tuple[tuple[object, str], ...] = (
    (Connection, "post"),
    (DynamicUpdate, "add"),
    (DynamicUpdate, "remove"),
    (StoreBooks, "keep_progress"),
    (StoreBooks, "plant"),
    (StoreBooks, "uproot"),
    (orders_send, "begun"),
    (orders_send, "ask"),
)
"""What a step of an order leaves behind: at the server, in the tech zone, in the store."""


def kill_after(patch: pytest.MonkeyPatch, count: int, effects: Sequence[tuple[object, str]]) -> Callable[[], int]:
    """End the process right after the effect of this number; what is answered says how many there were."""
    seen = 0

    def wrapped(real):  # type: ignore[no-untyped-def]  # any of EFFECTS
        def call(*args, **more):  # type: ignore[no-untyped-def]
            nonlocal seen
            answer = real(*args, **more)
            seen += 1
            if seen == count:
                raise Killed
            return answer

        return call

    for owner, name in effects:
        patch.setattr(owner, name, wrapped(getattr(owner, name)))
    return lambda: seen


def dies_everywhere(
    backend: LocalBackend,
    clock: Ahead,
    monkeypatch: pytest.MonkeyPatch,
    effects: Sequence[tuple[object, str]] = EFFECTS,
    *,
    make_way: Callable[[str], object] = lambda _: None,
    once: bool = True,
) -> int:
    """An order for each effect, killed after it and carried on by a worker; how many were killed.

    `make_way` is for one name. Not `once`: what answers the CA dies as well, and then another order is the only way.
    """
    names = (f"k{number}.{CUSTOMER}" for number in range(60))
    asked = [next(names)]
    make_way(asked[0])
    ordered(backend, asked[0])  # the account is made
    session = authority_of(backend._store, 1).session()  # type: ignore[attr-defined]  # an AcmeCa
    killed = 0
    for number, name in enumerate(names, 1):
        make_way(name)
        asked.append(name)
        with monkeypatch.context() as patch:
            count = kill_after(patch, number, effects)
            try:
                ordered(backend, name)
            except Killed:
                killed += 1
            if count() < number:
                break  # this one came through without being killed: every step has been the last one once
        [row] = backend.orders.search(Query(f'"{name}"')).rows(0, 5)
        assert row.status is OrderStatus.PROCESSING, (number, row)
        clock.seconds += 301  # the lease of the dead one runs out
        for _ in range(1 if once else 2):
            report = backend.work.run_due()
            assert report.problems == (), (number, report.problems)
        assert backend.orders.get(row.id).row.status is OrderStatus.COMPLETE, number
    else:
        raise AssertionError("more steps than were expected")
    clock.seconds += 301
    backend.work.run_due()
    assert left_behind(backend) == []
    made = [server_orders.fetch(session, url).identifiers[0].value for url in server_orders.listed(session)]
    assert sorted(made if once else {*made}) == sorted(asked)
    return killed


def test_whatever_step_it_dies_after_the_order_is_finished_and_made_once(
    server: Lab, backend: LocalBackend, clock: Ahead, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.authority(backend)
    killed = dies_everywhere(backend, clock, monkeypatch, make_way=lambda name: delegate(server, backend, name))
    assert killed >= 12


def test_whatever_step_of_its_first_order_it_dies_after_there_is_one_account(
    server: Lab, backend: LocalBackend, clock: Ahead, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys: dict[str, set[str]] = {}
    create = accounts.create

    def seen(connection: Connection, key: AccountKey, *more: object) -> object:
        keys[profile].add(key.thumbprint)
        return create(connection, key, *more)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(accounts, "create", seen)
    steps = ((StoreBooks, "keep_account_key"), (Connection, "post"), (StoreBooks, "keep_account"))
    for number in (1, 2, 3):
        profile, name = f"first{number}", f"first{number}.{CUSTOMER}"
        keys[profile] = set()
        server.authority(backend, profile)
        delegate(server, backend, name, authority=profile)
        with monkeypatch.context() as patch:
            kill_after(patch, number, steps)
            with pytest.raises(Killed):
                ordered(backend, name, authority=profile)
        clock.seconds += 301
        assert backend.work.run_due().problems == ()
        [row] = backend.orders.search(Query(f'"{name}"')).rows(0, 5)
        assert row.status is OrderStatus.COMPLETE, number
    assert [len(each) for each in keys.values()] == [1, 1, 1]


def test_many_orders_at_once(server: Lab, backend: LocalBackend, clock: Ahead) -> None:
    server.authority(backend)
    names = [f"h{number}.{CUSTOMER}" for number in range(50)]
    for name in names:
        ordered(backend, name)
    delegate(server, backend, *names)
    clock.seconds = 40
    report = backend.work.run_due()
    assert report.problems == ()
    assert report.done["orders"] == 50
    assert backend.orders.overview().counts["complete"] == 50
    assert left_behind(backend) == []


def test_a_server_that_gives_the_open_order_once_more_finishes_one_after_the_other(
    server: Lab, backend: LocalBackend, clock: Ahead, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Boulder does for the same names: what is handed in for both would be the certificate of one key."""
    server.authority(backend)
    delegate(server, backend, f"twice.{CUSTOMER}")
    real, given = server_orders.new, []

    def as_boulder(session: Session, names: Sequence[Identifier], **more: str) -> AcmeOrder:
        for url in given:
            found = server_orders.fetch(session, url)
            if found.status in ("pending", "ready"):
                return found
        made = real(session, names, **more)
        given.append(made.url)
        return made

    monkeypatch.setattr(server_orders, "new", as_boulder)
    with monkeypatch.context() as patch:
        patch.setattr(advancing, "PATIENCE", 0.1)
        patch.setattr(dns_plant, "not_yet_at", lambda *_: ("ns9 has it not yet",))
        first = ordered(backend, f"twice.{CUSTOMER}")
    second = ordered(backend, f"twice.{CUSTOMER}")
    assert second.steps[-1].text == (
        f"pebble has another order for twice.{CUSTOMER} under way, which was sent from here; this one is next."
    )
    for _ in range(2):
        clock.seconds += 31
        assert backend.work.run_due().problems == ()
    done = [backend.orders.get(each.id) for each in (first, second)]
    assert [each.row.status for each in done] == [OrderStatus.COMPLETE] * 2
    assert len(given) == 2
    # One that was cancelled here holds up nobody: the server's order is taken over.
    with monkeypatch.context() as patch:
        patch.setattr(advancing, "PATIENCE", 0.1)
        patch.setattr(dns_plant, "not_yet_at", lambda *_: ("ns9 has it not yet",))
        third = ordered(backend, f"twice.{CUSTOMER}")
    backend.orders.cancel(third.id, third.version)
    assert ordered(backend, f"twice.{CUSTOMER}").row.status is OrderStatus.COMPLETE
    assert len(given) == 3


def test_a_cancelled_order_takes_its_records_along(
    server: Lab, backend: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.authority(backend)
    delegate(server, backend, f"gone.{CUSTOMER}")
    # The secondary that never hears of it: the record stays while the order waits.
    monkeypatch.setattr(advancing, "PATIENCE", 0.1)
    monkeypatch.setattr(dns_plant, "not_yet_at", lambda *_: ("ns9 has it not yet",))
    order = ordered(backend, f"gone.{CUSTOMER}")
    assert order.steps[-1].text == "The records spread in the tech zone: ns9 has it not yet."
    ((name, value),) = left_behind(backend)
    assert server.dns.texts(name) == {value}
    backend.orders.cancel(order.id, order.version)
    backend.work.run_due()
    assert left_behind(backend) == []
    assert server.dns.texts(name) == set()


@pytest.mark.parametrize("answers", [True, False])
def test_a_profile_that_goes_takes_its_records_along_or_says_which_stay(
    server: Lab, backend: LocalBackend, monkeypatch: pytest.MonkeyPatch, answers: bool
) -> None:
    profile = server.authority(backend)
    delegate(server, backend, f"leaves.{CUSTOMER}")
    monkeypatch.setattr(advancing, "PATIENCE", 0.1)
    monkeypatch.setattr(dns_plant, "not_yet_at", lambda *_: ("ns9 has it not yet",))
    order = ordered(backend, f"leaves.{CUSTOMER}")
    ((name, _),) = left_behind(backend)
    backend.orders.cancel(order.id, order.version)
    if not answers:
        nobody = AuthorityForm(settings={"dns_server": "127.0.0.1:9"})
        profile = backend.authorities.edit(profile.row.id, profile.row.version, nobody)
    backend.authorities.remove(profile.row.id, profile.row.version)
    assert bool(server.dns.texts(name)) is not answers
    told = json.loads(backend.audit.get(backend.audit.head().seq).detail)
    assert told.get("records_left", []) == ([] if answers else [name])


@pytest.mark.parametrize(
    ("names", "settings", "field"),
    [
        ((f"*.{CUSTOMER}",), {"wildcard": "no"}, "sans"),
        ((CUSTOMER,), {"agree": "no"}, "authority"),
    ],
)
def test_what_would_be_refused_is_said_before_a_key_is_made(
    server: Lab, backend: LocalBackend, names: tuple[str, ...], settings: dict[str, str], field: str
) -> None:
    server.authority(backend, **settings)
    form = OrderForm("pebble", SubjectFields(), tuple(f"DNS:{name}" for name in names))
    with pytest.raises(Invalid) as met:
        backend.orders.preview(form)
    assert met.value.field == field


def test_a_profile_says_what_does_not_work(server: Lab, backend: LocalBackend) -> None:
    wrong = server.authority(
        backend, "wrong", agree="no", tech_zone=f"nowhere.{TECH}", profile="no-such-profile", tsig_name="stranger"
    )
    said = {line.label: line for line in backend.authorities.test(wrong.row.id).lines}
    assert not any(line.ok for line in said.values())
    assert "no ACME profile “no-such-profile”" in said["Directory"].text
    assert f"nowhere.{TECH} is no zone of its own: it lies in {TECH}." in said["Tech zone"].text

    wrong = server.authority(backend, "worse", dns_zone=TECH, tech_zone=f"sub.{TECH}", tsig_name="stranger", agree="no")
    said = {line.label: line for line in backend.authorities.test(wrong.row.id).lines}
    assert said["Tech zone"].ok
    assert "does not know the TSIG key “stranger”" in said["Records"].text
    assert "The CA's terms are at data:text/plain" in said["Terms"].text


def test_an_account_that_the_server_forgot_is_made_again(backend: LocalBackend) -> None:
    with lab() as first:
        first.authority(backend)
        delegate(first, backend, CUSTOMER)
        assert ordered(backend, CUSTOMER).row.status is OrderStatus.COMPLETE
        authority = backend.authorities.get(1)
        with pebble(dns_port=first.dns.port) as fresh:
            # The same server set up anew, as far as the profile can tell.
            account = StoreBooks(backend._store, 1).account()
            assert account is not None
            form = AuthorityForm(settings={"directory": fresh.url, "ca_file": fresh.ca_file, "eab_kid": ""})
            backend.authorities.edit(1, authority.row.version, form)
            StoreBooks(backend._store, 1).keep_account(
                KeptAccount(fresh.url, fresh.url.replace("/dir", "/my-account/1"), account.contact)
            )
            assert ordered(backend, CUSTOMER).row.status is OrderStatus.COMPLETE


def test_the_certificates_own_key_revokes_what_another_account_ordered(server: Lab, backend: LocalBackend) -> None:
    server.authority(backend)
    delegate(server, backend, f"old.{CUSTOMER}")
    order = ordered(backend, f"old.{CUSTOMER}")
    # The account key is lost, as when a profile was made anew.
    with backend._store.changing() as change:
        forget_secrets(change, AUTHORITY, 1, ("account_key",))
    StoreBooks(backend._store, 1).keep_account(KeptAccount("", "", ""))
    assert order.row.certificate_id is not None
    revoked(server, backend, order.row.certificate_id)


def _hook(server: Lab, folder: Path) -> Path:
    """A hook that does by nsupdate what the dynamic update does by itself."""
    hook = folder / "hook"
    hook.write_text(
        f'#!/bin/sh\n[ "$1" = add ] && line="update add $2. 1 TXT \\"$3\\"" || line="update delete $2. TXT \\"$3\\""\n'
        f'printf "server 127.0.0.1 {server.dns.port}\\nzone {TECH}.\\n%s\\nsend\\n" "$line" | '
        f"nsupdate -y hmac-sha256:{KEY_NAME}:{KEY}\n"
    )
    hook.chmod(0o755)
    return hook


@pytest.mark.real("nsupdate")
def test_a_hook_proves_names_too_where_it_was_set(
    server: Lab, backend: LocalBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = _hook(server, tmp_path)
    authority = server.authority(backend, dns="hook", hook=str(hook))
    assert backend.authorities.test(authority.row.id).ok
    delegate(server, backend, f"hook.{CUSTOMER}")
    assert ordered(backend, f"hook.{CUSTOMER}").row.status is OrderStatus.COMPLETE
    assert left_behind(backend) == []

    # A worker of another host does not run it, nor does anybody what the database says by now.
    monkeypatch.setattr(acme_bound, "here", lambda: "eve@elsewhere")
    said = backend.authorities.test(authority.row.id).lines[-1]
    assert (said.ok, "only a worker there uses it" in said.text) == (False, True)
    monkeypatch.undo()
    with backend._store.changing() as change:
        change.session.connection().exec_driver_sql(
            "UPDATE authority SET settings = replace(settings, '/hook', '/evil') WHERE id = 1"
        )
    assert "changed from outside" in backend.authorities.test(authority.row.id).lines[-1].text


def test_over_a_server_no_hook_is_set(server: Lab, backend: LocalBackend) -> None:
    admin = backend.acting(Identity(Actor("eve"), Access(Role.ADMIN)))
    with pytest.raises(Denied, match="set there"):
        server.authority(admin, dns="hook", hook="/bin/true")
    authority = server.authority(backend, dns="hook", hook="/bin/true")
    with pytest.raises(Denied, match="set there"):
        admin.authorities.edit(authority.row.id, authority.row.version, AuthorityForm(settings={"hook": "/bin/false"}))
