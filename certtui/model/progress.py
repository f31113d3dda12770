"""How long work tells how far it is."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, "int | None"], None]
"""Called with (done, total or None) from the working thread; raising `Interrupted` from it cancels cleanly."""
