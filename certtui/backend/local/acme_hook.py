"""A hook is a program that this store has run: set on its own host only, run there only, and only as it was set.

Whoever can write the database and has not the store key could else have a worker run a program of theirs. So the path is
sealed together with the user and host that it was set by, and nothing runs that says something else by now.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from certtui.authorities.acme.profile import BY_HOOK
from certtui.backend.local.channels_deliver import here
from certtui.backend.local.secrets import AUTHORITY, forget_secrets, seal_secrets
from certtui.errors import Denied, Unreachable
from certtui.model.secret import Secret

if TYPE_CHECKING:
    from certtui.backend.local.open_store import Change, OpenStore

NAME = "hook"


def path_of(settings: Mapping[str, str]) -> str:
    """The hook that a profile runs, "" for none."""
    return settings.get("hook", "") if settings.get("dns") == BY_HOOK else ""


def require_here(store: OpenStore, settings: Mapping[str, str], before: Mapping[str, str]) -> None:
    """Raises `Denied` for who comes over a server and sets a hook, or anything of a profile that has one."""
    if store.rights is not None and (path_of(settings) or path_of(before)):
        raise Denied(
            "A hook is run on the server's own host, so it is set there.",
            "Use `certtui authority` on the server's host.",
        )


def seal_hook(store: OpenStore, change: Change, authority_id: int, settings: Mapping[str, str]) -> None:
    """Keep which program may be run, and where. Raises `Locked`."""
    path = path_of(settings)
    if path:
        seal_secrets(store, change, AUTHORITY, authority_id, {NAME: Secret(json.dumps([path, here()]))})
    else:
        forget_secrets(change, AUTHORITY, authority_id, (NAME,))


def require_allowed(sealed: Secret | None, path: str) -> None:
    """Raises `Unreachable` for a program that was not set so, or not here."""
    allowed, place = json.loads(sealed.reveal()) if sealed is not None else ("", "")
    if allowed != path:
        raise Unreachable(
            "The hook was changed from outside of certtui, so it is not run.",
            "Look at who can write the database; then set it again with `certtui authority edit`.",
        )
    if place != here():
        raise Unreachable(f"The hook belongs to {place}: only a worker there runs it.", "Set it again to run it here.")
