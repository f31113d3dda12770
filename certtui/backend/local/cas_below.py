"""CAs of the store that stand below another one: what goes with it when it is revoked."""

from __future__ import annotations

import sqlite3

from certtui.backend.local.authorities_made import CA_SETTING
from certtui.backend.local.read import dialect
from certtui.record import dataclass

_BELOW = (
    "WITH RECURSIVE down(id) AS (SELECT b.id FROM ca b JOIN ca a ON a.id = b.parent_id WHERE a.certificate_id = ? "
    "UNION SELECT c.id FROM ca c JOIN down d ON c.parent_id = d.id) "
)


@dataclass(frozen=True, slots=True)
class Below:
    """CAs that issue still, and the profiles by which they are asked, by name."""

    cas: tuple[str, ...]
    profiles: tuple[str, ...]


def below(connection: sqlite3.Connection, certificate_id: int) -> Below:
    """What stands below the CA of this entry, at any depth; nothing for what is no CA of the store.

    CAs and profiles lie in nobody's scope: all who may read see them.
    """
    unlimited = getattr(connection, "unlimited", None)
    connection = connection if unlimited is None else unlimited()
    cas = connection.execute(
        f"{_BELOW}SELECT k.name FROM ca k JOIN down d ON d.id = k.id WHERE k.state = 'active' ORDER BY k.id",  # noqa: S608
        (certificate_id,),
    ).fetchall()
    if not cas:
        return Below((), ())
    asks = f"NULLIF({dialect.json_text('settings', CA_SETTING)}, '')"
    profiles = connection.execute(
        f"{_BELOW}SELECT p.name FROM authority p JOIN down d ON CAST({asks} AS BIGINT) = d.id "  # noqa: S608 (our own)
        "WHERE p.type = 'local' AND p.enabled = 1 ORDER BY p.id",
        (certificate_id,),
    ).fetchall()
    return Below(tuple(row[0] for row in cas), tuple(row[0] for row in profiles))
