"""The store key in memory: found at the first need, forgotten when the store is locked."""

from __future__ import annotations

import threading

from certtui.errors import Denied, Locked
from certtui.record import dataclass

TYPE_CHECKING = False  # `typing` and what sealing needs would cost a list's start more than all of this module
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from certtui.backend.local import sealing
    from certtui.backend.local.place import Place
    from certtui.backend.local.postgres.place import PostgresPlace
    from certtui.model.secret import Secret

KEY_FILE = "key-file"
PASSPHRASE = "passphrase"  # noqa: S105 - the word, not one


@dataclass(frozen=True, slots=True)
class WrappingKey:
    """What the store says of its current store key."""

    store_uid: str
    id: str
    protection: str
    fingerprint: str
    costs: sealing.PassphraseCosts
    sealed: bytes


CURRENT = (
    "SELECT m.store_uid, w.id, w.protection, w.fingerprint, w.salt, w.memory_kib, w.iterations, w.lanes, w.sealed "
    "FROM store_meta m JOIN wrapping_key w ON w.id = m.wrapping_key_id"
)
"""The wrapping key in force; no row in the empty stand-in of a store that is not there."""


def wrapping_key_of(row: Sequence[Any]) -> WrappingKey:  # Any: a database row
    """From a row of CURRENT."""
    from certtui.backend.local import sealing

    return WrappingKey(row[0], row[1], row[2], row[3], sealing.PassphraseCosts(row[4], row[5], row[6], row[7]), row[8])


class Keyring:
    """Holds the store key, or the passphrase's key to get it again after another process re-keyed the store."""

    def __init__(self, place: Place | PostgresPlace, passphrase: Secret | None) -> None:
        self._place = place
        self._guard = threading.Lock()
        self._given = passphrase
        """Not tried yet: Argon2id costs 64 MiB, and most sessions never touch a key."""
        self._store_key: sealing.StoreKey | None = None
        self._passphrase_key: tuple[sealing.PassphraseCosts, bytes] | None = None
        """How the passphrase that opened the store became a key, and the key."""
        self._put_away = False
        self._opened: dict[object, object] = {}
        """What was opened with the store key and is used again and again, loaded CA keys: forgotten with it."""

    def remember(self, name: object, opened: object) -> None:
        """Keep what was opened until the store is locked or closed; not while it is locked."""
        with self._guard:
            if not self._put_away and self._store_key is not None:
                self._opened[name] = opened

    def recall(self, name: object) -> object | None:
        """What was kept under this name. Whoever uses it has called `open` before, which refuses for a locked store."""
        with self._guard:
            return self._opened.get(name)

    def forget(self, name: object) -> None:
        """Drop what was kept under this name."""
        with self._guard:
            self._opened.pop(name, None)

    def locked(self, wrapping: WrappingKey | None) -> bool:
        """Whether a key would be refused now; may read the key file or try the passphrase given at the start."""
        if wrapping is None:
            return False
        try:
            self.open(wrapping)
        except Locked:
            return True
        return False

    def open(self, wrapping: WrappingKey) -> sealing.StoreKey:
        """The store key. Raises `Locked` with what to do."""
        with self._guard:
            held = self._store_key
            if held is not None and held.id == wrapping.id:
                return held
            if self._put_away:
                raise _locked(wrapping)
            self._store_key = self._find(wrapping)
            return self._store_key

    def unlock(self, wrapping: WrappingKey, passphrase: Secret) -> None:
        """Raises `Denied` for a wrong passphrase, `Locked` when a key file is missing or another one."""
        with self._guard:
            if wrapping.protection == PASSPHRASE:
                self._store_key = self._try(wrapping, passphrase)
                if self._store_key is None:
                    raise Denied("The passphrase does not open this store.", "Type it again.")
            else:
                self._store_key = self._from_file(wrapping)
            self._put_away = False

    def lock(self) -> None:
        """Forget the store key."""
        with self._guard:
            self._store_key = self._passphrase_key = self._given = None
            self._opened.clear()
            self._put_away = True

    def replace(
        self, store_key: sealing.StoreKey, passphrase_key: tuple[sealing.PassphraseCosts, bytes] | None
    ) -> None:
        """Hold another store key from now on: after a re-key."""
        with self._guard:
            self._store_key, self._passphrase_key = store_key, passphrase_key
            self._given, self._put_away = None, False

    def passphrase_key(self) -> tuple[sealing.PassphraseCosts, bytes] | None:
        """The costs and the key of the passphrase in use, None with a key file or while locked."""
        with self._guard:
            return self._passphrase_key

    def _find(self, wrapping: WrappingKey) -> sealing.StoreKey:
        from certtui.backend.local import sealing

        if wrapping.protection != PASSPHRASE:
            return self._from_file(wrapping)
        if self._passphrase_key and self._passphrase_key[0] == wrapping.costs:
            found = sealing.open_store_key(wrapping.sealed, self._passphrase_key[1], wrapping.store_uid, wrapping.id)
            if found is not None:
                return found
        given, self._given = self._given, None
        found = self._try(wrapping, given) if given is not None else None
        if found is None:
            raise _locked(wrapping)
        return found

    def _try(self, wrapping: WrappingKey, passphrase: Secret) -> sealing.StoreKey | None:
        from certtui.backend.local import sealing

        _require_sane(wrapping.costs)
        under = sealing.passphrase_key(passphrase, wrapping.costs)
        found = sealing.open_store_key(wrapping.sealed, under, wrapping.store_uid, wrapping.id)
        if found is not None:
            self._passphrase_key = (wrapping.costs, under)
        return found

    def _from_file(self, wrapping: WrappingKey) -> sealing.StoreKey:
        from certtui.backend.local import keyfile, sealing

        key = keyfile.read_matching(self._place, wrapping.fingerprint)
        return sealing.StoreKey(wrapping.id, key)


_MOST_MEMORY_KIB = 1024 * 1024
_MOST_ITERATIONS = 64
_MOST_LANES = 64


def _require_sane(costs: sealing.PassphraseCosts) -> None:
    """Costs stand in the open in the store's file: what somebody else wrote there must not take the memory or the day.

    Lower ones than are written today are refused too, so that no passphrase is ever tried cheaply. Raises `Locked`.
    """
    from certtui.backend.local import sealing

    # What is in a database need not have the type of its column.
    stated: tuple[object, ...] = (costs.salt, costs.memory_kib, costs.iterations, costs.lanes)
    match stated:
        case (bytes() as salt, int() as memory, int() as iterations, int() as lanes) if (
            16 <= len(salt) <= 64
            and sealing.ARGON2_MEMORY_KIB <= memory <= _MOST_MEMORY_KIB
            and sealing.ARGON2_ITERATIONS <= iterations <= _MOST_ITERATIONS
            and 1 <= lanes <= _MOST_LANES
        ):
            return
    raise Locked(
        "What the store says of how its passphrase becomes a key was changed or damaged.",
        "See `certtui store check`; `certtui store restore` brings a backup back.",
    )


def _locked(wrapping: WrappingKey) -> Locked:
    if wrapping.protection == PASSPHRASE:
        return Locked("The store is locked, and this needs a private key.", "Unlock it with its passphrase.")
    return Locked("The store is locked, and this needs a private key.", "Unlock it; its key file is read again.")
