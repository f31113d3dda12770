"""Watched folders of external CAs: certificates that appear there complete the orders they belong to."""

from __future__ import annotations

from datetime import datetime

from certtui.backend.local.open_store import OpenStore


def folders_due(store: OpenStore, now: datetime) -> tuple[int, tuple[str, ...]]:
    """Look into every watched folder: (orders completed, one sentence for each file that fits none)."""
    return 0, ()
