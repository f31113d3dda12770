"""`--reason`: a person's word where a soft policy asks for one."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from certtui.errors import ReasonNeeded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from certtui.cli.arguments import Parser


def reason_option(parser: Parser) -> None:
    """`--reason`."""
    parser.add_argument(
        "--reason", metavar="TEXT", default="", help="why it may pass, where a soft policy asks; kept in the audit log"
    )


@contextmanager
def reason_asked() -> Iterator[None]:
    """Names the option where a policy asks for a word."""
    try:
        yield
    except ReasonNeeded as asked:
        raise ReasonNeeded(
            asked.message, "Say why it may pass all the same, by --reason TEXT.", findings=asked.findings
        ) from None
