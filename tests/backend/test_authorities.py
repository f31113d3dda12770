"""CA profiles: added, changed, tried and removed."""

from __future__ import annotations

import json

import pytest

from certtui.errors import Ambiguous, Conflict, Invalid, NotFound
from certtui.model.authority import AuthorityForm, AuthorityType
from certtui.model.order import OrderStatus
from certtui.model.query import Query
from certtui.model.secret import Secret
from tests.backend.cas import intermediate, root
from tests.backend.entries import events
from tests.backend.issuing import complete, external_authority, form, local_authority, saved


def names(backend, text: str = "") -> list[str]:
    return [row.name for row in backend.authorities.search(Query(text)).rows(0, 20)]


def test_the_types_say_what_each_is_and_offer_the_cas_that_can_issue(backend) -> None:
    intermediate(backend, root(backend))
    by_type = {info.type: info for info in backend.authorities.types()}
    assert set(by_type) == set(AuthorityType)
    fields = {field.key: field for field in by_type[AuthorityType.LOCAL].fields}
    assert set(fields["ca"].choices) == {"Issuing", "Root"}
    assert fields["ca"].required
    assert all(field.label and info.description for info in by_type.values() for field in info.fields)


def test_a_profile_is_listed_with_its_ca_and_its_open_orders(backend) -> None:
    authority = local_authority(backend)
    assert (authority.row.summary, authority.row.enabled, authority.settings["ca"]) == ("Issuing", True, "Issuing")
    saved(backend)
    complete(backend, "b.example.com")
    [row] = backend.authorities.search(Query()).rows(0, 5)
    assert (row.name, row.open_orders, row.tested_at) == ("internal", 1, None)
    assert events(backend).count("authority.create.success") == 1


def test_profiles_are_filtered_and_found_by_name(backend) -> None:
    local = local_authority(backend)
    external_authority(backend, contact="pki@globex.example")
    assert names(backend, "type:external") == ["globex"]
    assert names(backend, "globex.example") == ["globex"]
    assert names(backend, "enabled:no") == []
    assert sorted(names(backend)) == ["globex", "internal"]
    assert backend.authorities.resolve("INTERNAL") == local.row.id
    assert backend.authorities.resolve(str(local.row.id)) == local.row.id
    with pytest.raises(NotFound):
        backend.authorities.resolve("nothing")
    with pytest.raises(NotFound):
        backend.authorities.get(4711)


def test_a_name_that_is_another_ones_number_is_ambiguous(backend) -> None:
    first = local_authority(backend)
    external_authority(backend, str(first.row.id))
    with pytest.raises(Ambiguous):
        backend.authorities.resolve(str(first.row.id))


