"""Small things the console remembers between runs, such as shown columns: one JSON file each in the state folder.

Losing one costs a moment, so a file that can't be read counts as empty, with a line in the log. 0600, replaced atomically.
"""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

from certtui import paths
from certtui.errors import CerttuiError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def read(name: str, folder: Path | None = None) -> dict[str, Any]:  # Any: JSON; whoever reads checks what it takes
    """The state kept under a name (`columns`, …), {} when there is none or it is damaged."""
    place = (folder or paths.state_folder()) / f"{name}.json"
    try:
        found = json.loads(place.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        _say(f"The state file {place} can't be read ({type(error).__name__}); it counts as empty.")
        return {}
    if not isinstance(found, dict):
        _say(f"The state file {place} holds no table; it counts as empty.")
        return {}
    return found


def write(name: str, state: Mapping[str, Any], folder: Path | None = None) -> bool:
    """Keep a state under a name; False, with a line in the log, where it can't be written (a full disk, a read-only home)."""
    from certtui import files

    place = (folder or paths.state_folder()) / f"{name}.json"
    try:
        paths.made_private(place.parent)
        files.replace(place, json.dumps(state, indent=1, sort_keys=True).encode("ascii") + b"\n", durable=False)
    except (OSError, CerttuiError) as error:
        _say(f"The state file {place} can't be written ({type(error).__name__}).")
        return False
    return True


def forget(name: str, folder: Path | None = None) -> None:
    """Drop what is kept under a name, if anything is."""
    with contextlib.suppress(OSError):
        ((folder or paths.state_folder()) / f"{name}.json").unlink()


def _say(sentence: str) -> None:
    import logging

    logging.getLogger("certtui.state").warning("%s", sentence)
