"""Where a store is: its file, its key file, and whether its file system can carry a write-ahead log."""

from __future__ import annotations

import os
from pathlib import Path

from certtui.backend.local.storage_errors import translated
from certtui.errors import Invalid
from certtui.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from certtui.backend.local.postgres.place import PostgresPlace

NETWORK_FILE_SYSTEMS = frozenset(
    {
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "fuse.sshfs",
        "fuse.glusterfs",
        "ceph",
        "fuse.ceph",
        "afs",
        "9p",
        "lustre",
        "gfs2",
    }
)


@dataclass(frozen=True, slots=True)
class Place:
    """A store's file and the key file that belongs to it."""

    file: Path
    key_file: Path
    engine: Literal["sqlite"] = "sqlite"

    @property
    def url(self) -> str:
        return str(self.file)

    @property
    def next_key_file(self) -> Path:
        """Where a new store key waits beside the old one while the store is re-wrapped."""
        return self.key_file.with_name(self.key_file.name + ".new")

    def exists(self) -> bool:
        """Whether the file is there. Raises `Denied`, `Unreachable` when even that can't be seen."""
        with translated():
            return self.file.exists()


def place_of(url: str, key_file: Path | None) -> Place | PostgresPlace:
    """From a path, `sqlite:///path` or `postgresql://…`; the key file stands beside a file unless another is named.

    Raises `Invalid` for an empty or impossible URL, `Unsupported` where the driver of PostgreSQL is missing.
    """
    if not url:
        raise Invalid("No store is named.", "Name one with `--store PATH`.", field="store")
    if url.startswith(("postgresql://", "postgres://")):
        from certtui.backend.local.postgres.place import postgres_place

        return postgres_place(url, key_file)
    return file_place(url, key_file)


def file_place(url: str, key_file: Path | None) -> Place:
    """The same for the embedded store. Raises `Invalid`."""
    named = _path_of(url)
    if "\0" in named:
        raise Invalid("The path of the store holds a NUL character.", "Name another one.", field="store")
    path = Path(named).expanduser()
    with translated():
        if path.is_dir():
            path = path / "certtui.db"
    path = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow symbolic links of the last part
    beside = path.with_suffix(".key")
    return Place(path, Path(os.path.abspath(key_file.expanduser())) if key_file else beside)  # noqa: PTH100 - as above


def refuse_folder(url: str) -> None:
    """Say that a folder was named where a store was meant: reading it as an empty store would mislead. Raises `Invalid`."""
    if url.startswith(("postgresql://", "postgres://")):
        return
    folder = Path(_path_of(url)).expanduser()
    with translated():
        if folder.is_dir():
            raise Invalid(
                f"{folder} is a folder and holds no store.",
                "Name the store's file, or make one there with `certtui store init --store FOLDER`.",
                field="store",
            )


def network_file_system(path: Path) -> str:
    """The type of the network file system that `path` (or its nearest existing folder) lies on, "" for a local one."""
    try:
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""
    kind = mount_type(os.path.realpath(path), mounts)
    return kind if kind in NETWORK_FILE_SYSTEMS else ""


def mount_type(path: str, mountinfo: str) -> str:
    """The file system type of the longest mount point that holds `path`; see proc(5), mountinfo."""
    best, found = "", ""
    for line in mountinfo.splitlines():
        left, separator, right = line.partition(" - ")
        fields = left.split()
        if not separator or len(fields) < 5:
            continue
        point = fields[4].replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")
        inside = point == "/" or path == point or path.startswith(point + "/")
        # Of two mounts on one point the later one is on top.
        if inside and len(point) >= len(best):
            best, found = point, right.split(maxsplit=1)[0] if right else ""
    return found


def _path_of(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    if not separator:
        return url
    match scheme:
        case "sqlite":
            from urllib.parse import unquote

            path, _, options = rest.partition("?")
            if not path.startswith("/") or len(path) < 2 or options:
                raise Invalid(
                    "A store URL of the embedded store reads sqlite:///path, without options.",
                    "A plain path does as well.",
                    field="store",
                )
            # As SQLAlchemy has it: three slashes a relative path, four an absolute one.
            return unquote(path[1:])
    raise Invalid(
        f"{scheme}:// is not a store that certtui knows.",
        "Name a path, or postgresql://user@host/database.",
        field="store",
    )
