"""The form of a policy: what it is about, and what it asks for; for writing one and for changing one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.widget import Widget

from certtui.errors import Conflict, Invalid
from certtui.model.policy import HARD, POLICY_ACTS, SOFT, PolicyForm, PolicyRules, PolicyScope, ValidityLimit
from certtui.model.policy_check import checked_rules, checked_scope
from certtui.model.policy_json import day_of
from certtui.model.policy_words import rule_sentences, scope_sentence
from certtui.screens.form import FormScreen
from certtui.screens.verdict import Typed, Verdict
from certtui.widgets.choice_row import ChoiceRow
from certtui.widgets.form_field import Field
from certtui.widgets.line_input import LineInput
from certtui.widgets.safe_text import SafeText

if TYPE_CHECKING:
    from collections.abc import Sequence

    from certtui.errors import CerttuiError
    from certtui.model.policy import Policy, PolicyDryRun

_ACTS = (
    (" ".join(POLICY_ACTS), "everything"),
    ("issue renew", "orders"),
    ("import", "imports"),
    ("issue", "new orders"),
    ("renew", "renewals"),
)
_LISTS = (
    ("allowed_names", "Names like", "*.example.com, .example.org"),
    ("forbidden_names", "No names like", "**.internal.example.com"),
    ("registered_domains", "Only within", "example.com, example.org"),
    ("keys", "Keys", "rsa-2048, ec-256, ed25519"),
    ("digests", "Digests", "sha256, sha384, sha512"),
    ("subject_fields", "Subject has", "O=Example, C"),
    ("authorities", "Issued by", "type:local, Example CA*"),
)
"""Rules that are lists of texts: field, label, an example."""

_PERMISSIONS = (
    ("wildcards", "Wildcards", "allowed", "not allowed"),
    ("internal_names", "Internal names", "allowed", "public names only"),
    ("common_name_only", "Names in SANs", "as it comes", "every one"),
)


@dataclass(frozen=True, slots=True)
class PolicyVerdict(Verdict):
    """What is to be saved, where nothing is wrong."""

    form: PolicyForm | None = None


class PolicyFormScreen(FormScreen):
    """The form; with a policy it changes that one."""

    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "form", "policy-form")
    KIND = "policy"

    DEFAULT_CSS = """
    PolicyFormScreen .part { height: 1; margin-top: 1; color: $certtui-dim; }
    """

    def __init__(self, policy: Policy | None = None) -> None:
        super().__init__()
        self._policy = policy
        if policy is not None:
            # What is kept of another one would be put over it.
            self.KIND = ""
        self.title = "Add a policy" if policy is None else f"Edit {policy.name}"

    def fields(self) -> ComposeResult:
        yield _field("name", "Name", LineInput())
        yield _field("description", "Says", LineInput(placeholder="shown to whoever is refused: why, and whom to ask"))
        outcomes = [(HARD, "hard: refuses"), (SOFT, "soft: asks for a word")]
        yield _field("outcome", "Outcome", ChoiceRow(outcomes))
        yield SafeText("What it is about", classes="part")
        yield _field("acts", "Acts", ChoiceRow(self._acts()))
        yield _field("domains", "With names like", LineInput(placeholder="all; or .example.com"))
        yield _field("groups", "Groups", LineInput(placeholder="all; several with commas"))
        yield _field("scope_authorities", "Authorities", LineInput(placeholder="all; or type:acme, Example CA"))
        yield _field("cas", "CA certificates", ChoiceRow([("no", "left out"), ("yes", "too")]))
        yield SafeText("What it asks for", classes="part")
        for field, label, example in _LISTS[:3]:
            yield _field(field, label, LineInput(placeholder=example))
        for field, label, yes, no in _PERMISSIONS:
            yield _field(field, label, ChoiceRow([("yes", yes), ("no", no)]))
        for field, label, example in _LISTS[3:5]:
            yield _field(field, label, LineInput(placeholder=example))
        yield _field("validity", "Days at most", LineInput(placeholder="200, 100 from 2027-03-15"))
        for field, label, example in _LISTS[5:]:
            yield _field(field, label, LineInput(placeholder=example))
        yield _field("max_names", "SANs at most", LineInput(placeholder="any number"))
        yield _field("entry_name", "Entry is called", LineInput(placeholder="pay-*"))

    def _acts(self) -> list[tuple[str, str]]:
        known = list(_ACTS)
        if self._policy is not None:
            mine = " ".join(self._policy.row.scope.acts)
            if mine not in dict(known):
                known.append((mine, mine))
        return known

    def begin(self) -> None:
        if self._policy is not None:
            self.put_back(typed_of(self._policy))
        self.field("name").focus_editor()

    # -- checking ------------------------------------------------------------------------------------------------

    def judge(self, typed: Typed) -> Verdict:
        problems: dict[str, str] = {}
        missing = {} if typed.value("name") else {"name": "A policy needs a name."}
        form = None
        try:
            scope = checked_scope(_scope(typed))
            rules = _rules(typed)
            if rules == PolicyRules():
                return PolicyVerdict(
                    scope_sentence(scope), missing={**missing, "allowed_names": "A policy needs a rule."}
                )
            form = PolicyForm(
                name=typed.value("name"),
                description=typed.value("description"),
                outcome=typed.value("outcome"),
                scope=scope,
                rules=checked_rules(rules),
            )
        except Invalid as error:
            problems[error.field] = str(error)
        if form is None or form.scope is None or form.rules is None:
            return PolicyVerdict("Not a policy yet.", problems=problems, missing=missing)
        said = " ".join(sentence for _, sentence in rule_sentences(form.rules))
        return PolicyVerdict(f"{scope_sentence(form.scope)} {said}", missing=missing, form=form)

    def do_policy_try_form(self) -> None:
        """A dry run of what stands there."""
        verdict = self.verdict
        form = verdict.form if isinstance(verdict, PolicyVerdict) else None
        if form is None:
            self.say("There is nothing to try yet: a policy needs a rule, and no field may be wrong.", "warn")
            return
        backend = self.backend

        def done(run: PolicyDryRun) -> None:
            self.open_screen("certtui.screens.policy_run:PolicyRunScreen", None, run)

        self.work_long(
            f"Trying {form.name or 'this policy'}",
            lambda progress: backend.policies.dry_run(form, progress),
            done=done,
            command="certtui policy dry-run --file FILE",
        )

    # -- saving --------------------------------------------------------------------------------------------------

    def save(self, verdict: Verdict) -> None:
        assert isinstance(verdict, PolicyVerdict)  # noqa: S101  # made by judge
        form, policy, policies = verdict.form, self._policy, self.backend.policies
        assert form is not None, "a verdict without a fault has something to save"  # noqa: S101

        def act() -> Policy:
            return policies.add(form) if policy is None else policies.edit(policy.id, policy.version, form)

        self.work(act, done=self._is_saved, failed=self.refused)

    def _is_saved(self, now: Policy) -> None:
        if self._policy is not None:
            self.saved(f"Saved {now.name}.", now.id)
            return
        keys = self.console_app.keys
        self.saved(
            f"Added {now.name}, not in force. {keys.label('policy.try')} tries it, "
            f"{keys.label('policy.switch')} puts it in force.",
            now.id,
        )

    def refused(self, error: CerttuiError) -> None:
        policy = self._policy
        if isinstance(error, Conflict) and policy is not None:
            # The newer version is taken up, what was typed is kept: saving again puts it there.
            self.work(
                lambda: self.backend.policies.get(policy.id),
                done=lambda now: self._reload(now, error),
                failed=super().refused,
            )
            return
        super().refused(error)

    def _reload(self, now: Policy, error: CerttuiError) -> None:
        same = self._policy is not None and now.version == self._policy.version
        self._policy = now
        super().refused(error)
        if not same:
            self.say(
                f"{now.name} was changed in the meantime. What you typed is kept; save again to put it there.", "warn"
            )


def typed_of(policy: Policy) -> Typed:
    """What stands in the fields for a policy."""
    row, scope, rules = policy.row, policy.row.scope, policy.row.rules
    values = {
        "name": row.name,
        "description": row.description.replace("\n", " "),
        "outcome": row.outcome,
        "acts": " ".join(scope.acts),
        "domains": ", ".join(scope.domains),
        "groups": _joined(scope.groups),
        "scope_authorities": _joined(scope.authorities),
        "cas": "yes" if scope.cas else "no",
        "validity": ", ".join(map(_limit_text, rules.validity)),
        "max_names": str(rules.max_names or ""),
        "entry_name": rules.entry_name,
    }
    values |= {field: _joined(getattr(rules, field)) for field, _, _ in _LISTS}
    values |= {field: "yes" if getattr(rules, field) else "no" for field, *_ in _PERMISSIONS}
    return Typed(values)


def _field(name: str, label: str, editor: Widget) -> Field:
    return Field(name, label, editor, classes="-long")


def _scope(typed: Typed) -> PolicyScope:
    return PolicyScope(
        acts=tuple(typed.value("acts").split()),
        domains=_words(typed, "domains"),
        groups=_parts(typed, "groups"),
        authorities=_parts(typed, "scope_authorities"),
        cas=typed.value("cas") == "yes",
    )


def _rules(typed: Typed) -> PolicyRules:
    """Raises `Invalid` with the field."""
    lists = {field: _words(typed, field) for field, _, _ in _LISTS if field not in ("subject_fields", "authorities")}
    lists |= {field: _parts(typed, field) for field in ("subject_fields", "authorities")}
    allowed = {field: typed.value(field) != "no" for field, *_ in _PERMISSIONS}
    return PolicyRules(
        **lists,  # type: ignore[arg-type]  # by name: lists of texts
        **allowed,  # type: ignore[arg-type]  # by name: yes or no
        validity=tuple(_limit(each) for each in _parts(typed, "validity")),
        max_names=_number(typed.value("max_names")),
        entry_name=typed.value("entry_name"),
    )


def _words(typed: Typed, field: str) -> tuple[str, ...]:
    """Texts without blanks in them, with commas or blanks between."""
    return tuple(typed.value(field).replace(",", " ").split())


def _parts(typed: Typed, field: str) -> tuple[str, ...]:
    """Texts with commas between; one with a comma in it stands in quotes."""
    return split_parts(typed.value(field))


def _joined(values: Sequence[str]) -> str:
    """The other way round."""
    return ", ".join(f'"{each}"' if "," in each else each for each in values)


def split_parts(text: str) -> tuple[str, ...]:
    """`a, "b, c"` as its parts."""
    if '"' not in text:
        return tuple(filter(None, (each.strip() for each in text.split(","))))
    import csv

    return tuple(filter(None, (each.strip() for row in csv.reader([text], skipinitialspace=True) for each in row)))


def _limit(text: str) -> ValidityLimit:
    days, word, day = text.partition(" from ")
    try:
        return ValidityLimit(int(days), day_of(day) if word else None)
    except ValueError:
        raise Invalid(
            f"{json.dumps(text, ensure_ascii=False)} is no limit.",
            "Write 200, or 100 from 2027-03-15; several with commas.",
            field="validity",
        ) from None


def _limit_text(limit: ValidityLimit) -> str:
    return f"{limit.days}" if limit.from_date is None else f"{limit.days} from {limit.from_date:%Y-%m-%d}"


def _number(text: str) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise Invalid(f"{text} is no number.", "Write how many, or nothing.", field="max_names")
    return int(text)
