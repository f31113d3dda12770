"""Orders on a real store with a real CA: from the form to the certificate, and an external one from the CSR and back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from certtui.model.authority import AuthorityForm, AuthorityType
from certtui.model.ca import CaSpec
from certtui.model.csr import SubjectFields
from certtui.model.order import OrderForm, OrderStatus
from certtui.model.policy import PolicyForm, PolicyRules
from certtui.model.query import Query, Sort
from certtui.model.status import DAY
from certtui.screens.certificate import CertificateScreen
from certtui.screens.containers_page import ContainerScreen
from certtui.screens.order_page import OrderScreen
from tests.screens.estate import PASSPHRASE, Estate, estate
from tests.screens.harness import press, settle, text_of
from tests.screens.memory import NOW
from tests.screens.test_order_form import fill, form_of


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store with authorities, made once and copied for each test."""
    folder = tmp_path_factory.mktemp("orders")
    with estate(folder) as found:
        with_authorities(found)
    return folder


@pytest.fixture
def made(tmp_path: Path, store: Path) -> Iterator[Estate]:
    shutil.copytree(store, tmp_path, dirs_exist_ok=True)
    with estate(tmp_path) as found:
        yield found


def with_authorities(found: Estate) -> None:
    """A root, an issuing CA, a profile that issues by it, and one that asks elsewhere."""
    cas, authorities = found.backend.cas, found.backend.authorities
    root = cas.create_root(CaSpec(SubjectFields(common_name="Example Root"), key_type="ec-256"))
    spec = CaSpec(SubjectFields(common_name="Example Issuing"), key_type="ec-256", days=1800)
    issuing = cas.create_intermediate(root.row.id, spec)
    settings = {"ca": issuing.row.name}
    authorities.add(AuthorityForm(name="internal", type=AuthorityType.LOCAL, enabled=True, settings=settings))
    spec = CaSpec(SubjectFields(common_name="Narrow"), key_type="ec-256", days=1000, permitted=("DNS:example.org",))
    narrow = {"ca": cas.create_intermediate(root.row.id, spec).row.name}
    authorities.add(AuthorityForm(name="narrow", type=AuthorityType.LOCAL, enabled=True, settings=narrow))
    authorities.add(AuthorityForm(name="paper-ca", type=AuthorityType.EXTERNAL, enabled=True))


def draft(found: Estate, name: str = "shop.example.com", authority: str = "internal", **more: Any) -> int:
    """A draft order in the store."""
    form = OrderForm(
        authority=authority, subject=SubjectFields(common_name=name), sans=(f"DNS:{name}",), key_type="ec-256", **more
    )
    return found.backend.orders.save(form).id


def signed(csr_pem: str) -> bytes:
    """What an external CA makes of a request."""
    request = x509.load_pem_x509_csr(csr_pem.encode())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Paper CA")])
    builder = x509.CertificateBuilder(name, request.subject, request.public_key(), 4711, NOW - DAY, NOW + 90 * DAY)
    for extension in request.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    return builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256()).public_bytes(Encoding.PEM)


async def test_a_certificate_is_ordered_from_the_form_on(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "2", "a")
        await fill(
            app,
            pilot,
            authority="internal",
            common_name="shop.example.com",
            key_type="ec-256",
            days="30",
            group="payments",
        )
        await press(pilot, "ctrl+s")
        assert "Issuing CA   + Example Issuing" in text_of(app)
        await press(pilot, "ctrl+s")
        assert isinstance(app.screen, OrderScreen)
        assert "[issued]" in text_of(app)
        (order,) = made.backend.orders.search(Query("")).rows(0, 5)
        reference = f"containers/{made.backend.orders.get(order.id).container_ref}"
        assert f"Container    {reference}  (enter opens it)" in text_of(app)
        await press(pilot, "j", "enter")
        assert isinstance(app.screen, ContainerScreen)
        await press(pilot, "escape", "k", "enter")
        page = app.screen
        assert isinstance(page, CertificateScreen)
        certificate = made.backend.certificates.get(page.certificate_id)
        assert certificate.x509 is not None
        assert certificate.x509.sans == ("DNS:shop.example.com",)
        assert certificate.row.business_group == "payments"


