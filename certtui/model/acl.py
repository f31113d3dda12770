"""An access list: who may read (metadata) and who may use (payload, keys) one object.

Scope, access list, role: all must allow. An object without a list is open to its business group, as far as role and rights
go. A list that is closed to the group names people and services; whoever may use may read. The object's owner may both,
and changes the list, as admins do. Admins read everything in their scope; to use a key they have to be named.
"""

from __future__ import annotations

from datetime import datetime

from certtui.record import dataclass

KINDS = ("certificate", "container", "repository", "secret")
"""What has an access list."""

READS, USES, TAKES_KEY = "reads", "uses", "takes the key"


@dataclass(frozen=True, slots=True)
class Acl:
    """The access list of one object as it stands; version 0 while nobody has written one."""

    kind: str
    object_id: int
    object_name: str
    version: int
    read_group: bool
    """Whether the business group may read it."""
    use_group: bool
    """Whether the business group may use it."""
    readers: tuple[str, ...]
    """People and services by name who may read, and not use."""
    users: tuple[str, ...]
    """People and services by name who may use, and so read."""
    owner: str
    """Who made the object; "" where nobody knows."""
    updated_at: datetime | None = None
    updated_by: str = ""
    business_group: str = ""
    """The object's group, which the two switches are about."""

    @property
    def restricted(self) -> bool:
        """Whether it closes anything to the group."""
        return not (self.read_group and self.use_group)


@dataclass(frozen=True, slots=True)
class AclForm:
    """What a person writes of an access list; None leaves a part as it is."""

    read_group: bool | None = None
    use_group: bool | None = None
    readers: tuple[str, ...] | None = None
    users: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Reacher:
    """One way in over a server, and what it may do with an object."""

    name: str
    """Whom it stands for."""
    credential: str
    """`token 3` or `mapping 2`."""
    role: str
    export_keys: bool
    reads: bool
    uses: bool
    """Signs, decrypts and orders with it, as far as the role goes."""
    takes_key: bool
    """Takes the private key or the payload out."""
    why: str
    """One sentence: by what it may, or by what not."""


@dataclass(frozen=True, slots=True)
class ReachCount:
    """How many objects of a kind somebody sees, and of how many they may use what is sealed."""

    kind: str
    reads: int
    uses: int


@dataclass(frozen=True, slots=True)
class Named:
    """An object whose list names somebody."""

    kind: str
    object_id: int
    object_name: str
    uses: bool


@dataclass(frozen=True, slots=True)
class Reach:
    """What one token or client certificate reaches, by scope, lists and role together."""

    name: str
    credential: str
    role: str
    export_keys: bool
    groups: tuple[str, ...] | None
    domains: tuple[str, ...] | None
    ended: bool
    """It is revoked or has expired: it reaches nothing any more, and this is what it would reach."""
    counts: tuple[ReachCount, ...]
    named: tuple[Named, ...]
    """At most 200, by kind and name."""
