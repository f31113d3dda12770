"""The built-in PKI as others meet it: nginx serves what a store issued, OpenSSL and GnuTLS judge it, CRL and OCSP come over HTTP."""

from __future__ import annotations

import base64
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from certtui.model.local_ca import Ca, CaSettings
from certtui.pki import pem
from tests.backend.cas import IssuedHere, intermediate, issue, ocsp_request, revoke, root
from tests.server_process import Running, running

NAME = "www.example.com"


@dataclass
class Pki:
    """A store that is served, a root, an issuing CA, and a certificate, with the files that programs want."""

    server: Running
    folder: Path
    root: Ca
    ca: Ca
    issued: IssuedHere

    def crls(self) -> None:
        """The CRLs of both CAs, as anybody can fetch them, in `crls.pem`."""
        lists = [fetched(f"{self.server.public_url}/pki/crl/{each.row.id}.crl") for each in (self.root, self.ca)]
        (self.folder / "crls.pem").write_bytes(b"".join(pem.encode("X509 CRL", each) for each in lists))

    def run(self, *words: str, ok: bool = True, stdin: str = "") -> str:
        done = subprocess.run(words, cwd=self.folder, input=stdin, capture_output=True, text=True, timeout=20)
        assert (done.returncode == 0) is ok, done.stdout + done.stderr
        return done.stdout + done.stderr

    def verify(self, *, ok: bool = True) -> str:
        self.crls()
        return self.run(
            *("openssl", "verify", "-x509_strict", "-crl_check_all", "-CAfile", "root.pem", "-untrusted", "ca.pem"),
            *("-CRLfile", "crls.pem", "-verify_hostname", NAME, "-purpose", "sslserver", "leaf.pem"),
            ok=ok,
        )

    def ask(self, what: str, *more: str, kind: str = "-cert") -> str:
        return self.run(
            *("openssl", "ocsp", "-issuer", "ca.pem", *more, kind, what, "-CAfile", "root.pem"),
            *("-url", f"{self.server.public_url}/pki/ocsp"),
        )


@pytest.fixture
def pki(tmp_path: Path) -> Iterator[Pki]:
    with running(tmp_path / "store", public_to="127.0.0.1:0") as server:
        above = root(server.backend, "Example Root", key_type="ec-384")
        url = f"{server.public_url}/pki"
        settings = CaSettings(
            crl_urls=(f"{url}/crl/2.crl",), issuer_urls=(f"{url}/ca/2.cer",), ocsp_urls=(f"{url}/ocsp",)
        )
        ca = intermediate(server.backend, above, "Example Issuing", settings, path_length=0)
        issued = issue(server.backend, ca, NAME)
        made = Pki(server, tmp_path, above, ca, issued)
        write(tmp_path / "root.pem", server.backend.cas.certificate(above.row.id))
        write(tmp_path / "ca.pem", server.backend.cas.certificate(ca.row.id))
        write(tmp_path / "leaf.pem", issued.leaf.der)
        write(tmp_path / "chain.pem", issued.leaf.der, *(each.der for each in issued.chain))
        (tmp_path / "leaf.key").write_bytes(issued.key_pem)
        yield made


def write(place: Path, *certificates: bytes) -> None:
    place.write_bytes(b"".join(pem.encode("CERTIFICATE", each) for each in certificates))


