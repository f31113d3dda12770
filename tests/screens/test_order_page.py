"""The page of an order: what is next, what can be done with it, and that it follows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from certtui.model.order import OrderError, OrderStatus
from certtui.model.panel import PanelLine
from certtui.model.policy import PolicyFinding
from certtui.screens.certificate import CertificateScreen
from certtui.screens.order_page import OrderScreen
from tests.screens.harness import press, text_of
from tests.screens.orders_memory import CSR_PEM, OrdersBackend
from tests.screens.test_orders import line_of, orders, settled_with_background

HARD = PolicyFinding(1, "no-wild", "wildcards", "hard", "*.example.com is a wildcard.", "We do not use them.")
SOFT = PolicyFinding(2, "short", "validity", "soft", "It lives longer than 30 days.", "Short lives are better.")


async def test_a_draft_says_that_there_is_no_csr_and_which_keys_go_on() -> None:
    backend = OrdersBackend()
    backend.orders.put("api")
    async with orders(backend, "enter") as (app, _):
        assert (
            text_of(app).splitlines()[1].startswith(" No CSR yet: nothing was asked. m makes key and CSR, s submits.")
        )
        assert "[draft] ──" in text_of(app)


async def test_key_and_csr_are_made_and_nobody_is_asked() -> None:
    backend = OrdersBackend()
    backend.orders.put("api")
    async with orders(backend, "enter", "m") as (app, _):
        assert backend.orders.calls == ["generate"]
        assert "Key and CSR are made, the key is sealed in the store." in text_of(app)
        assert "[CSR made]" in text_of(app)


async def test_submitting_shows_first_what_will_be_asked() -> None:
    backend = OrdersBackend()
    backend.orders.put("api")
    async with orders(backend, "enter", "s") as (app, pilot):
        assert "What is asked" in text_of(app)
        assert "Nothing against it." in text_of(app)
        assert backend.orders.calls == []
        await press(pilot, "ctrl+s")
        assert backend.orders.calls == ["submit"]
        assert isinstance(app.screen, OrderScreen)
        assert "[issued]" in text_of(app)


async def test_a_hard_policy_is_a_refusal_in_words() -> None:
    backend = OrdersBackend()
    backend.orders.put("api")
    backend.orders.findings = (HARD,)
    async with orders(backend, "enter", "s", "ctrl+s") as (app, _):
        assert backend.orders.calls == ["submit"], "the store refuses it, and has that on record"
        assert "refused      no-wild: *.example.com is a wildcard. We do not use them." in text_of(app)
        assert "Not sent: Refused by the policy no-wild" in text_of(app)


async def test_a_soft_policy_asks_why_and_the_word_goes_with_the_order() -> None:
    backend = OrdersBackend()
    order = backend.orders.put("api")
    backend.orders.findings = (SOFT,)
    async with orders(backend, "enter", "s") as (app, pilot):
        assert "asks why     short: It lives longer than 30 days." in text_of(app)
        await press(pilot, "ctrl+s")
        assert "Not sent: write a word why." in text_of(app)
        await press(pilot, *"ask bob".replace(" ", "_"), "ctrl+s")
        assert backend.orders.calls == ["edit", "submit"]
        assert backend.orders.get(order.id).form.reason == "ask_bob"


async def test_what_stands_in_the_way_is_said_and_nothing_is_sent() -> None:
    backend = OrdersBackend()
    backend.orders.put("api")
    backend.orders.problems = ("internal is disabled.",)
    async with orders(backend, "enter", "s", "ctrl+s") as (app, _):
        assert "Not sent: internal is disabled." in text_of(app)
        assert backend.orders.calls == []


async def test_what_is_likely_to_fail_is_said_before_it_does() -> None:
    backend = OrdersBackend()
    backend.orders.put("api")
    backend.orders.lines = (PanelLine("Issuing CA", "Example Issuing is retired.", "problem"),)
    async with orders(backend, "enter", "s") as (app, _):
        assert "Issuing CA: Example Issuing is retired. It is likely to be refused;" in text_of(app)


async def test_a_failure_says_why_in_the_authoritys_words_and_what_to_do() -> None:
    backend = OrdersBackend()
    error = OrderError("internal refused it.", "only example.org is permitted", "Change the names.")
    backend.orders.put("api", OrderStatus.FAILED, error=error)
    async with orders(backend, "enter") as (app, _):
        assert "Error        internal refused it." in text_of(app)
        assert "Its words    only example.org is permitted" in text_of(app)
        assert "What to do   Change the names." in text_of(app)
        assert "t sends it again." in text_of(app)


async def test_sent_again_the_form_has_the_same_parameters_and_makes_a_new_order() -> None:
    backend = OrdersBackend()
    old = backend.orders.put("api", OrderStatus.FAILED)
    async with orders(backend, "enter", "t") as (app, pilot):
        assert "Send again" in text_of(app)
        screen: Any = app.screen
        assert screen.field("common_name").value == "api.example.com"
        await press(pilot, "ctrl+s", "ctrl+s")
        assert backend.orders.calls == ["send_again", "save", "submit"]
        assert isinstance(app.screen, OrderScreen)
        assert app.screen.order is not None
        assert app.screen.order.id == backend.orders.get(old.id).again_id
        await press(pilot, "escape")
        assert "Sent again   as order 2" in text_of(app)
        await press(pilot, "t")
        assert "Send again: It was sent again already, as order 2." in text_of(app)


async def test_back_to_draft_says_what_becomes_of_the_key() -> None:
    backend = OrdersBackend()
    order = backend.orders.put("api", OrderStatus.PENDING, unsent=True)
    async with orders(backend, "enter", "b") as (app, pilot):
        assert "stays archived in the store" in text_of(app)
        await press(pilot, "right", "enter")
        assert backend.orders.get(order.id).row.status is OrderStatus.DRAFT
        assert "It is a draft again" in text_of(app)


async def test_only_a_pending_order_goes_back_to_draft() -> None:
    backend = OrdersBackend()
    backend.orders.put("api", OrderStatus.PROCESSING)
    async with orders(backend, "enter", "b") as (app, _):
        assert "Back to draft: It is processing." in text_of(app)


async def test_it_asks_the_authority_at_once_where_it_waits() -> None:
    backend = OrdersBackend()
    backend.orders.put("api", OrderStatus.PROCESSING)
    async with orders(backend, "enter", "r") as (app, _):
        assert backend.orders.calls == ["look"]
        assert "Looked: it is processing." in text_of(app)


async def test_what_the_authority_says_stands_on_the_page_and_is_copied_as_it_is_meant() -> None:
    backend = OrdersBackend()
    panel = (PanelLine("Waiting", "2 days", "waiting"), PanelLine("Record", "make this", copy="_acme CNAME x"))
    backend.orders.put("api", OrderStatus.PENDING, authority="paper-ca", panel=panel)
    async with orders(backend, "enter") as (app, pilot):
        assert "Waiting      ~ 2 days" in text_of(app)
        await press(pilot, "j", "j", "y", "enter")
        assert "_acme CNAME x" in text_of(app)


async def test_the_csr_is_written_to_a_file(tmp_path: Path) -> None:
    backend = OrdersBackend()
    backend.orders.put("api", OrderStatus.PENDING, authority="paper-ca")
    async with orders(backend, "enter", "w") as (app, pilot):
        app.screen.query_one("#answer").value = str(tmp_path / "api.csr")  # type: ignore[attr-defined]
        await press(pilot, "enter")
        assert (tmp_path / "api.csr").read_text() == CSR_PEM
        assert "The CSR is in" in text_of(app)


async def test_the_way_to_its_certificate_is_enter() -> None:
    backend = OrdersBackend(rows=200)
    backend.orders.put("api", OrderStatus.COMPLETE)
    backend.certificates.record_view = lambda certificate_id: None  # type: ignore[attr-defined]
    async with orders(backend, "enter", "enter") as (app, _):
        assert isinstance(app.screen, CertificateScreen)
        assert app.screen.certificate_id == 101


async def test_it_changes_by_itself_while_the_worker_works() -> None:
    backend = OrdersBackend()
    order = backend.orders.put("api", OrderStatus.PROCESSING)
    async with orders(backend, "enter", follow_seconds=3600) as (app, pilot):
        backend.orders.move(order.id, OrderStatus.COMPLETE)
        assert isinstance(app.screen, OrderScreen)
        app.screen.follow()
        await settled_with_background(pilot)
        assert "[issued]" in text_of(app)


async def test_nothing_is_asked_and_nothing_drawn_while_nothing_changes() -> None:
    backend = OrdersBackend()
    backend.orders.put("api", OrderStatus.PROCESSING)
    async with orders(backend, "enter", follow_seconds=3600) as (app, pilot):
        assert isinstance(app.screen, OrderScreen)
        asked: list[int] = []
        reading = backend.orders.get
        backend.orders.get = lambda order_id: (asked.append(order_id), reading(order_id))[1]  # type: ignore[method-assign, func-returns-value]
        app.screen.follow()
        await settled_with_background(pilot)
        assert asked == []


async def test_an_order_that_is_gone_is_said() -> None:
    backend = OrdersBackend()
    backend.orders.put("api")
    async with orders(backend) as (app, pilot):
        await app.push_screen(OrderScreen(99))
        await press(pilot, "r")
        assert "There is no such order here (any more)." in text_of(app)


async def test_a_change_under_ones_feet_is_said_and_read_again() -> None:
    backend = OrdersBackend()
    order = backend.orders.put("api")
    async with orders(backend, "enter") as (app, pilot):
        backend.orders.move(order.id, OrderStatus.DRAFT)
        await press(pilot, "m")
        assert "The order changed in the meantime." in text_of(app)
        await press(pilot, "r", "m")
        assert "[CSR made]" in text_of(app)


@pytest.mark.parametrize("size", [(80, 24), (60, 15)])
async def test_the_steps_fit_a_small_terminal(size: tuple[int, int]) -> None:
    backend = OrdersBackend()
    backend.orders.put("api", OrderStatus.FAILED)
    async with orders(backend, "enter", size=size) as (app, _):
        assert "[x failed]" in text_of(app)
        assert line_of(app, "CSR made")
