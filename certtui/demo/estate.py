"""What the demonstration's organisation has: services, teams, machines, and the odd things that every estate collects."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

from certtui.demo.issue import Leaf
from certtui.demo.keys import RSA_KEYS

TEAMS = {
    "payments": ("ledger", "checkout", "cards", "refunds", "payouts", "fraud", "invoices", "rates"),
    "platform": ("registry", "ci", "git", "vault", "grafana", "kafka", "dns", "ntp", "proxy", "artifacts"),
    "web": ("shop", "static", "search", "cart", "login", "account", "help", "reviews"),
    "mobile": ("push", "api", "config", "telemetry"),
    "data": ("warehouse", "airflow", "notebooks", "lake", "reports"),
    "identity": ("sso", "ldap", "radius", "scim", "pam"),
    "logistics": ("tracking", "depot", "labels", "routes", "scanner"),
    "people": ("payroll", "wiki", "recruiting"),
}
"""Business groups and their services."""

RESOURCES = (
    ("lb-west", "load-balancer", "lb-west.example.com:443"),
    ("lb-east", "load-balancer", "lb-east.example.com:443"),
    ("lb-internal", "load-balancer", "lb-internal.corp.example:443"),
    ("shop-https", "listener", "lb-west.example.com:443/shop"),
    ("api-https", "listener", "lb-east.example.com:443/api"),
    ("sso-https", "listener", "lb-internal.corp.example:443/sso"),
    ("imap-tls", "listener", "mail.example.com:993"),
    ("partner-gateway", "listener", "partners.example.net:8443"),
    *((f"edge-{number}", "host", f"edge-{number}.example.com") for number in range(1, 9)),
    *((f"app-{number:02d}", "host", f"app-{number:02d}.corp.example") for number in range(1, 13)),
    ("mail-1", "host", "mail-1.corp.example"),
    ("mail-2", "host", "mail-2.corp.example"),
    ("vpn-gateway", "other", "vpn.example.com:1194"),
    ("nginx-bundle", "file", "app-03.corp.example:/etc/nginx/tls/bundle.pem"),
    ("java-keystore", "file", "app-07.corp.example:/srv/depot/keystore.p12"),
    ("old-lb", "load-balancer", "old-lb.example.com:443"),
)
"""Name, type and endpoint."""

INTERNAL, BOUGHT, ASKED = "internal", "harbour", "northwind"
"""Profiles: the house's own CA, a CA outside, a public CA by ACME."""

REQUESTS = (
    (-12, "partners.example.net", "payments", "ec-256"),
    (-6, "careers.example.com", "people", "ec-384"),
    (-4, "harbour-api.example.net", "logistics", "ec-256"),
    (-1, "beta.example.com", "mobile", "ed25519"),
)
"""Saved CSRs: day from now, host, group and key."""

_HOSTS = tuple(name for name, _, _ in RESOURCES)
_DOMAINS = {"web": "example.com", "mobile": "example.com", "payments": "example.com", "logistics": "example.net"}
# Days left, as an estate that is looked after has them: most far away, some near, a few too late.
_LEFT = ((-400, -91, 3), (-60, -1, 7), (0, 7, 4), (8, 30, 9), (31, 89, 16), (90, 365, 80))


def leaves() -> list[Leaf]:
    """Every certificate of the estate, in the order in which renewals follow what they renew."""
    draw = random.Random("certtui demo")  # noqa: S311  # the same estate each time, no secret
    rsa = iter([("rsa-2048", str(number)) for number in range(6, RSA_KEYS["rsa-2048"])])
    return [*_special(), *_public(draw, rsa), *_internal(draw, rsa), *_machines(draw)]


