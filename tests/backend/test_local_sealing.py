"""How keys are sealed: bound to store, key and wrapping key; nothing of them lies about in the clear."""

from __future__ import annotations

import base64
import sqlite3
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from hypothesis import given
from hypothesis import strategies as st

from certtui.backend.local import sealing
from certtui.errors import Invalid, Locked, Unreachable
from certtui.model.csr import CsrRequest, SubjectFields
from certtui.model.secret import Secret
from tests.backend.entries import add, cert, new
from tests.backend.harness import LocalSqlite

STORE_KEY = sealing.StoreKey("w1", b"k" * 32)


def test_a_sealed_key_opens_again() -> None:
    sealed = sealing.seal(Secret(b"private"), "store", STORE_KEY)
    assert sealing.unseal(sealed, "store", STORE_KEY).reveal() == b"private"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda s: (replace(s, key_uid="other"), "store", STORE_KEY),
        lambda s: (s, "other store", STORE_KEY),
        lambda s: (s, "store", sealing.StoreKey("w2", STORE_KEY.key)),
        lambda s: (s, "store", sealing.StoreKey("w1", b"x" * 32)),
        lambda s: (replace(s, payload=s.payload[:-1]), "store", STORE_KEY),
        lambda s: (replace(s, payload=b""), "store", STORE_KEY),
        lambda s: (replace(s, wrapped_data_key=s.payload), "store", STORE_KEY),
    ],
    ids=["key", "store", "wrapping key's name", "wrapping key", "cut", "empty", "swapped"],
)
def test_it_does_not_open_for_another_key_store_or_wrapping_key(spoil) -> None:
    with pytest.raises(Unreachable, match="does not open"):
        sealing.unseal(*spoil(sealing.seal(Secret(b"private"), "store", STORE_KEY)))


@given(st.binary(max_size=200), st.integers(0, 10_000), st.integers(1, 255))
def test_any_changed_byte_is_noticed(content: bytes, at: int, flip: int) -> None:
    sealed = sealing.seal(Secret(content), "store", STORE_KEY)
    at %= len(sealed.payload)
    spoiled = sealed.payload[:at] + bytes([sealed.payload[at] ^ flip]) + sealed.payload[at + 1 :]
    with pytest.raises(Unreachable):
        sealing.unseal(replace(sealed, payload=spoiled), "store", STORE_KEY)


def test_rewrapping_leaves_the_payload_alone() -> None:
    sealed = sealing.seal(Secret(b"private"), "store", STORE_KEY)
    new = sealing.StoreKey("w2", b"n" * 32)
    moved = replace(sealed, wrapped_data_key=sealing.rewrap(sealed, "store", STORE_KEY, new))
    assert sealing.unseal(moved, "store", new).reveal() == b"private"
    with pytest.raises(Unreachable):
        sealing.unseal(moved, "store", STORE_KEY)


@pytest.mark.parametrize("column", ["certificate_id", "key_uid"])
def test_keys_swapped_between_entries_are_not_given_out(local: LocalSqlite, column: str) -> None:
    backend = local.open(create=True)
    ids = [add(backend, cert(f"{n}.example.com", number=n), key=True).id for n in (1, 2)]
    connection = sqlite3.connect(local.file)
    first, second = (row[0] for row in connection.execute(f"SELECT {column} FROM sealed_key ORDER BY id"))
    for row_id, value in ((1, 0), (2, first), (1, second)):
        connection.execute(f"UPDATE sealed_key SET {column} = ? WHERE id = ?", (value, row_id))
    connection.commit()
    connection.close()
    for certificate_id in ids:
        with pytest.raises(Unreachable):
            backend.certificates.reveal_key(certificate_id)


def test_what_a_form_holds_does_not_open_in_another_store() -> None:
    sealed = sealing.seal_form(b"x", "store", STORE_KEY)
    with pytest.raises(Invalid):
        sealing.unseal_form(sealed, "other", STORE_KEY)


def test_keys_are_not_seen_in_a_repr() -> None:
    assert "kkk" not in repr(STORE_KEY)


def test_a_passphrase_makes_the_same_key_again_and_another_one_another() -> None:
    costs = sealing.PassphraseCosts(salt=b"s" * 16, memory_kib=64, iterations=1, lanes=1)
    under = sealing.passphrase_key(Secret("correct horse"), costs)
    box = sealing.seal_store_key(STORE_KEY, under, "store")
    assert sealing.open_store_key(box, under, "store", "w1") == STORE_KEY
    assert sealing.open_store_key(box, sealing.passphrase_key(Secret("x"), costs), "store", "w1") is None
    assert sealing.open_store_key(box, under, "other", "w1") is None


