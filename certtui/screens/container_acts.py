"""What people do to a container, from the list and from its page alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from certtui.actions import Action
from certtui.model.consumer import consumer_words
from certtui.model.container import ContainerContent, ContainerType
from certtui.screens.access_acts import OpensAccess
from certtui.screens.base import Place

if TYPE_CHECKING:
    from certtui.model.certificate import Certificate
    from certtui.model.consumer import Consumer
    from certtui.model.container import Container, ContainerCheck, ContainerRow


class ActsOnContainers(OpensAccess):
    """Update, step back, check, register and remove consumers, edit, delete; who may read and fetch it."""

    if TYPE_CHECKING:

        def changed(self) -> None:
            """The act changed something: read again."""

        def container_row(self) -> ContainerRow | None:
            """The one that the act is for, as it was seen."""

    def access_object(self) -> tuple[str, int] | None:
        row = self.container_row()
        return None if row is None else ("container", row.id)

    def removed(self) -> None:
        """The container is gone."""
        self.changed()

    def checked(self, check: ContainerCheck) -> None:
        """It was looked into."""

    def why_not(self, action: Action) -> str:
        of_one = action.id.startswith("container.") and action.id not in ("container.add", "container.secrets")
        if of_one or action.id == "access.show":
            row = self.container_row() if self.is_mounted else None
            if row is None:
                return "There is no container here."
            if action.id == "container.rollback" and row.number == 1:
                return "It has no earlier version."
        return super().why_not(action)

    # -- what is given out ---------------------------------------------------------------------------------------

    def do_container_update(self) -> None:
        """Another certificate; of the other types, other stored secrets."""

        def show(container: Container) -> None:
            if container.row.type is not ContainerType.CERTIFICATE:
                self.open_screen("certtui.screens.container_form:ContainerFormScreen", container)
                return
            from certtui.screens.container_choose import ChooseCertificate

            row = container.row
            dialog = ChooseCertificate(
                self,
                f"Update {row.name}",
                "Which certificate does it give out from now on? Their keys are here.",
                command=f"certtui container update {row.id} --certificate CERT",
                like_id=row.certificate_id,
            )
            self.app.push_screen(dialog, lambda chosen: self._plan(container, chosen[0]) if chosen else None)

        self._with_container(show)

    def _plan(self, container: Container, certificate_id: int) -> None:
        """Say what would change for consumers, before it does."""
        old_id = container.row.certificate_id
        certificates = self.backend.certificates

        def read() -> tuple[Certificate | None, Certificate]:
            return certificates.get(old_id) if old_id else None, certificates.get(certificate_id)

        self.work(read, done=lambda both: self._ask_to_update(container, *both), key="target")

    def _ask_to_update(self, container: Container, old: Certificate | None, new: Certificate) -> None:
        from certtui.screens.container_dialogs import update_lines
        from certtui.screens.unlock import with_key
        from certtui.widgets.dialogs import Confirm

        row = container.row
        lines, careful = update_lines(container, old, new)

        def answered(yes: bool | None) -> None:
            if yes:
                with_key(
                    self,
                    lambda: self.backend.containers.update(row.id, row.version, ContainerContent(new.id)),
                    done=self._given_out,
                    needs_key=False,
                )

        command = f"certtui container update {row.id} --certificate {new.id}"
        self.app.push_screen(Confirm(f"Update {row.name}", lines, "Update", danger=careful, command=command), answered)

    def do_container_rollback(self) -> None:
        self._with_container(self.ask_to_roll_back)

    def ask_to_roll_back(self, container: Container, number: int | None = None) -> None:
        """Which version comes back, what it holds and who gets it; then do it."""
        from certtui.screens.container_dialogs import RollbackDialog, possible_versions

        row = container.row
        if not possible_versions(container):
            before = container.versions[1].why_not if len(container.versions) > 1 else "It has no earlier version."
            self.say(f"Roll back: {before}", "warn")
            return

        def answered(to: int | None) -> None:
            if to is not None:
                self.work(
                    lambda: self.backend.containers.rollback(row.id, row.version, to=to),
                    done=self._given_out,
                    to_the_end=True,
                )

        self.app.push_screen(RollbackDialog(container, self.console_app.clock.now(), number), answered)

    def _given_out(self, container: Container) -> None:
        from certtui.screens.container_words import holds

        self.changed()
        row = container.row
        self.say(f"{row.name} gives out version {row.number} now: {holds(row)}.", "ok")

    def do_container_check(self) -> None:
        """Look into it, and say what is wrong with which part."""
        row = self.container_row()
        if row is None:
            return
        from certtui.screens.unlock import with_key

        with_key(
            self,
            lambda: self.backend.containers.check(row.id),
            done=lambda check: self._told(row, check),
            why="Its keys are looked at.",
        )

    def _told(self, row: ContainerRow, check: ContainerCheck) -> None:
        self.checked(check)
        if not check.problems:
            self.say(check.summary, "ok" if check.ok else "warn")
            return
        from certtui.widgets.dialogs import Message

        lines = [check.summary, "", *(f"{each.part}: {each.problem}" for each in check.problems)]
        self.app.push_screen(
            Message(f"Check of {row.name}", lines, command=f"certtui container check {row.id}", danger=check.unfit)
        )

    # -- consumers -----------------------------------------------------------------------------------------------

    def do_container_consumer(self) -> None:
        row = self.container_row()
        if row is None:
            return
        from certtui.screens.container_dialogs import ConsumerDialog

        def added(consumer: Consumer | None) -> None:
            if consumer is not None:
                self.changed()
                self.say(f"{consumer_words(consumer)} is on record as a consumer.", "ok")

        self.app.push_screen(ConsumerDialog(self, row), added)

    def ask_to_remove(self, consumer: Consumer) -> None:
        """Take a consumer off the record, after a question."""
        from certtui.widgets.dialogs import Confirm

        words = consumer_words(consumer)
        lines = [
            f"{words} is no consumer of {consumer.container} any more.",
            "What it has fetched it still has. It is on record again if it fetches with its name.",
        ]

        def done(_: None) -> None:
            self.changed()
            self.say(f"{words} is no consumer any more.", "ok")

        def answered(yes: bool | None) -> None:
            if yes:
                self.work(lambda: self.backend.containers.remove_consumer(consumer.id), done=done, to_the_end=True)

        command = f"certtui consumer remove {consumer.id}"
        self.app.push_screen(Confirm("Remove a consumer", lines, "Remove", danger=True, command=command), answered)

    # -- itself --------------------------------------------------------------------------------------------------

    def do_container_edit(self) -> None:
        def show(container: Container) -> None:
            from certtui.screens.container_dialogs import ContainerDialog

            def saved(now: Container | None) -> None:
                if now is not None:
                    self.changed()
                    self.say(f"Saved {now.row.name}.", "ok")

            self.app.push_screen(ContainerDialog(self, container), saved)

        self._with_container(show)

    def do_container_delete(self) -> None:
        def show(container: Container) -> None:
            from certtui.screens.delete import DeleteDialog
            from certtui.screens.delete_container import deletion_of_container

            row = container.row
            confirmed = [each.id for each in container.consumers]

            def done(_: None) -> None:
                self.removed()
                screen = self.app.screen if isinstance(self.app.screen, Place) else self
                screen.call_after_refresh(screen.say, f"Deleted the container {row.name}.", "ok")

            def answered(answer: bool | None) -> None:
                if answer is not None:
                    self.work(
                        lambda: self.backend.containers.delete(row.id, row.version, consumers=confirmed),
                        done=done,
                        to_the_end=True,
                    )

            self.app.push_screen(DeleteDialog(deletion_of_container(container)), answered)

        self._with_container(show)

    def _with_container(self, then: Callable[[Container], object]) -> None:
        row = self.container_row()
        if row is None:
            self.say("There is no container here.", "warn")
            return
        self.work(lambda: self.backend.containers.get(row.id), done=then, key="target")
