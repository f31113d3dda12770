"""*Save and test* of an ACME profile: the server, the account, and what names are proved by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from certtui.authorities.acme import account_acts
from certtui.errors import CerttuiError, Invalid, Unreachable
from certtui.model.authority import CheckedLine

if TYPE_CHECKING:
    from certtui.authorities.acme.authority import AcmeCa


def lines(ca: AcmeCa) -> Sequence[CheckedLine]:
    """One line for each thing that was tried; what can't be tried without the one before is left out."""
    found = []
    for label, tried in (("Directory", _directory), ("Terms", _terms), ("Account", _account)):
        found.append(_line(label, partial(tried, ca)))
        if not found[-1].ok:
            break
    for label, test in ca.proof.tests():
        found.append(_line(label, test))
        if not found[-1].ok:
            break
    return found


def _line(label: str, tried: Callable[[], str]) -> CheckedLine:
    try:
        return CheckedLine(label, True, tried())
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
    caa = f" In CAA records it is {' or '.join(directory.caa)}." if directory.caa else ""
    return f"{ca.connection().url} answers.{more}{ari}{caa}"


def _terms(ca: AcmeCa) -> str:
    terms = ca.connection().directory.terms
    if ca.settings.get("agree") != "yes":
        raise Invalid(
            f"The CA's terms are at {terms}." if terms else "The CA names no terms, and still wants agreement.",
            "Read them, agree in the settings, test again.",
            field="agree",
        )
    kept = ca.books.account()
    if kept is not None and kept.url and kept.directory == ca.connection().url and kept.terms != terms:
        if kept.terms and terms:
            raise Invalid(
                f"The CA's terms are at {terms} by now; agreed to were those at {kept.terms}.",
                f"Read them, then `certtui account agree {ca.name}`.",
                field="agree",
            )
        ca.books.keep_account(replace(kept, terms=terms))
    return f"Agreed: {terms}" if terms else "The CA names none."


def _account(ca: AcmeCa) -> str:
    ca.session()  # made where there is none
    kept = account_acts.look(ca)
    if kept.status != "valid":
        raise Unreachable(
            f"The account {kept.url} is {kept.status}.", f"`certtui account new {ca.name}` makes another one."
        )
    return kept.url
