"""What people do to a repository, from the list and from its page alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from certtui.actions import Action
from certtui.model.cms import why_not_used
from certtui.model.repository_states import RepositoryEvent, why_not
from certtui.screens.access_acts import OpensAccess
from certtui.screens.base import Place

if TYPE_CHECKING:
    from certtui.model.certificate import CertificateRow
    from certtui.model.repository import FilingOutcome, Repository, RepositoryRow, ResetPlan
    from certtui.screens.inventory import InventoryScreen

EVENTS = {
    "repository.put-in": RepositoryEvent.FILE,
    "repository.take-out": RepositoryEvent.FILE,
    "repository.modify": RepositoryEvent.RENAME,
    "repository.reset": RepositoryEvent.RESET,
    "repository.enable": RepositoryEvent.ENABLE,
    "repository.delete": RepositoryEvent.DELETE,
}
"""What each act is to the table of states."""


class ActsOnRepositories(OpensAccess, Place):
    """Put in, take out, modify, reset, enable, delete; what is impossible as it stands says why."""

    if TYPE_CHECKING:

        def changed(self) -> None:
            """The act changed something: read again."""

        def repository_row(self) -> RepositoryRow | None:
            """The one that the act is for."""

    def removed(self) -> None:
        """The repository is gone."""
        self.changed()

    def filed_here(self) -> CertificateRow | None:
        """The certificate that taking out is for."""
        return None

    def access_object(self) -> tuple[str, int] | None:
        row = self.repository_row()
        return None if row is None else ("repository", row.id)

    def why_not(self, action: Action) -> str:
        if reason := super().why_not(action):
            return reason
        if not action.id.startswith("repository.") or action.id == "repository.create":
            return ""
        row = self.repository_row()
        if row is None:
            return "there is no repository here."
        if action.id in EVENTS and (reason := why_not(EVENTS[action.id], row.state)):
            return reason
        if action.id == "repository.use" and (reason := why_not_used(row.data_source)):
            return reason
        if action.id == "repository.take-out" and self.filed_here() is None:
            return "Stand on a certificate first."
        return ""

    # -- certificates --------------------------------------------------------------------------------------------

    def do_repository_put_in(self) -> None:
        """Choose certificates of the inventory."""
        row = self._row()
        from certtui.screens.certificate_pick import PickCertificates
        from certtui.screens.repository_file import chosen_rows, file_certificates

        def picked(found: tuple[CertificateRow, ...] | None) -> None:
            if found:
                file_certificates(self, row.id, row.name, chosen_rows(found), done=self._filed)

        self.app.push_screen(
            PickCertificates(
                self,
                f"Put certificates into {row.name}",
                label="Put in",
                command=f"certtui repository add {row.id} CERT …",
                told=lambda each: f"moves from {each.repository}" if each.repository else "",
                left_out=row.id,
            ),
            picked,
        )

    def _filed(self, sentence: str) -> None:
        self.changed()
        self.say(sentence, "ok")

    def do_repository_take_out(self) -> None:
        """The certificate under the cursor leaves, and stays in the inventory."""
        row, entry = self._row(), self.filed_here()
        if entry is None:
            return
        from certtui.widgets.dialogs import Confirm

        lines = [f"{entry.name} leaves {row.name}. It stays in the inventory, with its key and what uses it."]
        command = f"certtui repository remove {row.id} {entry.id}"
        versions = [(entry.id, entry.version)]

        def taken(outcome: FilingOutcome) -> None:
            if outcome.skipped:
                self.changed()
                self.say(outcome.skipped[0][1], "warn")
            else:
                self._filed(f"Took {entry.name} out of {row.name}.")

        def answered(yes: bool | None) -> None:
            if yes:
                repositories = self.backend.repositories
                self.work(lambda: repositories.remove_certificates(row.id, versions), done=taken, to_the_end=True)

        self.app.push_screen(Confirm(f"Take {entry.name} out", lines, "Take out", command=command), answered)

    def do_repository_list(self) -> None:
        """All that is filed there, in the inventory."""
        from certtui.model.filters import quoted

        inventory = cast("InventoryScreen", self.console_app.place("inventory"))
        text = f"repository:{quoted(self._row().name)}"
        self.console_app.go("inventory")
        inventory.call_after_refresh(inventory.filter_to, text)

    def do_repository_use(self) -> None:
        """Sign, verify, encrypt, decrypt a file."""
        from certtui.screens.repository_use import use_keys

        use_keys(self, self._row())

    # -- the repository ------------------------------------------------------------------------------------------

    def do_repository_modify(self) -> None:
        """Another name."""
        row = self._row()
        from certtui.widgets.dialogs import AskText

        def answered(name: str | None) -> None:
            if name is None or name.strip() == row.name:
                return
            repositories = self.backend.repositories
            self.work(
                lambda: repositories.rename(row.id, row.version, name),
                done=lambda now: self._done(now, f"{row.name} is called {now.name} now."),
                to_the_end=True,
            )

        dialog = AskText(
            f"Modify {row.name}",
            ["What is it called from now on? Everything else of it is changed by a reset."],
            value=row.name,
            label="Save",
            check=lambda text: "" if text.strip() else "A repository needs a name.",
            command=f"certtui repository rename {row.id} NEW-NAME",
        )
        self.app.push_screen(dialog, answered)

    def do_repository_reset(self) -> None:
        """See what will leave, tick that one knows what one does."""
        row = self._row()

        def planned(plan: ResetPlan) -> None:
            from certtui.screens.repository_reset import ResetDialog

            def answered(yes: bool | None) -> None:
                if yes:
                    self._reset(plan)

            self.app.push_screen(ResetDialog(plan), answered)

        self.work(lambda: self.backend.repositories.plan_reset(row.id), done=planned, key="target")

    def _reset(self, plan: ResetPlan) -> None:
        repositories = self.backend.repositories
        left = "1 certificate" if plan.total == 1 else f"{plan.total:,} certificates"
        self.work(
            lambda: repositories.reset(plan.repository_id, plan.version, leaving=plan.total),
            done=lambda now: self._done(now, f"Reset {now.name}: {left} left it, and stayed in the inventory."),
            to_the_end=True,
        )

    def do_repository_enable(self) -> None:
        """The form, for a data source chosen anew."""
        from certtui.screens.repository_form import open_form

        open_form(self, self._row())

    def do_repository_delete(self) -> None:
        row = self._row()
        from certtui.widgets.dialogs import Confirm

        lines = ["Nothing is filed there. This can't be undone; the audit log keeps what it was."]
        command = f"certtui repository delete {row.id} --yes"

        def deleted(_: None) -> None:
            self.removed()
            screen = self.app.screen if isinstance(self.app.screen, Place) else self
            screen.call_after_refresh(screen.say, f"Deleted {row.name}.", "ok")

        def answered(yes: bool | None) -> None:
            if yes:
                self.work(lambda: self.backend.repositories.delete(row.id, row.version), done=deleted, to_the_end=True)

        self.app.push_screen(Confirm(f"Delete {row.name}", lines, "Delete", danger=True, command=command), answered)

    def _done(self, now: Repository, said: str) -> None:
        del now
        self.changed()
        self.say(said, "ok")

    def _row(self) -> RepositoryRow:
        row = self.repository_row()
        assert row is not None, "the gate lets no act through without one"  # noqa: S101
        return row
