"""What people do to a stored secret, from the list and from its page alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.actions import Action
from certtui.screens.access_acts import OpensAccess
from certtui.screens.base import Place

if TYPE_CHECKING:
    from certtui.model.stored_secret import StoredSecret, StoredSecretRow


class ActsOnSecrets(OpensAccess):
    """Destroy it; who may read and use it."""

    if TYPE_CHECKING:

        def changed(self) -> None:
            """The act changed something: read again."""

        def secret_row(self) -> StoredSecretRow | None:
            """The one that the act is for, as it was seen."""

    def access_object(self) -> tuple[str, int] | None:
        row = self.secret_row()
        return None if row is None else ("secret", row.id)

    def removed(self) -> None:
        """It is gone."""
        self.changed()

    def why_not(self, action: Action) -> str:
        if action.id in ("secret.delete", "access.show"):
            row = self.secret_row() if self.is_mounted else None
            if row is None:
                return "There is no secret here."
            if action.id == "secret.delete" and row.container_count:
                return _in_use(row.container_count)
        return super().why_not(action)

    def do_secret_delete(self) -> None:
        row = self.secret_row()
        if row is None:
            return

        def show(secret: StoredSecret) -> None:
            from certtui.widgets.dialogs import TypedConfirm

            now = secret.row
            if secret.uses:
                self.say(f"Destroy: {_in_use(len({use.container_id for use in secret.uses}))}", "warn")
                return
            lines = [
                f"{now.name} ({now.type}) is destroyed. This can't be undone, unless a copy is kept elsewhere.",
                "No container has it as a part.",
            ]
            self.app.push_screen(
                TypedConfirm(
                    f"Destroy {now.name}", lines, now.name, label="Destroy", command=f"certtui secret delete {now.id}"
                ),
                lambda yes: self._destroy(now) if yes else None,
            )

        self.work(lambda: self.backend.secrets.get(row.id), done=show, key="target")

    def _destroy(self, row: StoredSecretRow) -> None:
        def done(_: None) -> None:
            self.removed()
            screen = self.app.screen if isinstance(self.app.screen, Place) else self
            screen.call_after_refresh(screen.say, f"Destroyed {row.name}.", "ok")

        self.work(lambda: self.backend.secrets.delete(row.id, row.version), done=done, to_the_end=True)


def _in_use(count: int) -> str:
    what = "A container has" if count == 1 else f"{count:,} containers have"
    return f"{what} it as a part, now or in an earlier version."
