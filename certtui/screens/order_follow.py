"""Orders that end while one is elsewhere: seen by the change feed, said in the frame, gone to by a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.errors import CerttuiError
from certtui.model.order import OrderStatus
from certtui.work import run

if TYPE_CHECKING:
    from certtui.app import CerttuiApp
    from certtui.backend.base import Backend
    from certtui.model.order import OrderRow

ENDED = (OrderStatus.COMPLETE, OrderStatus.FAILED)
MOST = 20
"""Orders that are looked at after one question; of more at once only the last ones are told."""


class OrderWatch:
    """Tells of the ends of one's own orders. Nothing is drawn, and nothing sent, while none ends."""

    def __init__(self, app: CerttuiApp) -> None:
        self._app = app
        self._heard: int | None = None
        self._asking = False
        self.sending = 0
        """Orders that are being sent now: who does that sees their end on the spot."""
        self._seen: set[int] = set()
        """Orders whose end the person has seen on a page."""
        self.ended: list[OrderRow] = []
        """Ends that were told and not gone to yet, the newest last."""
        app.set_interval(app.settings.follow_seconds, self.look)

    def seen(self, row: OrderRow) -> None:
        """The page of this order is shown as it is now."""
        if row.status in ENDED:
            self._seen.add(row.id)
        else:
            self._seen.discard(row.id)
        if any(each.id == row.id for each in self.ended):
            self.ended = [each for each in self.ended if each.id != row.id]
            self._frame()

    def forget(self) -> None:
        """Another store stands behind the seam."""
        self._heard = None
        self.ended = []
        self._seen.clear()

    @property
    def news(self) -> str:
        """What the top line says of it."""
        if not self.ended:
            return ""
        key = self._app.keys.label("order.ended")
        if len(self.ended) > 1:
            return f"{len(self.ended)} orders ended: {key}"
        return f"{'order done' if self.ended[0].status is OrderStatus.COMPLETE else 'order failed'}: {key}"

    def look(self) -> None:
        """Ask the feed, unless it is being asked."""
        backend = self._app.backend
        if backend is None or self._asking or self.sending:
            return
        self._asking = True
        heard = self._heard
        run(
            self._app,
            lambda: _ended_since(backend, heard),
            done=lambda found: self._found(backend, *found),
            failed=self._not_asked,
            key="orders",
            background=True,
        )

    def _not_asked(self, error: CerttuiError) -> None:
        self._asking = False

    def _found(self, backend: Backend, latest: int, rows: list[OrderRow]) -> None:
        self._asking = False
        if backend is not self._app.backend or self.sending:
            return
        if self._app.alerts is not None:
            self._app.alerts.heard(backend, latest)
        self._heard = latest
        told = {each.id for each in self.ended}
        mine = [row for row in rows if row.requester == backend.info.actor.name]
        fresh = [row for row in mine if row.id not in told and row.id not in self._seen]
        if not fresh:
            return
        self.ended += fresh
        self._frame()
        screen = self._app.screen
        if hasattr(screen, "say"):
            screen.say(*sentence_of(fresh, self._app.keys.label("order.ended")))

    def _frame(self) -> None:
        for screen in self._app.screen_stack:
            if hasattr(screen, "refresh_frame") and screen.is_mounted:
                screen.refresh_frame()


def sentence_of(rows: list[OrderRow], key: str) -> tuple[str, str]:
    """What is said when orders end, and in which style."""
    if len(rows) > 1:
        failed = sum(row.status is OrderStatus.FAILED for row in rows)
        how = f", {failed} of them failed" if failed else ""
        return f"{len(rows)} orders ended{how}. {key} goes to the newest.", "warn" if failed else "ok"
    row = rows[0]
    name = row.common_name or row.name
    if row.status is OrderStatus.FAILED:
        return f"The order for {name} failed. {key} shows why.", "bad"
    return f"The certificate for {name} is here. {key} goes to its order.", "ok"


def _ended_since(backend: Backend, heard: int | None) -> tuple[int, list[OrderRow]]:
    latest = backend.feed.latest()
    if heard is None or latest == heard:
        return latest, []
    ids: dict[int, None] = {}
    for change in backend.feed.since(heard):
        latest = max(latest, change.seq)
        if change.object_kind == "order":
            ids.update(dict.fromkeys(change.object_ids))
    rows = []
    for order_id in list(ids)[-MOST:]:
        try:
            row = backend.orders.get(order_id).row
        except CerttuiError:  # gone, or not this person's to see
            continue
        if row.status in ENDED:
            rows.append(row)
    return latest, rows
