"""Making CAs: key, certificate, inventory entry, CA and first CRL, in one transaction."""

from __future__ import annotations

from certtui.backend.local.open_store import OpenStore
from certtui.model.ca import CaSpec
from certtui.model.local_ca import CaSettings


def create_root(store: OpenStore, spec: CaSpec, settings: CaSettings | None) -> int:
    raise NotImplementedError


def create_intermediate(store: OpenStore, parent_id: int, spec: CaSpec, settings: CaSettings | None) -> int:
    raise NotImplementedError


def request_intermediate(store: OpenStore, spec: CaSpec, settings: CaSettings | None) -> int:
    raise NotImplementedError
