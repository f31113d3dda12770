"""What a server answers, read: strict in what RFC 8555 makes a client depend on, blind to what it does not know."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone

from certtui.authorities.acme.problems import Problem, problem_of, storable
from certtui.errors import Unreachable
from certtui.record import dataclass, field

ORDER_STATES = ("pending", "ready", "processing", "valid", "invalid")
AUTHORIZATION_STATES = ("pending", "valid", "invalid", "deactivated", "expired", "revoked")
_MOST_URLS = 1_000
_LONGEST_URL = 2_000
_LONGEST_NAME, _LONGEST_TEXT, _MOST_NAMES = 255, 4_000, 100
"""What a directory and an account say is kept and shown: not a megabyte of it."""


@dataclass(frozen=True, slots=True)
class Directory:
    """Where things are, and what the CA says of itself (RFC 8555, 7.1.1)."""

    new_nonce: str
    new_account: str
    new_order: str
    revoke_cert: str = ""
    key_change: str = ""
    renewal_info: str = ""
    terms: str = ""
    website: str = ""
    caa: tuple[str, ...] = ()
    external_account_required: bool = False
    profiles: dict[str, str] = field(default_factory=dict)
    """Names of profiles and what the CA says of each."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account as the server has it."""

    url: str
    status: str
    contact: tuple[str, ...] = ()
    orders: str = ""
    terms_agreed: bool = False


