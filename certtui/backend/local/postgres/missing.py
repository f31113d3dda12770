"""What a store on PostgreSQL leaves to PostgreSQL's own tools."""

from __future__ import annotations

from certtui.backend.base import Capabilities
from certtui.errors import Unsupported

BACKUP = "A store on PostgreSQL is backed up with pg_dump, and its key file beside it."
RESTORE = "A store on PostgreSQL is restored with pg_restore."
HINT = "See docs/postgresql.md."

CAPABILITIES = Capabilities({"store.backup": f"{BACKUP} {HINT}", "store.restore": f"{RESTORE} {HINT}"})


def refuse_backup() -> Unsupported:
    """The error for `store backup`."""
    return Unsupported(BACKUP, HINT)


def refuse_restore() -> Unsupported:
    """The error for `store restore`."""
    return Unsupported(RESTORE, HINT)
