"""What only a store on PostgreSQL promises: addresses without passwords, lost connections, rights, several processes."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from certtui.backend.factory import StoreOptions, open_backend, shown_store, store_admin
from certtui.backend.local.all_tables import metadata
from certtui.backend.local.place import place_of
from certtui.backend.local.postgres import connecting
from certtui.backend.local.read.certificates import SORTS
from certtui.errors import CerttuiError, Conflict, Denied, Interrupted, Invalid, Locked, Unreachable, Unsupported
from certtui.model.certificate import CertificateEdit, NewCertificate
from certtui.model.query import Query, Sort
from certtui.model.secret import Secret
from tests import postgres
from tests.backend.entries import add, added, cert, events, new, resource
from tests.backend.harness import ACTOR, LocalPostgres, LocalSqlite

pytestmark = pytest.mark.real("initdb")


@pytest.fixture
def database() -> Iterator[str]:
    """The name of an empty database."""
    with postgres.database() as name:
        yield name


@pytest.fixture
def role() -> str:
    """A user of the cluster without any right."""
    with postgres.cluster().admin() as connection:
        connection.execute("DROP ROLE IF EXISTS plain")
        connection.execute("CREATE ROLE plain LOGIN")
    return "plain"


def init(url: str, tmp_path: Path, **options: object) -> None:
    admin = store_admin(StoreOptions(url, key_file=tmp_path / "key", **options), actor=ACTOR)  # type: ignore[arg-type]
    admin.init()


# --- addresses -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://ada:s3cret@db.example.com:5433/certs", "postgresql://ada@db.example.com:5433/certs"),
        (
            "postgres://ada@db/certs?sslmode=verify-full&password=s3cret",
            "postgresql://ada@db/certs?sslmode=verify-full",
        ),
        ("postgresql://ada:s3%40cret@one:1,two:2/certs", "postgresql://ada@one:1,two:2/certs"),
        ("postgresql:///certs?host=/run/pg", "postgresql:///certs?host=/run/pg"),
        ("postgresql://ada:s3cret@db", "postgresql://ada@db"),
    ],
)
def test_an_address_is_shown_without_its_password(url: str, shown: str) -> None:
    place = place_of(url, None)
    assert place.url == shown
    assert "cret" not in repr(place)


@pytest.mark.parametrize(
    "url", ["postgresql://a:s3cret@h@h/db?nonsense=1", "postgresql://ada:s3/cret@db/certs", "postgresql://a\0"]
)
def test_an_address_that_cannot_be_read_is_refused_without_quoting_it(url: str) -> None:
    with pytest.raises(Invalid) as raised:
        place_of(url, None)
    assert "cret" not in raised.value.message + raised.value.hint.replace("password", "")
    assert raised.value.__cause__ is None


@pytest.mark.parametrize(
    "url", ["postgresql://ada:s3/cret@db/certs", "postgres://ada:s3@cret@db/certs", "postgresql://db?password=cret"]
)
def test_no_part_of_a_password_is_shown_even_of_an_address_that_cannot_be_read(url: str) -> None:
    assert "cret" not in shown_store(url)
    assert "s3" not in shown_store(url)
    assert "db" in shown_store(url)


def test_a_missing_driver_is_named_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(Unsupported) as raised:
        place_of("postgresql://db/certs", None)
    assert "pip install 'certtui[postgres]'" in raised.value.hint


def test_a_password_stands_in_no_fact_and_no_error(on_postgres: LocalPostgres) -> None:
    with_password = on_postgres.url.replace("@", ":hunter2@", 1)
    backend = open_backend(replace(on_postgres.options(), url=with_password), actor=ACTOR)
    assert "hunter2" not in repr(backend.info) + repr(backend.store.status())
    backend.close()
    with pytest.raises(Unreachable) as raised:
        open_backend(StoreOptions(with_password.replace("/t", "/none_t", 1)), actor=ACTOR)
    assert "hunter2" not in str(raised.value) + repr(raised.value.__context__ and raised.value.__suppress_context__)


def test_a_server_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="can't be reached"):
        open_backend(StoreOptions(f"postgresql:///certs?host={tmp_path}"), actor=ACTOR)


# --- the schema ------------------------------------------------------------------------------------------------------


def described(connection: psycopg.Connection) -> dict[str, object]:
    """Columns, keys and indexes by name."""
    columns = connection.execute(
        "SELECT table_name, column_name, data_type, is_nullable, column_default, collation_name "
        "FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version' ORDER BY 1, 2"
    ).fetchall()
    keys = connection.execute(
        "SELECT conrelid::regclass::text, contype, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version' ORDER BY 1, 2, 3"
    ).fetchall()
    indexes = connection.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' "
        "AND indexname NOT IN ('ix_certificate_search', 'alembic_version_pkc') ORDER BY 1"
    ).fetchall()
    return {"columns": columns, "keys": keys, "indexes": dict(indexes)}


def test_the_migrations_come_to_what_the_tables_declare(on_postgres: LocalPostgres, database: str) -> None:
    from sqlalchemy import create_engine

    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(postgres.cluster().url(database)))
    metadata().create_all(engine)
    engine.dispose()
    with postgres.cluster().admin(database) as declared, postgres.cluster().admin(on_postgres.name) as made:
        assert described(made) == described(declared)


def test_both_engines_have_the_same_tables_and_columns(on_postgres: LocalPostgres, local: LocalSqlite) -> None:
    import sqlite3

    local.open(create=True)
    with sqlite3.connect(local.file) as connection:
        names = [
            row[0]
            for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if not row[0].startswith(("certificate_fts", "sqlite_"))
        ]
        embedded = {name: sorted(row[1] for row in connection.execute(f"PRAGMA table_info({name})")) for name in names}
    rows = on_postgres.sql(
        'SELECT table_name, array_agg(column_name::text ORDER BY column_name::text COLLATE "C") '
        "FROM information_schema.columns WHERE table_schema = 'public' GROUP BY 1"
    )
    assert dict(rows) == embedded


def test_an_older_store_is_brought_up_to_date(database: str, tmp_path: Path) -> None:
    from certtui.backend.local.migrate import migrate
    from certtui.backend.local.postgres.create import begun
    from certtui.backend.local.postgres.place import postgres_place
    from certtui.backend.local.schema import HEAD

    url = postgres.cluster().url(database)
    init(url, tmp_path)
    with postgres.cluster().admin(database) as connection:
        kept = connection.execute("SELECT store_uid FROM store_meta").fetchone()
        connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public; CREATE EXTENSION pg_trgm")
    with begun(postgres_place(url, None)) as connection:
        migrate(connection, "0001")
        connection.exec_driver_sql(
            "INSERT INTO wrapping_key (id, created_at, fingerprint, salt, sealed) VALUES ('k', 1, 'f', '', '')"
        )
        connection.exec_driver_sql(
            "INSERT INTO store_meta (id, store_uid, created_at, wrapping_key_id) VALUES (1, %s, 1, 'k')", kept
        )
    options = StoreOptions(url, key_file=tmp_path / "key")
    with pytest.raises(Denied, match="older schema"):
        open_backend(replace(options, read_only=True), actor=ACTOR)
    backend = open_backend(options, actor=ACTOR)
    assert backend.store.status().schema_revision == HEAD
    backend.close()


def test_a_store_of_a_newer_certtui_is_refused(on_postgres: LocalPostgres) -> None:
    on_postgres.sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Denied, match="newer certtui"):
        on_postgres.open()


def test_search_texts_of_another_normaliser_are_made_again(on_postgres: LocalPostgres) -> None:
    add(on_postgres.open(), cert("needle.example.com"))
    on_postgres.sql("UPDATE certificate SET search_text = 'old'")
    on_postgres.sql("UPDATE store_meta SET search_version = 0")
    assert len(on_postgres.open().certificates.search(Query("needle")).rows(0, 5)) == 1


# --- making a store --------------------------------------------------------------------------------------------------


def test_the_key_file_lies_in_the_data_folder_named_by_the_stores_uid(database: str, own_home: Path) -> None:
    options = StoreOptions(postgres.cluster().url(database))
    status = store_admin(options, actor=ACTOR).init()
    key_file = Path(status.key_file)
    with postgres.cluster().admin(database) as connection:
        (uid,) = connection.execute("SELECT store_uid FROM store_meta").fetchone() or ("",)
    assert key_file == own_home / "data" / "certtui" / f"store-{uid}.key"
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    backend = open_backend(options, actor=ACTOR)
    page = added(backend, key=True)
    assert backend.certificates.reveal_key(page.id)
    key_file.rename(key_file.with_name("away"))
    other = open_backend(options, actor=ACTOR)
    with pytest.raises(Locked, match="not there"):
        other.certificates.reveal_key(page.id)
    backend.close()
    other.close()


def test_a_store_that_is_not_there_reads_as_empty_and_creates_nothing(database: str) -> None:
    backend = open_backend(StoreOptions(postgres.cluster().url(database)), actor=ACTOR)
    assert backend.certificates.search(Query()).total == 0
    assert not backend.store.status().exists
    with postgres.cluster().admin(database) as connection:
        assert connection.execute("SELECT to_regclass('certificate')").fetchone() == (None,)
    backend.close()


def test_a_database_of_something_else_is_left_alone(database: str, tmp_path: Path) -> None:
    with postgres.cluster().admin(database) as connection:
        connection.execute("CREATE TABLE resource (id int)")
    with pytest.raises(Invalid, match="something else"):
        init(postgres.cluster().url(database), tmp_path)


def test_a_store_is_made_once_by_several_at_the_same_moment(database: str, tmp_path: Path) -> None:
    outcomes: list[object] = []

    def make() -> None:
        try:
            init(postgres.cluster().url(database), tmp_path)
            outcomes.append("made")
        except Conflict:
            outcomes.append("conflict")

    threads = [threading.Thread(target=make) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, outcomes)) == ["conflict", "conflict", "made"]


def test_a_database_in_another_encoding_is_refused(tmp_path: Path) -> None:
    with postgres.cluster().admin() as connection:
        connection.execute("CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
    try:
        with pytest.raises(Unsupported, match="LATIN1"):
            init(postgres.cluster().url("latin"), tmp_path)
    finally:
        with postgres.cluster().admin() as connection:
            connection.execute("DROP DATABASE latin WITH (FORCE)")


# --- rights ----------------------------------------------------------------------------------------------------------


def test_a_user_without_the_right_to_make_tables_hears_so(database: str, role: str, tmp_path: Path) -> None:
    with postgres.cluster().admin(database) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
    with pytest.raises(Denied, match="permission denied"):
        init(postgres.cluster().url(database, user=role), tmp_path)


def test_a_missing_extension_is_named_where_the_user_may_not_make_it(database: str, role: str, tmp_path: Path) -> None:
    with postgres.cluster().admin(database) as connection:
        connection.execute(f"GRANT CREATE ON SCHEMA public TO {role}")
    with pytest.raises(Denied, match="pg_trgm"):
        init(postgres.cluster().url(database, user=role), tmp_path)
    with postgres.cluster().admin(database) as connection:
        assert connection.execute("SELECT to_regclass('certificate')").fetchone() == (None,)


def test_a_user_who_may_only_read_reads_and_is_refused_changes(on_postgres: LocalPostgres, role: str) -> None:
    page = added(on_postgres.open(), key=True)
    on_postgres.sql(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")
    options = replace(on_postgres.options(), url=postgres.cluster().url(on_postgres.name, user=role))
    backend = open_backend(options, actor=ACTOR)
    assert any("can't be written" in warning for warning in backend.info.warnings)
    assert backend.certificates.get(page.id).row.name == page.row.name
    backend.certificates.record_view(page.id)
    with pytest.raises(Denied, match="permission denied"):
        backend.certificates.edit(page.id, page.version, CertificateEdit(name="x"))
    with pytest.raises(Denied, match="on record"):
        backend.certificates.reveal_key(page.id)
    assert "certificate.view.accessed" not in events(backend)
    backend.close()


def test_the_rights_in_the_docs_are_enough_to_work_with(on_postgres: LocalPostgres, role: str) -> None:
    page = Path(__file__).parents[2] / "docs" / "postgresql.md"
    grants = re.findall(r"^GRANT .*? TO certtui_app;$", page.read_text("utf-8"), re.MULTILINE)
    assert grants
    for grant in grants:
        on_postgres.sql(grant.replace("certtui_app", role).replace("DATABASE certtui", f"DATABASE {on_postgres.name}"))
    options = replace(on_postgres.options(), url=postgres.cluster().url(on_postgres.name, user=role))
    backend = open_backend(options, actor=ACTOR)
    entry = added(backend, key=True)
    backend.resources.associate(entry.id, [resource(backend).row.id])
    backend.store.rekey()
    backend.certificates.delete(entry.id, backend.certificates.get(entry.id).version, dissociate=True)
    assert all(one.ok for one in backend.store.check())
    backend.close()
    on_postgres.sql(f"DROP OWNED BY {role}")


# --- connections -----------------------------------------------------------------------------------------------------


def cut(store: LocalPostgres) -> None:
    """What a restart of the server does to everybody who is connected."""
    store.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")  # fmt: skip


def test_a_lost_connection_is_made_anew(on_postgres: LocalPostgres) -> None:
    backend = on_postgres.open()
    page = added(backend)
    cut(on_postgres)
    assert backend.certificates.get(page.id).row.name == page.row.name
    cut(on_postgres)
    assert backend.certificates.edit(page.id, page.version, CertificateEdit(name="renamed")).row.name == "renamed"
    cut(on_postgres)
    assert backend.feed.latest() == backend.audit.head().seq


def test_a_connection_lost_within_a_snapshot_is_an_error_and_then_made_anew(on_postgres: LocalPostgres) -> None:
    backend = on_postgres.open()
    readers = backend._store.readers  # type: ignore[attr-defined]
    with readers.use() as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT 1")
        cut(on_postgres)
        with pytest.raises(Unreachable, match="was lost"):
            connection.execute("SELECT 1")
    assert backend.feed.latest() == 1


def test_a_connection_lost_within_a_change_undoes_it(on_postgres: LocalPostgres) -> None:
    backend = on_postgres.open()
    page = added(backend)
    store = backend._store  # type: ignore[attr-defined]

    def change_with_a_cut() -> None:
        from sqlalchemy import text

        with store.changing() as change:
            change.session.execute(text("UPDATE certificate SET name = 'half'"))
            cut(on_postgres)
            change.session.execute(text("UPDATE certificate SET name = 'done'"))

    with pytest.raises(Unreachable, match="was lost"):
        change_with_a_cut()
    assert backend.certificates.get(page.id).row.name == page.row.name


def test_reads_that_run_are_broken_off(on_postgres: LocalPostgres) -> None:
    backend = on_postgres.open()
    readers = backend._store.readers  # type: ignore[attr-defined]
    started, outcome = threading.Event(), []

    def read() -> None:
        try:
            with readers.use() as connection:
                started.set()
                connection.execute("SELECT pg_sleep(30)")
        except CerttuiError as error:
            outcome.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    started.wait(5)
    while thread.is_alive():
        backend.interrupt()
        thread.join(0.01)
    assert isinstance(outcome[0], Interrupted)
    assert backend.feed.latest() == 1


def test_a_statement_that_runs_too_long_is_ended(on_postgres: LocalPostgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "READ_MS", 50)
    readers = on_postgres.open()._store.readers  # type: ignore[attr-defined]
    with pytest.raises(Unreachable, match="too long"), readers.use() as connection:
        connection.execute("SELECT pg_sleep(30)")


def test_a_change_that_waits_too_long_for_another_says_that_the_store_is_busy(
    on_postgres: LocalPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = added(on_postgres.open())
    monkeypatch.setattr(connecting, "LOCK_MS", 50)
    waiting = on_postgres.open()
    with postgres.cluster().admin(on_postgres.name) as other, other.transaction():
        other.execute("SELECT id FROM store_meta FOR UPDATE")
        with pytest.raises(Unreachable, match="busy"):
            waiting.certificates.edit(page.id, page.version, CertificateEdit(name="x"))
    assert waiting.certificates.edit(page.id, page.version, CertificateEdit(name="x")).row.name == "x"


def test_reading_connections_can_not_write(on_postgres: LocalPostgres) -> None:
    readers = on_postgres.open()._store.readers  # type: ignore[attr-defined]
    with pytest.raises(Denied, match="only reads"), readers.use() as connection:
        connection.execute("UPDATE store_meta SET expiring_days = 1")


# --- several at once -------------------------------------------------------------------------------------------------


def test_two_backends_see_each_others_changes(on_postgres: LocalPostgres) -> None:
    one, two = on_postgres.open(), on_postgres.open()
    before = two.feed.latest()
    page = added(one)
    assert two.feed.latest() == before + 1
    assert [change.object_ids for change in two.feed.since(before)] == [(page.id,)]
    two.certificates.edit(page.id, page.version, CertificateEdit(name="theirs"))
    with pytest.raises(Conflict):
        one.certificates.edit(page.id, page.version, CertificateEdit(name="ours"))
    assert one.certificates.get(page.id).row.name == "theirs"


WORKER = """
import sys
from pathlib import Path
from certtui.backend.factory import StoreOptions, open_backend
from certtui.errors import Conflict
from certtui.model.audit import Actor
from certtui.model.certificate import CertificateEdit, NewCertificate
url, key_file, number = sys.argv[1:]
backend = open_backend(StoreOptions(url, key_file=Path(key_file)), actor=Actor(f"worker-{number}"))
sys.stdin.readline()
for _ in range(15):
    while True:
        page = backend.certificates.get(1)
        count = int(page.description or 0) + 1
        try:
            backend.certificates.edit(1, page.version, CertificateEdit(description=str(count)))
            break
        except Conflict:
            pass