@dataclass(frozen=True, slots=True)
class Identifier:
    """A name to be certified: `dns` or `ip`, in lower case."""

    type: str
    value: str


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way to prove control; types that nobody here knows are kept and never chosen."""

    type: str
    url: str
    status: str
    token: str = ""
    error: Problem | None = None


@dataclass(frozen=True, slots=True)
class Authorization:
    """What a name needs to be proved by."""

    url: str
    identifier: Identifier
    status: str
    wildcard: bool = False
    challenges: tuple[Challenge, ...] = ()
    expires: datetime | None = None
    retry_at: datetime | None = None

    def challenge(self, kind: str) -> Challenge | None:
        """The challenge of this type that can be answered."""
        return next((each for each in self.challenges if each.type == kind and each.url and each.token), None)

    @property
    def error(self) -> Problem | None:
        """Why it failed."""
        return next((each.error for each in self.challenges if each.error is not None), None)


@dataclass(frozen=True, slots=True)
class AcmeOrder:
    """An order as the server has it."""

    url: str
    status: str
    identifiers: tuple[Identifier, ...]
    authorizations: tuple[str, ...]
    finalize: str
    certificate: str = ""
    error: Problem | None = None
    expires: datetime | None = None
    profile: str = ""
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RenewalInfo:
    """When the CA would like a certificate to be renewed (RFC 9773, 4.2)."""

    start: datetime
    end: datetime
    explanation: str = ""
    retry_at: datetime | None = None


def directory_of(document: Mapping[str, object]) -> Directory:
    """Read a directory. Raises `Unreachable` where it is none."""
    meta = document.get("meta")
    said: Mapping[str, object] = meta if isinstance(meta, Mapping) else {}
    caa = said.get("caaIdentities")
    profiles = said.get("profiles")
    return Directory(
        new_nonce=_url(document, "newNonce"),
        new_account=_url(document, "newAccount"),
        new_order=_url(document, "newOrder"),
        revoke_cert=_url(document, "revokeCert", needed=False),
        key_change=_url(document, "keyChange", needed=False),
        renewal_info=_url(document, "renewalInfo", needed=False),
        terms=_text(said, "termsOfService"),
        website=_text(said, "website"),
        caa=_texts(caa),
        external_account_required=said.get("externalAccountRequired") is True,
        profiles={
            storable(str(name)[:_LONGEST_NAME]): storable(str(text)[:_LONGEST_TEXT])
            for name, text in list(profiles.items())[:_MOST_NAMES]
        }
        if isinstance(profiles, Mapping)
        else {},
    )


def account_of(document: Mapping[str, object], url: str) -> Account:
    """Read an account."""
    contact = document.get("contact")
    return Account(
        url,
        _text(document, "status") or "valid",
        _texts(contact),
        _url(document, "orders", needed=False),
        document.get("termsOfServiceAgreed") is True,
    )


def order_of(document: Mapping[str, object], url: str, retry_at: datetime | None = None) -> AcmeOrder:
    """Read an order. Raises `Unreachable` where it is none."""
    error = document.get("error")
    authorizations = document.get("authorizations")
    if not isinstance(authorizations, list) or not all(isinstance(each, str) for each in authorizations):
        raise _malformed("an order without authorizations")
    return AcmeOrder(
        url,
        _state(document, ORDER_STATES, "an order"),
        identifiers_of(document),
        tuple(authorizations[:_MOST_URLS]),
        _url(document, "finalize"),
        _url(document, "certificate", needed=False),
        problem_of(error, 0) if isinstance(error, Mapping) else None,
        time_of(_text(document, "expires")),
        _text(document, "profile"),
        retry_at,
    )


def identifiers_of(document: Mapping[str, object]) -> tuple[Identifier, ...]:
    """The identifiers of an order. Raises `Unreachable`."""
    found = document.get("identifiers")
    if not isinstance(found, list) or not found:
        raise _malformed("an order without identifiers")
    return tuple(_identifier(each) for each in found)


def authorization_of(document: Mapping[str, object], url: str, retry_at: datetime | None = None) -> Authorization:
    """Read an authorization. Raises `Unreachable` where it is none."""
    challenges = document.get("challenges")
    return Authorization(
        url,
        _identifier(document.get("identifier")),
        _state(document, AUTHORIZATION_STATES, "an authorization"),
        document.get("wildcard") is True,
        tuple(challenge_of(each) for each in challenges if isinstance(each, Mapping))
        if isinstance(challenges, list)
        else (),
        time_of(_text(document, "expires")),
        retry_at,
    )


def challenge_of(document: Mapping[str, object]) -> Challenge:
    """Read a challenge of whatever type."""
    error = document.get("error")
    return Challenge(
        _text(document, "type"),
        _url(document, "url", needed=False),
        _text(document, "status") or "pending",
        _text(document, "token"),
        problem_of(error, 0) if isinstance(error, Mapping) else None,
    )


def renewal_info_of(document: Mapping[str, object], retry_at: datetime | None) -> RenewalInfo:
    """Read a renewal window. Raises `Unreachable` for one that ends before it begins (RFC 9773, 4.2)."""
    window = document.get("suggestedWindow")
    if not isinstance(window, Mapping):
        raise _malformed("renewal information without a window")
    start, end = time_of(_text(window, "start")), time_of(_text(window, "end"))
    if start is None or end is None or end <= start:
        raise _malformed("a renewal window that does not end after it begins")
    explained = _text(document, "explanationURL")
    return RenewalInfo(start, end, explained if len(explained) <= _LONGEST_URL else "", retry_at)


def time_of(text: str) -> datetime | None:
    """An RFC 3339 time in UTC, whole seconds; None for none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if found.tzinfo is None else found.astimezone(timezone.utc).replace(microsecond=0)


def _identifier(found: object) -> Identifier:
    if not isinstance(found, Mapping) or not _text(found, "type") or not _text(found, "value"):
        raise _malformed("an identifier without type and value")
    return Identifier(_text(found, "type"), _text(found, "value").lower())


def _state(document: Mapping[str, object], known: tuple[str, ...], what: str) -> str:
    state = _text(document, "status")
    if state not in known:
        raise _malformed(f"{what} in the state “{state[:40]}”")
    return state


def _url(document: Mapping[str, object], key: str, *, needed: bool = True) -> str:
    value = document.get(key)
    if isinstance(value, str) and value:
        return storable(value)
    if needed:
        raise _malformed(f"no {key}")
    return ""


def _text(document: Mapping[str, object], key: str) -> str:
    value = document.get(key)
    return storable(value[:_LONGEST_TEXT]) if isinstance(value, str) else ""


def _texts(found: object) -> tuple[str, ...]:
    if not isinstance(found, list):
        return ()
    return tuple(storable(each[:_LONGEST_NAME]) for each in found[:_MOST_NAMES] if isinstance(each, str))


def _malformed(what: str) -> Unreachable:
    return Unreachable(f"The ACME server's answer is none of RFC 8555: {what}.", "Check the directory's address.")
