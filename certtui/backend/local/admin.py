"""Acts on a store that is not open: `backend.base.StoreAdmin`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from certtui.backend.local.place import place_of
from certtui.backend.local.store_status import nothing_there, status_of_store
from certtui.clock import Clock
from certtui.errors import Denied, Invalid

if TYPE_CHECKING:
    from certtui.backend.factory import StoreOptions
    from certtui.model.audit import Actor
    from certtui.model.secret import Secret
    from certtui.model.store import RestoreReport, StoreStatus


class LocalStoreAdmin:
    """Status, init and restore of the embedded store."""

    def __init__(self, options: StoreOptions, *, actor: Actor, clock: Clock | None = None) -> None:
        self._options = options
        self._actor = actor
        self._clock = clock or Clock()
        self._place = place_of(options.url, options.key_file)

    def status(self) -> StoreStatus:
        if not self._place.exists():
            return nothing_there(self._place)
        from certtui.backend.local.backend import open_store

        store = open_store(self._options, actor=self._actor, clock=self._clock)
        try:
            return status_of_store(store)
        finally:
            store.close()

    def init(self, *, passphrase: Secret | None = None) -> StoreStatus:
        from certtui.backend.local.create import create_store

        self._require_writable()
        given = passphrase if passphrase is not None else self._options.passphrase
        if given is not None and not given:
            raise Invalid("An empty passphrase protects nothing.", "Choose a longer one.", field="passphrase")
        create_store(self._place, actor=self._actor, clock=self._clock, passphrase=given)
        return self.status()

    def restore(self, backup: Path, *, overwrite: bool = False) -> RestoreReport:
        from certtui.backend.local.restore import restore_store

        self._require_writable()
        place = self._place
        if place.engine == "postgresql":
            from certtui.backend.local.postgres.missing import refuse_restore

            raise refuse_restore()
        return restore_store(
            place,
            backup,
            overwrite=overwrite,
            passphrase=self._options.passphrase,
            actor=self._actor,
            clock=self._clock,
        )

    def _require_writable(self) -> None:
        if self._options.read_only:
            raise Denied("The store was opened read-only.", "Leave --read-only away to change something.")
