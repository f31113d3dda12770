"""Using a repository's keys without seeing them: sign, verify, encrypt, decrypt, each on record before its result is there."""

from __future__ import annotations

import hashlib
import json

import pytest

from certtui.backend.base import Backend
from certtui.backend.local.backend import LocalBackend
from certtui.errors import CerttuiError, Conflict, Denied, Invalid, Locked, NotFound
from certtui.model.access import Access, Identity, Role
from certtui.model.acl import AclForm
from certtui.model.audit import Actor
from certtui.model.certificate import Certificate
from certtui.model.cms import EncryptOptions, SignOptions
from certtui.model.repository import Repository
from certtui.model.revocation import RevocationForm
from certtui.model.secret import Secret
from certtui.pki import cms
from tests.backend import issuing
from tests.backend.entries import added, cert, events
from tests.backend.repositories import file, issuing_ca, repository
from tests.certs import NOW, make_chain

CONTENT = b"Pay 100 to Alice."


def estate(backend: Backend, *kinds: str, **more: str) -> tuple[Repository, list[int]]:
    """A private repository, and certificates of these kinds of keys that its CA issued."""
    where = repository(backend, "private", "private", ca_id=issuing_ca(backend).row.id, **more)
    return where, [_issued(backend, kind) for kind in kinds]


def _issued(backend: Backend, kind: str, template: str = "messages") -> int:
    order = issuing.complete(backend, f"{kind}.example.com", key_type=kind, template=template)
    assert order.row.certificate_id is not None
    return order.row.certificate_id


def revoke(backend: Backend, certificate_id: int) -> Certificate:
    page = backend.certificates.get(certificate_id)
    assert page.x509 is not None
    return backend.certificates.revoke(page.id, page.version, RevocationForm(page.x509.serial_number))


def last(backend: Backend) -> tuple[str, str, int | None, dict[str, object]]:
    event = backend.audit.get(backend.audit.head().seq)
    return event.event, event.object_kind, event.object_id, json.loads(event.detail)


def test_a_message_is_signed_with_a_key_that_nobody_sees_and_verified_by_the_repositorys_own_ca(backend) -> None:
    where, (rsa, ec) = estate(backend, "rsa-2048", "ec-256")
    for one, options in ((rsa, SignOptions(pss=True)), (ec, SignOptions(detached=True, form="der"))):
        message = backend.repositories.sign(where.id, one, CONTENT, options)
        page = backend.certificates.get(one)
        event, kind, object_id, detail = last(backend)
        assert (event, kind, object_id) == ("repository.sign.success", "certificate", one)
        assert detail["sha256"] == hashlib.sha256(CONTENT).hexdigest()
        assert (detail["ids"], detail["repository"], detail["detached"]) == ([one], where.id, options.detached)
        found = backend.repositories.verify(where.id, message, CONTENT)
        assert (found.valid, found.detached) == (True, options.detached), found.summary
        assert found.content == (b"" if options.detached else CONTENT)
        (signer,) = found.signers
        assert (signer.fingerprint_sha256, signer.signed_at) == (page.x509.fingerprint_sha256, NOW)
        assert "“Root”" in signer.path
        assert last(backend)[:3] == ("repository.verify.success", "repository", where.id)


def test_a_signature_that_does_not_hold_is_an_answer_and_on_record(backend) -> None:
    where, (ec,) = estate(backend, "ec-256")
    message = backend.repositories.sign(where.id, ec, CONTENT, SignOptions(form="der"))
    found = backend.repositories.verify(where.id, message.replace(b"Alice", b"Malet"))
    assert (found.valid, found.signers[0].good) == (False, False)
    assert last(backend)[0] == "repository.verify.failed"
    foreign = make_chain("Mallory", number=81, server=False)
    by_other = cms.sign(CONTENT, foreign[0].facts, Secret(foreign[0].key_der), [foreign[1].der], SignOptions(), NOW)
    found = backend.repositories.verify(where.id, by_other)
    assert (found.valid, found.signers[0].good, found.signers[0].trusted) == (False, True, False)
    assert "Incomplete" in found.signers[0].path


