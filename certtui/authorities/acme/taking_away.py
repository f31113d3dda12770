"""Taking away what was left for a CA, by what it is and not by how the profile proves names by now: that may have been changed since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.authorities.acme.books import FILE, RECORD
from certtui.authorities.acme.profile import DELEGATED, DNS

if TYPE_CHECKING:
    from certtui.authorities.acme.authority import AcmeCa


def take_away(ca: AcmeCa, order_id: int) -> int:
    """Everything of an order; how much there was to remove. Raises `Unreachable`, `Invalid`, `Locked`.

    What a profile has no way to any more stays: a record or a file of a challenge that is over is no use to anybody.
    What a person made, and what lived as long as a process, is only forgotten.
    """
    removed = 0
    for each in ca.books.planted(order_id):
        match each.kind:
            case kind if kind == RECORD and (ca.settings.get("proof") or DELEGATED) in (DELEGATED, DNS):
                from certtui.authorities.acme.dns_plant import remove

                remove(ca, each.name, each.value)
                removed += 1
            case kind if kind == FILE and ca.settings.get("web_root"):
                from certtui.authorities.acme.dns_bound import bound_by
                from certtui.authorities.acme.web_root import take

                ca.books.require_bound(bound_by(ca.settings))
                take(ca.settings["web_root"], each.name)
                removed += 1
        ca.books.uproot(order_id, each)
    return removed
