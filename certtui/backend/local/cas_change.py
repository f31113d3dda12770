"""What becomes of a CA: other settings, a successor, retirement."""

from __future__ import annotations

from certtui.backend.local.open_store import OpenStore
from certtui.model.ca import CaSpec
from certtui.model.local_ca import CaSettings


def edit(store: OpenStore, ca_id: int, version: int, settings: CaSettings) -> None:
    raise NotImplementedError


def roll_over(store: OpenStore, ca_id: int, version: int, spec: CaSpec | None) -> int:
    raise NotImplementedError


def retire(store: OpenStore, ca_id: int, version: int, *, living: int) -> None:
    raise NotImplementedError
