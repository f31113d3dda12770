"""The form of a resource: name, type, endpoint, notes; for adding one and for changing one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Button, Input

from certtui import work
from certtui.errors import CerttuiError, Conflict, Invalid
from certtui.model.resource import RESOURCE_TYPES, Resource, ResourceForm, ResourceRow
from certtui.text import shown
from certtui.widgets.choice_row import ChoiceRow
from certtui.widgets.dialogs import Dialog
from certtui.widgets.labelled import Entry, Labelled
from certtui.widgets.safe_text import SafeText

if TYPE_CHECKING:
    from certtui.screens.base import Place

ENTRIES = (("name", "Name"), ("endpoint", "Endpoint"), ("notes", "Notes"))


class ResourceDialog(Dialog[Resource]):
    """Answers the resource as it is now, or None."""

    DEFAULT_CSS = "ResourceDialog ChoiceRow { margin-bottom: 0; }"

    def __init__(self, screen: Place, row: ResourceRow | None = None) -> None:
        command = "certtui resource add NAME --type TYPE --endpoint HOST:PORT" if row is None else ""
        super().__init__("Add a resource" if row is None else f"Edit {row.name}", command=command)
        self._backend = screen.backend
        self._row = row
        self._busy = False

    def body(self) -> ComposeResult:
        row = self._row
        yield Labelled("Name", Entry(shown(row.name) if row else "", placeholder="lb-west", id="name"))
        options = [(kind, kind.replace("-", " ")) for kind in RESOURCE_TYPES]
        yield Labelled("Type", ChoiceRow(options, current=row.type if row else "host", id="type"))
        yield Labelled(
            "Endpoint", Entry(shown(row.endpoint) if row else "", placeholder="host:443 or a path", id="endpoint")
        )
        yield Labelled("Notes", Entry(shown(row.notes) if row else "", id="notes"))
        yield SafeText("", classes="problem")

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        yield Button(Content("Add" if self._row is None else "Save"), id="accept")

    def on_mount(self) -> None:
        self.query_one("#name", Entry).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        self.problem("")

    def accept(self) -> None:
        if self._busy:
            return
        form, row = self._form(), self._row
        resources = self._backend.resources
        self._busy = True

        def act() -> Resource:
            return resources.add(form) if row is None else resources.edit(row.id, row.version, form)

        work.run(self, act, done=self.dismiss, failed=self._refused)

    def _form(self) -> ResourceForm:
        """What was typed; of a resource that is there, only what differs."""
        typed = {field: self.query_one(f"#{field}", Entry).value.strip() for field, _ in ENTRIES}
        typed["type"] = self.query_one("#type", ChoiceRow).value
        row = self._row
        if row is None:
            return ResourceForm(**typed)
        before = {"name": row.name, "endpoint": row.endpoint, "notes": row.notes, "type": row.type}
        return ResourceForm(**{field: value for field, value in typed.items() if value != shown(before[field])})

    def _refused(self, error: CerttuiError) -> None:
        self._busy = False
        row = self._row
        if isinstance(error, Conflict) and row is not None:
            work.run(
                self,
                lambda: self._backend.resources.get(row.id),
                done=lambda now: self._reload(now, error),
                failed=self._gone,
            )
            return
        self._gone(error)
        if isinstance(error, (Invalid, Conflict)):
            field = getattr(error, "field", "") or "name"
            if self.query(f"#{field}"):
                self.query_one(f"#{field}").focus()

    def _reload(self, now: Resource, error: CerttuiError) -> None:
        """Take the newer version up, and keep what was typed; a name that is taken stays the problem it was."""
        if self._row is not None and now.row.version == self._row.version:
            self._gone(error)
            return
        self._row = now.row
        self.problem(
            f"It was changed in the meantime: now {now.row.name}, {now.row.type}, {now.row.endpoint or 'no endpoint'}. "
            "What you typed is kept; save again to put it there."
        )

    def _gone(self, error: CerttuiError) -> None:
        self.problem(str(error))
