"""That a listener has answers for a CA which is told to look: on record until the call that listens comes to an end.

A mark that is still there tells the next call that the process died in between: what the CA has not found then is no
answer to the person.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from certtui.authorities.acme.books import LISTENED, Planted

if TYPE_CHECKING:
    from certtui.authorities.acme.authority import AcmeCa
    from certtui.authorities.acme.proof import Asked, Call


def plant_listened(ca: AcmeCa, call: Call, asked: Sequence[Asked]) -> bool:
    """These are about to be asked for; whether there are any."""
    if asked:
        ca.books.plant(call.request.order_id, [Planted(each.identifier.value, "", LISTENED) for each in asked])
    return bool(asked)


def listened(ca: AcmeCa, order_id: int) -> list[Planted]:
    """The marks of an order."""
    return [each for each in ca.books.planted(order_id) if each.kind == LISTENED]


def uproot_listened(ca: AcmeCa, order_id: int) -> None:
    """Nobody needs to be listened for any more."""
    for each in listened(ca, order_id):
        ca.books.uproot(order_id, each)
