"""`tls-alpn-01` (RFC 8737) by a listener of our own: nothing but port 443 of the name has to lead here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from certtui.authorities.acme.alpn_answers import PROTOCOL, serve, server_name, shown
from certtui.authorities.acme.listen_at import address_of
from certtui.authorities.acme.listened import listened, plant_listened, uproot_listened
from certtui.authorities.acme.listener import Lease, listen
from certtui.authorities.acme.profile import DEFAULT_TLS
from certtui.authorities.acme.proof import untold
from certtui.authorities.base import Answer, Waiting
from certtui.model.panel import PanelLine

if TYPE_CHECKING:
    from certtui.authorities.acme.authority import AcmeCa
    from certtui.authorities.acme.proof import Asked, Call
    from certtui.authorities.base import Request

_PAUSE = timedelta(seconds=10)


class ByTls:
    """The port is tried before the CA is asked, and is open until the call is over."""

    challenge = "tls-alpn-01"
    by = "TLS"
    afterwards = ""
    patience = 45.0

    def __init__(self, ca: AcmeCa) -> None:
        self._ca = ca
        self._lease: Lease | None = None
        self._told_here = False

    @property
    def _typed(self) -> str:
        return self._ca.settings.get("tls_listen") or DEFAULT_TLS

    def hint(self, request: Request) -> str:
        return f"Does {self._typed} get what comes to port 443 of the name, unopened?"

    def refusal(self, kind: str, value: str) -> str:
        return f"{value} is a wildcard, which only DNS can prove." if value.startswith("*.") else ""

    def look(self, call: Call) -> Waiting | None:
        self._try()
        return None

    def _try(self) -> Lease:
        if self._lease is None:
            self._lease = listen(address_of(self._typed, "tls_listen"), serve)
        return self._lease

    def present(self, call: Call, asked: Sequence[Asked]) -> Answer | None:
        lease = self._try()
        for each in asked:
            if not lease.put(server_name(each.identifier), shown(each.identifier, each.key_authorization)):
                text = f"Another order proves {each.identifier.value} by TLS at this moment."
                return Waiting(text, call.now + _PAUSE)
        self._told_here = plant_listened(self._ca, call, untold(asked)) or self._told_here
        return None

    def lost(self, order_id: int) -> bool:
        return not self._told_here and bool(listened(self._ca, order_id))

    def settle(self, order_id: int) -> None:
        uproot_listened(self._ca, order_id)

    def close(self) -> None:
        if self._lease is not None:
            self._lease.close()
            self._lease = None

    # -- pages ---------------------------------------------------------------------------------------------------

    def asked(self, request: Request) -> Sequence[PanelLine]:
        return [PanelLine("TLS", f"{value}, answered by a listener on {self._typed}") for value in _values(request)]

    def panel(self, request: Request, now: datetime) -> Sequence[PanelLine]:
        return [
            PanelLine("TLS", f"{value}:443, which leads to {self._typed} here", mark="waiting")
            for value in _values(request)
        ]

    def of_profile(self) -> Sequence[PanelLine]:
        return [PanelLine("Listens on", f"{self._typed}, {PROTOCOL}")]

    def tests(self) -> Sequence[tuple[str, Callable[[], str]]]:
        return (("Listener", self._tried),)

    def _tried(self) -> str:
        try:
            self._try()
            return f"{self._typed} can be listened on; the CA asks at port 443."
        finally:
            self.close()


def _values(request: Request) -> list[str]:
    return sorted({san.partition(":")[2] for san in request.sans})
