"""A PostgreSQL of the tests' own: a throw-away cluster on a socket in a temporary folder, with a database for each test.

Each process of a test run starts one when its first test asks, and stops it at its end; should the process be killed,
the kernel tells the server. Nothing of it is safe against a power cut, which is what makes it quick; so does memory, as
every database has hundreds of files.
"""

from __future__ import annotations

import atexit
import ctypes
import functools
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psycopg

from certtui.backend.factory import StoreOptions, open_backend
from certtui.clock import FixedClock
from certtui.model.audit import Actor
from tests.certs import NOW
from tests.loopback import memory_folder

SUPERUSER = "certtui_tests"
ACTOR = Actor("ada", sudo_user="root", ssh_client="192.0.2.7", via="cli")
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "autovacuum": "off",
    "max_wal_size": "64MB",
    "min_wal_size": "32MB",
    "logging_collector": "off",
}
_MEGABYTES = 500
"""What a server and the databases of one test take at most."""

_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Cluster:
    """A running server."""

    folder: Path
    process: subprocess.Popen[bytes]

    def url(self, database: str, *, user: str = SUPERUSER, **more: str) -> str:
        """The address of a database on it, as a person would write it."""
        options = "".join(f"&{key}={value}" for key, value in more.items())
        return f"postgresql://{user}@/{database}?host={self.folder}{options}"

    def admin(self, database: str = "postgres") -> psycopg.Connection:
        """A connection of the superuser, in autocommit."""
        return psycopg.connect(self.url(database), autocommit=True)

    def stop(self) -> None:
        """End it, with whoever is connected; idempotent."""
        if self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)


@functools.cache
def cluster() -> Cluster:
    """The server of this process."""
    return start()


def start() -> Cluster:
    """A server of one's own; stopped when the process ends."""
    # Not pytest's folder for temporary files: only root may enter that one, and a socket's path has to be short.
    folder = Path(tempfile.mkdtemp(prefix="certtui-pg-", dir=memory_folder(_MEGABYTES)))
    account: dict[str, object] = {}
    if os.geteuid() == 0:
        postgres = pwd.getpwnam("postgres")
        os.chown(folder, postgres.pw_uid, postgres.pw_gid)
        account = {"user": postgres.pw_uid, "group": postgres.pw_gid, "extra_groups": []}
    data = folder / "data"
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    common = {"cwd": "/", "env": environment, **account}
    subprocess.run(
        ["initdb", "-D", data, "-U", SUPERUSER, "--auth=trust", "--no-sync", "--no-instructions", "-E", "UTF8"],
        check=True,
        stdout=subprocess.DEVNULL,
        **common,  # type: ignore[arg-type]
    )
    settings = itertools.chain.from_iterable(("-c", f"{key}={value}") for key, value in _SETTINGS.items())
    process = subprocess.Popen(
        ["postgres", "-D", data, "-k", folder, *settings],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        preexec_fn=_end_with_parent,
        **common,  # type: ignore[call-overload]
    )
    made = Cluster(folder, process)
    atexit.register(made.stop)
    _running.append(made)
    _wait_until_ready(process)
    return made


@contextmanager
def database(template: str = "template1") -> Iterator[str]:
    """A database of its own, dropped afterwards; gives its name."""
    name = f"t{next(_numbers)}"
    with cluster().admin() as connection:
        # In memory a copy of files is twice as quick as one through the log (PostgreSQL 15 and later).
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    try:
        yield name
    finally:
        with cluster().admin() as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@functools.cache
def store_template() -> tuple[str, bytes]:
    """A database that holds an empty store, to be copied (making one costs ten times as much), and its store key."""
    name = "empty_store"
    with cluster().admin() as connection:
        connection.execute(f"CREATE DATABASE {name}")
    key_file = Path(tempfile.mkdtemp()) / "store.key"
    options = StoreOptions(cluster().url(name), key_file=key_file, create=True)
    open_backend(options, actor=ACTOR, clock=FixedClock(NOW)).close()
    key = key_file.read_bytes()
    shutil.rmtree(key_file.parent)
    return name, key


def stop_all() -> None:
    """End what this process started: at the end of a test run, whose workers leave without `atexit`."""
    for made in _running:
        made.stop()


_numbers = itertools.count(1)
_running: list[Cluster] = []


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)


def _wait_until_ready(process: subprocess.Popen[bytes]) -> None:
    """Read the server's log until it says so; what it says later is read too, or it would stand still one day."""
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line.decode())
        if b"ready to accept connections" in line:
            threading.Thread(target=_drain, args=(process.stderr,), daemon=True).start()
            return
    raise AssertionError("".join(said))


def _drain(log: IO[bytes]) -> None:
    for _ in log:
        pass
