"""One act that a person can do in the console, as data; `certtui.actions` has them all."""

from __future__ import annotations

from certtui.record import dataclass


@dataclass(frozen=True, slots=True)
class Action:
    """One act. `keys` are Textual key names; `act` is the capability id asked of the backend ("" when none is needed)."""

    id: str
    title: str
    help: str
    keys: tuple[str, ...]
    contexts: tuple[str, ...]
    danger: bool = False
    """It destroys something: never on a key that differs from a harmless one by case, never on `ctrl+d`."""
    changes: bool = False
    """It changes the store: not possible under `--read-only`."""
    rows: bool = False
    """It acts on rows, so its keys work only with the list focused."""
    act: str = ""
    footer: int = 0
    """Rank in the key line, 1 first; 0 stays out of it."""
    short: str = ""
    """The word in the key line, the title in lower case when empty."""
    command: str = ""
    """The equivalent command line, a template for `str.format`, shown in dialogs."""

    @property
    def method(self) -> str:
        """The name of the screen's method that does it."""
        return "do_" + self.id.replace(".", "_").replace("-", "_")

    @property
    def word(self) -> str:
        return self.short or self.title.lower()
