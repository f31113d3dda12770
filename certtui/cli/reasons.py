"""`--reason`: a person's word where a soft policy asks for one."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from certtui.cli import terminal
from certtui.errors import CerttuiError, ReasonNeeded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from certtui.cli.arguments import Parser
    from certtui.model.order import Order


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


@contextmanager
def what_is_kept(order: Order) -> Iterator[None]:
    """Says that the order stays where sending it is refused: asked for anew, it would be there twice."""
    try:
        yield
    except CerttuiError:
        terminal.say(
            f"Order {order.id} keeps what was asked for: `certtui order edit {order.id}` changes it, "
            f"`certtui order submit {order.id}` sends it, `certtui order cancel {order.id}` ends it."
        )
        raise
