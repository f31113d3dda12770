"""The names of audit events (DESIGN 8): each is written by its act, on every backend, and nothing writes a name that is not listed."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from certtui.backend.local import events as names
from certtui.errors import PolicyRefused
from certtui.model.certificate import CertificateEdit, ExportForm, ExportRequest
from certtui.model.policy import PolicyScope
from certtui.model.revocation import RevocationForm
from certtui.model.secret import Secret
from tests.backend.entries import add, added, cert, new
from tests.backend.issuing import complete, csr, external_authority, local_authority
from tests.backend.test_policies import policy
from tests.certs import make_chain

Act = Callable[[Any], object]  # Any: whichever backend


def automated(backend) -> None:
    local_authority(backend)
    complete(backend)


def by_csr(backend) -> None:
    local_authority(backend)
    complete(backend, csr=csr())


def external(backend) -> None:
    external_authority(backend)
    complete(backend, authority="globex")


def refused(backend) -> None:
    policy(backend, "keys", "hard", scope=PolicyScope(("import",)))
    with suppress(PolicyRefused):
        add(backend, cert("weak.example.com", kind="rsa-1024"))


def passed_with_a_word(backend) -> None:
    policy(backend, "keys", "soft", scope=PolicyScope(("import",)))
    weak = new(cert("weak.example.com", kind="rsa-1024"))
    backend.certificates.add([replace(weak, reason="the old box goes in May")])


def exported(form: ExportForm) -> Act:
    def act(backend) -> None:
        page = added(backend, key=True)
        password = Secret("correct horse") if form is ExportForm.PFX else None
        backend.certificates.export(page.id, ExportRequest(form, password=password))

    return act


def revoked(backend) -> None:
    page = backend.certificates.get(add(backend, make_chain()[0]).id)
    backend.certificates.revoke(page.id, page.version, RevocationForm(page.x509.serial_number))


def told(backend) -> None:
    page = backend.certificates.get(add(backend, make_chain()[0]).id)
    after = backend.certificates.revoke(page.id, page.version, RevocationForm(page.x509.serial_number))
    backend.certificates.note_authority_told(after.id, after.version)


def edited(backend) -> None:
    page = added(backend)
    backend.certificates.edit(page.id, page.version, CertificateEdit(description="new"))


ACTS: tuple[tuple[str, Act], ...] = (
    ("certificate.request_automated.submitted", automated),
    ("certificate.request_csr.submitted", by_csr),
    ("certificate.request_csr.submitted", external),
    ("certificate.view.accessed", lambda backend: backend.certificates.record_view(added(backend).id)),
    ("certificate.download.success", exported(ExportForm.PEM)),
    ("certificate.download_pfx.success", exported(ExportForm.PFX)),
    ("certificate.revoke.requested", lambda backend: backend.certificates.plan_revocation(added(backend).id)),
    ("certificate.revoke.confirmed", revoked),
    ("certificate.revoke.told_by_person", told),
    ("certificate.policy_hard_fail", refused),
    ("certificate.policy_soft_fail", passed_with_a_word),
    ("certificate.edit.success", edited),
)


@pytest.mark.parametrize(("name", "act"), ACTS, ids=lambda value: value if isinstance(value, str) else value.__name__)
def test_an_act_writes_its_event_once(backend, name: str, act: Act) -> None:
    act(backend)
    head = backend.audit.head().seq
    found = [event for event in map(backend.audit.get, range(1, head + 1)) if event.event == name]
    assert len(found) == 1
    (event,) = found
    assert event.object_kind == "certificate"
    assert event.object_name
    assert isinstance(json.loads(event.detail or "{}"), dict)
    assert "ada" in event.actor
    assert backend.audit.verify().first_broken is None


def test_an_export_of_the_key_alone_is_a_download_that_is_on_record(backend) -> None:
    page = added(backend, key=True)
    before = backend.audit.head().seq
    backend.certificates.export(page.id, ExportRequest(ExportForm.KEY, password=Secret("correct horse")))
    assert backend.audit.head().seq == before + 1


def test_every_name_is_listed_once_and_in_one_style() -> None:
    listed = [value for key, value in vars(names).items() if key.isupper() and isinstance(value, str)]
    assert len(set(listed)) == len(listed)
    for name in listed:
        parts = name.removesuffix(".").split(".")
        assert all(part.replace("_", "").isalpha() and part.islower() for part in parts), name
        assert len(parts) >= 2 or name.endswith("."), name
    assert set(listed) >= names.NOT_CHANGES
