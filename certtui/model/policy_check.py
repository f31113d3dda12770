"""What a person writes of a policy, looked at before it is kept: each value in its one spelling, or the field at fault."""

from __future__ import annotations

from dataclasses import replace

from certtui.errors import Invalid
from certtui.model.domains import checked_domain
from certtui.model.policy import OUTCOMES, POLICY_ACTS, PolicyForm, PolicyRules, PolicyScope, ValidityLimit
from certtui.model.policy_keys import family_of
from certtui.model.policy_names import checked_pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MAX_VALUES = 200
"""Values of one rule; so a rule takes its time, but never long."""
MAX_DAYS = 40_000
_MAX_TEXT = 256
_DIGESTS = ("sha1", "sha224", "sha256", "sha384", "sha512", "sha3-224", "sha3-256", "sha3-384", "sha3-512", "md5")
_KINDS = ("ed25519", "ed448", "x25519", "x448")


def checked_form(form: PolicyForm) -> PolicyForm:
    """Outcome, scope and rules in their one spelling; name and description are the store's to check. Raises `Invalid`."""
    if form.outcome is not None and form.outcome not in OUTCOMES:
        raise Invalid(f"{form.outcome or 'Nothing'} is no outcome.", "It is hard or soft.", field="outcome")
    return replace(
        form,
        scope=None if form.scope is None else checked_scope(form.scope),
        rules=None if form.rules is None else checked_rules(form.rules),
    )


def checked_scope(scope: PolicyScope) -> PolicyScope:
    """Raises `Invalid`."""
    acts = _each(scope.acts, "acts", _act)
    if not acts:
        raise Invalid("A policy about no act refuses nothing.", f"Name some of {', '.join(POLICY_ACTS)}.", field="acts")
    return PolicyScope(
        acts=tuple(act for act in POLICY_ACTS if act in acts),
        domains=_each(scope.domains, "domains", checked_pattern),
        groups=_each(scope.groups, "groups", _text),
        authorities=_each(scope.authorities, "scope_authorities", _authority),
        cas=scope.cas,
    )


def checked_rules(rules: PolicyRules) -> PolicyRules:
    """Raises `Invalid`, also for rules that ask for nothing at all."""
    checked = PolicyRules(
        allowed_names=_each(rules.allowed_names, "allowed_names", checked_pattern),
        forbidden_names=_each(rules.forbidden_names, "forbidden_names", checked_pattern),
        wildcards=rules.wildcards,
        registered_domains=_each(rules.registered_domains, "registered_domains", _domain),
        internal_names=rules.internal_names,
        common_name_only=rules.common_name_only,
        keys=_each(rules.keys, "keys", _key),
        digests=_each(rules.digests, "digests", _digest),
        validity=_validity(rules.validity),
        subject_fields=_each(rules.subject_fields, "subject_fields", _subject_field),
        authorities=_each(rules.authorities, "authorities", _authority),
        max_names=_number(rules.max_names, "max_names", 100_000),
        entry_name=rules.entry_name and _text(rules.entry_name, "entry_name"),
    )
    if checked == PolicyRules():
        raise Invalid("A policy without a rule refuses nothing.", "Give it a rule.", field="rules")
    return checked


def _each(values: Sequence[str], field: str, check: Callable[[str, str], str]) -> tuple[str, ...]:
    if len(values) > MAX_VALUES:
        raise Invalid(f"There are {len(values)} values; {MAX_VALUES} are the limit.", "Use patterns.", field=field)
    return tuple(dict.fromkeys(check(value, field) for value in values))


def _act(raw: str, field: str) -> str:
    if raw not in POLICY_ACTS:
        raise Invalid(
            f"{raw or 'Nothing'} is no act of a policy.", f"It is one of {', '.join(POLICY_ACTS)}.", field=field
        )
    return raw


def _text(raw: str, field: str) -> str:
    value = raw.strip()
    if not value or len(value) > _MAX_TEXT or not value.isprintable():
        raise Invalid(
            "This is empty, too long or no line of text.", f"Write one line of {_MAX_TEXT} characters.", field=field
        )
    return value


def _authority(raw: str, field: str) -> str:
    value = _text(raw, field)
    kind, colon, rest = value.partition(":")
    if colon and kind == "type" and rest not in ("local", "acme", "external"):
        raise Invalid(
            f"{rest or 'Nothing'} is no type of authority.",
            "Write type:local, type:acme or type:external.",
            field=field,
        )
    return value


def _domain(raw: str, field: str) -> str:
    try:
        return checked_domain(raw)
    except Invalid as error:
        raise Invalid(error.message, error.hint, field=field) from None


def _key(raw: str, field: str) -> str:
    value = _text(raw, field).lower()
    known = family_of(value)[0] or value in _KINDS or value.startswith(("ec-", "slh-dsa-", "ml-"))
    if not known:
        raise Invalid(
            f"{value} is no kind of key.",
            "Write rsa-2048, ec-256, ed25519 or ml-dsa-65; a size is the least one.",
            field=field,
        )
    return value


def _digest(raw: str, field: str) -> str:
    value = raw.strip().lower()
    if value.startswith("sha-") and value[4:].isdigit():
        value = f"sha{value[4:]}"
    if value not in _DIGESTS:
        raise Invalid(f"{value or 'Nothing'} is no digest.", f"It is one of {', '.join(_DIGESTS)}.", field=field)
    return value


def _subject_field(raw: str, field: str) -> str:
    value = _text(raw, field)
    kind, equals, wanted = value.partition("=")
    kind, wanted = kind.strip(), wanted.strip()
    if not kind or not kind.replace(".", "").isalnum() or (equals and not wanted):
        raise Invalid(f"{value} is no field of a subject.", "Write O, or C=DE to ask for a value.", field=field)
    return f"{kind}={wanted}" if equals else kind


def _validity(limits: Sequence[ValidityLimit]) -> tuple[ValidityLimit, ...]:
    if len(limits) > MAX_VALUES:
        raise Invalid(
            f"There are {len(limits)} limits; {MAX_VALUES} are too many.", "Leave some out.", field="validity"
        )
    for limit in limits:
        if not 0 < limit.days <= MAX_DAYS:
            raise Invalid(
                f"{limit.days} days is no longest life.", f"Write a number from 1 to {MAX_DAYS}.", field="validity"
            )
    ordered = sorted(limits, key=lambda one: 0.0 if one.from_date is None else one.from_date.timestamp())
    starts = [limit.from_date for limit in ordered]
    if len(set(starts)) < len(starts):
        raise Invalid("Two limits begin on the same day.", "Leave one of them out.", field="validity")
    return tuple(ordered)


def _number(value: int, field: str, most: int) -> int:
    if not 0 <= value <= most:
        raise Invalid(f"{value} is no such number.", f"Write one from 0 to {most}; 0 is no limit.", field=field)
    return value