backend.close()
"""


def test_several_processes_lose_no_update_and_fork_no_log(on_postgres: LocalPostgres) -> None:
    backend = on_postgres.open()
    page = added(backend)
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, on_postgres.url, str(on_postgres.key_file), str(number)],
            stdin=subprocess.PIPE,
        )
        for number in range(4)
    ]
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write(b"go\n")
        worker.stdin.flush()
    assert [worker.wait(60) for worker in workers] == [0] * 4
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.close()
    assert backend.certificates.get(page.id).description == "60"
    assert backend.certificates.get(page.id).version == page.version + 60
    verified = backend.audit.verify()
    assert (verified.first_broken, verified.checked) == (None, 2 + 60)


def test_a_rekey_of_another_process_is_followed(on_postgres: LocalPostgres) -> None:
    one, two = on_postgres.open(), on_postgres.open()
    page = added(one, key=True)
    assert two.certificates.reveal_key(page.id)
    one.store.rekey()
    assert two.certificates.reveal_key(page.id).reveal() == one.certificates.reveal_key(page.id).reveal()
    assert added(two, "b.example.com", key=True).row.has_private_key
    one.store.set_passphrase(Secret("correct horse"))
    assert on_postgres.open().store.locked


# --- the same answers ------------------------------------------------------------------------------------------------

ODD = [
    "Zed",
    "alpha",
    "Ärger",
    "ärger",
    "ALPHA",
    "",
    "_",
    "a b",
    "a-b",
    "a.b",
    "ａ",
    "ß",
    "日本",
    "a\u0301",
    "\U0001f512",
    "~",
]


def test_lists_have_the_same_order_on_both_engines(on_postgres: LocalPostgres, local: LocalSqlite) -> None:
    backends = (on_postgres.open(), local.open(create=True))
    for backend in backends:
        made = [cert(f"{number}.example.com") for number in range(len(ODD))]
        backend.certificates.add(
            [new(one, name=word, business_group=word, description=word) for one, word in zip(made, ODD, strict=True)]
        )
    for field in SORTS:
        for down in (False, True):
            orders = [list(backend.certificates.search(Query("", Sort(field, down))).ids()) for backend in backends]
            assert orders[0] == orders[1], (field, down)


@pytest.mark.parametrize(
    "text", ["ALPHA", "ärger", "group:ärger", "group:ALPHA", "name:a*", "group:?", '"a b"', "!alpha", "ß", "ss"]
)
def test_filters_find_the_same_on_both_engines(on_postgres: LocalPostgres, local: LocalSqlite, text: str) -> None:
    answers = []
    for backend in (on_postgres.open(), local.open(create=True)):
        made = [cert(f"{number}.example.com") for number in range(len(ODD))]
        backend.certificates.add(
            [new(one, name=word, business_group=word) for one, word in zip(made, ODD, strict=True)]
        )
        answers.append(list(backend.certificates.search(Query(text)).ids()))
    assert answers[0] == answers[1]


# Two that differ only behind a NUL are left out: SQLite's NOCASE looks no further.
NUL = ["a\0b", "a\1b", "a\1\2b", "a\0", "a", "\1\1", "a b"]


def test_names_with_nul_come_back_exactly_and_in_the_same_order(on_postgres: LocalPostgres, local: LocalSqlite) -> None:
    orders = []
    for backend in (on_postgres.open(), local.open(create=True)):
        for number, name in enumerate(NUL):
            made = cert(f"{number}.example.com")
            facts = replace(made.facts, common_name=name, issuer_name=name, sans=(f"DNS:{name}",), subject=f"CN={name}")
            (outcome,) = backend.certificates.add([NewCertificate(facts)])
            assert backend.certificates.get(outcome.id).x509 == facts
            assert backend.certificates.records([outcome.id])[0].sans == (f"DNS:{name}",)
        sorts = (Sort("common_name"), Sort("issuer"), Sort("name"))
        orders.append([list(backend.certificates.search(Query("", sort)).ids()) for sort in sorts])
        assert backend.audit.verify().first_broken is None
    assert orders[0] == orders[1]


def test_the_store_says_what_it_is(on_postgres: LocalPostgres) -> None:
    status = on_postgres.open().store.status()
    assert (status.engine, status.exists, status.key_file) == ("postgresql", True, str(on_postgres.key_file))
    assert status.size > 0
    checks = on_postgres.open().store.check()
    assert [one.check for one in checks if not one.ok] == []
    on_postgres.sql("DROP INDEX ix_certificate_search")
    broken = next(one for one in on_postgres.open().store.check() if not one.ok)
    assert broken.check == "search index"
    assert "gin_trgm_ops" in broken.hint


def test_making_and_restoring_backups_is_left_to_postgresqls_programs(
    on_postgres: LocalPostgres, tmp_path: Path
) -> None:
    backend = on_postgres.open()
    assert set(backend.capabilities.missing) == {"store.backup", "store.restore"}
    with pytest.raises(Unsupported, match="pg_dump"):
        backend.store.backup(tmp_path / "b")
    with pytest.raises(Unsupported, match="pg_restore"):
        on_postgres.admin().restore(tmp_path / "b")
