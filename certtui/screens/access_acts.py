"""The way to the page Access, from every list and page of what has an access list.

A place that shows such objects takes `OpensAccess` among its bases and says in `access_object` which one is meant; its
context goes to the action `access.show` of the registry.
"""

from __future__ import annotations

from certtui.screens.base import Place


class OpensAccess(Place):
    """Has the act `access.show`."""

    def access_object(self) -> tuple[str, int] | None:
        """Kind (`model.acl.KINDS`) and id of what the act is for; None where there is nothing."""
        raise NotImplementedError

    def do_access_show(self) -> None:
        """Who may read and use it."""
        found = self.access_object()
        if found is None:
            self.say("There is no row here.", "warn")
        else:
            open_access(self, *found)


def open_access(screen: Place, kind: str, object_id: int) -> None:
    """Push the page Access of one object."""
    screen.open_screen("certtui.screens.access_page:AccessScreen", kind, object_id)
