"""Where certtui keeps things: the data, state and configuration folders of the person who runs it.

On Linux and the BSDs these are the XDG base directories, read here in a few lines, since `platformdirs` costs as
much to import as a bare Python takes to start; other systems ask `platformdirs`.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

APP = "certtui"

_XDG = {
    "data": ("XDG_DATA_HOME", ".local/share"),
    "state": ("XDG_STATE_HOME", ".local/state"),
    "config": ("XDG_CONFIG_HOME", ".config"),
    "cache": ("XDG_CACHE_HOME", ".cache"),
}


def data_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The store, its key file and what else must not be lost. Not created here."""
    return _folder("data", environ)


def state_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Log, crash reports, shown columns, unsaved forms: what a person would miss for a day. Not created here."""
    return _folder("state", environ)


def config_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """What a person writes. Not created here."""
    return _folder("config", environ)


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """What can be made again. Not created here."""
    return _folder("cache", environ)


def config_file(environ: Mapping[str, str] = os.environ) -> Path:
    """The configuration file: `CERTTUI_CONFIG`, else `config.toml` in the configuration folder."""
    if named := environ.get("CERTTUI_CONFIG"):
        return Path(named).expanduser()
    return config_folder(environ) / "config.toml"


def default_store(environ: Mapping[str, str] = os.environ) -> Path:
    """The store that is used when neither a flag, nor the environment, nor the configuration names one."""
    return data_folder(environ) / "certtui.db"


def made_private(folder: Path) -> Path:
    """The folder, there now: what had to be created is 0700, what was there keeps its mode. Raises `Unreachable`."""
    try:
        _make(folder)
    except OSError as error:
        from certtui.errors import Unreachable

        raise Unreachable(
            f"The folder {folder} can't be made: {error.strerror or error}.",
            "Make it by hand, or point XDG_DATA_HOME, XDG_STATE_HOME or XDG_CONFIG_HOME at a place you may write to.",
        ) from error
    return folder


def too_open(path: Path) -> str:
    """Who besides the owner may read or write a file or folder ("group and others", …), "" when nobody or when it is not there."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return ""
    group = bool(stat.S_IMODE(mode) & 0o070)
    others = bool(stat.S_IMODE(mode) & 0o007)
    return {(True, True): "the group and others", (True, False): "the group", (False, True): "others"}.get(
        (group, others), ""
    )


def _folder(kind: str, environ: Mapping[str, str]) -> Path:
    variable, under_home = _XDG[kind]
    # The XDG specification: a relative path is invalid and must be ignored.
    if (named := environ.get(variable, "")).startswith("/"):
        return Path(named) / APP
    if sys.platform in ("darwin", "win32"):
        import platformdirs

        return Path(getattr(platformdirs.PlatformDirs(APP, appauthor=False), f"user_{kind}_dir"))
    home = environ.get("HOME") or str(Path.home())
    return Path(home) / under_home / APP


def _make(folder: Path) -> None:
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for each in reversed(missing):
        # The mode is given to mkdir, so there is no moment at which the folder is open; a race with another process is fine.
        each.mkdir(mode=0o700, exist_ok=True)