def fetched(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as answer:  # our own server on loopback
        content: bytes = answer.read()
        return content


@pytest.mark.real("openssl")
def test_openssl_accepts_the_chain_by_the_published_crls_and_refuses_what_was_revoked(pki: Pki) -> None:
    assert "OK" in pki.verify()
    revoke(pki.server.backend, pki.issued)
    assert "certificate revoked" in pki.verify(ok=False)


@pytest.mark.real("openssl")
def test_openssl_refuses_everything_below_an_intermediate_that_was_revoked(pki: Pki) -> None:
    entry = IssuedHere(pki.issued.leaf, (), b"", pki.ca.row.certificate_id)
    assert revoke(pki.server.backend, entry, "cACompromise") == pki.root.row.id
    assert "certificate revoked" in pki.verify(ok=False)


@pytest.mark.real("openssl")
def test_openssl_asks_the_responder(pki: Pki) -> None:
    assert "leaf.pem: good" in pki.ask("leaf.pem")
    assert "leaf.pem: good" in pki.ask("leaf.pem", "-sha256", "-no_nonce")
    assert "0x4711: unknown" in pki.ask("0x4711", kind="-serial")
    revoke(pki.server.backend, pki.issued)
    said = pki.ask("leaf.pem")
    assert "leaf.pem: revoked" in said
    assert "Reason: keyCompromise" in said


@pytest.mark.real("openssl")
def test_an_answer_by_get_is_the_one_that_a_post_has(pki: Pki) -> None:
    from certtui.pki.facts import x509_facts

    issuer = x509_facts(pki.server.backend.cas.certificate(pki.ca.row.id))
    request = ocsp_request(pki.issued.leaf, issuer)
    path = base64.b64encode(request).decode().replace("/", "%2F").replace("+", "%2B").replace("=", "%3D")
    (pki.folder / "answer.der").write_bytes(fetched(f"{pki.server.public_url}/pki/ocsp/{path}"))
    said = pki.run(
        *("openssl", "ocsp", "-respin", "answer.der", "-issuer", "ca.pem", "-cert", "leaf.pem", "-CAfile", "root.pem")
    )
    assert "leaf.pem: good" in said


@pytest.mark.real("openssl")
def test_the_urls_in_a_certificate_lead_to_what_they_promise(pki: Pki) -> None:
    text = pki.run("openssl", "x509", "-in", "leaf.pem", "-noout", "-ext", "authorityInfoAccess,crlDistributionPoints")
    urls = [word.removeprefix("URI:") for word in text.split() if word.startswith("URI:")]
    assert len(urls) == 3
    ocsp, issuer, crl = urls
    assert pki.run("openssl", "x509", "-in", "leaf.pem", "-noout", "-ocsp_uri").strip() == ocsp
    assert fetched(issuer) == pki.server.backend.cas.certificate(pki.ca.row.id)
    assert fetched(crl) == pki.server.backend.cas.crl(pki.ca.row.id)


@pytest.mark.real("certtool")
def test_gnutls_agrees(pki: Pki) -> None:
    def gnutls(*, ok: bool) -> str:
        pki.crls()
        return pki.run(
            *("certtool", "--verify", "--load-ca-certificate", "root.pem", "--load-crl", "crls.pem"),
            *("--infile", "chain.pem", "--verify-hostname", NAME),
            ok=ok,
        )

    assert "The certificate is trusted" in gnutls(ok=True)
    revoke(pki.server.backend, pki.issued)
    assert "revoked" in gnutls(ok=False)


@pytest.mark.real("nginx", "openssl")
def test_nginx_serves_what_was_issued_and_a_client_accepts_it_until_it_is_revoked(pki: Pki) -> None:
    def connect(port: int, *more: str, ok: bool) -> str:
        return pki.run(
            *("openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", NAME, "-verify_hostname", NAME),
            *("-verify_return_error", "-CAfile", "root.pem", *more),
            ok=ok,
            stdin="",
        )

    with nginx(pki.folder) as port:
        assert "Verify return code: 0 (ok)" in connect(port, ok=True)
        assert "Verify return code: 0 (ok)" in connect(port, "-crl_check", "-CRL", crl(pki), ok=True)
        revoke(pki.server.backend, pki.issued)
        assert "certificate revoked" in connect(port, "-crl_check", "-CRL", crl(pki), ok=False)


def crl(pki: Pki) -> str:
    """The CRL of the issuing CA as anybody fetches it, in PEM."""
    data = fetched(f"{pki.server.public_url}/pki/crl/{pki.ca.row.id}.crl")
    (pki.folder / "ca.crl").write_bytes(pem.encode("X509 CRL", data))
    return "ca.crl"


@contextmanager
def nginx(folder: Path) -> Iterator[int]:
    """nginx on loopback, with the certificate in the folder; all its files are there too."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    (folder / "nginx.conf").write_text(
        f"""
        daemon off; master_process off; pid {folder}/nginx.pid; error_log stderr notice;
        events {{}}
        http {{ access_log off; {" ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)}
          server {{ listen 127.0.0.1:{port} ssl; server_name {NAME}; ssl_certificate {folder}/chain.pem;
                    ssl_certificate_key {folder}/leaf.key; location / {{ return 200 "here"; }} }} }}
        """
    )
    command = ["nginx", "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf")]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr
            told: list[str] = []
            # It says so after it has opened its ports.
            while not (told and "event method" in told[-1]):
                line = process.stderr.readline()
                assert line, f"nginx did not start: {''.join(told)}"
                told.append(line)
            yield port
        finally:
            process.terminate()


def test_a_pki_of_ml_dsa_works_from_end_to_end(tmp_path: Path) -> None:
    """OpenSSL 3.0 can't read it, so what checks paths here does: chain, CRL and OCSP are all signed by ML-DSA."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509.ocsp import OCSPCertStatus, load_der_ocsp_response

    from certtui.pki.facts import x509_facts
    from certtui.pki.signatures import signature_problem

    with running(tmp_path / "store", public_to="127.0.0.1:0") as server:
        backend = server.backend
        above = root(backend, key_type="ml-dsa-87")
        ca = intermediate(backend, above, key_type="ml-dsa-65")
        issued = issue(backend, ca, NAME)
        issuer, top = (x509_facts(backend.cas.certificate(each.row.id)) for each in (ca, above))
        assert signature_problem(issued.leaf, issuer) == ""
        assert signature_problem(issuer, top) == ""
        revoke(backend, issued)
        crl = x509.load_der_x509_crl(fetched(f"{server.public_url}/pki/crl/{ca.row.id}.crl"))
        assert crl.get_revoked_certificate_by_serial_number(int(issued.leaf.serial_number, 16)) is not None
        answer = load_der_ocsp_response(backend.cas.ocsp(ocsp_request(issued.leaf, issuer)))
        assert answer.certificate_status is OCSPCertStatus.REVOKED
        responder = x509_facts(answer.certificates[0].public_bytes(Encoding.DER))
        assert (responder.key_algorithm, signature_problem(responder, issuer)) == ("ml-dsa-65", "")
        assert backend.cas.issue_crl(above.row.id).number == 2
