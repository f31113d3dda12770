"""Editing labels: of one certificate, with a conflict shown as such and what was typed kept; the group of several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Button, Input

from certtui import work
from certtui.errors import CerttuiError, Conflict, Invalid
from certtui.model.certificate import CertificateEdit
from certtui.text import shown
from certtui.widgets.dialogs import Dialog
from certtui.widgets.labelled import Entry, Labelled
from certtui.widgets.safe_text import SafeText

if TYPE_CHECKING:
    from certtui.backend.base import Backend
    from certtui.model.certificate import Certificate
    from certtui.screens.base import Place

FIELDS = (
    ("name", "Name"),
    ("business_group", "Group"),
    ("description", "Description"),
    ("contact_email", "Contact"),
)


class EditDialog(Dialog[str]):
    """Answers the sentence of what changed, or None."""

    def __init__(self, screen: Place, certificate: Certificate) -> None:
        super().__init__(
            f"Edit {certificate.row.name}", command=f"certtui edit {certificate.id} --name … --group … --description …"
        )
        self._backend: Backend = screen.backend
        self._certificate = certificate
        self._shown = _labels(certificate)
        self._busy = False

    def body(self) -> ComposeResult:
        for field, label in FIELDS:
            # What can't be typed is shown as it is drawn; a field that is left alone is not sent, so it stays as it is.
            yield Labelled(label, Entry(shown(self._shown[field]), id=field))
        yield SafeText("", classes="problem")

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        yield Button(Content("Save"), id="accept")

    def on_mount(self) -> None:
        self.query_one("#name", Entry).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        order = [field for field, _ in FIELDS]
        at = order.index(event.input.id or "name")
        if at + 1 < len(order):
            self.query_one(f"#{order[at + 1]}", Entry).focus()
        else:
            self.accept()

    @property
    def changes(self) -> dict[str, str]:
        """Fields that a person changed, with what they typed."""
        typed = {field: self.query_one(f"#{field}", Entry).value for field, _ in FIELDS}
        return {field: value for field, value in typed.items() if value != shown(self._shown[field])}

    def accept(self) -> None:
        if self._busy:
            return
        changes = self.changes
        if not changes:
            self.dismiss(None)
            return
        certificate = self._certificate
        self._busy = True
        self.problem("")
        work.run(
            self,
            lambda: self._backend.certificates.edit(certificate.id, certificate.version, CertificateEdit(**changes)),  # type: ignore[arg-type]  # labels alone
            done=self._saved,
            failed=self._refused,
        )

    def _saved(self, certificate: Certificate) -> None:
        self.dismiss(f"Saved {certificate.row.name}.")

    def _refused(self, error: CerttuiError) -> None:
        self._busy = False
        if isinstance(error, Conflict):
            certificate_id = self._certificate.id
            work.run(self, lambda: self._backend.certificates.get(certificate_id), done=self._reload, failed=self._gone)
            return
        self.problem(str(error))
        if isinstance(error, Invalid) and error.field in dict(FIELDS):
            self.query_one(f"#{error.field}", Entry).focus()

    def _reload(self, now: Certificate) -> None:
        """Somebody else was faster: fields left alone take their values, typed ones stay, and it is said."""
        mine = self.changes
        before, after = self._shown, _labels(now)
        said = []
        self._certificate, self._shown = now, after
        for field, label in FIELDS:
            if field not in mine:
                self.query_one(f"#{field}", Entry).value = shown(after[field])
            if after[field] != before[field]:
                said.append(f"{label} is now '{after[field]}'")
        what = "; ".join(said) or "something besides the labels"
        self.problem(f"It was changed in the meantime: {what}. What you typed is kept; save again to put it there.")

    def _gone(self, error: CerttuiError) -> None:
        self.problem(str(error))


class EditGroupDialog(Dialog[str]):
    """Asks for the business group of several certificates; answers it, "" for none."""

    def __init__(self, count: int) -> None:
        super().__init__(f"Business group of {count:,} certificates")
        self._count = count

    def body(self) -> ComposeResult:
        yield SafeText(f"{self._count:,} marked certificates get this group. An empty one takes their group away.")
        yield Labelled("Group", Entry(id="group"))
        yield SafeText("", classes="problem")

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        yield Button(Content(f"Set for {self._count:,}"), id="accept")

    def accept(self) -> None:
        self.dismiss(self.query_one("#group", Entry).value)


def _labels(certificate: Certificate) -> dict[str, str]:
    return {
        "name": certificate.row.name,
        "business_group": certificate.row.business_group,
        "description": certificate.description,
        "contact_email": certificate.row.contact_email,
    }
