"""A policy: rules over requests, that refuse (hard) or warn and are put on record (soft).

What a rule says is data, so it crosses every seam; `policy_judge` judges by it, `policy_words` writes it as sentences,
`policy_names` explains the patterns. A rule that is empty asks for nothing, and what is not known yet of a request (the
digest of a certificate that nobody has signed) is not judged.
"""

from __future__ import annotations

from datetime import datetime

from certtui.record import dataclass, field

HARD, SOFT = OUTCOMES = ("hard", "soft")
ISSUE, RENEW, IMPORT = POLICY_ACTS = ("issue", "renew", "import")


@dataclass(frozen=True, slots=True)
class PolicyScope:
    """What a policy is about. An empty part is no limit; the parts that are given must all hold."""

    acts: tuple[str, ...] = POLICY_ACTS
    """Some of `issue` (a new order), `renew` (an order that renews), `import` (an X.509 that was issued elsewhere)."""
    domains: tuple[str, ...] = ()
    """Name patterns; about a request when one of its names lies in one of them."""
    groups: tuple[str, ...] = ()
    """Business groups, compared exactly."""
    authorities: tuple[str, ...] = ()
    """Names of authorities, with `*` and `?`, or `type:local`, `type:acme`, `type:external`."""
    cas: bool = False
    """Whether CA certificates are judged too; they live longer and have no host names, so they are left out by default."""


@dataclass(frozen=True, slots=True)
class ValidityLimit:
    """A longest life, in days, for what is issued from an instant on (the begin of a day, UTC); None for always."""

    days: int
    from_date: datetime | None = None


@dataclass(frozen=True, slots=True)
class PolicyRules:
    """What a policy asks for; a rule that is empty (or True, where it allows) asks for nothing."""

    allowed_names: tuple[str, ...] = ()
    """Patterns; each name must fit one of them."""
    forbidden_names: tuple[str, ...] = ()
    """Patterns; no name may fit one of them, nor may a wildcard name cover a name that does."""
    wildcards: bool = True
    """Whether names with `*` are allowed."""
    registered_domains: tuple[str, ...] = ()
    """Domains; each DNS name, e-mail address and URI must lie at or below one of them."""
    internal_names: bool = True
    """Whether names and addresses that mean nothing in public are allowed (CA/Browser Forum BR 4.2.2, 7.1.2.7.12)."""
    common_name_only: bool = True
    """Whether a host name may stand in the common name without being a SAN."""
    keys: tuple[str, ...] = ()
    """Kinds of keys: `rsa-2048` is RSA of 2048 bits or more, `ec-256` P-256 or longer, `ed25519` exactly that."""
    digests: tuple[str, ...] = ()
    """Digests of signatures: `sha256`; signatures without a digest of their own (Ed25519, ML-DSA) always fit."""
    validity: tuple[ValidityLimit, ...] = ()
    """The longest life; the limit with the latest day that has come by the day of issue counts."""
    subject_fields: tuple[str, ...] = ()
    """Fields that the subject must have: `O`, or with a value `C=DE`, `O=Example*`."""
    authorities: tuple[str, ...] = ()
    """Authorities that may issue, written as in a scope; the issuer's short name is that of an import."""
    max_names: int = 0
    """The most SANs, 0 for any number."""
    entry_name: str = ""
    """What entries must be called, with `*` and `?`."""


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """One policy as lists show it, with all of its rules."""

    id: int
    version: int
    name: str
    description: str
    """Shown to whoever is refused."""
    enabled: bool
    outcome: str
    """`hard` or `soft`."""
    scope: PolicyScope
    rules: PolicyRules
    waiver_count: int
    """Waivers that are still in force."""
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class PolicyWaiver:
    """Somebody's word that a soft policy need not hold for some entries, for a time.

    It counts for a request whose entry's name fits `entry` and whose names all fit `names`, where these are given.
    """

    id: int
    policy_id: int
    policy_name: str
    owner: str
    """Who answers for it."""
    reason: str
    expires_at: datetime
    entry: str
    """The entry's name, with `*` and `?`; "" for any."""
    names: tuple[str, ...]
    """Name patterns; none for any."""
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy with its waivers, newest first, expired ones too."""

    row: PolicyRow
    waivers: tuple[PolicyWaiver, ...] = ()

    @property
    def id(self) -> int:
        return self.row.id

    @property
    def version(self) -> int:
        return self.row.version

    @property
    def name(self) -> str:
        return self.row.name


@dataclass(frozen=True, slots=True)
class PolicyForm:
    """What a person writes of a policy; for an edit, None leaves a field as it is. A new one is not enabled by default."""

    name: str | None = None
    description: str | None = None
    enabled: bool | None = None
    outcome: str | None = None
    scope: PolicyScope | None = None
    rules: PolicyRules | None = None


@dataclass(frozen=True, slots=True)
class WaiverForm:
    """A waiver to make. One of `entry` and `names` must be given."""

    policy_id: int
    owner: str
    reason: str
    expires_at: datetime
    entry: str = ""
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicySubject:
    """What is judged: a request or a certificate, as plain facts. Empty facts are not known yet and not judged."""

    act: str
    """One of `POLICY_ACTS`."""
    names: tuple[str, ...] = ()
    """SANs: "DNS:…", "IP:…", "EMAIL:…", "URI:…"."""
    common_name: str = ""
    subject: tuple[tuple[str, str], ...] = ()
    """(field, value) of the subject: ("O", "Example")."""
    key_algorithm: str = ""
    """As in `X509Facts`: `rsa-2048`."""
    signature_digest: str = ""
    validity_days: int | None = None
    """As `policy_judge.validity_days` counts them."""
    issued_on: datetime | None = None
    """When it was issued (notBefore); None for now."""
    authority: str = ""
    """The profile's name; for an import the issuer's short name."""
    provider: str = ""
    """`local`, `acme`, `external`; "" for an import."""
    business_group: str = ""
    entry_name: str = ""
    is_ca: bool = False


@dataclass(frozen=True, slots=True)
class PolicyFinding:
    """One rule of one policy that does not hold."""

    policy_id: int
    policy_name: str
    rule: str
    """The rule's name in `PolicyRules`."""
    outcome: str
    message: str
    """One sentence of what is wrong."""
    description: str
    """The policy's own words."""
    waiver_id: int | None = None
    """The waiver under which it passes without a word."""

    @property
    def needs_reason(self) -> bool:
        """True for a soft finding that nobody waived: it passes with a person's word."""
        return self.outcome == SOFT and self.waiver_id is None


@dataclass(frozen=True, slots=True)
class DryRunFinding:
    """A certificate of the inventory that a policy would not pass."""

    certificate_id: int
    certificate_name: str
    finding: PolicyFinding


@dataclass(frozen=True, slots=True)
class PolicyDryRun:
    """What a policy says of the inventory as it stands: living X.509 entries, neither expired nor revoked."""

    judged: int
    """Entries that were looked at."""
    applies: int
    """Of these, those that the policy is about."""
    failing: int
    """Entries with a finding that is not waived."""
    waived: int
    """Entries of which all findings are waived."""
    findings: tuple[DryRunFinding, ...]
    """The first of them, `MAX_DRY_RUN_FINDINGS` at most."""
    as_of: datetime


MAX_DRY_RUN_FINDINGS = 1_000


@dataclass(frozen=True, slots=True)
class PolicySet:
    """Ready-made policies under one name, to be added together and enabled one by one."""

    name: str
    description: str
    policies: tuple[PolicyForm, ...] = field(default_factory=tuple)
