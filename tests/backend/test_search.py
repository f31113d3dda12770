"""What each key of the inventory's filter finds, asked through the bare driver's SQL."""

from __future__ import annotations

import sqlite3
from datetime import datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from certtui.backend.local.read import leading
from certtui.backend.local.read.certificates import certificate_plan
from certtui.backend.local.read.listing import all_ids
from certtui.backend.local.read.status_conditions import PRECEDENCE, status_is
from certtui.clock import from_epoch
from certtui.errors import Invalid
from certtui.model.query import Query, Sort
from certtui.model.status import Status, status_of
from tests.backend.rows import DAY, NOW, database, seconds

ROWS = [
    {"name": "api", "common_name": "api.example.com", "sans": "DNS:api.example.com\nDNS:api2.example.com\nIP:10.0.0.7",
     "business_group": "Payments", "key_algorithm": "rsa-2048", "signature_digest": "sha256", "has_private_key": 1,
     "issuer": "CN=R3,O=Let's Encrypt,C=US", "issuer_name": "R3", "source": "imported", "provider": "acme",
     "fingerprint_sha256": "ab" * 32, "fingerprint_sha1": "cd" * 20, "serial_number": "a1b2c3d4e5f6",
     "resources": ("lb-west", "edge"), "contact_email": "ops@example.com", "subject": "CN=api.example.com"},
    {"name": "Wild", "common_name": "*.example.com", "sans": "DNS:*.example.com", "business_group": "payments",
     "key_algorithm": "ec-256", "signature_digest": "sha384", "issuer": "CN=R31,O=Acme\\, Inc.,C=US", "source": "discovered",
     "fingerprint_sha256": "ac" * 32, "not_after": NOW + 5 * DAY, "resources": ("LB-West-2",), "issuer_name": "R31"},
    {"name": "köln", "common_name": "xn--kln-sna.example",
     "sans": "DNS:xn--kln-sna.example\nDNS:www.xn--kln-sna.example\nDNS:xn--kln-sna.xn--bcher-kva.example",
     "business_group": "MÜNCHEN", "key_algorithm": "rsa-4096", "not_after": NOW - 3 * DAY, "source": "managed",
     "issuer": "CN=Köln CA,O=Stadt Köln", "issuer_name": "Köln CA", "description": "100% of it_all \"now\" 'or' never"},
    {"name": "draft", "state": "draft", "business_group": "", "has_csr": 1, "subject": "CN=shop.example.com,O=Acme"},
    {"name": "root", "is_ca": 1, "self_issued": 1, "key_algorithm": "ed25519", "not_after": seconds("2046-01-01"),
     "not_before": seconds("2020-02-29"), "created_at": seconds("2026-12-31T23:59:59"), "issuer": "CN=root"},
    {"name": "gone", "revoked_at": NOW - DAY, "business_group": "web", "common_name": "gone.example.net"},
]  # fmt: skip


@pytest.fixture(scope="module")
def store() -> sqlite3.Connection:
    return database(ROWS)


