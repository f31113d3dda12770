"""The page on the filter language names every key and value that the parser knows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from certtui.model.filter_fields import (
    ALERT,
    AUDIT,
    CERTIFICATE,
    CONTAINER,
    POLICY,
    REPOSITORY,
    RESOURCE,
    STORED_SECRET,
)
from certtui.model.filter_orders import AUTHORITY, ORDER, RENEWAL
from certtui.model.filters import parse

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "filter-language.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "key",
    sorted(
        {
            *CERTIFICATE,
            *RESOURCE,
            *AUDIT,
            *CONTAINER,
            *STORED_SECRET,
            *POLICY,
            *ALERT,
            *REPOSITORY,
            *ORDER,
            *AUTHORITY,
            *RENEWAL,
        }
        - {"email", "lb", "valid-from", "auto-renew-days"}
    ),
)
def test_every_key_is_on_the_page(key: str) -> None:
    assert f"`{key}`" in PAGE


@pytest.mark.parametrize("key", ["status", "has", "is", "access", "source"])
def test_every_value_is_on_the_page(key: str) -> None:
    for value in CERTIFICATE[key].values:
        assert f"`{value}`" in PAGE


def test_every_example_of_the_page_parses() -> None:
    block = PAGE.split("```")[1]
    examples = [line[:40].strip() for line in block.splitlines() if line.strip()]
    examples += re.findall(r"`((?:expires|days|group|san|issuer|subject|key|id)[:<>=][^`]*)`", PAGE)
    assert len(examples) > 15
    for example in examples:
        assert parse(example), example


def test_the_example_of_an_error_is_the_real_one() -> None:
    with pytest.raises(Exception) as caught:
        parse("status:expird")
    assert str(caught.value) in PAGE
