"""An order from its form to its certificate: by the built-in PKI, and what can be done with it on the way."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from certtui.errors import Ambiguous, Conflict, Invalid, NotFound
from certtui.model.authority import AuthorityForm, AuthorityType
from certtui.model.certificate import CertificateEdit, Labels
from certtui.model.csr import SubjectFields
from certtui.model.order import OrderForm, OrderStatus
from certtui.model.query import Query, Sort
from certtui.model.status import Status
from tests.backend.cas import intermediate, root, spec
from tests.backend.entries import added, events, resource
from tests.backend.issuing import NAME, complete, csr, external_authority, form, local_authority, pending, saved


def rows(backend, text: str = "") -> list[int]:
    return [row.id for row in backend.orders.search(Query(text)).rows(0, 50)]


def test_a_saved_order_is_a_draft_with_an_entry_and_without_a_key(backend, store) -> None:
    local_authority(backend)
    keys = store.status().sealed_keys
    order = saved(backend, labels=Labels(name="shop", business_group="web"))
    assert (order.row.status, order.row.authority, order.row.name) == (OrderStatus.DRAFT, "internal", "shop")
    assert (order.row.requester_kind, order.row.requester) == ("person", "ada")
    assert order.next.startswith("No CSR yet")
    assert (order.csr_pem, order.row.submitted_at, order.row.duration_seconds) == ("", None, None)
    entry = backend.certificates.get(order.row.certificate_id)
    assert (entry.row.status, entry.row.name, entry.row.business_group) == (Status.DRAFT, "shop", "web")
    assert (entry.row.source, entry.row.has_private_key, entry.order_id) == ("managed", False, order.id)
    assert f"Order {order.id} to internal is a draft" in entry.status_reason
    assert store.status().sealed_keys == keys
    assert events(backend)[-1] == "order.create.success"


def test_an_unfinished_form_is_kept_as_it_was_typed(backend) -> None:
    typed = OrderForm(sans=("not a name!", "www.example.com"), subject=SubjectFields(country="Germany"), days=30)
    order = backend.orders.save(typed)
    assert order.form == typed
    assert order.row.type is None
    assert backend.certificates.get(order.row.certificate_id).sans == ("DNS:www.example.com",)


def test_an_order_to_the_built_in_pki_is_complete_at_once(backend) -> None:
    local_authority(backend)
    order = complete(backend, auto_renew_days=20)
    assert order.row.status is OrderStatus.COMPLETE
    assert order.row.duration_seconds == 0
    entry = backend.certificates.get(order.row.certificate_id)
    assert (entry.row.status, entry.row.source, entry.row.provider) == (Status.ACTIVE, "managed", "local")
    assert (entry.authority, entry.auto_renew_days, entry.row.has_private_key) == ("internal", 20, True)
    assert entry.row.issuer == "Issuing"
    assert [one.common_name for one in entry.chain] == ["Issuing"]
    assert [step.name for step in order.steps][:4] == ["draft", "csr", "submitted", "issued"]
    key = backend.certificates.reveal_key(entry.id)
    assert b"PRIVATE KEY" in key.reveal()
    names = events(backend)
    assert "certificate.request_automated.submitted" in names
    assert names.index("certificate.request_automated.submitted") < names.index("certificate.issue.success")


def test_the_issued_certificate_is_found_like_any_other(backend) -> None:
    local_authority(backend)
    order = complete(backend)
    found = backend.certificates.search(Query("shop status:active provider:local")).rows(0, 5)
    assert [row.id for row in found] == [order.row.certificate_id]
    assert backend.certificates.search(Query("status:pending")).rows(0, 5) == []


def test_the_serial_is_the_one_that_was_committed_before_the_ca_was_asked(backend) -> None:
    local_authority(backend)
    order = complete(backend)
    event = next(
        found
        for seq in range(1, backend.audit.head().seq + 1)
        if (found := backend.audit.get(seq)).event == "certificate.request_automated.submitted"
    )
    serial = json.loads(event.detail)["reference"].partition(":")[2]
    assert backend.certificates.get(order.row.certificate_id).x509.serial_number == serial


def test_generating_makes_key_and_csr_and_asks_nobody(backend, store) -> None:
    local_authority(backend)
    order = pending(backend, sans=("DNS:shop.example.com", "DNS:www.example.com"), key_type="ec-384")
    assert (order.row.status, order.row.submitted_at, order.key_algorithm) == (OrderStatus.PENDING, None, "ec-384")
    request = x509.load_pem_x509_csr(order.csr_pem.encode())
    assert request.is_signature_valid
    entry = backend.certificates.get(order.row.certificate_id)
    assert (entry.row.status, entry.row.has_private_key, entry.csr_pem) == (Status.PENDING, True, order.csr_pem)
    assert store.status().sealed_keys == 3
    assert backend.cas.get(2).row.issued == 0


def test_an_order_of_an_open_form_is_no_saved_csr(backend) -> None:
    local_authority(backend)
    order = pending(backend)
    assert backend.csrs.list() == []
    with pytest.raises(NotFound):
        backend.csrs.get(order.row.certificate_id)
    entry = backend.certificates.get(order.row.certificate_id)
    with pytest.raises(NotFound):
        backend.csrs.delete(entry.id, entry.version)


def test_an_uploaded_csr_enters_pending_and_brings_its_names(backend) -> None:
    local_authority(backend)
    request = csr("elsewhere.example.com", "a.example.com", "b.example.com")
    order = backend.orders.save(OrderForm(authority="internal", csr=request))
    assert order.row.status is OrderStatus.PENDING
    # A host name in the common name is one of the names, whether the CSR says so or not.
    assert order.form.sans == ("DNS:elsewhere.example.com", "DNS:a.example.com", "DNS:b.example.com")
    entry = backend.certificates.get(order.row.certificate_id)
    assert (entry.row.has_private_key, entry.row.common_name) == (False, "elsewhere.example.com")
    done = backend.orders.submit(order.id, order.version)
    leaf = backend.certificates.get(order.row.certificate_id).x509
    assert done.row.status is OrderStatus.COMPLETE
    assert (leaf.sans, leaf.spki_sha256) == (order.form.sans, order.spki_sha256)
    assert "certificate.request_csr.submitted" in events(backend)


def test_a_csr_that_is_saved_here_is_ordered_in_its_own_entry_with_its_key(backend) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding

    from certtui.model.csr import CsrRequest

    local_authority(backend)
    kept = backend.csrs.create(CsrRequest(SubjectFields(common_name=NAME), labels=Labels("kiosk", "web")))
    der = x509.load_pem_x509_csr(kept.pem.encode()).public_bytes(Encoding.DER)
    order = backend.orders.save(OrderForm(authority="internal", csr=der))
    assert (order.row.certificate_id, order.row.name, order.row.business_group) == (kept.id, "kiosk", "web")
    assert backend.csrs.list() == []
    backend.orders.submit(order.id, order.version)
    entry = backend.certificates.get(kept.id)
    assert (entry.row.status, entry.row.has_private_key, entry.row.name) == (Status.ACTIVE, True, "kiosk")


def test_two_open_orders_never_have_one_key(backend) -> None:
    local_authority(backend)
    order = backend.orders.save(OrderForm(authority="internal", csr=csr()))
    with pytest.raises(Conflict) as refused:
        backend.orders.save(OrderForm(authority="internal", csr=csr()))
    assert f"Order {order.id}" in refused.value.message


def test_the_csr_of_a_ca_that_waits_is_ordered_by_nobody(backend) -> None:
    external_authority(backend)
    ca = backend.cas.request_intermediate(spec("Below an offline root"))
    request = x509.load_pem_x509_csr(ca.csr_pem.encode()).public_bytes(Encoding.DER)
    with pytest.raises(Conflict) as refused:
        backend.orders.save(OrderForm(authority="globex", csr=request))
    assert "Below an offline root" in refused.value.message
    draft = saved(backend, authority="globex")
    with pytest.raises(Conflict):
        backend.orders.edit(draft.id, draft.version, OrderForm(authority="globex", csr=request))
    assert backend.cas.get(ca.row.id) == ca


def test_a_csr_that_was_tampered_with_is_refused_by_field(backend) -> None:
    broken = bytearray(csr())
    broken[-1] ^= 1
    with pytest.raises(Invalid) as refused:
        backend.orders.save(OrderForm(csr=bytes(broken)))
    assert refused.value.field == "csr"
    assert rows(backend) == []


def test_a_reference_saves_an_order_once(backend) -> None:
    local_authority(backend)
    first = saved(backend, reference="line-1")
    again = saved(backend, "other.example.com", reference="line-1")
    assert again == first
    assert len(rows(backend)) == 1


def test_a_draft_to_nobody_is_not_sent_and_gets_no_key(backend, store) -> None:
    keys = store.status().sealed_keys
    order = saved(backend, authority="")
    with pytest.raises(Invalid, match=f"Order {order.id} names no authority, and stays a draft") as refused:
        backend.orders.submit(order.id, order.version)
    assert refused.value.field == "authority"
    assert backend.orders.get(order.id).row.status is OrderStatus.DRAFT
    assert store.status().sealed_keys == keys


def test_a_draft_that_its_template_does_not_allow_is_not_sent_and_gets_no_key(backend, store) -> None:
    local_authority(backend)
    keys = store.status().sealed_keys
    order = saved(backend, days=9999)
    with pytest.raises(Invalid, match="allows 1 to 397 days") as refused:
        backend.orders.submit(order.id, order.version)
    assert refused.value.field == "days"
    assert backend.orders.get(order.id).row.status is OrderStatus.DRAFT
    assert store.status().sealed_keys == keys


def test_every_field_of_a_draft_can_be_changed(backend) -> None:
    local_authority(backend)
    order = saved(backend)
    wanted = form("pay.example.com", days=30, key_type="ec-384", template="both", labels=Labels(business_group="pay"))
    changed = backend.orders.edit(order.id, order.version, wanted)
    assert changed.form == wanted
    assert (changed.row.name, changed.row.business_group) == ("pay.example.com", "pay")
    entry = backend.certificates.get(order.row.certificate_id)
    assert (entry.row.name, entry.row.business_group) == ("pay.example.com", "pay")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("subject", SubjectFields(common_name="x.example.com")),
        ("sans", ("DNS:x.example.com",)),
        ("key_type", "ed25519"),
    ],
)
def test_what_is_in_the_csr_is_fixed_from_pending_on(backend, field, value) -> None:
    local_authority(backend)
    order = pending(backend)
    with pytest.raises(Invalid) as refused:
        backend.orders.edit(order.id, order.version, replace(order.form, **{field: value}))
    assert refused.value.field == field


def test_what_is_not_in_the_csr_can_be_changed_while_pending(backend) -> None:
    local_authority(backend)
    order = pending(backend)
    changed = backend.orders.edit(order.id, order.version, replace(order.form, days=12, labels=Labels("till", "pay")))
    done = backend.orders.submit(changed.id, changed.version)
    entry = backend.certificates.get(done.row.certificate_id)
    assert (entry.row.name, entry.row.business_group) == ("till", "pay")
    assert (entry.x509.not_after - entry.x509.not_before).days == 11  # a second less than 12 days


def test_a_change_needs_the_version_that_was_seen(backend) -> None:
    local_authority(backend)
    order = saved(backend)
    backend.orders.edit(order.id, order.version, form("pay.example.com"))
    for act in (backend.orders.generate, backend.orders.submit, backend.orders.cancel):
        with pytest.raises(Conflict):
            act(order.id, order.version)
    with pytest.raises(Conflict):
        backend.orders.edit(order.id, order.version, order.form)


def test_going_back_to_draft_keeps_the_key_in_the_archive(backend, store) -> None:
    local_authority(backend)
    order = pending(backend)
    back = backend.orders.back_to_draft(order.id, order.version)
    assert (back.row.status, back.csr_pem, back.archived_keys) == (OrderStatus.DRAFT, "", 1)
    entry = backend.certificates.get(order.row.certificate_id)
    assert (entry.row.status, entry.row.has_private_key, entry.csr_pem) == (Status.DRAFT, False, "")
    again = backend.orders.submit(back.id, back.version)
    assert again.row.status is OrderStatus.COMPLETE
    assert again.spki_sha256 != order.spki_sha256
    assert all(finding.ok for finding in store.check())


def test_a_cancelled_order_leaves_the_inventory_and_keeps_its_key(backend, store) -> None:
    local_authority(backend)
    order = pending(backend)
    ended = backend.orders.cancel(order.id, order.version)
    assert (ended.row.status, ended.row.certificate_id, ended.archived_keys) == (OrderStatus.CANCELLED, None, 1)
    with pytest.raises(NotFound):
        backend.certificates.get(order.row.certificate_id)
    with pytest.raises(Conflict):
        backend.orders.cancel(ended.id, ended.version)
    assert all(finding.ok for finding in store.check())


def test_a_refused_order_fails_with_the_authoritys_words_and_its_entry_says_so(backend) -> None:
    authority = local_authority(backend)
    order = pending(backend, key_type="ec-256")
    backend.authorities.edit(
        authority.row.id, authority.row.version, AuthorityForm(settings={"templates": "server keys=rsa-2048"})
    )
    with pytest.raises(Invalid) as refused:
        backend.orders.submit(order.id, order.version)
    assert refused.value.field == "key_type"
    assert backend.orders.get(order.id).row.status is OrderStatus.PENDING


def failed(backend):
    """An order that its CA refused: the CA allows names below one domain, which only it knows."""
    ca = intermediate(backend, root(backend), permitted=("DNS:example.org",))
    local_authority(backend, ca=ca.row.name)
    return complete(backend)


def test_a_failed_order_says_why_in_the_authoritys_own_words(backend) -> None:
    order = failed(backend)
    assert order.row.status is OrderStatus.FAILED
    assert order.error is not None
    assert "refused" in order.error.message
    assert "shop.example.com" in order.error.words
    entry = backend.certificates.get(order.row.certificate_id)
    assert (entry.row.status, entry.row.has_private_key) == (Status.ERROR, True)
    assert f"Order {order.id}" in entry.status_reason
    assert order.steps[-1].outcome == "failed"
    assert events(backend)[-1] == "order.complete.failed"


def test_sending_again_takes_over_the_entry_and_archives_the_old_key(backend) -> None:
    order = failed(backend)
    again = backend.orders.send_again(order.id, order.version, form("shop.example.org"))
    assert (again.row.status, again.row.certificate_id) == (OrderStatus.DRAFT, order.row.certificate_id)
    old = backend.orders.get(order.id)
    assert (old.again_id, old.archived_keys, old.row.certificate_id) == (again.id, 1, None)
    entry = backend.certificates.get(again.row.certificate_id)
    assert (entry.row.status, entry.row.name) == (Status.DRAFT, "shop.example.org")
    done = backend.orders.submit(again.id, again.version)
    assert done.row.status is OrderStatus.COMPLETE
    with pytest.raises(Conflict):
        backend.orders.send_again(old.id, old.version, form("shop.example.org"))


def test_the_same_csr_sent_again_keeps_the_key_that_is_here(backend) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding

    from certtui.model.csr import CsrRequest

    ca = intermediate(backend, root(backend), permitted=("DNS:example.org",))
    local_authority(backend, ca=ca.row.name)
    local_authority(backend, "wide", ca="Root")
    kept = backend.csrs.create(CsrRequest(SubjectFields(common_name=NAME)))
    der = x509.load_pem_x509_csr(kept.pem.encode()).public_bytes(Encoding.DER)
    order = backend.orders.save(OrderForm(authority="internal", csr=der))
    order = backend.orders.submit(order.id, order.version)
    assert order.row.status is OrderStatus.FAILED
    again = backend.orders.send_again(order.id, order.version, replace(order.form, authority="wide"))
    assert again.row.status is OrderStatus.PENDING
    done = backend.orders.submit(again.id, again.version)
    entry = backend.certificates.get(done.row.certificate_id)
    assert (entry.id, entry.row.has_private_key, done.archived_keys) == (kept.id, True, 0)


def test_a_cancelled_order_can_be_sent_again_in_a_new_entry(backend) -> None:
    local_authority(backend)
    order = saved(backend)
    ended = backend.orders.cancel(order.id, order.version)
    again = backend.orders.send_again(ended.id, ended.version, ended.form)
    assert again.row.certificate_id is not None
    assert backend.certificates.get(again.row.certificate_id).row.status is Status.DRAFT


def test_an_order_that_is_complete_is_not_sent_again(backend) -> None:
    local_authority(backend)
    order = complete(backend)
    with pytest.raises(Conflict):
        backend.orders.send_again(order.id, order.version, order.form)
    with pytest.raises(Conflict):
        backend.orders.submit(order.id, order.version)
    with pytest.raises(Conflict):
        backend.orders.back_to_draft(order.id, order.version)


def test_an_order_without_an_enabled_authority_is_not_sent(backend) -> None:
    authority = local_authority(backend)
    order = pending(backend)
    backend.authorities.edit(authority.row.id, authority.row.version, AuthorityForm(enabled=False))
    with pytest.raises(Invalid) as refused:
        backend.orders.submit(order.id, order.version)
    assert refused.value.field == "authority"
    nobody = backend.orders.save(form(authority=""))
    with pytest.raises(Invalid) as refused:
        backend.orders.submit(nobody.id, nobody.version)
    assert refused.value.field == "authority"
    with pytest.raises(Invalid):
        saved(backend, authority="nowhere")


def test_resources_are_associated_when_the_order_is_done(backend) -> None:
    local_authority(backend)
    lb, gone = resource(backend, "lb-west"), resource(backend, "lb-east")
    order = saved(backend, resource_ids=(lb.row.id, gone.row.id))
    backend.resources.remove(gone.row.id, gone.row.version)
    order = backend.orders.generate(order.id, order.version)
    order = backend.orders.edit(order.id, order.version, replace(order.form, resource_ids=(lb.row.id,)))
    done = backend.orders.submit(order.id, order.version)
    entry = backend.certificates.get(done.row.certificate_id)
    assert [one.name for one in entry.resources] == ["lb-west"]
    assert "lb-west" in done.steps[-1].text


def test_a_renewal_knows_what_it_renews(backend) -> None:
    local_authority(backend)
    old = added(backend, "old.example.com")
    order = complete(backend, renews_id=old.id)
    entry = backend.certificates.get(order.row.certificate_id)
    assert [(one.id, one.relation) for one in entry.lineage] == [(old.id, "renewed"), (entry.id, "this")]


def test_an_entry_of_an_order_that_runs_is_not_deleted(backend) -> None:
    local_authority(backend)
    order = pending(backend)
    entry = backend.certificates.get(order.row.certificate_id)
    with pytest.raises(Conflict) as refused:
        backend.certificates.delete(entry.id, entry.version)
    assert f"Order {order.id}" in refused.value.message
    outcome = backend.certificates.delete_many([(entry.id, entry.version)])
    assert outcome.done == ()
    assert "Cancel" in outcome.skipped[0][1] or f"Order {order.id}" in outcome.skipped[0][1]


@pytest.mark.parametrize("many", [False, True])
def test_a_draft_ends_with_its_entry(backend, many) -> None:
    local_authority(backend)
    order = saved(backend)
    entry = backend.certificates.get(order.row.certificate_id)
    if many:
        backend.certificates.delete_many([(entry.id, entry.version)])
    else:
        backend.certificates.delete(entry.id, entry.version)
    ended = backend.orders.get(order.id)
    assert (ended.row.status, ended.row.certificate_id) == (OrderStatus.CANCELLED, None)


def test_labels_that_are_edited_on_the_entry_are_those_of_the_order(backend) -> None:
    local_authority(backend)
    order = saved(backend)
    entry = backend.certificates.get(order.row.certificate_id)
    backend.certificates.edit(entry.id, entry.version, CertificateEdit(name="till", business_group="pay"))
    order = backend.orders.get(order.id)
    assert (order.row.name, order.row.business_group) == ("till", "pay")
    done = backend.orders.submit(order.id, order.version)
    assert backend.certificates.get(done.row.certificate_id).row.name == "till"


def test_orders_are_listed_filtered_and_sorted(backend, harness) -> None:
    local_authority(backend)
    external_authority(backend)
    done = complete(backend, "a.example.com", labels=Labels(business_group="web"))
    harness.clock.advance(days=1)
    waiting = complete(backend, "b.example.com", "globex")
    draft = saved(backend, "c.example.com")
    assert rows(backend, "status:complete") == [done.id]
    assert rows(backend, "type:external") == [waiting.id]
    assert rows(backend, "authority:internal group:web") == [done.id]
    assert sorted(rows(backend, "open")) == [waiting.id, draft.id]
    assert rows(backend, "b.exam") == [waiting.id]
    assert sorted(rows(backend, "by:ada internal")) == [done.id, draft.id]
    assert rows(backend, "san:a.*") == [done.id]
    newest = backend.orders.search(Query("", Sort("created", descending=True))).rows(0, 5)
    assert newest[-1].id == done.id
    with pytest.raises(Invalid):
        backend.orders.search(Query("status:nonsense"))


def test_the_overview_counts_and_names_whom_to_ask(backend) -> None:
    empty = backend.orders.overview()
    assert empty.authorities == ()
    assert "admin" in empty.may_add_authority
    local_authority(backend)
    saved(backend)
    complete(backend, "b.example.com")
    overview = backend.orders.overview()
    assert (overview.authorities, overview.may_add_authority) == (("internal",), "")
    assert {name: count for name, count in overview.counts.items() if count} == {"draft": 1, "complete": 1}


def test_orders_are_found_by_id_and_name_open_ones_first(backend) -> None:
    local_authority(backend)
    done = complete(backend)
    assert backend.orders.resolve(NAME) == done.id
    draft = saved(backend)
    assert backend.orders.resolve(NAME) == draft.id
    assert backend.orders.resolve(str(done.id)) == done.id
    saved(backend)
    with pytest.raises(Ambiguous):
        backend.orders.resolve(NAME)
    with pytest.raises(NotFound):
        backend.orders.resolve("nothing")
    with pytest.raises(NotFound):
        backend.orders.get(4711)


def test_a_preview_says_what_would_be_asked_and_changes_nothing(backend) -> None:
    local_authority(backend)
    before = backend.audit.head()
    preview = backend.orders.preview(form(days=30))
    shown = {line.label: line.text for line in preview.lines}
    assert (shown["Issuing CA"], shown["SAN"], shown["Key"]) == ("Issuing", f"DNS:{NAME}", "ec-256")
    assert shown["Validity"].startswith("30 days")
    assert (preview.problems, preview.findings) == ((), ())
    assert backend.audit.head() == before


def test_a_preview_says_what_the_limits_of_the_ca_would_refuse(backend) -> None:
    narrow = backend.cas.create_root(spec("Narrow Root", permitted=("DNS:example.org",)))
    ca = backend.cas.create_intermediate(narrow.row.id, spec("Below Narrow", path_length=0))
    backend.authorities.add(AuthorityForm(name="narrow", type=AuthorityType.LOCAL, settings={"ca": ca.row.name}))
    refused = [line for line in backend.orders.preview(form(authority="narrow")).lines if line.mark == "problem"]
    assert [line.label for line in refused] == ["Would be refused"]
    assert "name constraints" in refused[0].text
    fitting = form("a.example.org", authority="narrow")
    assert not [line for line in backend.orders.preview(fitting).lines if line.mark == "problem"]


def test_a_preview_says_that_no_name_would_be_matched(backend) -> None:
    external_authority(backend)
    lines = backend.orders.preview(form("Payment Service", authority="globex")).lines
    assert [line.text for line in lines if line.label == "SAN"] == ["none: clients match names by SANs alone"]


def test_a_preview_tells_what_stands_in_the_way(backend) -> None:
    assert len(backend.orders.preview(OrderForm()).problems) == 2
    local_authority(backend)
    with pytest.raises(Invalid) as refused:
        backend.orders.preview(form(days=5000))
    assert refused.value.field == "days"
    with pytest.raises(Invalid) as refused:
        backend.orders.preview(form(authority="nowhere"))
    assert refused.value.field == "authority"


def test_a_change_of_an_order_is_in_the_feed(backend) -> None:
    local_authority(backend)
    seq = backend.feed.latest()
    order = complete(backend)
    changes = [change for change in backend.feed.since(seq) if change.object_kind == "order"]
    assert {change.object_ids for change in changes} == {(order.id,)}
    assert changes[-1].event == "order.complete.success"
