"""Who may do what: the one table of acts by role, and what a person's access is limited to.

Three things decide, and all must allow: the role (this table), the right `export-keys` (which no role implies), and
the scope (business groups and domains; what lies outside is neither seen nor counted, and what holds for everybody is
changed by those without one). The act ids are those of the seam: noun and method.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import IntEnum

from certtui.errors import Denied
from certtui.model.audit import Actor
from certtui.model.domains import outside, within
from certtui.model.secret import Secret
from certtui.record import dataclass


class Role(IntEnum):
    """What kind of acts a person may do; each role includes the ones before it."""

    VIEWER = 1
    OPERATOR = 2
    ADMIN = 3

    def __str__(self) -> str:
        return self.name.lower()

    @classmethod
    def parse(cls, text: str) -> Role:
        """From `viewer`, `operator`, `admin`; raises KeyError."""
        return cls[text.upper()]


@dataclass(frozen=True, slots=True)
class Rule:
    """What an act asks for: a role, and perhaps the right to take private keys out, or to see all of the store."""

    role: Role
    keys: bool = False
    whole: bool = False
    """It is about what holds for everybody: not for whoever sees a part."""


@dataclass(frozen=True, slots=True)
class Access:
    """What one person may do. `groups` and `domains` are None for no limit; domains match names at or below them.

    With both limits an entry must be in one of the groups *and* have all its names within the domains.
    """

    role: Role
    export_keys: bool = False
    groups: tuple[str, ...] | None = None
    domains: tuple[str, ...] | None = None

    @property
    def scoped(self) -> bool:
        """True where some entries lie outside what this person may see."""
        return self.groups is not None or self.domains is not None

    def holds(self, business_group: str, sans: Sequence[str], common_name: str) -> bool:
        """Whether an entry with this group and these names lies in the scope. Groups are compared exactly."""
        if self.groups is not None and business_group not in self.groups:
            return False
        return self.domains is None or within(sans, common_name, self.domains)

    def reaches(self, other: Access) -> bool:
        """Whether the other's scope lies in this one."""
        if self.groups is not None and (other.groups is None or not set(other.groups) <= set(self.groups)):
            return False
        return self.domains is None or (other.domains is not None and not outside(other.domains, self.domains))

    def beyond(self, other: Access) -> str:
        """What the other has that this one lacks, so that it can't be given by it; one sentence, "" for nothing."""
        if other.role > self.role:
            return f"The role {other.role} is more than yours, which is {self.role}."
        if other.export_keys and not self.export_keys:
            return "The right export-keys can be given only by who has it."
        if not self.reaches(other):
            return "Some of what it would see lies outside your own groups and domains."
        return ""


OWNER = Access(Role.ADMIN, export_keys=True)
"""Whoever opens a local store: the file's permissions have already decided."""

_READ, _WORK, _RUN = Rule(Role.VIEWER), Rule(Role.OPERATOR), Rule(Role.ADMIN)
_TAKE_KEY = Rule(Role.VIEWER, keys=True)
_RUN_ALL = Rule(Role.ADMIN, whole=True)

