"""The error family as problem details (RFC 9457) and back, one to one.

`type` is the class in kebab case; `title` names the kind, `detail` is the sentence of what happened, `hint` of what to do.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from certtui import errors
from certtui.backend import wire
from certtui.errors import CerttuiError
from certtui.model.filters import FilterError
from certtui.model.policy import PolicyFinding

PROBLEM_JSON = "application/problem+json"

STATUS: dict[type[CerttuiError], int] = {
    errors.Ambiguous: 409,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.PolicyRefused: 403,
    errors.Denied: 403,
    FilterError: 422,
    errors.ReasonNeeded: 422,
    errors.PasswordNeeded: 422,
    errors.Invalid: 422,
    errors.Unreachable: 503,
    errors.Unsupported: 501,
    errors.Locked: 423,
    errors.Interrupted: 503,
    CerttuiError: 500,
}
"""The most particular class first. A lost update (`Conflict` where `If-Match` was sent) is 412, and who is unknown gets 401."""

TITLES = {
    "ambiguous": "Several things fit",
    "not-found": "Not there",
    "conflict": "In conflict with what is there",
    "policy-refused": "Refused by a policy",
    "denied": "Not allowed",
    "filter-error": "A filter that can't be read",
    "reason-needed": "A policy asks why",
    "password-needed": "A password is needed",
    "invalid": "Not acceptable",
    "unreachable": "Not reachable",
    "unsupported": "Not possible here",
    "locked": "The store is locked",
    "interrupted": "Broken off",
    "certtui-error": "Failed",
}


def kebab(kind: type[CerttuiError]) -> str:
    """`NotFound` as `not-found`."""
    return "".join(f"-{char.lower()}" if char.isupper() else char for char in kind.__name__).removeprefix("-")


_KINDS = {kebab(kind): kind for kind in STATUS}


def status_of(error: CerttuiError) -> int:
    """The HTTP status of an error."""
    return next(status for kind, status in STATUS.items() if isinstance(error, kind))


# Any: a JSON object
def problem_of(error: CerttuiError) -> dict[str, Any]:
    """The members of the problem document that say everything about an error; without `status` and request id."""
    name = kebab(next(kind for kind in STATUS if isinstance(error, kind)))
    problem: dict[str, Any] = {"type": name, "title": TITLES[name], "detail": error.message}
    if error.hint:
        problem["hint"] = error.hint
    match error:
        case errors.Ambiguous():
            problem["candidates"] = [list(each) for each in error.candidates]
        case FilterError():
            problem |= {"field": error.field, "start": error.start, "end": error.end}
        case errors.PasswordNeeded():
            problem |= {"field": error.field, "wrong": error.wrong}
        case errors.PolicyRefused():
            problem["findings"] = _findings_out(error.findings)
        case errors.ReasonNeeded():
            problem |= {"field": error.field, "findings": _findings_out(error.findings)}
        case errors.Invalid() if error.field:
            problem["field"] = error.field
    return problem


# Any: JSON that somebody sent, of any shape
def error_of(problem: Mapping[str, Any], status: int = 0) -> CerttuiError:
    """The error that a problem document tells of; what is not understood becomes the class that its status stands for."""
    message = _text(problem.get("detail")) or _text(problem.get("title")) or f"The server answered {status}."
    hint, field = _text(problem.get("hint")), _text(problem.get("field"))
    kind = _KINDS.get(_text(problem.get("type"))) or _BY_STATUS.get(status, CerttuiError)
    if kind is errors.Ambiguous:
        return errors.Ambiguous(message, _candidates(problem.get("candidates")), hint)
    if kind is FilterError:
        return FilterError(message, hint, start=_number(problem.get("start")), end=_number(problem.get("end")))
    if kind is errors.PasswordNeeded:
        return errors.PasswordNeeded(message, hint, wrong=problem.get("wrong") is True, field=field or "password")
    if kind is errors.PolicyRefused:
        return errors.PolicyRefused(message, hint, findings=_findings(problem.get("findings")))
    if kind is errors.ReasonNeeded:
        return errors.ReasonNeeded(message, hint, findings=_findings(problem.get("findings")), field=field or "reason")
    if kind is errors.Invalid:
        return errors.Invalid(message, hint, field=field)
    return kind(message, hint)


_BY_STATUS: dict[int, type[CerttuiError]] = {
    400: errors.Invalid,
    401: errors.Denied,
    403: errors.Denied,
    404: errors.NotFound,
    405: errors.Unsupported,
    408: errors.Unreachable,
    409: errors.Conflict,
    410: errors.Interrupted,
    412: errors.Conflict,
    413: errors.Invalid,
    415: errors.Unsupported,
    422: errors.Invalid,
    423: errors.Locked,
    428: errors.Invalid,
    429: errors.Unreachable,
    501: errors.Unsupported,
    502: errors.Unreachable,
    503: errors.Unreachable,
    504: errors.Unreachable,
}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> int:
    return value if type(value) is int else 0


def _candidates(value: object) -> tuple[tuple[int, str], ...]:
    if not isinstance(value, list):
        return ()
    pairs = (each for each in value if isinstance(each, list) and len(each) == 2)
    return tuple((_number(each[0]), _text(each[1])) for each in pairs)


# Any: JSON
def _findings_out(findings: Sequence[PolicyFinding]) -> list[Any]:
    found: list[Any] = json.loads(wire.dumps(tuple(findings), tuple[PolicyFinding, ...]))
    return found


def _findings(value: object) -> tuple[PolicyFinding, ...]:
    """Those that are understood."""
    found = []
    for each in value if isinstance(value, list) else ():
        with suppress(errors.Invalid):
            found.append(wire.decode(PolicyFinding, each))
    return tuple(found)
