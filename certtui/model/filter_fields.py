"""The keys that filters know, per list: certificates, resources, the audit log. Data only."""

from __future__ import annotations

from certtui.model.alert_names import KIND_NAMES, OBJECT_KINDS, SEVERITY_NAMES, STATE_NAMES
from certtui.model.resource import RESOURCE_TYPES
from certtui.model.status import Status
from certtui.model.stored_secret import SECRET_TYPES
from certtui.record import dataclass, field


class Kind:
    """What a key's values are. Plain strings: an enum would cost more to make than all the fields."""

    FLAG = "flag"
    """No value: `unused`."""
    ENUM = "enum"
    """One of `values`."""
    PATTERN = "pattern"
    """A whole value with `*` and `?`."""
    TEXT = "text"
    """A part of the value; with `*`, `?` or in quotes the whole."""
    NAME = "name"
    """A pattern over DNS names, in either spelling of an international name."""
    DAYS = "days"
    """Whole days left, negative once expired."""
    DATE = "date"
    """YYYY, YYYY-MM or YYYY-MM-DD: the whole year, month or day in UTC."""
    BOUND = "bound"
    """A date that is a bound by itself: `since:2027-03-15`."""
    HEX = "hex"
    """The first digits of a hexadecimal number, colons allowed."""
    NUMBER = "number"
    COUNT = "count"
    """A whole number that is more or less than another."""


@dataclass(frozen=True, slots=True)
class Field:
    """One key: its name, what its values are, a sentence of help, and a `hint` for who writes it wrongly."""

    key: str
    kind: str
    help: str
    hint: str
    values: tuple[str, ...] = ()
    aliases: dict[str, str] = field(default_factory=dict)
    suggestions: tuple[str, ...] = ()
    """Likely values of a key that allows any."""

    @property
    def ordered(self) -> bool:
        """Whether `<` and `>` mean something."""
        return self.kind in (Kind.DAYS, Kind.DATE, Kind.COUNT)


def _by_name(*fields: Field, **aliases: str) -> dict[str, Field]:
    known = {field.key: field for field in fields}
    return known | {alias.replace("__", "-"): known[key] for alias, key in aliases.items()}


_DATES = "Write YYYY, YYYY-MM or YYYY-MM-DD, for instance `{0}:2027-03` or `{0}<2027-03-15`."
_KEYS = ("rsa-2048", "rsa-3072", "rsa-4096", "rsa-*", "ec-256", "ec-384", "ec-521", "ec-*", "ed25519")
_DIGESTS = ("sha1", "sha256", "sha384", "sha512", "md5")
_STATUS_ALIASES = {"not-yet-valid": "not_yet_valid", "valid": "active"}

AUTO_RENEW_DAYS = Field(
    "auto_renew_days", Kind.COUNT, "how many days before its end it renews itself, 0 for never",
    "For instance `auto_renew_days>=7`; `auto_renew_days:0` does not renew itself.",
)  # fmt: skip

