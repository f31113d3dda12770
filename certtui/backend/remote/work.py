"""The due work of a server: it does it, and tells how that goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.errors import Unsupported
from certtui.model.work import WorkReport, WorkStatus

if TYPE_CHECKING:
    from certtui.backend.remote.view import View
    from certtui.model.progress import Progress

ACTS = ("run_due",)


class RemoteWork:
    """`backend.base_issuing.Work` over HTTP."""

    def __init__(self, view: View) -> None:
        self._view = view

    def run_due(self, progress: Progress | None = None) -> WorkReport:
        raise Unsupported(
            self._view.capabilities.why_not("work.run_due"),
            "Its worker runs with it; `certtui worker` is for local stores.",
        )

    def status(self) -> WorkStatus:
        found: WorkStatus = self._view.connection.read("/work", WorkStatus)
        return found
