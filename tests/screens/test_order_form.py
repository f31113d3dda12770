"""The form of an order: what it checks, keeps, previews and sends, and what it begins with."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot

from certtui.app import CerttuiApp
from certtui.clock import FixedClock
from certtui.errors import Unreachable
from certtui.forms import Drafts
from certtui.model.csr import SubjectFields
from certtui.model.order import OrderStatus
from certtui.model.order_like import subject_from
from certtui.model.policy import PolicyFinding
from certtui.screens.order_form import OrderFormScreen
from certtui.screens.order_page import OrderScreen
from tests.certs import make_csr
from tests.screens.harness import press, settle, text_of
from tests.screens.memory import NOW
from tests.screens.orders_memory import OrdersBackend
from tests.screens.test_orders import orders

HARD = PolicyFinding(1, "no-wild", "wildcards", "hard", "*.example.com is a wildcard.", "We do not use them.")


async def fill(app: CerttuiApp, pilot: Pilot[int], **fields: str) -> None:
    """Put texts into fields by name."""
    form: Any = app.screen
    for name, text in fields.items():
        form.field(name).put(text)
    form.changed()
    await settle(pilot)


def form_of(app: CerttuiApp) -> OrderFormScreen:
    screen = app.screen
    assert isinstance(screen, OrderFormScreen), screen
    return screen


@asynccontextmanager
async def new_order(backend: OrdersBackend, **more: Any) -> AsyncIterator[tuple[CerttuiApp, Pilot[int]]]:
    async with orders(backend, "a", **more) as (app, pilot):
        yield app, pilot


async def test_what_is_typed_at_once_is_the_common_name() -> None:
    async with new_order(OrdersBackend()) as (app, pilot):
        await press(pilot, *"shop")
        assert form_of(app).field("common_name").value == "shop"


async def test_it_says_what_would_be_asked_and_then_shows_it_and_sends_it() -> None:
    backend = OrdersBackend()
    async with new_order(backend) as (app, pilot):
        await fill(app, pilot, common_name="shop.example.com", days="30", group="payments")
        assert "Will ask internal for a certificate for shop.example.com, with a new key." in form_of(app).sentence
        await press(pilot, "ctrl+s")
        assert "What is asked" in text_of(app)
        assert "$ certtui order create --authority internal --cn shop.example.com" in text_of(app)
        await press(pilot, "ctrl+s")
        (order,) = backend.orders.all.values()
        assert (order.form.days, order.form.sans, order.form.template) == (30, ("DNS:shop.example.com",), "server")
        assert order.row.status is OrderStatus.COMPLETE
        assert isinstance(app.screen, OrderScreen)
        await press(pilot, "escape")
        assert "› shop.example.com" in text_of(app)


async def test_an_incomplete_form_is_kept_as_a_draft_order() -> None:
    backend = OrdersBackend()
    async with new_order(backend) as (app, pilot):
        await fill(app, pilot, group="payments")
        await press(pilot, "ctrl+t")
        assert backend.orders.calls == ["save"]
        assert "The draft order for" in text_of(app)
        assert "[draft]" in text_of(app)


async def test_what_is_missing_is_said_only_when_it_is_to_be_sent() -> None:
    async with new_order(OrdersBackend()) as (app, pilot):
        form = form_of(app)
        assert form.field("common_name").said == ""
        await press(pilot, "ctrl+s")
        assert form.field("common_name").said == "Give a common name, or names below."
        assert form.field("common_name").editor.has_focus


async def test_problems_stand_beside_their_fields() -> None:
    async with new_order(OrdersBackend()) as (app, pilot):
        await fill(app, pilot, common_name="a.example.com", sans="DNS:a..b", days="many", country="Germany")
        form = form_of(app)
        assert "a..b" in form.field("sans").said
        assert form.field("days").said == "A whole number of days, 1 at least."
        assert form.field("country").said == "The country is two letters, such as DE."
        await press(pilot, "ctrl+t")
        assert isinstance(app.screen, OrderFormScreen)


async def test_what_the_store_refuses_stands_beside_its_field() -> None:
    async with new_order(OrdersBackend()) as (app, pilot):
        await fill(app, pilot, common_name="a.example.com", name="taken")
        await press(pilot, "ctrl+t")
        assert form_of(app).field("name").said == "That name can't be used."


async def test_making_the_csr_asks_no_authority() -> None:
    backend = OrdersBackend()
    async with new_order(backend) as (app, pilot):
        await fill(app, pilot, common_name="a.example.com")
        await press(pilot, "ctrl+g", "ctrl+s")
        assert backend.orders.calls == ["save", "generate"]
        assert "[CSR made]" in text_of(app)


async def test_an_uploaded_csr_brings_its_names_and_its_key_stays_away() -> None:
    backend = OrdersBackend()
    request, _ = make_csr("up.example.com", sans=("up.example.com",))
    async with new_order(backend) as (app, pilot):
        await fill(app, pilot, key_type="csr")
        form = form_of(app)
        assert not form.field("common_name").is_on_screen
        form.field("csr").editor.hold(request)  # type: ignore[attr-defined]
        await settle(pilot)
        assert "Its key never comes here." in form.field("csr").said
        assert "a certificate for up.example.com, for the key of the CSR." in form.sentence
        await press(pilot, "ctrl+s", "ctrl+s")
        (order,) = backend.orders.all.values()
        assert order.form.csr == ssl.PEM_cert_to_DER_cert(
            request.decode().replace("CERTIFICATE REQUEST", "CERTIFICATE")
        )
        assert order.form.key_type == ""


async def test_a_policy_that_refuses_is_said_while_one_types() -> None:
    backend = OrdersBackend()
    backend.orders.findings = (HARD,)
    async with new_order(backend) as (app, pilot):
        await fill(app, pilot, common_name="*.example.com")
        assert "Refused by the policy no-wild: *.example.com is a wildcard." in form_of(app).sentence
        await press(pilot, "ctrl+t")
        assert backend.orders.calls == ["save"]  # a draft asks for nothing


async def test_templates_and_keys_are_those_of_the_chosen_authority() -> None:
    async with new_order(OrdersBackend()) as (app, pilot):
        form = form_of(app)
        assert form.field("template").display
        await fill(app, pilot, authority="paper-ca", common_name="a.example.com")
        assert not form.field("template").display
        assert "ml-dsa-65" in text_of(app)
        assert form.verdict.form.template == ""  # type: ignore[union-attr, attr-defined]


async def test_resources_are_picked_and_go_with_the_order() -> None:
    backend = OrdersBackend()
    async with new_order(backend) as (app, pilot):
        form = form_of(app)
        await fill(app, pilot, common_name="a.example.com")
        form.field("resources").focus_editor()
        await press(pilot, "enter", "space", "j", "space", "tab", "tab", "tab", "tab", "enter")
        assert "lb-1, lb-2" in text_of(app)
        await press(pilot, "ctrl+t")
        (order,) = backend.orders.all.values()
        assert order.form.resource_ids == (1, 2)


async def test_a_lost_terminal_costs_nothing_that_was_typed() -> None:
    backend = OrdersBackend()
    async with new_order(backend) as (app, pilot):
        await fill(
            app, pilot, common_name="long.example.com", sans="a.example.com\nb.example.com", authority="paper-ca"
        )
        mark = form_of(app)._intent
    async with new_order(backend) as (app, pilot):
        form = form_of(app)
        assert form.field("common_name").value == "long.example.com"
        assert form.field("authority").value == "paper-ca"
        assert form._intent == mark
        assert "Your form from" in text_of(app)
        await press(pilot, "ctrl+s", "ctrl+s")
        (order,) = backend.orders.all.values()
        assert order.form.reference == mark
    drafts = Drafts("prod", "memory", clock=FixedClock(NOW))
    assert drafts.waiting() == []


async def test_an_order_whose_answer_was_lost_is_found_by_its_mark_and_not_made_twice() -> None:
    backend = OrdersBackend()
    saving, lost = backend.orders.save, [True]

    def save(form: Any) -> Any:
        order = saving(form)
        if lost:
            lost.clear()
            raise Unreachable("The server went away.", "Try again.")
        return order

    backend.orders.save = save  # type: ignore[method-assign]
    async with new_order(backend) as (app, pilot):
        await fill(app, pilot, common_name="a.example.com")
        await press(pilot, "ctrl+s", "ctrl+s")
        assert "The server went away." in text_of(app)
        await press(pilot, "ctrl+s")
        assert len(backend.orders.all) == 1
        assert backend.orders.all[1].row.status is OrderStatus.COMPLETE


async def test_a_clone_begins_with_the_same_and_is_another_order() -> None:
    backend = OrdersBackend()
    backend.orders.put("api", OrderStatus.COMPLETE, group="team-a")
    async with orders(backend, "d") as (app, pilot):
        form = form_of(app)
        assert form.field("common_name").value == "api.example.com"
        assert form.field("group").value == "team-a"
        await press(pilot, "ctrl+s", "ctrl+s")
        assert len(backend.orders.all) == 2


async def test_a_draft_is_edited_whole() -> None:
    backend = OrdersBackend()
    backend.orders.put("api")
    async with orders(backend, "enter", "l") as (app, pilot):
        await fill(app, pilot, common_name="new.example.com", sans="")
        await press(pilot, "ctrl+t")
        assert backend.orders.calls == ["edit"]
        assert isinstance(app.screen, OrderScreen)
        assert "new.example.com" in text_of(app)


async def test_of_a_pending_one_what_is_in_the_csr_is_read_only_and_says_why() -> None:
    backend = OrdersBackend()
    order = backend.orders.put("api", OrderStatus.PENDING, authority="paper-ca")
    async with orders(backend, "enter", "l") as (app, pilot):
        form = form_of(app)
        assert form.field("common_name").editor.disabled
        assert form.field("sans").editor.disabled
        assert "read-only while the order is pending" in form.field("common_name").said
        await fill(app, pilot, group="other")
        await press(pilot, "ctrl+s")
        assert backend.orders.calls == ["edit"]
        assert backend.orders.get(order.id).form.labels.business_group == "other"


async def test_leaving_asks_whether_to_keep_what_is_typed() -> None:
    async with new_order(OrdersBackend()) as (app, pilot):
        await fill(app, pilot, common_name="a.example.com")
        await press(pilot, "escape")
        assert "Leave this form" in text_of(app)


async def test_without_an_authority_a_draft_can_still_be_written() -> None:
    backend = OrdersBackend()
    backend.orders.names = {}
    async with new_order(backend) as (app, pilot):
        await fill(app, pilot, common_name="a.example.com")
        assert "No authority is enabled: an admin adds one in Authorities." in form_of(app).sentence
        await press(pilot, "ctrl+t")
        assert len(backend.orders.all) == 1


def test_a_subject_is_read_back_from_its_text() -> None:
    assert subject_from(r"CN=a.example.com,O=Example\, Inc.,OU=x+L=K\C3\B6ln,C=DE,DC=ignored") == SubjectFields(
        common_name="a.example.com",
        organization="Example, Inc.",
        organizational_unit="x",
        locality="Köln",
        country="DE",
    )
