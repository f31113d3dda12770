"""What a CA says of an order that it will not fulfil: of each name, and of the order itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from certtui.authorities.acme.objects import AcmeOrder, Authorization
from certtui.authorities.base import Refused


def failed(found: Sequence[Authorization]) -> list[Authorization]:
    """The names that were not proved, and can't be any more in this order."""
    return [each for each in found if each.status not in ("pending", "valid")]


def refusal(ca: str, found: Sequence[Authorization], order: AcmeOrder, hint: Callable[[], str]) -> Refused:
    """In our words and the CA's; `hint` is asked for where a name was not proved."""
    bad = failed(found)
    words = []
    for each in bad:
        said = each.error.words if each.error is not None else f"{each.status}, and it does not say why"
        words.append(f"{each.identifier.value}: {said}")
    # Some servers say of the order what they said of the name.
    if order.error is not None and not any(order.error.words in each for each in words):
        words.append(order.error.words)
    if not bad:
        meaning = order.error.meaning if order.error is not None else "It does not say why."
        return Refused(f"{ca} did not fulfil the order. {meaning}", " · ".join(words))
    names = ", ".join(sorted({each.identifier.value for each in bad})[:5])
    return Refused(f"{ca} could not prove control of {names}.", " · ".join(words), hint())
