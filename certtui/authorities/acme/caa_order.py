"""CAA before an order: looked at while nothing was asked of the CA yet, so that no failure counts against its limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from certtui.authorities.acme.books import CaaLooked
from certtui.authorities.acme.caa import Found, Issuer, judge, names_an_account
from certtui.authorities.acme.caa_look import find
from certtui.authorities.acme.problems import AcmeError
from certtui.authorities.acme.profile import CAA_CHECK
from certtui.authorities.acme.proof import pause_between_looks
from certtui.authorities.base import Waiting
from certtui.errors import Unreachable
from certtui.model.panel import PanelLine

if TYPE_CHECKING:
    from certtui.authorities.acme.authority import AcmeCa
    from certtui.authorities.acme.proof import Call

_UNNAMED = "It is not looked at: the CA's directory does not say what it calls itself in CAA records."


def look(ca: AcmeCa, call: Call, waits: Waiting | None) -> Waiting | None:
    """Look, and keep what was seen. `waits` is what the proof waits for, if anything: both are said, and can be mended at once."""
    try:
        looks = looked_at(ca, call.request.sans, ca.proof.challenge)
    except (Unreachable, AcmeError):
        # Whoever waits for a record anyway need not hear that the CA is away.
        if waits is None:
            raise
        return waits
    if looks != call.progress.caa:
        call.keep(replace(call.progress, caa=looks))
    words = what_waits(looks)
    if not words:
        return waits
    if waits is not None:
        return replace(waits, text=f"{waits.text} {words}")
    return Waiting(words, call.now + pause_between_looks(call.now - call.request.submitted_at), pending=True)


def looked_at(ca: AcmeCa, sans: Sequence[str], method: str, account: str | None = None) -> tuple[CaaLooked, ...]:
    """How CAA stands for the `DNS:` names among these; addresses have none. Raises `Unreachable`, `AcmeError`."""
    names = sorted({san[4:].lower() for san in sans if san.startswith("DNS:")})
    if not names or (ca.settings.get("caa") or CAA_CHECK) != CAA_CHECK:
        return ()
    identities = ca.connection().directory.caa
    if not identities:
        return (CaaLooked("", True, _UNNAMED),)
    found = find(ca.resolver(len(names)), names)
    if account is None:
        # It is made now where there is none, as the order would.
        account = ca.session().kid if any(_asks_for_account(each) for each in found.values()) else ""
    issuer = Issuer(identities, account, method)
    looks = []
    for name in names:
        records = found[name]
        if isinstance(records, str):
            looks.append(CaaLooked(name, False, records))
            continue
        # Servers that differ: a CA may meet any of them.
        verdicts = [judge(name, each, issuer) for each in records]
        bad = next((each for each in verdicts if not each.allowed), None)
        if bad is None:
            looks.append(CaaLooked(name, True, f"No CAA record keeps {identities[0]} from issuing for {name}."))
        else:
            differ = " Its name servers don't agree on that." if len(records) > 1 else ""
            looks.append(CaaLooked(name, False, bad.sentence + differ, bad.allow))
    return tuple(looks)


def what_waits(looks: Sequence[CaaLooked]) -> str:
    """Why an order waits, one or two sentences; "" where nothing forbids."""
    bad = [each for each in looks if not each.ok]
    if not bad:
        return ""
    more = len(bad) - 1
    also = f" {more} other {'name is' if more == 1 else 'names are'} forbidden or not known too." if more else ""
    add = f" To allow it, add: {bad[0].allow}" if bad[0].allow else ""
    return bad[0].sentence + add + also


def lines(looks: Sequence[CaaLooked]) -> list[PanelLine]:
    """For the page of an order: what forbids, and the record that would allow it."""
    found = []
    for each in looks:
        if not each.ok:
            found.append(PanelLine("CAA", each.sentence, mark="problem" if each.allow else "waiting"))
            if each.allow:
                found.append(PanelLine("Allowed by", each.allow, copy=each.allow))
        elif not each.name:
            found.append(PanelLine("CAA", each.sentence))
    if looks and not found:
        found.append(PanelLine("CAA", looks[0].sentence if len(looks) == 1 else "No record forbids a name.", mark="ok"))
    return found


def _asks_for_account(found: tuple[Found, ...] | str) -> bool:
    return not isinstance(found, str) and any(names_an_account(each) for each in found)
