"""What SQLite gets from Python and PostgreSQL from functions in the database answers the same."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from certtui.backend.local.certificate_values import joined
from certtui.backend.local.postgres import nul
from certtui.backend.local.read import dialect
from certtui.backend.local.read.name_pattern import attribute_regex, names_regex
from certtui.model.domains import within
from certtui.model.filters import Value
from certtui.model.search_text import fold
from tests import postgres

pytestmark = pytest.mark.real("initdb")

LABELS = [
    "www",
    "shop",
    "example",
    "com",
    "xn--bcher-kva",
    "bücher",
    "BÜCHER",
    "xn--fsq",
    "xn--a",
    "xn--",
    "*",
    "a b",
    "",
]
names = st.lists(st.sampled_from(LABELS) | st.text(max_size=6), min_size=1, max_size=4).map(".".join)
patterns = st.lists(st.sampled_from([*LABELS, "*", "?", "b?cher", "*cher"]), min_size=1, max_size=3).map(".".join)
few = settings(max_examples=150)


@pytest.fixture(scope="module")
def database() -> Iterator[psycopg.Connection]:
    """A connection to an empty store, that keeps texts as the store does."""
    with postgres.database(postgres.store_template()[0]) as name:
        connection = postgres.cluster().admin(name)
        nul.install(connection)
        yield connection
        connection.close()


def ask(database: psycopg.Connection, call: str, *values: str) -> object:
    row = database.execute(f"SELECT {call}".encode(), values).fetchone()
    assert row is not None
    return row[0]


def test_every_character_is_folded_as_python_does(database: psycopg.Connection) -> None:
    codes = [code for code in range(1, 0x1F000) if not 0xD800 <= code < 0xE000 and known(chr(code))]
    assigned = [chr(code) for code in codes if code < 0x2000 or fold(chr(code)) != chr(code)]
    answers = database.execute(
        "SELECT one, certtui_fold(one || 'é') FROM unnest(%s::text[]) AS given(one)", ([nul.kept(c) for c in assigned],)
    )
    wrong = [char for char, folded in answers if folded != fold(char + "é")]
    assert wrong == []


def known(char: str) -> bool:
    """Whether this Python and PostgreSQL 15 (Unicode 14) both have the character."""
    from unicodedata import category

    return category(char) != "Cn" and not 0x1E030 <= ord(char) <= 0x1E06D  # Cyrillic Extended-D came with Unicode 15


@few
@given(st.text(st.characters(max_codepoint=0x2FFF, exclude_categories=["Cs", "Cn"]), max_size=20))
@example("STRASSE\0ẞß\1")
@example("ﬁ ＣＡＦÉ ΣΊΣΥΦΟΣ")
def test_texts_are_folded_as_python_does(database: psycopg.Connection, text: str) -> None:
    assert ask(database, "certtui_fold(%s)", text) == fold(text)


@few
@given(st.lists(names, max_size=3), patterns, st.booleans())
@example(["www.xn--bcher-kva.example"], "*.b?cher.example", False)
@example(["www.bücher.example"], "*.xn--bcher-kva.example", True)
def test_names_are_found_as_python_does(
    database: psycopg.Connection, sans: list[str], pattern: str, quoted: bool
) -> None:
    column = joined([f"DNS:{san}" for san in sans])
    regex = names_regex(Value(pattern, quoted=quoted))
    assert ask(database, "certtui_finds(%s, %s)", regex, column) == dialect._finds(regex, column)


@few
@given(st.lists(st.sampled_from(["CN", "O"]).flatmap(lambda k: names.map(lambda v: f"{k}={v}")), max_size=3), patterns)
@example(["O=Example\\, Inc", "CN=R3"], "Example, Inc")
def test_attributes_are_found_as_python_does(database: psycopg.Connection, attributes: list[str], pattern: str) -> None:
    regex = attribute_regex(Value(pattern, quoted=True))
    subject = ",".join(attributes)
    assert ask(database, "certtui_finds(%s, %s)", regex, subject) == dialect._finds(regex, subject)


@few
@given(
    st.lists(st.sampled_from(["DNS:", "dns:", "IP:"]).flatmap(lambda k: names.map(lambda v: k + v)), max_size=3),
    names,
    st.lists(st.sampled_from(["example.com", "com", "xn--bcher-kva.example", "shop"]), min_size=1, max_size=2),
)
@example(["DNS:www.bücher.example"], "", ["xn--bcher-kva.example"])
@example([], "www.badexample.com", ["example.com"])
def test_a_scope_holds_what_python_says(
    database: psycopg.Connection, sans: list[str], common_name: str, domains: list[str]
) -> None:
    answer = ask(database, "certtui_within(%s, %s, %s)", joined(sans), common_name, "\n".join(domains))
    assert answer == within(sans, common_name, domains)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
@example("\0\1\2\1\1\0")
def test_every_text_comes_back_exactly(database: psycopg.Connection, text: str) -> None:
    assert ask(database, "%s::text", text) == text


@given(st.lists(st.text("\0\1\2a", max_size=4), min_size=2, max_size=4))
def test_kept_texts_have_the_order_of_the_texts(texts: list[str]) -> None:
    assert sorted(texts) == sorted(texts, key=nul.kept)


@pytest.mark.parametrize("text", ["plain", 'with "quotes"', "100%_\\", "a''b"])
def test_a_phrase_becomes_a_pattern_that_holds_it(database: psycopg.Connection, text: str) -> None:
    held = "%s LIKE certtui_holding(%s)"
    assert ask(database, held, f"before {text} after", dialect.phrase(text)) is True
    assert ask(database, held, "something else", dialect.phrase(text)) is False
