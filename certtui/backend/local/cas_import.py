"""CAs that were made elsewhere: imported with or without their key, or signed by an offline root."""

from __future__ import annotations

from certtui.backend.local.open_store import OpenStore
from certtui.model.certificate import NewCertificate
from certtui.model.local_ca import CaSettings


def import_ca(store: OpenStore, new: NewCertificate, settings: CaSettings | None) -> int:
    raise NotImplementedError


def complete(store: OpenStore, ca_id: int, version: int, new: NewCertificate) -> None:
    raise NotImplementedError
