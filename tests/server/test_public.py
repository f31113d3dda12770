"""What strangers fetch of the built-in PKI: with curl and openssl as they do, and with what they should not send."""

from __future__ import annotations

import subprocess
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import ocsp

from certtui.clock import FixedClock
from certtui.model.local_ca import Ca, CaSettings
from certtui.server.routes import public
from certtui.server.settings import Settings
from tests.backend import cas
from tests.backend.cas import IssuedHere
from tests.certs import NOW
from tests.server_process import Running, running


@dataclass
class Published:
    """A server with a CA, what it issued, and somebody who knows only its address."""

    server: Running
    clock: FixedClock
    ca: Ca
    leaf: IssuedHere
    anybody: httpx.Client

    def request(self, serial: int | None = None) -> ocsp.OCSPRequestBuilder:
        """A question about the leaf, or about another serial of its CA."""
        issuer = x509.load_der_x509_certificate(self.server.backend.cas.certificate(self.ca.row.id))
        leaf = x509.load_der_x509_certificate(self.leaf.leaf.der)
        if serial is None:
            return ocsp.OCSPRequestBuilder().add_certificate(leaf, issuer, hashes.SHA1())
        name, key = cas_hashes(issuer)
        return ocsp.OCSPRequestBuilder().add_certificate_by_hash(name, key, serial, hashes.SHA256())

    def revoke(self) -> None:
        cas.revoke(self.server.backend, self.leaf)


def cas_hashes(issuer: x509.Certificate) -> tuple[bytes, bytes]:
    from hashlib import sha256

    key = issuer.public_key().public_bytes  # the bits of the key, without their algorithm
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return sha256(issuer.subject.public_bytes()).digest(), sha256(
        key(Encoding.X962, PublicFormat.UncompressedPoint)
    ).digest()


def der(builder: ocsp.OCSPRequestBuilder) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return builder.build().public_bytes(Encoding.DER)


@pytest.fixture
def published(tmp_path: Path) -> Iterator[Published]:
    clock = FixedClock(NOW)
    with running(tmp_path, clock=clock, public_to="127.0.0.1:0") as server:
        root = cas.root(server.backend)
        ca = cas.intermediate(server.backend, root, "Issuing 1", CaSettings(delta_hours=12))
        leaf = cas.issue(server.backend, ca)
        with httpx.Client(base_url=server.public_url, timeout=10) as anybody:
            yield Published(server, clock, ca, leaf, anybody)


def test_a_crl_is_there_by_id_and_by_name_with_what_caches_need(published: Published) -> None:
    for name in (str(published.ca.row.id), "Issuing%201"):
        answer = published.anybody.get(f"/pki/crl/{name}.crl")
        assert answer.status_code == 200
        crl = x509.load_der_x509_crl(answer.content)
        assert crl.next_update_utc == NOW + timedelta(days=7)
        assert answer.headers["content-type"] == "application/pkix-crl"
        assert answer.headers["cache-control"] == "public, max-age=3600, no-transform, must-revalidate"
        assert answer.headers["expires"] == "Mon, 22 Jun 2026 12:00:00 GMT"
        assert answer.headers["last-modified"] == "Mon, 15 Jun 2026 12:00:00 GMT"


def test_the_certificate_of_a_ca_is_der(published: Published) -> None:
    answer = published.anybody.get(f"/pki/ca/{published.ca.row.id}.cer")
    assert answer.headers["content-type"] == "application/pkix-cert"
    assert x509.load_der_x509_certificate(answer.content).subject.rfc4514_string() == "CN=Issuing 1"


