"""The server's own certificate: from files or from its inventory, renewed without a restart; and client certificates."""

from __future__ import annotations

import datetime as dt
import os
import socket
import ssl
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from certtui.clock import Clock
from certtui.errors import Invalid, NotFound
from certtui.model.access import Access, Role
from certtui.server import run
from certtui.server.settings import Settings
from certtui.server.tls import Tls, from_files, from_inventory
from tests.server_process import OPERATOR, running

TODAY = dt.datetime.now(dt.timezone.utc)
"""The day that this machine's TLS judges by; it takes no other clock."""


class Authority:
    """A small CA for the wires of these tests."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test CA")])
        self.certificate = self._signed(self.name, self.key.public_key(), ca=True)

    def issue(self, name: str, *sans: x509.GeneralName) -> tuple[bytes, bytes]:
        """(certificate, key), PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        made = self._signed(subject, key.public_key(), sans=list(sans) or [x509.DNSName(name)])
        return made.public_bytes(serialization.Encoding.PEM), key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def file(self, folder: Path) -> Path:
        path = folder / "ca.pem"
        path.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        return path

    def _signed(self, subject: x509.Name, key: object, *, ca: bool = False, sans: list[x509.GeneralName] | None = None):
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key)  # type: ignore[arg-type]  # one of the library's own
            .serial_number(x509.random_serial_number())
            .not_valid_before(TODAY - dt.timedelta(days=1))
            .not_valid_after(TODAY + dt.timedelta(days=30))
            .add_extension(x509.BasicConstraints(ca, None), critical=True)
        )
        if sans:
            builder = builder.add_extension(x509.SubjectAlternativeName(sans), critical=False)
        if not ca:
            builder = builder.add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False
            )
        else:
            builder = builder.add_extension(
                x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False
            )
        return builder.sign(self.key, hashes.SHA256())


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


def written(folder: Path, pair: tuple[bytes, bytes], name: str = "server") -> tuple[Path, Path]:
    paths = folder / f"{name}.pem", folder / f"{name}.key"
    for path, content in zip(paths, pair, strict=True):
        beside = path.with_suffix(".new")
        beside.write_bytes(content)
        beside.replace(path)
    return paths


