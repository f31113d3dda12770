"""What policies say of a request: pure, and nothing is remembered.

Each rule is one function from a subject to a sentence, "" where it holds. What is not known of a subject is not judged.
"""

from __future__ import annotations

from functools import lru_cache

from certtui.model.domains import outside
from certtui.model.policy import SOFT, PolicyFinding, PolicyRules, PolicyScope, PolicySubject, ValidityLimit
from certtui.model.policy_keys import key_fits, keys_in_words
from certtui.model.policy_names import Name, covered, fits, name_of, touching
from certtui.model.policy_public import meaningless

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from certtui.model.policy import Policy, PolicyWaiver

    Holds = Callable[[PolicyRules, PolicySubject, Sequence[Name], datetime], str]

_DAY = 86_400
_NAMED_AT_MOST = 3
_LONGEST = 253


def judge(policies: Iterable[Policy], subject: PolicySubject, now: datetime) -> tuple[PolicyFinding, ...]:
    """The findings of all these policies, whether they are enabled or not; waivers that count are named in them."""
    names = names_judged(subject)
    found: list[PolicyFinding] = []
    for policy in policies:
        if applies(policy.row.scope, subject, names):
            found += judge_applying(policy, subject, names, now)
    return tuple(found)


def judge_applying(
    policy: Policy, subject: PolicySubject, names: Sequence[Name], now: datetime
) -> tuple[PolicyFinding, ...]:
    """The findings of one policy that is about the subject; `names` are those of `names_judged`."""
    row = policy.row
    sentences = [
        (rule, sentence) for rule, holds in _asking(row.rules) if (sentence := holds(row.rules, subject, names, now))
    ]
    if not sentences:
        return ()
    waiver = waiver_for(policy.waivers, subject, names, now) if row.outcome == SOFT else None
    waiver_id = None if waiver is None else waiver.id
    return tuple(
        PolicyFinding(row.id, row.name, rule, row.outcome, sentence, row.description, waiver_id)
        for rule, sentence in sentences
    )


def waiver_for(
    waivers: Iterable[PolicyWaiver], subject: PolicySubject, names: Sequence[Name], now: datetime
) -> PolicyWaiver | None:
    """The waiver that counts for the subject, of several the one that lasts longest."""
    counting = [one for one in waivers if one.expires_at > now and _waives(one, subject, names)]
    return max(counting, key=lambda one: one.expires_at, default=None)


def applies(scope: PolicyScope, subject: PolicySubject, names: Sequence[Name] | None = None) -> bool:
    """Whether a policy of this scope is about the subject."""
    if subject.act not in scope.acts or (subject.is_ca and not scope.cas):
        return False
    if scope.groups and subject.business_group not in scope.groups:
        return False
    if scope.authorities and not _is_one_of(subject, scope.authorities):
        return False
    if not scope.domains:
        return True
    return any(touching(name, scope.domains) for name in (names_judged(subject) if names is None else names))


def names_judged(subject: PolicySubject) -> tuple[Name, ...]:
    """The names that rules are about: the SANs; the common name where there is none, or where it is one more host name.

    Nothing matches by a common name (RFC 6125, 6.4.4), but old programs do, so it may not smuggle a name in.
    """
    names = tuple(map(name_of, subject.names))
    if not subject.common_name:
        return names
    common = name_of(f"DNS:{subject.common_name}")
    if not names:
        return (common,)
    hosts = {name.text for name in names if name.kind == "dns"}
    if hosts and _is_host(common.text) and common.text not in hosts:
        return (*names, common)
    return names


