"""The export of several entries into a folder, one file each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Button, Input

from certtui.model.certificate import ExportForm, ExportRequest
from certtui.model.secret import Secret
from certtui.screens import export_files
from certtui.widgets.choice_list import ChoiceList
from certtui.widgets.choice_row import ChoiceRow
from certtui.widgets.dialogs import Dialog
from certtui.widgets.labelled import Entry, Labelled
from certtui.widgets.path_input import PathField, PathInput
from certtui.widgets.safe_text import SafeText


@dataclass(frozen=True, slots=True)
class ManyOrder:
    """What to write, where, and whether files that are there are written over."""

    request: ExportRequest
    folder: Path
    overwrite: bool


class ExportManyDialog(Dialog[ManyOrder]):
    """Form, folder, what to do with files that are there, and one password for all where keys are written."""

    DEFAULT_CSS = """
    ExportManyDialog ChoiceList { margin-bottom: 1; }
    ExportManyDialog .-off { display: none; }
    """

    def __init__(self, count: int) -> None:
        super().__init__(f"Export {count:,} certificates", command="certtui export ID --as pem --out FILE  (for each)")

    def body(self) -> ComposeResult:
        yield ChoiceList([label for _, label, _ in export_files.FORMS])
        yield Labelled("Into folder", PathField(PathInput("./certificates/", folders_only=True, id="folder")))
        yield Labelled(
            "Files there", ChoiceRow((("skip", "leave them, and say so"), ("overwrite", "overwrite")), id="there")
        )
        yield Labelled("Password", Entry(password=True, placeholder="one for all of them", id="first"), id="first-row")
        yield Labelled("", Entry(password=True, placeholder="the same again", id="second"), id="second-row")
        yield SafeText("", classes="problem")

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        yield Button(Content("Write"), id="accept")

    def on_mount(self) -> None:
        self._lay()
        self.query_one(ChoiceList).focus()

    @property
    def form(self) -> ExportForm:
        return export_files.FORMS[self.query_one(ChoiceList).cursor][0]

    def on_choice_list_moved(self) -> None:
        self._lay()

    def on_choice_list_chosen(self) -> None:
        self._lay()
        self.query_one("#folder", PathInput).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        self.problem("")

    def _lay(self) -> None:
        for row in ("#first-row", "#second-row"):
            self.query_one(row).set_class(self.form not in export_files.WITH_KEY, "-off")

    def accept(self) -> None:
        typed = self.query_one("#folder", PathInput).value.strip()
        password = None
        if not typed:
            self.problem("Name a folder.")
            return
        try:
            folder = Path(typed).expanduser()
            if folder.exists() and not folder.is_dir():
                self.problem(f"{folder} is no folder.")
                return
        except (OSError, RuntimeError) as error:
            self.problem(f"That folder can't be used: {error}.")
            return
        if self.form in export_files.WITH_KEY:
            first, second = (self.query_one(name, Entry).value for name in ("#first", "#second"))
            if not first:
                self.problem("Type a password: keys are not written in the clear in bulk.")
                return
            if first != second:
                self.problem("The two are not the same.")
                return
            password = Secret(first)
        overwrite = self.query_one("#there", ChoiceRow).value == "overwrite"
        self.dismiss(ManyOrder(ExportRequest(self.form, password=password), folder, overwrite))
