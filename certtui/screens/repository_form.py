"""The form of a repository: its name, and its data source with what belongs to it; for making one, and for enabling one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult

from certtui.errors import Conflict, Invalid
from certtui.model.query import Gone, Query, Sort
from certtui.model.repository import DataSource, RepositoryForm, RepositorySource
from certtui.record import dataclass
from certtui.screens.form import FormScreen
from certtui.screens.policy_form import split_parts
from certtui.screens.verdict import Typed, Verdict
from certtui.widgets.choice_row import ChoiceRow
from certtui.widgets.form_field import Field
from certtui.widgets.line_input import LineInput
from certtui.widgets.safe_text import SafeText

if TYPE_CHECKING:
    from collections.abc import Sequence

    from certtui.backend.base import Backend
    from certtui.errors import CerttuiError
    from certtui.model.local_ca import CaRow
    from certtui.model.policy import PolicySet
    from certtui.model.repository import Repository, RepositoryRow
    from certtui.screens.base import Place

WHAT = {
    DataSource.UPLOADED: "Takes any certificate: self-signed, of third parties, of a CA here.",
    DataSource.UPLOADED_CA: "Takes CA certificates with a complete chain; else the missing issuer is named.",
    DataSource.PRIVATE: "Bound to an intermediate CA of the built-in PKI: what it issues is filed by itself.",
    DataSource.COMPLIANT: "Bound to a CA that is marked as compliant; attached policies hold before it signs.",
}
_MOST_CAS = 500


@dataclass(frozen=True, slots=True)
class Offers:
    """What can be chosen from: active intermediates, and ready-made sets of policies."""

    cas: tuple[CaRow, ...]
    sets: tuple[PolicySet, ...]


def open_form(screen: Place, repository: RepositoryRow | None) -> None:
    """Open the form over a screen, once it is known what can be chosen from."""
    backend = screen.backend

    def show(offers: Offers) -> None:
        if repository is None:
            screen.open_screen("certtui.screens.repository_form:NewRepositoryScreen", offers)
        else:
            screen.open_screen("certtui.screens.repository_form:RepositoryFormScreen", offers, repository)

    screen.work(lambda: _offers(backend), done=show, key="target")


def _offers(backend: Backend) -> Offers:
    listing = backend.cas.search(Query("kind:intermediate state:active", Sort("name")))
    try:
        rows = listing.rows(0, _MOST_CAS)
    finally:
        listing.close()
    return Offers(tuple(row for row in rows if not isinstance(row, Gone)), tuple(backend.policies.sets()))


class RepositoryFormScreen(FormScreen):
    """With a repository, which was reset, it enables that one."""

    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "form")

    DEFAULT_CSS = """
    RepositoryFormScreen .what { margin: 1 0; color: $certtui-dim; }
    """

    def __init__(self, offers: Offers, repository: RepositoryRow | None = None) -> None:
        super().__init__()
        self._offers = offers
        self._repository = repository
        self.title = "New repository" if repository is None else "Enable a repository"
        self._laid: DataSource | None = None

    def about(self) -> str:
        return self._repository.name if self._repository else ""

    def fields(self) -> ComposeResult:
        if self._repository is None:
            yield _field("name", "Name", LineInput(placeholder="made up when left empty"))
            yield _field("business_group", "Group", LineInput(placeholder="none: shared by all"))
        yield _field("data_source", "Data source", ChoiceRow([(each.value, each.label) for each in DataSource]))
        yield SafeText("", classes="what")
        yield _field("private_ca", "CA", ChoiceRow(self._cas(DataSource.PRIVATE)))
        yield _field("compliant_ca", "CA", ChoiceRow(self._cas(DataSource.COMPLIANT)))
        sets = [("", "none"), *((each.name, each.name) for each in self._offers.sets)]
        yield _field("policy_set", "Ready-made set", ChoiceRow(sets))
        yield _field("policies", "Policies", LineInput(placeholder="names of policies, with commas between"))

    def _cas(self, kind: DataSource) -> list[tuple[str, str]]:
        """The CAs that can be bound: a CA belongs to one repository alone."""
        return [
            (str(row.id), row.name)
            for row in self._offers.cas
            if not row.bound and (row.compliant or kind is not DataSource.COMPLIANT)
        ]

    def begin(self) -> None:
        self._lay()
        self.field("name" if self._repository is None else "data_source").focus_editor()

    @property
    def kind(self) -> DataSource:
        """The data source that is chosen."""
        return DataSource(self.field("data_source").value)

    def changed(self, *, at_once: bool = False) -> None:
        if self.kind is not self._laid:
            self._lay()
        super().changed(at_once=at_once)

    def _lay(self) -> None:
        self._laid = kind = self.kind
        self.query_one(".what", SafeText).say(WHAT[kind])
        self.field("private_ca").display = kind is DataSource.PRIVATE
        self.field("compliant_ca").display = kind is DataSource.COMPLIANT
        for name in ("policy_set", "policies"):
            self.field(name).display = kind is DataSource.COMPLIANT

    # -- checking and saving -------------------------------------------------------------------------------------

    def judge(self, typed: Typed) -> Verdict:
        kind = DataSource(typed.value("data_source") or DataSource.UPLOADED.value)
        problems: dict[str, str] = {}
        missing: dict[str, str] = {}
        ca = ""
        if kind.bound:
            field = _ca_field(kind)
            ca = dict(self._cas(kind)).get(typed.value(field), "")
            if not ca:
                problems[field] = self._no_ca(kind)
        policies = _policies(typed)
        if kind is DataSource.COMPLIANT and not (policies or typed.value("policy_set")):
            missing["policy_set"] = "Choose a set, or name policies: what is compliant is judged by them."
        name = self._repository.name if self._repository else typed.value("name") or "a repository with a made-up name"
        act = "Will make" if self._repository is None else "Will enable"
        sentence = f"{act} {name}, for {kind.label.lower().replace('ca cert', 'CA cert')}"
        if ca:
            sentence += f" of {ca}"
        if kind is DataSource.COMPLIANT and (under := [*filter(None, [typed.value("policy_set")]), *policies]):
            sentence += f", under {', '.join(under)}"
        return Verdict(f"{sentence}.", problems, missing)

    def _no_ca(self, kind: DataSource) -> str:
        if not self._offers.cas:
            return "There is no intermediate CA here yet: make one in the built-in PKI."
        if kind is DataSource.COMPLIANT and not any(row.compliant for row in self._offers.cas):
            return "No CA is marked as compliant: edit one in the built-in PKI."
        return "Every CA that would do is bound to a repository already."

    def save(self, verdict: Verdict) -> None:
        typed, kind, old, backend = self.typed(), self.kind, self._repository, self.backend

        def act() -> Repository:
            source = _source(backend, typed, kind)
            if old is not None:
                return backend.repositories.enable(old.id, old.version, source)
            form = RepositoryForm(source, typed.value("name"), typed.value("business_group"))
            return backend.repositories.create(form)

        self.work(act, done=self._is_saved, failed=self.refused)

    def _is_saved(self, now: Repository) -> None:
        said = f"Made the repository {now.name}." if self._repository is None else f"{now.name} is enabled."
        self.saved(said, now.id)

    def refused(self, error: CerttuiError) -> None:
        if isinstance(error, Invalid) and error.field == "ca_id":
            error = Invalid(error.message, error.hint, field=_ca_field(self.kind))
        elif isinstance(error, Conflict) and self._repository is None and "called" in error.message:
            error = Invalid(error.message, error.hint, field="name")
        super().refused(error)


class NewRepositoryScreen(RepositoryFormScreen):
    """For a new one; kept while it is not saved."""

    KIND = "repository"


def _field(name: str, label: str, editor: ChoiceRow | LineInput) -> Field:
    return Field(name, label, editor, classes="-long")


def _ca_field(kind: DataSource) -> str:
    return f"{kind.value}_ca"


def _policies(typed: Typed) -> Sequence[str]:
    return split_parts(typed.value("policies"))


def _source(backend: Backend, typed: Typed, kind: DataSource) -> RepositorySource:
    """What was chosen, for the seam. Raises `Invalid` for a policy that is not there."""
    from certtui.errors import NotFound

    if kind is not DataSource.COMPLIANT:
        return RepositorySource(kind.value, int(typed.value(_ca_field(kind))) if kind.bound else None)
    ids = []
    for each in _policies(typed):
        try:
            ids.append(backend.policies.resolve(each))
        except NotFound as unknown:
            raise Invalid(unknown.message, unknown.hint, field="policies") from None
    return RepositorySource(kind.value, int(typed.value(_ca_field(kind))), tuple(ids), typed.value("policy_set"))