def test_a_passphrase_opens_however_its_accents_are_spelled() -> None:
    costs = sealing.PassphraseCosts(salt=b"s" * 16, memory_kib=64, iterations=1, lanes=1)
    composed, apart = Secret("p\u00e4ss"), Secret("pa\u0308ss")
    assert sealing.passphrase_key(composed, costs) == sealing.passphrase_key(apart, costs)
    assert sealing.passphrase_key(Secret(b"p\xe4ss"), costs) != sealing.passphrase_key(composed, costs)


def test_the_passphrase_costs_are_those_of_the_design() -> None:
    costs = sealing.PassphraseCosts(salt=b"")
    assert (costs.memory_kib, costs.iterations) == (64 * 1024, 3)


@pytest.mark.parametrize(
    "change",
    [
        "memory_kib = 8",
        "memory_kib = 40000000",
        "memory_kib = -5",
        "memory_kib = 'x'",
        "iterations = 1",
        "iterations = 4000000000",
        "lanes = 0",
        "lanes = 16000000",
        "salt = x'00'",
    ],
)
def test_costs_that_somebody_changed_in_the_file_are_refused_before_they_are_paid(local: LocalSqlite, change) -> None:
    backend = local.open(create=True)
    backend.store.set_passphrase(Secret("correct horse"))
    local.close()
    with sqlite3.connect(local.file) as connection:
        connection.execute(f"UPDATE wrapping_key SET {change}")
    with pytest.raises(Locked, match="changed or damaged"):
        local.open().store.unlock(Secret("correct horse"))


def test_costs_that_are_changed_while_the_store_is_open_do_not_lock_the_passphrase_out(local: LocalSqlite) -> None:
    backend = local.open(create=True)
    backend.store.set_passphrase(Secret("correct horse"))
    with sqlite3.connect(local.file) as connection:
        connection.execute("UPDATE wrapping_key SET iterations = 4")
    backend.store.rekey()
    local.open().store.unlock(Secret("correct horse"))


@pytest.mark.parametrize("another", [False, True], ids=["alone", "while another reads"])
@pytest.mark.parametrize("how", ["many", "one by one", "key alone", "all keys anew"])
def test_what_sealed_a_deleted_key_is_left_in_no_page_and_no_log(local: LocalSqlite, how, another) -> None:
    backend = local.open(create=True)
    batch = [new(cert(f"{number}.example.com"), key=True) for number in range(30)]
    pages = [backend.certificates.get(outcome.id) for outcome in backend.certificates.add(batch)]
    if another:
        local.open().certificates.overview()
    rows = sqlite3.connect(local.file).execute("SELECT wrapped_data_key, payload FROM sealed_key").fetchall()
    assert len(rows) == len(pages)
    match how:
        case "many":
            backend.certificates.delete_many([(page.id, page.version) for page in pages])
        case "one by one":
            for page in pages:
                backend.certificates.delete(page.id, page.version)
        case "key alone":
            for page in pages:
                backend.certificates.delete_key(page.id, page.version)
        case _:
            backend.store.rekey()
            rows = [(wrapped, wrapped) for wrapped, _ in rows]
    left = b"".join(path.read_bytes() for path in local.folder.iterdir())
    assert [row for row in rows if row[0] in left or row[1] in left] == []


def test_a_private_key_is_found_nowhere_in_the_clear(local: LocalSqlite, tmp_path) -> None:
    backend = local.open(create=True)
    made = cert("canary.example.com", kind="rsa-2048")
    page = add(backend, made, key=True)
    saved = backend.csrs.create(CsrRequest(SubjectFields(common_name="c.example.com")))
    made_here = load_pem_private_key(backend.certificates.reveal_key(saved.id).reveal(), None)
    numbers = made.key.private_numbers()
    secrets = [numbers.d, numbers.p, numbers.q, made_here.private_numbers().private_value]
    backend.store.backup(tmp_path / "store" / "backup.db")
    backend.store.rekey()
    backend.store.set_passphrase(Secret("correct horse battery staple"))
    backend.certificates.edit(page.id, backend.certificates.get(page.id).version, _rename())
    pieces = [b"correct horse", made.key_der[-40:]]
    for number in secrets:
        raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
        pieces += [raw[at : at + 16] for at in range(0, len(raw) - 15, 16)]
        pieces += [base64.b64encode(raw[at : at + 24])[:32] for at in range(3)]
    assert any(piece in made.key_der for piece in pieces)
    assert any(piece in made.key_pem.replace(b"\n", b"") for piece in pieces)
    written = {path.name: path.read_bytes() for path in local.folder.iterdir()}
    assert len(written) > 2
    for name, content in written.items():
        for piece in pieces:
            assert piece not in content, name


def _rename():
    from certtui.model.certificate import CertificateEdit

    return CertificateEdit(name="renamed")