async def test_an_external_order_waits_and_takes_the_certificate_that_comes_back(made: Estate, tmp_path: Path) -> None:
    order_id = draft(made, authority="paper-ca")
    async with made.console() as (app, pilot):
        await press(pilot, "2", "enter", "s", "ctrl+s")
        assert "[waiting]" in text_of(app)
        assert "Give the CSR to paper-ca" in text_of(app)
        order = made.backend.orders.get(order_id)
        (tmp_path / "wrong.pem").write_bytes(made.root.pem)
        (tmp_path / "back.pem").write_bytes(signed(order.csr_pem))
        await press(pilot, "p")
        await fill(app, pilot, certificate=str(tmp_path / "wrong.pem"))
        assert "It was not made from this CSR" in app.screen.field("certificate").said  # type: ignore[attr-defined]
        await fill(app, pilot, certificate=str(tmp_path / "back.pem"))
        assert "Will take shop.example.com" in app.screen.sentence  # type: ignore[attr-defined]
        await press(pilot, "ctrl+s")
        assert isinstance(app.screen, OrderScreen)
        assert made.backend.orders.get(order_id).row.status is OrderStatus.COMPLETE
        assert "[issued]" in text_of(app)


async def test_a_certificate_finds_its_order_by_its_key(made: Estate, tmp_path: Path) -> None:
    ids = [draft(made, name, "paper-ca") for name in ("one.example.com", "two.example.com")]
    for order_id in ids:
        order = made.backend.orders.get(order_id)
        made.backend.orders.submit(order_id, order.version)
    back = tmp_path / "back.pem"
    back.write_bytes(signed(made.backend.orders.get(ids[0]).csr_pem))
    async with made.console() as (app, pilot):
        await press(pilot, "2", "p")
        await fill(app, pilot, certificate=str(back))
        assert "for order 1, for one.example.com, of paper-ca." in app.screen.sentence  # type: ignore[attr-defined]
        await press(pilot, "escape", "escape", "enter", "p")  # of the other order
        await fill(app, pilot, certificate=str(back))
        assert "It is for order 1" in app.screen.field("certificate").said  # type: ignore[attr-defined]
        await press(pilot, "ctrl+s", "enter")
        assert made.backend.orders.get(ids[0]).row.status is OrderStatus.COMPLETE
        assert made.backend.orders.get(ids[1]).row.status is OrderStatus.PENDING


async def test_one_that_failed_says_why_and_is_sent_again_with_other_names(made: Estate) -> None:
    order_id = draft(made, authority="narrow")
    async with made.console() as (app, pilot):
        await press(pilot, "2", "enter", "s", "ctrl+s")
        assert "[x failed]" in text_of(app)
        assert "It failed. Choose other names or another CA. t sends it again." in text_of(app)
        assert "The CA “Narrow” may not issue for shop.example.com" in text_of(app)
        await press(pilot, "t")
        await fill(app, pilot, common_name="shop.example.org", sans="shop.example.org")
        await press(pilot, "ctrl+s", "ctrl+s")
        assert "[issued]" in text_of(app)
        old = made.backend.orders.get(order_id)
        assert old.row.status is OrderStatus.FAILED
        assert old.again_id is not None


async def test_a_policy_refuses_in_its_own_words_and_nothing_is_sent(made: Estate) -> None:
    rules = PolicyRules(forbidden_names=("shop.example.com",))
    made.backend.policies.add(
        PolicyForm(name="no-shop", description="The shop has its own.", enabled=True, outcome="hard", rules=rules)
    )
    order_id = draft(made)
    async with made.console() as (app, pilot):
        await press(pilot, "2", "enter", "s", "ctrl+s")
        assert "no-shop" in text_of(app)
        assert "The shop has its own." in text_of(app)
        assert "Not sent: Refused by the policy no-shop" in text_of(app)
        assert made.backend.orders.get(order_id).row.status is OrderStatus.DRAFT
        log = made.backend.audit.search(Query("policy_hard_fail", Sort("id", descending=True))).rows(0, 5)
        assert [record.event for record in log] == ["certificate.policy_hard_fail"]


async def test_a_soft_policy_gets_its_word_and_it_is_kept(made: Estate) -> None:
    rules = PolicyRules(max_names=0, subject_fields=("O",))
    made.backend.policies.add(
        PolicyForm(name="names", description="Say who you are.", enabled=True, outcome="soft", rules=rules)
    )
    order_id = draft(made)
    async with made.console() as (app, pilot):
        await press(pilot, "2", "enter", "s")
        await press(pilot, *"testing", "ctrl+s")
        order = made.backend.orders.get(order_id)
        assert order.row.status is OrderStatus.COMPLETE
        assert order.form.reason == "testing"
        assert "asks why" in text_of(app)
        assert "Your word    testing" in text_of(app)


