"""`certtui serve`: the store as a REST server, for consoles and scripts elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from certtui.cli import terminal
from certtui.cli.arguments import Parser, Usage
from certtui.errors import Denied, NotFound, Unsupported

if TYPE_CHECKING:
    import socket
    from argparse import Namespace
    from collections.abc import Sequence

    from certtui.backend.base import Backend
    from certtui.cli.context import Context
    from certtui.server.port import Serving
    from certtui.server.tls import Tls

BIND = "127.0.0.1:8443"
WITHOUT_TLS = "--insecure-plain-http"


def _arguments(parser: Parser) -> None:
    parser.add_argument("--bind", metavar="HOST:PORT", default=BIND, help=f"where to listen (default: {BIND})")
    parser.add_argument("--tls-cert", metavar="FILE", help="certificate and chain, PEM; read again when it changes")
    parser.add_argument("--tls-key", metavar="FILE", help="its key, PEM, not encrypted")
    parser.add_argument(
        "--tls-certificate", metavar="REF", help="serve with a certificate of this inventory, and with its renewals"
    )
    parser.add_argument(
        "--client-ca", metavar="FILE", help="authorities of client certificates, PEM: a second way in beside tokens"
    )
    parser.add_argument(
        WITHOUT_TLS,
        action="store_true",
        help="serve other machines without TLS: tokens and keys can be read by anybody on the way",
    )
    parser.add_argument(
        "--pki-listen",
        metavar="HOST:PORT",
        help="also serve CRLs, CA certificates and OCSP alone there, over plain HTTP: where URLs in certificates point to",
    )
    parser.add_argument(
        "--no-worker",
        action="store_true",
        help="leave the due work (orders, CRLs, alerts) to another server or to `certtui worker`",
    )
    parser.add_argument(
        "--no-public-pki",
        action="store_true",
        help="serve none of these without a login; by default they are under /pki of the server, too",
    )


def _run(context: Context, args: Namespace) -> int:
    _check(args)
    try:
        import uvicorn  # noqa: F401  # asked for here, so that its absence is one sentence
        from fastapi import FastAPI  # noqa: F401
    except ImportError as error:
        raise Unsupported(
            f"The server needs a package that is not installed: {error.name}.", "Run: pip install 'certtui[server]'"
        ) from None
    context.require_store()
    with context.open() as backend:
        from certtui.backend.factory import serving_of

        serving = serving_of(backend)
        if not context.demo and not backend.store.status().exists:
            raise NotFound(
                f"There is no store at {backend.info.place} yet.",
                "`certtui store init` makes one; then start the server.",
            )
        return _serve(serving, args, worker=context.config.worker and not args.no_worker)


def _check(args: Namespace) -> None:
    if bool(args.tls_cert) != bool(args.tls_key):
        raise Usage("A certificate and its key go together.", "Give both --tls-cert and --tls-key.")
    if args.tls_cert and args.tls_certificate:
        raise Usage("The server has one certificate.", "Give --tls-cert with --tls-key, or --tls-certificate.")
    if args.pki_listen and args.no_public_pki:
        raise Usage("--pki-listen is for what --no-public-pki forbids.", "Give one of them.")
    if args.client_ca and not (args.tls_cert or args.tls_certificate):
        raise Usage("Client certificates come over TLS.", "Give --tls-cert with --tls-key, or --tls-certificate.")


def _serve(serving: Serving, args: Namespace, *, worker: bool) -> int:
    from certtui.backend.factory import open_inspect
    from certtui.server import logs
    from certtui.server.app import create_app
    from certtui.server.run import beyond_loopback, bind, serve
    from certtui.server.settings import Settings

    backend = serving.backend
    tls = _tls(serving, args)
    sockets = bind(args.bind)
    public = bind(args.pki_listen, "--pki-listen") if args.pki_listen else []
    if tls is None and beyond_loopback(sockets) and not args.insecure_plain_http:
        for each in (*sockets, *public):
            each.close()
        raise Denied(
            f"{args.bind} can be reached from other machines, and without TLS tokens and keys could be read on the way.",
            f"Give --tls-cert with --tls-key, or --tls-certificate; {WITHOUT_TLS} serves without all the same.",
        )
    for sentence in _worth_saying(backend):
        terminal.say(f"certtui: {sentence}")
    url = f"{'https' if tls else 'http'}://{_place(sockets)}"
    if public:
        terminal.say(f"certtui: CRLs, CA certificates and OCSP at http://{_place(public)}/pki/.")
    logs.start()
    serve(
        create_app(serving, open_inspect(), Settings(worker=worker, public_pki=not args.no_public_pki)),
        sockets,
        tls,
        lambda: terminal.say(f"certtui: Serving {backend.info.place} at {url}; ctrl+c ends it."),
        public,
    )
    return 0


def _place(sockets: Sequence[socket.socket]) -> str:
    host, port = sockets[0].getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _tls(serving: Serving, args: Namespace) -> Tls | None:
    from certtui.server.tls import Tls, from_files, from_inventory

    client_ca = Path(args.client_ca).expanduser() if args.client_ca else None
    if args.tls_cert:
        return Tls(from_files(Path(args.tls_cert).expanduser(), Path(args.tls_key).expanduser()), client_ca)
    if args.tls_certificate:
        return Tls(from_inventory(serving.backend, args.tls_certificate, serving.clock), client_ca)
    return None


def _worth_saying(backend: Backend) -> list[str]:
    said = []
    if backend.store.locked:
        said.append(
            "The store is locked: lists work, keys don't. Name a file with its passphrase in CERTTUI_PASSPHRASE_FILE."
        )
    if not any(each.revoked_at is None for each in backend.people.list_tokens()) and not backend.people.list_mappings():
        said.append("Nobody can come in yet: `certtui token create` makes a token.")
    return said


COMMANDS = {"serve": (_arguments, _run)}
