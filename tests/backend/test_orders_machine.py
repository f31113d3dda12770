"""Orders of a real store under whatever people, workers, other ways in and crashes do, in whatever order.

Beside the store stands what the table of states says; after every step both agree, and so do the inventory and the CA.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, precondition, rule

from certtui.errors import Conflict, Invalid, NotFound
from certtui.model.order import OrderForm, OrderStatus
from certtui.model.order_states import ENTRY_STATES, SENT_AGAIN_FROM, OrderEvent, possible
from tests.backend.harness import LocalSqlite
from tests.backend.issuing import csr, external_authority, form, local_authority, signed

DRAFT, PENDING, PROCESSING = OrderStatus.DRAFT, OrderStatus.PENDING, OrderStatus.PROCESSING
COMPLETE, FAILED, CANCELLED = OrderStatus.COMPLETE, OrderStatus.FAILED, OrderStatus.CANCELLED
STATUS = {"draft": "draft", "pending": "pending", "error": "error"}
MINUTES = 6
"""Longer than a lease."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with two profiles, made once and copied for every run."""
    made = LocalSqlite(tmp_path_factory.mktemp("template") / "store")
    backend = made.open(create=True)
    local_authority(backend)
    external_authority(backend)
    made.close()
    return made.folder


class Orders(RuleBasedStateMachine):
    """What could happen to orders."""

    template: Path
    orders = Bundle("orders")

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        shutil.copytree(self.template, self.folder / "store")
        self.harness = LocalSqlite(self.folder / "store")
        self.backend = self.harness.open()
        self.expected: dict[int, OrderStatus] = {}
        self.sent: set[int] = set()
        self.by_ca: set[int] = set()
        self.again: set[int] = set()
        self.crashed: set[int] = set()
        self.number = 0

    def teardown(self) -> None:
        if not hasattr(self, "backend"):
            return
        assert all(finding.ok for finding in self.backend.store.check())
        self.harness.close()
        shutil.rmtree(self.folder)

    # --- what the table says ----------------------------------------------------------------------------------------------

    def get(self, order_id: int):
        return self.backend.orders.get(order_id)

    def attempt(self, order_id: int, event: OrderEvent, act, to: OrderStatus, *, allowed: bool = True) -> bool:
        """Do it: it must lead to `to` where the table (and `allowed`) says that it is possible, and else be refused."""
        can = allowed and order_id not in self.crashed and possible(event, self.expected[order_id])
        if not can:
            with pytest.raises((Conflict, Invalid, NotFound)):
                act()
            return False
        act()
        self.expected[order_id] = to
        return True

    # --- what people do ---------------------------------------------------------------------------------------------------

    @rule(target=orders, authority=st.sampled_from(["internal", "globex", ""]))
    def save(self, authority: str) -> int:
        self.number += 1
        order = self.backend.orders.save(form(f"h{self.number}.example.com", authority))
        self.expected[order.id] = DRAFT
        return order.id

    @rule(target=orders, authority=st.sampled_from(["internal", "globex"]))
    def upload(self, authority: str) -> int:
        self.number += 1
        request = csr(f"h{self.number}.example.com", number=self.number)
        order = self.backend.orders.save(OrderForm(authority=authority, csr=request))
        self.expected[order.id] = PENDING
        return order.id

    @rule(order_id=orders)
    def edit(self, order_id: int) -> None:
        order = self.get(order_id)
        wanted = replace(order.form, auto_renew_days=7)
        if self.expected[order_id] in (DRAFT, PENDING):
            assert self.backend.orders.edit(order_id, order.version, wanted).form == wanted
        else:
            with pytest.raises(Conflict):
                self.backend.orders.edit(order_id, order.version, wanted)

    @rule(order_id=orders)
    def generate(self, order_id: int) -> None:
        version = self.get(order_id).version
        act = lambda: self.backend.orders.generate(order_id, version)  # noqa: E731
        self.attempt(order_id, OrderEvent.GENERATE, act, PENDING)

    @rule(order_id=orders)
    def submit(self, order_id: int) -> None:
        order = self.get(order_id)
        authority, expected = order.form.authority, self.expected[order_id]
        act = lambda: self.backend.orders.submit(order_id, order.version)  # noqa: E731
        if not authority and expected in (DRAFT, PENDING):
            with pytest.raises(Invalid):
                act()
            # Its CSR is made all the same.
            self.expected[order_id] = PENDING
            return
        if expected is DRAFT:
            self.expected[order_id] = PENDING
        to = COMPLETE if authority == "internal" else PENDING
        if self.attempt(order_id, OrderEvent.SUBMIT, act, to, allowed=order_id not in self.sent):
            self.sent.add(order_id)
            if to is COMPLETE:
                self.by_ca.add(order_id)

    @rule(order_id=orders)
    def cancel(self, order_id: int) -> None:
        version = self.get(order_id).version
        act = lambda: self.backend.orders.cancel(order_id, version)  # noqa: E731
        self.attempt(order_id, OrderEvent.CANCEL, act, CANCELLED)

    @rule(order_id=orders)
    def back_to_draft(self, order_id: int) -> None:
        version = self.get(order_id).version
        act = lambda: self.backend.orders.back_to_draft(order_id, version)  # noqa: E731
        if self.attempt(order_id, OrderEvent.BACK_TO_DRAFT, act, DRAFT):
            self.sent.discard(order_id)

    @rule(target=orders, order_id=orders)
    def send_again(self, order_id: int):
        order = self.get(order_id)
        act = lambda: self.backend.orders.send_again(order_id, order.version, replace(order.form, csr=b""))  # noqa: E731
        if order_id in self.again or self.expected[order_id] not in SENT_AGAIN_FROM:
            with pytest.raises(Conflict):
                act()
            return multiple()
        self.again.add(order_id)
        made = act()
        self.expected[made.id] = DRAFT
        return made.id

    @rule(order_id=orders)
    def delete_its_entry(self, order_id: int) -> None:
        entry_id = self.get(order_id).row.certificate_id
        if entry_id is None or self.expected[order_id] in (COMPLETE, FAILED):
            return
        entry = self.backend.certificates.get(entry_id)
        if self.expected[order_id] is DRAFT:
            self.backend.certificates.delete(entry_id, entry.version)
            self.expected[order_id] = CANCELLED
        else:
            with pytest.raises(Conflict):
                self.backend.certificates.delete(entry_id, entry.version)

    # --- what comes from outside ------------------------------------------------------------------------------------------

    @rule(order_id=orders, how=st.sampled_from(["complete", "add"]))
    def its_certificate_arrives(self, order_id: int, how: str) -> None:
        order = self.get(order_id)
        if not order.csr_pem or self.expected[order_id] is not PENDING:
            return
        new = signed(order.csr_pem, serial=1_000_000 + order_id * 100 + self.number)
        if how == "complete":
            self.backend.orders.complete(order_id, order.version, new)
        else:
            assert self.backend.certificates.add([new])[0].completed_csr
        self.expected[order_id] = COMPLETE

    # --- crashes and workers ----------------------------------------------------------------------------------------------

    @rule(order_id=orders)
    def crash_after_asking(self, order_id: int) -> None:
        """The process dies between the authority's answer and the store: all that is left is the first transaction."""
        from certtui.backend.local.orders_send import ask, begun

        order = self.get(order_id)
        if self.expected[order_id] is not PENDING or order_id in self.sent or not order.form.authority:
            return
        asked = begun(self.backend._store, order_id, order.version)  # type: ignore[attr-defined]  # LocalBackend
        ask(self.backend._store, asked)  # type: ignore[attr-defined]
        self.expected[order_id] = PROCESSING
        self.sent.add(order_id)
        self.crashed.add(order_id)

    @rule()
    def worker_before_the_lease_ends(self) -> None:
        self.backend.work.run_due()

    @precondition(lambda self: self.crashed)
    @rule()
    def worker_after_the_lease(self) -> None:
        self.harness.clock.advance(minutes=MINUTES)
        self.backend.work.run_due()
        for order_id in self.crashed:
            local = self.get(order_id).form.authority == "internal"
            self.expected[order_id] = COMPLETE if local else PENDING
            if local:
                self.by_ca.add(order_id)
        self.crashed.clear()

    # --- what holds after every step --------------------------------------------------------------------------------------

    @invariant()
    def the_store_agrees_with_the_table(self) -> None:
        if not hasattr(self, "expected"):
            return
        entries = []
        for order_id, expected in self.expected.items():
            order = self.get(order_id)
            assert order.row.status is expected
            wanted = ENTRY_STATES[expected]
            if order_id in self.again or wanted is None:
                assert order.row.certificate_id is None
                continue
            entries.append(order.row.certificate_id)
            entry = self.backend.certificates.get(order.row.certificate_id)
            assert str(entry.row.status) == (STATUS.get(wanted) or "active")
            if expected is COMPLETE:
                assert entry.x509.spki_sha256 == order.spki_sha256
        assert len(entries) == len(set(entries))
        assert self.backend.cas.get(2).row.issued == len(self.by_ca)


def test_orders_keep_to_the_table_whatever_happens(template: Path) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    machine = type("FromTemplate", (Orders,), {"template": template})
    run_state_machine_as_test(machine, settings=settings(max_examples=15, stateful_step_count=20, deadline=None))
