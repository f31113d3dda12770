"""What could be wrong here, and what to do: `certtui doctor`.

Changes nothing, asks no network but the server that is meant, never raises for what it finds.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from certtui import paths
from certtui.errors import CerttuiError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from certtui.backend.base import Backend, StoreAdmin
    from certtui.model.audit import Actor
    from certtui.model.store import StoreStatus

OK, WARN, FAIL = "ok", "warn", "fail"
LEAST_ROOM = 200 * 1024 * 1024
"""Bytes that should be free beside the store: a large import and its write-ahead log."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: `state` is `ok`, `warn` (it works, but) or `fail`; `hint` says what to do, "" when it is fine."""

    check: str
    state: str
    message: str
    hint: str = ""


def findings(
    admin: Callable[[], StoreAdmin],
    *,
    actor: Actor,
    environ: Mapping[str, str] = os.environ,
    clipboard: str = "auto",
    server: Callable[[], Backend] | None = None,
) -> list[Finding]:
    """Everything, in the order in which a person asks. `admin` makes the store's admin, and may raise what the configuration
    or the store's address is wrong with; `clipboard` is the configuration's setting; `server` opens the server that is meant in place of a store."""
    from certtui import doctor_terminal

    return [
        *_guarded("versions", _versions),
        *_guarded("configuration", lambda: _configuration(environ)),
        *(_guarded("store", lambda: _store(admin)) if server is None else _guarded("server", lambda: _server(server))),
        *_guarded("actor", lambda: _actor(actor)),
        *_guarded("trust store", _trust),
        *_guarded("state folder", lambda: _state_folder(environ)),
        *_guarded("locale", lambda: doctor_terminal.locale(environ)),
        *_guarded("terminal", lambda: doctor_terminal.terminal(environ)),
        *_guarded("clipboard", lambda: doctor_terminal.clipboard(clipboard, environ)),
    ]


def worst(found: Iterable[Finding]) -> str:
    """The worst state among findings."""
    states = {each.state for each in found}
    return FAIL if FAIL in states else WARN if WARN in states else OK


def _guarded(check: str, look: Callable[[], Iterable[Finding]]) -> list[Finding]:
    try:
        return list(look())
    except CerttuiError as error:
        return [Finding(check, FAIL, error.message, error.hint)]
    except Exception as error:  # a doctor that stops at the first illness is of no use
        return [Finding(check, FAIL, f"Looking at it failed: {type(error).__name__}.", "Tell the authors of certtui.")]


def _versions() -> Iterator[Finding]:
    from importlib import metadata

    from certtui import __version__

    python = ".".join(map(str, sys.version_info[:3]))
    yield Finding("certtui", OK, f"{__version__} on Python {python}, {sys.platform}")
    libraries = [f"{name} {_version(metadata, name)}" for name in ("textual", "cryptography", "sqlmodel", "sqlalchemy")]
    yield Finding("libraries", OK, ", ".join(libraries))
    yield _openssl()
    yield _sqlite()


def _version(metadata: object, name: str) -> str:
    try:
        return str(metadata.version(name))  # type: ignore[attr-defined]  # importlib.metadata, given so that it is imported once
    except Exception:
        return "?"


def _openssl() -> Finding:
    from cryptography.hazmat.backends.openssl import backend

    return Finding("openssl", OK, backend.openssl_version_text())


def _sqlite() -> Finding:
    import sqlite3

    try:
        database = sqlite3.connect(":memory:")
        try:
            database.execute("CREATE VIRTUAL TABLE t USING fts5(x, tokenize='trigram')")
        finally:
            database.close()
    except sqlite3.Error:
        return Finding(
            "sqlite",
            FAIL,
            f"{sqlite3.sqlite_version} has no FTS5 with trigrams, on which search stands.",
            "Use a Python whose SQLite is 3.34 or newer and was built with FTS5.",
        )
    return Finding("sqlite", OK, f"{sqlite3.sqlite_version} with FTS5 trigrams")


def _configuration(environ: Mapping[str, str]) -> Iterator[Finding]:
    from certtui import config

    place = paths.config_file(environ)
    found = config.load(environ=environ)
    if not place.exists():
        yield Finding("configuration", OK, f"None at {place}; every default.")
        return
    known = ", ".join(sorted(found.contexts)) or "none"
    yield Finding("configuration", OK, f"{place}; contexts: {known}")


def _server(server: Callable[[], Backend]) -> Iterator[Finding]:
    backend = server()
    try:
        info = backend.info
        yield Finding("server", OK, f"{info.place} answers; you are {info.actor.name} there, {info.role}.")
        for warning in info.warnings:
            yield Finding("server", WARN, warning)
        if backend.store.locked:
            yield Finding("server", WARN, "Its store is locked: lists work, keys do not.", "Unlock it on its host.")
    finally:
        backend.close()


def _store(admin: Callable[[], StoreAdmin]) -> Iterator[Finding]:
    status = admin().status()
    file = Path(status.url.removeprefix("sqlite://"))
    if not status.exists:
        yield Finding(
            "store", WARN, f"There is none at {status.url} yet.", "The first import makes it, or `certtui store init`."
        )
    else:
        yield Finding(
            "store",
            OK,
            f"{status.url}: {status.certificates:,} certificates, {status.sealed_keys:,} keys, {_size(status.size)}, "
            f"schema {status.schema_revision}{f', journal {status.journal_mode}' if status.journal_mode else ''}"
            f"{', locked' if status.locked else ''}",
        )
        yield from (Finding("store", WARN, each, "See `certtui store status`.") for each in status.warnings)
        if status.engine == "sqlite" and (who := paths.too_open(file)):
            yield Finding("store", WARN, f"{file} is open to {who}.", f"chmod 600 {file}")
    if status.engine == "sqlite":
        yield from _left_behind(file)
        yield from _file_system(file)
    else:
        yield _postgresql()
    yield from _key(status)