def found(connection: sqlite3.Connection, text: str, sort: str = "id") -> list[int]:
    plan = certificate_plan(connection, Query(text, Sort.parse(sort)), NOW)
    return [row_id for batch in all_ids(connection, plan) for row_id in batch]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", "api Wild köln draft root gone"),
        ("api", "api"),
        ("API", "api"),
        ("xample.co", "api Wild draft"),
        ("ap", "api"),
        ("a", "api Wild köln draft gone"),
        ("api2 10.0.0.7", "api"),
        ("api,gone", "api gone"),
        ("!example", "root"),
        ("köln", "köln"),
        ("KÖLN.EXAMPLE", "köln"),
        ("xn--kln-sna", "köln"),
        ("100%", "köln"),
        ("it_all", "köln"),
        ("0_0", ""),
        ("%", "köln"),
        ('"\\"now\\""', "köln"),
        ("'or'", "köln"),
        ("abababab", "api"),
        ("AB:AB:AB:AB:AB", "api"),
        ("a1b2c3d4", "api"),
        ("status:expired", "köln"),
        ("status:expiring,revoked", "Wild gone"),
        ("status:active", "api root"),
        ("status:draft", "draft"),
        ("!status:draft", "api Wild köln root gone"),
        ("group:payments", "api Wild"),
        ("group:pay*", "api Wild"),
        ("group:pay", ""),
        ("group:münchen", "köln"),
        ("group:mün*", "köln"),
        ('group:""', "draft root"),
        ("resource:lb-west", "api"),
        ("resource:lb-*", "api Wild"),
        ("unused", "köln draft root gone"),
        ("used", "api Wild"),
        ("days<30", "Wild köln"),
        ("days:5", "Wild"),
        ("days>5 days<=335", "api gone"),
        ("days:-3", "köln"),
        ("!days<30", "api draft root gone"),
        ("expires:2046", "root"),
        ("expires>2045-12-31", "root"),
        ("expires>=2046-01-02", ""),
        ("valid_from:2020-02", "root"),
        ("valid_from<=2020-02-29", "root"),
        ("created:2026-12-31", "root"),
        ("created<2027", "root"),
        ("created>=2027", "api Wild köln draft gone"),
        ("san:*.example.com", "api Wild"),
        ('san:"*.example.com"', "Wild"),
        ("san:api?.example.com", "api"),
        ("san:api*2.example.com", "api"),
        ("san:*api*7", ""),
        ("san:10.0.0.*", "api"),
        ("san:ip:10.*", "api"),
        ("san:dns:10.*", ""),
        ("san:API.example.com", "api"),
        ("san:köln.example", "köln"),
        ("san:*.KÖLN.example", "köln"),
        ("san:*köl*", "köln"),
        ("san:köln.xn--bcher-kva.example", "köln"),
        ("san:xn--kln-sna.example", "köln"),
        ("san:example.com", ""),
        ('san:""', "draft root gone"),
        ("cn:*.example.com", "api Wild"),
        ("cn:köln.example", "köln"),
        ("cn:k*ln.*", "köln"),
        ("name:W", "Wild"),
        ("name:wild", "Wild"),
        ('name:"wil"', ""),
        ("name:*l?", "Wild köln"),
        ("name:KÖ", "köln"),
        ("issuer:R3", "api Wild"),
        ('issuer:"R3"', "api"),
        ('issuer:"CN=R3"', "api"),
        ('issuer:"Acme, Inc."', "Wild"),
        ('issuer:"Inc."', ""),
        ('issuer:"Let\'s Encrypt"', "api"),
        ("issuer:*encrypt", "api"),
        ("issuer:encrypt", "api"),
        ('issuer:"köln ca"', "köln"),
        ('subject:"O=Acme"', "draft"),
        ('subject:"C=Acme"', ""),
        ('subject:"CN=shop.example.com,O=Acme"', "draft"),
        ("serial:A1:B2", "api"),
        ("serial:00a1b2c3", "api"),
        ("fingerprint:ab", "api"),
        ("fingerprint:a", "api Wild"),
        ("fingerprint:" + "cd" * 20, "api"),
        ("key:rsa-*", "api köln"),
        ("key:ed25519,EC-256", "Wild root"),
        ("digest:sha3*", "Wild"),
        ("has:key", "api"),
        ("has:csr", "draft"),
        ("is:ca", "root"),
        ("!is:self-signed used", "api Wild"),
        ("source:discovered", "Wild"),
        ("provider:acme", "api"),
        ("contact:*@example.com", "api"),
        ("id:2,4", "Wild draft"),
        ("days<30 !status:expired group:payments", "Wild"),
    ],
)  # fmt: skip
def test_a_filter_finds_these_entries(store: sqlite3.Connection, text: str, names: str) -> None:
    assert [ROWS[row_id - 1]["name"] for row_id in found(store, text)] == names.split()


def test_what_is_typed_never_becomes_sql(store: sqlite3.Connection) -> None:
    for hostile in (
        "'; DROP TABLE certificate; --",
        '" OR 1=1',
        'x" OR "',
        "NEAR(a b)",
        "a*",
        "col:",
        "\\%",
        "%' OR '1'='1",
    ):
        quoted = '"' + hostile.replace("\\", "\\\\").replace('"', '\\"') + '"'
        for key in ("", "name:", "group:", "san:", "cn:", "issuer:", "resource:", "contact:", "key:"):
            assert found(store, key + quoted) == []


def test_an_unknown_sort_field_is_refused_with_those_that_are_known(store: sqlite3.Connection) -> None:
    with pytest.raises(Invalid) as refused:
        found(store, "", "size")
    assert refused.value.field == "sort"
    assert "not_after" in refused.value.hint


