"""Who keeps the TXT records of the tech zone: one small interface, and a module for each way."""

from __future__ import annotations

from typing import Protocol


class Records(Protocol):
    """Adds and removes single TXT values: others at the same name are of other orders, and stay."""

    def add(self, name: str, value: str) -> None:
        """Let the value be there, which it may be already. Raises `Unreachable` (tried again), `Invalid` (a setting)."""

    def remove(self, name: str, value: str) -> None:
        """Let the value be gone, which it may be already. Raises as `add`."""
