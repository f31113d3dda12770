"""An ACME server within this process that means harm: it proves nothing, and answers whatever a test puts into its mouth."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from certtui.authorities.acme import authority as acme_authority
from certtui.authorities.acme import proof_delegated
from certtui.authorities.acme.connection import Connection
from certtui.authorities.acme.dns_look import Looked
from certtui.backend.base import Backend
from certtui.clock import Clock
from certtui.model.authority import Authority, AuthorityForm, AuthorityType
from certtui.model.csr import SubjectFields
from certtui.model.order import Order, OrderForm
from tests.certs import NOW, general_name, make_key

BASE = "https://ca.example"
Answer = Callable[[httpx.Request], httpx.Response]


class HostileCa:
    """Every name is proved already, and every CSR is signed; `says` replaces the answer of a path by another one."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.asked: list[str] = []
        self.seen: list[tuple[str, dict[str, object], dict[str, object]]] = []
        self._answers: dict[str, Answer] = {}
        self._orders: dict[str, dict[str, object]] = {}
        self._leaves: dict[str, bytes] = {}
        self.leaf: Callable[[x509.CertificateSigningRequest, list[str]], bytes] = signed
        self.meta: dict[str, object] = {}
        self.looks: Callable[[tuple[str, ...]], tuple[Looked, ...]] = lambda _: ()
        """What is seen of the CNAMEs of SANs."""

    def says(self, path: str, answer: Answer | httpx.Response) -> None:
        """From now on; a path is what follows the host, `*` for every one of a kind (`/order/*`)."""
        self._answers[path] = (lambda _: answer) if isinstance(answer, httpx.Response) else answer

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.asked.append(f"{request.method} {request.url}")
        if request.method == "POST":
            self._note(path, request)
        kind = path.rpartition("/")[0] + "/*"
        made = self._answers.get(path) or self._answers.get(kind) or self._usual
        answer = made(request)
        answer.headers["replay-nonce"] = f"nonce-{len(self.asked)}"
        return answer

    def _note(self, path: str, request: httpx.Request) -> None:
        body = json.loads(request.content)
        header, payload = (_opened(body[part]) for part in ("protected", "payload"))
        self.seen.append((path, json.loads(header), json.loads(payload) if payload else {}))

    def _usual(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        _, kind, *rest = path.split("/")
        match kind:
            case "dir":
                wanted = ("newNonce", "newAccount", "newOrder", "revokeCert", "renewalInfo")
                return httpx.Response(200, json={each: f"{BASE}/{each}" for each in wanted} | {"meta": self.meta})
            case "newNonce":
                return httpx.Response(200)
            case "newAccount":
                return httpx.Response(201, json={"status": "valid"}, headers={"location": f"{BASE}/account/1"})
            case "account":
                return httpx.Response(200, json={"status": "valid"})
            case "newOrder":
                return self._ordered()
            case "order":
                return httpx.Response(200, json=self._orders[rest[0]])
            case "authz":
                return httpx.Response(200, json=self.authorization(rest[0]))
            case "finalize":
                return self._finalized(rest[0])
            case "cert":
                return httpx.Response(200, content=self._leaves[rest[0]])
        return httpx.Response(404)

    def authorization(self, name: str, status: str = "valid", token: str = "t" * 43) -> dict[str, object]:
        """As it is for a name."""
        challenge = {"type": "dns-01", "url": f"{BASE}/challenge/{name}", "status": status, "token": token}
        return {"identifier": {"type": "dns", "value": name}, "status": status, "challenges": [challenge]}

    def _ordered(self) -> httpx.Response:
        _, _, payload = self.seen[-1]
        number = str(len(self._orders) + 1)
        names = [str(each["value"]) for each in payload["identifiers"]]  # type: ignore[attr-defined]  # JSON
        self._orders[number] = {
            "status": "ready",
            "identifiers": payload["identifiers"],
            "authorizations": [f"{BASE}/authz/{name}" for name in names],
            "finalize": f"{BASE}/finalize/{number}",
        }
        return httpx.Response(201, json=self._orders[number], headers={"location": f"{BASE}/order/{number}"})

    def _finalized(self, number: str) -> httpx.Response:
        _, _, payload = self.seen[-1]
        csr = x509.load_der_x509_csr(_opened(str(payload["csr"])))
        order = self._orders[number]
        names = [str(each["value"]) for each in order["identifiers"]]  # type: ignore[attr-defined]  # JSON
        self._leaves[number] = self.leaf(csr, names)
        order |= {"status": "valid", "certificate": f"{BASE}/cert/{number}"}
        return httpx.Response(200, json=order)


def signed(csr: x509.CertificateSigningRequest, names: list[str], *, days: int = 90, ca: bool = False) -> bytes:
    """A certificate for these names, as PEM."""
    issuer = make_key(number=99)
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Hostile CA")]))
        .public_key(csr.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=10))
        .not_valid_after(NOW + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([general_name(each) for each in names]), critical=True)
        .add_extension(x509.BasicConstraints(ca, None), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key()), critical=False)
        .sign(issuer, hashes.SHA256())
    )
    return made.public_bytes(Encoding.PEM)


@contextmanager
def hostile_ca(clock: Clock) -> Iterator[HostileCa]:
    """Every ACME profile of this process asks it, and finds its CNAMEs in order; DNS is asked nothing."""
    ca = HostileCa(clock)

    def connection(url: str, *_: object) -> Connection:
        return Connection(url, transport=httpx.MockTransport(ca), clock=clock)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(acme_authority, "shared", connection)
        patch.setattr(proof_delegated, "looked_at", lambda _, sans: ca.looks(sans))
        yield ca


def profile(backend: Backend, name: str = "hostile", **settings: str) -> Authority:
    """A profile that asks it."""
    given = {"directory": f"{BASE}/dir", "agree": "yes", "tech_zone": "acme.example.net", "caa": "ignore", **settings}
    return backend.authorities.add(
        AuthorityForm(name=name, type=AuthorityType.ACME, auto_renew_days=30, settings=given)
    )


def ordered(backend: Backend, *names: str, authority: str = "hostile") -> Order:
    """An order, sent."""
    form = OrderForm(authority, SubjectFields(names[0]), tuple(f"DNS:{name}" for name in names))
    draft = backend.orders.save(form)
    return backend.orders.submit(draft.id, draft.version)


def _opened(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
