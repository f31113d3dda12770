"""Whatever is sealed is cared for: a re-key, a move, a backup and a check leave out no table."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from cryptography.x509.ocsp import OCSPCertStatus
from cryptography.x509.ocsp import load_der_ocsp_response as load

from certtui.backend.factory import StoreOptions, move_store, open_backend
from certtui.backend.local import sealed_tables, secrets
from certtui.backend.local.all_tables import metadata
from certtui.model.query import Query
from certtui.model.secret import Secret
from certtui.pki.facts import x509_facts
from tests import postgres
from tests.backend.cas import fill_pki, issue, ocsp_request
from tests.backend.harness import ACTOR, LocalSqlite


def test_every_table_that_refers_to_a_wrapping_key_is_known() -> None:
    referring = {
        table.name
        for table in metadata().sorted_tables
        if any(key.column.table.name == "wrapping_key" for key in table.foreign_keys)
    }
    assert referring - {"store_meta"} == set(sealed_tables.NAMES)
    assert [each.__tablename__ for each in sealed_tables.models()] == list(sealed_tables.NAMES)


def works(backend) -> None:
    """The CA signs, the responder answers, the secret opens, and so does all else that is sealed."""
    [ca] = [row for row in backend.cas.search(Query()).rows(0, 9) if row.kind == "intermediate"]
    number = ca.crl.number
    # After a restore it jumps ahead of whatever may have been published since.
    assert backend.cas.issue_crl(ca.id).number > number
    issued = issue(backend, backend.cas.get(ca.id), "later.example.com")
    answer = backend.cas.ocsp(ocsp_request(issued.leaf, x509_facts(backend.cas.certificate(ca.id))))
    assert load(answer).certificate_status is OCSPCertStatus.GOOD
    opened = secrets.open_secrets(backend._store, secrets.CHANNEL, 7)
    assert opened == {"password": Secret("canary")}
    [finding] = [each for each in backend.store.check() if each.check == "private keys"]
    assert finding.ok, finding.message
    assert "private keys and secrets open" in finding.message


def test_a_new_store_key_opens_cas_responders_secrets_and_archived_keys(local: LocalSqlite) -> None:
    backend = local.open(create=True)
    fill_pki(backend)
    before = rows(local, "SELECT key_uid, wrapped_data_key FROM {}")
    backend.store.rekey()
    after = rows(local, "SELECT key_uid, wrapped_data_key FROM {}")
    assert before.keys() == after.keys()
    assert not set(before.values()) & set(after.values())
    works(backend)
    works(local.open())


def test_a_passphrase_protects_them_too(local: LocalSqlite) -> None:
    backend = local.open(create=True)
    fill_pki(backend)
    backend.store.set_passphrase(Secret("correct horse"))
    works(local.open(passphrase="correct horse"))


def test_a_backup_brings_all_of_them_back(local: LocalSqlite, tmp_path: Path) -> None:
    backend = local.open(create=True)
    fill_pki(backend)
    backend.store.backup(tmp_path / "backup.db")
    backend.close()
    local.file.unlink()
    report = local.admin().restore(tmp_path / "backup.db", overwrite=True)
    assert report.unopened_keys == 0
    assert report.sealed_keys == len(rows(local, "SELECT key_uid, 1 FROM {}"))
    works(local.open())


@pytest.mark.real("initdb")
def test_a_move_takes_all_of_them_along(local: LocalSqlite) -> None:
    fill_pki(local.open(create=True))
    with postgres.database() as name:
        url = postgres.cluster().url(name)
        target = StoreOptions(url, key_file=local.folder / "target.key")
        move_store(local.options(), target, actor=ACTOR, clock=local.clock)
        backend = open_backend(target, actor=ACTOR, clock=local.clock)
        try:
            works(backend)
        finally:
            backend.close()


@pytest.mark.parametrize("table", sealed_tables.NAMES)
def test_a_check_finds_what_does_not_open(local: LocalSqlite, table: str) -> None:
    backend = local.open(create=True)
    fill_pki(backend)
    with sqlite3.connect(local.file) as database:
        database.execute(f"UPDATE {table} SET payload = zeroblob(64)")
    [finding] = [each for each in backend.store.check() if each.check == "private keys"]
    assert not finding.ok
    assert "do not open" in finding.message


def test_a_secret_is_replaced_forgotten_and_never_listed(local: LocalSqlite) -> None:
    backend = local.open(create=True)
    store = backend._store
    for value in ("first", "second"):
        with store.changing() as change:
            secrets.seal_secrets(store, change, secrets.AUTHORITY, 1, {"token": Secret(value), "other": Secret("x")})
    assert secrets.open_secrets(store, secrets.AUTHORITY, 1) == {"token": Secret("second"), "other": Secret("x")}
    with store.readers.use() as connection:
        assert secrets.secrets_set(connection, secrets.AUTHORITY, [1, 2]) == {1: ("other", "token")}
    with store.changing() as change:
        secrets.seal_secrets(store, change, secrets.AUTHORITY, 1, {"token": Secret("")})
    assert set(secrets.open_secrets(store, secrets.AUTHORITY, 1)) == {"other"}
    with store.changing() as change:
        secrets.forget_secrets(change, secrets.AUTHORITY, 1)
    assert secrets.open_secrets(store, secrets.AUTHORITY, 1) == {}


def rows(local: LocalSqlite, statement: str) -> dict[str, bytes]:
    with sqlite3.connect(local.file) as database:
        return {key: value for table in sealed_tables.NAMES for key, value in database.execute(statement.format(table))}
