"""The inspect port of this process: what forms, `match` and imports ask of files (`certtui.backend.inspect.Inspect`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from certtui.backend.inspect import Pairing, ReadFile, SourceFile
    from certtui.model.chain import ChainReport
    from certtui.model.match import MatchReport, StoredPart
    from certtui.model.secret import Secret
    from certtui.model.x509 import Material, X509Details, X509Facts


_SMALL = 256 * 1024
"""Octets that are parsed in a few milliseconds, in which nobody notices that the interpreter is held."""


class Inspector:
    """Implements `Inspect`. Holds no state; safe to call from several threads."""

    def read(self, file: SourceFile, passwords: Sequence[Secret] = ()) -> Material:
        from certtui.pki.read import may_hold_secrets, read

        if len(file.data) <= _SMALL and not may_hold_secrets(file.data):
            return read(file.path, file.data, passwords)
        from certtui.pki.jobs import read_one

        return read_one(file, passwords)

    def read_many(self, files: Iterable[SourceFile], passwords: Sequence[Secret] = ()) -> Iterator[ReadFile]:
        from certtui.pki.jobs import read_many

        return read_many(files, passwords)

    def pair(self, materials: Sequence[Material]) -> Pairing:
        from certtui.pki.pair import pair

        return pair(materials, _is_root)

    def entries(self, material: Material) -> Sequence[Pairing]:
        from certtui.pki.pair import entries

        return entries(material, _is_root)

    def match(self, materials: Sequence[Material], stored: Sequence[StoredPart] = ()) -> MatchReport:
        from certtui.pki.match import match

        return match(materials, _is_root, stored)

    def details(self, der: bytes) -> X509Details:
        from certtui.pki.text import details

        return details(der)

    def csr_text(self, der: bytes) -> str:
        from certtui.pki.text import csr_text

        return csr_text(der)

    def fetch(self, host: str, port: int, *, server_name: str = "", timeout: float = 10.0) -> Material:
        from certtui.pki.fetch import fetch

        return fetch(host, port, server_name=server_name, timeout=timeout)

    def suggest_sans(self, text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        from certtui.pki.sans import suggest_sans

        return suggest_sans(text)

    def target(self, text: str) -> tuple[str, int]:
        from certtui.pki.fetch import parse_target

        return parse_target(text)

    def trust(self, leaf: X509Facts, chain: Sequence[X509Facts], now: datetime) -> ChainReport:
        from certtui.pki.chain import Candidate, build
        from certtui.pki.roots import system_trust_store

        return build(Candidate(leaf, "chain"), chain, lambda _: (), system_trust_store(), now)


def _is_root(subject_id: str) -> bool:
    from certtui.pki.roots import system_trust_store

    return subject_id in system_trust_store().by_subject
