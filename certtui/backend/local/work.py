"""The due work of this store. `backend.base_issuing.Work` on the local store."""

from __future__ import annotations

from certtui.backend.local.open_store import OpenStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from certtui.model.progress import Progress
    from certtui.model.work import WorkReport, WorkStatus


class LocalWork:
    """What is due is rows of the store: several workers share it, and none does what another does."""

    def __init__(self, store: OpenStore) -> None:
        self._store = store

    def run_due(self, progress: Progress | None = None) -> WorkReport:
        from certtui.backend.local.work_round import run_due

        return run_due(self._store, progress)

    def status(self) -> WorkStatus:
        from certtui.backend.local.work_round import status

        return status(self._store)