@pytest.mark.parametrize(
    ("kind", "settings", "field"),
    [
        (AuthorityType.LOCAL, {}, "ca"),
        (AuthorityType.LOCAL, {"ca": "nowhere"}, "ca"),
        (AuthorityType.LOCAL, {"ca": "Issuing", "templates": "kiosk days=0"}, "templates"),
        (AuthorityType.LOCAL, {"ca": "Issuing", "offered": "nothing"}, "offered"),
        (AuthorityType.LOCAL, {"ca": "Issuing", "template": "nothing"}, "template"),
        (AuthorityType.EXTERNAL, {"reminder_days": "soon"}, "reminder_days"),
        (AuthorityType.EXTERNAL, {"colour": "blue"}, "colour"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_by_its_name(backend, kind, settings, field) -> None:
    intermediate(backend, root(backend))
    with pytest.raises(Invalid) as refused:
        backend.authorities.add(AuthorityForm(name="x", type=kind, settings=settings))
    assert refused.value.field == field
    assert names(backend) == []


def test_a_profile_needs_a_name_of_its_own_and_a_type(backend) -> None:
    external_authority(backend)
    with pytest.raises(Conflict):
        external_authority(backend, "Globex")
    for wrong, field in ((AuthorityForm(name="x"), "type"), (AuthorityForm(type=AuthorityType.EXTERNAL), "name")):
        with pytest.raises(Invalid) as refused:
            backend.authorities.add(wrong)
        assert refused.value.field == field


def test_the_type_is_fixed_and_secrets_that_no_one_knows_are_refused(backend) -> None:
    authority = external_authority(backend)
    with pytest.raises(Invalid) as refused:
        backend.authorities.edit(authority.row.id, authority.row.version, AuthorityForm(type=AuthorityType.LOCAL))
    assert refused.value.field == "type"
    with pytest.raises(Invalid) as refused:
        backend.authorities.edit(
            authority.row.id, authority.row.version, AuthorityForm(secrets={"password": Secret("x")})
        )
    assert refused.value.field == "password"


def test_an_edit_changes_what_it_names_and_leaves_the_rest(backend) -> None:
    authority = external_authority(backend, contact="a@example.com", reminder_days="9")
    changed = backend.authorities.edit(
        authority.row.id,
        authority.row.version,
        AuthorityForm(description="by mail", settings={"contact": "b@example.com"}),
    )
    assert changed.settings == {"contact": "b@example.com", "reminder_days": "9"}
    assert (changed.description, changed.row.summary) == ("by mail", "b@example.com")
    with pytest.raises(Conflict):
        backend.authorities.edit(authority.row.id, authority.row.version, AuthorityForm(enabled=False))


def test_disabling_stops_new_orders_and_not_those_under_way(backend) -> None:
    from tests.backend.issuing import signed

    authority = external_authority(backend)
    order = complete(backend, authority="globex")
    backend.authorities.edit(authority.row.id, authority.row.version, AuthorityForm(enabled=False))
    assert backend.orders.overview().authorities == ()
    assert "disabled" in " ".join(backend.orders.preview(form(authority="globex")).problems)
    done = backend.orders.complete(order.id, order.version, signed(order.csr_pem))
    assert done.row.status is OrderStatus.COMPLETE


def test_a_renamed_profile_keeps_its_open_orders(backend) -> None:
    authority = local_authority(backend)
    order = saved(backend)
    backend.authorities.edit(authority.row.id, authority.row.version, AuthorityForm(name="intranet"))
    order = backend.orders.get(order.id)
    assert (order.row.authority, order.form.authority) == ("intranet", "intranet")
    assert backend.orders.submit(order.id, order.version).row.status is OrderStatus.COMPLETE


def test_a_test_looks_at_everything_and_its_answer_is_kept(backend) -> None:
    authority = local_authority(backend)
    test = backend.authorities.test(authority.row.id)
    assert test.ok
    assert [line.label for line in test.lines] == ["Issuing CA", "Its key", "Templates"]
    kept = backend.authorities.get(authority.row.id)
    assert (kept.row.test_ok, kept.last_test) == (True, test.lines)
    assert kept.row.tested_at is not None


def test_a_test_of_a_profile_whose_ca_is_retired_says_so(backend) -> None:
    ca = intermediate(backend, root(backend))
    authority = local_authority(backend, ca=ca.row.name)
    backend.cas.retire(ca.row.id, backend.cas.get(ca.row.id).row.version)
    test = backend.authorities.test(authority.row.id)
    assert not test.ok
    assert "retired" in test.lines[0].text
    order = saved(backend)
    with pytest.raises(Conflict):
        backend.orders.submit(order.id, order.version)


def test_a_test_of_folders_says_what_is_missing(backend, tmp_path) -> None:
    authority = external_authority(backend, watch_folder=str(tmp_path / "nowhere"), out_folder=str(tmp_path))
    lines = {line.label: line.ok for line in backend.authorities.test(authority.row.id).lines}
    assert lines == {"Contact": True, "Folder for CSRs": True, "Watched folder": False}


def test_a_removed_profile_leaves_its_name_with_what_it_issued(backend) -> None:
    authority = local_authority(backend)
    order = complete(backend)
    profile = backend.authorities.get(authority.row.id)
    backend.authorities.remove(profile.row.id, profile.row.version)
    assert names(backend) == []
    kept = backend.orders.get(order.id)
    assert (kept.row.authority, kept.row.status) == ("internal", OrderStatus.COMPLETE)
    assert events(backend)[-1] == "authority.delete.success"


def test_templates_of_the_profile_decide_what_can_be_ordered(backend) -> None:
    local_authority(
        backend,
        offered="kiosk",
        template="kiosk",
        templates="kiosk days=9 max_days=20 keys=ec-384 usages=clientAuth san=no",
    )
    [authority] = [backend.authorities.get(row.id) for row in backend.authorities.search(Query()).rows(0, 5)]
    assert authority.capabilities.templates == ("kiosk",)
    assert (authority.capabilities.default_days, authority.capabilities.key_types) == (9, ("ec-384",))
    order = complete(backend)
    leaf = backend.certificates.get(order.row.certificate_id).x509
    assert (leaf.key_algorithm, (leaf.not_after - leaf.not_before).days) == ("ec-384", 8)
    with pytest.raises(Invalid) as refused:
        complete(backend, template="server")
    assert refused.value.field == "template"


def test_registrations_at_acme_dns_are_taken_in_and_are_no_secret_of_the_profile(backend) -> None:
    account = {"username": "u", "password": "p4ssw0rd", "subdomain": "s1", "fulldomain": "s1.auth.example.org"}
    text = Secret(
        json.dumps(
            {"example.com": account, "example.net": {**account, "subdomain": "s2", "fulldomain": "s2.auth.example.org"}}
        )
    )
    made = AuthorityForm(
        "le",
        AuthorityType.ACME,
        settings={"dns": "acme-dns", "acmedns_url": "https://Auth.example.org/"},
        secrets={"acmedns_import": text},
    )
    authority = backend.authorities.add(made)
    assert authority.settings["acmedns_url"] == "https://auth.example.org"
    assert authority.secrets_set == ()
    panel = {line.label: line.text for line in authority.panel}
    assert (panel["Tech zone"], panel["Registered"]) == ("auth.example.org", "2 names")
    assert events(backend).count("authority.name.registered") == 2
    # One is replaced, one forgotten.
    again = Secret(
        json.dumps(
            {"example.com": {**account, "subdomain": "s3", "fulldomain": "s3.auth.example.org"}, "example.net": None}
        )
    )
    authority = backend.authorities.edit(
        authority.row.id, authority.row.version, AuthorityForm(secrets={"acmedns_import": again})
    )
    assert {line.label: line.text for line in authority.panel}["Registered"] == "1 name"
    with pytest.raises(Invalid) as met:
        backend.authorities.edit(
            authority.row.id, authority.row.version, AuthorityForm(secrets={"acmedns_import": Secret("{}x")})
        )
    assert met.value.field == "acmedns_import"


def test_options_of_a_dns_provider_are_kept_in_one_writing_and_hold_no_secret(backend) -> None:
    settings = {"dns": "lexicon", "tech_zone": "acme.example.net", "lexicon_provider": "PowerDNS"}
    options = "--pdns-server = https://dns.example.net\n\nttl=60"
    made = AuthorityForm("le", AuthorityType.ACME, settings={**settings, "lexicon_options": options})
    authority = backend.authorities.add(made)
    assert authority.settings["lexicon_provider"] == "powerdns"
    assert authority.settings["lexicon_options"] == "pdns_server=https://dns.example.net\nttl=60"
    for wrong, field in (
        ({"lexicon_provider": "nobody"}, "lexicon_provider"),
        ({"lexicon_options": "auth_token=x"}, "lexicon_options"),
    ):
        with pytest.raises(Invalid) as met:
            backend.authorities.edit(authority.row.id, authority.row.version, AuthorityForm(settings=wrong))
        assert met.value.field == field
