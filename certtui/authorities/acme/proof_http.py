"""`http-01` (RFC 8555, 8.3): a file in the folder of a web server, or an answer of a listener of our own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from certtui.authorities.acme import http_look, web_root
from certtui.authorities.acme.books import FILE, Planted
from certtui.authorities.acme.dns_bound import bound_by
from certtui.authorities.acme.dns_look import WRONG
from certtui.authorities.acme.http_answers import PATH, serve
from certtui.authorities.acme.listen_at import address_of
from certtui.authorities.acme.listened import listened, plant_listened, uproot_listened
from certtui.authorities.acme.listener import Lease, listen
from certtui.authorities.acme.profile import BY_LISTENER, DEFAULT_HTTP, DEFAULT_SPREAD
from certtui.authorities.acme.proof import untold
from certtui.authorities.base import Answer, Waiting
from certtui.model.panel import PanelLine

if TYPE_CHECKING:
    from certtui.authorities.acme.authority import AcmeCa
    from certtui.authorities.acme.dns_look import Looked
    from certtui.authorities.acme.proof import Asked, Call
    from certtui.authorities.base import Request

_PAUSE = timedelta(seconds=10)


class ByHttp:
    """Whether it can be done is tried before the CA is asked; what the CA would see is looked at before it is told to look."""

    challenge = "http-01"
    by = "HTTP"
    afterwards = ""

    def __init__(self, ca: AcmeCa) -> None:
        self._ca = ca
        self._lease: Lease | None = None
        self._told_here = False

    @property
    def patience(self) -> float:
        # A listener is gone between two calls, so a CA that takes its time is waited for in this one.
        return 45.0 if self._listens else 0.0

    @property
    def _listens(self) -> bool:
        return self._ca.settings.get("http_by") == BY_LISTENER

    @property
    def _typed(self) -> str:
        return self._ca.settings.get("http_listen") or DEFAULT_HTTP

    @property
    def _root(self) -> str:
        """The web root, which may be used here. Raises `Unreachable`, `Locked`."""
        self._ca.books.require_bound(bound_by(self._ca.settings))
        return self._ca.settings.get("web_root", "")

    def hint(self, request: Request) -> str:
        bad = [each.sentence for each in self._ca.books.progress(request.order_id).looks if not each.ok]
        where = f"Does {self._typed} get" if self._listens else "Does its web root hold"
        what = f"{where} what is asked at port 80 of the name?"
        return f"Seen from here: {' '.join(bad)} {what}" if bad else what

    def refusal(self, kind: str, value: str) -> str:
        return f"{value} is a wildcard, which only DNS can prove." if value.startswith("*.") else ""

    def look(self, call: Call) -> Waiting | None:
        self._try()
        return None

    def _try(self) -> str:
        """That the folder or the port can be used. Raises `Unreachable`, `Locked`."""
        if not self._listens:
            return f"{web_root.check(self._root)} can be written to."
        self._listening()
        return f"{self._typed} can be listened on; the CA asks at port 80."

    def _listening(self) -> Lease:
        if self._lease is None:
            self._lease = listen(address_of(self._typed, "http_listen"), serve)
        return self._lease

    def present(self, call: Call, asked: Sequence[Asked]) -> Answer | None:
        fresh = untold(asked)
        if self._listens:
            lease = self._listening()
            for each in asked:
                lease.put(each.challenge.token, each.key_authorization)
            self._told_here = plant_listened(self._ca, call, fresh) or self._told_here
        elif fresh:
            root = self._root
            files = [Planted(each.challenge.token, each.key_authorization, FILE) for each in fresh]
            self._ca.books.plant(call.request.order_id, files)
            for file in files:
                web_root.put(root, file.name, file.value)
        return self._seen(call, fresh) if fresh else None

    def _seen(self, call: Call, fresh: Sequence[Asked]) -> Waiting | None:
        """Look at all; what is wrong for certain is waited for as long as the profile says, and then left to the CA."""
        from concurrent.futures import ThreadPoolExecutor

        resolver = self._ca.resolver()
        limit = timedelta(seconds=int(self._ca.settings.get("spread_seconds") or DEFAULT_SPREAD))

        def one(each: Asked) -> Looked:
            return http_look.look(resolver, each.identifier.value, each.challenge.token, each.key_authorization)

        while True:
            with ThreadPoolExecutor(min(len(fresh), 8), thread_name_prefix="certtui-look") as pool:
                looks = tuple(pool.map(one, fresh))
            call.keep(replace(call.progress, looked_at=call.now, looks=looks))
            wrong = next((each for each in looks if each.verdict == WRONG), None)
            since = call.progress.asked_at
            if wrong is None or since is None or call.now - since > limit:
                return None
            if call.rest(None, "") is not None:
                until = max(int((since + limit - call.now).total_seconds()), 0)
                return Waiting(f"{wrong.sentence} The CA is told to look in {until} s all the same.", call.now + _PAUSE)

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
        how = (
            f"by a listener on {self._typed}"
            if self._listens
            else f"by a file below {self._ca.settings.get('web_root')}"
        )
        return [PanelLine("HTTP", f"{name}, answered {how}") for name in places(request)]

    def panel(self, request: Request, now: datetime) -> Sequence[PanelLine]:
        looks = {each.delegation.name: each for each in self._ca.books.progress(request.order_id).looks}
        lines = []
        for name in places(request):
            looked = looks.get(name)
            if looked is None:
                lines.append(PanelLine("HTTP", name, mark="waiting", copy=name))
            else:
                mark = "ok" if looked.ok else "problem" if looked.verdict == WRONG else "waiting"
                lines.append(PanelLine("HTTP", looked.sentence, mark=mark, copy=name + looked.delegation.target))
        return lines

    def of_profile(self) -> Sequence[PanelLine]:
        if self._listens:
            return [PanelLine("Listens on", self._typed)]
        return [PanelLine("Web root", self._ca.settings.get("web_root", ""))]

    def tests(self) -> Sequence[tuple[str, Callable[[], str]]]:
        return (("Listener" if self._listens else "Web root", self._tried),)

    def _tried(self) -> str:
        try:
            return self._try()
        finally:
            self.close()


def places(request: Request) -> list[str]:
    """Where the CA asks, without the token."""
    values = sorted({san.partition(":")[2] for san in request.sans})
    return [f"http://{f'[{value}]' if ':' in value else value}{PATH}" for value in values]
