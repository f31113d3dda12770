"""Renewals over HTTP: what is due, and one that a person wants now. The due ones are renewed by the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.errors import Unsupported
from certtui.model.renewal import Renewal, RenewalReport

if TYPE_CHECKING:
    from collections.abc import Sequence

    from certtui.backend.remote.view import View

ACTS = ("run_due",)


class RemoteRenewals:
    """`backend.base_issuing.Renewals` over HTTP."""

    def __init__(self, view: View) -> None:
        self._view = view

    def due(self) -> Sequence[Renewal]:
        found: tuple[Renewal, ...] = self._view.connection.read("/renewals/due", tuple[Renewal, ...])
        return found

    def run_due(self) -> RenewalReport:
        raise Unsupported(
            self._view.capabilities.why_not("renewals.run_due"),
            "Its worker runs with it; `certtui renew NAME` renews one certificate now.",
        )
