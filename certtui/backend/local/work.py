"""The due work of this store."""

from __future__ import annotations

from certtui.backend.local.open_store import OpenStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from certtui.model.progress import Progress
    from certtui.model.work import WorkReport, WorkStatus


class LocalWork:
    """`backend.base_issuing.Work` on the local store."""

    def __init__(self, store: OpenStore) -> None:
        self._store = store

    def run_due(self, progress: Progress | None = None) -> WorkReport:
        raise NotImplementedError

    def status(self) -> WorkStatus:
        raise NotImplementedError
