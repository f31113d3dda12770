"""Containers: complete and matching or refused, versions that only grow, consumers, and what a fetch gives."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from certtui.errors import Ambiguous, Conflict, Invalid, Locked, NotFound
from certtui.model.consumer import ConsumerForm
from certtui.model.container import (
    ContainerContent,
    ContainerEdit,
    ContainerStatus,
    ContainerType,
    reference_of,
)
from certtui.model.policy import PolicyForm, PolicyRules
from certtui.model.query import Gone, Query, Sort
from tests.backend.entries import add, added, cert, events
from tests.backend.filing import NGINX, consumer, container, fetched, parts_in, secret
from tests.certs import NOW, make_chain


def names(listing) -> list[str]:
    return [row.name for row in listing.rows(0, 50) if not isinstance(row, Gone)]


def with_chain(backend, common_name: str = "www.example.com", **labels: str):
    """An entry with key, intermediate and a root that is known."""
    leaf, issuing, root = make_chain(common_name)
    add(backend, root)
    return leaf, issuing, backend.certificates.get(add(backend, leaf, key=True, chain=(issuing,), **labels).id)


def spki(pem: bytes) -> bytes:
    public = x509.load_pem_x509_certificate(pem).public_key()
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def key_spki(pem: bytes, password: bytes | None = None) -> bytes:
    public = load_pem_private_key(pem, password).public_key()
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def test_a_certificate_with_its_key_is_had_as_a_container(backend) -> None:
    leaf, issuing, page = with_chain(backend, business_group="payments")
    made = container(backend, page.id)
    row = made.row
    assert (row.name, row.type, row.status, row.number) == (
        "www.example.com",
        ContainerType.CERTIFICATE,
        ContainerStatus.ACTIVE,
        1,
    )
    assert row.parts == ("certificate", "private_key", "intermediates")
    assert (row.certificate_id, row.business_group, row.follows) == (page.id, "payments", True)
    assert len(row.ref) == 32
    payload = fetched(backend, made.id)
    assert parts_in(payload) == {
        "certificate": leaf.pem,
        "intermediates": issuing.pem,
        "private_key": leaf.key_pem,
    }
    assert (payload.ref, payload.number, payload.warnings) == (row.ref, 1, ())
    assert [one.id for one in backend.certificates.get(page.id).containers] == [made.id]


@pytest.mark.parametrize("key", [False, True])
def test_without_its_key_a_certificate_is_no_container(backend, key: bool) -> None:
    page = added(backend, key=key)
    if key:
        assert container(backend, page.id)
        return
    with pytest.raises(Invalid, match=r"private key of www\.example\.com is not here") as refused:
        container(backend, page.id)
    assert refused.value.field == "certificate_id"
    assert names(backend.containers.search(Query())) == []


def test_parts_that_were_stored_come_into_the_inventory_as_one(backend) -> None:
    leaf, issuing, root = make_chain()
    add(backend, root)
    word = secret(backend, payload=b"correct horse")
    parts = {
        "certificate": secret(backend, "c", "certificate", leaf.pem).id,
        "private_key": secret(backend, "k", "private", leaf.encrypted_key_pem(b"correct horse")).id,
        "intermediates": secret(backend, "i", "certificate", issuing.pem).id,
        "private_key_passphrase": word.id,
    }
    made = container(backend, name="shop", parts=parts, business_group="payments")
    entry = backend.certificates.get(made.row.certificate_id)
    assert (entry.row.name, entry.row.has_private_key, len(entry.chain)) == ("shop", True, 1)
    assert (entry.row.business_group, made.row.business_group) == ("payments", "payments")
    assert [(part.name, part.secret_id) for part in made.parts] == [
        ("certificate", None),
        ("private_key", None),
        ("intermediates", None),
        ("private_key_passphrase", word.id),
    ]
    given = parts_in(fetched(backend, made.id))
    assert given["private_key_passphrase"] == b"correct horse"
    assert given["private_key"].startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert key_spki(given["private_key"], b"correct horse") == spki(given["certificate"])


def test_the_part_that_is_wrong_is_named(backend) -> None:
    leaf, issuing, _ = make_chain()
    other = cert("other.example.com", number=7)
    stored = {
        "leaf": secret(backend, "leaf", "certificate", leaf.pem).id,
        "key": secret(backend, "key", "private", leaf.key_pem).id,
        "foreign": secret(backend, "foreign", "private", other.key_pem).id,
        "sealed": secret(backend, "sealed", "private", leaf.encrypted_key_pem(b"right")).id,
        "stray": secret(backend, "stray", "certificate", other.pem).id,
        "wrong": secret(backend, "wrong", payload=b"wrong").id,
    }
    page = added(backend, key=True)
    for parts, entry, field in [
        ({"certificate": "leaf"}, None, "private_key"),
        ({"private_key": "key"}, None, "certificate"),
        ({"certificate": "leaf", "private_key": "foreign"}, None, "private_key"),
        ({"certificate": "key", "private_key": "key"}, None, "certificate"),
        ({"certificate": "leaf", "private_key": "key", "intermediates": "stray"}, None, "intermediates"),
        ({"certificate": "leaf", "private_key": "sealed"}, None, "private_key_passphrase"),
        (
            {"certificate": "leaf", "private_key": "sealed", "private_key_passphrase": "wrong"},
            None,
            "private_key_passphrase",
        ),
        ({"certificate": "leaf", "private_key": "key", "toast": "key"}, None, "parts"),
        ({"private_key": "key"}, page.id, "private_key"),
    ]:
        with pytest.raises(Invalid) as refused:
            container(backend, entry, name="x", parts={name: stored[one] for name, one in parts.items()})
        assert refused.value.field == field, parts
    assert names(backend.containers.search(Query())) == []
    assert issuing.facts.fingerprint_sha256 not in {
        one.fingerprint_sha256 for one in backend.certificates.get(page.id).chain
    }


def test_a_policy_has_its_say_in_what_a_container_brings_into_the_inventory(backend) -> None:
    from certtui.errors import PolicyRefused

    rules = PolicyRules(keys=("rsa-4096",))
    backend.policies.add(PolicyForm(name="big", outcome="hard", enabled=True, rules=rules))
    leaf, *_ = make_chain()
    parts = {
        "certificate": secret(backend, "c", "certificate", leaf.pem).id,
        "private_key": secret(backend, "k", "private", leaf.key_pem).id,
    }
    with pytest.raises(PolicyRefused):
        container(backend, name="x", parts=parts)
    assert names(backend.certificates.search(Query())) == []


def test_a_pair_of_rsa_keys_and_any_secrets_make_containers_too(backend) -> None:
    made = cert("rsa.example.com", kind="rsa-2048")
    public = made.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    pair = {
        "public_key": secret(backend, "p", "public", public).id,
        "private_key": secret(backend, "k", "private", made.key_pem).id,
    }
    keys = container(backend, name="keys", type=ContainerType.RSA, parts=pair)
    assert (keys.row.status, keys.row.parts) == (ContainerStatus.ACTIVE, ("private_key", "public_key"))
    assert parts_in(fetched(backend, keys.id)) == {"public_key": public, "private_key": made.key_pem}
    assert backend.containers.check(keys.id).ok
    other = secret(backend, "o", "private", cert("other", kind="rsa-2048", number=8).key_pem).id
    with pytest.raises(Invalid) as refused:
        container(backend, name="x", type=ContainerType.RSA, parts=pair | {"private_key": other})
    assert refused.value.field == "private_key"
    with pytest.raises(Invalid) as refused:
        container(backend, name="x", type=ContainerType.RSA, parts={"public_key": pair["public_key"]})
    assert refused.value.field == "private_key"
    word = secret(backend, expires_at=NOW + timedelta(days=1))
    vault = container(backend, name="vault", type=ContainerType.GENERIC, parts={"db.word": word.id})
    assert parts_in(fetched(backend, vault.id)) == {"db.word": b"correct horse"}
    for bad in ("../x", "X", "", ".hidden", "a/b"):
        with pytest.raises(Invalid):
            container(backend, name="x", type=ContainerType.GENERIC, parts={bad: word.id})


def test_a_container_is_found_by_reference_url_id_and_name(backend) -> None:
    made = container(backend, added(backend, key=True).id, "shop")
    ref = made.row.ref
    for text in (ref, f"containers/{ref}", f"https://certs.example.com/api/v1/containers/{ref}", "shop", str(made.id)):
        assert backend.containers.resolve(text) == made.id
    container(backend, added(backend, "b.example.com", key=True).id, "Shop")
    with pytest.raises(Ambiguous):
        backend.containers.resolve("shop")
    with pytest.raises(NotFound):
        backend.containers.resolve(reference_of("0" * 32))


def test_an_update_is_a_new_version_and_a_step_back_another(backend) -> None:
    first = added(backend, key=True)
    second = backend.certificates.get(add(backend, cert("www.example.com", number=2), key=True).id)
    made = container(backend, first.id, "shop")
    moved = backend.containers.update(made.id, made.version, ContainerContent(second.id))
    assert (moved.row.number, moved.row.certificate_id) == (2, second.id)
    with pytest.raises(Conflict):
        backend.containers.update(made.id, made.version, ContainerContent(first.id))
    with pytest.raises(Conflict, match="already"):
        backend.containers.update(made.id, moved.version, ContainerContent(second.id))
    back = backend.containers.rollback(made.id, moved.version)
    assert (back.row.number, back.row.certificate_id) == (3, first.id)
    assert [(one.number, one.reason) for one in back.versions] == [
        (3, "rolled-back 1"),
        (2, "updated"),
        (1, "created"),
    ]
    with pytest.raises(Conflict, match="no earlier version"):
        backend.containers.rollback(made.id, back.version)
    forth = backend.containers.rollback(made.id, back.version, to=2)
    assert (forth.row.number, forth.row.certificate_id) == (4, second.id)
    assert events(backend)[-1] == "container.rollback.success"
    with pytest.raises(NotFound):
        backend.containers.rollback(made.id, forth.version, to=9)


def test_one_does_not_step_back_to_what_is_gone(backend) -> None:
    first, second = (
        backend.certificates.get(add(backend, cert("www.example.com", number=number), key=True).id) for number in (1, 2)
    )
    made = container(backend, first.id, "shop")
    moved = backend.containers.update(made.id, made.version, ContainerContent(second.id))
    backend.certificates.delete_key(first.id, backend.certificates.get(first.id).version)
    with pytest.raises(Conflict, match=r"private key of www\.example\.com is not here"):
        backend.containers.rollback(made.id, moved.version)
    backend.certificates.delete(first.id, backend.certificates.get(first.id).version)
    with pytest.raises(Conflict, match="deleted from the inventory"):
        backend.containers.rollback(made.id, moved.version)
    assert backend.containers.get(made.id).versions[1].why_not == "Its certificate was deleted from the inventory."
    assert backend.containers.get(made.id).row.number == 2


def test_a_replacement_by_hand_moves_the_container(backend) -> None:
    old = backend.certificates.get(add(backend, cert("www.example.com", number=1), key=True).id)
    new = backend.certificates.get(add(backend, cert("www.example.com", number=2), key=True).id)
    made, fixed = container(backend, old.id, "shop"), container(backend, old.id, "fixed", follows=False)
    plan = backend.certificates.plan_replacement(old.id, new.id)
    assert [one.name for one in plan.containers] == ["shop"]
    backend.certificates.replace(plan)
    moved = backend.containers.get(made.id)
    assert (moved.row.number, moved.row.certificate_id, moved.versions[0].reason) == (2, new.id, "replaced")
    assert backend.containers.get(fixed.id).row.certificate_id == old.id


def test_a_replacement_without_its_key_leaves_the_container_where_it_is(backend) -> None:
    old = backend.certificates.get(add(backend, cert("www.example.com", number=1), key=True).id)
    new = backend.certificates.get(add(backend, cert("www.example.com", number=2)).id)
    made = container(backend, old.id, "shop")
    plan = backend.certificates.plan_replacement(old.id, new.id)
    assert plan.containers == ()
    assert any("shop" in warning for warning in plan.warnings)
    backend.certificates.replace(plan)
    assert backend.containers.get(made.id).row.certificate_id == old.id


def test_who_has_it_already_gets_nothing_and_no_key_is_touched(backend, store) -> None:
    made = container(backend, added(backend, key=True).id)
    digest = fetched(backend, made.id).digest
    seen = backend.audit.head().seq
    store.lock()
    assert backend.containers.fetch(made.id, have=digest) is None
    assert backend.audit.head().seq == seen
    with pytest.raises(Locked):
        backend.containers.fetch(made.id, have="0" * 64)


def test_a_fetch_is_on_record_and_no_change(backend) -> None:
    made = container(backend, added(backend, key=True).id)
    seen = backend.feed.latest()
    fetched(backend, made.id)
    event = backend.audit.get(backend.audit.head().seq)
    assert (event.event, event.object_kind, event.object_id) == ("container.fetch.success", "container", made.id)
    assert json.loads(event.detail)["number"] == 1
    assert list(backend.feed.since(seen)) == []


def test_a_consumer_registers_as_it_fetches_and_has_a_version_on_record(backend) -> None:
    first, second = added(backend, key=True), added(backend, "b.example.com", key=True)
    made = container(backend, first.id, "shop")
    digest = fetched(backend, made.id, consumer=NGINX).digest
    (known,) = backend.containers.consumers(made.id)
    assert (known.service, known.resource_type, known.resource) == ("nginx", "host", "web-1.example.com")
    assert (known.fetched_number, known.fetched_at, known.behind) == (1, NOW, False)
    seen = backend.audit.head().seq
    assert backend.containers.fetch(made.id, have=digest, consumer=NGINX) is None
    assert backend.audit.head().seq == seen
    backend.containers.update(made.id, made.version, ContainerContent(second.id))
    assert backend.containers.consumers(made.id)[0].behind
    assert names(backend.containers.search(Query("behind"))) == ["shop"]
    fetched(backend, made.id, have=digest, consumer=NGINX)
    (known,) = backend.containers.consumers()
    assert (known.fetched_number, known.behind) == (2, False)


def test_consumers_register_once_and_leave(backend) -> None:
    made = container(backend, added(backend, key=True).id, "shop")
    one = consumer(backend, made.id)
    assert consumer(backend, made.id, ConsumerForm(" nginx ", "host", "web-1.example.com")).id == one.id
    other = consumer(backend, made.id, ConsumerForm("haproxy"))
    assert [each.service for each in backend.containers.get(made.id).consumers] == ["haproxy", "nginx"]
    assert names(backend.containers.search(Query("consumer:hapro"))) == ["shop"]
    backend.containers.remove_consumer(other.id)
    assert events(backend)[-1] == "container.consumer.removed"
    with pytest.raises(NotFound):
        backend.containers.remove_consumer(other.id)
    with pytest.raises(Invalid) as refused:
        consumer(backend, made.id, ConsumerForm(" "))
    assert refused.value.field == "service"
    with pytest.raises(NotFound):
        consumer(backend, made.id + 1)


def test_a_container_with_consumers_goes_only_with_each_of_them_confirmed(backend) -> None:
    made = container(backend, added(backend, key=True).id)
    one, other = consumer(backend, made.id), consumer(backend, made.id, ConsumerForm("haproxy"))
    for confirmed in ((), (one.id,)):
        with pytest.raises(Conflict, match="haproxy"):
            backend.containers.delete(made.id, made.version, consumers=confirmed)
    backend.containers.delete(made.id, made.version, consumers=(one.id, other.id))
    assert names(backend.containers.search(Query())) == []
    assert list(backend.containers.consumers()) == []


def test_a_certificate_whose_containers_have_consumers_too(backend) -> None:
    page = added(backend, key=True)
    made = container(backend, page.id)
    one = consumer(backend, made.id)
    page = backend.certificates.get(page.id)
    assert [each.id for each in page.consumers] == [one.id]
    assert [each.id for each in backend.certificates.plan_revocation(page.id).consumers] == [one.id]
    with pytest.raises(Conflict, match="nginx, host web-1"):
        backend.certificates.delete(page.id, page.version)
    skipped = backend.certificates.delete_many([(page.id, page.version)])
    assert skipped.done == ()
    assert "nginx" in skipped.skipped[0][1]
    backend.certificates.delete_many([(page.id, page.version)], consumers=[one.id])
    left = backend.containers.get(made.id)
    assert (left.row.status, left.row.certificate_id) == (ContainerStatus.INCOMPLETE, None)
    assert "not in the inventory" in left.status_reason
    with pytest.raises(Conflict, match="not given out"):
        backend.containers.fetch(made.id)
    again = added(backend, "b.example.com", key=True)
    backend.containers.update(made.id, left.version, ContainerContent(again.id))
    assert fetched(backend, made.id).number == 2


def test_a_container_that_nobody_uses_goes_with_its_certificate(backend) -> None:
    first, second = added(backend, key=True), added(backend, "b.example.com", key=True)
    container(backend, first.id, "alone")
    moved = container(backend, first.id, "moved")
    backend.containers.update(moved.id, moved.version, ContainerContent(second.id))
    backend.certificates.delete(first.id, first.version)
    assert names(backend.containers.search(Query())) == ["moved"]
    backend.certificates.delete_many([(second.id, second.version)])
    assert names(backend.containers.search(Query())) == []


def test_the_status_is_that_of_what_is_in_it(backend, harness) -> None:
    page = added(backend, key=True)
    made = container(backend, page.id, "shop")
    word = secret(backend, expires_at=NOW + timedelta(days=1))
    container(backend, name="vault", type=ContainerType.GENERIC, parts={"word": word.id})
    search = backend.containers.search
    assert names(search(Query("status:active"))) == ["shop", "vault"]
    harness.clock.advance(days=400)
    assert backend.containers.get(made.id).row.status is ContainerStatus.EXPIRED
    assert names(search(Query("status:expired"))) == ["shop", "vault"]
    checked = backend.containers.check(made.id)
    assert (checked.ok, checked.unfit) == (False, False)
    assert fetched(backend, made.id).warnings[0].startswith("www.example.com expired")
    backend.certificates.delete_key(page.id, backend.certificates.get(page.id).version)
    gone = backend.containers.get(made.id)
    assert (gone.row.status, gone.row.parts) == (ContainerStatus.INCOMPLETE, ("certificate",))
    assert gone.status_reason == "The private key of www.example.com is not here (any more)."
    assert names(search(Query("status:incomplete"))) == ["shop"]
    assert names(search(Query("!status:incomplete"))) == ["vault"]
    assert backend.containers.check(made.id).unfit


def test_the_check_says_that_the_chain_has_a_hole(backend) -> None:
    leaf, issuing, root = make_chain()
    page = add(backend, leaf, key=True)
    made = container(backend, page.id)
    checked = backend.containers.check(made.id)
    assert [one.part for one in checked.problems] == ["intermediates"]
    assert issuing.facts.subject in checked.problems[0].problem
    digest = fetched(backend, made.id).digest
    add(backend, root)
    add(backend, issuing)
    assert backend.containers.check(made.id).ok
    assert fetched(backend, made.id, have=digest).digest != digest


def test_the_list_is_searched_sorted_and_filtered(backend) -> None:
    one = container(backend, added(backend, "a.example.com", key=True, business_group="payments").id, "alpha")
    container(backend, added(backend, "b.example.com", key=True).id, "beta")
    word = secret(backend)
    container(backend, name="gamma", type=ContainerType.GENERIC, parts={"word": word.id}, business_group="Payments")
    consumer(backend, one.id)
    search = backend.containers.search
    assert names(search(Query(sort=Sort("name", descending=True)))) == ["gamma", "beta", "alpha"]
    assert names(search(Query(sort=Sort("consumers", descending=True))))[0] == "alpha"
    assert names(search(Query(sort=Sort("not_after"))))[-1] == "gamma"
    for text, wanted in {
        "b.example": ["beta"],
        "web-1": ["alpha"],
        one.row.ref[:12]: ["alpha"],
        "type:generic": ["gamma"],
        "certificate:a.*": ["alpha"],
        "group:payments": ["alpha", "gamma"],
        "used": ["alpha"],
        "unused": ["beta", "gamma"],
        "days<400": ["alpha", "beta"],
        f"id:{one.id}": ["alpha"],
    }.items():
        assert names(search(Query(text))) == wanted, text


def test_an_edit_changes_only_what_it_names_and_only_what_was_seen(backend) -> None:
    made = container(backend, added(backend, key=True).id, "shop")
    after = backend.containers.edit(made.id, made.version, ContainerEdit(name="store", follows=False))
    assert (after.row.name, after.row.follows, after.row.number) == ("store", False, 1)
    with pytest.raises(Conflict):
        backend.containers.edit(made.id, made.version, ContainerEdit(name="other"))
    with pytest.raises(Invalid):
        backend.containers.edit(made.id, after.version, ContainerEdit(business_group="x"))


def test_another_passphrase_is_a_new_version_of_the_same_certificate(backend) -> None:
    page = added(backend, key=True)
    made = container(backend, page.id, "shop")
    word = secret(backend, payload=b"one")
    after = backend.containers.update(
        made.id, made.version, ContainerContent(parts={"private_key_passphrase": word.id})
    )
    assert (after.row.number, after.row.certificate_id) == (2, page.id)
    given = parts_in(fetched(backend, made.id))
    assert key_spki(given["private_key"], b"one") == spki(given["certificate"])
    bare = backend.containers.update(made.id, after.version, ContainerContent(parts={}))
    assert parts_in(fetched(backend, made.id)).keys() == {"certificate", "private_key"}
    assert bare.row.number == 3


def test_a_rekeyed_store_gives_out_the_same(backend, store) -> None:
    word = secret(backend)
    made = container(backend, added(backend, key=True).id, parts={"private_key_passphrase": word.id})
    before = fetched(backend, made.id)
    store.rekey()
    after = fetched(backend, made.id)
    assert after.digest == before.digest
    assert parts_in(after)["certificate"] == parts_in(before)["certificate"]
    assert all(finding.ok for finding in store.check())
