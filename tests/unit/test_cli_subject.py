"""Subjects as people type them."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certtui.cli.arguments import Usage
from certtui.cli.subject import parse_subject
from certtui.model.csr import SubjectFields


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", SubjectFields()),
        ("O=Example,OU=Web,C=DE", SubjectFields(organization="Example", organizational_unit="Web", country="DE")),
        (" o = Example , ou = Web ", SubjectFields(organization="Example", organizational_unit="Web")),
        ("O=Example\\, Inc.,L=Berlin", SubjectFields(organization="Example, Inc.", locality="Berlin")),
        ('O="Example, Inc.",ST=Bavaria', SubjectFields(organization="Example, Inc.", state="Bavaria")),
        ("O=M\\C3\\BCller\\+Sohn", SubjectFields(organization="Müller+Sohn")),
        ("O=a\\\\b", SubjectFields(organization="a\\b")),
        ("/C=DE/O=Example, Inc./CN=x", SubjectFields(country="DE", organization="Example, Inc.", common_name="x")),
        ("emailAddress=ops@example.com", SubjectFields(email="ops@example.com")),
        ("O=a=b", SubjectFields(organization="a=b")),
    ],
)
def test_a_subject_is_read_as_it_is_meant(text: str, expected: SubjectFields) -> None:
    assert parse_subject(text) == expected


@pytest.mark.parametrize("text", ["Example", "O=a,OU", "XX=1", "O=a,O=b", 'O="a', "O=a\\", "O=\\FF\\FE", "=x"])
def test_what_makes_no_sense_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(Usage) as refused:
        parse_subject(text)
    assert refused.value.message.endswith(".")
    assert refused.value.hint


def test_the_common_name_may_come_from_either_side_but_not_differ() -> None:
    assert parse_subject("O=x", "www").common_name == "www"
    assert parse_subject("CN=www", "www").common_name == "www"
    with pytest.raises(Usage):
        parse_subject("CN=other", "www")


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1).filter(
        lambda text: text == text.strip()
    )
)
def test_any_value_can_be_escaped(value: str) -> None:
    escaped = "".join(f"\\{byte:02x}" for byte in value.encode())
    assert parse_subject(f"O={escaped}").organization == value


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    with contextlib.suppress(Usage):
        assert isinstance(parse_subject(text), SubjectFields)
