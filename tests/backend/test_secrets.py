"""Stored secrets: read as they come in, sealed, and never seen again but as a part of a container."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from certtui.errors import Conflict, Invalid, Locked, NotFound
from certtui.model.container import ContainerType
from certtui.model.query import Gone, Query, Sort
from tests.backend.entries import cert, events
from tests.backend.filing import container, secret
from tests.certs import NOW, make_chain, make_key


def names(listing) -> list[str]:
    return [row.name for row in listing.rows(0, 50) if not isinstance(row, Gone)]


def public_pem(kind: str = "rsa-2048") -> bytes:
    return make_key(kind).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def test_a_passphrase_is_kept_as_it_is_and_says_nothing_of_itself(backend) -> None:
    made = secret(backend, business_group="payments", description="of the shop")
    row = backend.secrets.get(made.id).row
    assert (row.name, row.type, row.size, row.algorithm, row.spki_sha256) == (
        "shop passphrase",
        "passphrase",
        13,
        "",
        "",
    )
    assert (row.business_group, row.description, row.container_count) == ("payments", "of the shop", 0)
    assert events(backend)[-1] == "secret.store.success"
    detail = backend.audit.get(backend.audit.head().seq).detail
    assert "horse" not in detail


def test_keys_and_certificates_are_read_and_say_what_they_belong_to(backend) -> None:
    leaf, issuing, _ = make_chain()
    private = secret(backend, "key", "private", leaf.key_pem).row
    assert (private.algorithm, private.spki_sha256) == ("ec-256", leaf.facts.spki_sha256)
    chain = secret(backend, "chain", "certificate", issuing.pem + leaf.pem).row
    assert (chain.algorithm, chain.spki_sha256) == ("ec-256", issuing.facts.spki_sha256)
    assert chain.expires_at == leaf.facts.not_after
    der = secret(backend, "public", "public", public_pem()).row
    assert der.algorithm == "rsa-2048"


def test_an_encrypted_private_key_keeps_its_encryption_and_says_so(backend) -> None:
    made = secret(backend, "key", "private", cert().encrypted_key_pem())
    assert (made.row.algorithm, made.row.spki_sha256) == ("encrypted", "")


@pytest.mark.parametrize(
    ("kind", "payload", "field"),
    [
        ("passphrase", b"", "payload"),
        ("opaque", b"x" * 65_537, "payload"),
        ("toast", b"x", "type"),
        ("private", b"no key", "payload"),
        ("private", cert().pem, "payload"),
        ("private", cert().key_pem + cert().key_pem, "payload"),
        ("private", cert().pfx(), "payload"),
        ("public", cert().key_pem, "payload"),
        ("public", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "payload"),
        ("certificate", cert().pem + cert().key_pem, "payload"),
        ("certificate", cert().pem[:200], "payload"),
    ],
)
def test_what_is_not_of_its_type_is_refused(backend, kind: str, payload: bytes, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        secret(backend, "x", kind, payload)
    assert refused.value.field == field
    assert names(backend.secrets.search(Query())) == []


def test_a_locked_store_takes_no_secret(backend, store) -> None:
    store.lock()
    with pytest.raises(Locked):
        secret(backend)
    assert names(backend.secrets.search(Query())) == []


def test_the_list_is_searched_sorted_and_filtered(backend) -> None:
    used = secret(backend, "alpha", "opaque")
    secret(backend, "beta", "private", cert(kind="rsa-2048").key_pem, business_group="payments")
    last = secret(backend, "gamma", description="about bears", expires_at=NOW + timedelta(days=3))
    container(backend, name="x", type=ContainerType.GENERIC, parts={"a": used.id})
    search = backend.secrets.search
    assert names(search(Query(sort=Sort("name", descending=True)))) == ["gamma", "beta", "alpha"]
    assert names(search(Query(sort=Sort("expires")))) == ["gamma", "alpha", "beta"]
    for text, wanted in {
        "bears": ["gamma"],
        "type:opaque,private": ["alpha", "beta"],
        "algorithm:rsa-*": ["beta"],
        "group:payments": ["beta"],
        "used": ["alpha"],
        "unused": ["beta", "gamma"],
        "days<7": ["gamma"],
        f"id:{last.id}": ["gamma"],
    }.items():
        assert names(search(Query(text))) == wanted, text


def test_a_secret_is_found_by_id_and_name(backend) -> None:
    made = secret(backend)
    assert backend.secrets.resolve("SHOP passphrase") == made.id == backend.secrets.resolve(f"id:{made.id}")
    with pytest.raises(NotFound):
        backend.secrets.resolve("nothing")
    with pytest.raises(NotFound):
        backend.secrets.get(made.id + 1)


def test_the_check_goes_by_the_date_that_was_given_or_the_certificate_s(backend, harness) -> None:
    forever, dated = secret(backend), secret(backend, "dated", expires_at=NOW + timedelta(days=3))
    certificate = secret(backend, "certificate", "certificate", cert().pem)
    assert backend.secrets.check(forever.id).ok
    assert backend.secrets.check(dated.id).days_remaining == 3
    assert backend.secrets.check(certificate.id).expires_at == cert().facts.not_after
    harness.clock.advance(days=4)
    checked = backend.secrets.check(dated.id)
    assert (checked.ok, checked.days_remaining) == (False, -1)
    assert "expired" in checked.summary


def test_what_is_deleted_is_gone_and_only_as_it_was_seen(backend, store) -> None:
    made = secret(backend)
    with pytest.raises(Conflict):
        backend.secrets.delete(made.id, made.version + 1)
    backend.secrets.delete(made.id, made.version)
    assert names(backend.secrets.search(Query())) == []
    assert events(backend)[-1] == "secret.delete.success"
    assert all(finding.ok for finding in store.check())


def test_a_part_of_a_container_is_not_deleted_and_the_container_is_named(backend) -> None:
    made = secret(backend)
    held = container(backend, name="vault", type=ContainerType.GENERIC, parts={"word": made.id})
    with pytest.raises(Conflict, match="vault"):
        backend.secrets.delete(made.id, made.version)
    use = backend.secrets.get(made.id).uses[0]
    assert (use.container_id, use.part, use.current) == (held.id, "word", True)
    backend.containers.delete(held.id, held.version)
    backend.secrets.delete(made.id, made.version)
