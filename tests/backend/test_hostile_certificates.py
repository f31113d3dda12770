"""Certificates written by strangers: stored as they are, found, and no harm to the store."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certtui.backend.local.certificate_values import joined, split
from certtui.model.certificate import NewCertificate
from certtui.model.query import Query
from certtui.pki.facts import x509_facts
from tests import hostile

CERTIFICATES = {
    "escape sequences": hostile.clipboard_cert,
    "markup": hostile.markup_cert,
    "5,000 names": hostile.many_names_cert,
    "explicit curve": hostile.explicit_ec_cert,
    "DSA": hostile.dsa_cert,
}


@pytest.mark.parametrize("make", CERTIFICATES.values(), ids=CERTIFICATES)
def test_a_hostile_certificate_comes_back_as_it_is(backend, make, store) -> None:
    facts = x509_facts(make())
    outcome = backend.certificates.add([NewCertificate(facts)])[0]
    assert backend.certificates.get(outcome.id).x509 == facts
    assert [row.id for row in backend.certificates.search(Query()).rows(0, 5)] == [outcome.id]
    assert backend.certificates.records([outcome.id])[0].sans == facts.sans
    assert all(one.ok for one in store.check())


@given(st.lists(st.text(alphabet=st.sampled_from("a\n\x10n: "), min_size=1), max_size=5))
def test_names_with_line_breaks_come_back_exactly(sans: list[str]) -> None:
    assert split(joined(sans)) == tuple(sans)
    assert joined(sans).count("\n") == max(0, len(sans) - 1)