ACTS: dict[str, Rule] = {
    "certificates.search": _READ,
    "certificates.page": _READ,
    "certificates.overview": _READ,
    "certificates.get": _READ,
    "certificates.records": _READ,
    "certificates.resolve": _READ,
    "certificates.lookup": _READ,
    "certificates.chain": _READ,
    "certificates.record_view": _READ,
    "certificates.export": _READ,
    "certificates.export_key": _TAKE_KEY,
    "certificates.reveal_key": _TAKE_KEY,
    "certificates.add": _WORK,
    "certificates.edit": _WORK,
    "certificates.edit_many": _WORK,
    "certificates.delete": _WORK,
    "certificates.delete_many": _WORK,
    "certificates.delete_key": _WORK,
    "certificates.plan_replacement": _READ,
    "certificates.replace": _WORK,
    "certificates.plan_revocation": _WORK,
    "certificates.revoke": _WORK,
    "certificates.note_authority_told": _WORK,
    "certificates.renew": _WORK,
    "csrs.create": _WORK,
    "csrs.list": _READ,
    "csrs.get": _READ,
    "csrs.resolve": _READ,
    "csrs.complete": _WORK,
    "csrs.delete": _WORK,
    "resources.search": _READ,
    "resources.get": _READ,
    "resources.resolve": _READ,
    "resources.add": _WORK,
    "resources.edit": _WORK,
    "resources.remove": _WORK,
    "resources.associate": _WORK,
    "resources.dissociate": _WORK,
    "repositories.search": _READ,
    "repositories.get": _READ,
    "repositories.resolve": _READ,
    "repositories.create": _RUN,
    "repositories.rename": _RUN,
    "repositories.plan_reset": _RUN,
    "repositories.reset": _RUN,
    "repositories.enable": _RUN,
    "repositories.delete": _RUN,
    "repositories.add_certificates": _WORK,
    "repositories.remove_certificates": _WORK,
    "repositories.sign": _WORK,
    "repositories.verify": _READ,
    "repositories.encrypt": _READ,
    "repositories.decrypt": _WORK,
    "orders.search": _READ,
    "orders.overview": _READ,
    "orders.get": _READ,
    "orders.resolve": _READ,
    "orders.preview": _READ,
    "orders.preflight": _WORK,
    "orders.save": _WORK,
    "orders.edit": _WORK,
    "orders.generate": _WORK,
    "orders.submit": _WORK,
    "orders.complete": _WORK,
    "orders.look": _WORK,
    "orders.cancel": _WORK,
    "orders.back_to_draft": _WORK,
    "orders.send_again": _WORK,
    "authorities.types": _READ,
    "authorities.search": _READ,
    "authorities.get": _READ,
    "authorities.resolve": _READ,
    "authorities.add": _RUN_ALL,
    "authorities.edit": _RUN_ALL,
    "authorities.test": _RUN_ALL,
    "authorities.remove": _RUN_ALL,
    "accounts.get": _READ,
    "accounts.look": _RUN_ALL,
    "accounts.roll_over": _RUN_ALL,
    "accounts.set_contact": _RUN_ALL,
    "accounts.agree": _RUN_ALL,
    "accounts.deactivate": _RUN_ALL,
    "accounts.open_new": _RUN_ALL,
    "cas.search": _READ,
    "cas.get": _READ,
    "cas.resolve": _READ,
    "cas.create_root": _RUN_ALL,
    "cas.create_intermediate": _RUN_ALL,
    "cas.request_intermediate": _RUN_ALL,
    "cas.complete": _RUN_ALL,
    "cas.import_ca": _RUN_ALL,
    "cas.edit": _RUN_ALL,
    "cas.issue_crl": _RUN_ALL,
    "cas.crl": _READ,
    "cas.accept_crl": _RUN_ALL,
    "cas.certificate": _READ,
    "cas.ocsp": _READ,
    "cas.roll_over": _RUN_ALL,
    "cas.living": _RUN_ALL,
    "cas.retire": _RUN_ALL,
    "renewals.search": _READ,
    "renewals.calendar": _READ,
    "renewals.simulate": _READ,
    "renewals.due": _READ,
    "renewals.run_due": _RUN_ALL,
    "work.run_due": _RUN_ALL,
    "work.status": _READ,
    "containers.search": _READ,
    "containers.get": _READ,
    "containers.resolve": _READ,
    "containers.create": _WORK,
    "containers.edit": _WORK,
    "containers.update": _WORK,
    "containers.rollback": _WORK,
    "containers.delete": _WORK,
    "containers.check": _READ,
    "containers.fetch": _TAKE_KEY,
    "containers.consumers": _READ,
    "containers.add_consumer": _WORK,
    "containers.remove_consumer": _WORK,
    "secrets.search": _READ,
    "secrets.get": _READ,
    "secrets.resolve": _READ,
    "secrets.store": _WORK,
    "secrets.check": _READ,
    "secrets.delete": _WORK,
    "policies.search": _READ,
    "policies.get": _READ,
    "policies.resolve": _READ,
    "policies.add": _RUN_ALL,
    "policies.edit": _RUN_ALL,
    "policies.remove": _RUN_ALL,
    "policies.dry_run": _READ,
    "policies.judge": _READ,
    "policies.sets": _READ,
    "policies.add_set": _RUN_ALL,
    "policies.waive": _RUN_ALL,
    "policies.list_waivers": _READ,
    "policies.remove_waiver": _RUN_ALL,
    "alerts.search": _READ,
    "alerts.get": _READ,
    "alerts.open_counts": _READ,
    "alerts.acknowledge": _WORK,
    "alerts.acknowledge_many": _WORK,
    "alerts.snooze": _WORK,
    "alerts.snooze_many": _WORK,
    "alerts.resolve": _WORK,
    "alerts.resolve_many": _WORK,
    "alerts.reopen": _WORK,
    "alerts.reopen_many": _WORK,
    "alerts.thresholds": _READ,
    "alerts.set_thresholds": _RUN,
    "alerts.sweep": _RUN_ALL,
    "channels.list": _RUN_ALL,
    "channels.get": _RUN_ALL,
    "channels.resolve": _RUN_ALL,
    "channels.add": _RUN_ALL,
    "channels.edit": _RUN_ALL,
    "channels.remove": _RUN_ALL,
    "channels.test": _RUN_ALL,
    "channels.deliveries": _RUN_ALL,
    "channels.calendar": _READ,
    "acls.get": _READ,
    "acls.set": _WORK,
    "acls.who": _RUN,
    "acls.reach": _RUN,
    "audit.search": _READ,
    "audit.get": _READ,
    "audit.head": _READ,
    "audit.verify": _RUN,
    "audit.record_export": _READ,
    "feed.latest": _READ,
    "feed.since": _READ,
    "people.create_token": _RUN,
    "people.list_tokens": _RUN,
    "people.revoke_token": _RUN,
    "people.add_mapping": _RUN,
    "people.list_mappings": _RUN,
    "people.remove_mapping": _RUN,
}


