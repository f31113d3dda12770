"""What the database driver and the operating system say, turned into the error family: one sentence and what to do."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from certtui.errors import CerttuiError, Conflict, Denied, Interrupted, Invalid, Unreachable


@contextmanager
def translated() -> Iterator[None]:
    """Raise members of `certtui.errors` in place of driver and file errors from the block."""
    try:
        yield
    except sqlite3.Error as error:
        raise from_sqlite(error) from error
    except UnicodeDecodeError:
        # The driver met text that is none, in the schema or in its own message about it; the error would quote it.
        raise _damaged() from None
    except OSError as error:
        raise from_os(error) from error
    except Exception as error:
        # SQLAlchemy's and psycopg's: known by name, so that a list on SQLite does not import them.
        said = from_driver(getattr(error, "orig", None) or error)
        if said is None:
            raise
        raise said from None


def from_driver(error: BaseException) -> CerttuiError | None:
    """The sentence for an error of either driver, None for anything else."""
    if isinstance(error, sqlite3.Error):
        return from_sqlite(error)
    if type(error).__module__.partition(".")[0] == "psycopg":
        from certtui.backend.local.postgres.errors import from_psycopg

        return from_psycopg(error)  # type: ignore[arg-type]  # a psycopg.Error, by its module
    return None


def from_sqlite(error: sqlite3.Error) -> CerttuiError:
    """The sentence for an error of the sqlite3 driver (https://www.sqlite.org/rescode.html)."""
    code = (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF
    match code:
        case sqlite3.SQLITE_INTERRUPT:
            return Interrupted("Broken off.")
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return Unreachable(
                "The store is busy: another process has been writing to it for too long.", "Try again in a moment."
            )
        case sqlite3.SQLITE_FULL:
            return Unreachable("The disk is full; nothing was changed.", "Free some space and do it again.")
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_AUTH:
            return Denied("The store's file can't be written by this user.", "Check its owner and mode.")
        case sqlite3.SQLITE_CANTOPEN:
            return Unreachable(
                "The store's file can't be opened.",
                "Check the path and the rights on its folder with `certtui doctor`.",
            )
        case sqlite3.SQLITE_NOTADB:
            return Invalid("The file is not a certtui store.", "Name another file with `--store`.", field="store")
        case sqlite3.SQLITE_CORRUPT:
            return _damaged()
        case sqlite3.SQLITE_IOERR:
            return Unreachable(
                "Reading or writing the store's file failed.",
                "Check the disk and its free space with `certtui doctor`.",
            )
        case sqlite3.SQLITE_CONSTRAINT:
            return Conflict("Another change came first.", "Look again and repeat it.")
    if "Could not decode to UTF-8" in str(error):
        return _damaged()
    return Unreachable(f"The store answered: {error}.", "See `certtui store check`.")


def _damaged() -> Unreachable:
    return Unreachable(
        "The store's file is damaged.", "See `certtui store check`; `certtui store restore` brings a backup back."
    )


def from_os(error: OSError) -> CerttuiError:
    """The sentence for a file that can't be read or written; names the path, which is no secret."""
    place = f" {error.filename}" if isinstance(error.filename, str) else ""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return Unreachable(f"The disk is full; nothing was written to{place or ' the file'}.", "Free some space.")
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return Denied(f"No right to use{place or ' the file'}.", "Check its owner and mode.")
        case errno.ENOENT:
            return Unreachable(f"There is no{place or ' such file'}.", "Check the path.")
        case errno.ELOOP:
            return Denied(f"The file{place} is a symbolic link, which is not followed here.", "Name the file itself.")
    reason = error.strerror or "it failed"
    return Unreachable(f"Using{place or ' the file'} failed: {reason}.", "Check the disk with `certtui doctor`.")
