"""The OCSP responder (RFC 6960) of the CAs here: answers come from what was issued, by one index lookup each.

It signs with a delegated certificate that lives for a month and is made when it is needed, so that a key which signs
for everybody who asks is not the CA's. What was signed is kept and given again as long as it says what the table says:
the table is asked every time, the key is not.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from certtui.backend.local.cas_signers import loaded_ca
from certtui.backend.local.cas_whole import whole
from certtui.backend.local.keyring import CURRENT, wrapping_key_of
from certtui.backend.local.open_store import OpenStore
from certtui.clock import epoch, from_epoch
from certtui.errors import Conflict, Invalid, Locked, NotFound, Unreachable
from certtui.model.crl import CrlEntry
from certtui.model.x509 import X509Facts
from certtui.record import dataclass

if TYPE_CHECKING:
    import sqlite3

    from certtui.model.x509 import KeyFacts
    from certtui.pki.ocsp import OcspItem, OcspQuestion, OcspStatus
    from certtui.pki.signing import Signer

GOOD_FOR = timedelta(hours=24)
"""From thisUpdate to nextUpdate of an answer; one is given again during the first half of it."""

_RESPONDER_DAYS = 30
_RENEWED = timedelta(days=10)
"""A responder with so much time left is replaced."""

_LAST_DAYS = timedelta(hours=1)
_KEPT = 20_000


def answer_ocsp(store: OpenStore, request: bytes) -> bytes:
    """Answer a request, DER to DER; never raises. A locked store says tryLater, a CA that is not ours unauthorized."""
    from certtui.pki.ocsp import INTERNAL_ERROR, MALFORMED, TRY_LATER, UNAUTHORIZED, error_answer, read_request

    try:
        question = read_request(request)
    except Invalid:
        return error_answer(MALFORMED)
    except Exception:
        # Whatever strangers send: an answer, and no traceback.
        return error_answer(MALFORMED)
    try:
        answered = _answered(whole(store), question)
    except (Locked, Unreachable):
        return error_answer(TRY_LATER)
    except (Conflict, NotFound):
        return error_answer(UNAUTHORIZED)
    except Exception:
        return error_answer(INTERNAL_ERROR)
    return error_answer(UNAUTHORIZED) if answered is None else answered


@dataclass(frozen=True, slots=True)
class _Responder:
    """Who signs for a CA."""

    signer: Signer
    not_after: datetime


def _answered(store: OpenStore, question: OcspQuestion) -> bytes | None:
    from certtui.pki.ocsp import answer

    now = store.clock.now()
    with store.readers.use() as connection:
        ca_id = next((found for item in question.items if (found := _ca_of(connection, item)) is not None), None)
        if ca_id is None:
            return None
        statuses = tuple(_status(connection, ca_id, item) for item in question.items)
        # Refused while the store is locked, whatever was kept.
        store.keyring.open(wrapping_key_of(connection.execute(CURRENT).fetchone()))
    responder = _responder(store, ca_id, now)
    answers = _answers(store)
    key = (ca_id, tuple(item.cert_id for item in question.items), statuses, responder.signer.certificate.der)
    if question.nonce is None and (kept := answers.get(key, now)) is not None:
        return kept
    next_update = min(now + GOOD_FOR, responder.not_after)
    made = answer(question, statuses, responder.signer, now, next_update)
    if question.nonce is None:
        answers.put(key, now, now + (next_update - now) / 2, made)
    return made


def _ca_of(connection: sqlite3.Connection, item: OcspItem) -> int | None:
    """The CA that an item names by the hashes of its name and key; one without its key here answers nothing."""
    if item.digest not in ("sha1", "sha256"):
        return _ca_by_certificate(connection, item) if item.digest else None
    found = connection.execute(
        f"SELECT id FROM ca WHERE key_hash_{item.digest} = ? AND name_hash_{item.digest} = ? "  # noqa: S608 - one of two names
        "AND state IN ('active', 'retired') ORDER BY id LIMIT 1",
        (item.issuer_key_hash, item.issuer_name_hash),
    ).fetchone()
    return None if found is None else int(found[0])


def _ca_by_certificate(connection: sqlite3.Connection, item: OcspItem) -> int | None:
    """For a digest that has no column: the few CAs one by one."""
    from certtui.backend.local.cas_signers import certificate_of
    from certtui.pki.ocsp import asks_about

    known = connection.execute("SELECT id, certificate_id FROM ca WHERE state IN ('active', 'retired')").fetchall()
    for ca_id, certificate_id in known:
        if asks_about(item, certificate_of(connection, certificate_id)):
            return int(ca_id)
    return None


def _status(connection: sqlite3.Connection, ca_id: int, item: OcspItem) -> OcspStatus:
    from certtui.pki.ocsp import GOOD, UNKNOWN

    found = connection.execute(
        "SELECT revoked_at, reason FROM issued WHERE ca_id = ? AND serial = ?", (ca_id, item.serial_number)
    ).fetchone()
    if found is None or _ca_of(connection, item) != ca_id:
        return UNKNOWN
    revoked_at, reason = found
    if revoked_at is None:
        return GOOD
    return CrlEntry(item.serial_number, from_epoch(revoked_at), reason or "unspecified")


def _responder(store: OpenStore, ca_id: int, now: datetime) -> _Responder:
    name = ("ocsp", ca_id)
    kept = store.keyring.recall(name)
    if isinstance(kept, _Responder) and _lasts(kept.not_after, now):
        return kept
    found = _stored(store, ca_id, now) or _made(store, ca_id, now)
    store.keyring.remember(name, found)
    return found


def _lasts(not_after: datetime, now: datetime) -> bool:
    return not_after - now > _RENEWED


def _stored(store: OpenStore, ca_id: int, now: datetime) -> _Responder | None:
    from certtui.backend.local.secrets import OCSP, open_secrets
    from certtui.pki.facts import x509_facts
    from certtui.pki.signing import load_signer

    with store.readers.use() as connection:
        found = connection.execute("SELECT not_after, der FROM ocsp_responder WHERE ca_id = ?", (ca_id,)).fetchone()
    if found is None or not _lasts(from_epoch(found[0]), now):
        return None
    key = open_secrets(store, OCSP, ca_id).get("key")
    try:
        facts = x509_facts(bytes(found[1]))
        # Another process may have put a new certificate in between the two readings: then a new one is made again.
        return None if key is None else _Responder(load_signer(facts, key), facts.not_after)
    except Invalid:
        return None


def _made(store: OpenStore, ca_id: int, now: datetime) -> _Responder:
    """A new delegated certificate; where it can't be stored (read-only) it is this process's alone."""
    from certtui.pki.ocsp import make_responder
    from certtui.pki.signing import load_signer

    ca = loaded_ca(store, ca_id)
    if ca.signer.certificate.not_after - now <= _RENEWED + _LAST_DAYS:
        # A delegate would end with the CA, at once: then the CA signs itself.
        return _itself(ca.signer, now)
    key_type = "ec-256"
    if ca.signer.certificate.key_algorithm.startswith("ml-dsa"):
        # Who wants a CA that a quantum computer does not break wants the same of its answers.
        key_type = ca.signer.certificate.key_algorithm
    try:
        pair = make_responder(ca.signer, now, key_type=key_type, days=_RESPONDER_DAYS)
    except Invalid:
        # It may issue no delegate: not valid yet, or by its limits.
        return _itself(ca.signer, now)
    signer = load_signer(pair.certificate, pair.key.pkcs8)
    if not store.read_only:
        _keep(store, ca_id, pair.certificate, pair.key)
    return _Responder(signer, pair.certificate.not_after)


def _itself(signer: Signer, now: datetime) -> _Responder:
    """The CA's own key, for as long as another look at it can wait; it answers beyond its own end too."""
    return _Responder(signer, now + _RENEWED * 2)


