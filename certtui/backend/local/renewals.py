"""Renewals. `backend.base_issuing.Renewals` on the local store."""

from __future__ import annotations

from certtui.backend.local.open_store import OpenStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from certtui.model.renewal import Renewal, RenewalReport


class LocalRenewals:
    """What is due is decided from facts each time; an order's reference keeps two workers from renewing twice."""

    def __init__(self, store: OpenStore) -> None:
        self._store = store

    def due(self) -> Sequence[Renewal]:
        from certtui.backend.local.renewals_read import due

        return tuple(each.renewal for each in due(self._store))

    def run_due(self) -> RenewalReport:
        from certtui.backend.local.renewals_act import ask_windows, run_due

        ask_windows(self._store)
        return run_due(self._store)
