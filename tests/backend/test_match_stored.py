"""*Does this belong together?* for what is stored: by hashes of public keys, over every backend; no key is opened."""

from __future__ import annotations

from datetime import timedelta

import pytest

from certtui import given_stored
from certtui.backend.base import Backend
from certtui.backend.inspect import SourceFile
from certtui.errors import Invalid, NotFound
from certtui.model.match import MatchReport, with_validity
from certtui.model.revocation import RevocationForm
from certtui.pki.inspector import Inspector
from tests.backend.entries import add, added, cert
from tests.backend.filing import container, secret
from tests.certs import make_chain

INSPECT = Inspector()


def judged(backend: Backend, *names: str, files: dict[str, bytes] | None = None, days: int = 0) -> MatchReport:
    """The answer for stored things and files, so many days later."""
    stored = {name: given_stored.read(backend, INSPECT, name) for name in names}
    materials = [one.material for one in stored.values()]
    materials += [INSPECT.read(SourceFile(path, data)) for path, data in (files or {}).items()]
    return with_validity(
        INSPECT.match(materials, [part for one in stored.values() for part in one.parts]),
        backend.certificates.overview().as_of + timedelta(days=days),
        more=[said for one in stored.values() for said in one.unfit],
        judged=[name for name, one in stored.items() if one.judged],
    )


def keys_opened(backend: Backend) -> list[str]:
    from certtui.model.query import Query

    rows = backend.audit.search(Query("")).rows(0, 200)
    return [row.event for row in rows if "key" in row.event or "fetch" in row.event]


def test_a_stored_certificate_and_its_key_belong_together_and_a_file_of_another_does_not(backend: Backend) -> None:
    page = added(backend, "a.example.com", key=True)
    report = judged(backend, "cert:a.example.com")
    assert (report.good, [part.kind for part in report.parts]) == (True, ["certificate", "key"])
    assert report.summary == "They belong together: certificate, private key."
    assert judged(backend, f"cert:{page.id}", files={"own.key": cert("a.example.com").key_pem}).good
    report = judged(backend, f"cert:{page.id}", files={"other.key": cert("b.example.com", number=7).key_pem})
    assert [(part.path, part.kind) for part in report.parts if not part.ok] == [("other.key", "key")]
    assert report.summary.startswith("The private key does not belong to the certificate “a.example.com”")
    assert keys_opened(backend) == []


def test_a_stored_key_is_the_part_that_is_wrong_beside_another_certificate(backend: Backend) -> None:
    added(backend, "a.example.com", key=True)
    report = judged(backend, "cert:a.example.com", files={"b.crt": cert("b.example.com", number=7).pem})
    assert not report.matches
    assert [part.path for part in report.parts if not part.ok] == ["b.crt"]


def test_what_is_out_of_its_time_belongs_together_and_is_not_good(backend: Backend) -> None:
    added(backend, "a.example.com", key=True)
    report = judged(backend, "cert:a.example.com", days=4000)
    assert report.matches
    assert not report.good
    assert report.unfit[0].startswith("The certificate “a.example.com” in cert:a.example.com expired")


def test_a_revoked_one_is_not_good(backend: Backend) -> None:
    page = added(backend, "a.example.com", key=True)
    assert page.x509 is not None
    backend.certificates.revoke(page.id, page.version, RevocationForm(page.x509.serial_number))
    report = judged(backend, "cert:a.example.com")
    assert report.matches
    assert report.unfit == ("The certificate a.example.com is revoked.",)


def test_stored_secrets_are_compared_by_their_public_keys(backend: Backend) -> None:
    one, other = cert("a.example.com"), cert("b.example.com", number=7)
    added(backend, "a.example.com")
    secret(backend, "own", "private", one.key_pem)
    secret(backend, "foreign", "private", other.key_pem)
    secret(backend, "leaf", "certificate", one.pem)
    secret(backend, "sealed", "private", one.encrypted_key_pem(b"secret"))
    assert judged(backend, "cert:a.example.com", "secret:own", "secret:leaf").good
    assert judged(backend, "secret:own", "secret:leaf").good
    report = judged(backend, "secret:leaf", "secret:foreign")
    assert [part.path for part in report.parts if not part.ok] == ["secret:foreign"]
    report = judged(backend, "cert:a.example.com", "secret:sealed")
    assert "kept under a passphrase of its own" in report.summary
    report = judged(backend, "secret:own", "secret:leaf", days=4000)
    assert report.unfit
    assert report.unfit[0].startswith("The certificate leaf in secret:leaf expired")
    assert keys_opened(backend) == []


def test_a_container_is_judged_by_its_parts_and_its_own_check(backend: Backend) -> None:
    leaf, issuing, _ = make_chain("a.example.com")
    page = add(backend, leaf, key=True)
    container(backend, page.id, name="web")
    report = judged(backend, "container:web")
    assert report.matches
    (said,) = report.unfit
    assert said.startswith("container:web, intermediates: ")
    assert issuing.facts.subject in said
    report = judged(backend, "container:web", files={"b.key": cert("b.example.com", number=7).key_pem})
    assert [part.path for part in report.parts if not part.ok] == ["b.key"]


def test_what_has_no_key_and_what_is_not_there_say_so(backend: Backend) -> None:
    secret(backend, "words")
    with pytest.raises(Invalid, match="of type passphrase"):
        given_stored.read(backend, INSPECT, "secret:words")
    with pytest.raises(Invalid, match="names nothing"):
        given_stored.read(backend, INSPECT, "cert:")
    for name in ("cert:none", "secret:none", "container:none"):
        with pytest.raises(NotFound):
            given_stored.read(backend, INSPECT, name)
