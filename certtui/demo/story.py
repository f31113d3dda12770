"""What happened in the demonstration besides imports: CAs of its own, profiles, policies, and orders as they go in life.

All of it are acts through the seam, on days counted from now; an order that failed has failed, and says why by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from certtui.demo.estate import ASKED, BOUGHT, INTERNAL, REQUESTS
from certtui.model.csr import SubjectFields

if TYPE_CHECKING:
    from certtui.backend.base import Backend
    from certtui.model.order import Order, OrderForm

ROOT, ISSUING = "Example Root CA G3", "Example Issuing CA G3"


def found_the_pki(backend: Backend) -> None:
    """A root, a CA below it that issues for the house's own names alone, and a profile for each way to order."""
    from certtui.model.authority import AuthorityForm, AuthorityType
    from certtui.model.ca import CaSpec

    root = backend.cas.create_root(CaSpec(_subject(ROOT), days=7300))
    house = ("DNS:corp.example", "DNS:example.com")
    spec = CaSpec(_subject(ISSUING), "ec-256", days=1825, path_length=0, permitted=house)
    issuing = backend.cas.create_intermediate(root.row.id, spec)
    _bind(backend, issuing.row.id)
    backend.authorities.add(
        AuthorityForm(
            INTERNAL,
            AuthorityType.LOCAL,
            description="Everything inside the house.",
            settings={"ca": ISSUING, "template": "server"},
        )
    )
    bought = {
        "contact": "orders@harbour.example",
        "reminder_days": "3",
        "instructions": "Use the portal; name the ticket.",
    }
    backend.authorities.add(
        AuthorityForm(BOUGHT, AuthorityType.EXTERNAL, description="Bought, for partners outside.", settings=bought)
    )


def _bind(backend: Backend, ca_id: int) -> None:
    """A repository in which all that the issuing CA issues is filed by itself."""
    from certtui.model.repository import DataSource, RepositoryForm, RepositorySource

    backend.repositories.create(RepositoryForm(RepositorySource(DataSource.PRIVATE, ca_id), "house certificates"))


def agree_on_policies(backend: Backend) -> None:
    """What may be ordered: one policy refuses, one asks for a word."""
    from certtui.model.policy import HARD, ISSUE, RENEW, SOFT, PolicyForm, PolicyRules, PolicyScope, ValidityLimit

    orders = PolicyScope(acts=(ISSUE, RENEW))
    for form in (
        PolicyForm(
            "no-wildcards", "A stolen wildcard is every host at once. Ask platform@example.com.", True, HARD, orders,
            PolicyRules(wildcards=False),
        ),
        PolicyForm(
            "two-hundred-days", "What lives longer is forgotten. Say why it has to.", True, SOFT, orders,
            PolicyRules(validity=(ValidityLimit(200),)),
        ),
    ):  # fmt: skip
        backend.policies.add(form)


def acts() -> list[tuple[int, Callable[[Backend], object]]]:
    """What was done on which day from now, in the order of days."""
    orders: list[tuple[int, Callable[[Backend], object]]] = [
        (-240, found_the_pki),
        (-200, agree_on_policies),
        (-61, lambda backend: _order(backend, _form("artifacts-g3", "artifacts-g3.corp.example", "platform"))),
        (-37, lambda backend: _order(
            backend,
            replace(
                _form("badge-reader", "badges.corp.example", "identity"), days=380,
                reason="The readers take a new certificate at the yearly service only.",
            ),
        )),
        (-21, lambda backend: _order(backend, _form("vpn-eu", "vpn-eu.example.net", "identity"))),
        (-16, lambda backend: _order(backend, _form("portal", "portal.partners.example.net", "payments", BOUGHT))),
        (-9, _think_better_of_it),
        (-5, lambda backend: _order(backend, _form("customs", "customs.harbour.example", "logistics", BOUGHT))),
        (-3, lambda backend: _order(backend, _form("metrics", "metrics.corp.example", "data"))),
        (-2, lambda backend: _order(backend, _form("legacy-sftp", "sftp.example.net", "logistics"))),
        (-1, lambda backend: _make_ready(backend, _form("chat", "chat.corp.example", "people"))),
    ]  # fmt: skip
    requests = [(days, partial(_request, host=host, team=team, kind=kind)) for days, host, team, kind in REQUESTS]
    return sorted([*orders, *requests], key=lambda act: act[0])


def ask_by_acme(backend: Backend) -> None:
    """A profile of the public CA; its server is made up, as all of this."""
    from certtui.model.authority import AuthorityForm, AuthorityType

    settings = {
        "server": "other",
        "directory": "https://acme.northwind.example/directory",
        "agree": "yes",
        "email": "platform@example.com",
        "tech_zone": "acme.example.net",
    }
    backend.authorities.add(
        AuthorityForm(
            ASKED, AuthorityType.ACME, description="What the world sees.", auto_renew_days=30, settings=settings
        )
    )


def look_around(backend: Backend) -> None:
    """What a worker does: CRLs anew, and alerts for what needs a person."""
    from certtui.model.query import Query, Sort

    backend.work.run_due()
    listing = backend.alerts.search(Query("kind:order_failed", Sort("opened")))
    try:
        known = [row for row in listing.rows(0, 10) if getattr(row, "object_name", "") == "vpn-eu"]
    finally:
        listing.close()
    for row in known:
        backend.alerts.acknowledge(row.id, row.version, "The name moves to corp.example next month.")  # type: ignore[union-attr]  # found by its name


def _form(name: str, host: str, team: str, authority: str = INTERNAL) -> OrderForm:
    from certtui.model.certificate import Labels
    from certtui.model.order import OrderForm

    subject = SubjectFields(common_name=host)
    return OrderForm(authority, subject, (f"DNS:{host}",), "ec-256", labels=Labels(name, team))


def _order(backend: Backend, form: OrderForm) -> Order:
    draft = backend.orders.save(form)
    return backend.orders.submit(draft.id, draft.version)


def _make_ready(backend: Backend, form: OrderForm) -> None:
    draft = backend.orders.save(form)
    backend.orders.generate(draft.id, draft.version)


def _think_better_of_it(backend: Backend) -> None:
    order = _order(backend, _form("intranet-old", "old.intranet.example", "people", BOUGHT))
    backend.orders.cancel(order.id, order.version)


def _request(backend: Backend, *, host: str, team: str, kind: str) -> None:
    """A CSR that waits for its certificate; its key is made here and not the same each time, as keys should be."""
    from certtui.model.certificate import Labels
    from certtui.model.csr import CsrRequest

    labels = Labels(host, team, "Sent to Harbour.")
    backend.csrs.create(CsrRequest(_subject(host), (f"DNS:{host}",), kind, labels))


def _subject(common_name: str) -> SubjectFields:
    return SubjectFields(common_name=common_name, organization="Example AG", country="DE")
