"""Lists that are opened, not fetched: a frozen order on the server, rows read live."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from certtui.backend import wire
from certtui.backend.wire_forms import MOST_AT_ONCE, ListingBody, ListingState, Position
from certtui.model.access import require
from certtui.model.alert import AlertRow
from certtui.model.audit import AuditEvent
from certtui.model.authority import AuthorityRow
from certtui.model.certificate import CertificateRow
from certtui.model.container import ContainerRow
from certtui.model.local_ca import CaRow
from certtui.model.order import OrderRow
from certtui.model.policy import PolicyRow
from certtui.model.query import Gone, Query, Sort
from certtui.model.renewal_calendar import RenewalRow
from certtui.model.repository import RepositoryRow
from certtui.model.resource import ResourceRow
from certtui.model.stored_secret import StoredSecretRow
from certtui.server.listings import Held
from certtui.server.route import Call, Parameter, Reply, Route, Routes, reply, whole

ROUTES = Routes(
    "listings",
    "Lists for consoles: opened once, read by position. One that was not read for long, or had to make room, answers 410: "
    "open it again.",
)

# Any: a list's rows are of its noun's type
_NOUNS: dict[str, Any] = {
    "certificates": CertificateRow,
    "resources": ResourceRow,
    "repositories": RepositoryRow,
    "orders": OrderRow,
    "authorities": AuthorityRow,
    "cas": CaRow,
    "renewals": RenewalRow,
    "containers": ContainerRow,
    "secrets": StoredSecretRow,
    "policies": PolicyRow,
    "alerts": AlertRow,
    "audit": AuditEvent,
}
_WORDS = {"audit": "audit events", "cas": "CAs", "secrets": "stored secrets"}

LONGEST_WAIT = 20
"""Seconds that a question for the total is kept waiting."""

_WINDOW = (
    Parameter("start", "The first position, from 0.", {"type": "integer", "minimum": 0, "default": 0}),
    Parameter(
        "stop", f"The position behind the last one; at most {MOST_AT_ONCE} rows.", {"type": "integer", "minimum": 0}
    ),
)
_WHOLE = (
    Parameter("start", "The first position, from 0.", {"type": "integer", "minimum": 0, "default": 0}),
    Parameter("stop", "The position behind the last one; without it, to the end.", {"type": "integer", "minimum": 0}),
)


def _open(noun: str, call: Call) -> Reply:
    body: ListingBody = call.body
    first = whole("first", str(body.first), most=MOST_AT_ONCE)
    query = Query(body.filter, Sort.parse(body.sort))
    listing = getattr(call.backend, noun).search(query)
    held = call.state.listings.hold(call.identity, noun, listing)
    rows = listing.rows(0, first)
    call.state.listings.weigh(held)
    return _answer(held, rows)


def _opens(noun: str, sort: str, filter: str) -> None:
    @ROUTES(
        "POST", f"/{noun}/listings", f"{noun}.search", f"Open a list of {_WORDS.get(noun, noun)}",
        help="The order is frozen at `as_of`; the first rows come with the answer. `total` is null while it is counted.",
        takes=ListingBody, example={"filter": filter, "sort": sort, "first": 50}, gives=ListingState,
    )  # fmt: skip
    def open_listing(call: Call) -> Reply:
        return _open(noun, call)


_opens("certificates", "not_after", "status:expiring")
_opens("resources", "name", "unused")
_opens("repositories", "name", "source:private")
_opens("orders", "-created", "status:pending")
_opens("authorities", "name", "type:local")
_opens("cas", "name", "state:active")
_opens("renewals", "due", "state:blocked,due")
_opens("containers", "name", "status:active")
_opens("secrets", "name", "type:passphrase")
_opens("policies", "name", "enabled")
_opens("alerts", "-severity", "state:open")
_opens("audit", "-id", "event:certificate.*")


@ROUTES(
    "GET", "/listings/{listing}", "listings.get", "Ask how far a list is", gives=ListingState,
    query=(Parameter("wait", f"Seconds to wait for the total, at most {LONGEST_WAIT}.", {"type": "integer", "minimum": 0,
                                                                                          "maximum": LONGEST_WAIT}),),
)  # fmt: skip
def get(call: Call) -> Reply:
    held = _held(call)
    if wait := call.number("wait", 0, most=LONGEST_WAIT):
        held.listing.wait(wait)
        call.state.listings.weigh(held)
    return reply(_state(held))


@ROUTES(
    "GET", "/listings/{listing}/rows", "listings.rows", "Read rows of a list",
    help="Live rows of the frozen order; `{\"gone\": id}` stands where a row is no more. Fewer than asked only at the end.",
    gives=ListingState, query=_WINDOW,
)  # fmt: skip
def rows(call: Call) -> Reply:
    held = _held(call)
    start = call.number("start", 0)
    stop = min(call.number("stop", start + 100), start + MOST_AT_ONCE)
    found = held.listing.rows(start, stop)
    call.state.listings.weigh(held)
    return _answer(held, found)


@ROUTES(
    "GET", "/listings/{listing}/position", "listings.position", "Find where a row stands in a list", gives=Position,
    query=(Parameter("id", "The row's id.", {"type": "integer"}),),
)  # fmt: skip
def position(call: Call) -> Reply:
    held = _held(call)
    return reply(Position(held.listing.position(call.number("id", 0))))


@ROUTES(
    "GET", "/listings/{listing}/ids", "listings.ids", "Read the ids of a list in order",
    help="Waits until the list is complete.", gives=tuple[int, ...], query=_WHOLE,
)  # fmt: skip
def ids(call: Call) -> Reply:
    held = _held(call)
    found = held.listing.ids()
    call.state.listings.weigh(held)
    start = call.number("start", 0)
    return reply(found[start : call.number("stop", len(found))], tuple[int, ...])


@ROUTES("DELETE", "/listings/{listing}", "listings.close", "Close a list")
def close(call: Call) -> Reply:
    call.state.listings.drop(call.path["listing"], call.identity)
    return Reply()


def _held(call: Call) -> Held:
    held = call.state.listings.find(call.path["listing"], call.identity)
    require(call.identity.access, f"{held.noun}.search")
    return held


def _state(held: Held) -> ListingState:
    return ListingState(held.id, held.listing.total, held.listing.as_of)


def _answer(held: Held, found: Sequence[Any]) -> Reply:
    """The state of the list with rows: `{"id": …, "total": …, "as_of": …, "rows": [...]}`."""
    write = wire.encoder(_NOUNS[held.noun])
    rows = ",".join([f'{{"gone":{row.id}}}' if type(row) is Gone else write(row) for row in found])
    head = wire.dumps(_state(held))[:-1]
    return Reply(b'%s,"rows":[%s]}' % (head, rows.encode("ascii")))


# Any: classes of rows
def row_kind(route: Route) -> tuple[Any, ...] | None:
    """What rows the answer of a route holds, for the document."""
    noun, _, act = route.act.partition(".")
    if act == "search" and route.method == "POST":
        return (_NOUNS[noun],)
    return tuple(_NOUNS.values()) if route.act == "listings.rows" else None
