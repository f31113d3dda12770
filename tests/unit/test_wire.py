"""What travels comes back as it was, and what is not as it should be is named by its place."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certtui import errors
from certtui.backend import wire, wire_forms
from certtui.backend.wire_errors import STATUS, error_of, problem_of, status_of
from certtui.errors import Invalid
from certtui.model import (
    access,
    alert,
    audit,
    authority,
    ca,
    certificate,
    chain,
    channel,
    csr,
    local_ca,
    order,
    policy,
    resource,
    revocation,
    revocation_plan,
    work,
)
from certtui.model.filters import FilterError
from certtui.model.secret import Secret
from certtui.model.x509 import X509Facts
from tests.certs import make_cert

UTC = timezone.utc

NOUNS: list[Any] = [
    certificate.CertificateRow, certificate.Certificate, certificate.CertificateRecord, certificate.Overview,
    certificate.Exported, certificate.ExportRequest, certificate.ReplacementPlan, certificate.BulkOutcome,
    certificate.AddOutcome, certificate.KnownCertificate, certificate.CertificateEdit, chain.ChainReport, csr.SavedCsr,
    csr.CsrRequest, resource.Resource, resource.ResourceForm, resource.ResourceRow, audit.AuditEvent, audit.AuditHead,
    audit.AuditVerification, audit.Change, access.TokenForm, access.TokenInfo, access.NewToken,
    access.CertificateMapping, X509Facts, wire_forms.ServerInfo, wire_forms.AddBody, wire_forms.EditManyBody,
    wire_forms.RecordsBody, wire_forms.MappingBody, wire_forms.ListingState, wire_forms.MakeCaBody,
    wire_forms.RollOverBody, wire_forms.DryRunBody, wire_forms.SnoozeManyBody, wire_forms.ThresholdsBody,
    order.OrderForm, order.OrderRow, order.Order, order.OrderPreview, order.OrdersOverview, authority.AuthorityTypeInfo,
    authority.AuthorityForm, authority.AuthorityRow, authority.Authority, authority.AuthorityTest, local_ca.CaRow,
    local_ca.Ca, local_ca.CaSettings, local_ca.CrlInfo, local_ca.LivingCertificate, ca.CaSpec, work.WorkStatus,
    revocation.RevocationForm, revocation_plan.RevocationPlan, policy.PolicyRow, policy.Policy, policy.PolicyForm,
    policy.PolicyDryRun, policy.PolicySubject, policy.PolicySet, policy.WaiverForm, policy.PolicyWaiver,
    alert.AlertRow, alert.Alert, alert.AlertCounts, alert.SweepReport, alert.Thresholds, channel.ChannelForm,
    channel.Channel, channel.Delivery, channel.DeliveryResult, channel.Calendar,
]  # fmt: skip

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
INSTANTS = st.datetimes(
    datetime(1, 1, 2),
    datetime(9999, 12, 30),
    timezones=st.just(UTC),
).map(lambda at: at.replace(microsecond=0))


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Any value of a type that travels."""
    if wire.is_noun(kind):
        return st.builds(kind, **{name: values(hint) for name, hint in wire.hints(kind).items()})
    simple = {
        str: TEXT, int: st.integers(-wire.LARGEST, wire.LARGEST), bool: st.booleans(), datetime: INSTANTS,
        bytes: st.binary(), float: st.integers(0, 10**9).map(lambda each: each / 1000), Secret: st.binary().map(Secret),
    }  # fmt: skip
    if kind in simple:
        return simple[kind]
    if isinstance(kind, type):
        return st.sampled_from(kind)
    if inner := wire.optional(kind):
        return st.none() | values(inner)
    if chosen := wire.variants(kind):
        return st.one_of(*map(values, chosen.values()))
    if item := wire.item_of(kind):
        return st.lists(values(item), max_size=3).map(tuple)
    arguments = wire.get_args(kind)
    if wire.get_origin(kind) is dict:
        return st.dictionaries(TEXT, values(arguments[1]), max_size=3)
    return st.tuples(*map(values, arguments))


