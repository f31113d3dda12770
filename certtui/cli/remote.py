"""From a context of the configuration to how its server is reached."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from certtui.cli import terminal
from certtui.errors import Denied, Invalid

if TYPE_CHECKING:
    from certtui.backend.factory import RemoteOptions
    from certtui.config import Context
    from certtui.model.secret import Secret


def asks_token(chosen: Context) -> bool:
    """Whether the person has to type the token: nothing else says who one is."""
    return bool(chosen.url) and not (chosen.token_file or chosen.token_command or chosen.client_cert)


def options_of(name: str, chosen: Context, *, follow: bool = False) -> RemoteOptions:
    """Asks for the token on the terminal where it has to be typed. Raises `Denied` where nobody can be asked, `Invalid`."""
    if not asks_token(chosen):
        return remote_options(name, chosen, follow=follow)
    if not terminal.can_ask():
        raise Denied(
            f"The context “{name}” has no token, and nobody can be asked for one.",
            "Name a file with it as token_file, or in CERTTUI_TOKEN_FILE.",
        )
    return remote_options(name, chosen, token=terminal.ask_secret(f"Token for {name}"), follow=follow)


def remote_options(name: str, chosen: Context, *, token: Secret | None = None, follow: bool = False) -> RemoteOptions:
    """The options of a context that is a server. Raises `Invalid` for a pin or a command that can't be one."""
    from certtui.backend.factory import RemoteOptions

    try:
        command = tuple(shlex.split(chosen.token_command))
    except ValueError as error:
        raise Invalid(
            f"The token_command of “{name}” can't be read: {str(error).lower()}.",
            "Correct its quotes.",
            field="token_command",
        ) from None
    return RemoteOptions(
        url=chosen.url,
        name=name,
        token=token,
        token_file=_path(chosen.token_file),
        token_command=command,
        ca_file=_path(chosen.ca_file),
        pins=tuple(chosen.pin.replace(",", " ").split()),
        client_cert=_path(chosen.client_cert),
        client_key=_path(chosen.client_key),
        proxy=chosen.proxy,
        timeout=float(chosen.timeout),
        read_only=chosen.read_only,
        follow=follow,
    )


def _path(text: str) -> Path | None:
    return Path(text).expanduser() if text else None
