"""What people do to alerts, from the list and from an alert's page alike: take on, put off, resolve, reopen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from certtui.model.certificate import BulkOutcome
from certtui.screens.base import Place
from certtui.widgets.dialogs import AskText

if TYPE_CHECKING:
    from certtui.errors import CerttuiError

Pairs = Sequence[tuple[int, int]]


class ActsOnAlerts(Place):
    """Acknowledge, snooze, resolve, reopen: what is marked, else the row under the cursor."""

    if TYPE_CHECKING:

        def changed(self) -> None:
            """The act changed something: read again."""

        def targets(self) -> list[tuple[int, int]]:
            """(id, version) of what the act is for, as it was seen."""

        def unmark(self, ids: Sequence[int] | None = None) -> None:
            """Take marks away."""

    def do_alert_acknowledge(self) -> None:
        alerts = self.backend.alerts
        self._ask(
            "Acknowledge", "You take it on; it opens again if it becomes more urgent.", "ack",
            lambda pairs, note: alerts.acknowledge_many(pairs, note), "taken on",
        )  # fmt: skip

    def do_alert_resolve(self) -> None:
        alerts = self.backend.alerts
        self._ask(
            "Resolve", "It stays resolved until its cause goes away and comes back.", "resolve",
            lambda pairs, note: alerts.resolve_many(pairs, note), "resolved",
        )  # fmt: skip

    def do_alert_reopen(self) -> None:
        alerts = self.backend.alerts
        self._ask(
            "Reopen", "It needs somebody again.", "reopen",
            lambda pairs, note: alerts.reopen_many(pairs, note), "open again",
        )  # fmt: skip

    def do_alert_snooze(self) -> None:
        pairs = self.targets()
        if not pairs:
            self.say("There is no alert here.", "warn")
            return
        from certtui.screens.alert_snooze import SnoozeDialog

        def chosen(until: datetime | None) -> None:
            if until is not None:
                self._act(
                    lambda: self.backend.alerts.snooze_many(pairs, until), f"quiet until {until:%Y-%m-%d %H:%M} UTC"
                )

        self.app.push_screen(SnoozeDialog(_named(pairs), self.console_app.clock.now(), _ids(pairs)), chosen)

    def _ask(self, title: str, what: str, command: str, act: Callable[[Pairs, str], BulkOutcome], became: str) -> None:
        pairs = self.targets()
        if not pairs:
            self.say("There is no alert here.", "warn")
            return

        def said(note: str | None) -> None:
            if note is not None:
                self._act(lambda: act(pairs, note), became)

        self.app.push_screen(
            AskText(
                f"{title} {_named(pairs)}",
                [what, "A note for the others, if you like:"],
                label=title,
                check=lambda note: "A note has a thousand characters at most." if len(note) > 1_000 else "",
                command=f"certtui alert {command} {_ids(pairs)} --note NOTE",
            ),
            said,
        )

    def _act(self, act: Callable[[], BulkOutcome], became: str) -> None:
        def done(outcome: BulkOutcome) -> None:
            self.unmark(outcome.done)
            self.changed()
            self.call_after_refresh(self.say, *_outcome(outcome, became))

        def failed(error: CerttuiError) -> None:
            self.changed()
            self.call_after_refresh(self.fail, error)

        self.work(act, done=done, failed=failed, to_the_end=True)


def open_thing(screen: Place, kind: str, object_id: int) -> None:
    """Go to what an alert is about."""
    match kind:
        case "certificate":
            screen.open_screen("certtui.screens.certificate:CertificateScreen", object_id)
        case "order":
            screen.open_screen("certtui.screens.order_page:OrderScreen", object_id)
        case "ca":
            screen.open_screen("certtui.screens.ca_page:CaScreen", object_id)
        case "authority":
            screen.open_screen("certtui.screens.authority_page:AuthorityScreen", object_id)
        case "channel":
            screen.open_screen("certtui.screens.channel_page:ChannelScreen", object_id)


def _named(pairs: Pairs) -> str:
    return "an alert" if len(pairs) == 1 else f"{len(pairs):,} alerts"


def _ids(pairs: Pairs) -> str:
    shown = " ".join(str(alert_id) for alert_id, _ in pairs[:5])
    return shown if len(pairs) <= 5 else f"{shown} …"


def _outcome(outcome: BulkOutcome, became: str) -> tuple[str, str]:
    count = len(outcome.done)
    what = "1 alert is" if count == 1 else f"{count:,} alerts are"
    if not outcome.skipped:
        return f"{what} {became}.", "ok"
    reason = outcome.skipped[0][1]
    if not count:
        return reason, "warn"
    return f"{what} {became}; {len(outcome.skipped):,} were left out: {reason}", "warn"
