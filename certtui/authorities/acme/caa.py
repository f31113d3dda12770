"""CAA records: which of them speak for a name, and whether they let a CA issue (RFC 8659, RFC 8657). Nobody is asked here."""

from __future__ import annotations

import re
from collections.abc import Sequence

from certtui.record import dataclass

CRITICAL = 128
"""The one flag that means something (RFC 8659, 4.1): who does not know the tag may not issue."""

_LABEL = r"[A-Za-z0-9](?:-*[A-Za-z0-9])*"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\Z")
_PARAMETER = re.compile(rf"({_LABEL})[ \t]*=[ \t]*([\x21-\x3a\x3c-\x7e]*)\Z")
_METHODS = re.compile(r"[A-Za-z0-9-]+(?:,[A-Za-z0-9-]+)*\Z")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")

_KNOWN = ("issue", "issuewild", "iodef", "issuemail", "issuevmc", "contactemail", "contactphone")
"""Registered tags: a CA that lets one of them forbid, flagged as critical, says so itself."""


@dataclass(frozen=True, slots=True)
class CaaRecord:
    """One record as it stands in DNS."""

    flags: int
    tag: str
    value: bytes

    @property
    def text(self) -> str:
        """As a zone file has it (RFC 8659, 4.1.1)."""
        value = "".join(
            f"\\{chr(byte)}" if byte in b'"\\' else chr(byte) if 32 <= byte < 127 else f"\\{byte:03d}"
            for byte in self.value
        )
        return f'{self.flags} {self.tag} "{value}"'


@dataclass(frozen=True, slots=True)
class Found:
    """The records that speak for a name; none where nobody restricts it. `owner` is where they stand, `alias` the
    name on the way up whose CNAME leads there, "" where they stand on the way itself."""

    owner: str = ""
    records: tuple[CaaRecord, ...] = ()
    alias: str = ""


@dataclass(frozen=True, slots=True)
class Issuer:
    """A CA that is to issue: what it calls itself in CAA, the account that orders ("" while there is none), how names are proved."""

    identities: tuple[str, ...]
    account: str
    method: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the CA may issue; else one sentence that names the record, and the line of a zone file that would allow it ("" for none)."""

    allowed: bool
    sentence: str = ""
    allow: str = ""


@dataclass(frozen=True, slots=True)
class _Issue:
    """What an `issue` or `issuewild` record says. `domain` is "" where nobody is meant."""

    record: CaaRecord
    domain: str
    parameters: tuple[tuple[str, str], ...]
    malformed: bool = False

    def all_of(self, tag: str) -> list[str]:
        return [value for each, value in self.parameters if each == tag]


def climb(name: str) -> tuple[str, ...]:
    """The names at which CAA is looked for, one after the other, until there is some (RFC 8659, 3)."""
    labels = name.removeprefix("*.").rstrip(".").lower().split(".")
    return tuple(".".join(labels[start:]) for start in range(len(labels)))


def names_an_account(found: Found) -> bool:
    """Whether a record says which account may order."""
    return any(b"accounturi" in each.value.lower() for each in found.records)


def judge(name: str, found: Found, issuer: Issuer) -> Verdict:
    """Whether these records, which speak for the name, let the CA issue for it."""
    for record in found.records:
        if record.flags & CRITICAL and record.tag.lower() not in _KNOWN:
            return Verdict(
                False,
                f"{_where(found, record)} is marked critical, and no CA knows the tag {record.tag}: "
                f"nobody may issue for {name} while it stands.",
            )
    tag, issues = _applicable(name, found)
    if not issues:
        return Verdict(True)
    identities = {each.rstrip(".").lower() for each in issuer.identities}
    ours = [each for each in issues if each.domain in identities]
    reasons = [_unmet(each, issuer) for each in ours]
    if any(not reason for reason in reasons):
        return Verdict(True)
    allow = f"{found.owner}. 300 IN CAA 0 {tag} " + _allowing(ours, issuer)
    what = issuer.identities[0] if issuer.identities else "the CA"
    if ours:
        return Verdict(False, f"{_where(found, ours[0].record)} {reasons[0]}, for {name}.", allow)
    first = issues[0]
    more = len(issues) - 1
    also = f" (as {more} more of its records)" if more else ""
    if first.malformed and not more:
        said = f"is not written as RFC 8659 has it, and so forbids every CA to issue for {name}"
    elif not any(each.domain for each in issues):
        said = f"forbids every CA to issue for {name}"
    else:
        first = next(each for each in issues if each.domain)
        said = f"forbids {what} to issue for {name}"
    return Verdict(False, f"{_where(found, first.record)}{also} {said}.", allow)


def _applicable(name: str, found: Found) -> tuple[str, list[_Issue]]:
    """The tag that decides, and the records that have it (RFC 8659, 4.2 and 4.3)."""
    tags = ("issuewild", "issue") if name.startswith("*.") else ("issue",)
    for tag in tags:
        issues = [_read(each) for each in found.records if each.tag.lower() == tag]
        if issues:
            return tag, issues
    return tags[0], []


def _read(record: CaaRecord) -> _Issue:
    """Read a value; one that is not as the grammar has it means nobody (RFC 8659, 4.2)."""
    domain, _, rest = record.value.decode("latin-1").partition(";")
    domain, rest = domain.strip(" \t"), rest.strip(" \t")
    parameters = []
    for part in rest.split(";") if rest else ():
        read = _PARAMETER.match(part.strip(" \t"))
        if read is None:
            return _Issue(record, "", (), malformed=True)
        parameters.append((read[1].lower(), read[2]))
    if domain and not _DOMAIN.match(domain):
        return _Issue(record, "", (), malformed=True)
    return _Issue(record, domain.lower(), tuple(parameters))


def _unmet(issue: _Issue, issuer: Issuer) -> str:
    """Which parameter is not met, as the rest of a sentence; "" when all are. Given twice it can't be met (RFC 8657, 3 and 4)."""
    accounts, methods = issue.all_of("accounturi"), issue.all_of("validationmethods")
    if accounts:
        if len(accounts) > 1 or not _URI.match(accounts[0]):
            return "names no account that there could be (accounturi)"
        if accounts[0] != issuer.account:
            return f"lets another account order, not {issuer.account or 'the one that is still to be made'}"
    if methods:
        if len(methods) > 1 or not _METHODS.match(methods[0]):
            return "names no way to prove control that there could be (validationmethods)"
        if issuer.method not in methods[0].split(","):
            return f"lets names be proved by {methods[0].replace(',', ', ')} alone, not by {issuer.method}"
    return ""


def _allowing(ours: Sequence[_Issue], issuer: Issuer) -> str:
    """The value to add, as narrow as what its owner wrote for this CA."""
    parts = [issuer.identities[0]] if issuer.identities else [""]
    if any(each.all_of("accounturi") for each in ours) and issuer.account:
        parts.append(f"accounturi={issuer.account}")
    if any(each.all_of("validationmethods") for each in ours):
        parts.append(f"validationmethods={issuer.method}")
    return f'"{"; ".join(parts)}"'


def _where(found: Found, record: CaaRecord) -> str:
    alias = f"{found.alias} is an alias, and " if found.alias else ""
    return f"{alias}{found.owner} CAA {record.text}"
