"""Opening a store on PostgreSQL: which revision it has, whether its search works, and what to say about it."""

from __future__ import annotations

from certtui.backend.local import private_files
from certtui.backend.local.postgres.place import PostgresPlace
from certtui.backend.local.schema import HEAD, KNOWN_REVISIONS, SEARCH_VERSION
from certtui.errors import Denied

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3

    from certtui.backend.local.readers import Readers


def prepare(place: PostgresPlace, readers: Readers, *, read_only: bool) -> None:
    """Look at the store, and do only what is needed before it is used.

    Raises `Denied` for a store that a newer certtui made, and for an older one in read-only mode.
    """
    with readers.use() as connection:
        revision = revision_of(connection)
        row = connection.execute("SELECT store_uid, search_version FROM store_meta").fetchone()
    place.store_uid, search = str(row[0]), int(row[1])
    if revision != HEAD:
        _migrate(place, revision, read_only)
        search = 0
    if search != SEARCH_VERSION and not read_only:
        make_search_text_again(place)


def revision_of(connection: sqlite3.Connection) -> str:
    """The schema revision of a store."""
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else ""


def size_of(connection: sqlite3.Connection) -> int:
    """Bytes of the store's tables and indexes on the server's disk."""
    row = connection.execute(
        "SELECT coalesce(sum(pg_total_relation_size(oid)), 0) FROM pg_class WHERE relkind = 'r' "
        "AND relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = to_regclass('certificate'))"
    ).fetchone()
    return int(row[0])


def warnings_of(place: PostgresPlace, readers: Readers) -> tuple[str, ...]:
    """Sentences to say once about the key file and the rights in the database."""
    said = []
    if private_files.too_open(place.key_file):
        said.append(f"The key file {place.key_file} can be read or written by others; make it private with chmod 600.")
    with readers.use() as connection:
        writable = may_write(connection)
        in_the_clear = connection.execute(
            "SELECT NOT ssl AND coalesce(NOT inet_server_addr() <<= inet '127.0.0.0/8' AND inet_server_addr() <> inet '::1', FALSE) "
            "FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        ).fetchone()[0]
    if in_the_clear:
        said.append(
            "The connection to the PostgreSQL server is not encrypted; put sslmode=verify-full into the address."
        )
    if not writable:
        said.append("The store can't be written by this user or on this server; views are not recorded.")
    return tuple(said)


def may_write(connection: sqlite3.Connection) -> bool:
    """Whether this user may add to the audit log, on a server that takes writes."""
    row = connection.execute(
        "SELECT has_table_privilege('audit_event', 'INSERT') AND has_table_privilege('audit_head', 'UPDATE') "
        "AND NOT pg_is_in_recovery()"
    ).fetchone()
    return bool(row[0])


def make_search_text_again(place: PostgresPlace) -> None:
    """Bring every search text and the functions of the search to this code's SEARCH_VERSION, in one transaction."""
    from certtui.backend.local.certificate_values import searchable
    from certtui.backend.local.postgres.create import begun
    from certtui.backend.local.postgres.search import make_functions

    with begun(place) as connection:
        stored = connection.exec_driver_sql("SELECT search_version FROM store_meta FOR UPDATE").scalar()
        if stored == SEARCH_VERSION:
            return
        make_functions(connection)
        last = 0
        while rows := connection.exec_driver_sql(
            "SELECT * FROM certificate WHERE id > %s ORDER BY id LIMIT 1000", (last,)
        ).all():
            changed = [(text, row.id) for row in rows if (text := searchable(dict(row._mapping))) != row.search_text]
            if changed:
                connection.exec_driver_sql("UPDATE certificate SET search_text = %s WHERE id = %s", changed)
            last = rows[-1].id
        connection.exec_driver_sql("UPDATE store_meta SET search_version = %s", (SEARCH_VERSION,))


def _migrate(place: PostgresPlace, revision: str, read_only: bool) -> None:
    if revision not in KNOWN_REVISIONS:
        raise Denied(
            f"The store at {place.url} was made by a newer certtui: its schema is {revision or 'unknown'}, "
            f"this one knows {HEAD}.",
            "Use the newer certtui on this host too.",
        )
    if read_only:
        raise Denied(
            f"The store at {place.url} has an older schema ({revision}), and read-only mode can't bring it up to date.",
            "Open it once without --read-only.",
        )
    from certtui.backend.local.migrate import migrate
    from certtui.backend.local.postgres.create import begun

    with begun(place) as connection:
        migrate(connection)
