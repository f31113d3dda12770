"""How ACME looks: the form of an authority, what its test says, an order that waits for a CNAME, and its certificate.

The lines of an order are made by the code that makes them of a real look; what name servers said is made up.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from certtui.authorities.acme import dns_look
from certtui.authorities.acme.authority import AcmeCa
from certtui.authorities.acme.books import Progress
from certtui.authorities.acme.dns_look import FOUND, MISSING, WRONG, Looked, Seen
from certtui.authorities.acme.dns_names import Delegation, delegations
from certtui.authorities.acme.proof_delegated import Delegated
from certtui.backend.base import Backend
from certtui.model.authority import AuthorityForm, AuthorityType, CheckedLine
from certtui.model.certificate import CertificateEdit
from certtui.model.order import OrderStatus
from certtui.model.panel import PanelLine
from tests.backend.entries import add, cert
from tests.screens.desk import at_desk, store_at
from tests.screens.estate import estate
from tests.screens.harness import shot
from tests.screens.memory import NOW
from tests.screens.orders_memory import OrdersBackend
from tests.screens.test_orders import orders

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])
SETTINGS = {"server": "letsencrypt", "tech_zone": "acme.example.net", "email": "ops@example.com", "agree": "yes"}
SANS = ("DNS:shop.example.com", "DNS:www.shop.example.com")
TRIED = (
    CheckedLine(
        "Directory", True, "https://acme-v02.api.letsencrypt.org/directory answers. It says when to renew (ARI)."
    ),
    CheckedLine("Terms", True, "Agreed: https://letsencrypt.org/documents/LE-SA-v1.5.pdf"),
    CheckedLine("Account", True, "https://acme-v02.api.letsencrypt.org/acme/acct/1234"),
)
WELL = (
    CheckedLine("Tech zone", True, "acme.example.net is served by ns1.example.net, ns2.example.net."),
    CheckedLine("Records", True, "A record was written, read at every name server, and removed."),
)
BADLY = (
    CheckedLine(
        "Tech zone", False,
        "ns1.example.net serves acme.example.net, but nobody finds it there: its parent zone example.net does not delegate it. "
        "Add NS records for acme.example.net to example.net.",
    ),
)  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Backend:
    """A profile of Let's Encrypt, and a certificate that it renews."""
    backend = store_at(tmp_path)
    renewed_by_acme(backend, add(backend, cert("shop.example.com", days=205), key=True, name="shop").id)
    return backend


def renewed_by_acme(backend: Backend, certificate_id: int) -> None:
    """A profile of Let's Encrypt renews it."""
    form = AuthorityForm(name="le", type=AuthorityType.ACME, auto_renew_days=30, settings=SETTINGS)
    backend.authorities.add(form)
    page = backend.certificates.get(certificate_id)
    backend.certificates.edit(page.id, page.version, CertificateEdit(authority="le", auto_renew_days=14))


def told(*said: Sequence[tuple[str, str, int]], done: bool = False) -> tuple[PanelLine, ...]:
    """The lines of an order whose name servers said this of each name: (verdict, words, TTL) of two of them."""
    wanted = delegations(SANS, SETTINGS["tech_zone"], "seed")
    looks = tuple(_looked(made, words) for made, words in zip(wanted, said, strict=False))
    progress = Progress(
        url="https://acme-v02.api.letsencrypt.org/acme/order/1234/99" if done else "", looked_at=NOW, looks=looks
    )
    ca: Any = SimpleNamespace(
        books=SimpleNamespace(progress=lambda order_id: progress), delegations=lambda sans: wanted
    )
    request: Any = SimpleNamespace(order_id=1, sans=SANS)
    return tuple(Delegated(ca).panel(request, NOW))


def _looked(made: Delegation, words: Sequence[tuple[str, str, int]]) -> Looked:
    seen = tuple(
        Seen(f"ns{number}.example.com (192.0.2.{number})", kind, text.replace("TARGET", made.target), ttl)
        for number, (kind, text, ttl) in enumerate(words, 1)
    )
    return Looked(made, *dns_look._judged(made, "example.com", seen), seen, "example.com")


NOT_YET = ((MISSING, "no such name", 300), (MISSING, "no such name", 300))
ASTRAY = ((WRONG, "CNAME k3v9.acme.example.org", 3600), (WRONG, "CNAME k3v9.acme.example.org", 3600))
THERE = ((FOUND, "CNAME TARGET", 300), (FOUND, "CNAME TARGET", 300))
ORDERS = {
    "waiting": (OrderStatus.PENDING, told(NOT_YET, NOT_YET)),
    "wrong-target": (OrderStatus.PENDING, told(THERE, ASTRAY)),
    "active": (OrderStatus.COMPLETE, told(THERE, THERE, done=True)),
}


@SIZES
@pytest.mark.parametrize("what", list(ORDERS))
async def test_an_order_by_acme(picture: SnapshotAssertion, what: str, size: tuple[int, int]) -> None:
    status, panel = ORDERS[what]
    backend = OrdersBackend()
    backend.orders.names["le"] = AuthorityType.ACME
    waits = "What it waits for stands below: it looks for that by itself, and goes on alone."
    put = backend.orders.put
    put(
        "shop",
        status,
        authority="le",
        minutes=9,
        sans=SANS,
        panel=panel,
        next=waits if status.open else "The certificate is here.",
    )
    async with orders(backend, "enter", size=size) as (app, _):
        assert shot(app) == picture


@pytest.mark.parametrize("way", ["delegated", "http"])
async def test_the_form_of_an_acme_authority(picture: SnapshotAssertion, store: Backend, way: str) -> None:
    async with at_desk(store, key="7") as desk:
        await desk.press("a")
        await desk.fill(type="acme")
        if way == "http":
            await desk.fill(**{"acme.proof": "http"})
        assert shot(desk.app) == picture


@pytest.mark.parametrize("outcome", ["well", "badly"])
async def test_what_the_test_of_an_authority_says(
    picture: SnapshotAssertion, store: Backend, outcome: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AcmeCa, "test", lambda _: (*TRIED, *(WELL if outcome == "well" else BADLY)))
    async with at_desk(store, key="7") as desk:
        await desk.press("enter", "t", "G")
        assert shot(desk.app) == picture


@SIZES
async def test_a_certificate_that_acme_renews(
    picture: SnapshotAssertion, tmp_path: Path, size: tuple[int, int]
) -> None:
    with estate(tmp_path) as made:
        made.add("shop", days=16, lived=74)
        renewed_by_acme(made.backend, made.ids["shop"])
        async with made.page("shop", size=size) as (app, _, _):
            assert shot(app) == picture


async def test_renewing_by_acme_now(
    picture: SnapshotAssertion, store: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each store has names of its own in a tech zone.
    monkeypatch.setattr(AcmeCa, "delegations", lambda _, sans: delegations(sans, SETTINGS["tech_zone"], "seed"))
    async with at_desk(store, key="") as desk:
        await desk.press("R")
        assert shot(desk.app) == picture
