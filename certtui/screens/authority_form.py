"""The form of an authority: its type's settings as data, so that a new type needs no new screen. Saving also tests it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.widget import Widget

from certtui.errors import CerttuiError, Conflict, Invalid
from certtui.model.authority import AuthorityForm, AuthorityType, mattering
from certtui.model.renewal import DEFAULT_DAYS
from certtui.model.secret import Secret
from certtui.screens.form import FormScreen
from certtui.screens.unlock import with_key
from certtui.screens.verdict import Typed, Verdict
from certtui.widgets.choice_row import ChoiceRow
from certtui.widgets.form_field import Field
from certtui.widgets.line_input import LineInput
from certtui.widgets.path_input import PathInput
from certtui.widgets.safe_text import SafeText
from certtui.widgets.text_box import TextBox

if TYPE_CHECKING:
    from certtui.model.authority import Authority, AuthorityTest, AuthorityTypeInfo, SettingField

YES_NO = (("yes", "yes"), ("no", "no"))


class AuthorityFormScreen(FormScreen):
    """For a new profile, or for `authority`, whose type stays what it is."""

    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "form")
    SAVE_WORD = "save and test"

    DEFAULT_CSS = """
    AuthorityFormScreen .part { display: none; }
    AuthorityFormScreen .what { margin: 1 0; color: $certtui-dim; }
    """

    def __init__(self, types: Sequence[AuthorityTypeInfo], authority: Authority | None = None) -> None:
        super().__init__()
        self._authority = authority
        self._types = {str(each.type): each for each in types if authority is None or each.type is authority.row.type}
        self.title = "Add an authority" if authority is None else "Edit authority"
        self._laid: tuple[str, frozenset[str]] | None = None

    def about(self) -> str:
        return self._authority.row.name if self._authority else ""

    def fields(self) -> ComposeResult:
        old = self._authority
        if old is None:
            yield Field(
                "type", "Type", ChoiceRow([(key, each.title) for key, each in self._types.items()]), classes="-long"
            )
        for key, each in self._types.items():
            yield SafeText(each.description, classes=f"what part m-{key}")
        yield Field("name", "Name", LineInput(old.row.name if old else ""), classes="-long")
        yield Field("description", "Description", LineInput(old.description if old else ""), classes="-long")
        for key, each in self._types.items():
            for setting in each.fields:
                name = field_name(key, setting)
                yield Field(name, setting.label, self._editor(setting), classes=f"-long part m-{key}")
        yield Field(
            "auto_renew_days", "Renew (days)",
            LineInput(
                str(old.auto_renew_days if old else DEFAULT_DAYS), placeholder="days before expiry; 0 for no renewal"
            ),
            classes="-long",
        )  # fmt: skip

    def _editor(self, setting: SettingField) -> Widget:
        old = self._authority
        now = old.settings.get(setting.key, "") if old else setting.default
        if setting.kind in ("choice", "flag"):
            now = now or setting.default
        match setting.kind:
            case "choice" if setting.choices:
                return ChoiceRow([(each, each) for each in setting.choices], current=now)
            case "flag":
                return ChoiceRow(YES_NO, current=now or "no")
            case "folder":
                return PathInput(now, placeholder=setting.help, folders_only=True)
            case "lines":
                return TextBox(now, placeholder=setting.help)
            case "secret":
                kept = old is not None and setting.key in old.secrets_set
                return LineInput(password=True, placeholder="set; type to change it" if kept else setting.help)
            case "choices":
                return LineInput(now, placeholder=f"of {', '.join(setting.choices)}")
            case _:
                return LineInput(now, placeholder=setting.help)

    def begin(self) -> None:
        self._lay()
        first = "type" if self._authority is None else "name"
        self.field(first).focus_editor()

    @property
    def kind(self) -> str:
        """The chosen type."""
        return str(self._authority.row.type) if self._authority else self.field("type").value

    def changed(self, *, at_once: bool = False) -> None:
        self._lay()
        super().changed(at_once=at_once)

    def _lay(self) -> None:
        """Show what matters for what is chosen; what can't be seen is not asked for, and not kept."""
        shown = frozenset(each.key for each in settings_that_matter(self.typed(), self._types[self.kind]))
        laid = self.kind, shown
        if laid == self._laid:
            return
        self._laid = laid
        for part in self.query(".part"):
            part.display = part.has_class(f"m-{self.kind}")
        for each in self._types[self.kind].fields:
            self.field(field_name(self.kind, each)).display = each.key in shown

    # -- checking and saving -------------------------------------------------------------------------------------

    def judge(self, typed: Typed) -> Verdict:
        kind = typed.value("type") or next(iter(self._types), "")
        info = self._types.get(kind)
        problems: dict[str, str] = {}
        missing: dict[str, str] = {}
        notes: dict[str, str] = {}
        if not typed.value("name"):
            missing["name"] = "Give it a name: what orders will call it."
        days = typed.value("auto_renew_days")
        if days and not (days.isascii() and days.isdigit() and len(days) < 6):
            problems["auto_renew_days"] = "Give whole days from 1, or 0 for no renewal."
        for setting in settings_that_matter(typed, info) if info else ():
            field = field_name(kind, setting)
            value = typed.value(field)
            if setting.kind == "choice" and not setting.choices:
                problems[field] = "There is none here yet: make one first, in the built-in PKI."
            elif setting.said and value in setting.choices:
                notes[field] = setting.said[setting.choices.index(value)]
            elif setting.required and not value and setting.kind != "secret":
                missing[field] = f"{setting.label} is needed."
            elif setting.kind == "number" and value and not (value.isascii() and value.isdigit()):
                problems[field] = "Give a whole number."
        name = typed.value("name") or "the authority"
        verb = "add" if self._authority is None else "change"
        return Verdict(f"Will {verb} {name}, then test it. Nothing is ordered by that.", problems, missing, notes)

    def save(self, verdict: Verdict) -> None:
        typed, kind, old = self.typed(), self.kind, self._authority
        form = form_of(typed, self._types[kind], name_type=old is None)
        authorities = self.backend.authorities

        def act() -> tuple[Authority, AuthorityTest]:
            kept = authorities.add(form) if old is None else authorities.edit(old.row.id, old.row.version, form)
            return kept, authorities.test(kept.row.id)

        # What it tests may need the CA's key; its secrets are sealed by the store key.
        with_key(
            self, act, done=lambda both: self._done(*both), failed=self.refused, cancelled=self.resume,
            needs_key=bool(form.secrets), why="Its secrets are sealed by the store key.",
        )  # fmt: skip

    def _done(self, authority: Authority, test: AuthorityTest) -> None:
        from certtui.screens.authority_acts import ActsOnAuthorities, show_test
        from certtui.screens.base import Place

        self.saved(f"{'Added' if self._authority is None else 'Saved'} {authority.row.name}.")
        under = self.app.screen
        if isinstance(under, ActsOnAuthorities):
            under.configured(authority)
        if isinstance(under, Place):
            show_test(under, authority.row.name, test)

    def refused(self, error: CerttuiError) -> None:
        names = {each.key: field_name(self.kind, each) for each in self._types[self.kind].fields}
        if isinstance(error, Invalid) and error.field in names:
            error = Invalid(error.message, error.hint, field=names[error.field])
        elif isinstance(error, Conflict) and self._authority is None:
            error = Invalid(error.message, error.hint, field="name")
        super().refused(error)


