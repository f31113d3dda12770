"""The page of one resource: what it is, and which certificates it uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from certtui.actions import Action
from certtui.clock import rfc3339
from certtui.model.status import DAY, Status
from certtui.screens.certificate_life import STATUS_STYLE
from certtui.screens.certificate_overview import STATUS_SIGN
from certtui.screens.page import LinesPage
from certtui.screens.resource_acts import ActsOnResources
from certtui.widgets.fields import Item, blank, heading, sentence

if TYPE_CHECKING:
    from certtui.model.resource import AssociatedCertificate, Resource


class ResourceScreen(ActsOnResources, LinesPage):
    """Opened by id; enter on a certificate goes on to it."""

    TITLE = "Resource"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "place", "lines", "page", "resource")

    def __init__(self, resource_id: int) -> None:
        super().__init__()
        self._key = resource_id
        self._resource: Resource | None = None

    def about(self) -> str:
        return self._resource.row.name if self._resource else ""

    def resource_id(self) -> int | None:
        return self._key if self._resource else None

    def changed(self) -> None:
        self.load()

    def removed(self) -> None:
        if self.app.screen is self and len(self.app.screen_stack) > 1:
            self.app.pop_screen()

    def why_not(self, action: Action) -> str:
        if action.id.startswith("resource.") and self._resource is None:
            return "it is not read yet, or gone."
        return super().why_not(action)

    def load(self) -> None:
        self.work(lambda: self.backend.resources.get(self._key), done=self._loaded, failed=self.cannot, key="get")

    def _loaded(self, resource: Resource) -> None:
        again = self._resource is not None
        self._resource = resource
        row = resource.row
        items = [
            Item("Name", row.name),
            Item("Type", row.type.replace("-", " "), copies=row.type),
            Item("Endpoint", row.endpoint or "none", copies=row.endpoint),
            Item("Notes", row.notes or "none", copies=row.notes),
            Item("Added", rfc3339(row.created_at)),
            blank(),
            heading("Certificates"),
        ]
        if not resource.certificates:
            items.append(
                sentence("It uses none, as far as is known here. Give it one, or associate it on a certificate's page.")
            )
        items += [self._certificate(each) for each in resource.certificates]
        self.show(items, keep=again)

    def _certificate(self, each: AssociatedCertificate) -> Item:
        status = Status(each.status)
        until = ""
        if each.not_after is not None:
            left = (each.not_after - self.console_app.clock.now()) // DAY
            until = f"  until {each.not_after:%Y-%m-%d} ({left}d)"
        text = f"{each.name}  {STATUS_SIGN.get(status, '')}{status}{until}"
        label = "client CA" if each.role == "client-ca" else each.role
        return Item(label, text, STATUS_STYLE.get(status, ""), copies=each.name, target=("certificate", each.id))