def test_a_pattern_with_many_wildcards_takes_no_time_on_a_long_name() -> None:
    connection = database([{"sans": "DNS:" + "a" * 20_000}])
    assert found(connection, "san:" + "*a" * 15 + "*b") == []
    assert found(connection, "san:" + "*a" * 15 + "*") == [1]


@pytest.mark.parametrize(
    "text",
    ["a " * 2_000, ",".join("a" * 499), " ".join(f"!san:x{number}*" for number in range(300)),
     "cn:" + ",".join(f"a*b{number}" for number in range(480)), "id:" + ",".join(map(str, range(500))),
     "status:" + ",".join(["active", "expired", "draft"] * 160)],
)  # fmt: skip
def test_the_longest_filters_that_parse_run(store: sqlite3.Connection, text: str) -> None:
    assert len(found(store, text)) in range(len(ROWS) + 1)


def test_names_with_control_characters_are_found_by_what_shows() -> None:
    connection = database([{"common_name": "a\x00b\x1b]52;c;x\x07"}])
    assert found(connection, '"a b"') == found(connection, "cn:a?b*") == [1]


# --- properties -------------------------------------------------------------------------------------------------------

INSTANTS = st.integers(-5, 5).map(lambda days: NOW + days * DAY) | st.sampled_from([NOW - 1, NOW, NOW + 1])
X509 = st.tuples(INSTANTS, INSTANTS, st.none() | INSTANTS).map(
    lambda times: {"state": "", "not_before": times[0], "not_after": times[1], "expiring_from": times[2]}
)
WITHOUT = st.sampled_from(["", "draft", "pending", "error"]).map(
    lambda state: {"state": state, "not_before": None, "not_after": None, "expiring_from": None}
)
FACTS = st.tuples(X509 | WITHOUT, st.none() | INSTANTS).map(lambda both: {**both[0], "revoked_at": both[1]})


def instant(value: int | None) -> datetime | None:
    return None if value is None else from_epoch(value)


@settings(max_examples=60)
@given(st.lists(FACTS, min_size=1, max_size=12))
@example([{"state": "", "not_before": NOW, "not_after": NOW, "expiring_from": NOW, "revoked_at": NOW}])
def test_sql_and_the_model_agree_on_every_status(rows: list[dict[str, int | str | None]]) -> None:
    connection = database(rows)
    for row_id, facts in enumerate(rows, 1):
        expected = status_of(
            now=from_epoch(NOW),
            state=str(facts["state"]),
            revoked_at=instant(facts["revoked_at"]),
            not_before=instant(facts["not_before"]),
            not_after=instant(facts["not_after"]),
            expiring_at=instant(facts["expiring_from"]),
        )
        for status in Status:
            text, parameters = status_is([status], NOW)
            sql = f"SELECT count(*) FROM certificate WHERE id = ? AND ({text})"
            assert connection.execute(sql, (row_id, *parameters)).fetchone() == (int(status == expected),), status


def test_every_status_has_its_place_in_the_order() -> None:
    assert sorted(PRECEDENCE) == sorted(Status)


TERMS = st.sampled_from(
    ["api", "ex", "example", "status:active,expiring", "status:expired", "days<30", "days>=5", "group:payments", "unused",
     "san:*.example.com", "name:a", 'issuer:"R3"', "expires:2027", "created>2026", "resource:lb-*", "key:rsa-*", "id:1,3",
     "fingerprint:a", "cn:*köln*", "subject:acme", "serial:a"]
)  # fmt: skip
SORTS = st.sampled_from(["name", "-status", "not_after", "-group", "created", "resources", "id", "-common_name"])


@settings(max_examples=60)
@given(TERMS)
def test_a_term_and_its_opposite_part_the_list(term: str) -> None:
    connection = database(ROWS)
    taken, left = found(connection, term), found(connection, "!" + term)
    assert sorted(taken + left) == list(range(1, len(ROWS) + 1))


@settings(max_examples=60)
@given(st.lists(TERMS, max_size=3), SORTS)
def test_a_query_finds_the_same_whichever_way_round_it_runs(filter_terms: list[str], sort: str) -> None:
    connection = database(ROWS)
    text = " ".join(filter_terms)
    led = found(connection, text, sort)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(leading, "FEW_IN_ORDER", -1)
        patch.setattr(leading, "FEW_SCATTERED", -1)
        assert found(connection, text, sort) == led