CERTIFICATE = _by_name(
    Field(
        "status", Kind.ENUM, "the status", "For instance `status:expired,expiring`.",
        tuple(status.value for status in Status), _STATUS_ALIASES,
    ),
    Field("group", Kind.PATTERN, "the business group", 'For instance `group:payments`; `group:""` is none.'),
    Field("resource", Kind.PATTERN, "the name of an associated resource", "For instance `resource:lb-west`."),
    Field("unused", Kind.FLAG, "associated with no resource", ""),
    Field("used", Kind.FLAG, "associated with a resource", ""),
    Field("repository", Kind.PATTERN, "the name of the repository that it is filed in",
          'For instance `repository:web-*`; `repository:""` is none.'),
    Field("days", Kind.DAYS, "whole days left", "For instance `days<30` or `days:7`."),
    Field("expires", Kind.DATE, "the day it expires", _DATES.format("expires")),
    Field("valid_from", Kind.DATE, "the day it becomes valid", _DATES.format("valid_from")),
    Field("created", Kind.DATE, "the day it came into the inventory", _DATES.format("created")),
    Field("san", Kind.NAME, "one of its names", "For instance `san:*.example.com`."),
    Field("cn", Kind.NAME, "the common name", "For instance `cn:www.example.com`."),
    Field("name", Kind.TEXT, "its name in the inventory", "For instance `name:api`."),
    Field("issuer", Kind.TEXT, "who issued it", 'For instance `issuer:"R3"`.'),
    Field("subject", Kind.TEXT, "its subject", 'For instance `subject:"O=Example"`.'),
    Field("serial", Kind.HEX, "the first digits of the serial number", "For instance `serial:0a1b`."),
    Field("fingerprint", Kind.HEX, "the first digits of the SHA-256 fingerprint, or the whole SHA-1 one",
          "For instance `fingerprint:a1b2c3`."),
    Field("key", Kind.PATTERN, "key algorithm and size", "For instance `key:rsa-*`.", suggestions=_KEYS),
    Field("digest", Kind.PATTERN, "the digest of the signature", "For instance `digest:sha1`.", suggestions=_DIGESTS),
    Field("has", Kind.ENUM, "what is stored with it", "For instance `has:key`.", ("key", "csr")),
    Field("is", Kind.ENUM, "what kind it is", "For instance `is:ca`.", ("ca", "self-signed"),
          {"self_signed": "self-signed"}),
    Field("access", Kind.ENUM, "whether an access list closes something of it to its group",
          "For instance `access:restricted`.", ("restricted", "open")),
    Field("source", Kind.ENUM, "how it came here", "For instance `source:discovered`.",
          ("managed", "imported", "discovered")),
    Field("provider", Kind.PATTERN, "who issued it, as certtui knows it", "For instance `provider:acme`.",
          suggestions=("local", "acme", "external")),
    Field("authority", Kind.PATTERN, "the name of the authority that renews it",
          'For instance `authority:le-*`; `authority:""` is none.'),
    AUTO_RENEW_DAYS,
    Field("contact", Kind.PATTERN, "the contact's e-mail address", "For instance `contact:*@example.com`."),
    Field("id", Kind.NUMBER, "the entry's number", "For instance `id:17,18`."),
    not_after="expires", not_before="valid_from", valid__from="valid_from", email="contact",
    auto__renew__days="auto_renew_days",
)  # fmt: skip
"""Keys of the inventory."""

RESOURCE = _by_name(
    Field("type", Kind.ENUM, "the type", "For instance `type:load-balancer`.", RESOURCE_TYPES,
          {"lb": "load-balancer"}),
    Field("name", Kind.TEXT, "the name", "For instance `name:lb`."),
    Field("endpoint", Kind.TEXT, "the endpoint", "For instance `endpoint:443`."),
    Field("notes", Kind.TEXT, "the notes", "For instance `notes:rack`."),
    Field("certificate", Kind.PATTERN, "the name of an associated certificate", "For instance `certificate:api-*`."),
    Field("unused", Kind.FLAG, "without certificates", ""),
    Field("used", Kind.FLAG, "with certificates", ""),
    Field("created", Kind.DATE, "the day it was made", _DATES.format("created")),
    Field("id", Kind.NUMBER, "the resource's number", "For instance `id:3`."),
)  # fmt: skip
"""Keys of the place Resources."""

POLICY = _by_name(
    Field("outcome", Kind.ENUM, "what comes of a finding", "For instance `outcome:soft`.", ("hard", "soft")),
    Field("name", Kind.TEXT, "the name", "For instance `name:public`."),
    Field("enabled", Kind.FLAG, "in force", ""),
    Field("disabled", Kind.FLAG, "not in force", ""),
    Field("waived", Kind.FLAG, "with waivers that are in force", ""),
    Field("created", Kind.DATE, "the day it was made", _DATES.format("created")),
    Field("id", Kind.NUMBER, "the policy's number", "For instance `id:3`."),
)  # fmt: skip
"""Keys of the place Policies."""

REPOSITORY = _by_name(
    Field("source", Kind.ENUM, "the data source", "For instance `source:private`.",
          ("uploaded", "uploaded-ca", "private", "compliant")),
    Field("state", Kind.ENUM, "where it stands", "For instance `state:reset`.", ("enabled", "reset")),
    Field("name", Kind.TEXT, "the name", "For instance `name:web`."),
    Field("group", Kind.PATTERN, "the business group", 'For instance `group:payments`; `group:""` is shared by all.'),
    Field("ca", Kind.PATTERN, "the name of the bound CA", 'For instance `ca:"Issuing CA"`.'),
    Field("created", Kind.DATE, "the day it was made", _DATES.format("created")),
    Field("id", Kind.NUMBER, "the repository's number", "For instance `id:3`."),
)  # fmt: skip
"""Keys of the place Repositories."""

