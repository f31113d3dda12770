"""Every table of a store at once: for migrations, moves and tests. Acts import the tables they need."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import MetaData


def metadata() -> MetaData:
    """The metadata with all tables declared."""
    from importlib import import_module

    from certtui.backend.local import tables

    for more in ("issuing", "policies", "alerts", "filing", "acl", "acme", "renewal"):
        import_module(f"certtui.backend.local.tables_{more}")
    return tables.CertificateTable.metadata
