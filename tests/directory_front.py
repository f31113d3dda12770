"""A directory on loopback that says more of a server than it does itself: Pebble names no CAA identities, no staging terms."""

from __future__ import annotations

import json
import ssl
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.pebble import Pebble, tls_pair


class Front:
    """Answers GET with the directory of a server, its `meta` as it is set here; everything else is asked of the server itself."""

    def __init__(self, behind: Pebble, meta: Mapping[str, object]) -> None:
        self.meta = dict(meta)
        self.insists = False
        """Whether new orders are refused until the terms are agreed to."""
        self._behind = behind
        self.url = ""

    def document(self) -> bytes:
        found = self._behind.directory
        if self.insists:
            found = {**found, "newOrder": self.url.removesuffix("/dir") + "/order"}
        said = found.get("meta")
        return json.dumps({**found, "meta": {**(said if isinstance(said, dict) else {}), **self.meta}}).encode()


@contextmanager
def fronted(behind: Pebble, **meta: object) -> Iterator[Front]:
    """Open one, with the TLS certificate that Pebble has here too."""
    front = Front(behind, meta)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = front.document()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            problem = {
                "type": "urn:ietf:params:acme:error:userActionRequired",
                "detail": "Terms of service have changed.",
                "instance": front.meta["termsOfService"],
            }
            body = json.dumps(problem).encode()
            self.send_response(403)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing on stderr."""

    _, certificate, key = tls_pair()
    with tempfile.TemporaryDirectory() as folder:
        pair = Path(folder, "pair.pem")
        pair.write_bytes(certificate + key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True)
    front.url = f"https://127.0.0.1:{server.server_address[1]}/dir"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield front
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
