"""The inventory over HTTP."""

from __future__ import annotations

from certtui.backend import wire
from certtui.backend.wire_forms import MOST_AT_ONCE, AddBody, Id, LookupBody, PlanBody, RecordsBody
from certtui.errors import Invalid
from certtui.model.certificate import (
    AddOutcome,
    Certificate,
    CertificateEdit,
    CertificateRecord,
    Exported,
    ExportRequest,
    KnownCertificate,
    Overview,
    ReplacementPlan,
)
from certtui.model.chain import ChainReport
from certtui.model.query import Query, Sort
from certtui.model.secret import Secret
from certtui.server.port import paged
from certtui.server.route import Call, Parameter, Reply, Routes, at_most, reply
from certtui.server.routes.pages import CertificatePage
from certtui.server.uploads import certificates_of

ROUTES = Routes("certificates", "The inventory.")

_FILTER = Parameter(
    "filter", "The filter language (docs/filter-language.md).", example="status:expiring group:payments"
)
_SORT = Parameter("sort", "A field of the list; with `-` before it, descending.", example="not_after")
_LIMIT = Parameter(
    "limit", "Rows in the answer, 1 to 1000.", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}
)
_CURSOR = Parameter("cursor", "`next` of the answer before, with the same filter and sort.")
_LABELS = {"name": "api gateway", "business_group": "payments"}


@ROUTES(
    "GET", "/certificates", "certificates.page", "List certificates, page by page",
    help="For scripts: every page begins where the last one ended, whatever was added or deleted meanwhile. "
    "`next` is null on the last page. Consoles open a listing instead, which freezes its order.",
    gives=CertificatePage, query=(_FILTER, _SORT, _LIMIT, _CURSOR),
)  # fmt: skip
def search(call: Call) -> Reply:
    limit = call.number("limit", 100, most=MOST_AT_ONCE)
    if limit == 0:
        raise Invalid("`limit` is 1 or more.", "Correct it.", field="limit")
    query = Query(call.query.get("filter", ""), Sort.parse(call.query.get("sort", "name")))
    cursor = call.query.get("cursor", "")

    def write() -> bytes:
        rows, after = paged(call.backend).page(query, cursor, limit)
        following = wire.dumps(after).decode() if after else "null"
        return f'{{"items":[{",".join(rows)}],"next":{following}}}'.encode("ascii")

    question = (call.identity.access, query, cursor, limit)
    state = (call.backend.feed.latest(), call.state.serving.clock.now())
    return Reply(call.state.pages.page(question, state, write), same_while=state)


@ROUTES(
    "POST", "/certificates", "certificates.add", "Add certificates",
    help="All in one transaction, outcomes in order. What is there already (by fingerprint) is not added twice; a missing "
    f"key is attached. At most {MOST_AT_ONCE} at once. What a policy keeps out refuses all (403, or 422 with the field "
    "`reason` where a word is wanted), or with `skip_refused` is left out: `refused` says why, and `id` is 0. "
    "Each is DER in base64 (`leaf`, `chain`, `key` as PKCS#8), or one `pem` text. Facts are read by the server.",
    takes=AddBody, gives=tuple[AddOutcome, ...], changes=True, upload=True, created=True,
    again=lambda call, kept: _add(call),
    example={"certificates": [{"pem": "-----BEGIN CERTIFICATE-----\n…", "labels": _LABELS}]},
)  # fmt: skip
def add(call: Call) -> Reply:
    return _add(call)


def _add(call: Call) -> Reply:
    at_most(call.body.certificates, MOST_AT_ONCE, "certificates")
    batch = certificates_of(call.state.inspect, call.body.certificates)
    outcomes = call.backend.certificates.add(batch, skip_refused=call.body.skip_refused)
    return reply(tuple(outcomes), tuple[AddOutcome, ...])


@ROUTES(
    "GET",
    "/certificates/overview",
    "certificates.overview",
    "Count everything by status and month of expiry",
    gives=Overview,
)
def overview(call: Call) -> Reply:
    return reply(call.backend.certificates.overview())


@ROUTES(
    "GET", "/certificates/resolve", "certificates.resolve", "Find one by id, unique name or fingerprint prefix",
    help="409 with `candidates` where several fit.",
    gives=Id, query=(Parameter("reference", "An id, a name, or 4 hex digits or more.", example="api gateway"),),
)  # fmt: skip
def resolve(call: Call) -> Reply:
    return reply(Id(call.backend.certificates.resolve(call.reference)))


@ROUTES(
    "POST", "/certificates/lookup", "certificates.lookup", "Ask which of these are here, by hash",
    help="A file that is only being looked at need not travel.",
    takes=LookupBody, gives=tuple[KnownCertificate, ...], example={"fingerprints": ["a1" * 32]},
)  # fmt: skip
def lookup(call: Call) -> Reply:
    body: LookupBody = call.body
    at_most((*body.fingerprints, *body.spkis, *body.subject_ids), 10 * MOST_AT_ONCE, "fingerprints")
    found = call.backend.certificates.lookup(
        fingerprints=body.fingerprints, spkis=body.spkis, subject_ids=body.subject_ids
    )
    return reply(tuple(found), tuple[KnownCertificate, ...])


