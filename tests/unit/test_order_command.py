"""The command lines that the order's form shows."""

from __future__ import annotations

from typing import cast

import pytest

from certtui.model.csr import SubjectFields
from certtui.model.order import Order, OrderForm
from certtui.screens.order_command import retry_of, with_reason


class _Sent:
    id = 6
    form = OrderForm(
        authority="internal", subject=SubjectFields(common_name="a.example"), sans=("DNS:a.example",), days=30
    )


SENT = cast("Order", _Sent())


def test_sending_an_order_again_as_it_was_needs_its_number_alone() -> None:
    assert retry_of(SENT.form, SENT) == "certtui order retry 6"


def test_what_was_changed_before_sending_again_is_written_out() -> None:
    form = OrderForm(
        authority="internal",
        subject=SubjectFields(common_name="b.example"),
        sans=("DNS:a.example", "DNS:b.example"),
        days=30,
    )
    assert retry_of(form, SENT) == "certtui order retry 6 --cn b.example --san a.example --san b.example"


@pytest.mark.parametrize("command", ["certtui order submit 6", "certtui order create --cn a.example --generate"])
def test_a_word_for_a_policy_is_part_of_the_command(command: str) -> None:
    assert with_reason(command, "it's old") == f"""{command} --reason 'it'"'"'s old'"""


def test_making_a_csr_of_an_order_takes_no_word() -> None:
    assert with_reason("certtui order generate 6", "old") == "certtui order generate 6"
