"""The form of a container that is made of stored secrets; with a container it says what that gives out from now on."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from certtui.errors import CerttuiError, Invalid
from certtui.model.container import (
    CERTIFICATE,
    INTERMEDIATES,
    MOST_PARTS,
    PART_TYPES,
    PASSPHRASE,
    PRIVATE_KEY,
    PUBLIC_KEY,
    ContainerContent,
    ContainerForm,
    ContainerType,
)
from certtui.screens.container_words import what_consumers_see
from certtui.screens.form import FormScreen
from certtui.screens.verdict import Typed, Verdict
from certtui.widgets.choice_row import ChoiceRow
from certtui.widgets.form_field import Field
from certtui.widgets.line_input import LineInput
from certtui.widgets.pick_line import PickLine
from certtui.widgets.safe_text import SafeText
from certtui.widgets.text_box import TextBox

if TYPE_CHECKING:
    from certtui.backend.base import Backend
    from certtui.model.container import Container
    from certtui.screens.container_choose import Choice

ANY = "parts"
"""The field of a generic container: a line for each part."""

_LABELS = {
    CERTIFICATE: "Certificate",
    PRIVATE_KEY: "Private key",
    PUBLIC_KEY: "Public key",
    INTERMEDIATES: "Intermediates",
    PASSPHRASE: "Key passphrase",
}
_NEEDED = {
    ContainerType.CERTIFICATE: (CERTIFICATE, PRIVATE_KEY),
    ContainerType.RSA: (PUBLIC_KEY, PRIVATE_KEY),
    ContainerType.GENERIC: (),
}
_OF_TYPE = {
    ContainerType.CERTIFICATE: (CERTIFICATE, PRIVATE_KEY, INTERMEDIATES, PASSPHRASE),
    ContainerType.RSA: (PUBLIC_KEY, PRIVATE_KEY, PASSPHRASE),
    ContainerType.GENERIC: (),
}
"""The parts that a container of a type may have, by name."""


@dataclass(frozen=True, slots=True)
class ContainerVerdict(Verdict):
    """What is to be made, where nothing is wrong."""

    form: ContainerForm | None = None


class ContainerFormScreen(FormScreen):
    """With a container it changes what that one gives out, and its name stays."""

    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "form")
    KIND = "container"

    DEFAULT_CSS = """
    ContainerFormScreen #named, ContainerFormScreen #any { height: auto; }
    ContainerFormScreen .command { height: auto; color: $certtui-dim; margin-top: 1; }
    """

    def __init__(self, container: Container | None = None) -> None:
        super().__init__()
        self._container = container
        self.title = "Make a container" if container is None else f"Update {container.row.name}"
        if container is not None:
            # What is kept of another one would be put over it.
            self.KIND = ""

    def fields(self) -> ComposeResult:
        of_it = self._container
        options = [
            ("certificate", "certificate"),
            ("rsa", "pair of RSA keys"),
            ("generic", "any secrets"),
        ]
        if of_it is None:
            yield _field("type", "Type", ChoiceRow(options))
            yield _field("name", "Name", LineInput(placeholder="what people call it"))
        with Vertical(id="named"):
            for name, label in _LABELS.items():
                yield _field(name, label, PickLine(empty="none; enter picks a stored secret"))
        with Vertical(id="any"):
            yield _field(
                ANY, "Parts", TextBox(placeholder="a part and a stored secret on each line: password = db-word")
            )
            yield _field("pick", "", PickLine(empty="enter picks a stored secret for another line"))
        if of_it is None:
            yield _field("group", "Group", LineInput())
            follows = [("yes", "follows renewals"), ("no", "stays with this certificate")]
            yield _field("follows", "Renewal", ChoiceRow(follows))
        yield SafeText("", classes="command")

    def begin(self) -> None:
        if self._container is not None:
            self.put_back(typed_of(self._container))
        self._lay()
        first = "type" if self._container is None else (*_OF_TYPE[self.type], ANY)[0]
        self.field(first).focus_editor()

    @property
    def type(self) -> ContainerType:
        """The type of what is made or changed."""
        return self._container.row.type if self._container else ContainerType(self.field("type").value)

    def on_choice_row_changed(self, event: ChoiceRow.Changed) -> None:
        self._lay()

    def _lay(self) -> None:
        """Show the parts that this type has."""
        kind = self.type
        for name in _LABELS:
            self.field(name).display = name in _OF_TYPE[kind]
        self.query_one("#named").display = bool(_OF_TYPE[kind])
        self.query_one("#any").display = kind is ContainerType.GENERIC
        if self._container is None:
            self.field("follows").display = kind is ContainerType.CERTIFICATE

    # -- picking -------------------------------------------------------------------------------------------------

    def on_pick_line_changed(self) -> None:
        self.changed()

    def on_pick_line_asked(self, event: PickLine.Asked) -> None:
        from certtui.screens.container_choose import ChooseSecret

        line = event.line
        name = next(field.field for field in self.all_fields.values() if field.editor is line)
        types = (PART_TYPES[name],) if name in PART_TYPES else ()

        def chosen(choice: Choice | None) -> None:
            if choice is not None and name == "pick":
                self._another(choice)
            elif choice is not None:
                line.pick([choice])
            line.focus()

        self.app.push_screen(ChooseSecret(self, "" if name == "pick" else name, types), chosen)

    def _another(self, choice: Choice) -> None:
        """A line for it, under a name made from its own."""
        text = self.field(ANY).value.rstrip("\n")
        line = f"{part_name(choice[1])} = {choice[1]}"
        self.field(ANY).put(f"{text}\n{line}" if text else line)

    # -- checking ------------------------------------------------------------------------------------------------

    def judge(self, typed: Typed) -> Verdict:
        kind = self._container.row.type if self._container else ContainerType(typed.value("type"))
        missing: dict[str, str] = {}
        if self._container is None and not typed.value("name") and kind is not ContainerType.CERTIFICATE:
            missing["name"] = "A container needs a name."
        for name in _NEEDED[kind]:
            if not typed.value(name):
                missing[name] = f"It needs a {_LABELS[name].lower()}."
        try:
            parts = _parts(self.backend, typed, kind)
        except CerttuiError as error:
            return ContainerVerdict("Not whole yet.", problems={ANY: str(error)}, missing=missing)
        if not parts and kind is ContainerType.GENERIC:
            missing[ANY] = "It needs a part."
        form = ContainerForm(
            name=typed.value("name"),
            type=kind,
            parts=parts,
            business_group=typed.value("group"),
            follows=typed.value("follows") != "no",
        )
        return ContainerVerdict(self._sentence(form), missing=missing, form=form)

    def _sentence(self, form: ContainerForm) -> str:
        if not form.parts:
            return "Pick what is to be in it."
        parts = ", ".join(form.parts)
        if self._container is not None:
            return f"Will give out {parts}. {what_consumers_see(self._container)[0]}"
        name = form.name or ("one by the certificate's name" if form.type is ContainerType.CERTIFICATE else "one")
        said = " The certificate comes into the inventory." if form.type is ContainerType.CERTIFICATE else ""
        return f"Will make {name}, with {parts}. It is refused where parts don't belong together.{said}"

    def judged(self, verdict: Verdict) -> None:
        from certtui.widgets.dialogs import as_typed

        form = verdict.form if isinstance(verdict, ContainerVerdict) else None
        line = "" if form is None else f"$ {as_typed(self.app, self.command_of(form))}"
        self.query_one(".command", SafeText).say(line)

    def command_of(self, form: ContainerForm) -> str:
        """The equivalent command line."""
        container = self._container
        parts = [word for name, number in form.parts.items() for word in ("--part", f"{name}={number}")]
        if container is not None:
            dropped = [part.name for part in container.parts if part.secret_id and part.name not in form.parts]
            drops = [word for name in dropped for word in ("--drop", name)]
            return shlex.join(["certtui", "container", "update", str(container.id), *parts, *drops])
        words = [
            "certtui",
            "container",
            "create",
            *([form.name] if form.name else []),
            "--type",
            form.type.value,
            *parts,
        ]
        words += ["--group", form.business_group] if form.business_group else []
        words += [] if form.follows else ["--no-follow"]
        return shlex.join(words)

    # -- saving --------------------------------------------------------------------------------------------------

    def save(self, verdict: Verdict) -> None:
        assert isinstance(verdict, ContainerVerdict)  # noqa: S101  # made by judge
        assert verdict.form is not None, "a verdict without a fault has something to save"  # noqa: S101
        self._do(verdict.form)

    def _do(self, form: ContainerForm) -> None:
        from certtui.screens.policy_reason import stopped_by_policy
        from certtui.screens.unlock import with_key

        containers, container = self.backend.containers, self._container

        def act() -> Container:
            if container is None:
                return containers.create(form)
            content = ContainerContent(parts=form.parts, reason=form.reason)
            return containers.update(container.id, container.version, content)

        def failed(error: CerttuiError) -> None:
            def again(reason: str) -> None:
                self._do(replace(form, reason=reason))

            if not stopped_by_policy(self, error, again=again, cancelled=self.resume):
                self.refused(error)

        with_key(self, act, done=self._is_done, failed=failed, cancelled=self.resume, why="Its parts are looked at.")

    def _is_done(self, now: Container) -> None:
        if self._container is None:
            self.saved(f"Made the container {now.row.name}.", now.id)
        else:
            self.saved(f"{now.row.name} gives out version {now.row.number} now.", now.id)

    def refused(self, error: CerttuiError) -> None:
        if isinstance(error, Invalid) and (error.field not in self.all_fields or not self.field(error.field).display):
            # Of a generic one the field is the name of a part, which stands in the text.
            named = {"business_group": "group"}
            error.field = named.get(error.field, ANY if self.type is ContainerType.GENERIC else error.field)
        super().refused(error)


def typed_of(container: Container) -> Typed:
    """What stands in the fields for a container."""
    stored = [part for part in container.parts if part.secret_id is not None]
    values = {part.name: f"{part.secret_id}\t{part.secret}" for part in stored if part.name in _LABELS}
    if container.row.type is ContainerType.GENERIC:
        values = {ANY: "\n".join(f"{part.name} = {part.secret or part.secret_id}" for part in stored)}
    return Typed(values)


def part_name(name: str) -> str:
    """A name that a part may have, made from a secret's."""
    kept = "".join(char if char.isascii() and (char.isalnum() or char in "_.-") else "_" for char in name.lower())
    return kept.strip("._-") or "part"


def _parts(backend: Backend, typed: Typed, kind: ContainerType) -> dict[str, int]:
    """Ids of stored secrets by the names of the parts. Raises `Invalid`, `NotFound`, `Ambiguous`."""
    if kind is not ContainerType.GENERIC:
        picked = {name: typed.value(name).partition("\t")[0] for name in _OF_TYPE[kind]}
        return {name: int(number) for name, number in picked.items() if number}
    parts: dict[str, int] = {}
    for line in filter(None, map(str.strip, typed.value(ANY).splitlines())):
        name, equals, secret = (each.strip() for each in line.partition("="))
        if not (name and equals and secret):
            raise Invalid("Each line is a part and a stored secret.", "Write: password = db-word", field=ANY)
        if name in parts:
            raise Invalid(f"The part {name} is there twice.", "Give each a name of its own.", field=ANY)
        if len(parts) >= MOST_PARTS:
            raise Invalid(f"{MOST_PARTS} parts are the most.", "Make two containers.", field=ANY)
        parts[name] = backend.secrets.resolve(secret)
    return parts


def _field(name: str, label: str, editor: Widget) -> Field:
    return Field(name, label, editor, classes="-long")