def _keep(store: OpenStore, ca_id: int, certificate: X509Facts, key: KeyFacts) -> None:
    from certtui.backend.local.secrets import OCSP, seal_secrets
    from certtui.backend.local.tables_issuing import OcspResponderTable
    from certtui.backend.local.wiping import destroying

    with destroying(store) as change:
        change.session.merge(
            OcspResponderTable(ca_id=ca_id, not_after=epoch(certificate.not_after), der=certificate.der)
        )
        seal_secrets(store, change, OCSP, ca_id, {"key": key.pkcs8})


# --- what was signed is given again -----------------------------------------------------------------------------------


class _Answers:
    """Signed answers, the least recently given first to go."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._kept: OrderedDict[object, tuple[datetime, datetime, bytes]] = OrderedDict()

    def get(self, key: object, now: datetime) -> bytes | None:
        with self._guard:
            found = self._kept.get(key)
            if found is None or not found[0] <= now < found[1]:
                return None
            self._kept.move_to_end(key)
            return found[2]

    def put(self, key: object, since: datetime, until: datetime, answer: bytes) -> None:
        with self._guard:
            self._kept[key] = since, until, answer
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)


def _answers(store: OpenStore) -> _Answers:
    kept = store.keyring.recall("ocsp answers")
    if isinstance(kept, _Answers):
        return kept
    made = _Answers()
    store.keyring.remember("ocsp answers", made)
    return made
