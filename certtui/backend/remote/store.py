"""The store of a server is cared for where it is; from here one sees only whether it is locked."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from certtui.backend.remote.seal import seal, unseal
from certtui.errors import Unsupported

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from certtui.backend.remote.view import View
    from certtui.model.progress import Progress
    from certtui.model.secret import Secret
    from certtui.model.store import BackupReport, CheckFinding, StoreStatus

ACTS = ("status", "unlock", "lock", "check", "backup", "rekey", "set_passphrase")


class RemoteStore:
    """`backend.base.Store` over HTTP: `Unsupported` but for `locked` and for sealing what an unsaved form holds."""

    def __init__(self, view: View) -> None:
        self._view = view

    @property
    def locked(self) -> bool:
        return self._view.locked

    def status(self) -> StoreStatus:
        self._refuse("status")

    def unlock(self, passphrase: Secret) -> None:
        self._refuse("unlock")

    def lock(self) -> None:
        self._refuse("lock")

    def check(self, progress: Progress | None = None) -> Sequence[CheckFinding]:
        self._refuse("check")

    def backup(self, path: Path, *, overwrite: bool = False, progress: Progress | None = None) -> BackupReport:
        self._refuse("backup")

    def rekey(self, progress: Progress | None = None) -> StoreStatus:
        self._refuse("rekey")

    def set_passphrase(self, passphrase: Secret | None) -> StoreStatus:
        self._refuse("set_passphrase")

    def seal(self, content: bytes) -> bytes:
        """By a key made from one's token: the store key never leaves the server. Raises `Unsupported` without a token."""
        return seal(self._view.connection.token(), content)

    def unseal(self, sealed: bytes) -> bytes:
        return unseal(self._view.connection.token(), sealed)

    def _refuse(self, act: str) -> NoReturn:
        raise Unsupported(
            self._view.capabilities.why_not(f"store.{act}"), "Run certtui on the server's host, on its store."
        )
