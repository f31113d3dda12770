"""The CAs of the built-in PKI over HTTP; their keys are made on the server and stay there."""

from __future__ import annotations

from certtui.backend.wire_forms import DerBody, Id, ImportCaBody, MakeCaBody, RetireBody, RollOverBody, Upload
from certtui.model.local_ca import Ca, CaSettings, CrlInfo, LivingCertificate
from certtui.server.route import Call, Parameter, Reply, Routes, reply
from certtui.server.uploads import certificate_of

ROUTES = Routes("cas", "The CAs of the built-in PKI. Certificates, CRLs and OCSP for everybody are under /pki.")

_DELTA = Parameter("delta", "The delta CRL.", {"type": "boolean", "default": False})
_SUBJECT = {"common_name": "Example Root", "organization": "Example"}
_PEM = {"pem": "-----BEGIN CERTIFICATE-----\n…"}


@ROUTES(
    "GET", "/cas/resolve", "cas.resolve", "Find one by id, unique name or common name", gives=Id,
    query=(Parameter("reference", "An id, a name or a common name.", example="Issuing 1"),),
)  # fmt: skip
def resolve(call: Call) -> Reply:
    return reply(Id(call.backend.cas.resolve(call.reference)))


def _made(call: Call, kind: str) -> Reply:
    body: MakeCaBody = call.body
    match kind:
        case "root":
            return _page(call.backend.cas.create_root(body.spec, body.settings))
        case "intermediate":
            return _page(call.backend.cas.create_intermediate(call.id, body.spec, body.settings))
    return _page(call.backend.cas.request_intermediate(body.spec, body.settings))


@ROUTES(
    "POST", "/cas/roots", "cas.create_root", "Make a root", help="With its key and its first CRL.",
    takes=MakeCaBody, gives=Ca, changes=True, created=True,
    again=lambda call, kept: _page(call.backend.cas.get(kept.first("ca"))),
    example={"spec": {"subject": _SUBJECT, "days": 3650}, "settings": {"crl_days": 7}},
)  # fmt: skip
def create_root(call: Call) -> Reply:
    return _made(call, "root")


@ROUTES(
    "POST", "/cas/{id}/intermediates", "cas.create_intermediate", "Make a CA below one that is here",
    takes=MakeCaBody, gives=Ca, changes=True, created=True,
    again=lambda call, kept: _page(call.backend.cas.get(kept.first("ca"))),
    example={"spec": {"subject": {"common_name": "Example Issuing 1"}, "days": 1825, "path_length": 0}},
)  # fmt: skip
def create_intermediate(call: Call) -> Reply:
    return _made(call, "intermediate")


@ROUTES(
    "POST", "/cas/requests", "cas.request_intermediate", "Make key and CSR of a CA for an offline root to sign",
    help="The CA waits until its certificate is brought back.",
    takes=MakeCaBody, gives=Ca, changes=True, created=True,
    again=lambda call, kept: _page(call.backend.cas.get(kept.first("ca"))),
    example={"spec": {"subject": {"common_name": "Example Issuing 2"}}},
)  # fmt: skip
def request_intermediate(call: Call) -> Reply:
    return _made(call, "request")


@ROUTES(
    "POST", "/cas/import", "cas.import_ca", "Bring in a CA that exists",
    help="With its key it can issue, without it is offline. As in adding certificates: DER in base64, or `pem`.",
    takes=ImportCaBody, gives=Ca, changes=True, upload=True, created=True,
    again=lambda call, kept: _page(call.backend.cas.get(kept.first("ca"))), example={"certificate": _PEM},
)  # fmt: skip
def import_ca(call: Call) -> Reply:
    new = certificate_of(call.state.inspect, call.body.certificate, "certificate")
    return _page(call.backend.cas.import_ca(new, call.body.settings))


@ROUTES(
    "POST", "/cas/ocsp", "cas.ocsp", "Answer an OCSP request",
    help="DER to DER, in base64; a request that can't be read gets an OCSP error response (RFC 6960, 4.2.1).",
    takes=DerBody, gives=bytes, example={"data": "MEIwQDA+MDwwOjAJBgUrDgMCGgUABBQ="},
)  # fmt: skip
def ocsp(call: Call) -> Reply:
    return reply(call.backend.cas.ocsp(call.body.data))


@ROUTES("GET", "/cas/{id}", "cas.get", "Read one CA", gives=Ca)
def get(call: Call) -> Reply:
    return _page(call.backend.cas.get(call.id))


