"""Name patterns of policies: what covers a name, what touches it, and that no pattern takes long."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certtui.errors import Invalid
from certtui.model.policy_names import checked_pattern, covered, fits, name_of, touching


@pytest.mark.parametrize(
    ("pattern", "name", "covers", "touches"),
    [
        ("example.com", "DNS:example.com", True, True),
        ("example.com", "DNS:Example.COM.", True, True),
        ("example.com", "DNS:www.example.com", False, False),
        ("*.example.com", "DNS:www.example.com", True, True),
        ("*.example.com", "DNS:a.www.example.com", False, False),
        ("*.example.com", "DNS:example.com", False, False),
        ("*.example.com", "DNS:*.example.com", True, True),
        ("api-*.example.com", "DNS:api-1.example.com", True, True),
        ("api-*.example.com", "DNS:api.example.com", False, False),
        ("api-*.example.com", "DNS:*.example.com", False, True),
        ("?.example.com", "DNS:a.example.com", True, True),
        ("?.example.com", "DNS:*.example.com", False, True),
        ("w?.example.com", "DNS:w*.example.com", False, True),
        ("w*.example.com", "DNS:w*.example.com", True, True),
        ("**.example.com", "DNS:a.b.c.example.com", True, True),
        ("**.example.com", "DNS:example.com", False, False),
        ("**.example.com", "DNS:*.com", False, False),
        (".example.com", "DNS:example.com", True, True),
        (".example.com", "DNS:*.a.example.com", True, True),
        (".example.com", "DNS:badexample.com", False, False),
        ("**", "DNS:localhost", True, True),
        ("*", "DNS:localhost", True, True),
        ("*", "DNS:a.b", False, False),
        ("secret.example.com", "DNS:*.example.com", False, True),
        ("secret.example.com", "DNS:*.com", False, False),
        ("münchen.example", "DNS:xn--mnchen-3ya.example", True, True),
        ("**", "IP:10.0.0.1", False, False),
        ("ip:10.0.0.0/8", "IP:10.255.0.1", True, True),
        ("ip:10.0.0.0/8", "IP:11.0.0.1", False, False),
        ("ip:10.0.0.0/8", "IP:::1", False, False),
        ("ip:10.0.0.0/8", "IP:::ffff:10.1.2.3", False, True),
        ("ip:2001:db8::/32", "IP:2001:db8::7", True, True),
        ("ip:10.0.*", "IP:10.0.0.1", True, True),
        ("ip:10.0.0.0/8", "IP:nonsense", False, False),
        ("email:*@example.com", "EMAIL:Ada@Example.com", True, True),
        ("uri:spiffe://example.com/*", "URI:spiffe://example.com/a/b", True, True),
        ("other:*", "OTHER:0a0b", True, True),
    ],
)
def test_what_a_pattern_takes(pattern: str, name: str, covers: bool, touches: bool) -> None:
    kept = checked_pattern(pattern, "names")
    assert covered(name_of(name), [kept]) is covers
    assert (touching(name_of(name), [kept]) != "") is touches


@pytest.mark.parametrize(
    "raw",
    ["", " ", "a b", "a..b", ".", "**.", "*.**.x", "a.**", "/", "ip:", "ip:10.0.0.0/99", "x" * 300, "mü*.example"],
)
def test_what_is_no_pattern_is_refused_with_its_field(raw: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked_pattern(raw, "allowed_names")
    assert refused.value.field == "allowed_names"


@pytest.mark.parametrize(
    "raw", ["*.Example.COM", ".example.com", "**.example.com", "**", "dns:www.example.com", "IP:10.*"]
)
def test_a_pattern_in_its_one_spelling_stays_as_it_is(raw: str) -> None:
    once = checked_pattern(raw, "names")
    assert checked_pattern(once, "names") == once


_SMALL = st.text(alphabet="ab.*?", max_size=8)


@given(pattern=_SMALL, text=st.text(alphabet="ab.", max_size=8))
def test_globs_are_what_the_regular_expression_says(pattern: str, text: str) -> None:
    regex = "".join({"*": ".*", "?": "."}.get(char) or re.escape(char) for char in pattern)
    assert fits(pattern, text) is (re.fullmatch(regex, text) is not None)


_LABEL = st.text(alphabet="ab", min_size=1, max_size=2)
_NAME = st.lists(_LABEL, min_size=1, max_size=4).map(".".join)
_WILD = st.lists(_LABEL, min_size=1, max_size=3).map(lambda labels: ".".join(["*", *labels]))
_PATTERN = st.builds(
    lambda begin, labels: begin + ".".join(labels),
    st.sampled_from(["", ".", "**.", "*."]),
    st.lists(
        st.text(alphabet="ab?*", min_size=1, max_size=2).filter(lambda text: text != "**"), min_size=1, max_size=3
    ),
)


@given(pattern=_PATTERN, name=_NAME)
def test_a_name_without_a_wildcard_is_covered_where_it_is_touched(pattern: str, name: str) -> None:
    one = name_of(f"DNS:{name}")
    assert covered(one, [pattern]) is (touching(one, [pattern]) != "")


@given(pattern=_PATTERN, wild=_WILD, label=_LABEL)
def test_what_covers_a_wildcard_covers_every_name_that_it_stands_for(pattern: str, wild: str, label: str) -> None:
    member = name_of(f"DNS:{wild.replace('*', label, 1)}")
    if covered(name_of(f"DNS:{wild}"), [pattern]):
        assert covered(member, [pattern])
    if covered(member, [pattern]):
        assert touching(name_of(f"DNS:{wild}"), [pattern])


@given(st.text(max_size=40))
def test_any_text_is_a_name_and_any_pattern_can_be_asked(text: str) -> None:
    name = name_of(f"DNS:{text}")
    covered(name, ["*.example.com", "**", ".example.com"])
    touching(name_of(text), ["ip:10.0.0.0/8", "email:*", "other:*", "uri:*"])


def test_no_pattern_takes_long_on_hostile_names() -> None:
    pattern = checked_pattern("uri:" + "*a" * 120, "names")
    label = "*a" * 30
    before = time.perf_counter()
    assert not covered(name_of("URI:" + "a" * 20_000 + "b"), [pattern])
    assert not covered(name_of("DNS:" + "a" * 20_000 + "b.example.com"), [f"{label}.example.com"])
    assert not touching(name_of("DNS:" + "a." * 10_000 + "b"), ["**.example.com"])
    # A regular expression would take longer than there is time; this is quadratic at most.
    assert time.perf_counter() - before < 5