def _public(draw: random.Random, rsa: Iterator[tuple[str, str]]) -> Iterator[Leaf]:
    """What the world sees: 90 days from an ACME authority, renewed again and again, or a year bought somewhere."""
    for team, services in TEAMS.items():
        domain = _DOMAINS.get(team)
        if domain is None:
            continue
        for service in services:
            host = f"{service}.{domain}"
            contact = f"{team}@example.com"
            sans = (
                f"DNS:{host}",
                *(f"DNS:{extra}.{service}.{domain}" for extra in ("www", "api")[: draw.randrange(3)]),
            )
            uses = tuple(draw.sample(_HOSTS[:16], draw.randrange(1, 4)))
            if draw.random() < 0.7:
                age = draw.randrange(1, 70)
                old = Leaf(
                    service, host, sans, "Northwind E5", starts=-age - 65, days=90, group=team, contact=contact,
                    source="managed", provider="acme", resources=uses,
                )  # fmt: skip
                yield old
                if draw.random() < 0.8:
                    yield replace(_renewed(old, starts=-age), renewed_by=ASKED)
            else:
                kind, label = next(rsa)
                left = _days_left(draw, longest=300)
                yield Leaf(
                    service, host, sans, "Northwind R11", kind, label, left - 365, 365, team, contact=contact,
                    provider="external", resources=uses, key_here=draw.random() < 0.8,
                )  # fmt: skip


def _internal(draw: random.Random, rsa: Iterator[tuple[str, str]]) -> Iterator[Leaf]:
    """What only the house sees, from its own CAs, with the stages of every service."""
    for team, services in TEAMS.items():
        for service in services:
            for stage in ("", "-stage", "-test", "-dev"):
                if stage and draw.random() < 0.35:
                    continue
                host = f"{service}{stage}.corp.example"
                kind, label = ("ec-256", "") if draw.random() < 0.85 else next(rsa, ("ec-384", ""))
                days = draw.choice((365, 730))
                left = _days_left(draw, days - 5)
                by_itself = not stage and left > 0
                sans = (f"DNS:{host}",) if by_itself else (f"DNS:{host}", f"DNS:{service}{stage}")
                yield Leaf(
                    f"{service}{stage or '-int'}", host, sans, "Example Issuing CA 2", kind, label,
                    left - days, days, team,
                    description=("", "", "", f"{service}, {stage[1:] or 'production'}")[draw.randrange(4)],
                    contact=("", f"{team}@example.com")[draw.randrange(2)],
                    source=("imported", "imported", "discovered")[draw.randrange(3)],
                    key_here=draw.random() < 0.7,
                    resources=tuple(draw.sample(_HOSTS[16:28], draw.randrange(3))) if not stage else (),
                    renewed_by=INTERNAL if by_itself else "",
                )  # fmt: skip


def _machines(draw: random.Random) -> Iterator[Leaf]:
    """Clients and devices: many, short names, long lives, found on the network."""
    for number in range(1, 61):
        name = f"scanner-{number:03d}"
        yield Leaf(
            name, name, (f"URI:urn:example:device:{4000 + number}",), "Example Device CA", "ec-256", "",
            _days_left(draw, 900) - 1095, 1095, "logistics", source="discovered", key_here=False, client=True,
            with_chain=number % 4 != 0,
        )  # fmt: skip


