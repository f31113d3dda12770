"""Orders in memory for tests of the screens: what an authority would do is said by the test.

backend = OrdersBackend()
backend.orders.put("api", OrderStatus.FAILED, error=OrderError("…"))
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from certtui.errors import CerttuiError, Conflict, Invalid, NotFound, PolicyRefused, ReasonNeeded
from certtui.model.audit import Change
from certtui.model.authority import AuthorityCapabilities, AuthorityType
from certtui.model.certificate import Labels, NewCertificate
from certtui.model.csr import SubjectFields
from certtui.model.order import (
    Order,
    OrderError,
    OrderForm,
    OrderPreview,
    OrderRow,
    OrdersOverview,
    OrderStatus,
    OrderStep,
)
from certtui.model.panel import PanelLine
from certtui.model.policy import PolicyFinding
from certtui.model.query import Gone, Query
from certtui.model.resource import ResourceRow
from tests.screens.memory import NOW, MemoryBackend

LOCAL = AuthorityCapabilities(
    templates=("server", "client"), default_template="server", key_types=("ec-256", "ec-384", "rsa-2048"),
    default_days=90, max_days=397,
)  # fmt: skip
EXTERNAL = AuthorityCapabilities(needs_person=True, why_no_revoke="A person must tell it.")
CSR_PEM = "-----BEGIN CERTIFICATE REQUEST-----\nMIIBAAAA\n-----END CERTIFICATE REQUEST-----\n"
NEXT = {
    OrderStatus.DRAFT: "No CSR yet: nothing was asked.",
    OrderStatus.PENDING: "The CSR is made; nothing was sent yet.",
    OrderStatus.PROCESSING: "The authority works.",
    OrderStatus.COMPLETE: "The certificate is here.",
    OrderStatus.FAILED: "It failed.",
    OrderStatus.CANCELLED: "It was cancelled.",
}


class MemoryOrders:
    """A little state machine. `outcome` is what becomes of what is submitted; `findings` what policies say."""

    def __init__(self, backend: OrdersBackend) -> None:
        self.backend = backend
        self.all: dict[int, Order] = {}
        self.names: dict[str, AuthorityType] = {"internal": AuthorityType.LOCAL, "paper-ca": AuthorityType.EXTERNAL}
        self.findings: tuple[PolicyFinding, ...] = ()
        self.lines: tuple[PanelLine, ...] = ()
        """What a preview has besides the request."""
        self.problems: tuple[str, ...] = ()
        self.outcome = OrderStatus.COMPLETE
        self.calls: list[str] = []
        self.refuse: CerttuiError | None = None

    def put(
        self,
        name: str,
        status: OrderStatus = OrderStatus.DRAFT,
        *,
        kind: str = "person",
        by: str = "olivia",
        authority: str = "internal",
        minutes: int = 60,
        took: int = 4,
        sans: tuple[str, ...] | None = None,
        error: OrderError | None = None,
        group: str = "payments",
        **more: Any,
    ) -> Order:
        """An order as it would be after so many minutes."""
        number = len(self.all) + 1
        begun = NOW - timedelta(minutes=minutes)
        common_name = name if "." in name or "[" in name else f"{name}.example.com"
        form = OrderForm(
            authority=authority, subject=SubjectFields(common_name=common_name, organization="Example"),
            sans=sans if sans is not None else (f"DNS:{common_name}",), key_type="ec-256", template="server",
            labels=Labels(name, group, "", "ops@example.com"),
        )  # fmt: skip
        sent = (
            begun + timedelta(minutes=1)
            if status not in (OrderStatus.DRAFT,) and not more.pop("unsent", False)
            else None
        )
        done = sent + timedelta(seconds=took) if sent and not status.open else None
        order = self._made(number, form, status, begun, sent, done, kind, by)
        order = replace(order, error=error, row=replace(order.row, error=error.message if error else ""), **more)
        self.all[number] = order
        return order

    def _made(
        self, number: int, form: OrderForm, status: OrderStatus, begun: datetime, sent: datetime | None,
        done: datetime | None, kind: str = "person", by: str = "olivia",
    ) -> Order:  # fmt: skip
        first = form.sans[0].partition(":")[2] if form.sans else form.labels.name
        row = OrderRow(
            id=number, version=1, certificate_id=None if status is OrderStatus.CANCELLED else 100 + number,
            name=form.labels.name or form.subject.common_name or first, common_name=form.subject.common_name or first,
            san_count=len(form.sans), type=self.names.get(form.authority), authority=form.authority,
            authority_id=1 if form.authority else None, status=status, requester_kind=kind, requester=by,
            business_group=form.labels.business_group, created_at=begun, submitted_at=sent, finished_at=done,
            duration_seconds=int(((done or NOW) - sent).total_seconds()) if sent else None, error="",
        )  # fmt: skip
        steps = [OrderStep(begun, "draft", "Begun as a draft.")]
        if status is not OrderStatus.DRAFT:
            steps.append(OrderStep(begun, "csr", "Key (ec-256) and CSR were made."))
        if sent:
            steps.append(OrderStep(sent, "submitted", f"Sent to {form.authority}."))
        if sent and status is OrderStatus.PENDING:
            steps.append(OrderStep(sent, "waiting", "Waits for a person to bring the certificate.", "waiting"))
        if done:
            how = {"complete": ("issued", "done"), "failed": ("failed", "failed")}.get(
                status.value, ("cancelled", "done")
            )
            steps.append(OrderStep(done, how[0], f"It is {status}.", how[1]))
        return Order(
            row=row, form=form, csr_pem="" if status is OrderStatus.DRAFT else CSR_PEM, steps=tuple(steps),
            findings=(), error=None, panel=(), next=NEXT[status], key_algorithm="ec-256" if status is not OrderStatus.DRAFT else "",
            spki_sha256="ab" * 32 if status is not OrderStatus.DRAFT else "",
        )  # fmt: skip

    def move(self, number: int, status: OrderStatus, **row: Any) -> Order:
        """Somebody else, or the worker, moves an order on."""
        order = self.all[number]
        old = order.row
        sent = row.pop("submitted_at", old.submitted_at)
        if status not in (OrderStatus.DRAFT, OrderStatus.PENDING) and sent is None:
            sent = NOW
        done = None if status.open else NOW
        now = self._made(number, order.form, status, old.created_at, sent, done, old.requester_kind, old.requester)
        now = replace(
            now, row=replace(now.row, version=old.version + 1, **row), panel=order.panel, again_id=order.again_id
        )
        self.all[number] = now
        self.backend.tell(number)
        return now

    # -- the seam ------------------------------------------------------------------------------------------------

    def search(self, query: Query) -> Any:
        found = [order.row for order in self.all.values() if _matches(order.row, query.text)]
        found.sort(key=_key(query.sort.field), reverse=query.sort.descending)
        ids = [row.id for row in found]
        return SimpleNamespace(
            total=len(ids), as_of=NOW, position=lambda row_id: ids.index(row_id) if row_id in ids else None,
            rows=lambda start, stop: [self.all[i].row if i in self.all else Gone(i) for i in ids[start:stop]],
            ids=lambda: tuple(ids), wait=lambda timeout=None: True, close=lambda: None,
        )  # fmt: skip

    def overview(self) -> OrdersOverview:
        counts = {status.value: 0 for status in OrderStatus}
        for order in self.all.values():
            counts[order.row.status.value] += 1
        who = "" if self.names else "No authority is enabled: an admin adds one in Authorities."
        return OrdersOverview(counts, tuple(self.names), who)

    def get(self, order_id: int) -> Order:
        if order_id not in self.all:
            raise NotFound("There is no such order here (any more).", "Refresh the list.")
        return self.all[order_id]

    def preview(self, form: OrderForm) -> OrderPreview:
        lines = (
            PanelLine("Authority", form.authority),
            PanelLine("Common name", form.subject.common_name),
            PanelLine("Names", ", ".join(form.sans)),
            PanelLine("Key", form.key_type or "ec-256, new"),
        )
        return OrderPreview((*lines, *self.lines), self.findings, self.problems)

    def save(self, form: OrderForm) -> Order:
        self.calls.append("save")
        for order in self.all.values():
            if form.reference and order.form.reference == form.reference:
                return order
        if form.labels.name == "taken":
            raise Invalid("That name can't be used.", field="name")
        number = len(self.all) + 1
        status = OrderStatus.PENDING if form.csr else OrderStatus.DRAFT
        self.all[number] = self._made(number, form, status, NOW, None, None)
        self.backend.tell(number)
        return self.all[number]

    def edit(self, order_id: int, version: int, form: OrderForm) -> Order:
        self.calls.append("edit")
        order = self._mine(order_id, version)
        now = self._made(order_id, form, order.row.status, order.row.created_at, order.row.submitted_at, None)
        self.all[order_id] = replace(now, row=replace(now.row, version=version + 1))
        self.backend.tell(order_id)
        return self.all[order_id]

    def generate(self, order_id: int, version: int) -> Order:
        self.calls.append("generate")
        self._gate(self._mine(order_id, version))
        return self.move(order_id, OrderStatus.PENDING)

    def submit(self, order_id: int, version: int) -> Order:
        self.calls.append("submit")
        self._gate(self._mine(order_id, version))
        return self.move(
            order_id, self.outcome, **({"submitted_at": NOW} if self.outcome is OrderStatus.PENDING else {})
        )

    def complete(self, order_id: int, version: int, new: NewCertificate) -> Order:
        self.calls.append("complete")
        self._mine(order_id, version)
        return self.move(order_id, OrderStatus.COMPLETE)

    def look(self, order_id: int) -> Order:
        self.calls.append("look")
        return self.get(order_id)

    def cancel(self, order_id: int, version: int) -> Order:
        self.calls.append("cancel")
        self._mine(order_id, version)
        return self.move(order_id, OrderStatus.CANCELLED)

    def back_to_draft(self, order_id: int, version: int) -> Order:
        self.calls.append("back_to_draft")
        self._mine(order_id, version)
        return replace(self.move(order_id, OrderStatus.DRAFT, submitted_at=None), archived_keys=1)

    def send_again(self, order_id: int, version: int, form: OrderForm) -> Order:
        self.calls.append("send_again")
        old = self._mine(order_id, version)
        new = self.save(form)
        self.all[order_id] = replace(old, again_id=new.id)
        return new

    def _mine(self, order_id: int, version: int) -> Order:
        if self.refuse is not None:
            raise self.refuse
        order = self.get(order_id)
        if order.version != version:
            raise Conflict("The order changed in the meantime.", "Look at it again.")
        return order

    def _gate(self, order: Order) -> None:
        hard = tuple(each for each in self.findings if each.outcome == "hard")
        if hard:
            raise PolicyRefused(hard[0].message, findings=self.findings)
        if any(each.needs_reason for each in self.findings) and not order.form.reason:
            raise ReasonNeeded(self.findings[0].message, findings=self.findings)


class OrdersBackend(MemoryBackend):
    """The memory backend with orders, authorities and resources."""

    def __init__(self, rows: int = 0, **more: Any) -> None:
        super().__init__(rows, **more)
        self.orders = MemoryOrders(self)
        self.store.seal = lambda content: content[::-1]
        self.store.unseal = lambda content: content[::-1]
        self.authorities = SimpleNamespace(
            resolve=lambda name: list(self.orders.names).index(name), get=self._authority
        )
        self.resources = SimpleNamespace(get=self._resource, search=self._resources)

    def tell(self, order_id: int) -> None:
        """The feed says that an order changed."""
        self.seq += 1
        self.changes.append(Change(self.seq, "order.changed", "order", (order_id,)))

    def _authority(self, number: int) -> Any:
        kind = list(self.orders.names.values())[number]
        return SimpleNamespace(capabilities=LOCAL if kind is AuthorityType.LOCAL else EXTERNAL, auto_renew_days=7)

    def _resource(self, number: int) -> Any:
        return SimpleNamespace(
            row=ResourceRow(number, 1, f"lb-{number}", "load-balancer", f"lb-{number}:443", "", 0, None, NOW)
        )

    def _resources(self, query: Query) -> Any:
        rows = [self._resource(number).row for number in (1, 2, 3)]
        return SimpleNamespace(rows=lambda start, stop: rows[start:stop], close=lambda: None)


def _matches(row: OrderRow, text: str) -> bool:
    for word in text.split():
        if word.startswith("status:"):
            if row.status.value not in word.removeprefix("status:").split(","):
                return False
        elif word not in row.name:
            return False
    return True


def _key(field: str) -> Callable[[OrderRow], Sequence[Any]]:
    def key(row: OrderRow) -> Sequence[Any]:
        names = {
            "created": row.created_at,
            "submitted": row.submitted_at or NOW,
            "type": str(row.type),
            "status": row.status.value,
        }
        return (names.get(field, getattr(row, field, row.id)), row.id)

    return key
