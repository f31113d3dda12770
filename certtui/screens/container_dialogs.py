"""The dialogs of a container: what comes back, who uses it, what it is called."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input

from certtui import work
from certtui.errors import CerttuiError, Conflict
from certtui.model.consumer import Consumer, ConsumerForm
from certtui.model.container import Container, ContainerEdit, ContainerType
from certtui.model.status import Status
from certtui.screens.container_words import holds, version_holds, what_consumers_see, why
from certtui.text import shown
from certtui.widgets.choice_list import ChoiceList
from certtui.widgets.choice_row import ChoiceRow
from certtui.widgets.dialogs import Dialog, as_typed
from certtui.widgets.labelled import Entry, Labelled
from certtui.widgets.safe_text import SafeText

if TYPE_CHECKING:
    from datetime import datetime

    from certtui.model.certificate import Certificate
    from certtui.model.container import ContainerRow, ContainerVersion
    from certtui.screens.base import Place

NAMED = 6


def possible_versions(container: Container) -> list[ContainerVersion]:
    """Those that one can step back to, newest first."""
    return [each for each in container.versions if not each.why_not]


def update_lines(container: Container, old: Certificate | None, new: Certificate) -> tuple[list[str], bool]:
    """What another certificate means, and whether there is something to be careful about."""
    lines = [
        f"Now   {holds(container.row)}{_until(old)}",
        f"Then  {new.row.name}{_until(new)}",
        "",
    ]
    bad = new.row.status in (Status.EXPIRED, Status.REVOKED, Status.NOT_YET_VALID)
    if bad:
        lines += [f"! {new.row.name}: {new.status_reason}", ""]
    lost = [name for name in old.sans if name not in new.sans] if old is not None else []
    if lost:
        named = ", ".join(name.partition(":")[2] for name in lost[:NAMED])
        more = f" and {len(lost) - NAMED:,} more" if len(lost) > NAMED else ""
        lines += [f"! The new one lacks names of the old one: {named}{more}.", ""]
    lines += what_consumers_see(container)
    lines.append("The version of now stays, and one act steps back to it.")
    return lines, bad or bool(lost)


def _until(certificate: Certificate | None) -> str:
    if certificate is None or certificate.row.not_after is None:
        return ""
    return f", until {certificate.row.not_after:%Y-%m-%d}, {certificate.row.status}"


class RollbackDialog(Dialog[int]):
    """Which earlier version; below the list what comes back with it, and who gets it. Answers its number."""

    DEFAULT_CSS = """
    RollbackDialog ChoiceList { max-height: 5; margin-bottom: 1; }
    RollbackDialog VerticalScroll { max-height: 8; }
    """

    def __init__(self, container: Container, now: datetime, number: int | None = None) -> None:
        super().__init__(f"Roll back {container.row.name}", danger=True)
        self._container = container
        self._now = now
        self._versions = [each for each in container.versions if each.number != container.row.number]
        self._current = next(
            (at for at, each in enumerate(self._versions) if (each.number == number if number else not each.why_not)), 0
        )

    def body(self) -> ComposeResult:
        yield ChoiceList([_label(each) for each in self._versions], current=self._current)
        with VerticalScroll(can_focus=False):
            yield SafeText("", id="what")
        yield SafeText("", classes="command")

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        yield Button(Content("Roll back"), id="accept", classes="-danger")

    def on_mount(self) -> None:
        self._lay()
        self.set_focus(self.query_one(ChoiceList))

    @property
    def version(self) -> ContainerVersion:
        """The one under the cursor."""
        return self._versions[self.query_one(ChoiceList).cursor]

    def on_choice_list_moved(self) -> None:
        self._lay()

    def on_choice_list_chosen(self) -> None:
        # One key more than choosing: it changes what consumers get.
        self._lay()
        self.query_one("#accept" if not self.version.why_not else "#cancel", Button).focus()

    def _lay(self) -> None:
        version, row = self.version, self._container.row
        if version.why_not:
            lines = [f"Not possible: {version.why_not}"]
        else:
            over = version.not_after is not None and version.not_after < self._now
            lines = [f"Comes back: {version_holds(version)}.", *(["! That has expired."] if over else [])]
            lines.append(f"Goes: {holds(row)}, version {row.number}.")
            lines += what_consumers_see(self._container)
        self.query_one("#what", SafeText).say("\n".join(lines))
        self.query_one("#accept", Button).disabled = bool(version.why_not)
        command = f"certtui container rollback {row.id} --to {version.number}"
        self.query_one(".command", SafeText).say(f"$ {as_typed(self.app, command)}")

    def accept(self) -> None:
        if not self.version.why_not:
            self.dismiss(self.version.number)


def _label(version: ContainerVersion) -> str:
    no = "  (not possible)" if version.why_not else ""
    return f"{version.number}  {version_holds(version)}  {version.created_at:%Y-%m-%d}, {why(version.reason)}{no}"


class ConsumerDialog(Dialog[Consumer]):
    """Who uses it. Answers the consumer."""

    def __init__(self, screen: Place, row: ContainerRow) -> None:
        super().__init__(f"A consumer of {row.name}")
        self._containers = screen.backend.containers
        self._row = row
        self._busy = False

    def body(self) -> ComposeResult:
        yield SafeText("Who fetches it? Before it is deleted or its certificate revoked, each is shown.")
        yield Labelled("Service", Entry(placeholder="nginx, haproxy, a job", id="service"))
        yield Labelled("Runs on", Entry(placeholder="a type: host, load-balancer", id="type"))
        yield Labelled("Which one", Entry(placeholder="its name, id or URL", id="resource"))
        yield SafeText("", classes="problem")
        yield SafeText("", classes="command")

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        yield Button(Content("Add"), id="accept")

    def on_mount(self) -> None:
        self._lay()
        self.query_one("#service", Entry).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        self.problem("")
        self._lay()

    def submitted(self, field: Input) -> None:
        if field.id == "resource":
            self.accept()
        else:
            self.focus_next()

    def _form(self) -> ConsumerForm:
        service, kind, resource = (
            self.query_one(f"#{name}", Entry).value.strip() for name in ("service", "type", "resource")
        )
        return ConsumerForm(service, kind, resource)

    def _lay(self) -> None:
        form = self._form()
        words = ["certtui", "consumer", "add", str(self._row.id), form.service or "SERVICE"]
        words += ["--type", form.resource_type] if form.resource_type else []
        words += ["--resource", form.resource] if form.resource else []
        self.query_one(".command", SafeText).say(f"$ {as_typed(self.app, shlex.join(words))}")

    def accept(self) -> None:
        if self._busy:
            return
        form, row = self._form(), self._row
        if not form.service:
            self.problem("Say which service it is.")
            self.query_one("#service", Entry).focus()
            return
        self._busy = True
        work.run(self, lambda: self._containers.add_consumer(row.id, form), done=self.dismiss, failed=self._refused)

    def _refused(self, error: CerttuiError) -> None:
        self._busy = False
        self.problem(str(error))


class ContainerDialog(Dialog[Container]):
    """Name, what it follows, and of one without a certificate its group. Answers the container as it is now."""

    DEFAULT_CSS = "ContainerDialog ChoiceRow { margin-bottom: 0; }"

    def __init__(self, screen: Place, container: Container) -> None:
        super().__init__(f"Edit {container.row.name}")
        self._containers = screen.backend.containers
        self._row = container.row
        self._busy = False

    def body(self) -> ComposeResult:
        row = self._row
        yield Labelled("Name", Entry(shown(row.name), id="name"))
        if row.type is ContainerType.CERTIFICATE:
            options = [("yes", "follows renewals"), ("no", "stays with this certificate")]
            yield Labelled("Renewal", ChoiceRow(options, current="yes" if row.follows else "no", id="follow"))
        if row.certificate_id is None:
            yield Labelled("Group", Entry(shown(row.business_group), id="group"))
        yield SafeText("", classes="problem")
        yield SafeText("", classes="command")

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        yield Button(Content("Save"), id="accept")

    def on_mount(self) -> None:
        self._lay()
        self.query_one("#name", Entry).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        self.problem("")
        self._lay()

    def on_choice_row_changed(self) -> None:
        self._lay()

    def _lay(self) -> None:
        changes = self._changes()
        words = ["certtui", "container", "edit", str(self._row.id)]
        words += ["--name", changes.name] if changes.name is not None else []
        words += ["--group", changes.business_group] if changes.business_group is not None else []
        words += ["--follow", "yes" if changes.follows else "no"] if changes.follows is not None else []
        self.query_one(".command", SafeText).say(f"$ {as_typed(self.app, shlex.join(words))}")

    def _changes(self) -> ContainerEdit:
        """Only what differs."""
        row = self._row
        name = self.query_one("#name", Entry).value.strip()
        groups = list(self.query("#group").results(Entry))
        group = groups[0].value.strip() if groups else None
        rows = list(self.query("#follow").results(ChoiceRow))
        follows = rows[0].value == "yes" if rows else None
        return ContainerEdit(
            name=None if name == shown(row.name) else name,
            business_group=None if group in (None, shown(row.business_group)) else group,
            follows=None if follows == row.follows else follows,
        )

    def accept(self) -> None:
        if self._busy:
            return
        changes, row = self._changes(), self._row
        if changes == ContainerEdit():
            self.dismiss(None)
            return
        self._busy = True
        work.run(
            self,
            lambda: self._containers.edit(row.id, row.version, changes),
            done=self.dismiss,
            failed=self._refused,
        )

    def _refused(self, error: CerttuiError) -> None:
        if isinstance(error, Conflict):
            work.run(
                self,
                lambda: self._containers.get(self._row.id),
                done=lambda now: self._reload(now, error),
                failed=self._cannot,
            )
            return
        self._cannot(error)

    def _reload(self, now: Container, error: CerttuiError) -> None:
        """The newer version is taken up, what was typed is kept."""
        same = now.row.version == self._row.version
        self._row = now.row
        self._cannot(error)
        if not same:
            self.problem("It was changed in the meantime. What you typed is kept; save again to put it there.")

    def _cannot(self, error: CerttuiError) -> None:
        self._busy = False
        self.problem(str(error))
