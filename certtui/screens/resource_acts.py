"""What people do to a resource, from the list and from its page alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from certtui.screens.base import Place

if TYPE_CHECKING:
    from certtui.model.resource import Resource


class ActsOnResources(Place):
    """Edit and delete."""

    if TYPE_CHECKING:

        def changed(self) -> None:
            """The act changed something: read again."""

        def resource_id(self) -> int | None:
            """The one that the act is for."""

    def removed(self) -> None:
        """The resource is gone."""
        self.changed()

    def do_resource_edit(self) -> None:
        def show(resource: Resource) -> None:
            from certtui.screens.resource_form import ResourceDialog

            def saved(now: Resource | None) -> None:
                if now is not None:
                    self.changed()
                    self.say(f"Saved {now.row.name}.", "ok")

            self.app.push_screen(ResourceDialog(self, resource.row), saved)

        self._with_resource(show)

    def do_resource_certificate(self) -> None:
        """Which certificate it uses, as its own or as the CA of its clients."""
        from certtui.screens.associate_here import ca_repositories, give_certificates

        resource_id = self.resource_id()
        if resource_id is None:
            self.say("There is no row here.", "warn")
            return

        def said(sentence: str) -> None:
            self.changed()
            self.say(sentence, "ok")

        self.work(
            lambda: (self.backend.resources.get(resource_id), ca_repositories(self)),
            done=lambda both: give_certificates(self, *both, done=said),
            key="target",
        )

    def do_resource_delete(self) -> None:
        def show(resource: Resource) -> None:
            from certtui.screens.delete import DeleteDialog
            from certtui.screens.delete_resource import removal_of

            def answered(dissociate: bool | None) -> None:
                if dissociate is not None:
                    self._remove(resource, dissociate=dissociate)

            self.app.push_screen(DeleteDialog(removal_of(resource)), answered)

        self._with_resource(show)

    def _remove(self, resource: Resource, *, dissociate: bool) -> None:
        row = resource.row

        def done(_: None) -> None:
            self.removed()
            screen = self.app.screen if isinstance(self.app.screen, Place) else self
            screen.call_after_refresh(screen.say, f"Removed {row.name}.", "ok")

        self.work(
            lambda: self.backend.resources.remove(row.id, row.version, dissociate=dissociate),
            done=done,
            to_the_end=True,
        )

    def _with_resource(self, then: Callable[[Resource], object]) -> None:
        resource_id = self.resource_id()
        if resource_id is None:
            self.say("There is no row here.", "warn")
            return
        self.work(lambda: self.backend.resources.get(resource_id), done=then, key="target")