@ROUTES(
    "POST", "/certificates/records", "certificates.records", "Read many entries with all facts",
    help=f"In the order asked, those that are gone left out; at most {MOST_AT_ONCE} at once.",
    takes=RecordsBody, gives=tuple[CertificateRecord, ...], example={"ids": [1, 2]},
)  # fmt: skip
def records(call: Call) -> Reply:
    at_most(call.body.ids, MOST_AT_ONCE, "ids")
    found = call.backend.certificates.records(call.body.ids, as_of=call.body.as_of)
    return reply(tuple(found), tuple[CertificateRecord, ...])


@ROUTES("GET", "/certificates/{id}", "certificates.get", "Read one certificate", gives=Certificate)
def get(call: Call) -> Reply:
    return _page(call.backend.certificates.get(call.id))


@ROUTES(
    "PATCH", "/certificates/{id}", "certificates.edit", "Change labels, and how it is renewed",
    help="Fields that are missing stay as they are. `If-Match` carries the version that was seen; 412 when somebody was faster.",
    takes=CertificateEdit, gives=Certificate, if_match=True, changes=True,
    again=lambda call, kept: get(call), example={"business_group": "payments"},
)  # fmt: skip
def edit(call: Call) -> Reply:
    return _page(call.backend.certificates.edit(call.id, call.seen, call.body))


@ROUTES(
    "DELETE", "/certificates/{id}", "certificates.delete", "Delete a certificate with its key",
    help="409 while it is associated, unless `dissociate=true`; and while its containers have consumers, unless `consumers` "
    "has the ids of all of them.", if_match=True, changes=True,
    again=lambda call, kept: Reply(),
    query=(
        Parameter("dissociate", "Dissociate it first.", {"type": "boolean", "default": False}),
        Parameter("consumers", "Ids of consumers that were looked at and confirmed, between commas."),
    ),
)  # fmt: skip
def delete(call: Call) -> Reply:
    call.backend.certificates.delete(
        call.id, call.seen, dissociate=call.flag("dissociate"), consumers=call.numbers("consumers")
    )
    return Reply()


@ROUTES("GET", "/certificates/{id}/chain", "certificates.chain", "Explain the paths to a root", gives=ChainReport)
def chain(call: Call) -> Reply:
    return reply(call.backend.certificates.chain(call.id))


@ROUTES("POST", "/certificates/{id}/view", "certificates.record_view", "Put on record that its page was opened")
def record_view(call: Call) -> Reply:
    call.backend.certificates.record_view(call.id)
    return Reply()


@ROUTES(
    "POST", "/certificates/{id}/export", "certificates.export", "Take it out as a file",
    help="`form` is pem, fullchain, chain, der, pkcs7, pfx or key; the last two need the right export-keys. "
    "`password` and `content` are base64.",
    takes=ExportRequest, gives=Exported, secret=True, example={"form": "fullchain"},
)  # fmt: skip
def export(call: Call) -> Reply:
    return reply(call.backend.certificates.export(call.id, call.body))


@ROUTES(
    "POST", "/certificates/{id}/reveal-key", "certificates.reveal_key", "Show the private key",
    help="Unencrypted PKCS#8 PEM in base64. Needs the right export-keys, which no role implies; audited.",
    gives=Secret, secret=True,
)  # fmt: skip
def reveal_key(call: Call) -> Reply:
    return reply(call.backend.certificates.reveal_key(call.id))


@ROUTES(
    "DELETE", "/certificates/{id}/key", "certificates.delete_key", "Destroy the private key, keep the certificate",
    gives=Certificate, if_match=True, changes=True, again=lambda call, kept: get(call),
)  # fmt: skip
def delete_key(call: Call) -> Reply:
    return _page(call.backend.certificates.delete_key(call.id, call.seen))


@ROUTES(
    "POST", "/certificates/{id}/replacement-plan", "certificates.plan_replacement", "See what a replacement would do",
    takes=PlanBody, gives=ReplacementPlan, example={"new_id": 2},
)  # fmt: skip
def plan_replacement(call: Call) -> Reply:
    return reply(call.backend.certificates.plan_replacement(call.id, call.body.new_id))


@ROUTES(
    "POST", "/certificates/{id}/replace", "certificates.replace", "Carry out a replacement plan",
    help="The plan as it was answered, perhaps with some `move` set to false. 409 if either certificate moved on since.",
    takes=ReplacementPlan, gives=Certificate, changes=True,
    again=lambda call, kept: _page(call.backend.certificates.get(call.body.new_id)),
)  # fmt: skip
def replace(call: Call) -> Reply:
    if call.body.old_id != call.id:
        raise Invalid("The plan is of another certificate.", "Send it to that one's path.", field="old_id")
    return _page(call.backend.certificates.replace(call.body))


def _page(certificate: Certificate) -> Reply:
    return reply(certificate, version=certificate.version)
