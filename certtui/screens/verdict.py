"""What was typed into a form, and what a check makes of it: plain data between the event loop and the checking thread."""

from __future__ import annotations

from dataclasses import dataclass, field

from certtui.given import Given
from certtui.model.certificate import Labels
from certtui.model.secret import Secret


@dataclass(frozen=True, slots=True)
class Typed:
    """The fields of a form by name: what is typed, and what was pasted and is held."""

    values: dict[str, str]
    pastes: dict[str, Secret] = field(default_factory=dict)

    def value(self, name: str) -> str:
        """The text of a field without blanks around it; "" for one that the form has not."""
        return self.values.get(name, "").strip()

    def given(self, name: str, what: str) -> Given:
        """The material of a field: a path, a paste or nothing."""
        return Given(self.values.get(name, ""), None if self.value(name) else self.pastes.get(name), what)

    def password(self, name: str) -> tuple[Secret, ...]:
        """The password of a field as the inspect port takes it; blanks belong to it."""
        typed = self.values.get(name, "")
        return (Secret(typed),) if typed else ()

    @property
    def labels(self) -> Labels:
        """What people write on an entry."""
        return Labels(self.value("name"), self.value("group"), self.value("description"), self.value("contact"))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check says. `problems` and `notes` stand beside their fields, `missing` only once somebody wants to save."""

    sentence: str
    problems: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    """Files that are not there: wrong like a problem, but not said while the path is still being typed."""

    @property
    def faults(self) -> dict[str, str]:
        """All that stands against saving: a sentence for each field at fault."""
        return {**self.missing, **self.absent, **self.problems}
