"""The key file: 32 random bytes, 0600, beside the store unless another place is named."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from certtui.backend.local import private_files, sealing
from certtui.backend.local.place import Place
from certtui.backend.local.storage_errors import from_os
from certtui.errors import Locked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from certtui.backend.local.postgres.place import PostgresPlace


def make(path: Path) -> bytes:
    """Make the key file, or take the one that is there: a store must never lose a key that others are sealed under.

    Raises `Locked` if what is there is no key file.
    """
    private_files.make_folder(path.parent)
    key = sealing.new_key()
    try:
        private_files.write_new(path, key)
    except FileExistsError:
        return read(path)
    except OSError as error:
        raise from_os(error) from error
    return key


def read(path: Path) -> bytes:
    """The key in a key file. Raises `Locked` with what is wrong with it."""
    try:
        key = private_files.read_private(path, sealing.KEY_BYTES + 1)
    except FileNotFoundError:
        raise Locked(
            f"The store's key file {path} is not there.",
            "Bring it back from where it is kept, or name it with CERTTUI_KEY_FILE.",
        ) from None
    except OSError as error:
        raise Locked(f"The store's key file can't be read: {from_os(error).message}", from_os(error).hint) from error
    if len(key) != sealing.KEY_BYTES:
        raise Locked(
            f"{path} is not a key file: it must hold exactly {sealing.KEY_BYTES} bytes.", "Name the right one."
        )
    return key


def read_matching(place: Place | PostgresPlace, fingerprint: str) -> bytes:
    """The key with this fingerprint, from the key file or from the new one beside it that a broken-off re-key left.

    A re-key writes the new key beside the old one, changes the store, then gives the new file the old one's name; whatever
    step a crash came after, one of the two files holds the store's key, and the last step is made up for here.
    """
    problem: Locked | None = None
    try:
        key = read(place.key_file)
    except Locked as error:
        problem = error
    else:
        if sealing.fingerprint(key) == fingerprint:
            return key
    waiting = place.next_key_file
    if waiting.exists():
        key = read(waiting)
        if sealing.fingerprint(key) == fingerprint:
            # A file system that can't be written now is no reason to refuse the key that was found.
            with suppress(OSError):
                put_in_force(place)
            return key
    raise problem or Locked(
        f"{place.key_file} is not the key of this store, which has the fingerprint {fingerprint}.",
        "Name the right key file with CERTTUI_KEY_FILE.",
    )


def put_in_force(place: Place | PostgresPlace) -> None:
    """Give the waiting new key file its name; the old key is gone with it. Another process that needs the key may be quicker."""
    with suppress(FileNotFoundError):
        place.next_key_file.replace(place.key_file)
    private_files.sync_folder(place.key_file.parent)
