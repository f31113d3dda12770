"""The filter language: what is read, what is refused and where, and that writing it gives the same terms again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certtui.model.filter_fields import AUDIT, CERTIFICATE, RESOURCE, Field, Kind
from certtui.model.filters import FilterError, Term, Value, date_period, format_filter, parse


def term(key: str, *values: str, op: str = ":", negated: bool = False, quoted: bool = False) -> Term:
    return Term(key, op, tuple(Value(value, quoted) for value in values), negated)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("   ", ()),
        ("api", (term("", "api"),)),
        ("!host", (term("", "host", negated=True),)),
        ("api west", (term("", "api"), term("", "west"))),
        ('"api west"', (term("", "api west", quoted=True),)),
        ("status:expired,expiring", (term("status", "expired", "expiring"),)),
        ("STATUS:Expired", (term("status", "expired"),)),
        ("status:not-yet-valid", (term("status", "not_yet_valid"),)),
        ("days<30", (term("days", "30", op="<"),)),
        ("days>=-5", (term("days", "-5", op=">="),)),
        ("days=7d", (term("days", "7"),)),
        ("expires<=2027-03", (term("expires", "2027-03", op="<="),)),
        ("not_after:2027", (term("expires", "2027"),)),
        ("san:*.example.com", (term("san", "*.example.com"),)),
        ('san:"*.example.com"', (term("san", "*.example.com", quoted=True),)),
        ('issuer:"Let\'s Encrypt, R3"', (term("issuer", "Let's Encrypt, R3", quoted=True),)),
        (r'name:"a \"b\" \\ c"', (term("name", r'a "b" \ c', quoted=True),)),
        (r"name:a\b", (term("name", r"a\b"),)),
        ('group:"",payments', (Term("group", ":", (Value("", True), Value("payments"))),)),
        ("unused", (Term("unused"),)),
        ("!USED", (Term("used", negated=True),)),
        ('"unused"', (term("", "unused", quoted=True),)),
        ("unused,used", (term("", "unused", "used"),)),
        ("cn=www", (term("cn", "www"),)),
        ("fingerprint:AA:BB:0c", (term("fingerprint", "aabb0c"),)),
        ("AA:BB:CC", (term("", "AA:BB:CC"),)),
        ("2001:db8::1", (term("", "2001:db8::1"),)),
        ("naïve-köln.example", (term("", "naïve-köln.example"),)),
        ("a!b", (term("", "a!b"),)),
        ("-x", (term("", "-x"),)),
    ],
)
def test_a_text_is_read_as_these_terms(text: str, expected: tuple[Term, ...]) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "at", "says"),
    [
        ("staus:expired", "staus", "Did you mean `status`?"),
        ("x status:expird", "expird", "Did you mean `expired`? Allowed: draft, pending, active"),
        ("O=Acme", "O", 'quote it: "O=Acme"'),
        ("status:", "status:", "needs a value"),
        ("status:expired,", ",", "missing beside the comma"),
        ("status:,expired", ":", "missing beside the comma"),
        ("status<expired", "<", "has no order"),
        ("days<soon", "soon", "is no number"),
        ("days<1,2", "1,2", "compares with one value"),
        ("expires:2027-13", "2027-13", "YYYY-MM-DD"),
        ("expires:2027-02-29", "2027-02-29", "is no date"),
        ("has:cert", "cert", "Allowed: key, csr"),
        ("is:root", "root", "Allowed: ca, self-signed"),
        ("fingerprint:xyz", "xyz", "no hexadecimal number"),
        ("unused:1", "unused:", "takes no value"),
        ('api name:"open', '"open', "not closed"),
        ('name:a"b"', 'name:a"', "middle of a value"),
        ("!", "!", "excludes it"),
        ("!!api", "!!", "excludes twice"),
        ('""', '""', "finds nothing"),
        ("id:none", "none", "is no number"),
        ("caf\udce9", "\udce9", "not text"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place_and_what_to_do(text: str, at: str, says: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse(text)
    assert text[caught.value.start : caught.value.end] == at
    assert says in str(caught.value)
    assert caught.value.field == "filter"


def test_each_list_has_its_own_keys() -> None:
    assert parse("type:lb", RESOURCE) == (term("type", "load-balancer"),)
    assert parse("since:2027-01 actor:root", AUDIT) == (term("since", "2027-01"), term("actor", "root"))
    with pytest.raises(FilterError):
        parse("status:expired", RESOURCE)
    with pytest.raises(FilterError, match="no order"):
        parse("since<2027", AUDIT)


def test_a_filter_longer_than_a_person_writes_is_refused() -> None:
    with pytest.raises(FilterError, match="longer than"):
        parse("a " * 10_000)


def test_a_month_is_its_first_instant_to_the_first_of_the_next() -> None:
    assert date_period("1970-01") == (0, 31 * 86_400)
    assert date_period("2024-02-29") == (1_709_164_800, 1_709_251_200)
    assert date_period("9999-12-31") == (253_402_214_400, 253_402_300_800)
    assert date_period("1950") == (-631_152_000, -599_616_000)
    assert date_period("２０２７") is None


# --- properties -------------------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    ["status:", "expired", "days", "<", ">=", "30", " ", "!", ",", '"', "\\", ":", "=", "san:", "*", "unused", "é",
     "expires:", "2027-03", "\n", "xn--", "group:", '""', "fingerprint:", "ab", "\x00", "\u202e"]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=30), st.lists(PIECES, max_size=12).map("".join))


def problem_of(text: str) -> FilterError | None:
    try:
        parse(text)
    except FilterError as error:
        return error
    return None


@given(TEXTS)
def test_the_parser_raises_nothing_but_its_own_error(text: str) -> None:
    error = problem_of(text)
    assert error is None or (0 <= error.start <= error.end <= len(text) and error.hint)


@given(TEXTS)
def test_what_was_read_is_written_so_that_it_reads_the_same(text: str) -> None:
    try:
        terms = parse(text)
    except FilterError:
        return
    assert parse(format_filter(terms)) == terms


def bare_values() -> st.SearchStrategy[str]:
    return st.text(
        st.characters(blacklist_categories=("Cs",), blacklist_characters='",:=<>!'), min_size=1, max_size=8
    ).filter(lambda text: not any(char.isspace() for char in text))


def values_of(field: Field) -> st.SearchStrategy[Value]:
    match field.kind:
        case Kind.ENUM:
            return st.sampled_from(field.values).map(Value)
        case Kind.DAYS | Kind.NUMBER | Kind.COUNT:
            return st.integers(-9999, 9999).map(lambda number: Value(str(number)))
        case Kind.DATE:
            return st.dates().map(lambda day: Value(day.isoformat()))
        case Kind.HEX:
            return st.text("0123456789abcdef", min_size=1, max_size=8).map(Value)
        case _:
            return st.one_of(bare_values().map(Value), st.text(max_size=8).map(lambda text: Value(text, True)))


@st.composite
def terms(draw: st.DrawFn) -> Term:
    field = draw(st.sampled_from([each for each in CERTIFICATE.values() if each.kind != Kind.FLAG]))
    operator = draw(st.sampled_from((":", "<", "<=", ">", ">="))) if field.ordered else ":"
    count = 1 if operator != ":" else draw(st.integers(1, 3))
    return Term(field.key, operator, tuple(draw(values_of(field)) for _ in range(count)), draw(st.booleans()))


@given(st.lists(terms(), max_size=4).map(tuple))
def test_terms_survive_being_written_and_read(filter_terms: tuple[Term, ...]) -> None:
    assert parse(format_filter(filter_terms)) == filter_terms
