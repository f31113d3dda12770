"""CAA: the rules of RFC 8659 and RFC 8657 by a table of their own examples, and values that nobody foresaw."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certtui.authorities.acme.caa import CaaRecord, Found, Issuer, climb, judge

ACCOUNT = "https://ca1.example.net/account/1"
CA1 = Issuer(("ca1.example.net", "ca1.example.org"), ACCOUNT, "dns-01")


def records(*lines: str, owner: str = "example.com", alias: str = "") -> Found:
    """Records as `0 issue ca1.example.net`, the value without quotes."""
    made = []
    for line in lines:
        flags, tag, *rest = line.split(" ", 2)
        made.append(CaaRecord(int(flags), tag, "".join(rest).encode()))
    return Found(owner, tuple(made), alias)


def test_the_climb_goes_from_the_name_to_its_top_level() -> None:
    assert climb("*.X.y.example.com.") == ("x.y.example.com", "y.example.com", "example.com", "com")


@pytest.mark.parametrize(
    ("name", "lines", "allowed"),
    [
        ("a.example.com", (), True),
        # RFC 8659, 4.2: the CA that is named, and no other.
        ("a.example.com", ("0 issue ca1.example.net",), True),
        ("a.example.com", ("0 ISSUE CA1.example.NET",), True),
        ("a.example.com", ("0 issue ca1.example.org",), True),
        ("a.example.com", ("0 issue ca2.example.org",), False),
        ("a.example.com", ("0 issue ca2.example.org", "0 issue ca1.example.net"), True),
        ("a.example.com", ("0 issue sub.ca1.example.net",), False),
        ("a.example.com", ("0 issue ;",), False),
        ("a.example.com", ("0 issue ",), False),
        ("a.example.com", ("0 issue  \t; ",), False),
        ("a.example.com", ("0 issue ;", "0 issue ca1.example.net"), True),
        # Parameters that nobody defined are the CA's business.
        ("a.example.com", ("0 issue ca1.example.net; account=230123",), True),
        ("a.example.com", ("0 issue   ca1.example.net \t;\ta = b ; c=",), True),
        # Values that the grammar does not know mean nobody, not everybody (4.4: "%%%%%").
        ("a.example.com", ("0 issue %%%%%",), False),
        ("a.example.com", ("0 issue ca1.example.net; a",), False),
        ("a.example.com", ("0 issue ca1.example.net; a=b;",), False),
        ("a.example.com", ("0 issue ca1.example.net; a=b c",), False),
        ("a.example.com", ("0 issue ca1.example.net.",), False),
        ("a.example.com", ("0 issue ca1 .example.net",), False),
        ("a.example.com", ("0 issue -ca1.example.net",), False),
        # 4.3: wildcards.
        ("*.example.com", ("0 issue ca1.example.net",), True),
        ("*.example.com", ("0 issue ca1.example.net", "0 issuewild ca2.example.org"), False),
        ("*.example.com", ("0 issue ca2.example.org", "0 issuewild ca1.example.net"), True),
        ("*.example.com", ("0 issue ca1.example.net", "0 issuewild ;"), False),
        ("a.example.com", ("0 issue ca1.example.net", "0 issuewild ;"), True),
        ("a.example.com", ("0 issuewild ca2.example.org",), True),
        ("a.example.com", ("0 issue ca2.example.org", "0 issuewild ca1.example.net"), False),
        # 4.4 and RFC 9495: where to complain, and e-mail, restrict no host name.
        ("a.example.com", ("0 iodef mailto:security@example.com", "0 issuemail ;"), True),
        ("a.example.com", ("128 iodef mailto:security@example.com",), True),
        # 4.5: critical flag.
        ("a.example.com", ("0 issue ca1.example.net", "128 tbs Unknown"), False),
        ("a.example.com", ("0 issue ca1.example.net", "0 tbs Unknown"), True),
        ("a.example.com", ("0 issue ca1.example.net", "1 tbs Unknown"), True),
        ("a.example.com", ("128 issue ca1.example.net",), True),
        # RFC 8657, 3.
        ("a.example.com", (f"0 issue ca1.example.net; accounturi={ACCOUNT}",), True),
        ("a.example.com", (f"0 issue ca1.example.net; AccountURI={ACCOUNT}",), True),
        ("a.example.com", (f"0 issue ca1.example.net; accounturi={ACCOUNT}2",), False),
        ("a.example.com", (f"0 issue ca1.example.net; accounturi={ACCOUNT.upper()}",), False),
        ("a.example.com", (f"0 issue ca1.example.net; accounturi={ACCOUNT}; accounturi={ACCOUNT}",), False),
        ("a.example.com", ("0 issue ca1.example.net; accounturi=",), False),
        ("a.example.com", ("0 issue ca1.example.net; accounturi=1234",), False),
        ("a.example.com", (f"0 issue ca1.example.net; accounturi={ACCOUNT}2", f"0 issue ca1.example.net; accounturi={ACCOUNT}"), True),
        # RFC 8657, 4.
        ("a.example.com", ("0 issue ca1.example.net; validationmethods=dns-01",), True),
        ("a.example.com", ("0 issue ca1.example.net; validationmethods=http-01,dns-01",), True),
        ("a.example.com", ("0 issue ca1.example.net; validationmethods=http-01,ca-nonacme",), False),
        ("a.example.com", ("0 issue ca1.example.net; validationmethods=",), False),
        ("a.example.com", ("0 issue ca1.example.net; validationmethods=dns-01,",), False),
        ("a.example.com", ("0 issue ca1.example.net; validationmethods=dns-01; validationmethods=dns-01",), False),
        ("a.example.com", (f"0 issue ca1.example.net; accounturi={ACCOUNT}; validationmethods=tls-alpn-01",), False),
    ],
)  # fmt: skip
def test_by_the_table(name: str, lines: tuple[str, ...], allowed: bool) -> None:
    verdict = judge(name, records(*lines), CA1)
    assert verdict.allowed is allowed, verdict
    assert bool(verdict.sentence) is not allowed


@pytest.mark.parametrize(
    ("name", "found", "sentence", "allow"),
    [
        (
            "www.example.com",
            records("0 issue digicert.com"),
            'example.com CAA 0 issue "digicert.com" forbids ca1.example.net to issue for www.example.com.',
            'example.com. 300 IN CAA 0 issue "ca1.example.net"',
        ),
        (
            "*.example.com",
            records("0 issue ca1.example.net", "0 issuewild ;"),
            'example.com CAA 0 issuewild ";" forbids every CA to issue for *.example.com.',
            'example.com. 300 IN CAA 0 issuewild "ca1.example.net"',
        ),
        (
            "shop.example.com",
            records("0 issue ;", "0 issue a.test", "0 issue b.test", owner="cdn.example.net", alias="shop.example.com"),
            'shop.example.com is an alias, and cdn.example.net CAA 0 issue "a.test" (as 2 more of its records) forbids '
            "ca1.example.net to issue for shop.example.com.",
            'cdn.example.net. 300 IN CAA 0 issue "ca1.example.net"',
        ),
        (
            "a.example.com",
            records("0 issue ca1.example.net; accounturi=https://x.test/2; validationmethods=dns-01"),
            'example.com CAA 0 issue "ca1.example.net; accounturi=https://x.test/2; validationmethods=dns-01" lets another '
            f"account order, not {ACCOUNT}, for a.example.com.",
            f'example.com. 300 IN CAA 0 issue "ca1.example.net; accounturi={ACCOUNT}; validationmethods=dns-01"',
        ),
        (
            "a.example.com",
            records("0 issue ca1.example.net; validationmethods=http-01,tls-alpn-01"),
            'example.com CAA 0 issue "ca1.example.net; validationmethods=http-01,tls-alpn-01" lets names be proved by '
            "http-01, tls-alpn-01 alone, not by dns-01, for a.example.com.",
            'example.com. 300 IN CAA 0 issue "ca1.example.net; validationmethods=dns-01"',
        ),
        (
            "a.example.com",
            records('0 issue "x'),
            r'example.com CAA 0 issue "\"x" is not written as RFC 8659 has it, and so forbids every CA to issue for '
            "a.example.com.",
            'example.com. 300 IN CAA 0 issue "ca1.example.net"',
        ),
        (
            "a.example.com",
            records("128 tbs Unknown"),
            'example.com CAA 128 tbs "Unknown" is marked critical, and no CA knows the tag tbs: nobody may issue for '
            "a.example.com while it stands.",
            "",
        ),
    ],
)
def test_what_forbids_is_named_with_what_would_allow(name: str, found: Found, sentence: str, allow: str) -> None:
    verdict = judge(name, found, CA1)
    assert (verdict.sentence, verdict.allow) == (sentence, allow)


ISSUED = st.builds(
    CaaRecord, st.integers(0, 255), st.sampled_from(["issue", "issuewild", "Issue", "iodef", "tbs"]), st.binary(max_size=60)
)  # fmt: skip
TYPED = st.text("ca1.example.net;= \taccounturi-,%", max_size=60).map(lambda text: CaaRecord(0, "issue", text.encode()))


@given(st.lists(ISSUED | TYPED, max_size=5), st.sampled_from(["a.example.com", "*.example.com"]))
def test_whatever_stands_there_the_record_that_is_offered_allows(made: list[CaaRecord], name: str) -> None:
    verdict = judge(name, Found("example.com", tuple(made)), CA1)
    assert verdict.allowed is not bool(verdict.sentence)
    if verdict.allow:
        value = verdict.allow.partition(' "')[2][:-1].encode()
        tag = verdict.allow.split()[5]
        assert judge(name, Found("example.com", (*made, CaaRecord(0, tag, value))), CA1).allowed


@given(st.lists(TYPED, max_size=4))
def test_a_ca_that_nobody_names_is_let_in_only_where_nothing_is_said(made: list[CaaRecord]) -> None:
    stranger = Issuer(("stranger.example",), "", "dns-01")
    assert judge("a.example.com", Found("example.com", tuple(made)), stranger).allowed is not bool(made)
