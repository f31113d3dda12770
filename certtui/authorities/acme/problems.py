"""What a server says when it won't: problem documents with subproblems for each name (RFC 7807; RFC 8555, 6.7)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from certtui.errors import CerttuiError
from certtui.record import dataclass

_ERROR = "urn:ietf:params:acme:error:"
_LONGEST_DETAIL = 1_000
_MOST_SUBPROBLEMS = 100

# Boulder says until when in words, whether or not it sends Retry-After.
_UNTIL = re.compile(r"retry after (\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?: UTC|Z)", re.IGNORECASE)

_MEANINGS = {
    "accountDoesNotExist": "The CA does not know this account.",
    "alreadyRevoked": "The certificate was revoked already.",
    "alreadyReplaced": "The certificate that is to be replaced was replaced already.",
    "badCSR": "The CA does not accept the CSR.",
    "badPublicKey": "The CA does not accept the key.",
    "badRevocationReason": "The CA does not accept this reason.",
    "caa": "A CAA record forbids this CA to issue.",
    "connection": "The CA could not connect to the name.",
    "dns": "The CA could not look up the name.",
    "externalAccountRequired": "The CA wants an external account: a key id and a MAC key that it gives to its customers.",
    "incorrectResponse": "The CA found something else than was asked for.",
    "invalidContact": "The CA does not accept the contact.",
    "invalidProfile": "The CA does not offer this profile.",
    "malformed": "The CA did not understand the request.",
    "orderNotReady": "The order is not ready to be finished.",
    "rateLimited": "The CA limits how much is asked of it.",
    "rejectedIdentifier": "The CA issues nothing for this name.",
    "serverInternal": "The CA has a fault of its own.",
    "tls": "The CA met a TLS error at the name.",
    "unauthorized": "The CA did not find what proves control of the name.",
    "unsupportedContact": "The CA does not take this kind of contact.",
    "unsupportedIdentifier": "The CA does not issue for names of this kind.",
    "userActionRequired": "The CA wants a person to do something, mostly to agree to new terms.",
}

_BUSY = {429: _MEANINGS["rateLimited"], 503: "The CA is busy, or not there for now."}
"""Where the status is all that it says, as what stands in front of a CA does."""


@dataclass(frozen=True, slots=True)
class Subproblem:
    """What is wrong with one name; `name` is "" where it says of none."""

    type: str
    detail: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem document; `type` is the short name after `urn:ietf:params:acme:error:`, else the whole URI."""

    type: str
    detail: str
    status: int = 0
    subproblems: tuple[Subproblem, ...] = ()
    instance: str = ""

    @property
    def meaning(self) -> str:
        """Our sentence for its type."""
        if not self.type and self.status in _BUSY:
            return _BUSY[self.status]
        return _MEANINGS.get(self.type, "The CA refused.")

    @property
    def words(self) -> str:
        """Its own words, with those on each name."""
        said = [self.detail or self.type or (f"status {self.status}" if self.status else "")]
        said += [f"{each.name}: {each.detail or each.type}" if each.name else each.detail for each in self.subproblems]
        if self.instance:
            said.append(f"See {self.instance}")
        return " · ".join(part for part in said if part)


class AcmeError(CerttuiError):
    """The server answered with a problem; `retry_at` is when it wants to be asked again, where it said so."""

    def __init__(self, problem: Problem, retry_at: datetime | None = None) -> None:
        super().__init__(f"{problem.meaning} It says: {problem.words}", _hint(problem))
        self.problem = problem
        self.retry_at = retry_at


class ExternalAccountRefused(AcmeError):
    """The external account is none of the CA's, or is signed by another key: `unauthorized`, which says else that a name is not proved."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.message = f"The CA does not accept the external account. It says: {problem.words}"
        self.hint = "Check the key id and the MAC key in the profile."


class Limited(AcmeError):
    """It is asked too much (429, `rateLimited`) or is busy (503): `retry_at` says until when, None where it doesn't."""


def problem_of(document: object, status: int) -> Problem:
    """Read a problem document; whatever is missing or of another shape is left out."""
    if not isinstance(document, Mapping):
        return Problem("", "", status)
    subproblems = document.get("subproblems")
    found = []
    for each in subproblems[:_MOST_SUBPROBLEMS] if isinstance(subproblems, list) else ():
        if isinstance(each, Mapping):
            identifier = each.get("identifier")
            name = _text(identifier, "value") if isinstance(identifier, Mapping) else ""
            found.append(Subproblem(short_type(_text(each, "type")), _text(each, "detail"), name))
    return Problem(
        short_type(_text(document, "type")),
        _text(document, "detail"),
        status,
        tuple(found),
        _text(document, "instance"),
    )


def error_of(problem: Problem, retry_at: datetime | None) -> AcmeError:
    """The error to raise for a problem."""
    if problem.type == "rateLimited" or problem.status in (429, 503):
        return Limited(problem, retry_at or _said_in_words(problem.detail))
    return AcmeError(problem, retry_at)


def short_type(uri: str) -> str:
    """`rateLimited` for its URN, other URIs as they are; `about:blank` says nothing (RFC 7807, 4.2)."""
    return "" if uri == "about:blank" else uri.removeprefix(_ERROR)


def _said_in_words(detail: str) -> datetime | None:
    found = _UNTIL.search(detail)
    if found is None:
        return None
    try:
        return datetime.fromisoformat(f"{found[1]}T{found[2]}+00:00")
    except ValueError:
        return None


def _text(document: Mapping[str, object], key: str) -> str:
    value = document.get(key)
    return storable(value[:_LONGEST_DETAIL]) if isinstance(value, str) else ""


def storable(text: str) -> str:
    """What JSON can say and no database can keep: NUL, halves of surrogate pairs."""
    if "\0" not in text and text.isascii():
        return text
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _hint(problem: Problem) -> str:
    match problem.type:
        case "rateLimited":
            return "The order goes on by itself when the limit ends."
        case "caa":
            return "Change the CAA record of the domain, or order from a CA that it names."
        case "externalAccountRequired":
            return "Put the key id and the MAC key into the profile."
        case "userActionRequired":
            return "See the CA's page, then try again."
        case "invalidContact" | "unsupportedContact":
            return "Change the e-mail address of the profile."
        case "invalidProfile":
            return "Choose another ACME profile in the authority's settings."
        case _:
            return ""
