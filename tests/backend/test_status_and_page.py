"""The page of one entry: what status, why, and the chain it hangs on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certtui.clock import epoch, from_epoch
from certtui.errors import NotFound
from certtui.model.csr import CsrRequest, SubjectFields
from certtui.model.status import ExpiringRule, Status, expiring_from, expiring_from_seconds
from tests.backend.entries import add, cert
from tests.certs import NOW, make_chain


@pytest.mark.parametrize(
    ("validity", "status", "words"),
    [
        ({"days": 395}, Status.ACTIVE, ["364 days left"]),
        ({"days": 115}, Status.EXPIRING, ["84 days left", "less than 90 days"]),
        (
            {"not_before": NOW - timedelta(days=40), "days": 47},
            Status.EXPIRING,
            ["6 days left", "47 days", "last third"],
        ),
        ({"not_before": NOW - timedelta(days=10), "days": 47}, Status.ACTIVE, ["36 days left"]),
        ({"not_after": NOW - timedelta(days=3)}, Status.EXPIRED, ["2026-06-12", "3 days ago"]),
        ({"not_after": NOW - timedelta(hours=2)}, Status.EXPIRED, ["less than a day ago"]),
        ({"not_before": NOW + timedelta(days=2)}, Status.NOT_YET_VALID, ["2026-06-17"]),
        ({"not_after": NOW + timedelta(hours=2)}, Status.EXPIRING, ["Less than a day left"]),
    ],
)
def test_the_status_comes_with_its_reason(backend, validity, status: Status, words: list[str]) -> None:
    page = backend.certificates.get(add(backend, cert("www.example.com", **validity)).id)
    assert page.row.status is status
    for word in words:
        assert word in page.status_reason
    assert page.status_reason.endswith(".")


def test_a_saved_csr_says_what_it_waits_for(backend) -> None:
    saved = backend.csrs.create(CsrRequest(SubjectFields(common_name="www.example.com")))
    assert "signed certificate" in backend.certificates.get(saved.id).status_reason


def test_the_status_follows_the_clock(backend, harness) -> None:
    outcome = add(backend, cert())
    harness.clock.advance(days=400)
    page = backend.certificates.get(outcome.id)
    assert (page.row.status, page.row.days_remaining) == (Status.EXPIRED, -66)


def test_the_page_says_from_when_it_counts_as_expiring(backend) -> None:
    page = backend.certificates.get(add(backend, cert("www.example.com", days=395)).id)
    row = page.row
    assert page.expiring_at == expiring_from(row.not_before, row.not_after, ExpiringRule())


def test_what_has_no_certificate_yet_never_counts_as_expiring(backend) -> None:
    saved = backend.csrs.create(CsrRequest(SubjectFields(common_name="www.example.com")))
    assert backend.certificates.get(saved.id).expiring_at is None


def test_a_path_through_the_inventory_is_found(backend) -> None:
    leaf, issuing, root = make_chain()
    outcome = add(backend, leaf)
    incomplete = backend.certificates.chain(outcome.id)
    assert incomplete.paths[0].problem
    add(backend, issuing)
    add(backend, root)
    links = backend.certificates.chain(outcome.id).paths[0].links
    assert [link.fingerprint_sha256 for link in links] == [
        root.facts.fingerprint_sha256,
        issuing.facts.fingerprint_sha256,
        leaf.facts.fingerprint_sha256,
    ]
    assert [link.found_in for link in links[:2]] == ["inventory", "inventory"]


def test_a_path_through_its_own_chain_material_is_found(backend) -> None:
    leaf, issuing, root = make_chain()
    outcome = add(backend, leaf, chain=(issuing, root))
    links = backend.certificates.chain(outcome.id).paths[0].links
    assert [link.found_in for link in links[:2]] == ["chain", "chain"]


def test_no_certificate_has_no_chain(backend) -> None:
    saved = backend.csrs.create(CsrRequest(SubjectFields(common_name="www.example.com")))
    for missing in (saved.id, 99):
        with pytest.raises(NotFound):
            backend.certificates.chain(missing)


instants = st.integers(-2_208_988_800, 32_503_680_000)


@given(instants, st.integers(0, 400_000_000), st.integers(1, 400), st.integers(1, 400))
def test_the_rule_in_seconds_is_the_rule(begins: int, lives: int, days: int, short: int) -> None:
    rule = ExpiringRule(days, short)
    ends = begins + lives
    assert expiring_from_seconds(begins, ends, rule) == epoch(expiring_from(from_epoch(begins), from_epoch(ends), rule))
