"""Names within domains: the rule in Python, and the same rule as the database has it."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certtui.backend.local.access_sql import condition_of
from certtui.backend.local.certificate_values import joined
from certtui.backend.local.read.dialect import install
from certtui.errors import Invalid
from certtui.model.access import Access, Role
from certtui.model.domains import checked_domain, domain_of, forks, names_of, outside, reversed_name, within

LABELS = st.sampled_from(["a", "b", "com", "example", "*", "xn--kln-sna", "köln", "A", "-", "é", "a/", "a-b", ""])
NAMES = st.lists(LABELS, min_size=1, max_size=4).map(".".join)
SANS = st.lists(
    st.one_of(NAMES.map("DNS:{}".format), st.sampled_from(["IP:10.0.0.1", "EMAIL:a@b.com", "URI:x://b.com", "DNS:"])),
    max_size=4,
)
DOMAINS = st.lists(
    st.lists(st.sampled_from(["a", "b", "com", "example", "xn--kln-sna"]), min_size=1, max_size=3).map(".".join),
    min_size=1,
    max_size=3,
)
CONNECTION = sqlite3.connect(":memory:", check_same_thread=False)
install(CONNECTION)


@pytest.mark.parametrize(
    ("sans", "domains", "fits"),
    [
        (["DNS:example.com"], ["example.com"], True),
        (["DNS:www.example.com", "DNS:Example.COM."], ["example.com"], True),
        (["DNS:*.example.com"], ["example.com"], True),
        (["DNS:*.example.com"], ["www.example.com"], False),
        (["DNS:badexample.com"], ["example.com"], False),
        (["DNS:example.com.evil.test"], ["example.com"], False),
        (["DNS:example.com", "DNS:example.net"], ["example.com"], False),
        (["DNS:example.com", "DNS:example.net"], ["example.com", "example.net"], True),
        (["DNS:example.com", "IP:192.0.2.1"], ["example.com"], True),
        (["IP:192.0.2.1"], ["example.com"], False),
        (["EMAIL:a@example.com"], ["example.com"], False),
        (["DNS:köln.example"], ["xn--kln-sna.example"], True),
        (["DNS:example.com\nDNS:evil.test"], ["example.com"], False),
        (["DNS:"], ["example.com"], False),
        ([], ["example.com"], False),
    ],
)
def test_all_names_lie_within_or_the_entry_does_not(sans: list[str], domains: list[str], fits: bool) -> None:
    assert within(sans, "example.com" if sans else "", domains) is fits


def test_the_common_name_counts_only_where_there_is_no_other_name() -> None:
    assert names_of((), "www.example.com") == ("www.example.com",)
    assert names_of(("IP:192.0.2.1",), "www.example.com") == ()
    assert within((), "www.example.com", ["example.com"])
    assert not within((), "Example Root CA", ["example.com"])


@given(SANS, st.one_of(st.just(""), NAMES), DOMAINS)
def test_the_database_finds_what_the_rule_finds(sans: list[str], common_name: str, domains: list[str]) -> None:
    condition, parameters = condition_of(Access(Role.VIEWER, domains=tuple(domains)))
    row = "SELECT ? AS sans, ? AS common_name, ? AS domain"
    [(found,)] = CONNECTION.execute(
        f"SELECT count(*) FROM ({row}) WHERE {condition}",
        (joined(sans), common_name, domain_of(sans, common_name), *parameters),
    )
    assert bool(found) is within(sans, common_name, domains)


@given(st.lists(NAMES, min_size=1, max_size=4))
def test_the_common_domain_is_the_deepest_that_holds_all_names(names: list[str]) -> None:
    common = domain_of([f"DNS:{name}" for name in names], "")
    assert all(reversed_name(name).startswith(common) for name in names)
    first = reversed_name(names[0])
    if first != common:
        deeper = common + first[len(common) :].partition(".")[0] + "."
        assert not all(reversed_name(name).startswith(deeper) for name in names)


def test_names_are_looked_at_one_by_one_only_where_domains_meet() -> None:
    assert forks(["example.com"]) == ()
    assert forks(["a.example.com", "b.example.com"]) == ("com.example.",)
    assert forks(["example.com", "a.example.com"]) == ()
    assert forks(["example.com", "example.net"]) == ("",)


@pytest.mark.parametrize("raw", ["Example.COM", " example.com. ", "example.com"])
def test_a_domain_has_one_spelling(raw: str) -> None:
    assert checked_domain(raw) == "example.com"
    assert checked_domain("Köln.example") == "xn--kln-sna.example"
    assert outside(["a.example.com"], [checked_domain(raw)]) == []


@pytest.mark.parametrize("raw", ["", ".", "a..b", "*.example.com", "exa mple", "a" * 64, ".example.com", "a/b"])
def test_what_is_no_domain_is_refused(raw: str) -> None:
    with pytest.raises(Invalid):
        checked_domain(raw)
