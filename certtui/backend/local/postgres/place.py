"""A store in a PostgreSQL database, and the key file that belongs to it on this machine."""

from __future__ import annotations

import os
from pathlib import Path

from certtui.backend.local.postgres.address import Address
from certtui.record import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

    from psycopg import Connection


@dataclass(slots=True)
class PostgresPlace:
    """Like `place.Place`; the key file is named by the store's uid, which is known once the store is."""

    address: Address
    named_key_file: Path | None = None
    store_uid: str = field(default="")
    engine: Literal["postgresql"] = "postgresql"

    @property
    def url(self) -> str:
        return self.address.shown

    @property
    def key_file(self) -> Path:
        """`CERTTUI_KEY_FILE` or the configuration's; else `store-<uid>.key` in the data folder."""
        if self.named_key_file is not None:
            return self.named_key_file
        from certtui.paths import data_folder

        return data_folder() / f"store-{self.store_uid or 'uid'}.key"

    @property
    def next_key_file(self) -> Path:
        """Where a new store key waits beside the old one while the store is re-wrapped."""
        return self.key_file.with_name(self.key_file.name + ".new")

    def connect_reading(self) -> Connection[Any]:  # Any: rows of any shape
        from certtui.backend.local.postgres.connecting import connect

        return connect(self.address, reading=True)

    def connect_writing(self) -> Connection[Any]:  # Any: as above
        from certtui.backend.local.postgres.connecting import connect

        return connect(self.address, reading=False)

    def exists(self) -> bool:
        """Whether the database holds a store. Raises `Unreachable`, `Unsupported`."""
        with self.connect_reading() as connection:
            there = connection.execute("SELECT to_regclass('store_meta') IS NOT NULL").fetchone()
        return bool(there and there[0])


def postgres_place(url: str, key_file: Path | None) -> PostgresPlace:
    """From a `postgresql://` address. Raises `Invalid`, `Unsupported`."""
    from certtui.backend.local.postgres.address import address_of

    named = Path(os.path.abspath(key_file.expanduser())) if key_file else None  # noqa: PTH100 - resolve() follows links
    return PostgresPlace(address_of(url), named)
