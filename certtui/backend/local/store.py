"""Care of the store: `backend.base.Store` on the local store."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from certtui.backend.local.open_store import OpenStore
from certtui.backend.local.store_status import status_of_store
from certtui.errors import CerttuiError, NotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from certtui.backend.local.keyring import WrappingKey
    from certtui.model.progress import Progress
    from certtui.model.secret import Secret
    from certtui.model.store import BackupReport, CheckFinding, StoreStatus


class LocalStore:
    """Status, lock, check, backup and re-key of a store that is open."""

    def __init__(self, store: OpenStore) -> None:
        self._store = store
        self._was_locked = False

    @property
    def locked(self) -> bool:
        # Asked wherever a screen is drawn: a store that can't be read just now is said by what reads it, not by this.
        with suppress(CerttuiError):
            self._was_locked = self._store.keyring.locked(self._store.wrapping_key())
        return self._was_locked

    def status(self) -> StoreStatus:
        return status_of_store(self._store)

    def unlock(self, passphrase: Secret) -> None:
        self._store.keyring.unlock(self._wrapping_key(), passphrase)

    def lock(self) -> None:
        self._store.keyring.lock()

    def check(self, progress: Progress | None = None) -> Sequence[CheckFinding]:
        from certtui.backend.local.check import check_store

        return check_store(self._store, progress)

    def backup(self, path: Path, *, overwrite: bool = False, progress: Progress | None = None) -> BackupReport:
        place = self._store.place
        if place.engine == "postgresql":
            from certtui.backend.local.postgres.missing import refuse_backup

            raise refuse_backup()
        from certtui.backend.local.backup import back_up

        return back_up(self._store, place, path, overwrite=overwrite, progress=progress)

    def rekey(self, progress: Progress | None = None) -> StoreStatus:
        from certtui.backend.local.rekey import rekey

        rekey(self._store, progress)
        return self.status()

    def set_passphrase(self, passphrase: Secret | None) -> StoreStatus:
        from certtui.backend.local.rekey import protect_by

        protect_by(self._store, passphrase)
        return self.status()

    def seal(self, content: bytes) -> bytes:
        from certtui.backend.local.sealing import seal_form

        return seal_form(content, *self._store.store_key())

    def unseal(self, sealed: bytes) -> bytes:
        from certtui.backend.local.sealing import unseal_form

        return unseal_form(sealed, *self._store.store_key())

    def _wrapping_key(self) -> WrappingKey:
        wrapping = self._store.wrapping_key()
        if wrapping is None:
            raise NotFound(f"There is no store at {self._store.place.url} yet.", "`certtui store init` makes one.")
        return wrapping