def test_a_signer_that_was_revoked_is_not_trusted_and_signs_no_more(backend) -> None:
    where, (ec,) = estate(backend, "ec-256")
    message = backend.repositories.sign(where.id, ec, CONTENT, SignOptions())
    sealed = backend.repositories.encrypt(where.id, [ec], CONTENT, EncryptOptions())
    revoke(backend, ec)
    found = backend.repositories.verify(where.id, message)
    assert (found.valid, found.signers[0].good) == (False, True)
    assert found.signers[0].path == "Its certificate was revoked 2026-06-15."
    with pytest.raises(Invalid, match="can't sign: it was revoked 2026-06-15"):
        backend.repositories.sign(where.id, ec, CONTENT, SignOptions())
    with pytest.raises(Invalid, match="can't be encrypted to: it was revoked"):
        backend.repositories.encrypt(where.id, [ec], CONTENT, EncryptOptions())
    # What was sent to it stays readable.
    assert backend.repositories.decrypt(where.id, ec, sealed).content == CONTENT


def test_what_is_encrypted_to_several_is_opened_with_any_of_their_keys(backend) -> None:
    where, (rsa, ec) = estate(backend, "rsa-2048", "ec-256")
    for cipher in ("aes-256-gcm", "aes-128-cbc"):
        message = backend.repositories.encrypt(where.id, [rsa, ec, rsa], CONTENT, EncryptOptions(cipher))
        event, kind, object_id, detail = last(backend)
        assert (event, kind, object_id, detail["ids"]) == ("repository.encrypt.success", "certificate", None, [rsa, ec])
        for one in (rsa, ec):
            found = backend.repositories.decrypt(where.id, one, message)
            assert (found.content, found.certificate_id, found.cipher) == (CONTENT, one, cipher)
            assert found.certificate_name == backend.certificates.get(one).row.name
            assert last(backend)[:3] == ("repository.decrypt.success", "certificate", one)
        assert backend.repositories.decrypt(where.id, None, message).certificate_id in (rsa, ec)


def test_a_message_that_nobody_here_can_open_is_refused_and_a_failed_attempt_is_on_record(backend) -> None:
    where, (ec, other) = estate(backend, "ec-256", "ec-384")
    message = backend.repositories.encrypt(where.id, [ec], CONTENT, EncryptOptions(form="der"))
    with pytest.raises(Invalid, match="not encrypted to this certificate"):
        backend.repositories.decrypt(where.id, other, message)
    before = backend.audit.head().seq
    with pytest.raises(Invalid, match="can't be decrypted with this key"):
        backend.repositories.decrypt(where.id, None, message[:-1] + bytes([message[-1] ^ 1]))
    assert backend.audit.head().seq == before + 1
    assert last(backend)[:3] == ("repository.decrypt.failed", "certificate", ec)
    stranger = cms.encrypt(CONTENT, [cert("stranger").facts], EncryptOptions(), NOW)
    with pytest.raises(Invalid, match="No certificate with its key in private opens the message"):
        backend.repositories.decrypt(where.id, None, stranger)


def test_the_key_usage_of_what_was_issued_decides(backend) -> None:
    where, _ = estate(backend)
    one = _issued(backend, "ec-256", "server")
    backend.repositories.sign(where.id, one, CONTENT, SignOptions())
    with pytest.raises(Invalid, match="lacks keyAgreement") as refused:
        backend.repositories.encrypt(where.id, [one], CONTENT, EncryptOptions())
    assert refused.value.field == "certificate"
    with pytest.raises(Invalid, match="ML-DSA-65 keys are not used in CMS here"):
        backend.repositories.sign(where.id, _issued(backend, "ml-dsa-65"), CONTENT, SignOptions())


