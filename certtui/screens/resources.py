"""The place Resources: the things that use certificates."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from certtui.actions import Action
from certtui.model.filter_fields import RESOURCE
from certtui.model.query import Query, Sort
from certtui.model.resource import Resource, ResourceRow
from certtui.screens.list_place import ListPlace
from certtui.screens.resource_acts import ActsOnResources
from certtui.widgets.columns import Cell, Column

if TYPE_CHECKING:
    from certtui.backend.base import Listing

COLUMNS: tuple[Column[ResourceRow], ...] = (
    Column("name", "Name", 18, lambda row: Cell(row.name), priority=1, flex=2, most=40, sort="name"),
    Column("type", "Type", 13, lambda row: Cell(row.type.replace("-", " ")), priority=2, sort="type"),
    Column("endpoint", "Endpoint", 20, lambda row: Cell(row.endpoint), priority=3, flex=2, most=50, sort="endpoint"),
    Column(
        "certificates", "Uses", 4, lambda row: Cell(str(row.certificate_count), "" if row.certificate_count else "dim"),
        priority=2, right=True, sort="certificates",
    ),
    Column(
        "next_expiry", "Next expiry", 11, lambda row: Cell(f"{row.next_expiry:%Y-%m-%d}" if row.next_expiry else "-"),
        priority=2, sort="next_expiry",
    ),
    Column("notes", "Notes", 16, lambda row: Cell(row.notes, "dim"), priority=6, flex=3, most=60),
    Column("created", "Added", 10, lambda row: Cell(f"{row.created_at:%Y-%m-%d}", "dim"), priority=7, sort="created"),
)  # fmt: skip


class ResourcesScreen(ActsOnResources, ListPlace[ResourceRow]):
    """The list."""

    PLACE = "resources"
    KINDS = ("resource", "certificate")
    TITLE = "Resources"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "place", "list", "resources")
    COLUMNS = COLUMNS
    FIELDS = RESOURCE
    SORT = Sort("name")
    NOUN = ("resource", "resources")

    def search(self, query: Query) -> Listing[ResourceRow]:
        return self.backend.resources.search(query)

    def first_run(self) -> list[str]:
        key = self.console_app.keys.label("resource.add")
        return [
            "No resource yet.",
            "A resource is what uses certificates: a load balancer, a listener, a host, a file.",
            "Associate certificates with them, and certtui can say what breaks when one expires.",
            "",
            f"{key}  adds the first one",
        ]

    def why_not(self, action: Action) -> str:
        if (
            action.id in ("resource.edit", "resource.delete", "resource.certificate")
            and self.is_mounted
            and self.table.current is None
        ):
            return "there is no row here."
        return super().why_not(action)

    def opened(self, row: ResourceRow) -> None:
        self.open_screen("certtui.screens.resources_page:ResourceScreen", row.id)

    def resource_id(self) -> int | None:
        row = self.table.current
        return None if row is None else row.id

    def do_resource_add(self) -> None:
        from certtui.screens.resource_form import ResourceDialog

        def added(resource: Resource | None) -> None:
            if resource is not None:
                self.ask(anchor=resource.row.id)
                self.say(f"Added {resource.row.name}.", "ok")

        self.app.push_screen(ResourceDialog(self), added)