async def test_a_replacement_is_ordered_from_the_inventory_with_what_the_old_one_has(made: Estate) -> None:
    made.add("api-gateway", days=20)
    made.resource("lb-west")
    made.backend.resources.associate(made.ids["api-gateway"], [made.ids["lb-west"]])
    async with made.console() as (app, pilot):
        await press(pilot, "/", *"api", "enter", "o")
        form = form_of(app)
        assert form.field("common_name").value == "api-gateway.example.com"
        assert form.field("resources").editor.picked == ((made.ids["lb-west"], "lb-west"),)  # type: ignore[attr-defined]
        await fill(app, pilot, authority="internal")
        await press(pilot, "ctrl+s", "ctrl+s")
        assert "[issued]" in text_of(app)
        assert isinstance(app.screen, OrderScreen)
        assert app.screen.order is not None
        assert app.screen.order.form.renews_id == made.ids["api-gateway"]
        new = made.backend.certificates.get(app.screen.order.row.certificate_id or 0)
        assert [ref.name for ref in new.resources] == ["lb-west"]
        assert made.ids["api-gateway"] in [entry.id for entry in new.lineage]


async def test_a_ca_is_not_replaced_by_an_order(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "/", *"root", "enter", "o")
        assert "A CA is not ordered like a certificate" in text_of(app)


async def test_the_entry_of_a_waiting_order_leads_to_it(made: Estate) -> None:
    order_id = draft(made)
    entry = made.backend.orders.get(order_id).row.certificate_id
    async with made.console() as (app, pilot):
        await app.push_screen(CertificateScreen(entry or 0))
        await settle(pilot)
        await press(pilot, "o")
        assert isinstance(app.screen, OrderScreen)
        assert app.screen.order is not None
        assert app.screen.order.id == order_id


async def test_back_to_draft_keeps_the_key_and_everything_can_be_changed(made: Estate) -> None:
    order_id = draft(made)
    async with made.console() as (app, pilot):
        await press(pilot, "2", "enter", "m")
        assert "[CSR made]" in text_of(app)
        await press(pilot, "b", "right", "enter")
        order = made.backend.orders.get(order_id)
        assert (order.row.status, order.archived_keys) == (OrderStatus.DRAFT, 1)
        await press(pilot, "l")
        assert not form_of(app).field("common_name").editor.disabled
        await fill(app, pilot, common_name="other.example.com", sans="other.example.com")
        await press(pilot, "ctrl+t")
        assert made.backend.orders.get(order_id).form.subject.common_name == "other.example.com"


async def test_a_cancelled_order_is_sent_again(made: Estate) -> None:
    order_id = draft(made)
    async with made.console() as (app, pilot):
        await press(pilot, "2", "x", "right", "enter")
        assert made.backend.orders.get(order_id).row.status is OrderStatus.CANCELLED
        await press(pilot, "enter", "t", "ctrl+s", "ctrl+s")
        assert "[issued]" in text_of(app)
        assert made.backend.orders.get(order_id).again_id is not None


async def test_the_filter_knows_the_words_of_orders(made: Estate) -> None:
    draft(made, "one.example.com")
    draft(made, "two.example.com", authority="paper-ca")
    async with made.console() as (app, pilot):
        await press(pilot, "2", "/", *"type:external", "enter")
        assert "two.example.com" in text_of(app)
        assert "one.example.com" not in text_of(app)
        for field in (
            "common_name",
            "type",
            "status",
            "requester",
            "submitted",
            "duration",
            "name",
            "authority",
            "group",
        ):
            app.screen.sort_by(type(app.screen.query_now.sort)(field))  # type: ignore[attr-defined]
            await settle(pilot)
            assert "two.example.com" in text_of(app)


async def test_a_locked_store_is_unlocked_on_the_way(made: Estate) -> None:
    draft(made)
    made.backend.store.set_passphrase(PASSPHRASE)
    made.backend.store.lock()
    async with made.console() as (app, pilot):
        await press(pilot, "2", "enter", "s", "ctrl+s")
        assert "passphrase" in text_of(app)
        await press(pilot, *"open", "space", *"sesame", "enter")
        assert "[issued]" in text_of(app)
