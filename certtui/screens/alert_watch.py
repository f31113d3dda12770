"""How many alerts are open, for the top line: asked again when the change feed moved, and not more often."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.errors import CerttuiError
from certtui.model.alert import AlertCounts
from certtui.work import run

if TYPE_CHECKING:
    from certtui.app import CerttuiApp
    from certtui.backend.base import Backend


class AlertWatch:
    """Hears of every change from whoever follows the feed."""

    def __init__(self, app: CerttuiApp) -> None:
        self._app = app
        self._heard: int | None = None
        self._asking = False
        self.counts = AlertCounts()

    def forget(self) -> None:
        """Another store stands behind the seam."""
        self._heard = None
        self.counts = AlertCounts()

    def heard(self, backend: Backend, latest: int) -> None:
        """The feed stands here."""
        if latest == self._heard or self._asking:
            return
        self._asking = True
        run(
            self._app,
            backend.alerts.open_counts,
            done=lambda counts: self._counted(backend, latest, counts),
            failed=self._not_counted,
            key="alerts",
            background=True,
        )

    def _counted(self, backend: Backend, latest: int, counts: AlertCounts) -> None:
        self._asking = False
        if backend is not self._app.backend:
            return
        self._heard = latest
        if counts != self.counts:
            self.counts = counts
            for screen in self._app.screen_stack:
                if hasattr(screen, "refresh_frame") and screen.is_mounted:
                    screen.refresh_frame()

    def _not_counted(self, error: CerttuiError) -> None:
        self._asking = False  # a server that is away: the number stays as it was

    @property
    def words(self) -> tuple[str, str]:
        """What the top line says, and in which style; nothing while nothing is open."""
        counts = self.counts
        if not counts.total:
            return "", ""
        style = "bad" if counts.critical else "warn" if counts.warning else "note"
        return ("1 alert" if counts.total == 1 else f"{counts.total:,} alerts"), style