def shown(port: int) -> bytes:
    """The DER certificate that a new connection is shown."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port), timeout=5) as plain, context.wrap_socket(plain) as wrapped:
        return wrapped.getpeercert(binary_form=True) or b""


def der(pem: bytes) -> bytes:
    return x509.load_pem_x509_certificate(pem).public_bytes(serialization.Encoding.DER)


LOCAL = x509.DNSName("localhost")


def test_tls_is_1_2_or_newer_and_verifiable(tmp_path: Path, authority: Authority) -> None:
    import ipaddress

    pair = authority.issue("localhost", x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    with running(tmp_path, tls=Tls(from_files(*written(tmp_path, pair)))) as server:
        trust = ssl.create_default_context(cafile=str(authority.file(tmp_path)))
        answer = httpx.get(f"{server.url}/healthz", verify=trust)
        assert answer.status_code == 200
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        with socket.create_connection(("127.0.0.1", server.port)) as plain, pytest.raises(ssl.SSLError):
            old.wrap_socket(plain)


def test_a_client_that_never_shakes_hands_is_cut_off(tmp_path: Path, authority: Authority) -> None:
    tls = Tls(from_files(*written(tmp_path, authority.issue("localhost", LOCAL))))
    with (
        running(tmp_path, tls=tls, settings=Settings(header_timeout=0.2)) as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=5) as silent,
    ):
        assert silent.recv(1) == b""
        assert shown(server.port)


def test_a_file_that_changed_is_taken_without_a_restart(tmp_path: Path, authority: Authority) -> None:
    first, second = authority.issue("localhost", LOCAL), authority.issue("localhost", LOCAL)
    tls = Tls(from_files(*written(tmp_path, first)))
    with running(tmp_path, tls=tls) as server:
        assert shown(server.port) == der(first[0])
        written(tmp_path, second)
        assert tls.refresh() is True
        assert shown(server.port) == der(second[0])
        assert tls.refresh() is False


def test_a_pair_that_does_not_fit_leaves_the_old_one_in_use(tmp_path: Path, authority: Authority) -> None:
    good, other = authority.issue("localhost", LOCAL), authority.issue("localhost", LOCAL)
    tls = Tls(from_files(*written(tmp_path, good)))
    with running(tmp_path, tls=tls) as server:
        written(tmp_path, (other[0], good[1]))
        with pytest.raises(Invalid):
            tls.refresh()
        assert shown(server.port) == der(good[0])
        written(tmp_path, other)
        assert tls.refresh() is True


def test_the_watch_takes_it_by_itself(tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("certtui.server.tls.LOOK", 0.02)
    first, second = authority.issue("localhost", LOCAL), authority.issue("localhost", LOCAL)
    tls = Tls(from_files(*written(tmp_path, first)))
    import threading

    taken = threading.Event()
    refresh = tls.refresh

    def and_tell() -> bool:
        done = refresh()
        if done:
            taken.set()
        return done

    monkeypatch.setattr(tls, "refresh", and_tell)
    with running(tmp_path, tls=tls) as server:
        written(tmp_path, second)
        assert taken.wait(5)
        assert shown(server.port) == der(second[0])


def test_an_encrypted_or_missing_key_is_one_sentence_and_no_prompt(tmp_path: Path, authority: Authority) -> None:
    certificate, _ = authority.issue("localhost")
    key = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"pw")
    )
    with pytest.raises(Invalid):
        Tls(from_files(*written(tmp_path, (certificate, key))))
    with pytest.raises(Invalid, match=r"can't be read"):
        Tls(from_files(tmp_path / "nothing.pem", tmp_path / "nothing.key"))


def store(folder: Path):
    from certtui.backend.factory import StoreOptions
    from certtui.backend.local.backend import LocalBackend

    return LocalBackend.open(StoreOptions(str(folder / "certtui.db"), create=True), actor=OPERATOR)


def put(backend, pair: tuple[bytes, bytes], name: str = "") -> int:
    from certtui.backend.factory import open_inspect
    from certtui.backend.inspect import SourceFile
    from certtui.model.certificate import Labels, NewCertificate

    inspect = open_inspect()
    found = inspect.pair([inspect.read(SourceFile("pair.pem", b"\n".join(pair)))])
    return backend.certificates.add([NewCertificate(found.leaf, found.chain, found.key, Labels(name=name))])[0].id


def test_a_certificate_of_the_inventory_serves_and_its_renewal_takes_over(tmp_path: Path, authority: Authority) -> None:
    backend = store(tmp_path)
    first, second = authority.issue("localhost", LOCAL), authority.issue("localhost", LOCAL)
    old = put(backend, first, "console")
    tls = Tls(from_inventory(backend, "console", Clock()))
    with running(tmp_path, tls=tls, backend=backend) as server:
        assert shown(server.port) == der(first[0])
        assert tls.refresh() is False
        new = put(backend, second, "console 2027")
        backend.certificates.replace(backend.certificates.plan_replacement(old, new))
        assert tls.refresh() is True
        assert shown(server.port) == der(second[0])
    backend.close()


def test_a_certificate_without_key_cant_serve(tmp_path: Path, authority: Authority) -> None:
    backend = store(tmp_path)
    put(backend, (authority.issue("localhost")[0], b""), "bare")
    with pytest.raises(NotFound):
        Tls(from_inventory(backend, "bare", Clock()))
    backend.close()


def test_a_client_certificate_is_a_way_in_for_whom_it_stands(tmp_path: Path, authority: Authority) -> None:
    server_pair = written(tmp_path, authority.issue("localhost", LOCAL))
    mine = written(tmp_path, authority.issue("deploy.example.com"), "deploy")
    unknown = written(tmp_path, authority.issue("stranger.example.com"), "stranger")
    forged = written(tmp_path, Authority().issue("deploy.example.com"), "forged")
    tls = Tls(from_files(*server_pair), client_ca=authority.file(tmp_path))
    with running(tmp_path, tls=tls) as server:
        server.backend.people.add_mapping("DNS:deploy.example.com", "ci", Access(Role.VIEWER))
        assert asked(server.url, mine).json()["actor"]["name"] == "ci"
        assert asked(server.url, mine, "DELETE", "/mappings/1").status_code == 403
        assert asked(server.url, unknown).status_code == 401
        assert asked(server.url, None).status_code == 401
        with pytest.raises(httpx.TransportError):
            asked(server.url, forged)
        server.backend.people.remove_mapping(1)
        server.state.gate.forget()
        assert asked(server.url, mine).status_code == 401


def asked(url: str, pair: tuple[Path, Path] | None, method: str = "GET", path: str = "/info") -> httpx.Response:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if pair is not None:
        context.load_cert_chain(*pair)
    with httpx.Client(verify=context) as client:
        return client.request(method, f"{url}/api/v1{path}")


@pytest.mark.parametrize(
    "address", ["8443", ":8443", "127.0.0.1", "127.0.0.1:", "127.0.0.1:99999", "::1:8443", "[::1]", "a b:1"]
)
def test_what_is_no_address_is_one_sentence(address: str) -> None:
    with pytest.raises(Invalid):
        run.bind(address)


@pytest.mark.parametrize(("address", "beyond"), [("127.0.0.1:0", False), ("localhost:0", False), ("0.0.0.0:0", True)])
def test_what_can_be_reached_from_elsewhere_is_known(address: str, beyond: bool) -> None:
    sockets = run.bind(address)
    assert run.beyond_loopback(sockets) is beyond
    for each in sockets:
        each.close()


def test_no_key_is_left_on_disk(tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    if not hasattr(os, "memfd_create"):
        pytest.skip("this system has no memfd_create")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "nowhere"))
    Tls(from_files(*written(tmp_path, authority.issue("localhost"))))