AUDIT = _by_name(
    Field("event", Kind.PATTERN, "the event's name", "For instance `event:certificate.view.*`."),
    Field("actor", Kind.PATTERN, "who acted", "For instance `actor:root`."),
    Field("object", Kind.PATTERN, "the name or the kind of what it happened to", "For instance `object:api-gateway`."),
    Field("id", Kind.NUMBER, "the number of what it happened to", "For instance `id:17`."),
    Field("since", Kind.BOUND, "on that day or later", "For instance `since:2027-03-15`."),
    Field("until", Kind.BOUND, "on that day or earlier", "For instance `until:2027-03-31`."),
)  # fmt: skip
"""Keys of the place Audit."""

ALERT = _by_name(
    Field("state", Kind.ENUM, "where it stands", "For instance `state:open,acknowledged`.", STATE_NAMES,
          {"ack": "acknowledged"}),
    Field("severity", Kind.ENUM, "how urgent it is", "For instance `severity:critical`.", SEVERITY_NAMES),
    Field("kind", Kind.ENUM, "what is the matter", "For instance `kind:expiring,expired`.", KIND_NAMES,
          {name.replace("_", "-"): name for name in KIND_NAMES if "_" in name}),
    Field("group", Kind.PATTERN, "the business group", 'For instance `group:payments`; `group:""` is none.'),
    Field("object", Kind.PATTERN, "the name or the kind of what it is about",
          "For instance `object:api-*` or `object:order`.", suggestions=OBJECT_KINDS),
    Field("since", Kind.BOUND, "open since that day or later", "For instance `since:2027-03-15`."),
    Field("until", Kind.BOUND, "open since that day or earlier", "For instance `until:2027-03-31`."),
    Field("id", Kind.NUMBER, "the alert's number", "For instance `id:17,18`."),
)  # fmt: skip
"""Keys of the place Alerts."""

CA = _by_name(
    Field("state", Kind.ENUM, "what it can do", "For instance `state:active`.",
          ("active", "waiting", "offline", "retired")),
    Field("kind", Kind.ENUM, "root or intermediate", "For instance `kind:root`.", ("root", "intermediate")),
    Field("name", Kind.TEXT, "the name", "For instance `name:issuing`."),
    Field("id", Kind.NUMBER, "the CA's number", "For instance `id:3`."),
)  # fmt: skip
"""Keys of the list of CAs."""

CONTAINER = _by_name(
    Field("type", Kind.ENUM, "what it holds", "For instance `type:certificate`.", ("certificate", "rsa", "generic")),
    Field("status", Kind.ENUM, "what a consumer would meet", "For instance `status:expired,incomplete`.",
          ("active", "expiring", "expired", "not_yet_valid", "revoked", "incomplete"),
          {"not-yet-valid": "not_yet_valid"}),
    Field("name", Kind.TEXT, "the name", "For instance `name:shop`."),
    Field("certificate", Kind.PATTERN, "the name of its certificate", "For instance `certificate:api-*`."),
    Field("group", Kind.PATTERN, "the business group", 'For instance `group:payments`; `group:""` is none.'),
    Field("consumer", Kind.TEXT, "the service of a consumer", "For instance `consumer:nginx`."),
    Field("used", Kind.FLAG, "with consumers", ""),
    Field("unused", Kind.FLAG, "without consumers", ""),
    Field("behind", Kind.FLAG, "with a consumer that has an earlier version, or none yet", ""),
    Field("days", Kind.DAYS, "whole days left", "For instance `days<30` or `days:7`."),
    Field("created", Kind.DATE, "the day it was made", _DATES.format("created")),
    Field("id", Kind.NUMBER, "the container's number", "For instance `id:3`."),
)  # fmt: skip
"""Keys of the place Containers."""

STORED_SECRET = _by_name(
    Field("type", Kind.ENUM, "the type", "For instance `type:passphrase`.", SECRET_TYPES),
    Field("algorithm", Kind.PATTERN, "of a key or certificate", "For instance `algorithm:rsa-*`.", suggestions=_KEYS),
    Field("name", Kind.TEXT, "the name", "For instance `name:shop`."),
    Field("group", Kind.PATTERN, "the business group", 'For instance `group:payments`; `group:""` is none.'),
    Field("used", Kind.FLAG, "a part of a container", ""),
    Field("unused", Kind.FLAG, "a part of no container", ""),
    Field("days", Kind.DAYS, "whole days left", "For instance `days<30`."),
    Field("created", Kind.DATE, "the day it was stored", _DATES.format("created")),
    Field("id", Kind.NUMBER, "the secret's number", "For instance `id:3`."),
)  # fmt: skip
"""Keys of the list of stored secrets."""