def clipped(text: str) -> str:
    """A text of somebody else's at a length that a sentence can bear."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def validity_days(not_before: datetime, not_after: datetime) -> int:
    """Days of a life as CAs count them: both ends belong to it, and a second more is a day more (BR 6.3.2, RFC 5280 4.1.2.5)."""
    return int((not_after - not_before).total_seconds()) // _DAY + 1


def limit_at(limits: Iterable[ValidityLimit], day: datetime) -> int:
    """The longest life for what is issued at an instant, 0 for any."""
    begun = [limit for limit in limits if limit.from_date is None or limit.from_date <= day]
    if not begun:
        return 0
    latest = max(0.0 if limit.from_date is None else limit.from_date.timestamp() for limit in begun)
    return min(
        limit.days for limit in begun if (0.0 if limit.from_date is None else limit.from_date.timestamp()) == latest
    )


# --- the rules --------------------------------------------------------------------------------------------------------


def _allowed_names(rules: PolicyRules, _subject: PolicySubject, names: Sequence[Name], _now: datetime) -> str:
    if not rules.allowed_names:
        return ""
    if not names:
        return "It has no name that could be one of the allowed names."
    wrong = [name for name in names if not covered(name, rules.allowed_names)]
    return f"{_listed(wrong)} {_fit(wrong)} none of the allowed names ({_few(rules.allowed_names)})." if wrong else ""


def _forbidden_names(rules: PolicyRules, _subject: PolicySubject, names: Sequence[Name], _now: datetime) -> str:
    if not rules.forbidden_names:
        return ""
    for name in names:
        if pattern := touching(name, rules.forbidden_names):
            return f"{clipped(name.shown)} {'covers' if name.wildcard else 'fits'} the forbidden name {pattern}."
    return ""


def _wildcards(rules: PolicyRules, _subject: PolicySubject, names: Sequence[Name], _now: datetime) -> str:
    wrong = [] if rules.wildcards else [name for name in names if name.wildcard]
    return f"{_listed(wrong)} {'is a wildcard' if len(wrong) == 1 else 'are wildcards'}." if wrong else ""


def _registered_domains(rules: PolicyRules, _subject: PolicySubject, names: Sequence[Name], _now: datetime) -> str:
    if not rules.registered_domains:
        return ""
    hosts = {name: host for name in names if (host := _host(name)) is not None}
    if not hosts:
        return f"It has no name that could lie in a registered domain ({_few(rules.registered_domains)})."
    wrong = [name for name, host in hosts.items() if not host or outside([host], rules.registered_domains)]
    if not wrong:
        return ""
    verb = "lies" if len(wrong) == 1 else "lie"
    return f"{_listed(wrong)} {verb} in none of the registered domains ({_few(rules.registered_domains)})."


def _internal_names(rules: PolicyRules, _subject: PolicySubject, names: Sequence[Name], _now: datetime) -> str:
    wrong = [] if rules.internal_names else [name for name in names if meaningless(name)]
    return f"{_listed(wrong)} {'means' if len(wrong) == 1 else 'mean'} nothing in public." if wrong else ""


def _common_name_only(rules: PolicyRules, subject: PolicySubject, _names: Sequence[Name], _now: datetime) -> str:
    if rules.common_name_only or subject.is_ca:
        return ""
    if not subject.names:
        return "It has no SAN, and programs look at nothing else." if subject.common_name else "It has no SAN."
    common = name_of(f"DNS:{subject.common_name}").text
    listed = {name_of(san).text for san in subject.names}
    if subject.common_name and _is_host(common) and common not in listed:
        return f"The common name {clipped(subject.common_name)} is not among the SANs."
    return ""


def _keys(rules: PolicyRules, subject: PolicySubject, _names: Sequence[Name], _now: datetime) -> str:
    if not rules.keys or not subject.key_algorithm or any(key_fits(subject.key_algorithm, key) for key in rules.keys):
        return ""
    return f"The key is {subject.key_algorithm}; it must be {keys_in_words(rules.keys)}."


def _digests(rules: PolicyRules, subject: PolicySubject, _names: Sequence[Name], _now: datetime) -> str:
    if not rules.digests or not subject.signature_digest or subject.signature_digest in rules.digests:
        return ""
    return f"The signature's digest is {subject.signature_digest}; it must be {' or '.join(rules.digests)}."


def _validity(rules: PolicyRules, subject: PolicySubject, _names: Sequence[Name], now: datetime) -> str:
    if not rules.validity or subject.validity_days is None:
        return ""
    most = limit_at(rules.validity, subject.issued_on or now)
    if not most or subject.validity_days <= most:
        return ""
    days = "1 day" if subject.validity_days == 1 else f"{subject.validity_days} days"
    return f"It is valid for {days}; {most} are the most."


def _subject_fields(rules: PolicyRules, subject: PolicySubject, _names: Sequence[Name], _now: datetime) -> str:
    lacking = [wanted for wanted in rules.subject_fields if not _has_field(subject.subject, wanted)]
    return f"The subject lacks {', '.join(lacking)}." if lacking else ""


def _authorities(rules: PolicyRules, subject: PolicySubject, _names: Sequence[Name], _now: datetime) -> str:
    known = subject.authority or subject.provider
    if not rules.authorities or not known or _is_one_of(subject, rules.authorities):
        return ""
    return f"{clipped(known)} may not issue this; {_few(rules.authorities)} may."


def _max_names(rules: PolicyRules, subject: PolicySubject, _names: Sequence[Name], _now: datetime) -> str:
    if not rules.max_names or len(subject.names) <= rules.max_names:
        return ""
    return f"It has {len(subject.names)} names; {rules.max_names} are the most."


def _entry_name(rules: PolicyRules, subject: PolicySubject, _names: Sequence[Name], _now: datetime) -> str:
    if not rules.entry_name or not subject.entry_name or fits(rules.entry_name, subject.entry_name):
        return ""
    return f"It is called {clipped(subject.entry_name)}; names must be like {rules.entry_name}."


_RULES: dict[str, Holds] = {
    "allowed_names": _allowed_names,
    "forbidden_names": _forbidden_names,
    "wildcards": _wildcards,
    "registered_domains": _registered_domains,
    "internal_names": _internal_names,
    "common_name_only": _common_name_only,
    "keys": _keys,
    "digests": _digests,
    "validity": _validity,
    "subject_fields": _subject_fields,
    "authorities": _authorities,
    "max_names": _max_names,
    "entry_name": _entry_name,
}


@lru_cache(256)
def _asking(rules: PolicyRules) -> tuple[tuple[str, Holds], ...]:
    """The rules that ask for something: most of a policy's do not."""
    nothing = PolicyRules()
    return tuple((rule, holds) for rule, holds in _RULES.items() if getattr(rules, rule) != getattr(nothing, rule))