def refusal(access: Access, act: str) -> str:
    """Why this access does not allow the act, one sentence; "" when it does. Raises KeyError for an act without a rule."""
    rule = ACTS[act]
    if access.role < rule.role:
        return f"This needs the role {rule.role}; yours is {access.role}."
    if rule.keys and not access.export_keys:
        return "This takes a private key out, and you don't have the right export-keys."
    if rule.whole and access.scoped:
        return "This is about what holds for everybody, and you see a part of the store."
    return ""


def require(access: Access, act: str) -> None:
    """Raise `Denied` unless the access allows the act."""
    if reason := refusal(access, act):
        raise Denied(reason, "Ask an admin of this server.")


@dataclass(frozen=True, slots=True)
class Identity:
    """An authenticated person or service: who it is and what it may do."""

    actor: Actor
    access: Access
    token_id: int | None = None


@dataclass(frozen=True, slots=True)
class TokenForm:
    """A token to make; `expires_at` None for one that does not expire."""

    actor: str
    access: Access
    expires_at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """What is known of a token: never the token itself, which is stored hashed."""

    id: int
    actor: str
    access: Access
    prefix: str
    """The first characters, to tell tokens apart in a list."""
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    note: str


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token just made: the only moment at which it can be seen."""

    info: TokenInfo
    token: Secret


@dataclass(frozen=True, slots=True)
class CertificateMapping:
    """A client certificate's name that stands for a person (mTLS): `match` is "DNS:…", "EMAIL:…", "URI:…" or an RFC 4514 subject."""

    id: int
    match: str
    actor: str
    access: Access
    created_at: datetime
