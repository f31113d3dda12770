"""The seam's nouns of what needs a person: alerts, and the channels that carry them outside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from certtui.typed import Protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from certtui.backend.base import Listing
    from certtui.model.alert import Alert, AlertCounts, AlertRow, SweepReport, Thresholds
    from certtui.model.certificate import BulkOutcome
    from certtui.model.channel import Calendar, Channel, ChannelForm, Delivery, DeliveryResult
    from certtui.model.progress import Progress
    from certtui.model.query import Query


class Alerts(Protocol):
    """What needs a person."""

    def search(self, query: Query) -> Listing[AlertRow]:
        """Open a list, resolved ones too; free words match names and details, `state: severity: kind: group: object:` narrow it."""

    def get(self, alert_id: int) -> Alert:
        """One alert with its history; raises `NotFound`."""

    def open_counts(self) -> AlertCounts:
        """How many are open: one count by an index, cheap enough for every change of the feed."""

    def acknowledge(self, alert_id: int, version: int, note: str = "") -> Alert:
        """Take it on: it stays so until it becomes more urgent. Raises `NotFound`, `Conflict`, `Invalid`."""

    def snooze(self, alert_id: int, version: int, until: datetime, note: str = "") -> Alert:
        """Quiet until a time, or until it becomes more urgent. Raises `NotFound`, `Conflict`, `Invalid` (field "until")."""

    def resolve(self, alert_id: int, version: int, note: str = "") -> Alert:
        """Done by hand: it stays so until its cause goes away and comes back. Raises `NotFound`, `Conflict`, `Invalid`."""

    def reopen(self, alert_id: int, version: int, note: str = "") -> Alert:
        """Take back what was said. Raises `NotFound`, `Conflict` when its cause is no more."""

    def acknowledge_many(self, versions: Sequence[tuple[int, int]], note: str = "") -> BulkOutcome:
        """The same for (id, version) pairs; those that moved or can't be are skipped and named."""

    def snooze_many(self, versions: Sequence[tuple[int, int]], until: datetime, note: str = "") -> BulkOutcome: ...

    def resolve_many(self, versions: Sequence[tuple[int, int]], note: str = "") -> BulkOutcome: ...

    def reopen_many(self, versions: Sequence[tuple[int, int]], note: str = "") -> BulkOutcome: ...

    def thresholds(self) -> Sequence[Thresholds]:
        """Days at which expiring certificates raise alerts: what holds for all (group "") first, then groups with their own."""

    def set_thresholds(self, business_group: str, days: Sequence[int] | None) -> Sequence[Thresholds]:
        """Set those of a group, "" for all; None takes the group's own away. Raises `Invalid`, `Denied` outside the scope."""

    def sweep(self, progress: Progress | None = None) -> SweepReport:
        """Look for what needs a person now, over all of the store; what the worker does every few minutes."""


class Channels(Protocol):
    """Ways for alerts out of the console. For whoever sees all of the store; `calendar` for everybody, within their scope."""

    def list(self) -> Sequence[Channel]:
        """All channels by name."""

    def get(self, channel_id: int) -> Channel:
        """One channel; raises `NotFound`."""

    def resolve(self, reference: str) -> int:
        """Id or unique name. Raises `NotFound`."""

    def add(self, form: ChannelForm) -> Channel:
        """Raises `Invalid` (field), `Conflict` for a name that is taken, `Locked`; `Denied` for a command or file over a server."""

    def edit(self, channel_id: int, version: int, form: ChannelForm) -> Channel:
        """Its type stays. Raises `NotFound`, `Conflict`, `Invalid`, `Locked`, `Denied`."""

    def remove(self, channel_id: int, version: int) -> None:
        """Remove it with its secret and what waits for it; audited. Raises `NotFound`, `Conflict`."""

    def test(self, channel_id: int) -> DeliveryResult:
        """Send a test message now, and keep it in the history. Raises `NotFound`, `Locked`, `Unsupported` at another place."""

    def deliveries(self, channel_id: int, limit: int = 100) -> Sequence[Delivery]:
        """The newest messages along a channel, newest first; raises `NotFound`."""

    def calendar(self) -> Calendar:
        """Expiries of the next thirteen months as iCalendar text."""