def _special() -> Iterator[Leaf]:
    """One of each thing that a person wants to have seen before it happens to them."""
    yield Leaf(
        "api-gateway", "api.example.com",
        ("DNS:api.example.com", "DNS:api2.example.com", "DNS:*.api.example.com", "IP:10.0.0.7"),
        "Northwind R11", "rsa-2048", "3", -170, 199, "payments", "The front door of every partner.",
        "payments@example.com", resources=("lb-west", "lb-east", "api-https", "edge-3"),
    )  # fmt: skip
    billing = Leaf(
        "billing", "billing.example.com", ("DNS:billing.example.com",), starts=-380, days=365, group="payments",
        resources=("lb-west",),
    )  # fmt: skip
    yield billing
    yield _renewed(billing, starts=-20)
    yield Leaf("old-lb", "lb.example.com", ("DNS:lb.example.com",), "Example Issuing CA 1", "rsa-2048", "4", -1113, 1095,
               "platform", resources=("old-lb",))  # fmt: skip
    yield Leaf("partner-mtls", "partner.example.net", ("DNS:partner.example.net",), starts=-300, days=371,
               group="payments", client=True, key_here=False, resources=("partner-gateway",))  # fmt: skip
    yield Leaf("wildcard", "*.example.com", ("DNS:*.example.com", "DNS:example.com"), "Northwind R11", "rsa-2048", "5",
               -193, 199, "web", "Everything that has no certificate of its own.", "web@example.com",
               resources=("lb-west", "lb-east", "edge-1", "edge-2", "edge-4", "edge-5"))  # fmt: skip
    yield Leaf("six-days", "probe.example.com", ("DNS:probe.example.com",), "Northwind E5", starts=-3, days=6,
               group="platform", source="managed", provider="acme")  # fmt: skip
    yield Leaf("winter-sale", "sale.example.com", ("DNS:sale.example.com", "DNS:www.sale.example.com"), starts=11,
               days=90, group="web", description="Goes live with the campaign.")  # fmt: skip
    yield Leaf("depot-2027", "depot.example.net", ("DNS:depot.example.net",), starts=42, days=365, group="logistics")
    yield Leaf("münchen", "xn--mnchen-3ya.example", ("DNS:xn--mnchen-3ya.example", "DNS:www.xn--mnchen-3ya.example"),
               starts=-200, group="web", organization="Beispiel München GmbH")  # fmt: skip
    yield Leaf("東京", "xn--1lqs71d.example", ("DNS:xn--1lqs71d.example",), starts=-40, days=120, group="web",
               organization="例示株式会社")  # fmt: skip
    names = tuple(f"DNS:tenant-{number:03d}.apps.example.com" for number in range(120))
    yield Leaf("tenants", "apps.example.com", ("DNS:apps.example.com", *names), starts=-60, days=199, group="platform")
    yield Leaf("mesh", "", ("URI:spiffe://corp.example/ns/payments/sa/ledger",), key="ed25519", starts=-1, days=3,
               group="payments", description="No common name, and no need of one.")  # fmt: skip
    yield Leaf("olivia", "Olivia Example", ("EMAIL:olivia@example.com",), key="ec-521", starts=-250, group="people",
               client=True, contact="olivia@example.com")  # fmt: skip
    yield Leaf("archive", "archive.corp.example", ("DNS:archive.corp.example", "IP:2001:db8::7"), key="rsa-4096",
               key_label="2", starts=-500, days=1825, group="data")  # fmt: skip
    yield Leaf("ledger-hsm", "hsm.corp.example", ("DNS:hsm.corp.example",), key="rsa-3072", key_label="0", starts=-90,
               days=365, group="payments", key_here=False, description="Its key lives in the HSM.")  # fmt: skip
    for number, host in enumerate(("portal", "invoices", "files")):
        yield Leaf(f"harbour-{host}", f"{host}.harbour.example", (f"DNS:{host}.harbour.example",), "Harbour Business CA",
                   starts=-150 - number, days=365, organization="Harbour Logistics", with_chain=False, key_here=False,
                   description="Came without its intermediate.")  # fmt: skip
    yield Leaf("visitor", "\x1b]52;c;Z290Y2hh\x07 cafe.example", ("DNS:cafe.example",), starts=-30, days=90,
               organization="O=[/foo] [red]", source="discovered", key_here=False, with_chain=False,
               description="A name that would write to your clipboard, were it let through.")  # fmt: skip
    yield Leaf("quoted", 'a "b", c=d+e; <i>&\u202e txet', ("DNS:quoted.example",), starts=-10, organization="${HOME}",
               source="discovered", key_here=False)  # fmt: skip
    for number, (host, team) in enumerate(
        (("leaked", "web"), ("checkout-old", "payments"), ("vpn-2024", "identity"), ("laptop-0231", "people"),
         ("laptop-0417", "people"), ("mobile-beta", "mobile"), ("retired-api", "mobile"))
    ):  # fmt: skip
        yield Leaf(host, f"{host}.example.com", (f"DNS:{host}.example.com",), starts=-220 + number, days=365, group=team,
                   revoked=-3 - 9 * number, key_here=number % 2 == 0)  # fmt: skip


def _renewed(old: Leaf, *, starts: int) -> Leaf:
    return replace(old, starts=starts, renews=True, key_label="", key="ec-256")


def _days_left(draw: random.Random, longest: int) -> int:
    first, last, _ = draw.choices(_LEFT, weights=[weight for *_, weight in _LEFT])[0]
    return min(draw.randint(first, last), longest)
