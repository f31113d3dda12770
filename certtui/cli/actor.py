"""Who acts, as the operating system knows it."""

from __future__ import annotations

import os
import pwd

from certtui.model.audit import Actor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def current_actor(environ: Mapping[str, str] = os.environ, via: str = "cli") -> Actor:
    """The effective user by the password database (an environment variable could say anything), with `SUDO_USER` and the SSH client beside."""
    try:
        name = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        name = f"uid {os.geteuid()}"
    client = environ.get("SSH_CONNECTION", "").split(" ")[0]
    return Actor(name=name, sudo_user=environ.get("SUDO_USER", ""), ssh_client=client, via=via)