@ROUTES(
    "PUT", "/cas/{id}/settings", "cas.edit", "Change what a CA publishes, and where",
    help="All settings; one that is missing takes its default.",
    takes=CaSettings, gives=Ca, if_match=True, changes=True, again=lambda call, kept: get(call),
    example={"crl_days": 7, "crl_urls": ["http://pki.example.com/pki/crl/2.crl"],
             "ocsp_urls": ["http://pki.example.com/pki/ocsp"]},
)  # fmt: skip
def edit(call: Call) -> Reply:
    return _page(call.backend.cas.edit(call.id, call.seen, call.body))


@ROUTES(
    "POST", "/cas/{id}/complete", "cas.complete", "Give the certificate that the offline root signed",
    takes=Upload, gives=Ca, if_match=True, changes=True, upload=True, again=lambda call, kept: get(call), example=_PEM,
)  # fmt: skip
def complete(call: Call) -> Reply:
    return _page(call.backend.cas.complete(call.id, call.seen, certificate_of(call.state.inspect, call.body)))


@ROUTES("GET", "/cas/{id}/certificate", "cas.certificate", "Read a CA's certificate, DER in base64", gives=bytes)
def certificate(call: Call) -> Reply:
    return reply(call.backend.cas.certificate(call.id))


@ROUTES("GET", "/cas/{id}/crl", "cas.crl", "Read the newest CRL, DER in base64", gives=bytes, query=(_DELTA,))
def crl(call: Call) -> Reply:
    return reply(call.backend.cas.crl(call.id, delta=call.flag("delta")))


@ROUTES(
    "POST", "/cas/{id}/crl", "cas.issue_crl", "Issue a CRL with the next number",
    gives=CrlInfo, changes=True, query=(_DELTA,), again=lambda call, kept: _newest_crl(call),
)  # fmt: skip
def issue_crl(call: Call) -> Reply:
    return reply(call.backend.cas.issue_crl(call.id, delta=call.flag("delta")))


@ROUTES(
    "PUT", "/cas/{id}/crl", "cas.accept_crl", "Bring the CRL of an offline CA", help="PEM or DER, in base64.",
    takes=DerBody, gives=CrlInfo, changes=True, upload=True, again=lambda call, kept: _newest_crl(call),
    example={"data": "LS0tLS1CRUdJTiBYNTA5IENSTC0tLS0t"},
)  # fmt: skip
def accept_crl(call: Call) -> Reply:
    return reply(call.backend.cas.accept_crl(call.id, call.body.data))


@ROUTES(
    "POST", "/cas/{id}/roll-over", "cas.roll_over", "Make a successor with a new key",
    help="Without `spec` it is made as this one is. Authorities issue by the successor from then on; the old one goes on "
    "signing its CRLs.",
    takes=RollOverBody, gives=Ca, if_match=True, changes=True, created=True, example={},
    again=lambda call, kept: _successor(call),
)  # fmt: skip
def roll_over(call: Call) -> Reply:
    return _page(call.backend.cas.roll_over(call.id, call.seen, call.body.spec))


@ROUTES(
    "GET", "/cas/{id}/living", "cas.living", "List what it issued that still lives, soonest expiry first",
    gives=tuple[LivingCertificate, ...],
)  # fmt: skip
def living(call: Call) -> Reply:
    return reply(tuple(call.backend.cas.living(call.id)), tuple[LivingCertificate, ...])


@ROUTES(
    "POST", "/cas/{id}/retire", "cas.retire", "Let a CA issue no more",
    help="409 unless `living` is the number of certificates that still live. Its CRLs and OCSP answers go on.",
    takes=RetireBody, gives=Ca, if_match=True, changes=True, again=lambda call, kept: get(call), example={"living": 0},
)  # fmt: skip
def retire(call: Call) -> Reply:
    return _page(call.backend.cas.retire(call.id, call.seen, living=call.body.living))


def _newest_crl(call: Call) -> Reply:
    ca = call.backend.cas.get(call.id)
    return reply(ca.delta if call.query.get("delta") == "true" else ca.row.crl, CrlInfo | None)


def _successor(call: Call) -> Reply:
    old = call.backend.cas.get(call.id)
    return _page(old if old.successor_id is None else call.backend.cas.get(old.successor_id))


def _page(ca: Ca) -> Reply:
    return reply(ca, version=ca.row.version)
