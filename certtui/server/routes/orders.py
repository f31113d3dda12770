"""Orders over HTTP: requests to authorities, from a saved form to a certificate."""

from __future__ import annotations

from certtui.backend.wire_forms import Id, Upload
from certtui.model.order import Order, OrderForm, OrderPreview, OrdersOverview, Preflight
from certtui.server.route import Call, Parameter, Reply, Routes, reply
from certtui.server.uploads import certificate_of

ROUTES = Routes(
    "orders", "Requests to authorities. Each has an entry in the inventory from its draft on; its key never travels."
)

_FORM = {
    "authority": "internal",
    "subject": {"common_name": "www.example.com"},
    "sans": ["DNS:www.example.com"],
    "labels": {"business_group": "payments"},
    "reference": "www-2027",
}


@ROUTES("GET", "/orders/overview", "orders.overview", "Count orders by status", gives=OrdersOverview)
def overview(call: Call) -> Reply:
    return reply(call.backend.orders.overview())


@ROUTES(
    "GET", "/orders/resolve", "orders.resolve", "Find one by id, unique name or common name", gives=Id,
    help="409 with `candidates` where several fit.",
    query=(Parameter("reference", "An id, a name or a common name.", example="www.example.com"),),
)  # fmt: skip
def resolve(call: Call) -> Reply:
    return reply(Id(call.backend.orders.resolve(call.reference)))


@ROUTES(
    "POST", "/orders/preview", "orders.preview", "See what a form would ask for, and what policies say of it",
    help="Changes nothing.", takes=OrderForm, gives=OrderPreview, example=_FORM,
)  # fmt: skip
def preview(call: Call) -> Reply:
    return reply(call.backend.orders.preview(call.body))


@ROUTES(
    "POST", "/orders/preflight", "orders.preflight", "Try a form at the staging server of its authority",
    help="Up to a certificate that nobody keeps; no order is saved. A line for each step, as far as it went.",
    takes=OrderForm, gives=Preflight, changes=True, example=_FORM,
)  # fmt: skip
def preflight(call: Call) -> Reply:
    return reply(call.backend.orders.preflight(call.body))


@ROUTES(
    "POST", "/orders", "orders.save", "Save a new order",
    help="A draft without a key; with an uploaded `csr` (DER in base64) it is pending. A `reference` that is there already "
    "gives the order that has it, so a script that is run twice orders once.",
    takes=OrderForm, gives=Order, changes=True, created=True, example=_FORM,
    again=lambda call, kept: _page(call.backend.orders.get(kept.first("order"))),
)  # fmt: skip
def save(call: Call) -> Reply:
    return _page(call.backend.orders.save(call.body))


@ROUTES("GET", "/orders/{id}", "orders.get", "Read one order", gives=Order)
def get(call: Call) -> Reply:
    return _page(call.backend.orders.get(call.id))


def _as_it_stands(call: Call, kept: object) -> Reply:
    """The answer to a retry: what has become of the order."""
    return get(call)


@ROUTES(
    "PUT", "/orders/{id}", "orders.edit", "Change an order's form",
    help="The whole form. All of it can be changed in a draft; while the order is pending, only what is not in its CSR.",
    takes=OrderForm, gives=Order, if_match=True, changes=True, again=_as_it_stands, example=_FORM,
)  # fmt: skip
def edit(call: Call) -> Reply:
    return _page(call.backend.orders.edit(call.id, call.seen, call.body))


@ROUTES(
    "POST", "/orders/{id}/generate", "orders.generate", "Make key and CSR",
    help="The draft becomes pending; the key is made and sealed on the server, and no authority is contacted.",
    gives=Order, if_match=True, changes=True, again=_as_it_stands,
)  # fmt: skip
def generate(call: Call) -> Reply:
    return _page(call.backend.orders.generate(call.id, call.seen))


@ROUTES(
    "POST", "/orders/{id}/submit", "orders.submit", "Send an order to its authority",
    help="A draft gets its CSR first. What the authority answers at once is in the result, be it complete or failed. An "
    "authority is never asked twice for one order.",
    gives=Order, if_match=True, changes=True, again=_as_it_stands,
)  # fmt: skip
def submit(call: Call) -> Reply:
    return _page(call.backend.orders.submit(call.id, call.seen))


@ROUTES(
    "POST", "/orders/{id}/complete", "orders.complete", "Bring the certificate back",
    help="As in adding certificates: DER in base64, or `pem`. 422 names both keys where it belongs to another one.",
    takes=Upload, gives=Order, if_match=True, changes=True, upload=True, again=_as_it_stands,
    example={"pem": "-----BEGIN CERTIFICATE-----\n…"},
)  # fmt: skip
def complete(call: Call) -> Reply:
    new = certificate_of(call.state.inspect, call.body)
    return _page(call.backend.orders.complete(call.id, call.seen, new))


@ROUTES(
    "POST", "/orders/{id}/look", "orders.look", "Ask the authority now", help="For an order that waits.",
    gives=Order, changes=True, again=_as_it_stands,
)  # fmt: skip
def look(call: Call) -> Reply:
    return _page(call.backend.orders.look(call.id))


@ROUTES(
    "POST", "/orders/{id}/cancel", "orders.cancel", "Cancel an order",
    help="Its entry leaves the inventory, its sealed key is archived.",
    gives=Order, if_match=True, changes=True, again=_as_it_stands,
)  # fmt: skip
def cancel(call: Call) -> Reply:
    return _page(call.backend.orders.cancel(call.id, call.seen))


@ROUTES(
    "POST", "/orders/{id}/back-to-draft", "orders.back_to_draft", "Take a pending order back to a draft",
    help="The CSR is discarded, its sealed key archived.",
    gives=Order, if_match=True, changes=True, again=_as_it_stands,
)  # fmt: skip
def back_to_draft(call: Call) -> Reply:
    return _page(call.backend.orders.back_to_draft(call.id, call.seen))


@ROUTES(
    "POST", "/orders/{id}/send-again", "orders.send_again", "Order once more what failed or was cancelled",
    help="A new draft, which takes over the entry in the inventory.",
    takes=OrderForm, gives=Order, if_match=True, changes=True, created=True, example=_FORM,
    again=lambda call, kept: _successor(call),
)  # fmt: skip
def send_again(call: Call) -> Reply:
    return _page(call.backend.orders.send_again(call.id, call.seen, call.body))


def _successor(call: Call) -> Reply:
    old = call.backend.orders.get(call.id)
    return _page(old if old.again_id is None else call.backend.orders.get(old.again_id))


def _page(order: Order) -> Reply:
    return reply(order, version=order.version)