def test_only_what_is_filed_in_a_private_or_compliant_repository_is_used(backend) -> None:
    where, (ec,) = estate(backend, "ec-256")
    elsewhere = added(backend, key=True)
    uploads = repository(backend, "uploads")
    file(backend, uploads, elsewhere.id)
    message = backend.repositories.sign(where.id, ec, CONTENT, SignOptions())
    with pytest.raises(NotFound, match="is not filed in private"):
        backend.repositories.sign(where.id, elsewhere.id, CONTENT, SignOptions())
    for act in (
        lambda: backend.repositories.sign(uploads.id, elsewhere.id, CONTENT, SignOptions()),
        lambda: backend.repositories.verify(uploads.id, message),
        lambda: backend.repositories.encrypt(uploads.id, [elsewhere.id], CONTENT, EncryptOptions()),
        lambda: backend.repositories.decrypt(uploads.id, elsewhere.id, message),
    ):
        with pytest.raises(Conflict, match="Keys are used in private and compliant repositories"):
            act()
    plan = backend.repositories.plan_reset(where.id)
    backend.repositories.reset(where.id, plan.version, leaving=1)
    with pytest.raises(Conflict, match="It was reset"):
        backend.repositories.sign(where.id, ec, CONTENT, SignOptions())
    for number in (0, 77, 2**40):
        with pytest.raises(NotFound):
            backend.repositories.verify(number, message)
        with pytest.raises((NotFound, Conflict)):
            backend.repositories.sign(where.id, number, CONTENT, SignOptions())


def test_options_that_are_none_name_their_field(backend) -> None:
    where, (ec,) = estate(backend, "ec-256")
    for act, field in (
        (lambda: backend.repositories.sign(where.id, ec, CONTENT, SignOptions("md5")), "digest"),
        (lambda: backend.repositories.sign(where.id, ec, CONTENT, SignOptions(pss=True)), "pss"),
        (lambda: backend.repositories.encrypt(where.id, [ec], CONTENT, EncryptOptions("rc4")), "cipher"),
        (lambda: backend.repositories.encrypt(where.id, [], CONTENT, EncryptOptions()), "certificate"),
        (lambda: backend.repositories.verify(where.id, b"nonsense"), ""),
    ):
        with pytest.raises(Invalid) as refused:
            act()
        assert refused.value.field == field


def test_reading_alone_uses_keys_too_and_puts_it_on_record(backend, harness) -> None:
    """--read-only changes nothing of the inventory; a signature changes nothing either."""
    where, (ec,) = estate(backend, "ec-256")
    reader = harness.open(read_only=True)
    message = reader.repositories.sign(where.id, ec, CONTENT, SignOptions())
    assert reader.repositories.verify(where.id, message).valid
    assert events(backend)[-2:] == ["repository.sign.success", "repository.verify.success"]


# --- who may, on either database --------------------------------------------------------------------------------------


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real("initdb"))])
def whole(request: pytest.FixtureRequest) -> LocalBackend:
    """A store without limits, on either database."""
    name = "local" if request.param == "sqlite" else "on_postgres"
    opened = request.getfixturevalue(name).open(create=True)
    assert isinstance(opened, LocalBackend)
    return opened


def seen_by(whole: LocalBackend, name: str, role: Role = Role.OPERATOR, *groups: str) -> Backend:
    return whole.acting(Identity(Actor(name), Access(role, groups=groups or None)))


def test_signing_and_decrypting_want_an_operator_who_may_use_certificate_and_repository(whole: LocalBackend) -> None:
    where, (ec,) = estate(whole, "ec-256")
    signed = whole.repositories.sign(where.id, ec, CONTENT, SignOptions())
    sealed = whole.repositories.encrypt(where.id, [ec], CONTENT, EncryptOptions())

    def uses(view: Backend) -> list[bool]:
        acts = (
            lambda: view.repositories.sign(where.id, ec, CONTENT, SignOptions()),
            lambda: view.repositories.decrypt(where.id, ec, sealed),
            lambda: view.repositories.verify(where.id, signed),
            lambda: view.repositories.encrypt(where.id, [ec], CONTENT, EncryptOptions()),
        )
        return [_allowed(act) for act in acts]

    viewer, carol, bob = seen_by(whole, "eve", Role.VIEWER), seen_by(whole, "carol"), seen_by(whole, "bob")
    admin = seen_by(whole, "root", Role.ADMIN)
    assert uses(viewer) == [False, False, True, True]
    assert uses(carol) == uses(bob) == [True] * 4
    for kind, number in (("certificate", ec), ("repository", where.id)):
        form = AclForm(use_group=False, users=("bob",))
        acl = whole.acls.set(kind, number, whole.acls.get(kind, number).version, form)
        before = whole.audit.head().seq
        assert uses(carol) == uses(admin) == [False, False, True, True], kind
        # Neither a signature nor a decryption is on record that was not made.
        assert whole.audit.head().seq == before + 4
        assert uses(bob) == [True] * 4
        whole.acls.set(kind, number, acl.version, AclForm(use_group=True, users=()))
    for kind, number in (("certificate", ec), ("repository", where.id)):
        form = AclForm(read_group=False, use_group=False, users=("bob",))
        acl = whole.acls.set(kind, number, whole.acls.get(kind, number).version, form)
        # Who may not read the certificate may still verify: everything needed is in the message.
        assert uses(carol) == [False, False, kind == "certificate", False], kind
        with pytest.raises(NotFound):
            carol.repositories.sign(where.id, ec, CONTENT, SignOptions())
        assert uses(bob) == [True] * 4
        whole.acls.set(kind, number, acl.version, AclForm(read_group=True, use_group=True, users=()))


