"""The dialog that uses a repository's keys: sign, verify, encrypt, decrypt a file. It stays open until that is done."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input

from certtui.errors import CerttuiError
from certtui.model.cms import CIPHERS, DIGESTS, FORMS, OAEP, PKCS1, why_not_used
from certtui.screens import export_files
from certtui.screens.repository_pick import Picked, PickFiled
from certtui.screens.repository_use_files import ACTS, DECRYPT, ENCRYPT, SIGN, VERIFY, Use, command, perform, suggestion
from certtui.screens.unlock import with_key
from certtui.widgets.choice_row import ChoiceRow
from certtui.widgets.dialogs import Confirm, Dialog, as_typed
from certtui.widgets.labelled import Labelled
from certtui.widgets.line import Lines, Part
from certtui.widgets.path_input import PathField, PathInput
from certtui.widgets.pick_line import PickLine
from certtui.widgets.safe_text import SafeText
from certtui.widgets.wrapping import wrapped

if TYPE_CHECKING:
    from certtui.model.cms import CmsVerification
    from certtui.model.repository import RepositoryRow
    from certtui.screens.base import Place

_PLACES = (("attached", "in the message"), ("detached", "stays beside it"))
_SIGNATURES = (("pkcs1", "PKCS #1 v1.5"), ("pss", "PSS"))
_SEALS = ((OAEP, "OAEP"), (PKCS1, "PKCS #1 v1.5, for old readers"))
_WRITES = {SIGN: "Sign", VERIFY: "Verify", ENCRYPT: "Encrypt", DECRYPT: "Decrypt"}
_ANY = "the message tells; enter picks one"
_PICK = "none yet; enter picks"


class UseKeysDialog(Dialog[str]):
    """Answers the sentence of what was written, or None. What verifying found is shown in the dialog itself."""

    DEFAULT_CSS = """
    UseKeysDialog .-off { display: none; }
    UseKeysDialog #outcome { height: auto; }
    UseKeysDialog VerticalScroll { max-height: 8; margin-top: 1; }
    """

    def __init__(self, screen: Place, repository: RepositoryRow, act: str = SIGN) -> None:
        super().__init__(f"Use the keys of {repository.name}")
        self._screen = screen
        self._repository = repository
        self._start = act
        self._suggested = ""
        self._picked: dict[int, Picked] = {}
        self._busy = False

    def body(self) -> ComposeResult:
        yield Labelled("Act", ChoiceRow([(act, act) for act in ACTS], current=self._start, id="act"))
        yield Labelled("Certificate", PickLine(empty=_PICK, id="certificates"), id="certificates-row")
        yield Labelled("File", PathField(PathInput(id="file")))
        yield Labelled(
            "Content", PathField(PathInput(placeholder="of a detached message", id="content")), id="content-row"
        )
        yield Labelled("Write to", PathField(PathInput(id="out")))
        yield Labelled("Content", ChoiceRow(_PLACES, id="place"), id="place-row")
        yield Labelled("Digest", ChoiceRow([(each, each) for each in DIGESTS], id="digest"), id="digest-row")
        yield Labelled("RSA", ChoiceRow(_SIGNATURES, id="signature"), id="signature-row")
        yield Labelled("Cipher", ChoiceRow([(each, each) for each in CIPHERS], id="cipher"), id="cipher-row")
        yield Labelled("RSA", ChoiceRow(_SEALS, id="seal"), id="seal-row")
        yield Labelled("Form", ChoiceRow([(each, each.upper()) for each in FORMS], id="form"), id="form-row")
        with VerticalScroll(can_focus=False, classes="-off"):
            yield Lines(id="outcome")
        yield SafeText("", classes="problem")
        yield SafeText("", classes="command")

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        yield Button(Content(_WRITES[self._start]), id="accept")

    def on_mount(self) -> None:
        self._lay()
        self.query_one("#act", ChoiceRow).focus()

    # -- what is chosen ------------------------------------------------------------------------------------------

    @property
    def act(self) -> str:
        return self._value("act")

    @property
    def use(self) -> Use:
        """What is asked for as it stands."""
        rsa = any(each.key_algorithm.startswith("rsa-") for each in self._picked.values())
        return Use(
            self.act,
            self._repository.id,
            tuple(self._picked) if self.act != VERIFY else (),
            self._typed("file"),
            self._typed("content") if self.act == VERIFY else "",
            self._typed("out"),
            self._value("place") == "detached",
            self._value("digest"),
            rsa and self._value("signature") == "pss",
            self._value("cipher"),
            self._value("seal"),
            self._value("form"),
        )

    def _value(self, name: str) -> str:
        return self.query_one(f"#{name}", ChoiceRow).value

    def _typed(self, name: str) -> str:
        return self.query_one(f"#{name}", PathInput).value.strip()

    def _why_not(self) -> str:
        """Why the act can't be done at all, or ""."""
        return why_not_used(self._repository.data_source) or self._screen.backend.capabilities.why_not(
            f"repositories.{self.act}"
        )

    def on_choice_row_changed(self, event: ChoiceRow.Changed) -> None:
        if event.row.id == "act":
            several = self.act == ENCRYPT
            if not several and len(self._picked) > 1:
                self._picked = dict(list(self._picked.items())[:1])
                self._show_picked()
        self._lay()

    def on_input_changed(self, event: Input.Changed) -> None:
        self._lay(keep=event.input.id == "out")

    def on_pick_line_asked(self) -> None:
        act = self.act
        title = {SIGN: "Whose key signs?", ENCRYPT: "Whose keys open it?", DECRYPT: "Whose key opens it?"}[act]
        dialog = PickFiled(
            self._screen,
            self._repository,
            title,
            tuple(self._picked.values()),
            several=act == ENCRYPT,
            with_key=act != ENCRYPT,
        )

        def answered(answer: tuple[Picked, ...] | None) -> None:
            if answer is not None:
                self._picked = {each.id: each for each in answer}
                self._show_picked()
                self._lay()

        self.app.push_screen(dialog, answered)

    def on_pick_line_changed(self) -> None:
        """The last one was taken away."""
        left = {number for number, _ in self.query_one("#certificates", PickLine).picked}
        self._picked = {number: each for number, each in self._picked.items() if number in left}
        self._lay()

    def _show_picked(self) -> None:
        self.query_one("#certificates", PickLine).pick([(each.id, each.name) for each in self._picked.values()])

    def _lay(self, *, keep: bool = False) -> None:
        """Show what belongs to the act; the path to write to follows the one that is read until somebody types another."""
        act = self.act
        rsa = any(each.key_algorithm.startswith("rsa-") for each in self._picked.values())
        shown = {
            "certificates": act != VERIFY,
            "content": act == VERIFY,
            "place": act == SIGN,
            "digest": act == SIGN,
            "signature": act == SIGN and rsa,
            "cipher": act == ENCRYPT,
            "seal": act == ENCRYPT and rsa,
            "form": act in (SIGN, ENCRYPT),
        }
        for name, on in shown.items():
            self.query_one(f"#{name}-row").set_class(not on, "-off")
        self.query_one("#certificates", PickLine).empty = _ANY if act == DECRYPT else _PICK
        out = self.query_one("#out", PathInput)
        if not keep and out.value in ("", self._suggested):
            self._suggested = suggestion(self.use)
            out.take(self._suggested)
        accept = self.query_one("#accept", Button)
        accept.label = Content(_WRITES[act])
        reason = self._why_not()
        accept.disabled = bool(reason)
        self.problem(f"Not possible: {reason}" if reason else "")
        self._show_outcome(None)
        self.query_one(".command", SafeText).say(f"$ {as_typed(self.app, command(self.use))}")

    # -- the act -------------------------------------------------------------------------------------------------

    def accept(self) -> None:
        if self._busy:
            return
        use = self.use
        if reason := self._why_not():
            self.problem(f"Not possible: {reason}")
        elif use.act in (SIGN, ENCRYPT) and not use.certificates:
            self._ask_for("certificates", "Pick a certificate.")
        elif not use.file:
            self._ask_for("file", "Name a file to read.")
        elif not use.out and use.act != VERIFY:
            self._ask_for("out", "Name a file to write to.")
        else:
            self._ask_overwrite(use)

    def _ask_for(self, name: str, sentence: str) -> None:
        self.problem(sentence)
        self.query_one(f"#{name}").focus()

    def _ask_overwrite(self, use: Use) -> None:
        try:
            path = export_files.target_of(use.out) if use.out else None
        except (CerttuiError, OSError, RuntimeError) as error:
            self.problem(str(error))
            return
        if path is None or not path.exists():
            self._perform(use, overwrite=False)
            return
        if _same(path, use.file) or _same(path, use.content):
            self._ask_for("out", "That is the file that is read: name another one.")
            return
        lines = [f"{path} is there already.", "What it holds is lost."]

        def answered(answer: bool | None) -> None:
            if answer:
                self._perform(use, overwrite=True)

        self.app.push_screen(Confirm("Overwrite the file", lines, "Overwrite", danger=True), answered)

    def _perform(self, use: Use, *, overwrite: bool) -> None:
        backend = self._screen.backend
        self._busy = True
        self.problem("")
        with_key(
            self._screen,
            lambda: perform(backend, use, overwrite=overwrite),
            done=self._done,
            failed=self._refused,
            cancelled=self._free,
            needs_key=use.needs_key,
            why="The private key is needed.",
        )

    def _done(self, answer: tuple[str, CmsVerification | None]) -> None:
        self._free()
        said, found = answer
        if found is None:
            self.dismiss(said)
        else:
            self._show_outcome(found, said)

    def _refused(self, error: CerttuiError) -> None:
        self._free()
        self.problem(str(error))
        field = {"certificate": "certificates", "message": "file"}.get(getattr(error, "field", ""), "")
        if field:
            self.query_one(f"#{field}").focus()

    def _free(self) -> None:
        self._busy = False

    def _show_outcome(self, found: CmsVerification | None, said: str = "") -> None:
        self.query_one(VerticalScroll).set_class(found is None, "-off")
        self.query_one("#outcome", Lines).show([] if found is None else outcome_lines(found, said))


