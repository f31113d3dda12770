"""The deletion of a container in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.screens.container_words import consumer_line
from certtui.screens.delete import Deletion

if TYPE_CHECKING:
    from certtui.model.container import Container


def deletion_of_container(container: Container) -> Deletion:
    """Every consumer is listed; the certificate, its key and stored secrets stay. The name is to be typed."""
    row = container.row
    lines = ["Its reference leads nowhere then, for good. This can't be undone."]
    stays = f"{row.certificate} and its key stay" if row.certificate else "What is in it stays"
    versions = f"; its {row.number} versions go" if row.number > 1 else ""
    lines.append(f"{stays} in the store{versions}.")
    count = len(container.consumers)
    if count:
        lines += ["", "A consumer fetches it:" if count == 1 else f"These {count:,} consumers fetch it:"]
        lines += [f"  {consumer_line(each, row.number)}" for each in container.consumers]
    else:
        lines.append("No consumer is registered.")
    what = "This consumer" if count == 1 else f"These {count:,} consumers"
    return Deletion(
        title=f"Delete the container {row.name}",
        lines=tuple(lines),
        associations=count,
        associated=count,
        expected=row.name,
        command=f"certtui container delete {row.id}",
        tick=f"{what} may fetch in vain from now on",
        unticked="It has consumers; tick the line above once you have seen them.",
    )
