"""The removal of a resource in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.screens.delete import LISTED, Deletion

if TYPE_CHECKING:
    from certtui.model.resource import Resource


def removal_of(resource: Resource) -> Deletion:
    """Its certificates are listed; they stay in the inventory."""
    row = resource.row
    lines = [f"{row.name} ({row.type.replace('-', ' ')}) is removed from the list of resources."]
    count = len(resource.certificates)
    if count:
        lines += ["", "It uses these; they stay in the inventory:"]
        lines += [f"  {each.name}  as {each.role}" for each in resource.certificates[:LISTED]]
        if count > LISTED:
            lines.append(f"  and {count - LISTED:,} more")
    what = "this certificate" if count == 1 else f"these {count:,} certificates"
    return Deletion(
        title=f"Remove {row.name}",
        lines=tuple(lines),
        associations=count,
        associated=count,
        expected=row.name if count else "",
        command=f"certtui resource remove {row.id}",
        label="Remove",
        tick=f"Dissociate it from {what}",
    )