@pytest.mark.parametrize("kind", NOUNS, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_every_noun_comes_back_as_it_was(kind: Any, data: st.DataObject) -> None:
    value = data.draw(values(kind))
    text = wire.dumps(value)
    assert text.isascii()
    assert wire.loads(kind, text, strict=True) == value


def test_times_are_whole_seconds_in_utc_whatever_the_zone() -> None:
    at = datetime(2026, 5, 1, 12, 0, 0, 999, tzinfo=timezone(timedelta(hours=2)))
    assert wire.dumps(at) == b'"2026-05-01T10:00:00Z"'
    assert wire.loads(datetime, '"2026-05-01T12:00:00.5+02:00"') == datetime(2026, 5, 1, 10, tzinfo=UTC)


def test_a_role_travels_by_its_name() -> None:
    assert json.loads(wire.dumps(access.OWNER))["role"] == "admin"


def test_what_has_a_default_may_be_missing() -> None:
    form = wire.loads(access.TokenForm, '{"actor": "ada", "access": {"role": "viewer"}}', strict=True)
    assert form == access.TokenForm("ada", access.Access(access.Role.VIEWER))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ('{"access": {"role": "viewer"}}', "actor"),
        ('{"actor": 1, "access": {"role": "viewer"}}', "actor"),
        ('{"actor": "a", "access": {"role": "boss"}}', "access.role"),
        ('{"actor": "a", "access": {"role": "viewer", "groups": ["x", 2]}}', "access.groups[1]"),
        ('{"actor": "a", "access": {"role": "viewer", "export_keys": 1}}', "access.export_keys"),
        ('{"actor": "a", "access": {"role": "viewer"}, "expires_at": "tomorrow"}', "expires_at"),
        ('{"actor": "a", "access": {"role": "viewer"}, "expires_at": "2026-01-01T00:00:00"}', "expires_at"),
        ('{"actor": "a", "access": []}', "access"),
        ('{"actor": "a", "access": {"role": "viewer"}, "admin": true}', "admin"),
        ('{"actor": "\\ud800", "access": {"role": "viewer"}}', "actor"),
        ("[]", ""),
        ("{", ""),
        ("NaN", ""),
        ("[" * 100_000, ""),
        ("", ""),
    ],
)
def test_what_is_wrong_is_named_by_its_place(body: str, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        wire.loads(access.TokenForm, body, strict=True)
    assert caught.value.field == field
    assert caught.value.message.endswith(".")


@pytest.mark.parametrize(
    "body", ['{"ids": [true]}', '{"ids": [1.0]}', '{"ids": ["1"]}', '{"ids": [9223372036854775808]}', '{"ids": {}}']
)
def test_a_number_is_a_whole_one_that_the_store_can_hold(body: str) -> None:
    with pytest.raises(Invalid):
        wire.loads(wire_forms.RecordsBody, body, strict=True)


def test_a_newer_servers_fields_are_left_out_by_an_older_client() -> None:
    assert wire.loads(audit.AuditHead, '{"seq": 1, "hash": "ab", "signature": "new"}') == audit.AuditHead(1, "ab")


def test_no_fact_of_a_certificate_to_add_travels() -> None:
    made = make_cert("www.example.com")
    new = certificate.NewCertificate(made.facts, key=made.key_facts)
    sent = json.loads(wire.dumps(wire_forms.uploads([new])))["certificates"][0]
    words = {"leaf", "chain", "key", "labels", "source", "csr_id", "reason", "pem", "password", "repository_id"}
    assert set(sent) == words


FINDING = policy.PolicyFinding(3, "internal", "digests", "hard", "SHA-1 is not allowed.", "Not here.")

ERRORS = [
    errors.NotFound("Gone.", "Look."),
    errors.Ambiguous("Two.", ((1, "a"), (2, "b")), "Use the id."),
    errors.Conflict("Moved."),
    errors.Denied("No.", "Ask."),
    errors.Invalid("Wrong.", "Right it.", field="a.b[0]"),
    errors.Invalid("Wrong."),
    errors.PasswordNeeded("Needed.", "Give it.", wrong=True),
    errors.PolicyRefused("No SHA-1.", "Use SHA-256.", findings=(FINDING,)),
    errors.ReasonNeeded("Long lived.", "Say why.", findings=(FINDING, replace(FINDING, waiver_id=7))),
    FilterError("What?", "So.", start=2, end=5),
    errors.Unreachable("Away."),
    errors.Unsupported("Can't."),
    errors.Locked("Locked."),
    errors.Interrupted("Broken off."),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_comes_back_as_what_it_was(error: errors.CerttuiError) -> None:
    back = error_of(json.loads(json.dumps(problem_of(error))), status_of(error))
    assert type(back) is type(error)
    assert vars(back) == vars(error)


def test_every_class_of_the_family_has_its_status() -> None:
    family = {
        each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.CerttuiError)
    }
    assert family <= set(STATUS)


@given(st.dictionaries(st.sampled_from(["type", "detail", "hint", "field", "candidates", "start", "wrong"]),
                       st.none() | st.integers() | st.text() | st.lists(st.lists(st.integers() | st.text()))),
       st.integers(0, 999))  # fmt: skip
def test_whatever_a_stranger_answers_is_some_error_of_ours(problem: dict[str, Any], status: int) -> None:
    assert isinstance(error_of(problem, status), errors.CerttuiError)
