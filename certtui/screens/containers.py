"""The place Containers: bundles with a stable reference, and who fetches them; stored secrets are a key away."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult

from certtui.model.container import ContainerForm, ContainerRow
from certtui.model.query import Query, Sort
from certtui.screens.container_acts import ActsOnContainers
from certtui.screens.containers_columns import COLUMNS, SHOWN
from certtui.screens.containers_pane import ContainersPane
from certtui.screens.copy_text import copy
from certtui.screens.list_place import ListPlace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from certtui.backend.base import Listing
    from certtui.model.container import Container
    from certtui.model.filter_fields import Field


class ContainersScreen(ListPlace[ContainerRow], ActsOnContainers):
    """The list."""

    PLACE = "containers"
    KINDS = ("container", "certificate", "secret")
    TITLE = "Containers"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "place", "list", "containers")
    COLUMNS = COLUMNS
    SHOWN = SHOWN
    SORT = Sort("name")
    NOUN = ("container", "containers")

    def pane(self) -> ComposeResult:
        yield ContainersPane()

    def search(self, query: Query) -> Listing[ContainerRow]:
        return self.backend.containers.search(query)

    def fields(self) -> Mapping[str, Field]:
        from certtui.model.filter_fields import CONTAINER

        return CONTAINER

    def first_run(self) -> list[str]:
        keys = self.console_app.keys
        return [
            "No container yet.",
            "A container is a certificate with its key and chain, or other secrets, under a",
            "reference that stays the same; what serves it fetches what is in it today.",
            "Every completed order gets one by itself.",
            "",
            f"{keys.label('container.add')}  makes one, of a certificate or of stored secrets",
            f"{keys.label('container.secrets')}  the stored secrets",
            f"{keys.label('go.inventory')}  the Inventory, where {keys.label('certificate.container')} makes one of a certificate",
        ]

    def opened(self, row: ContainerRow) -> None:
        self.open_screen("certtui.screens.containers_page:ContainerScreen", row.id)

    def container_row(self) -> ContainerRow | None:
        return self.table.current

    def made(self, certificate_id: int) -> None:
        """A form that lay over this list made or changed a container."""
        self.next_row = certificate_id

    # -- pane ----------------------------------------------------------------------------------------------------

    def listed(self) -> None:
        self.moved()

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self.moved)  # the pane may be seen now

    def moved(self) -> None:
        if self.size.width >= 100 and self.console_app.backend is not None:
            self.query_one(ContainersPane).follow(self.backend, self.table.current)

    # -- acts ----------------------------------------------------------------------------------------------------

    def do_container_add(self) -> None:
        """Of a certificate in two key presses; everything else by a form."""
        from certtui.widgets.dialogs import Choose

        options = [
            ("certificate", "Of a certificate whose key is here"),
            ("parts", "Of stored secrets: a certificate, RSA keys, or anything"),
        ]
        self.app.push_screen(Choose("Make a container", options), self._add)

    def _add(self, answer: str | None) -> None:
        if answer == "parts":
            self.open_screen("certtui.screens.container_form:ContainerFormScreen")
        elif answer == "certificate":
            from certtui.screens.container_choose import ChooseCertificate

            dialog = ChooseCertificate(
                self,
                "Make a container",
                "Of which certificate? Their keys are here.",
                command="certtui container create --certificate CERT",
            )
            self.app.push_screen(dialog, lambda chosen: self._make(chosen[0]) if chosen else None)

    def _make(self, certificate_id: int) -> None:
        form = ContainerForm(certificate_id=certificate_id)
        self.work(lambda: self.backend.containers.create(form), done=self._is_made, to_the_end=True)

    def _is_made(self, container: Container) -> None:
        self.ask(anchor=container.id)
        key = self.console_app.keys.label("container.copy")
        self.say(f"Made the container {container.row.name}. {key} copies its reference.", "ok")

    def do_container_secrets(self) -> None:
        self.open_screen("certtui.screens.secrets:StoredSecretsScreen")

    def do_container_copy(self) -> None:
        from certtui.screens.container_words import reference

        row = self.table.current
        if row is not None:
            copy(self, "Reference", reference(self.backend.info, row.ref))
