"""A policy in sentences, and in short for a list."""

from __future__ import annotations

from certtui.model.policy import POLICY_ACTS, PolicyDryRun, PolicyFinding, PolicyRules, PolicyScope, ValidityLimit
from certtui.model.policy_keys import keys_in_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_SPOKEN = {"issue": "new orders", "renew": "renewals", "import": "imports"}


def scope_sentence(scope: PolicyScope) -> str:
    """What a policy is about, one sentence."""
    about = _joined([_SPOKEN[act] for act in scope.acts if act in _SPOKEN], "and") or "nothing"
    parts = []
    if scope.domains:
        parts.append(f"with a name like {_joined(scope.domains, 'or')}")
    if scope.groups:
        parts.append(f"of the group {_joined(scope.groups, 'or')}")
    if scope.authorities:
        parts.append(f"from the authority {_joined(scope.authorities, 'or')}")
    cas = "CA certificates too" if scope.cas else "CA certificates are left out"
    return f"It is about {about}{''.join(' ' + part for part in parts)}; {cas}."


def scope_in_short(scope: PolicyScope) -> str:
    """What a policy is about, in a few words."""
    parts = ["all" if scope.acts == POLICY_ACTS else " ".join(scope.acts)]
    parts += [*scope.domains, *scope.groups, *scope.authorities]
    return ", ".join(parts)


def rule_sentences(rules: PolicyRules) -> tuple[tuple[str, str], ...]:
    """(rule, sentence) of every rule that asks for something."""
    return tuple((rule, sentence) for rule, sentence in _sentences(rules).items() if sentence)


def rules_in_short(rules: PolicyRules) -> str:
    """The rules in a few words, for a column."""
    parts = [
        *(f"names {one}" for one in rules.allowed_names[:1]),
        *(f"not {one}" for one in rules.forbidden_names[:1]),
        *([] if rules.wildcards else ["no wildcards"]),
        *(f"in {one}" for one in rules.registered_domains[:1]),
        *([] if rules.internal_names else ["public names"]),
        *([] if rules.common_name_only else ["SANs"]),
        *([" ".join(rules.keys)] if rules.keys else []),
        *([" ".join(rules.digests)] if rules.digests else []),
        *([_days_in_short(rules.validity)] if rules.validity else []),
        *([f"subject {' '.join(rules.subject_fields)}"] if rules.subject_fields else []),
        *(f"by {one}" for one in rules.authorities[:1]),
        *([f"{rules.max_names} names"] if rules.max_names else []),
        *([f"called {rules.entry_name}"] if rules.entry_name else []),
    ]
    return ", ".join(parts)


def dry_run_sentence(run: PolicyDryRun) -> str:
    """What a dry run found, one sentence."""
    about = f"Of {run.judged:,} living certificates, it is about {run.applies:,}"
    if not run.failing and not run.waived:
        return f"{about}; all of them pass." if run.applies else f"{about}."
    waived = f", {run.waived:,} more would but for a waiver" if run.waived else ""
    return f"{about}; {run.failing:,} would fail{waived}."


def refusal_sentence(findings: Iterable[PolicyFinding]) -> str:
    """What findings say to whoever is refused or asked: each policy with its sentences and its own words."""
    by_policy: dict[tuple[int, str], list[PolicyFinding]] = {}
    for finding in findings:
        by_policy.setdefault((finding.policy_id, finding.policy_name), []).append(finding)
    told = []
    for (_, name), found in by_policy.items():
        sentences = " ".join(finding.message for finding in found)
        words = found[0].description.strip()
        told.append(f"Policy “{name}”: {sentences}{' ' + _closed(words) if words else ''}")
    return " ".join(told)


def _sentences(rules: PolicyRules) -> dict[str, str]:
    return {
        "allowed_names": _said("Every name must fit {}.", rules.allowed_names, "or"),
        "forbidden_names": _said("No name may be {}.", rules.forbidden_names, "or"),
        "wildcards": "" if rules.wildcards else "Wildcards are not allowed.",
        "registered_domains": _said("Every name must lie at or below {}.", rules.registered_domains, "or"),
        "internal_names": "" if rules.internal_names else "Names and addresses must mean something in public.",
        "common_name_only": ""
        if rules.common_name_only
        else "There must be SANs, and a host in the common name must be one of them.",
        "keys": f"The key must be {keys_in_words(rules.keys)}." if rules.keys else "",
        "digests": _said("The signature's digest must be {}.", rules.digests, "or"),
        "validity": _validity_sentence(rules.validity),
        "subject_fields": _said("The subject must have {}.", rules.subject_fields, "and"),
        "authorities": _said("It may be issued by {} only.", rules.authorities, "or"),
        "max_names": f"It may have {rules.max_names} names at most." if rules.max_names else "",
        "entry_name": f"Its entry must be called like {rules.entry_name}." if rules.entry_name else "",
    }


def _validity_sentence(limits: Sequence[ValidityLimit]) -> str:
    if not limits:
        return ""
    return f"It may be valid for {_joined([_limit(limit) for limit in limits], 'and')}."


def _limit(limit: ValidityLimit) -> str:
    since = "" if limit.from_date is None else f" when issued from {limit.from_date:%Y-%m-%d} on"
    return f"{limit.days} days{since}"


def _days_in_short(limits: Sequence[ValidityLimit]) -> str:
    return "/".join(str(limit.days) for limit in limits) + " days"


def _said(sentence: str, values: Sequence[str], word: str) -> str:
    return sentence.replace("{}", _joined(values, word)) if values else ""


def _joined(values: Sequence[str], word: str) -> str:
    if len(values) < 2:
        return "".join(values)
    return f"{', '.join(values[:-1])} {word} {values[-1]}"


def _closed(words: str) -> str:
    return words if words[-1] in ".!?…" else f"{words}."
