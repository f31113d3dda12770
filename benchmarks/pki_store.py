"""The built-in PKI with a store: orders to stored certificates, a CRL of 100,000 entries, OCSP answers."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.estate import Estate
from benchmarks.measure import Row, compared, in_turns
from benchmarks.pki_engine import ENTRIES, NOW, URLS, bare_certificate, bare_crl, bare_question, entries
from certtui.clock import FixedClock, epoch

LEAVES = 200
ANSWERS = 1000


def rows(made: Estate, pairs: int) -> Iterator[Row]:
    """All rows with a store."""
    with tempfile.TemporaryDirectory() as folder, closing(_store(Path(folder))) as backend:
        yield from _issuing(backend, pairs)
        yield _crl(backend, pairs)
        yield from _ocsp(backend, pairs)


def _store(folder: Path) -> Any:  # Any: `LocalBackend`, whose module is not imported at the start
    from certtui.backend.factory import StoreOptions, open_backend
    from certtui.model.audit import Actor
    from certtui.model.authority import AuthorityForm, AuthorityType
    from certtui.model.ca import CaSpec
    from certtui.model.csr import SubjectFields
    from certtui.model.local_ca import CaSettings

    options = StoreOptions(str(folder / "certtui.db"), create=True)
    backend = open_backend(options, actor=Actor("bench", via="cli"), clock=FixedClock(NOW))
    root = backend.cas.create_root(CaSpec(SubjectFields("Bench Root")))
    settings = CaSettings(crl_urls=URLS.crl, issuer_urls=URLS.issuer, ocsp_urls=URLS.ocsp)
    spec = CaSpec(SubjectFields("Bench Issuing CA"), days=1825, path_length=0)
    ca = backend.cas.create_intermediate(root.row.id, spec, settings)
    form = AuthorityForm("Bench", AuthorityType.LOCAL, True, settings={"ca": ca.row.name})
    backend.authorities.add(form)
    return backend


def _signer(backend: Any) -> Any:  # Any: `LocalBackend`, `Signer`
    from certtui.backend.local.cas_signers import loaded_ca

    return loaded_ca(backend._store, 2).signer


def _issuing(backend: Any, pairs: int) -> Iterator[Row]:
    """Each order by itself, as a script at the API sends them; and many in one go, as a file of orders is sent."""
    from cryptography import x509

    signer = _signer(backend)
    asked = _requests(LEAVES)
    loaded = [(name, x509.load_der_x509_csr(data).public_key()) for name, data in asked]

    def theirs() -> None:
        for name, key in loaded:
            bare_certificate(signer, name, key)

    for what, ours in _ways(backend, asked):
        left, right = in_turns(lambda ours=ours: _spent(ours), lambda: _spent(theirs), pairs)
        yield compared(
            f"{LEAVES} orders to stored certificates, {what}", "building and signing the same certificates alone",
            0.25, left, right, upside_down=True, note=_rate(LEAVES, left),
        )  # fmt: skip


def _ways(backend: Any, asked: Any) -> Iterator[tuple[str, Callable[[], None]]]:
    def one_by_one() -> None:
        for _, data in asked:
            order = backend.orders.save(_form(data))
            backend.orders.submit(order.row.id, order.row.version)

    def many_at_once() -> None:
        # As a file of orders is sent: a hundred a transaction.
        for start in range(0, len(asked), 100):
            placed = backend.orders.place_many([_form(data) for _, data in asked[start : start + 100]])
            assert all(placed)

    yield "one by one", one_by_one
    yield "a hundred at once", many_at_once


def _form(data: bytes) -> Any:  # Any: `OrderForm`
    from certtui.model.order import OrderForm

    return OrderForm(authority="Bench", csr=data)


@cache
def _requests(count: int) -> tuple[tuple[str, bytes], ...]:
    """Host names and their CSRs (P-256, DER), which bring subject and SAN along."""
    from certtui.model.csr import CsrRequest, SubjectFields
    from certtui.pki import csr

    names = [f"host-{number}.example.com" for number in range(count)]
    return tuple((name, csr.make(CsrRequest(SubjectFields(name), (f"DNS:{name}",)))[0].der) for name in names)


def _crl(backend: Any, pairs: int) -> Row:
    """Numbered, read from the table, built, signed, stored; against building and signing alone."""
    from certtui.backend.local.tables_issuing import IssuedTable

    revoked = entries(ENTRIES)
    later = epoch(NOW + timedelta(days=90))
    with backend._store.changing() as change:
        listed = [
            {
                "ca_id": 1,
                "serial": each.serial_number,
                "issued_at": epoch(each.revoked_at),
                "not_after": later,
                "revoked_at": epoch(each.revoked_at),
                "reason": each.reason,
            }
            for each in revoked
        ]
        change.insert_many(IssuedTable, listed)
    signer = _signer(backend)
    left, right = in_turns(
        lambda: _spent(lambda: backend.cas.issue_crl(1)), lambda: _spent(lambda: bare_crl(signer, revoked)), pairs
    )
    return compared(
        f"CRL of {ENTRIES:,} entries, from the store", "cryptography building and signing it", 1.5, left, right
    )


def _ocsp(backend: Any, pairs: int) -> Iterator[Row]:
    """Answers that are signed (each with a nonce of its own), and answers that are given again."""
    from certtui.backend.local.cas_signers import loaded_ca

    signer = loaded_ca(backend._store, 1).signer
    backend.cas.ocsp(_question(signer, b"0" * 16))
    responder = backend._store.keyring.recall(("ocsp", 1)).signer
    fresh = [_question(signer, number.to_bytes(16, "big")) for number in range(ANSWERS)]
    again = bare_question(signer)

    def theirs() -> None:
        for data in fresh:
            responder.sign(data)

    for what, asked in (("signed anew for each", fresh), ("given again", [again] * ANSWERS)):

        def ours(asked: list[bytes] = asked) -> None:
            for data in asked:
                backend.cas.ocsp(data)

        left, right = in_turns(lambda ours=ours: _spent(ours), lambda: _spent(theirs), pairs)
        yield compared(
            f"{ANSWERS:,} OCSP answers, {what}", "as many signatures alone", 0.1, left, right,
            upside_down=True, note=_rate(ANSWERS, left),
        )  # fmt: skip


def _question(signer: Any, nonce: bytes) -> bytes:
    """A request for a certificate that was revoked. Any: `Signer`."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509 import OCSPNonce
    from cryptography.x509.ocsp import OCSPRequestBuilder

    from certtui.pki.ocsp import issuer_hashes

    name, key = (bytes.fromhex(each) for each in issuer_hashes(signer.certificate, "sha1"))
    serial = int(entries(ENTRIES)[0].serial_number, 16)
    builder = OCSPRequestBuilder().add_certificate_by_hash(name, key, serial, hashes.SHA1())
    return builder.add_extension(OCSPNonce(nonce), critical=False).build().public_bytes(Encoding.DER)


def _spent(act: Callable[[], object]) -> float:
    """Milliseconds."""
    start = time.perf_counter()
    act()
    return (time.perf_counter() - start) * 1000


def _rate(count: int, spent: list[float]) -> str:
    return f"{sorted(count / each for each in spent)[len(spent) // 2] * 1000:,.0f} a second"
