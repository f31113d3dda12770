"""`dns-01` by CNAME delegation: a person makes one CNAME for each name, once, and its TXT records come and go in the tech zone."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from certtui.authorities.acme.dns_ask import zone_of
from certtui.authorities.acme.dns_follow import Place
from certtui.authorities.acme.dns_look import MISSING, UNKNOWN, Looked, look
from certtui.authorities.acme.dns_names import Delegation, challenge_name, for_consoles
from certtui.authorities.acme.dns_plant import plant
from certtui.authorities.acme.dns_provider import records_of, server_with
from certtui.authorities.acme.dns_public import deaf_of, hidden_because, told
from certtui.authorities.acme.dns_spread import not_yet_at
from certtui.authorities.acme.proof import pause_between_looks, untold
from certtui.authorities.base import Answer, Refused, Waiting
from certtui.clock import rfc3339
from certtui.errors import CerttuiError, Invalid, Unreachable
from certtui.model.panel import PanelLine

if TYPE_CHECKING:
    from certtui.authorities.acme.authority import AcmeCa
    from certtui.authorities.acme.proof import Asked, Call
    from certtui.authorities.base import Request

_LOOKS = 20


class Delegated:
    """The CNAMEs are looked at before the CA is asked for anything: its orders run out, ours wait as long as it takes."""

    challenge = "dns-01"
    by = "DNS"
    afterwards = ""
    patience = 0.0

    def __init__(self, ca: AcmeCa) -> None:
        self._ca = ca

    def hint(self, request: Request) -> str:
        """Where the CA could not see the proof, the tech zone is looked at as the CA would."""
        ca = self._ca
        try:
            seen = told(ca.resolver(), ca.zone)
        except CerttuiError as error:
            seen = error.message
        return f"{seen} Test the authority, look at the CNAMEs, then send the order again."

    def refusal(self, kind: str, value: str) -> str:
        return f"{value} is an address, which has no DNS record to prove it by." if kind == "IP" else ""

    def look(self, call: Call) -> Waiting | None:
        looks = looked_at(self._ca, call.request.sans)
        call.keep(replace(call.progress, looked_at=call.now, looks=looks))
        bad = [each for each in looks if not each.ok]
        if not bad:
            return None
        pause = pause_between_looks(call.now - call.request.submitted_at)
        more = len(bad) - 1
        also = f" {more} other {'name waits' if more == 1 else 'names wait'} for a CNAME too." if more else ""
        return Waiting(bad[0].sentence + also, call.now + pause, pending=True)

    def present(self, call: Call, asked: Sequence[Asked]) -> Answer | None:
        targets = {made.name: made.target for made in self._ca.delegations(call.request.sans)}
        wanted: dict[Place, set[str]] = {}
        for each in untold(asked):
            target = targets.get(challenge_name(each.identifier.value))
            if target is None:
                return Refused(f"{self._ca.name} wants {each.identifier.value} to be proved, which was not ordered.")
            wanted.setdefault(Place(target, self._ca.zone), set()).add(each.dns_value)
        return plant(self._ca, call, wanted, "the tech zone")

    def lost(self, order_id: int) -> bool:
        return False

    def settle(self, order_id: int) -> None:
        return

    def close(self) -> None:
        return

    # -- pages ---------------------------------------------------------------------------------------------------

    def asked(self, request: Request) -> Sequence[PanelLine]:
        return [_line(made) for made in self._ca.delegations(request.sans)]

    def panel(self, request: Request, now: datetime) -> Sequence[PanelLine]:
        progress = self._ca.books.progress(request.order_id)
        if progress.url:
            return [PanelLine("CNAME", each.sentence, mark="ok") for each in progress.looks]
        looks = {each.delegation: each for each in progress.looks}
        wanted = self._ca.delegations(request.sans)
        lines = []
        missing = sum(made not in looks or looks[made].to_be_made for made in wanted)
        if missing:
            what = "this record" if missing == 1 else f"these {missing} records"
            lines.append(PanelLine("To do", f"Make {what}, then leave: the order goes on by itself.", mark="waiting"))
        for made in wanted:
            looked = looks.get(made)
            mark = "waiting" if looked is None else "ok" if looked.ok else "problem" if looked.seen else "waiting"
            if looked is not None and looked.verdict == "missing":
                mark = "waiting"
            lines.append(_line(made, mark))
            if looked is not None and not looked.ok:
                lines += seen_now(looked)
        if progress.looked_at is not None:
            lines.append(PanelLine("Looked", f"{rfc3339(progress.looked_at)[:16].replace('T', ' ')} UTC"))
        return [*lines, *_consoles(wanted, looks)]

    def of_profile(self) -> Sequence[PanelLine]:
        return [PanelLine("Tech zone", self._ca.tech_zone)]

    # -- save and test -------------------------------------------------------------------------------------------

    def tests(self) -> Sequence[tuple[str, Callable[[], str]]]:
        return (
            ("Tech zone", self._zone),
            ("Records", lambda: written_and_read(self._ca, self._ca.tech_zone, self._ca.zone)),
        )

    def _zone(self) -> str:
        """That the tech zone is found from outside, and that each of its servers serves it."""
        ca = self._ca
        resolver = ca.resolver()
        zone = zone_of(resolver, ca.tech_zone)
        if zone != ca.zone and (server := server_with(ca, ca.zone)):
            raise Unreachable(
                f"{server} serves {ca.zone}, but nobody finds it there: its parent zone {zone} does not delegate it.",
                f"Add NS records for {ca.zone} to {zone}.",
            )
        if zone != ca.zone:
            raise Invalid(
                f"{ca.tech_zone} is no zone of its own: it lies in {zone}.",
                f"Delegate it, or set the update zone to {zone}.",
                field="dns_zone",
            )
        return served(ca, ca.tech_zone, zone)


def looked_at(ca: AcmeCa, sans: tuple[str, ...]) -> tuple[Looked, ...]:
    """Every CNAME that these names need, as it stands now."""
    from concurrent.futures import ThreadPoolExecutor

    wanted = ca.delegations(sans)
    resolver = ca.resolver(len(wanted))
    with ThreadPoolExecutor(min(max(len(wanted), 1), 8), thread_name_prefix="certtui-look") as pool:
        looks = tuple(pool.map(lambda made: look(resolver, made) if made.target else _unregistered(made), wanted))
    if not any(each.ok for each in looks) or not (why := hidden_because(resolver, ca.zone)):
        return looks
    # The CA would follow them into a zone that it does not find.
    return tuple(each.hidden(why) if each.ok else each for each in looks)


def _unregistered(made: Delegation) -> Looked:
    """With acme-dns, of a certificate that was ordered elsewhere."""
    domain = made.name.partition(".")[2]
    return Looked(
        made, UNKNOWN, f"{domain} is not registered at acme-dns: an order does that, and then waits for its CNAME."
    )


def seen_now(looked: Looked) -> list[PanelLine]:
    """What is wrong, and what each server said."""
    if not looked.seen:
        return [PanelLine("Seen now", looked.sentence)]
    # That it is not there yet is what everybody sees first, and no problem.
    problem = [] if looked.verdict == MISSING else [PanelLine("Problem", looked.sentence, mark="problem")]
    return problem + [
        PanelLine("Seen now", f"{each.server}  {each.text}" + (f" (TTL {each.ttl} s)" if each.ttl else ""))
        for each in looked.seen
    ]


def served(ca: AcmeCa, name: str, zone: str) -> str:
    """That every name server of a zone answers for this name of it, in a sentence. Raises `Unreachable`."""
    servers, deaf = deaf_of(ca.resolver(), zone, name)
    if deaf:
        raise Unreachable(f"Name servers of {zone} don't serve it: {'; '.join(deaf)}.", "Check its delegation.")
    return f"{zone} is served by {', '.join(sorted({server.name for server in servers}))}."


def written_and_read(ca: AcmeCa, under: str, zone: str, *, name: str = "", gone: str = "") -> str:
    """Write a TXT record, read it at every server, take it away; `gone` says what became of one that stays."""
    import time

    records = records_of(ca, zone)
    name, value = name or f"certtui-test-{secrets.token_hex(6)}.{under}", secrets.token_urlsafe(32)
    try:
        records.add(name, value)
        missing: tuple[str, ...] = ()
        for _ in range(_LOOKS):
            missing = not_yet_at(ca.resolver(), name, frozenset({value}), zone)
            if not missing:
                break
            time.sleep(0.5)
    finally:
        with suppress(CerttuiError):
            records.remove(name, value)
    if missing:
        return f"A record was written; not yet seen everywhere: {'; '.join(missing)}."
    if gone:
        return f"A record was written and read at every name server; {gone}"
    return "A record was written, read at every name server, and removed."


def _line(made: Delegation, mark: str = "") -> PanelLine:
    """One CNAME that is to be made; with acme-dns its target is not known before an order is sent."""
    if not made.target:
        return PanelLine("CNAME", f"{made.name} → a name that acme-dns gives it when the order is sent", mark=mark)
    return PanelLine("CNAME", f"{made.name} → {made.target}", mark=mark, copy=made.zone_line)


def _consoles(wanted: Sequence[Delegation], looks: Mapping[Delegation, Looked]) -> list[PanelLine]:
    lines = []
    for made in wanted:
        looked = looks.get(made)
        if looked is None or not looked.to_be_made:
            continue
        lines += [PanelLine(console, text, copy=text) for console, text in for_consoles(made, looked.zone)]
    return lines
