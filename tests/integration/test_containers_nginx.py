"""A container under a running nginx: a script fetches over HTTP, the built-in PKI renews, nginx serves the new certificate."""

from __future__ import annotations

import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.backend.issuing import complete, local_authority
from tests.journeys.command_line import certtui
from tests.server_process import running

NAME = "shop.example.com"


@pytest.mark.real("nginx")
@pytest.mark.parametrize(
    ("certificate", "key"), [("fullchain.pem", "private_key.pem"), ("combined.pem", "combined.pem")]
)
def test_what_a_renewal_made_is_served_after_the_next_fetch(tmp_path: Path, certificate: str, key: str) -> None:
    out = tmp_path / "tls"
    with running(tmp_path / "store") as server:
        local_authority(server.backend)
        first = complete(server.backend, NAME, sans=(f"DNS:{NAME}",))
        (tmp_path / "token").write_text(server.token("viewer", actor="web-1", export_keys=True))
        environ = {"CERTTUI_URL": server.url, "CERTTUI_TOKEN_FILE": str(tmp_path / "token")}
        (tmp_path / "token").chmod(0o600)
        url = f"{server.url}/api/v1/containers/{first.container_ref}"
        command = ("container", "fetch", url, "--out", out, "--consumer", "nginx:host:web-1", "--exit-code")
        certtui(*command, environ=environ)
        assert url in certtui("container", "show", first.container_ref, environ=environ).out
        with nginx(tmp_path, out / certificate, out / key) as (port, process):
            reload = ("--exec-if-changed", f"kill -HUP {process.pid}")
            assert served(port) == fingerprint(server, first.row.certificate_id)
            certtui(*command, *reload, environ=environ, code=6)
            second = complete(server.backend, NAME, sans=(f"DNS:{NAME}",), renews_id=first.row.certificate_id)
            assert second.container_ref == first.container_ref
            certtui(*command, *reload, environ=environ)
            wait_for(process, "reconfiguring")
            wanted = fingerprint(server, second.row.certificate_id)
            while served(port) != wanted:
                assert process.poll() is None
            container = server.backend.containers.resolve(first.container_ref)
            page = server.backend.containers.get(container)
            assert [(each.service, each.fetched_number, each.behind) for each in page.consumers] == [
                ("nginx", 2, False)
            ]
            back = server.backend.containers.rollback(container, page.version)
            assert back.row.number == 3
            certtui(*command, *reload, environ=environ)
            wanted = fingerprint(server, first.row.certificate_id)
            while served(port) != wanted:
                assert process.poll() is None
        events = [server.backend.audit.get(seq) for seq in range(1, server.backend.audit.head().seq + 1)]
        fetches = [event for event in events if event.event == "container.fetch.success"]
        assert len(fetches) == 3
        assert all('"web-1"' in event.actor for event in fetches)


def fingerprint(server, certificate_id: int) -> bytes:
    """The DER of an entry."""
    der: bytes = server.backend.certificates.get(certificate_id).x509.der
    return der


def served(port: int) -> bytes:
    """The certificate that is served now; the handshake proves that its key is there too."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname=NAME) as connection,
    ):
        return connection.getpeercert(binary_form=True) or b""


@contextmanager
def nginx(folder: Path, certificate: Path, key: Path) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """nginx on loopback with these files; all its own are in the folder."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    (folder / "nginx.conf").write_text(
        f"""
        daemon off; pid {folder}/nginx.pid; error_log stderr notice; worker_processes 1;
        events {{}}
        http {{ access_log off; {" ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)}
          server {{ listen 127.0.0.1:{port} ssl; server_name {NAME}; ssl_certificate {certificate};
                    ssl_certificate_key {key}; location / {{ return 200 "here"; }} }} }}
        """
    )
    command = ["nginx", "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf")]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            # It says so after it has opened its ports.
            wait_for(process, "start worker process ")
            yield port, process
        finally:
            process.terminate()


def wait_for(process: subprocess.Popen[str], what: str) -> None:
    """Read what nginx says until it says this."""
    assert process.stderr
    told: list[str] = []
    while not (told and what in told[-1]):
        line = process.stderr.readline()
        assert line, f"nginx ended: {''.join(told)}"
        told.append(line)