def outcome_lines(found: CmsVerification, said: str = "", width: int = 70) -> list[list[Part]]:
    """What verifying found, in words and in lines."""
    lines: list[list[Part]] = [[(line, "ok" if found.valid else "bad")] for line in wrapped(found.summary, width)]
    for each in found.signers:
        at = f"{each.signed_at:%Y-%m-%d %H:%M} UTC" if each.signed_at else "no time"
        lines.append(
            [("good      " if each.good else "not good  ", "ok" if each.good else "bad"), (each.name, "accent")]
        )
        lines.append([(f"          {each.algorithm}, signed {at} by its own clock", "dim")])
        why = each.problem or each.path
        # Of one signer alone the summary has said it.
        why = "" if why in found.summary else why
        lines += (
            [[(f"          {line}", "" if each.trusted else "bad")] for line in wrapped(why, width - 10)] if why else []
        )
    if said:
        lines += [[(line, "ok")] for line in wrapped(said, width)]
    return lines


def _same(path: Path, typed: str) -> bool:
    try:
        return bool(typed) and path.samefile(Path(typed).expanduser())
    except (OSError, RuntimeError):
        return False


def use_keys(screen: Place, repository: RepositoryRow, act: str = SIGN) -> None:
    """Open the dialog over a screen, which says what was written."""

    def answered(said: str | None) -> None:
        if said:
            screen.say(said, "ok")

    screen.app.push_screen(UseKeysDialog(screen, repository, act), answered)
