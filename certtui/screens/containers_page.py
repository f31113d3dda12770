"""The page of one container: its reference, what is in it, its versions, and who fetches it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from certtui.actions import Action
from certtui.errors import CerttuiError
from certtui.screens.container_acts import ActsOnContainers
from certtui.screens.container_items import container_items
from certtui.screens.container_words import STATUS_LOOK, reference
from certtui.screens.page import LinesPage
from certtui.screens.targets import open_target

if TYPE_CHECKING:
    from collections.abc import Callable

    from certtui.model.consumer import Consumer
    from certtui.model.container import Container, ContainerCheck, ContainerRow
    from certtui.widgets.fields import FieldView


class ContainerScreen(ActsOnContainers, LinesPage):
    """Opened by id; enter on a version steps back to it, on a consumer removes it, each after a question."""

    TITLE = "Container"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "place", "lines", "page", "container")

    def __init__(self, container_id: int) -> None:
        super().__init__()
        self._key = container_id
        self._container: Container | None = None
        self._check: ContainerCheck | None = None
        self._unchecked = ""
        """Why it was not looked into."""

    def about(self) -> str:
        if self._container is None:
            return ""
        row = self._container.row
        return f"{row.name}  {STATUS_LOOK[row.status][0].strip()}"

    def container_row(self) -> ContainerRow | None:
        return self._container.row if self._container else None

    def changed(self) -> None:
        self._check = None
        self.load()

    def removed(self) -> None:
        if self.app.screen is self and len(self.app.screen_stack) > 1:
            self.app.pop_screen()

    def made(self, certificate_id: int) -> None:
        """The form that lay over it changed what is in it."""
        self.changed()

    def why_not(self, action: Action) -> str:
        if action.id == "container.leave" and self._container is not None and not self._container.consumers:
            return "No consumer is registered."
        if action.id == "container.rollback" and self._container is not None:
            before = self._container.versions[1:]
            if before and all(each.why_not for each in before):
                return before[0].why_not
        return super().why_not(action)

    # -- reading -------------------------------------------------------------------------------------------------

    def load(self) -> None:
        self.work(lambda: self.backend.containers.get(self._key), done=self._loaded, failed=self._missing, key="get")

    def _missing(self, error: CerttuiError) -> None:
        self._container = None
        self.cannot(error)

    def _loaded(self, container: Container) -> None:
        before, self._container = self._container, container
        if before is not None and before.row != container.row:
            self._check = None
        self._show(keep=before is not None)
        if self._check is None:
            self._look_into(container)

    def _look_into(self, container: Container) -> None:
        """Judge the parts where that asks nobody for anything."""
        backend = self.backend
        if backend.store.locked:
            self._unchecked = "The store is locked"
        else:
            self._unchecked = backend.capabilities.why_not("containers.check")
        if self._unchecked:
            self._show(keep=True)
            return
        self.work(
            lambda: backend.containers.check(container.id), done=self.checked, failed=self._not_checked, key="check"
        )

    def _not_checked(self, error: CerttuiError) -> None:
        self._unchecked = error.message.removesuffix(".")
        self._show(keep=True)

    def checked(self, check: ContainerCheck) -> None:
        self._check, self._unchecked = check, ""
        self._show(keep=True)

    def _show(self, *, keep: bool) -> None:
        container = self._container
        if container is not None:
            where = reference(self.backend.info, container.row.ref)
            label = self.console_app.keys.label
            self.show(container_items(container, where, self._check, self._unchecked, label), keep=keep)

    # -- acts ----------------------------------------------------------------------------------------------------

    def on_field_view_opened(self, event: FieldView.Opened) -> None:
        kind, number = event.target
        event.stop()
        event.prevent_default()
        match kind:
            case "version":
                self._on_line("container.rollback", lambda found: self.ask_to_roll_back(found, number))
            case "consumer":
                self._on_line("container.leave", lambda found: self._leave(found, number))
            case _:
                open_target(self, event.target)

    def _on_line(self, action_id: str, act: Callable[[Container], object]) -> None:
        action = self.console_app.keys.get(action_id)
        if self._container is None:
            return
        if reason := self.why_not(action):
            self.say(f"{action.title}: {reason}", "warn")
        else:
            act(self._container)

    def _leave(self, container: Container, consumer_id: int) -> None:
        consumer = next((each for each in container.consumers if each.id == consumer_id), None)
        if consumer is not None:
            self.ask_to_remove(consumer)

    def do_container_leave(self) -> None:
        """The consumer under the cursor, or one of all."""
        container, item = self._container, self.view.current
        if container is None:
            return
        if item is not None and item.target is not None and item.target[0] == "consumer":
            self._leave(container, item.target[1])
            return
        from certtui.screens.container_words import consumer_line
        from certtui.widgets.dialogs import Choose

        options: list[tuple[Consumer, str]] = [
            (each, consumer_line(each, container.row.number)) for each in container.consumers
        ]
        self.app.push_screen(
            Choose("Which consumer is none any more", options, command="certtui consumer remove ID"),
            lambda chosen: self.ask_to_remove(chosen) if chosen is not None else None,
        )
