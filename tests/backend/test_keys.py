"""Private keys: shown, exported and destroyed only on purpose, and never without a record."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key, pkcs12

from certtui.errors import Conflict, Denied, Invalid, Locked, NotFound, Unsupported
from certtui.model.certificate import ExportForm, ExportRequest, NewCertificate
from certtui.model.csr import CsrRequest, SubjectFields
from certtui.model.secret import Secret
from certtui.model.x509 import Material
from certtui.pki.read import read
from tests.backend.entries import add, added, cert, events
from tests.certs import make_cert, make_chain


def test_a_revealed_key_is_the_one_that_was_given(backend) -> None:
    page = added(backend, key=True)
    assert backend.certificates.reveal_key(page.id).reveal() == cert().key_pem


def test_revealing_is_on_record(backend) -> None:
    page = added(backend, key=True)
    backend.certificates.reveal_key(page.id)
    event = backend.audit.get(backend.audit.head().seq)
    assert (event.event, event.object_id) == ("certificate.key.revealed", page.id)


def test_an_entry_without_a_key_has_none_to_reveal(backend) -> None:
    page = added(backend)
    with pytest.raises(NotFound):
        backend.certificates.reveal_key(page.id)
    assert events(backend)[-1] == "certificate.import.success"


def test_a_deleted_key_is_gone_and_the_certificate_stays(backend, store) -> None:
    page = added(backend, key=True)
    after = backend.certificates.delete_key(page.id, page.version)
    assert (after.row.has_private_key, after.x509) == (False, page.x509)
    assert store.status().sealed_keys == 0
    assert events(backend)[-1] == "certificate.key.deleted"
    with pytest.raises(NotFound):
        backend.certificates.reveal_key(page.id)
    with pytest.raises(NotFound):
        backend.certificates.delete_key(page.id, after.version)


def test_a_key_is_deleted_only_of_the_version_that_was_seen(backend) -> None:
    page = added(backend, key=True)
    with pytest.raises(Conflict):
        backend.certificates.delete_key(page.id, page.version + 1)
    assert backend.certificates.reveal_key(page.id)


def test_the_key_of_a_saved_csr_is_not_deleted_alone(backend) -> None:
    saved = backend.csrs.create(CsrRequest(SubjectFields(common_name="www.example.com")))
    with pytest.raises(Conflict):
        backend.certificates.delete_key(saved.id, saved.version)


def test_a_deleted_key_can_be_attached_again(backend) -> None:
    page = added(backend, key=True)
    backend.certificates.delete_key(page.id, page.version)
    assert add(backend, cert(), key=True).key_attached
    assert backend.certificates.reveal_key(page.id).reveal() == cert().key_pem


def export(
    backend, certificate_id: int, form: ExportForm, password: str | None = None, *, compat: bool = False
) -> bytes:
    secret = Secret(password) if password is not None else None
    return backend.certificates.export(certificate_id, ExportRequest(form, secret, compat)).content.reveal()


def test_the_certificate_is_exported_as_pem_and_der(backend) -> None:
    page = added(backend)
    assert export(backend, page.id, ExportForm.PEM) == cert().pem
    assert export(backend, page.id, ExportForm.DER) == cert().der


def test_the_full_chain_starts_with_the_leaf(backend) -> None:
    leaf, issuing, root = make_chain()
    outcome = add(backend, leaf, chain=(issuing, root))
    assert export(backend, outcome.id, ExportForm.FULLCHAIN) == leaf.pem + issuing.pem + root.pem
    assert export(backend, outcome.id, ExportForm.CHAIN) == issuing.pem + root.pem


def test_an_intermediate_that_is_in_the_inventory_completes_an_exported_chain(backend) -> None:
    leaf, second, first, root = make_chain(intermediates=2)
    outcome = add(backend, leaf)
    assert export(backend, outcome.id, ExportForm.FULLCHAIN) == leaf.pem
    add(backend, second)
    add(backend, make_cert("other.example.com", issuer=first), chain=(first, root))
    assert export(backend, outcome.id, ExportForm.FULLCHAIN) == leaf.pem + second.pem + first.pem
    assert backend.certificates.get(outcome.id).chain == ()


def test_somebody_elses_ca_of_the_same_name_completes_no_chain(backend) -> None:
    leaf, _, _ = make_chain(number=5)
    false = make_cert("Test Issuing CA 5.0", ca=True, number=77, issuer=make_cert("False Root", ca=True, number=78))
    outcome = add(backend, leaf)
    add(backend, false)
    assert export(backend, outcome.id, ExportForm.FULLCHAIN) == leaf.pem


def test_a_pfx_holds_key_certificate_and_chain(backend) -> None:
    leaf, issuing, root = make_chain()
    outcome = add(backend, leaf, key=True, chain=(issuing, root))
    opened = pkcs12.load_pkcs12(export(backend, outcome.id, ExportForm.PFX, "secret"), b"secret")
    assert opened.cert is not None
    assert opened.cert.certificate == leaf.certificate
    assert [one.certificate for one in opened.additional_certs] == [issuing.certificate, root.certificate]
    assert isinstance(opened.cert.certificate, x509.Certificate)


def test_a_key_is_exported_encrypted_with_the_password_given(backend) -> None:
    page = added(backend, key=True)
    pem = export(backend, page.id, ExportForm.KEY, "secret")
    assert b"ENCRYPTED" in pem
    assert load_pem_private_key(pem, b"secret")


def test_exports_are_on_record_by_their_kind(backend) -> None:
    page = added(backend, key=True)
    export(backend, page.id, ExportForm.PEM)
    export(backend, page.id, ExportForm.PFX, "x")
    export(backend, page.id, ExportForm.KEY)
    assert events(backend)[-3:] == [
        "certificate.download.success",
        "certificate.download_pfx.success",
        "certificate.download.success",
    ]
    assert json.loads(backend.audit.get(backend.audit.head().seq).detail) == {
        "form": "key",
        "encrypted": False,
        "compat": False,
    }


def test_an_export_that_fails_is_not_on_record(backend) -> None:
    page = added(backend, key=True)
    with pytest.raises(Invalid):
        export(backend, page.id, ExportForm.KEY, "")
    assert events(backend)[-1] == "certificate.import.success"


def test_exports_that_need_a_key_say_so_without_one(backend) -> None:
    page = added(backend)
    for form in (ExportForm.PFX, ExportForm.KEY):
        with pytest.raises(NotFound):
            export(backend, page.id, form, "x")


def test_a_pending_entry_has_nothing_to_export(backend) -> None:
    saved = backend.csrs.create(CsrRequest(SubjectFields(common_name="www.example.com")))
    with pytest.raises(NotFound):
        export(backend, saved.id, ExportForm.PEM)


def test_a_pfx_cannot_hold_an_ml_dsa_key_and_says_so(backend) -> None:
    outcome = add(backend, make_cert("pq.example.com", kind="ml-dsa-65"), key=True)
    with pytest.raises(Unsupported):
        export(backend, outcome.id, ExportForm.PFX, "x")
    assert load_pem_private_key(export(backend, outcome.id, ExportForm.KEY), None)


def test_while_locked_lists_work_and_keys_do_not(backend, store) -> None:
    page = added(backend, key=True)
    store.lock()
    assert store.locked
    assert backend.certificates.get(page.id) == page
    for act in (
        lambda: backend.certificates.reveal_key(page.id),
        lambda: export(backend, page.id, ExportForm.PFX, "x"),
        lambda: add(backend, cert("b.example.com"), key=True),
        lambda: backend.csrs.create(CsrRequest(SubjectFields(common_name="c.example.com"))),
    ):
        with pytest.raises(Locked):
            act()
    assert events(backend)[-1] == "certificate.import.success"
    assert add(backend, cert("d.example.com")).created
    assert export(backend, page.id, ExportForm.PEM) == cert().pem


def test_a_refused_key_leaves_no_certificate_behind(backend, store) -> None:
    store.lock()
    with pytest.raises(Locked):
        add(backend, cert(), key=True)
    assert store.status().certificates == 0


def test_an_unlocked_store_gives_keys_again(backend, store) -> None:
    page = added(backend, key=True)
    store.lock()
    store.unlock(Secret(b""))
    assert not store.locked
    assert backend.certificates.reveal_key(page.id)


@pytest.mark.needs("store.set_passphrase", "store.unlock")
def test_a_passphrase_protects_the_keys_from_then_on(backend, harness) -> None:
    page = added(backend, key=True)
    assert backend.store.set_passphrase(Secret("correct horse")).protection == "passphrase"
    assert backend.certificates.reveal_key(page.id).reveal() == cert().key_pem
    fresh = harness.open()
    assert fresh.store.locked
    with pytest.raises(Locked):
        fresh.certificates.reveal_key(page.id)
    with pytest.raises(Denied):
        fresh.store.unlock(Secret("wrong"))
    assert fresh.store.locked
    fresh.store.unlock(Secret("correct horse"))
    assert fresh.certificates.reveal_key(page.id).reveal() == cert().key_pem
    assert harness.open(passphrase="correct horse").store.locked is False


def test_going_back_to_a_key_file_needs_no_passphrase_any_more(backend, harness, store) -> None:
    page = added(backend, key=True)
    store.set_passphrase(Secret("correct horse"))
    assert store.set_passphrase(None).protection == "key-file"
    assert harness.open().certificates.reveal_key(page.id).reveal() == cert().key_pem


def test_an_empty_passphrase_is_refused(backend, store) -> None:
    with pytest.raises(Invalid):
        store.set_passphrase(Secret(""))
    assert store.status().protection == "key-file"


def test_a_new_store_key_opens_everything_and_has_another_fingerprint(backend, harness, store) -> None:
    pages = [added(backend, f"h{number}.example.com", key=True) for number in range(3)]
    before = store.status().key_fingerprint
    assert store.rekey().key_fingerprint != before
    for client in (backend, harness.open()):
        for page in pages:
            assert client.certificates.reveal_key(page.id).reveal() == cert(page.row.name).key_pem
    assert "store.rekey.success" in events(backend)


def test_another_client_follows_a_new_store_key(backend, harness, store) -> None:
    page, other = added(backend, key=True), harness.open()
    assert other.certificates.reveal_key(page.id)
    store.rekey()
    assert other.certificates.reveal_key(page.id).reveal() == cert().key_pem
    assert add(other, cert("b.example.com"), key=True).key_attached


def test_another_client_follows_a_new_key_under_the_same_passphrase(backend, harness, store) -> None:
    page = added(backend, key=True)
    store.set_passphrase(Secret("correct horse"))
    other = harness.open(passphrase="correct horse")
    assert other.certificates.reveal_key(page.id)
    store.rekey()
    assert other.certificates.reveal_key(page.id).reveal() == cert().key_pem


def test_what_a_form_holds_comes_back_only_through_the_store(backend) -> None:
    sealed = backend.store.seal(b"a pasted key")
    assert b"pasted" not in sealed
    assert backend.store.unseal(sealed) == b"a pasted key"
    with pytest.raises(Invalid):
        backend.store.unseal(sealed[:-1] + bytes([sealed[-1] ^ 1]))


@pytest.mark.needs("store.lock")
def test_while_locked_a_form_gets_nothing_back(backend) -> None:
    sealed = backend.store.seal(b"a pasted key")
    backend.store.lock()
    with pytest.raises(Locked):
        backend.store.unseal(sealed)


@pytest.mark.real("openssl")
def test_a_key_for_pss_alone_is_known_as_that_of_its_certificate(backend, tmp_path) -> None:
    files = openssl_pair(tmp_path, ["-newkey", "rsa-pss", "-pkeyopt", "rsa_keygen_bits:2048"])
    entry = backend.certificates.add([NewCertificate(files.certificates[0], key=files.keys[0])])[0]
    assert b"PRIVATE KEY" in backend.certificates.reveal_key(entry.id).reveal()


def openssl_pair(folder: Path, kind: list[str]) -> Material:
    """A self-signed certificate and its key, made by openssl."""
    command = [
        "openssl",
        "req",
        "-x509",
        *kind,
        "-nodes",
        "-subj",
        "/CN=www.example",
        "-keyout",
        "k.pem",
        "-out",
        "c.pem",
    ]
    subprocess.run(command, cwd=folder, capture_output=True, check=True)
    return read("f", (folder / "c.pem").read_bytes() + (folder / "k.pem").read_bytes())
