"""The opening sentence of a certificate's page, status by status: the state, and what to do next."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from certtui.model.certificate import Certificate, CertificateRow, LineageEntry, ResourceRef
from certtui.model.panel import PanelLine
from certtui.model.revocation import AuthorityKnows, Revocation, RevocationReason
from certtui.model.status import Status
from certtui.screens.certificate_overview import opening, overview, stops
from certtui.widgets.fields import Item
from tests.screens.memory import NOW, make_row

LB = ResourceRef(1, "lb-west", "load-balancer", "lb-west:443", "server")


def page(row: CertificateRow, *resources: ResourceRef, lineage: tuple[LineageEntry, ...] = ()) -> Certificate:
    return Certificate(
        row=row, x509=None, chain=(), csr_pem="", sans=(), subject="", description="", spki_sha256="",
        status_reason="Because.", resources=resources, lineage=lineage, updated_at=NOW,
    )  # fmt: skip


def row(status: Status, **left: float) -> CertificateRow:
    end = NOW + timedelta(**left)
    return replace(
        make_row(0), status=status, not_before=end - timedelta(days=90), not_after=end, days_remaining=(end - NOW).days
    )


@pytest.mark.parametrize(
    ("certificate", "begins"),
    [
        (page(row(Status.EXPIRING, days=29, hours=1)), "Expires in 29 days. Nothing renews it: get a replacement"),
        (page(row(Status.EXPIRING, days=1, hours=1)), "Expires in 1 day."),
        (page(row(Status.EXPIRING, hours=3)), "Expires in less than a day."),
        (page(row(Status.EXPIRED, days=-20, hours=-1), LB), "Expired 21 days ago, and lb-west uses it still: get"),
        (page(row(Status.EXPIRED, hours=-1)), "Expired less than a day ago. Nothing uses it"),
        (page(row(Status.ACTIVE, days=200)), "Valid for another 200 days, until 2027-06-08"),
        (page(row(Status.REVOKED, days=20), LB), "Revoked: nobody should trust it any more. lb-west uses it still."),
        (page(row(Status.NOT_YET_VALID, days=95)), "Not valid yet: it begins 2026-11-25"),
        (page(row(Status.PENDING, days=0)), "Waiting for its signed certificate."),
        (page(row(Status.ERROR, days=0)), "Nothing was issued. Because."),
    ],
)
def test_each_status_has_its_sentence(certificate: Certificate, begins: str) -> None:
    assert opening(certificate, "u").startswith(begins)


def test_one_that_was_replaced_says_by_what_and_what_still_uses_it() -> None:
    newer = LineageEntry(2, "api-2027", "renewal", Status.ACTIVE, None, None)
    said = opening(page(row(Status.EXPIRING, days=9), LB, lineage=(newer,)), "u")
    assert said == "Replaced by api-2027. lb-west uses it still: move them with u."


def test_what_expires_is_ordered_anew_by_a_key() -> None:
    said = opening(page(row(Status.EXPIRING, days=29)), "u", "o")
    assert said.endswith("order a replacement with o, or put one that is here in its place with u.")


def test_an_entry_that_waits_for_its_order_leads_there() -> None:
    waiting = replace(page(row(Status.ERROR, days=0)), order_id=7)
    assert opening(waiting, "u", "o") == "Nothing was issued. Because. o goes to its order."


def test_the_strip_marks_what_is_due() -> None:
    facts = {stop.name: stop.fact for stop in stops(page(row(Status.EXPIRING, days=9), LB))}
    assert facts["deployed"] == "1 resource"
    assert facts["renew by hand"] == "due"
    assert facts["expires"] == "2026-11-29"


def revoked(authority: AuthorityKnows, **more: object) -> Certificate:
    """A revoked one, of which its authority knows so much."""
    revocation = Revocation(NOW, RevocationReason.SUPERSEDED, None, "ada", authority, **more)  # type: ignore[arg-type]
    return replace(page(row(Status.REVOKED, days=20)), revocation=revocation)


@pytest.mark.parametrize(
    ("authority", "ends"),
    [
        (AuthorityKnows.HERE, "nobody should trust it any more."),
        (AuthorityKnows.TOLD, "nobody should trust it any more."),
        (AuthorityKnows.PERSON_TOLD, "nobody should trust it any more."),
        (AuthorityKnows.NOT_TOLD, "CA not told: it is asked again."),
        (AuthorityKnows.PERSON, "CA not told: a person must tell it."),
    ],
)
def test_a_revoked_one_says_when_its_authority_does_not_know(authority: AuthorityKnows, ends: str) -> None:
    assert opening(revoked(authority), "u").endswith(ends)


def facts(certificate: Certificate) -> dict[str, Item]:
    """The first fact of each label."""
    found: dict[str, Item] = {}
    for item in overview(certificate, None, "u", NOW):
        found.setdefault(item.label, item)
    return found


def test_the_revocation_stands_among_the_facts() -> None:
    shown = facts(revoked(AuthorityKnows.NOT_TOLD, answer="No route to it.", attempts=3))
    assert shown["Revoked"].value == "2026-11-20 12:00 UTC by ada, superseded"
    assert (shown["CA knows"].value, shown["CA knows"].style) == ("not told", "bad")
    assert shown["It said"].value == "No route to it."
    assert shown["Auto-renew"].value == "no: it is revoked"


def test_what_was_ordered_leads_to_its_order_and_its_authority() -> None:
    ordered = replace(
        page(row(Status.ACTIVE, days=200)), authority="internal", authority_id=4, order_id=9, auto_renew_days=30,
        panel=(PanelLine("Issuing CA", "Issuing", "ok", "copied"),),
    )  # fmt: skip
    shown = facts(ordered)
    assert (shown["Authority"].value, shown["Authority"].target) == ("internal", ("authority", 4))
    assert (shown["Order"].value, shown["Order"].target) == ("9", ("order", 9))
    assert shown["Auto-renew"].value == "30 days before it expires, on 2027-05-09"
    assert (shown["Issuing CA"].value, shown["Issuing CA"].copy_text) == ("Issuing", "copied")
    assert [(stop.name, stop.fact) for stop in stops(ordered)][3] == ("renew by", "2027-05-09")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"auto_renew_days": 30}, "no: 30 days before it expires are set, but no authority"),
        ({"authority": "internal"}, "no: imported, no days set"),
        ({}, "no: imported, no authority set"),
    ],
)
def test_why_nothing_renews_it(more: dict[str, object], said: str) -> None:
    ready = replace(page(row(Status.ACTIVE, days=200)), **more)  # type: ignore[arg-type]
    assert facts(ready)["Auto-renew"].value == said
