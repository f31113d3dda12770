"""What an access list comes to, in sentences: for its page, for its form while one types, for the page of an entry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from certtui.model.acl import Acl
    from certtui.model.certificate import Restriction

SEALED = {
    "certificate": "the key",
    "container": "its parts",
    "repository": "the keys filed in it",
    "secret": "the payload",
}
"""What of each kind is there to use."""

_SHOWN = 4


def effect(acl: Acl) -> str:
    """Who reads and uses the object, as far as role and scope go."""
    sealed, group = SEALED[acl.kind], group_words(acl)
    users = _people(acl.users, acl.owner)
    if acl.read_group and acl.use_group:
        return f"{group[0].upper()}{group[1:]} reads it and uses {sealed}, as far as their role goes."
    if acl.read_group:
        return f"{_only(users, 'use', 'uses', 'Nobody')} {sealed}; {group} reads it."
    readers = [one for one in acl.readers if one != acl.owner]
    if acl.use_group:
        who = _people((*acl.users, *acl.readers), acl.owner)
        said = f"{_only(who, 'read it and use', 'reads it and uses', 'Nobody but admins')} {sealed}"
        return f"{said}; to others of {group} it is not there. Admins may both."
    said = f"{_only(users, 'use', 'uses', 'Nobody')} {sealed}"
    if readers:
        said += f"; {joined(readers)} {'reads' if len(readers) == 1 else 'read'} it"
    return f"{said}; to others of {group} it is not there. Admins read it."


def lockout(before: Acl, after: Acl, actor: str, *, owns_store: bool) -> str:
    """What whoever changes the list so would lose by it themselves; "" for nothing. Only admins can: an owner always may."""
    if owns_store or actor == before.owner:
        return ""
    if _may_use(before, actor) and not _may_use(after, actor):
        return f"You ({actor}) would not use {SEALED[before.kind]} any more. As an admin you still read it and change this list."
    return ""


def strangers(names: Iterable[str], known: Iterable[str], owner: str) -> str:
    """Names on a list that no good token or client certificate stands for, as a sentence; "" for none."""
    familiar = {*known, owner}
    if not (unknown := [one for one in names if one not in familiar]):
        return ""
    return f"No token and no client certificate stands for {joined(unknown, 'or')} yet."


def in_charge(acl: Acl, actor: str, role: str) -> bool:
    """Whether this person may change the list."""
    return role in ("owner", "admin") or (bool(acl.owner) and acl.owner == actor)


def group_words(acl: Acl) -> str:
    """The business group of an object in a sentence."""
    return f"the group {acl.business_group}" if acl.business_group else "everybody of its scope"


def restriction_words(restrictions: Sequence[Restriction]) -> str:
    """A line for the page of an entry, "" for one that is open."""
    return "; ".join(map(_restriction, restrictions))


def joined(names: Sequence[str], last: str = "and") -> str:
    """Names in a sentence, of many the first ones and how many more."""
    shown = list(names[:_SHOWN]) + ([f"{len(names) - _SHOWN} more"] if len(names) > _SHOWN else [])
    return f" {last} ".join(filter(None, (", ".join(shown[:-1]), shown[-1]))) if shown else ""


def _restriction(one: Restriction) -> str:
    may = []
    if not one.read_group:
        may.append(f"{one.readers + one.users} may read")
    may.append(f"{one.readers + one.users if one.use_group else one.users} may use")
    return f"restricted{' by its repository' if one.kind == 'repository' else ''}: {', '.join(may)}"


def _people(names: Iterable[str], owner: str) -> list[str]:
    others = [one for one in names if one != owner]
    return [*others, f"its owner {owner}"] if owner else others


def _only(who: Sequence[str], several: str, one: str, nobody: str) -> str:
    if not who:
        return f"{nobody} {one}"
    if len(who) > _SHOWN:  # the owner is told in any case
        who = [*who[: _SHOWN - 1], f"{len(who) - _SHOWN} more", who[-1]]
        return f"Only {', '.join(who[:-1])} and {who[-1]} {several}"
    return f"Only {joined(who)} {one if len(who) == 1 else several}"


def _may_use(acl: Acl, name: str) -> bool:
    return acl.use_group or name in acl.users
