"""*Save and test* of an ACME profile: the server, the account, the tech zone, and a record that comes and goes."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from certtui.authorities.acme import accounts
from certtui.authorities.acme.dns_ask import Silence, at_each, servers_of, zone_of
from certtui.authorities.acme.dns_spread import not_yet_at, texts_at
from certtui.errors import CerttuiError, Invalid, Unreachable
from certtui.model.authority import CheckedLine

if TYPE_CHECKING:
    from certtui.authorities.acme.authority import AcmeCa

_LOOKS = 20


def lines(ca: AcmeCa) -> Sequence[CheckedLine]:
    """One line for each thing that was tried; what can't be tried without the one before is left out."""
    found = []
    for label, tried in (("Directory", _directory), ("Terms", _terms), ("Account", _account)):
        found.append(_line(label, tried, ca))
        if not found[-1].ok:
            break
    found.append(_line("Tech zone", _zone, ca))
    if found[-1].ok:
        found.append(_line("Records", _record, ca))
    return found


def _line(label: str, tried: Callable[[AcmeCa], str], ca: AcmeCa) -> CheckedLine:
    try:
        return CheckedLine(label, True, tried(ca))
    except CerttuiError as error:
        return CheckedLine(label, False, str(error))


def _directory(ca: AcmeCa) -> str:
    directory = ca.connection().directory
    wanted = ca.settings.get("profile", "")
    if wanted and wanted not in directory.profiles:
        offered = f"It offers {', '.join(directory.profiles)}." if directory.profiles else "It offers none."
        raise Invalid(f"The CA has no ACME profile “{wanted}”.", offered, field="profile")
    if directory.external_account_required and not ca.settings.get("eab_kid"):
        raise Invalid(
            "The CA wants an external account.",
            "Put the key id and MAC key of its page into the profile.",
            field="eab_kid",
        )
    more = f" Profiles: {', '.join(directory.profiles)}." if directory.profiles else ""
    ari = " It says when to renew (ARI)." if directory.renewal_info else ""
    return f"{ca.connection().url} answers.{more}{ari}"


def _terms(ca: AcmeCa) -> str:
    terms = ca.connection().directory.terms
    if ca.settings.get("agree") != "yes":
        raise Invalid(
            f"The CA's terms are at {terms}." if terms else "The CA names no terms, and still wants agreement.",
            "Read them, agree in the settings, test again.",
            field="agree",
        )
    return f"Agreed: {terms}" if terms else "The CA names none."


def _account(ca: AcmeCa) -> str:
    session = ca.session()
    account = accounts.get(session)
    if account.status != "valid":
        raise Unreachable(f"The account {account.url} is {account.status}.", "Make another profile.")
    return account.url


def _zone(ca: AcmeCa) -> str:
    """That the tech zone is found from outside, and that each of its servers serves it."""
    resolver = ca.resolver()
    zone = zone_of(resolver, ca.tech_zone)
    if zone != ca.zone:
        raise Invalid(
            f"{ca.tech_zone} is no zone of its own: it lies in {zone}.",
            f"Delegate it, or set the update zone to {zone}.",
            field="dns_zone",
        )
    servers = servers_of(resolver, zone)
    answers = at_each(servers, lambda server: texts_at(resolver, server, ca.tech_zone))
    deaf = [
        f"{server.name} ({server.address}): {answer.words}"
        for server, answer in zip(servers, answers, strict=True)
        if isinstance(answer, Silence)
    ]
    if deaf:
        raise Unreachable(f"Name servers of {zone} don't serve it: {'; '.join(deaf)}.", "Check its delegation.")
    return f"{zone} is served by {', '.join(sorted({server.name for server in servers}))}."


def _record(ca: AcmeCa) -> str:
    """Write a TXT record, read it at every server, take it away."""
    import time

    records, resolver = ca.records(), ca.resolver()
    name, value = f"certtui-test-{secrets.token_hex(6)}.{ca.tech_zone}", secrets.token_urlsafe(32)
    try:
        records.add(name, value)
        missing: tuple[str, ...] = ()
        for _ in range(_LOOKS):
            missing = not_yet_at(resolver, name, frozenset({value}), ca.zone)
            if not missing:
                break
            time.sleep(0.5)
    finally:
        with suppress(CerttuiError):
            records.remove(name, value)
    if missing:
        return f"A record was written; not yet seen everywhere: {'; '.join(missing)}."
    return "A record was written, read at every name server, and removed."
