"""Settings of a profile that are sealed so that nobody changes them in the database: see `authorities.acme.dns_bound`.

What is of one host, a program or files, is set there only and used there only: who comes over a server can't set it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from certtui.authorities.acme.dns_bound import Bound, bound_by, is_of_host
from certtui.backend.local.channels_deliver import here
from certtui.backend.local.secrets import AUTHORITY, forget_secrets, seal_secrets
from certtui.errors import Denied, Unreachable
from certtui.model.secret import Secret

if TYPE_CHECKING:
    from certtui.backend.local.open_store import Change, OpenStore

NAME = "as_set"


def require_here(store: OpenStore, settings: Mapping[str, str], before: Mapping[str, str]) -> None:
    """Raises `Denied` for who comes over a server and sets what is of a host, or anything of a profile that has such."""
    if store.rights is not None and (is_of_host(settings) or is_of_host(before)):
        raise Denied(
            "A program, a file or a loopback address of the server's own host is set there.",
            "Use `certtui authority` on the server's host.",
        )


def seal_bound(store: OpenStore, change: Change, authority_id: int, settings: Mapping[str, str]) -> None:
    """Keep what was set, and where if that matters. Raises `Locked`."""
    bound = bound_by(settings)
    if bound.text:
        place = here() if bound.of_host else ""
        seal_secrets(store, change, AUTHORITY, authority_id, {NAME: Secret(json.dumps([bound.text, place]))})
    else:
        forget_secrets(change, AUTHORITY, authority_id, (NAME,))


def require_as_set(sealed: Secret | None, bound: Bound) -> None:
    """Raises `Unreachable` for what was not set so, or not here."""
    text, place = json.loads(sealed.reveal()) if sealed is not None else ("", "")
    what = _called(bound)
    if text != bound.text:
        raise Unreachable(
            f"{what} was changed from outside of certtui, so it is not used.",
            "Look at who can write the database; then set it again with `certtui authority edit`.",
        )
    if bound.of_host and place != here():
        raise Unreachable(f"{what} belongs to {place}: only a worker there uses it.", "Set it again to use it here.")


def _called(bound: Bound) -> str:
    if bound.text.startswith("web root "):
        return "The web root"
    return "The hook" if bound.of_host and not bound.text.startswith("lexicon ") else "The provider"
