"""Editing labels, and who renews it when: of one certificate, with a conflict shown as such and what was typed kept; the group of several."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Button, Input

from certtui import work
from certtui.errors import CerttuiError, Conflict, Invalid
from certtui.model.certificate import CertificateEdit
from certtui.model.query import Query
from certtui.model.renewal import DEFAULT_DAYS
from certtui.renewing import renewal_problems
from certtui.screens.renewal_keys import NEW_KEY, RENEWAL_KEYS, SAME_KEY
from certtui.text import shown
from certtui.widgets.choice_row import ChoiceRow
from certtui.widgets.dialogs import Dialog, Message
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
RENEWAL = (
    ("authority", "Renewed by"),
    ("auto_renew_days", "Days before"),
)
"""Of an entry that has an X.509 and is no CA's: others are renewed by their order, or rolled over."""

NAMED = 8
"""Authorities that the hint names."""


class EditDialog(Dialog[str]):
    """Answers the sentence of what changed, or None."""

    DEFAULT_CSS = "EditDialog .hint { color: $certtui-dim; }"

    def __init__(self, screen: Place, certificate: Certificate) -> None:
        renews = certificate.x509 is not None and not certificate.x509.is_ca
        options = "--name … --group … --authority … --auto-renew …" if renews else "--name … --group …"
        super().__init__(f"Edit {certificate.row.name}", command=f"certtui edit {certificate.id} {options}")
        self._backend: Backend = screen.backend
        self._certificate = certificate
        self._fields = (*FIELDS, *RENEWAL) if renews else FIELDS
        self._keeps = renews and certificate.row.has_private_key
        self._shown = _labels(certificate)
        self._busy = False

    def body(self) -> ComposeResult:
        for field, label in self._fields:
            # What can't be typed is shown as it is drawn; a field that is left alone is not sent, so it stays as it is.
            yield Labelled(label, Entry(shown(self._shown[field]), id=field, placeholder=_PLACEHOLDERS.get(field, "")))
        if self._keeps:
            yield Labelled("Renewal key", ChoiceRow(RENEWAL_KEYS, current=self._key, id="keep_key"))
        yield SafeText("", classes="hint", id="authorities")
        yield SafeText("", classes="problem")

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        yield Button(Content("Save"), id="accept")

    def on_mount(self) -> None:
        self.query_one("#name", Entry).focus()
        if self._fields is not FIELDS:
            work.run(self, self._authorities, done=self._name_them, failed=lambda _: None, background=True)

    def _authorities(self) -> list[str]:
        listing = self._backend.authorities.search(Query("enabled:yes"))
        try:
            return [row.name for row in listing.rows(0, NAMED + 1) if hasattr(row, "name")]
        finally:
            listing.close()

    def _name_them(self, names: list[str]) -> None:
        if names:
            more = ", …" if len(names) > NAMED else ""
            self.query_one("#authorities", SafeText).say(f"Authorities: {', '.join(names[:NAMED])}{more}")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        order = [field for field, _ in self._fields]
        at = order.index(event.input.id or "name")
        if at + 1 < len(order):
            self.query_one(f"#{order[at + 1]}", Entry).focus()
        else:
            self.accept()

    @property
    def _key(self) -> str:
        return SAME_KEY if self._certificate.keep_key else NEW_KEY

    @property
    def keep_key(self) -> bool | None:
        """Whether renewals are to have the same key, where a person changed that."""
        chosen = self.query_one("#keep_key", ChoiceRow).value if self._keeps else self._key
        return None if chosen == self._key else chosen == SAME_KEY

    @property
    def changes(self) -> dict[str, str]:
        """Fields that a person changed, with what they typed."""
        typed = {field: self.query_one(f"#{field}", Entry).value for field, _ in self._fields}
        return {field: value for field, value in typed.items() if value.strip() != shown(self._shown[field]).strip()}

    def accept(self) -> None:
        if self._busy:
            return
        changes, keep_key = self.changes, self.keep_key
        if not changes and keep_key is None:
            self.dismiss(None)
            return
        try:
            edit = replace(_edit(changes, renewed=bool(self._certificate.auto_renew_days)), keep_key=keep_key)
        except Invalid as error:
            self._refused(error)
            return
        certificate, backend = self._certificate, self._backend
        self._busy = True
        self.problem("")

        def save() -> tuple[Certificate, tuple[str, ...]]:
            after = backend.certificates.edit(certificate.id, certificate.version, edit)
            return after, renewal_problems(backend, after) if changes.keys() & dict(RENEWAL).keys() else ()

        work.run(self, save, done=lambda found: self._saved(*found), failed=self._refused)

    def _saved(self, certificate: Certificate, problems: tuple[str, ...]) -> None:
        app, name = self.app, certificate.row.name
        self.dismiss(f"Saved {name}.")
        if problems:
            lines = [f"{name} is saved, and would not be renewed as it is:", "", *problems]
            app.push_screen(Message("Its authority would refuse", lines))

    def _refused(self, error: CerttuiError) -> None:
        self._busy = False
        if isinstance(error, Conflict):
            certificate_id = self._certificate.id
            work.run(self, lambda: self._backend.certificates.get(certificate_id), done=self._reload, failed=self._gone)
            return
        self.problem(str(error))
        if isinstance(error, Invalid) and error.field in dict(self._fields):
            self.query_one(f"#{error.field}", Entry).focus()

    def _reload(self, now: Certificate) -> None:
        """Somebody else was faster: fields left alone take their values, typed ones stay, and it is said."""
        mine, keep_key = self.changes, self.keep_key
        before, after = self._shown, _labels(now)
        said = []
        self._certificate, self._shown = now, after
        if self._keeps and keep_key is None:
            self.query_one("#keep_key", ChoiceRow).value = self._key
        for field, label in self._fields:
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
        "authority": certificate.authority,
        "auto_renew_days": str(certificate.auto_renew_days or ""),
    }


_PLACEHOLDERS = {
    "authority": "the authority that renews it; empty for none",
    "auto_renew_days": f"days before it expires: {DEFAULT_DAYS} unless said, 0 for never",
}


def _edit(changes: dict[str, str], *, renewed: bool) -> CertificateEdit:
    """What was typed as an edit; one that is given an authority renews itself, unless it is said that it does not. Raises `Invalid`."""
    labels = {field: value for field, value in changes.items() if field in dict(FIELDS)}
    authority = changes.get("authority")
    days = changes.get("auto_renew_days")
    given: int | None = None
    if days is not None:
        text = days.strip() or "0"
        if not (text.isascii() and text.isdigit() and len(text) < 7):
            raise Invalid(f"{days} is no number of days.", "Give whole days, or 0 for never.", field="auto_renew_days")
        given = int(text)
    elif authority is not None and authority.strip() and not renewed:
        given = DEFAULT_DAYS
    return CertificateEdit(
        name=labels.get("name"),
        business_group=labels.get("business_group"),
        description=labels.get("description"),
        contact_email=labels.get("contact_email"),
        authority=authority,
        auto_renew_days=given,
    )
