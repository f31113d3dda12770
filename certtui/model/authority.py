"""Who issues: a configured authority (a CA profile), what it can do, and what it shows of itself, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum

from certtui.model.panel import PanelLine
from certtui.model.secret import Secret
from certtui.record import dataclass, field


class AuthorityType(str, Enum):
    """The kinds of authorities; a profile's type is fixed once it is made."""

    LOCAL = "local"
    ACME = "acme"
    EXTERNAL = "external"

    def __str__(self) -> str:
        return self.value

    @property
    def title(self) -> str:  # type: ignore[override]  # nobody writes a type in title case
        """As an order's type is called in lists."""
        return {"local": "Local PKI", "acme": "ACME", "external": "External CA"}[self.value]


@dataclass(frozen=True, slots=True)
class When:
    """A setting matters only while another one, `key`, matters itself and has one of these values."""

    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SettingField:
    """One setting of a type of authority, as a form draws it. Values are text; flags are "yes" and "no"."""

    key: str
    label: str
    kind: str = "text"
    """`text`, `number`, `choice`, `choices` (comma separated), `flag`, `folder`, `lines` or `secret` (sealed, never read back)."""
    help: str = ""
    choices: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    """A sentence for each of the choices, shown with the one that is chosen; empty where they speak for themselves."""
    default: str = ""
    required: bool = False
    """Where it matters."""
    when: tuple[When, ...] = ()
    """All of these; it always matters where there is none."""


@dataclass(frozen=True, slots=True)
class AuthorityTypeInfo:
    """A type that can be added here: its title, one sentence of what it is, and its settings."""

    type: AuthorityType
    title: str
    description: str
    fields: tuple[SettingField, ...]


@dataclass(frozen=True, slots=True)
class TemplateDays:
    """How long certificates of one template live: where the order does not say, and at most."""

    template: str
    days: int
    max_days: int


@dataclass(frozen=True, slots=True)
class AuthorityCapabilities:
    """What a profile can do; a reason is one sentence, "" where it can."""

    templates: tuple[str, ...] = ()
    """Names of the templates an order may choose from; empty where the authority decides."""
    default_template: str = ""
    key_types: tuple[str, ...] = ()
    """Empty for any."""
    default_days: int | None = None
    max_days: int | None = None
    why_no_revoke: str = ""
    """Why it can't revoke by itself: then a person must tell it."""
    needs_person: bool = False
    """The certificate is brought back by a person."""
    why_no_preflight: str = "An order to it costs nothing to try."
    """Why orders can't be tried at a staging server first, "" where they can."""
    template_days: tuple[TemplateDays, ...] = ()
    """For authorities with templates; `default_days` and `max_days` are those of the default and of the longest."""

    def days_of(self, template: str) -> tuple[int | None, int | None]:
        """Days by default and at most with this template, "" for the default one; None for what the authority decides."""
        wanted = template or self.default_template
        for each in self.template_days:
            if each.template == wanted:
                return each.days, each.max_days
        return self.default_days, self.max_days


@dataclass(frozen=True, slots=True)
class AuthorityForm:
    """What a person writes of a profile; for an edit None leaves a field as it is, and settings and secrets not named stay."""

    name: str | None = None
    type: AuthorityType | None = None
    enabled: bool | None = None
    description: str | None = None
    auto_renew_days: int | None = None
    """Default for what it issues; 0 for no renewal."""
    settings: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, Secret] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuthorityRow:
    """One line of the Authorities place."""

    id: int
    version: int
    name: str
    type: AuthorityType
    enabled: bool
    summary: str
    """In a few words: its issuing CA, its directory, its contact."""
    open_orders: int
    tested_at: datetime | None
    test_ok: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class CheckedLine:
    """One thing that a test of a profile looked at."""

    label: str
    ok: bool
    text: str


@dataclass(frozen=True, slots=True)
class AuthorityTest:
    """What came of `save and test`."""

    ok: bool
    lines: tuple[CheckedLine, ...]


@dataclass(frozen=True, slots=True)
class Authority:
    """One profile with everything its page shows; of secrets only which are set."""

    row: AuthorityRow
    description: str
    auto_renew_days: int
    settings: dict[str, str]
    secrets_set: tuple[str, ...]
    capabilities: AuthorityCapabilities
    panel: tuple[PanelLine, ...]
    last_test: tuple[CheckedLine, ...] = ()


def mattering(fields: Sequence[SettingField], settings: Mapping[str, str]) -> tuple[SettingField, ...]:
    """The fields that matter with these settings; one that is not set counts as its default."""
    known = {each.key: each for each in fields}

    def matters(field: SettingField) -> bool:
        return all(holds(each) for each in field.when)

    def holds(when: When) -> bool:
        other = known[when.key]
        return (settings.get(other.key) or other.default) in when.values and matters(other)

    return tuple(each for each in fields if matters(each))
