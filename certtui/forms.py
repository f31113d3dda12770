"""Forms that are not saved yet, kept so that they come back after a lost terminal, a kill or a power cut.

They live in a 0600 file of the state folder, one per context, not in the inventory. What was typed is kept as it is;
a pasted private key only sealed by the store's key; a password never. A form belongs to the console that is filling
it, so a second console of the same person is offered only what nobody is filling any more.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import hashlib
import json
import os
import secrets as secrets_module
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from certtui import files, paths
from certtui.clock import Clock, rfc3339
from certtui.errors import CerttuiError
from certtui.model.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Seal = Callable[[bytes], bytes]
    """Bytes to bytes that only this store's key turns back; raises `Locked` while there is no key."""

_LONGEST = 4 * 1024 * 1024
"""Characters of a field that are kept; beyond that it was no form that a person typed."""
_KEPT = 20


@dataclass(frozen=True, slots=True)
class Draft:
    """One form as it was left. `lost` names the secret fields that were not kept, or that can't be opened now."""

    kind: str
    saved_at: str
    """RFC 3339, UTC."""
    fields: dict[str, str]
    secrets: dict[str, Secret] = field(default_factory=dict)
    lost: tuple[str, ...] = ()


class Drafts:
    """The unsaved forms of one context. Every method is synchronous and may be called from any thread."""

    def __init__(
        self,
        context: str,
        place: str = "",
        *,
        folder: Path | None = None,
        clock: Clock | None = None,
        seal: Seal | None = None,
        unseal: Seal | None = None,
    ) -> None:
        """`context` and `place` are those of `BackendInfo`; without `seal` and `unseal` secret fields are not kept."""
        name = hashlib.sha256(f"{context}\0{place}".encode("utf-8", "surrogatepass")).hexdigest()[:12]
        where = (folder or paths.state_folder()) / "forms"
        self._file = where / f"{files.safe_name(context, fallback='context')}-{name}.json"
        self._clock = clock or Clock()
        self._seal = seal
        self._unseal = unseal
        self._lock = threading.Lock()
        self._loaded: set[str] = set()
        """Forms of consoles that are gone which this one has taken over."""

    def save(self, kind: str, fields: Mapping[str, str], secrets: Mapping[str, Secret] | None = None) -> bool:
        """Keep a form of that kind (`add.pfx`, …) as it stands, replacing what this process kept of it.

        `secrets` are fields with key material. A field called a password is left out, and a private key in an ordinary
        field is treated as a secret. Returns False where it can't be written; typing goes on.
        """
        typed, sealed, lost = self._sorted(fields, secrets or {})
        entry = {
            "id": secrets_module.token_hex(8),
            "kind": kind,
            "at": rfc3339(self._clock.now()),
            "owner": _owner(os.getpid()),
            "fields": typed,
            "sealed": sealed,
            "lost": lost,
        }
        return self._change(lambda entries: [*self._others(kind, entries), entry][-_KEPT:])

    def load(self, kind: str) -> Draft | None:
        """The newest form of that kind that no other running console is filling, None when there is none."""
        found = [each for each in self._read() if each["kind"] == kind and not _busy(each)]
        if not found:
            return None
        self._loaded.add(found[-1]["id"])
        return self._opened(found[-1])

    def waiting(self) -> list[str]:
        """Kinds of which `load` has a form, the newest last."""
        kinds = [each["kind"] for each in self._read() if not _busy(each)]
        return list(dict.fromkeys(reversed(kinds)))[::-1]

    def discard(self, kind: str) -> None:
        """Forget the form of that kind: it was saved, or the person let it go.

        One of an earlier console that was not loaded yet stays: a blank form that is opened over it must not cost it.
        """
        if self._file.exists():
            self._change(lambda entries: self._others(kind, entries))

    def _others(self, kind: str, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        own = os.getpid()
        return [
            each
            for each in entries
            if each["kind"] != kind or (each["owner"][0] != own and each["id"] not in self._loaded)
        ]

    def _sorted(
        self, fields: Mapping[str, str], secrets: Mapping[str, Secret]
    ) -> tuple[dict[str, str], dict[str, list[str]], list[str]]:
        typed: dict[str, str] = {}
        hidden: dict[str, tuple[str, bytes]] = {name: ("secret", secret.reveal()) for name, secret in secrets.items()}
        lost: list[str] = []
        for name, value in fields.items():
            if _is_password(name):
                continue
            if len(value) > _LONGEST:
                lost.append(name)
            elif "PRIVATE KEY" in value:
                hidden[name] = ("field", value.encode("utf-8", "surrogatepass"))
            else:
                typed[name] = value
        sealed: dict[str, list[str]] = {}
        for name, (kind, content) in hidden.items():
            if _is_password(name) or not content:
                continue
            box = self._sealed(content)
            if box is None:
                lost.append(name)
            else:
                sealed[name] = [kind, base64.b64encode(box).decode("ascii")]
        return typed, sealed, lost

    def _sealed(self, value: bytes) -> bytes | None:
        if self._seal is None or len(value) > _LONGEST:
            return None
        try:
            return self._seal(value)
        except CerttuiError:
            return None  # locked: the form is kept without it, and says so when it comes back

    def _opened(self, entry: dict[str, Any]) -> Draft:  # Any: JSON, checked by _well_formed
        fields: dict[str, str] = dict(entry["fields"])
        secrets: dict[str, Secret] = {}
        lost: list[str] = list(entry["lost"])
        for name, (kind, box) in entry["sealed"].items():
            try:
                if self._unseal is None:
                    raise ValueError
                value = self._unseal(base64.b64decode(box, validate=True))
            except (ValueError, CerttuiError):
                lost.append(name)
                continue
            if kind == "field":
                fields[name] = value.decode("utf-8", "surrogatepass")
            else:
                secrets[name] = Secret(value)
        return Draft(entry["kind"], entry["at"], fields, secrets, tuple(lost))

    def _read(self) -> list[dict[str, Any]]:
        try:
            found = json.loads(self._file.read_bytes())
        except FileNotFoundError:
            return []
        except (OSError, ValueError, RecursionError) as error:
            self._say(f"The unsaved forms in {self._file} can't be read ({type(error).__name__}); they count as none.")
            return []
        return [each for each in found if _well_formed(each)] if isinstance(found, list) else []

    def _change(self, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> bool:
        """Change the entries under a lock that other processes respect; False where nothing can be written."""
        try:
            with self._lock, self._alone():
                if entries := change(self._read()):
                    # Not fsynced: a kill -9 loses nothing, and typing does not wait for a disk.
                    files.replace(self._file, json.dumps(entries).encode("ascii"), durable=False)
                else:
                    self._file.unlink(missing_ok=True)
        except (OSError, CerttuiError) as error:
            self._say(f"The unsaved form can't be kept in {self._file} ({type(error).__name__}).")
            return False
        return True

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        paths.made_private(self._file.parent)
        lock = os.open(self._file.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _say(self, sentence: str) -> None:
        import logging

        logging.getLogger(__name__).warning("%s", sentence)


def _is_password(name: str) -> bool:
    return any(word in name.lower() for word in ("password", "passphrase"))


def _owner(process: int) -> list[int]:
    """A process as [id, when it started], so that an id used again is not taken for it; start 0 where that is not known."""
    try:
        facts = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        # A zombie has ended; it stays for as long as nobody asks how (proc(5): state, and starttime 19 fields on).
        return [process, -1 if facts[0] in "ZX" else int(facts[19])]
    except (OSError, ValueError, IndexError):
        return [process, 0]


def _busy(entry: dict[str, Any]) -> bool:
    """Whether another running process is filling this form."""
    process, started = entry["owner"]
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OverflowError, OSError):
        pass
    return bool(_owner(process)[1] == started)


def _well_formed(entry: object) -> bool:
    match entry:
        case {
            "id": str(),
            "kind": str(),
            "at": str(),
            "owner": [int(), int()],
            "fields": dict() as fields,
            "sealed": dict() as sealed,
            "lost": list() as lost,
        }:
            return (
                all(isinstance(each, str) for each in (*fields.values(), *lost))
                and all(isinstance(each, list) and len(each) == 2 for each in sealed.values())
                and all(isinstance(part, str) for each in sealed.values() for part in each)
            )
        case _:
            return False