class NewAuthorityScreen(AuthorityFormScreen):
    """For a new profile; kept while it is not saved."""

    KIND = "authority"


def field_name(kind: str, setting: SettingField) -> str:
    """How a form calls a setting of a type; what is called a password is never kept outside the store."""
    return f"{kind}.{setting.key}.password" if setting.kind == "secret" else f"{kind}.{setting.key}"


def settings_that_matter(typed: Typed, info: AuthorityTypeInfo) -> tuple[SettingField, ...]:
    """Of a type, for what is chosen in the form."""
    kind = str(info.type)
    return mattering(info.fields, {each.key: typed.value(field_name(kind, each)) for each in info.fields})


def form_of(typed: Typed, info: AuthorityTypeInfo, *, name_type: bool) -> AuthorityForm:
    """What was typed, for the seam; an empty secret leaves the one that is kept, and what does not matter is empty."""
    kind = str(info.type)
    matter = settings_that_matter(typed, info)
    settings: dict[str, str] = {}
    secrets: dict[str, Secret] = {}
    for setting in info.fields:
        value = typed.values.get(field_name(kind, setting), "") if setting in matter else ""
        if setting.kind != "secret":
            settings[setting.key] = value.strip()
        elif value:
            secrets[setting.key] = Secret(value)
    return AuthorityForm(
        name=typed.value("name"),
        type=AuthorityType(kind) if name_type else None,
        description=typed.value("description"),
        auto_renew_days=int(typed.value("auto_renew_days") or 0),
        settings=settings,
        secrets=secrets,
    )
