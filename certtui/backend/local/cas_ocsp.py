"""The OCSP responder (RFC 6960) of the CAs here."""

from __future__ import annotations

from certtui.backend.local.open_store import OpenStore


def answer_ocsp(store: OpenStore, request: bytes) -> bytes:
    raise NotImplementedError
