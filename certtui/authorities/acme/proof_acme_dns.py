"""`dns-01` by CNAMEs to names that an acme-dns server gave out: registered when an order is sent, on record before anybody makes the CNAME."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from certtui.authorities.acme.acme_dns import FOR_TESTS, register, server_of
from certtui.authorities.acme.dns_names import domains_of
from certtui.authorities.acme.proof_delegated import Delegated, written_and_read
from certtui.authorities.settings import words_of
from certtui.model.panel import PanelLine

if TYPE_CHECKING:
    from certtui.authorities.acme.acme_dns import Registration
    from certtui.authorities.acme.proof import Call
    from certtui.authorities.base import Waiting


class ByAcmeDns(Delegated):
    """Delegation whose targets are not ours to choose."""

    def look(self, call: Call) -> Waiting | None:
        self._register(domains_of(call.request.sans))
        return super().look(call)

    def of_profile(self) -> Sequence[PanelLine]:
        """How many names there are, not which: who may see the profile need not see every certificate."""
        server, zone = server_of(self._ca.settings), self._ca.tech_zone
        known = [each for each in self._ca.books.registrations(server.url).values() if each.domain != FOR_TESTS]
        return [
            PanelLine("acme-dns", server.url),
            *([PanelLine("Tech zone", zone)] if zone else []),
            PanelLine("Registered", f"{len(known)} {'name' if len(known) == 1 else 'names'}"),
        ]

    def tests(self) -> Sequence[tuple[str, Callable[[], str]]]:
        return (("acme-dns", self._server), ("Tech zone", self._zone), ("Records", self._record))

    def _server(self) -> str:
        """That it answers, and that a name to write to is registered there: one, for all tests of this store."""
        server = server_of(self._ca.settings)
        server.health()
        return f"{server.host} answers, and has registered {self._for_tests().target} to test with."

    def _record(self) -> str:
        target = self._for_tests().target
        return written_and_read(
            self._ca, target, self._ca.zone, name=target, gone="acme-dns keeps it until two newer ones come."
        )

    def _for_tests(self) -> Registration:
        return self._register([FOR_TESTS])[FOR_TESTS]

    def _register(self, domains: Sequence[str]) -> dict[str, Registration]:
        ca = self._ca
        return register(ca.books, server_of(ca.settings), domains, words_of(ca.settings, "acmedns_allow_from"))
