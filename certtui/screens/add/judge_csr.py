"""What would become of the form for a new CSR."""

from __future__ import annotations

import re

from certtui.model.csr import CsrRequest, SubjectFields
from certtui.screens.add.judge import FAULTY
from certtui.screens.add.verdict import AddVerdict, World
from certtui.screens.verdict import Typed

_HOST = re.compile(r"(\*\.)?([\w-]{1,63}\.)+[\w-]{2,63}\.?")


def judge_csr(typed: Typed, world: World) -> AddVerdict:
    """A key and a request to be made here."""
    problems: dict[str, str] = {}
    missing: dict[str, str] = {}
    notes: dict[str, str] = {}
    subject = subject_of(typed)
    sans, wrong = world.inspect.suggest_sans(typed.values.get("sans", ""))
    if wrong:
        problems["sans"] = " ".join(wrong)
    elif sans:
        notes["sans"] = _names_as_stored(typed.values.get("sans", ""), sans)
    if subject.country and not (len(subject.country) == 2 and subject.country.isascii() and subject.country.isalpha()):
        problems["country"] = "The country is two letters, such as DE."
    if subject.email and not re.fullmatch(r"[^@\s]+@[^@\s]+", subject.email):
        problems["email"] = "This is no e-mail address."
    for name, longest in _LONGEST.items():
        if len(typed.value(name)) > longest:
            problems[name] = f"At most {longest} characters (RFC 5280)."
    added, note = _common_name_as_san(subject.common_name, sans, wrong, world)
    if note:
        notes["sans"] = f"{notes.get('sans', '')} {note}".strip()
    if not (subject.common_name or sans or wrong):
        missing["common_name"] = "Give a common name, or names below."
        return AddVerdict(
            "Makes a private key and a request (CSR) here, for an authority to sign.", problems, missing, notes
        )
    if problems:
        return AddVerdict(FAULTY, problems, missing, notes)
    request = CsrRequest(
        subject=subject, sans=(*added, *sans), key_type=typed.value("key_type") or "ec-256", labels=typed.labels
    )
    named = subject.common_name or sans[0].partition(":")[2]
    more = len(request.sans) - 1
    others = f" and {more} more name{'s' if more > 1 else ''}" if more > 0 else ""
    sentence = (
        f"Will make a key ({request.key_type}) and a CSR for {named}{others}. Both are stored at once, the key sealed: "
        "it never lives in memory alone."
    )
    return AddVerdict(sentence, problems, missing, notes, request=request)


def subject_of(typed: Typed) -> SubjectFields:
    """The subject fields of the form."""
    return SubjectFields(
        common_name=typed.value("common_name"),
        organization=typed.value("organization"),
        organizational_unit=typed.value("unit"),
        country=typed.value("country").upper(),
        state=typed.value("state"),
        locality=typed.value("locality"),
        email=typed.value("email"),
    )


# The upper bounds of RFC 5280, appendix A.1.
_LONGEST = {"common_name": 64, "organization": 64, "unit": 64, "state": 128, "locality": 128, "email": 255}


def _common_name_as_san(
    common_name: str, sans: tuple[str, ...], wrong: tuple[str, ...], world: World
) -> tuple[tuple[str, ...], str]:
    """Clients look at the names alone, so a host name that stands only in the common name would be of no use."""
    if not _HOST.fullmatch(common_name) or wrong:
        return (), ""
    own, problems = world.inspect.suggest_sans(common_name)
    if problems or not own or own[0] in sans:
        return (), ""
    if not sans:
        return own, f"Clients look only here, so {own[0]} is put here too."
    return (), f"{common_name} is not among them; clients look only here."


def _names_as_stored(typed: str, sans: tuple[str, ...]) -> str:
    if typed.isascii():
        return f"{len(sans)} name{'s' if len(sans) > 1 else ''}."
    stored = [each.partition(":")[2] for each in sans if "xn--" in each]
    return f"{len(sans)} name{'s' if len(sans) > 1 else ''}; stored as {', '.join(stored[:4])}{' …' if len(stored) > 4 else ''}."