def _allowed(act) -> bool:  # type: ignore[no-untyped-def]
    try:
        act()
    except (Denied, NotFound):
        return False
    return True


def test_a_repository_of_another_group_is_not_there(whole: LocalBackend) -> None:
    where, (ec,) = estate(whole, "ec-256", group="theirs")
    signed = whole.repositories.sign(where.id, ec, CONTENT, SignOptions())
    ours = seen_by(whole, "carol", Role.OPERATOR, "ours")
    for act in (
        lambda: ours.repositories.sign(where.id, ec, CONTENT, SignOptions()),
        lambda: ours.repositories.verify(where.id, signed),
        lambda: ours.repositories.encrypt(where.id, [ec], CONTENT, EncryptOptions()),
        lambda: ours.repositories.decrypt(where.id, None, signed),
    ):
        with pytest.raises(NotFound):
            act()


def test_a_certificate_that_is_out_of_scope_in_a_shared_repository_opens_nothing(whole: LocalBackend) -> None:
    where, (ec,) = estate(whole, "ec-256")
    message = whole.repositories.encrypt(where.id, [ec], CONTENT, EncryptOptions())
    ours = seen_by(whole, "carol", Role.OPERATOR, "ours")
    with pytest.raises(NotFound):
        ours.repositories.decrypt(where.id, ec, message)
    with pytest.raises(Invalid, match="No certificate with its key"):
        ours.repositories.decrypt(where.id, None, message)


def test_the_key_of_a_ca_signs_for_those_alone_who_may_make_cas(whole: LocalBackend) -> None:
    from tests.backend.cas import intermediate

    ca = issuing_ca(whole)
    where = repository(whole, "private", "private", ca_id=ca.row.id)
    below = intermediate(whole, ca, "Below", path_length=0)
    with pytest.raises(CerttuiError) as refused:
        seen_by(whole, "carol").repositories.sign(where.id, below.row.certificate_id, CONTENT, SignOptions())
    assert "key usage has neither" in refused.value.message or isinstance(refused.value, Denied)


def test_a_locked_store_signs_nothing_and_still_verifies(local) -> None:
    backend = local.open(create=True)
    where, (ec,) = estate(backend, "ec-256")
    signed = backend.repositories.sign(where.id, ec, CONTENT, SignOptions())
    backend.store.set_passphrase(Secret("correct horse"))
    locked = local.open()
    with pytest.raises(Locked):
        locked.repositories.sign(where.id, ec, CONTENT, SignOptions())
    assert locked.repositories.verify(where.id, signed).valid


def test_a_deleted_entry_of_a_revoked_certificate_is_still_known_as_revoked(whole: LocalBackend) -> None:
    where, (ec,) = estate(whole, "ec-256")
    message = whole.repositories.sign(where.id, ec, CONTENT, SignOptions())
    page = revoke(whole, ec)
    whole.certificates.delete(page.id, page.version)
    found = whole.repositories.verify(where.id, message)
    assert (found.valid, found.signers[0].path) == (False, "Its certificate was revoked 2026-06-15.")
