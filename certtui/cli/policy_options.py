"""The options by which a command line writes a policy, and the form that they come to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.cli.arguments import Parser, Usage, count
from certtui.model.policy import OUTCOMES, POLICY_ACTS, PolicyForm, PolicyRules, PolicyScope, ValidityLimit

if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any, TypeVar

    T = TypeVar("T", PolicyScope, PolicyRules)

_LISTS = {
    "allow_name": ("allowed_names", "PATTERN", "every name must fit one of these (*.example.com, .example.com)"),
    "forbid_name": ("forbidden_names", "PATTERN", "no name may fit it"),
    "domain": ("registered_domains", "DOMAIN", "every name must lie at or below one of these"),
    "key": ("keys", "KIND-SIZE", "the key must be one of these, of this size or more: rsa-2048, ec-256, ed25519"),
    "digest": ("digests", "NAME", "the signature's digest must be one of these: sha256"),
    "require_subject": ("subject_fields", "FIELD[=VALUE]", "the subject must have it: O, C=DE"),
    "authority": ("authorities", "NAME", "only these may issue it: a name, type:local, type:acme, type:external"),
}
_SCOPES = {
    "about": ("acts", "ACT", f"about these acts alone: {', '.join(POLICY_ACTS)}"),
    "about_name": ("domains", "PATTERN", "about requests with such a name"),
    "about_group": ("groups", "GROUP", "about requests of this business group"),
    "about_authority": ("authorities", "NAME", "about requests to this authority"),
}
_SWITCHES = {
    "no_wildcards": ("wildcards", False, "names with * are not allowed"),
    "public_names": ("internal_names", False, "names and addresses must mean something in public"),
    "names_in_sans": ("common_name_only", False, "there must be SANs, a host in the common name among them"),
}
_CLEARED = tuple(PolicyRules.__slots__)


def policy_options(parser: Parser) -> None:
    """Outcome, scope and rules."""
    parser.add_argument("--description", help="what is said to whoever is refused")
    parser.add_argument("--outcome", choices=OUTCOMES, help="hard refuses, soft asks for a word (default: hard)")
    scope = parser.add_argument_group("what it is about (each may be given several times; without any: everything)")
    for name, (_, value, text) in _SCOPES.items():
        scope.add_argument(_option(name), metavar=value, action="append", help=text)
    scope.add_argument("--with-cas", action="store_true", default=None, help="about CA certificates too")
    rules = parser.add_argument_group("what it asks for (lists may be given several times)")
    for name, (_, value, text) in _LISTS.items():
        rules.add_argument(_option(name), metavar=value, action="append", help=text)
    for name, (_, _, text) in _SWITCHES.items():
        rules.add_argument(_option(name), action="store_true", default=None, help=text)
    rules.add_argument(
        "--max-days",
        metavar="DAYS[@DATE]",
        action="append",
        help="valid for so many days at most; with a date, when issued from that day on",
    )
    rules.add_argument("--max-names", type=count, metavar="N", help="so many names at most")
    rules.add_argument("--entry-name", metavar="PATTERN", help="its entry must be called so, with * and ?")


def clear_option(parser: Parser) -> None:
    """`--clear`, for an edit."""
    parser.add_argument(
        "--clear", metavar="RULE", action="append", default=[], help=f"ask for it no more: {', '.join(_CLEARED)}"
    )


def form_of(args: Namespace, before: PolicyForm | None = None) -> PolicyForm:
    """What the options say; on top of `before`, whose scope and rules they change one by one. Raises `Usage`."""
    rules, scope = _rules(args), _scope(args)
    for name in getattr(args, "clear", []):
        if name.replace("-", "_") not in _CLEARED:
            raise Usage(f"--clear knows no rule {name}.", f"It is one of {', '.join(_CLEARED)}.")
        rules[name.replace("-", "_")] = getattr(PolicyRules(), name.replace("-", "_"))
    old = before or PolicyForm()
    return PolicyForm(
        name=old.name,
        description=old.description if args.description is None else args.description,
        enabled=old.enabled,
        outcome=args.outcome or old.outcome,
        scope=_changed(old.scope or PolicyScope(), scope) if scope or old.scope else None,
        rules=_changed(old.rules or PolicyRules(), rules) if rules or old.rules else None,
    )


def _rules(args: Namespace) -> dict[str, Any]:  # Any: as in _changed
    rules: dict[str, Any] = {
        field: tuple(given) for name, (field, _, _) in _LISTS.items() if (given := getattr(args, name)) is not None
    }
    rules |= {field: value for name, (field, value, _) in _SWITCHES.items() if getattr(args, name)}
    if args.max_days is not None:
        rules["validity"] = tuple(map(_limit, args.max_days))
    if args.max_names is not None:
        rules["max_names"] = args.max_names
    if args.entry_name is not None:
        rules["entry_name"] = args.entry_name
    return rules


def _scope(args: Namespace) -> dict[str, Any]:  # Any: as in _changed
    scope: dict[str, Any] = {
        field: tuple(given) for name, (field, _, _) in _SCOPES.items() if (given := getattr(args, name)) is not None
    }
    return scope | ({"cas": True} if args.with_cas else {})


def _changed(old: T, changes: dict[str, Any]) -> T:  # Any: fields by name, each of its own type
    from dataclasses import replace

    return replace(old, **changes)


def _limit(text: str) -> ValidityLimit:
    from certtui.model.policy_json import day_of

    days, at, day = text.partition("@")
    try:
        return ValidityLimit(int(days), day_of(day) if at else None)
    except ValueError:
        raise Usage(f"--max-days takes days, not {text}.", "Write 200, or 100@2027-03-15.") from None


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
