"""By hand: what the CA wants to find is shown, somebody puts it there, and the order goes on by itself once it is seen everywhere.

The values are the CA's, so it is asked for its order first; they stay the same for as long as that order lives.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from certtui.authorities.acme import http_look
from certtui.authorities.acme.books import BY_HAND, Planted
from certtui.authorities.acme.dns_names import challenge_name, text_for_consoles, text_line
from certtui.authorities.acme.dns_texts import look
from certtui.authorities.acme.http_answers import PATH
from certtui.authorities.acme.profile import BY_HTTP
from certtui.authorities.acme.proof import pause_between_looks, untold
from certtui.authorities.base import Answer, Waiting
from certtui.clock import rfc3339
from certtui.model.panel import PanelLine

if TYPE_CHECKING:
    from certtui.authorities.acme.authority import AcmeCa
    from certtui.authorities.acme.dns_look import Looked
    from certtui.authorities.acme.proof import Asked, Call
    from certtui.authorities.base import Request


class ByHand:
    """What is to be put there is on record as if it were there; nobody here takes it away."""

    patience = 0.0

    def __init__(self, ca: AcmeCa) -> None:
        self._ca = ca
        self._files = ca.settings.get("manual_by") == BY_HTTP
        self.challenge = "http-01" if self._files else "dns-01"
        self.by = "HTTP" if self._files else "DNS"
        what = "file" if self._files else "record"
        self.afterwards = (
            f" What was made for it by hand can go: each {what} at {PATH if self._files else '_acme-challenge'}."
        )

    def hint(self, request: Request) -> str:
        if self._files:
            return "Does the CA see the same web server? What it wants to find changes when the order is sent again."
        return (
            "Is the zone resolvable from the Internet? What the CA wants to find changes when the order is sent again."
        )

    def refusal(self, kind: str, value: str) -> str:
        if self._files:
            return f"{value} is a wildcard, which only DNS can prove." if value.startswith("*.") else ""
        return f"{value} is an address, which has no DNS record to prove it by." if kind == "IP" else ""

    def look(self, call: Call) -> Waiting | None:
        return None

    def present(self, call: Call, asked: Sequence[Asked]) -> Answer | None:
        if not untold(asked):
            return None
        wanted = [self._planted(each) for each in asked]
        self._put_on_record(call.request.order_id, wanted)
        looks = self._looked(wanted)
        call.keep(replace(call.progress, looked_at=call.now, looks=looks))
        bad = [each for each in looks if not each.ok]
        if not bad:
            return None
        ends = min((each.until for each in asked if each.until is not None), default=None)
        until = f" {self._ca.name} waits for it until {rfc3339(ends)}." if ends is not None else ""
        pause = pause_between_looks(call.now - call.request.submitted_at)
        return Waiting(bad[0].sentence + until, call.now + pause, pending=True)

    def _planted(self, each: Asked) -> Planted:
        value = each.identifier.value
        if self._files:
            where = f"http://{f'[{value}]' if ':' in value else value}{PATH}{each.challenge.token}"
            return Planted(where, each.key_authorization, BY_HAND)
        return Planted(challenge_name(value), each.dns_value, BY_HAND)

    def _put_on_record(self, order_id: int, wanted: Sequence[Planted]) -> None:
        """What an order of before wanted, which has run out at the CA, is shown no more."""
        for old in self._records(order_id):
            if old not in wanted and _place(old) in {_place(each) for each in wanted}:
                self._ca.books.uproot(order_id, old)
        self._ca.books.plant(order_id, wanted)

    def _looked(self, wanted: Sequence[Planted]) -> tuple[Looked, ...]:
        from concurrent.futures import ThreadPoolExecutor

        resolver = self._ca.resolver()
        names = sorted({each.name for each in wanted})

        def one(name: str) -> Looked:
            values = [each.value for each in wanted if each.name == name]
            if not self._files:
                return look(resolver, name, frozenset(values))
            host, _, token = name.removeprefix("http://").partition(PATH)
            return http_look.look(resolver, host.strip("[]"), token, values[0])

        with ThreadPoolExecutor(min(max(len(names), 1), 8), thread_name_prefix="certtui-look") as pool:
            return tuple(pool.map(one, names))

    def lost(self, order_id: int) -> bool:
        return False

    def settle(self, order_id: int) -> None:
        return

    def close(self) -> None:
        return

    def _records(self, order_id: int) -> list[Planted]:
        return [each for each in self._ca.books.planted(order_id) if each.kind == BY_HAND]

    # -- pages ---------------------------------------------------------------------------------------------------

    def asked(self, request: Request) -> Sequence[PanelLine]:
        label = "File" if self._files else "TXT"
        return [
            PanelLine(label, f"{name}, with what the CA says once the order is sent") for name in self._places(request)
        ]

    def _places(self, request: Request) -> list[str]:
        values = sorted({san.partition(":")[2].removeprefix("*.") for san in request.sans})
        if self._files:
            return [f"http://{f'[{value}]' if ':' in value else value}{PATH}" for value in values]
        return [challenge_name(value) for value in values]

    def panel(self, request: Request, now: datetime) -> Sequence[PanelLine]:
        progress = self._ca.books.progress(request.order_id)
        records = self._records(request.order_id)
        if not records:
            return [replace(each, mark="waiting") for each in self.asked(request)]
        looks = {_where(each): each for each in progress.looks}
        missing = sum(each.name not in looks or not looks[each.name].ok for each in records)
        lines = []
        if missing:
            what = (
                ("this file" if missing == 1 else f"these {missing} files")
                if self._files
                else ("this record" if missing == 1 else f"these {missing} records")
            )
            lines.append(PanelLine("To do", f"Make {what}, then leave: the order goes on by itself.", mark="waiting"))
        for name in sorted({each.name for each in records}):
            values = [each.value for each in records if each.name == name]
            lines += self._box(name, values, looks.get(name))
        if progress.looked_at is not None:
            lines.append(PanelLine("Looked", f"{rfc3339(progress.looked_at)[:16].replace('T', ' ')} UTC"))
        if not self._files and missing:
            for name in sorted({each.name for each in records if each.name not in looks or not looks[each.name].ok}):
                values = [each.value for each in records if each.name == name]
                looked = looks.get(name)
                consoles = text_for_consoles(_made_at(name, looked), values, looked.zone if looked else "")
                lines += [PanelLine(console, text, copy=text) for console, text in consoles]
        return lines

    def _box(self, name: str, values: Sequence[str], looked: Looked | None) -> list[PanelLine]:
        """One place: where, what, and what was seen there."""
        mark = "ok" if looked is not None and looked.ok else "waiting"
        if looked is not None and looked.verdict == "wrong":
            mark = "problem"
        if self._files:
            lines = [PanelLine("File", name, mark=mark, copy=name)]
            lines += [PanelLine("Content", value, copy=value) for value in values]
        else:
            place = _made_at(name, looked)
            whole = "\n".join(text_line(place, value) for value in values)
            lines = [PanelLine("TXT", name if place == name else f"{name} → {place}", mark=mark, copy=whole)]
            lines += [PanelLine("Value", value, copy=value) for value in values]
        if looked is not None and not looked.ok:
            seen = [PanelLine("Seen now", f"{each.server}  {each.text}") for each in looked.seen]
            lines += seen or [PanelLine("Seen now", looked.sentence)]
        return lines

    def of_profile(self) -> Sequence[PanelLine]:
        return [PanelLine("Proof", "by hand: an order shows what to make, and looks for it by itself")]

    def tests(self) -> Sequence[tuple[str, Callable[[], str]]]:
        return ()


def _made_at(name: str, looked: Looked | None) -> str:
    """Where a CNAME at the name leads: no other record can stand beside one."""
    return (looked.delegation.target if looked is not None else "") or name


def _place(record: Planted) -> str:
    """What a later value takes the place of: a name, or a file's folder."""
    return record.name.partition(PATH)[0]


def _where(looked: Looked) -> str:
    """The name that a record is kept by."""
    made = looked.delegation
    return made.name + made.target if made.name.endswith(PATH) else made.name
