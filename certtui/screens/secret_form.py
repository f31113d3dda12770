"""The form that stores a secret: from a file, pasted, or typed where it is not shown. What is in it does not come back."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult

from certtui.errors import CerttuiError, Invalid
from certtui.given import Absent, load
from certtui.model.secret import Secret
from certtui.model.stored_secret import LARGEST_SECRET, READ_TYPES, SECRET_TYPES, StoredSecretForm
from certtui.screens.container_words import octets
from certtui.screens.form import FormScreen
from certtui.screens.verdict import Typed, Verdict
from certtui.widgets.choice_row import ChoiceRow
from certtui.widgets.form_field import Field
from certtui.widgets.line_input import LineInput
from certtui.widgets.path_input import MaterialInput
from certtui.widgets.safe_text import SafeText

if TYPE_CHECKING:
    from certtui.model.stored_secret import StoredSecret

PASSPHRASE = "passphrase"  # noqa: S105  # the name of a type, and of the field that is never kept
AGAIN = "passphrase_again"
_WORDS = {
    "passphrase": "a passphrase",
    "symmetric": "a symmetric key",
    "opaque": "any content",
    "public": "a public key",
    "private": "a private key",
    "certificate": "certificates",
}
_LONGEST = 36_500


@dataclass(frozen=True, slots=True)
class SecretVerdict(Verdict):
    """What is to be stored, where nothing is wrong."""

    form: StoredSecretForm | None = None


class SecretFormScreen(FormScreen):
    """Kept while it is not saved, without what is typed as a passphrase (`certtui.forms`)."""

    TITLE = "Store a secret"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "form")
    KIND = "secret"
    SAVE_WORD = "store"

    DEFAULT_CSS = "SecretFormScreen .command { height: auto; color: $certtui-dim; margin-top: 1; }"

    def fields(self) -> ComposeResult:
        yield Field("type", "Type", ChoiceRow([(each, each) for each in SECRET_TYPES]))
        yield Field("name", "Name", LineInput(placeholder="what a container's form calls it"))
        yield Field("file", "From a file", MaterialInput(placeholder="a path, or paste PEM here"))
        yield Field(PASSPHRASE, "or typed", LineInput(password=True))
        yield Field(AGAIN, "Once more", LineInput(password=True))
        yield Field("expires", "Expires", LineInput(placeholder="never; or in days, or 2027-01-31"))
        yield Field("group", "Group", LineInput())
        yield Field("description", "Description", LineInput())
        yield SafeText("", classes="command")

    def begin(self) -> None:
        self._lay()
        self.field("type").focus_editor()

    def on_choice_row_changed(self, event: ChoiceRow.Changed) -> None:
        self._lay()

    def _lay(self) -> None:
        """Keys and certificates come from files; anything else may be typed."""
        typed = self.field("type").value not in READ_TYPES
        for name in (PASSPHRASE, AGAIN):
            self.field(name).display = typed

    def judge(self, typed: Typed) -> Verdict:
        problems: dict[str, str] = {}
        missing = {} if typed.value("name") else {"name": "A secret needs a name."}
        absent: dict[str, str] = {}
        kind = typed.value("type")
        expires = None
        try:
            expires = expiry(typed.value("expires"), self.console_app.clock.now())
        except Invalid as error:
            problems["expires"] = str(error)
        payload = None
        try:
            payload = _payload(typed, kind)
        except Absent as error:
            absent["file"] = str(error)
        except Invalid as error:
            # What is not typed yet is missing, not wrong.
            waits = error.field == "missing" or (error.field == AGAIN and not typed.values.get(AGAIN))
            (missing if waits else problems)[AGAIN if error.field == AGAIN else "file"] = str(error)
        if payload is None:
            return SecretVerdict("Nothing to store yet.", problems=problems, missing=missing, absent=absent)
        size = octets(len(payload.reveal()))
        form = StoredSecretForm(
            typed.value("name"), kind, payload, expires, typed.value("group"), typed.value("description")
        )
        name = typed.value("name") or "it"
        sentence = f"Will store {name}: {_WORDS[kind]} of {size}, sealed. What is in it is not shown again."
        return SecretVerdict(sentence, problems=problems, missing=missing, absent=absent, form=form)

    def judged(self, verdict: Verdict) -> None:
        from certtui.widgets.dialogs import as_typed

        line = as_typed(self.app, command_of(self.typed()))
        self.query_one(".command", SafeText).say(f"$ {line}")

    def save(self, verdict: Verdict) -> None:
        assert isinstance(verdict, SecretVerdict)  # noqa: S101  # made by judge
        form = verdict.form
        assert form is not None, "a verdict without a fault has something to save"  # noqa: S101
        from certtui.screens.unlock import with_key

        with_key(
            self,
            lambda: self.backend.secrets.store(form),
            done=self._is_stored,
            failed=self.refused,
            cancelled=self.resume,
            why="It is sealed by the store key.",
        )

    def _is_stored(self, secret: StoredSecret) -> None:
        row = secret.row
        said = ", encrypted under a passphrase of its own" if row.algorithm == "encrypted" else ""
        self.saved(f"Stored {row.name}, {row.type}, {octets(row.size)}{said}.", row.id)

    def refused(self, error: CerttuiError) -> None:
        fields = {"payload": "file", "business_group": "group", "expires_at": "expires"}
        if isinstance(error, Invalid) and error.field in fields:
            error.field = fields[error.field]
        super().refused(error)


def _payload(typed: Typed, kind: str) -> Secret | None:
    """What is to be stored, None for nothing yet. Raises `Invalid`."""
    given = typed.given("file", "what is to be stored")
    # Blanks belong to a passphrase.
    word = "" if kind in READ_TYPES else typed.values.get(PASSPHRASE, "")
    if given and word:
        raise Invalid("It comes from a file or is typed, not both.", "Empty one of them.", field="file")
    if word:
        if typed.values.get(AGAIN, "") != word:
            raise Invalid("The two are not the same.", "Type it again.", field=AGAIN)
        return Secret(word)
    if not given:
        raise Invalid("There is nothing to store.", "Name a file or type it.", field="missing")
    data = load(given).data
    if kind == "passphrase":
        # An editor ends a file with a line break, which no passphrase means.
        data = data.removesuffix(b"\n").removesuffix(b"\r")
    if not data:
        raise Invalid("That is empty.", "Choose another file.", field="file")
    if len(data) > LARGEST_SECRET:
        raise Invalid(f"That has {octets(len(data))}.", f"{LARGEST_SECRET // 1024} KiB are the most.", field="file")
    return Secret(data)


def expiry(text: str, now: datetime) -> datetime | None:
    """So many days from now, or the beginning of a day in UTC; None for nothing. Raises `Invalid`."""
    if not text:
        return None
    days = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    if 0 < days <= _LONGEST:
        return now + timedelta(days=days)
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise Invalid(f"{text} is neither days nor a date.", "Write 90, or 2027-01-31.", field="expires") from None


def command_of(typed: Typed) -> str:
    """The equivalent command line, which holds nothing of the payload."""
    words = ["certtui", "secret", "store", typed.value("name") or "NAME"]
    if not typed.values.get(PASSPHRASE):
        words.append(typed.value("file") or ("-" if "file" in typed.pastes else "FILE"))
    elif typed.value("type") != "passphrase":
        words.append("-")
    words += ["--type", typed.value("type")]
    for field, option in (("expires", "--expires"), ("group", "--group"), ("description", "--description")):
        if typed.value(field):
            words += [option, typed.value(field)]
    return shlex.join(words)