# --- parts of them ----------------------------------------------------------------------------------------------------


def _waives(waiver: PolicyWaiver, subject: PolicySubject, names: Sequence[Name]) -> bool:
    if not (waiver.entry or waiver.names):
        return False
    if waiver.entry and not (subject.entry_name and fits(waiver.entry, subject.entry_name)):
        return False
    return not waiver.names or bool(names and all(covered(name, waiver.names) for name in names))


def _is_one_of(subject: PolicySubject, authorities: Iterable[str]) -> bool:
    for wanted in authorities:
        kind, colon, value = wanted.partition(":")
        if colon and kind == "type":
            if value == subject.provider:
                return True
        elif subject.authority and fits(wanted, subject.authority):
            return True
    return False


def _has_field(subject: Iterable[tuple[str, str]], wanted: str) -> bool:
    kind, equals, value = wanted.partition("=")
    return any(
        field.lower() == kind.lower() and text != "" and (not equals or fits(value, text)) for field, text in subject
    )


def _host(name: Name) -> str | None:
    """The host in a name, "" where it has none but should; None for what lies in no domain by its nature."""
    match name.kind:
        case "dns":
            return name.text
        case "email":
            return name.text.rpartition("@")[2]
        case "uri":
            place = name.text.partition("://")[2]
            for end in "/?#":
                place = place.partition(end)[0]
            return place.rpartition("@")[2].partition(":")[0]
    return None


def _is_host(text: str) -> bool:
    """Whether a common name looks like a host's: `api.example.com`, not `Ada Lovelace`."""
    return "." in text and "@" not in text and len(text.split()) == 1


def _listed(names: Sequence[Name]) -> str:
    shown = list(dict.fromkeys(clipped(name.shown) for name in names))
    return _few(shown)


def _few(texts: Sequence[str]) -> str:
    more = len(texts) - _NAMED_AT_MOST
    return ", ".join(texts[:_NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")


def _fit(names: Sequence[Name]) -> str:
    return "fits" if len({name.shown for name in names}) == 1 else "fit"