def test_a_revocation_is_in_the_next_crl_that_is_fetched_and_its_tag_is_another(published: Published) -> None:
    path = f"/pki/crl/{published.ca.row.id}.crl"
    before = published.anybody.get(path)
    assert not len(x509.load_der_x509_crl(before.content))
    again = published.anybody.get(path, headers={"if-none-match": before.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (
        published.anybody.get(path, headers={"if-modified-since": before.headers["last-modified"]}).status_code == 304
    )
    published.revoke()
    after = published.anybody.get(path, headers={"if-none-match": before.headers["etag"]})
    assert after.status_code == 200
    (entry,) = x509.load_der_x509_crl(after.content)
    assert f"{entry.serial_number:x}" == published.leaf.leaf.serial_number


def test_a_crl_that_ran_out_is_kept_by_nobody(published: Published) -> None:
    published.clock.advance(days=8)
    answer = published.anybody.get(f"/pki/crl/{published.ca.row.id}.crl")
    assert "max-age=0" in answer.headers["cache-control"]


def test_a_delta_crl_has_its_own_name(published: Published) -> None:
    number = published.ca.row.id
    published.server.backend.cas.issue_crl(number, delta=True)
    delta = x509.load_der_x509_crl(published.anybody.get(f"/pki/crl/{number}-delta.crl").content)
    assert delta.extensions.get_extension_for_class(x509.DeltaCRLIndicator)


def test_the_head_alone_can_be_asked_for(published: Published) -> None:
    answer = published.anybody.head(f"/pki/crl/{published.ca.row.id}.crl")
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["content-length"]) > 100


@pytest.mark.parametrize(
    "path", ["/pki/crl/99.crl", "/pki/crl/1", "/pki/crl/1.cer", "/pki/crl/.crl", "/pki/ca/nobody.cer", "/pki/crl/-delta.crl",
             "/pki/crl/%00.crl", "/pki/crl/%ff.crl", f"/pki/crl/{'9' * 400}.crl", f"/pki/crl/{'9' * 30}.crl", "/pki", "/pki/",
             "/healthz", "/api/v1/info", "/metrics", "/api/v1/openapi.json"],
)  # fmt: skip
def test_there_is_nothing_else_on_that_port(published: Published, path: str) -> None:
    answer = published.anybody.get(path)
    assert answer.status_code in (404, 405)
    assert answer.json()["type"] in ("not-found", "method-not-allowed")


def test_the_servers_own_port_has_them_too_unless_it_is_told_not_to(tmp_path: Path, published: Published) -> None:
    assert httpx.get(f"{published.server.url}/pki/ca/1.cer").status_code == 200
    with running(tmp_path / "other", settings=Settings(public_pki=False)) as server:
        assert httpx.get(f"{server.url}/pki/ca/1.cer").json()["detail"] == "There is nothing at this path."


def answered(answer: httpx.Response) -> ocsp.OCSPResponse:
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/ocsp-response"
    return ocsp.load_der_ocsp_response(answer.content)


def test_ocsp_answers_a_post_and_a_get_alike(published: Published) -> None:
    asked = der(published.request())
    post = answered(published.anybody.post("/pki/ocsp", content=asked))
    get = answered(published.anybody.get(f"/pki/ocsp/{quote(b64encode(asked).decode(), safe='')}"))
    plain = answered(published.anybody.get(f"/pki/ocsp/{b64encode(asked).decode()}"))
    for response in (post, get, plain):
        assert response.certificate_status is ocsp.OCSPCertStatus.GOOD
    published.revoke()
    after = answered(published.anybody.post("/pki/ocsp", content=asked))
    assert after.certificate_status is ocsp.OCSPCertStatus.REVOKED
    assert after.revocation_reason is x509.ReasonFlags.key_compromise


def test_what_was_never_issued_is_unknown(published: Published) -> None:
    response = answered(published.anybody.post("/pki/ocsp", content=der(published.request(serial=12345))))
    assert response.certificate_status is ocsp.OCSPCertStatus.UNKNOWN


def test_a_get_may_be_kept_by_caches_for_an_hour(published: Published) -> None:
    path = f"/pki/ocsp/{quote(b64encode(der(published.request())).decode(), safe='')}"
    answer = published.anybody.get(path)
    assert answer.headers["cache-control"] == "public, max-age=3600, no-transform, must-revalidate"
    assert answer.headers["last-modified"] == "Mon, 15 Jun 2026 12:00:00 GMT"
    assert answer.headers["expires"] > answer.headers["last-modified"]
    assert published.anybody.get(path, headers={"if-none-match": answer.headers["etag"]}).status_code == 304


def test_an_answer_with_a_nonce_is_for_who_asked_alone(published: Published) -> None:
    asked = der(published.request().add_extension(x509.OCSPNonce(b"0123456789abcdef"), False))
    answer = published.anybody.get(f"/pki/ocsp/{quote(b64encode(asked).decode(), safe='')}")
    assert answered(answer).extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == b"0123456789abcdef"
    assert answer.headers["cache-control"] == "no-store"
    assert published.anybody.post("/pki/ocsp", content=der(published.request())).headers["cache-control"] == "no-store"


@pytest.mark.parametrize("body", [b"", b"0", b"hello", b"0" * 100, b"\x30\x80" * 50, b"\x00" * (64 << 10)], ids=len)
def test_what_is_no_request_gets_an_ocsp_error(published: Published, body: bytes) -> None:
    response = answered(published.anybody.post("/pki/ocsp", content=body))
    assert response.response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


@pytest.mark.parametrize("text", ["MA==", "%%%", "not base64", "A" * 30_000, "\u2603"], ids=len)
def test_what_is_no_request_in_a_path_gets_one_too(published: Published, text: str) -> None:
    answer = published.anybody.get(f"/pki/ocsp/{quote(text, safe='')}")
    response = answered(answer)
    assert response.response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST
    assert answer.headers["cache-control"] == "no-store"


def test_a_locked_store_says_try_later_and_still_has_its_crl(published: Published) -> None:
    published.server.backend.store.lock()
    response = answered(published.anybody.post("/pki/ocsp", content=der(published.request())))
    assert response.response_status is ocsp.OCSPResponseStatus.TRY_LATER
    assert published.anybody.get(f"/pki/crl/{published.ca.row.id}.crl").status_code == 200


def test_too_many_questions_are_told_to_come_back(published: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public, "MOST_WAITING", 0)
    response = answered(published.anybody.post("/pki/ocsp", content=der(published.request())))
    assert response.response_status is ocsp.OCSPResponseStatus.TRY_LATER
    answer = published.anybody.get("/pki/ca/1.cer")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


def test_nobody_who_asks_is_put_on_record(published: Published) -> None:
    published.anybody.post("/pki/ocsp", content=der(published.request()))
    before = published.server.backend.audit.head()
    published.anybody.post("/pki/ocsp", content=der(published.request()))
    published.anybody.get("/pki/ca/1.cer")
    assert published.server.backend.audit.head() == before


@pytest.mark.real("openssl", "curl")
def test_openssl_believes_and_refuses_by_what_the_server_serves(published: Published, tmp_path: Path) -> None:
    backend, url = published.server.backend, published.server.public_url
    for name, data in (
        ("leaf", published.leaf.leaf.der),
        *((str(number), backend.cas.certificate(number)) for number in (1, 2)),
    ):
        (tmp_path / f"{name}.pem").write_bytes(pem(data))

    def run(*command: str) -> str:
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=20)
        return done.stdout + done.stderr

    def asked(*more: str) -> str:
        return run("openssl", "ocsp", "-issuer", "2.pem", "-cert", "leaf.pem", "-url", f"{url}/pki/ocsp",
                   "-CAfile", "1.pem", "-validity_period", "999999999", *more)  # fmt: skip

    def checked() -> str:
        for number in (1, 2):
            run("curl", "-sf", "-o", f"{number}.crl", f"{url}/pki/crl/{number}.crl")
            run("openssl", "crl", "-inform", "DER", "-in", f"{number}.crl", "-out", f"{number}.crl.pem")
        (tmp_path / "crls.pem").write_text((tmp_path / "1.crl.pem").read_text() + (tmp_path / "2.crl.pem").read_text())
        return run("openssl", "verify", "-attime", str(int(NOW.timestamp()) + 60), "-CAfile", "1.pem", "-untrusted", "2.pem",
                   "-CRLfile", "crls.pem", "-crl_check_all", "leaf.pem")  # fmt: skip

    assert "leaf.pem: good" in asked()
    assert "leaf.pem: OK" in checked()
    published.revoke()
    assert "leaf.pem: revoked" in asked("-no_nonce")
    assert "Reason: keyCompromise" in asked()
    assert "certificate revoked" in checked()


def pem(data: bytes) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return x509.load_der_x509_certificate(data).public_bytes(Encoding.PEM)
