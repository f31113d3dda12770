"""`certtui serve` as a process: its sentences, its end, and what a kill leaves behind."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from certtui.backend.factory import StoreOptions
from certtui.backend.local.backend import LocalBackend
from certtui.model.access import Access, Role, TokenForm
from tests.server_process import OPERATOR


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LocalBackend]:
    """A store that the server under test will serve too."""
    backend = LocalBackend.open(StoreOptions(str(tmp_path / "certtui.db"), create=True), actor=OPERATOR)
    yield backend
    backend.close()


@pytest.fixture
def token(store: LocalBackend) -> str:
    return store.people.create_token(TokenForm("ada", Access(Role.ADMIN))).token.reveal().decode()


class Served:
    """A running `certtui serve` on a port that it chose itself."""

    def __init__(
        self, store: LocalBackend, *options: str, bind: str = "127.0.0.1:0", environ: dict[str, str] | None = None
    ):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "certtui", "serve", "--store", store.info.place, "--bind", bind, *options],
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | (environ or {}),
        )
        self.said: list[str] = []
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said.append(line)
            if found := re.search(r"at (https?://\S+);", line):
                self.url = found.group(1)
                break
        # Nobody reads the log otherwise, and a full pipe would stop the server.
        self.reader = threading.Thread(target=lambda: self.said.extend(self.process.stderr or ()), daemon=True)
        self.reader.start()

    def client(self, token: str) -> httpx.Client:
        transport = httpx.HTTPTransport(retries=20)
        return httpx.Client(
            base_url=f"{self.url}/api/v1", headers={"authorization": f"Bearer {token}"}, transport=transport, timeout=10
        )

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        code = self.process.wait(20)
        self.reader.join(5)
        return code


def refused(*argv: str) -> tuple[int, str]:
    done = subprocess.run([sys.executable, "-m", "certtui", "serve", *argv], capture_output=True, text=True, timeout=20)
    return done.returncode, done.stderr


def test_it_serves_until_it_is_told_to_stop_and_ends_with_0(store: LocalBackend, token: str) -> None:
    served = Served(store)
    with served.client(token) as api:
        assert api.get("/info").json()["actor"]["name"] == "ada"
    assert served.stop() == 0
    lines = [json.loads(line) for line in served.said if line.startswith("{")]
    assert any(line.get("act") == "info" and line["status"] == 200 for line in lines)
    assert token not in "".join(served.said)


def test_what_runs_when_it_is_told_to_stop_is_finished(store: LocalBackend, token: str) -> None:
    served = Served(store)
    with served.client(token) as api:
        api.get("/info")
    body = b'{"name": "lb", "type": "host"}'
    host, port = served.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as sock:
        head = f"POST /api/v1/resources HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-length: {len(body)}\r\n"
        sock.sendall(head.encode() + b"expect: 100-continue\r\n\r\n")
        # Answered before the body: the request is being worked on.
        assert sock.recv(1000).startswith(b"HTTP/1.1 100")
        served.process.send_signal(signal.SIGTERM)
        sock.sendall(body)
        answer = b""
        while piece := sock.recv(10_000):
            answer += piece
    assert answer.startswith(b"HTTP/1.1 201")
    assert served.stop() == 0
    assert store.resources.resolve("lb") == 1


def test_strangers_have_a_port_of_their_own_for_what_the_pki_publishes(store: LocalBackend) -> None:
    from tests.backend.cas import root

    ca = root(store)
    served = Served(store, "--pki-listen", "127.0.0.1:0")
    url = next(found[1] for line in served.said if (found := re.search(r"OCSP at (http://\S+/pki/)\.", line)))
    assert httpx.get(f"{url}ca/{ca.row.id}.cer").content == store.cas.certificate(ca.row.id)
    assert httpx.get(url.replace("/pki/", "/healthz")).status_code == 404
    assert served.stop() == 0
    acts = [json.loads(line).get("act") for line in served.said if line.startswith("{")]
    assert "public.certificate" in acts


def test_the_due_work_ends_with_the_server(store: LocalBackend) -> None:
    served = Served(store)
    assert served.stop() == 0
    assert store.work.status().last_round is not None
    idle = Served(store, "--no-worker", "--no-public-pki")
    assert httpx.get(f"{idle.url}/pki/ca/1.cer").json()["detail"] == "There is nothing at this path."
    assert idle.stop() == 0


def test_beyond_loopback_it_refuses_without_tls_unless_told(store: LocalBackend) -> None:
    code, said = refused("--store", store.info.place, "--bind", "0.0.0.0:0")
    assert code == 5
    assert "without TLS" in said
    assert "--insecure-plain-http" in said
    served = Served(store, "--insecure-plain-http", bind="0.0.0.0:0")
    assert served.stop() == 0


@pytest.mark.parametrize(
    ("argv", "code", "sentence"),
    [
        (["--bind", "nonsense"], 1, "is no address"),
        (["--tls-cert", "x.pem"], 2, "go together"),
        (["--tls-cert", "x.pem", "--tls-key", "x.key"], 1, "can't be read"),
        (["--tls-cert", "x.pem", "--tls-key", "x.key", "--tls-certificate", "y"], 2, "one certificate"),
        (["--tls-certificate", "nothing"], 4, "nothing"),
        (["--client-ca", "x.pem"], 2, "over TLS"),
        (["--pki-listen", "127.0.0.1:0", "--no-public-pki"], 2, "forbids"),
        (["--pki-listen", "nonsense"], 1, "is no address"),
    ],
)
def test_what_it_cannot_do_is_one_sentence(store: LocalBackend, argv: list[str], code: int, sentence: str) -> None:
    returned, said = refused("--store", store.info.place, *argv)
    assert (returned, sentence in said) == (code, True), said
    assert "Traceback" not in said


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    code, said = refused("--store", str(tmp_path / "none.db"), "--bind", "127.0.0.1:0")
    assert (code, "certtui store init" in said) == (4, True)
    assert not list(tmp_path.iterdir())


def test_a_port_that_is_taken_is_one_sentence(store: LocalBackend) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, said = refused("--store", store.info.place, "--bind", f"127.0.0.1:{taken.getsockname()[1]}")
    assert code == 1
    assert "already in use" in said


def test_without_the_extra_the_sentence_says_the_command(tmp_path: Path, store: LocalBackend) -> None:
    (tmp_path / "uvicorn.py").write_text("raise ImportError('No module named uvicorn', name='uvicorn')")
    done = subprocess.run(
        [sys.executable, "-m", "certtui", "serve", "--store", store.info.place],
        capture_output=True, text=True, timeout=20, env=os.environ | {"PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 1
    assert "pip install 'certtui[server]'" in done.stderr


def test_systemd_is_told_when_it_is_ready(tmp_path: Path, store: LocalBackend) -> None:
    path = str(tmp_path / "notify.sock")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(path)
        listening.settimeout(10)
        served = Served(store, environ={"NOTIFY_SOCKET": path})
        assert listening.recv(100) == b"READY=1"
        served.stop()
        assert listening.recv(100) == b"STOPPING=1"


def test_a_kill_under_load_does_nothing_twice_and_loses_nothing_that_was_answered(
    store: LocalBackend, token: str
) -> None:
    """Four clients create things with keys while the server is killed; every request is retried until it is answered."""
    answered: dict[str, int] = {}
    guard = threading.Lock()
    current = Served(store)
    port = current.url.rsplit(":", 1)[1]
    enough = threading.Event()

    def work(worker: int) -> None:
        with current.client(token) as api:
            for number in range(12):
                name = f"worker {worker}, resource {number}"
                for _ in range(400):
                    try:
                        answer = api.post(
                            "/resources",
                            json={"name": name, "type": "host"},
                            headers={"idempotency-key": f"{worker}-{number}"},
                        )
                    except httpx.TransportError:
                        # Killed: the next server is on its way.
                        restarted.wait(20)
                        continue
                    if answer.status_code == 503:
                        continue
                    assert answer.status_code == 201, answer.text
                    with guard:
                        answered[name] = answer.json()["row"]["id"]
                        if len(answered) >= 10:
                            enough.set()
                    break

    restarted = threading.Event()
    workers = [threading.Thread(target=work, args=(each,)) for each in range(4)]
    for each in workers:
        each.start()
    assert enough.wait(20)
    current.stop(signal.SIGKILL)
    second = Served(store, bind=f"127.0.0.1:{port}")
    restarted.set()
    for each in workers:
        each.join(60)
    assert second.stop() == 0
    assert len(answered) == 48
    assert len(set(answered.values())) == 48
    for name, number in answered.items():
        assert store.resources.resolve(name) == number
    assert store.audit.verify().first_broken is None
    events = [store.audit.get(seq) for seq in range(1, store.audit.head().seq + 1)]
    made = [each.object_name for each in events if each.event == "resource.create.success"]
    assert sorted(made) == sorted(answered)