def _left_behind(file: Path) -> Iterator[Finding]:
    """Copies of the store that a killed restore, backup or move has not taken away; `private_files.beside` names them."""
    name = re.compile(rf"\.{re.escape(file.name)}\.([0-9a-f]{{12}}|moving)")
    try:
        found = sorted(each.name for each in file.parent.iterdir() if name.fullmatch(each.name))
    except OSError:
        return
    for each in found:
        yield Finding(
            "store",
            WARN,
            f"{file.with_name(each)} was left by a restore, a backup or a move that was killed, or that still runs.",
            "Remove it once none of them runs.",
        )


def _postgresql() -> Finding:
    import psycopg

    return Finding(
        "postgresql", OK, f"psycopg {psycopg.__version__}, {psycopg.pq.__impl__}, libpq {psycopg.pq.version()}"
    )


def _file_system(file: Path) -> Iterator[Finding]:
    folder = next((each for each in file.parents if each.is_dir()), Path("/"))
    kind = _mount_type(folder)
    room = shutil.disk_usage(folder).free
    if _is_network(kind):
        yield Finding(
            "file system",
            WARN,
            f"{folder} is on the network ({kind}): the store uses a rollback journal there, and is slower.",
            "Keep the store on a local disk where you can.",
        )
    if room < LEAST_ROOM:
        yield Finding(
            "file system", WARN, f"{_size(room)} are left in {folder}.", "Make room before a large import or a backup."
        )
    if not os.access(folder, os.W_OK):
        yield Finding("file system", WARN, f"You may not write to {folder}.", "Open the store with --read-only.")
    elif room >= LEAST_ROOM and not _is_network(kind):
        yield Finding("file system", OK, f"{kind or 'local'}, {_size(room)} free")


def _key(status: StoreStatus) -> Iterator[Finding]:
    if status.protection == "passphrase":
        yield Finding("key file", OK, "None: a passphrase protects the store key.")
        return
    if not status.key_file:
        return
    key = Path(status.key_file)
    try:
        key.stat()
    except FileNotFoundError:
        if status.exists:
            yield Finding(
                "key file",
                FAIL,
                f"{key} is not there; without it no private key of the store opens.",
                "Bring it back from where it is kept, or name it with CERTTUI_KEY_FILE.",
            )
        return
    except PermissionError:
        yield Finding("key file", FAIL, f"You may not look at {key}.", "Run certtui as the store's owner.")
        return
    if not os.access(key, os.R_OK):
        yield Finding("key file", FAIL, f"You may not read {key}.", "Run certtui as the store's owner.")
    elif who := paths.too_open(key):
        yield Finding("key file", WARN, f"{key} is open to {who}.", f"chmod 600 {key}")
    elif (who := paths.too_open(key.parent)) and key.parent.stat().st_mode & 0o022:
        yield Finding("key file", WARN, f"{key.parent} may be written by {who}.", f"chmod 700 {key.parent}")
    else:
        yield Finding(
            "key file", OK, f"{key}, fingerprint {status.key_fingerprint}" if status.key_fingerprint else f"{key}"
        )


def _actor(actor: Actor) -> Iterator[Finding]:
    beside = [
        f"by sudo from {actor.sudo_user}" if actor.sudo_user else "",
        f"from {actor.ssh_client}" if actor.ssh_client else "",
    ]
    told = ", ".join(each for each in beside if each)
    yield Finding("actor", OK, f"The audit log will name {actor.name}{' (' + told + ')' if told else ''}.")


def _trust() -> Iterator[Finding]:
    from certtui.pki.roots import system_trust_store

    store = system_trust_store()
    if store.place:
        yield Finding("trust store", OK, store.name)
        return
    yield Finding(
        "trust store",
        WARN,
        "No roots were found on this machine; no chain can be judged trusted.",
        "Install the package ca-certificates.",
    )


def _state_folder(environ: Mapping[str, str]) -> Iterator[Finding]:
    folder = paths.state_folder(environ)
    there = next((each for each in (folder, *folder.parents) if each.is_dir()), Path("/"))
    if not os.access(there, os.W_OK):
        yield Finding(
            "state folder",
            WARN,
            f"You may not write to {there}: no log, no crash report, and unsaved forms are lost with the terminal.",
            "Point XDG_STATE_HOME at a folder of yours.",
        )
    elif folder.is_dir() and (who := paths.too_open(folder)):
        yield Finding("state folder", WARN, f"{folder} is open to {who}.", f"chmod 700 {folder}")
    else:
        yield Finding("state folder", OK, str(folder))


def _mount_type(folder: Path) -> str:
    from certtui.backend.local.place import mount_type

    try:
        mounts = Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape")
    except OSError:
        return ""
    return mount_type(os.path.realpath(folder), mounts)


def _is_network(kind: str) -> bool:
    from certtui.backend.local.place import NETWORK_FILE_SYSTEMS

    return kind in NETWORK_FILE_SYSTEMS


def _size(size: float) -> str:
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if size < 1024 or unit == "GiB":
            break
        size /= 1024
    return f"{size:,.0f} {unit}" if size >= 10 or unit == "bytes" else f"{size:.1f} {unit}"
