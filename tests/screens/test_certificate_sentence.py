"""The opening sentence of a certificate's page, status by status: the state, and what to do next."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from certtui.model.certificate import Certificate, CertificateRow, LineageEntry, ResourceRef
from certtui.model.lifecycle import Lifecycle, LifeEvent
from certtui.model.panel import PanelLine
from certtui.model.revocation import AuthorityKnows, Revocation, RevocationReason
from certtui.model.status import Status
from certtui.screens.certificate_life import done, next_step, stops
from certtui.screens.certificate_overview import opening, overview
from certtui.text import cells
from certtui.widgets.fields import Item
from certtui.widgets.lifecycle_strip import strip_lines
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
    facts = {stop.name: stop.fact for stop in stops(page(row(Status.EXPIRING, days=9), LB), NOW)}
    assert facts["deployed"] == "1 resource"
    assert facts["renew by hand"] == "due"
    assert facts["expires"] == "2026-11-29"


NEWER = LineageEntry(2, "api-2027", "renewal", Status.ACTIVE, NOW, NOW + timedelta(days=300))
WATCHED = Lifecycle(
    (
        LifeEvent(NOW - timedelta(days=1), "deployed", "associated with lb-west", "ada"),
        LifeEvent(NOW - timedelta(days=2), "issued", "came into the inventory"),
    ),
    (90, 60, 30, 14, 7), NOW - timedelta(days=1), 4, NOW - timedelta(hours=2), None,
)  # fmt: skip


def test_under_the_stops_stands_since_when() -> None:
    certificate = replace(page(row(Status.EXPIRING, days=29, hours=1), LB), life=WATCHED)
    said = {stop.name: (stop.fact, stop.more) for stop in stops(certificate, NOW)}
    assert said["deployed"] == ("1 resource", "since 2026-11-19")
    assert said["watched"] == ("90 60 30 14 …", "alert 2026-11-20")
    assert said["expires"] == ("2026-12-19", "in 29 d")
    shown = strip_lines(stops(certificate, NOW), 77)
    assert len(shown) == 3
    assert {sum(cells(part) for part, _ in line) <= 77 for line in shown} == {True}


def test_a_renewed_and_a_revoked_one_end_their_strip_so() -> None:
    renewed = replace(page(row(Status.EXPIRING, days=9), lineage=(NEWER,)), life=replace(WATCHED, renewed_at=NOW))
    assert [(stop.name, stop.fact, stop.more) for stop in stops(renewed, NOW)][3] == (
        "renewed", "2026-11-20", "by api-2027",
    )  # fmt: skip
    assert stops(revoked(AuthorityKnows.HERE), NOW)[-1][:2] == ("revoked", "2026-11-20")
    assert stops(revoked(AuthorityKnows.HERE), NOW)[-1].more == "superseded"


@pytest.mark.parametrize(
    ("certificate", "says"),
    [
        (page(row(Status.ACTIVE, days=89)), "On 2026-12-19 an alert is raised, 60 days before it expires."),
        (page(row(Status.EXPIRING, days=5), LB), "On 2026-11-25 it expires, and lb-west breaks."),
        (page(row(Status.EXPIRED, days=-5), LB), "lb-west needs another one."),
        (page(row(Status.EXPIRED, days=-5)), "Nothing; it can be deleted."),
        (page(row(Status.EXPIRING, days=5), LB, lineage=(NEWER,)), "lb-west has to be given api-2027."),
        (page(row(Status.REVOKED, days=5)), "Nothing: it is used by nothing known here, and can be deleted."),
        (page(row(Status.NOT_YET_VALID, days=95)), "It becomes valid on 2026-11-25."),
        (
            replace(page(row(Status.EXPIRING, days=29)), authority="internal", auto_renew_days=20),
            "On 2026-11-29 internal renews it.",
        ),
        (
            # At that very instant an alert would be raised too.
            replace(page(row(Status.EXPIRING, days=29)), authority="internal", auto_renew_days=14),
            "On 2026-12-05 internal renews it.",
        ),
        (
            replace(page(row(Status.EXPIRING, days=19)), authority="internal", auto_renew_days=20),
            "internal is to renew it, since 2026-11-19.",
        ),
    ],
)
def test_what_is_next_is_one_sentence(certificate: Certificate, says: str) -> None:
    assert next_step(replace(certificate, life=WATCHED), NOW) == says


def test_what_was_done_is_told_with_who_did_it() -> None:
    items = done(replace(page(row(Status.EXPIRING, days=29), LB), life=WATCHED))
    assert [(item.label, item.value) for item in items if item.label] == [
        ("2026-11-19", "associated with lb-west, by ada"),
        ("2026-11-18", "came into the inventory"),
        ("2026-11-20", "an alert on its end is open"),
    ]
    assert done(page(row(Status.EXPIRING, days=29))) == []


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
    assert [(stop.name, stop.fact) for stop in stops(ordered, NOW)][3] == ("renew by", "2027-05-09")


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
