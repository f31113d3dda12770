"""What the adding screens look like, at 80x24 and 120x36: empty, filled, with problems, locked, kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timezone
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from certtui.intake import IntakeReport, Note, Rejected, Taken
from certtui.model.certificate import Labels
from certtui.model.csr import SavedCsr
from certtui.screens.bulk import BulkImportScreen
from certtui.screens.bulk_report import BulkReportScreen
from certtui.screens.csr import CsrScreen
from tests.certs import make_chain
from tests.screens.desk import Desk, at_desk, store_at
from tests.screens.harness import settle, shot

SIZES = [(80, 24), (120, 36)]
METHODS = ["pfx", "pair", "csr", "saved"]
sizes = pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x36"])


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("certtui.screens.form.PAUSE", 0)
    monkeypatch.setattr("certtui.screens.bulk.USUAL", ())
    leaf, issuer, root = make_chain("api.example.com")
    here = tmp_path / "here"
    (here / "certs").mkdir(parents=True)
    (here / "api.pfx").write_bytes(leaf.pfx(b"secret", chain=(issuer, root)))
    (here / "api.crt").write_bytes(leaf.pem)
    (here / "api.enc.key").write_bytes(leaf.encrypted_key_pem(b"secret"))
    (here / "chain.pem").write_bytes(issuer.pem)
    monkeypatch.chdir(here)
    return here


@asynccontextmanager
async def desk_of(tmp_path: Path, size: tuple[int, int], key: str = "a", passphrase: str = "") -> AsyncIterator[Desk]:
    async with at_desk(store_at(tmp_path, passphrase=passphrase), size=size, key=key) as desk:
        yield desk


@sizes
@pytest.mark.parametrize("method", METHODS)
async def test_empty(method: str, size: tuple[int, int], tmp_path: Path, picture: SnapshotAssertion) -> None:
    async with desk_of(tmp_path, size) as desk:
        await desk.fill(method=method)
        assert shot(desk.app) == picture


FILLED = {
    "pfx": {"file": "api.pfx", "password": "secret", "name": "gateway", "group": "payments"},
    "pair": {"certificate": "api.crt", "key": "api.enc.key", "key_password": "secret", "group": "payments"},
    "csr": {"common_name": "shop.example.com", "organization": "Example", "country": "DE", "sans": "münchen.example"},
    "saved": {"certificate": "api.crt"},
}


@sizes
@pytest.mark.parametrize("method", METHODS)
async def test_filled(method: str, size: tuple[int, int], tmp_path: Path, picture: SnapshotAssertion) -> None:
    async with desk_of(tmp_path, size) as desk:
        await desk.fill(method=method, **FILLED[method])
        assert shot(desk.app) == picture


WRONG = {
    "pfx": {"file": "api.pfx", "password": "sekret"},
    "pair": {"certificate": "chain.pem", "key": "api.crt", "chain": "certs"},
    "csr": {"country": "Germany", "email": "nobody", "sans": "foo..bar\n*.*.example.com"},
    "saved": {"certificate": "absent.crt"},
}


@sizes
@pytest.mark.parametrize("method", METHODS)
async def test_with_problems(method: str, size: tuple[int, int], tmp_path: Path, picture: SnapshotAssertion) -> None:
    async with desk_of(tmp_path, size) as desk:
        await desk.fill(method=method, **WRONG[method])
        await desk.press("ctrl+s")
        assert shot(desk.app) == picture


@sizes
async def test_locked(size: tuple[int, int], tmp_path: Path, picture: SnapshotAssertion) -> None:
    async with desk_of(tmp_path, size, passphrase="open sesame") as desk:
        await desk.fill(file="api.pfx", password="secret")
        await desk.press("ctrl+s")
        assert shot(desk.app) == picture


@sizes
async def test_leaving(size: tuple[int, int], tmp_path: Path, picture: SnapshotAssertion) -> None:
    async with desk_of(tmp_path, size) as desk:
        await desk.fill(name="gateway")
        await desk.press("escape")
        assert shot(desk.app) == picture


@sizes
async def test_completing_a_path(size: tuple[int, int], tmp_path: Path, picture: SnapshotAssertion) -> None:
    async with desk_of(tmp_path, size) as desk:
        await desk.press("tab")
        await desk.write("a")
        await desk.press("tab", "down", "down")
        assert shot(desk.app) == picture


@sizes
async def test_a_csr_waiting(size: tuple[int, int], tmp_path: Path, picture: SnapshotAssertion) -> None:
    pem = "-----BEGIN CERTIFICATE REQUEST-----\n" + ("MIIB" * 16 + "\n") * 6 + "-----END CERTIFICATE REQUEST-----\n"
    made = datetime(2026, 11, 20, 12, 0, tzinfo=timezone.utc)
    csr = SavedCsr(1, 1, "shop.example.com", "shop.example.com", (), "CN=shop", "ec-256", "ab" * 32, pem, "", made)
    async with desk_of(tmp_path, size, key="") as desk:
        desk.app.push_screen(CsrScreen(csr))
        await settle(desk.pilot)
        assert shot(desk.app) == picture


@sizes
async def test_choosing_what_to_import(size: tuple[int, int], tmp_path: Path, picture: SnapshotAssertion) -> None:
    async with desk_of(tmp_path, size, key="") as desk:
        desk.app.push_screen(BulkImportScreen(["certs", "api.crt"]))
        await settle(desk.pilot)
        await desk.fill(path="chain.pem", group="payments")
        assert shot(desk.app) == picture


REPORT = IntakeReport(
    imported=(
        Taken(1, "api.example.com", "certs/api.pem", "ab" * 32, True),
        Taken(2, "old", "certs/old.pem", "", False),
    ),
    existing=(Taken(3, "vpn.example.com", "certs/vpn.pfx", "cd" * 32, False, "Example Issuing CA 2"),),
    rejected=(
        Rejected("certs/broken.pem", "The block “CERTIFICATE” is cut off: its END line is missing."),
        Rejected("certs/evil\x1b]52;c;aGk=\x07.pfx", "The PFX file is protected by a password.", needs_password=True),
    ),
    skipped=(Note("certs/README", "It holds no certificate."),),
    notes=(),
    cancelled=False,
)


@sizes
async def test_the_report(size: tuple[int, int], tmp_path: Path, picture: SnapshotAssertion) -> None:
    async with desk_of(tmp_path, size, key="") as desk:
        desk.app.push_screen(BulkReportScreen(REPORT, Labels()))
        await settle(desk.pilot)
        assert shot(desk.app) == picture


@sizes
async def test_a_cancelled_report(size: tuple[int, int], tmp_path: Path, picture: SnapshotAssertion) -> None:
    report = IntakeReport(REPORT.imported, (), (), (), (), cancelled=True)
    async with desk_of(tmp_path, size, key="") as desk:
        desk.app.push_screen(BulkReportScreen(report, Labels()))
        await settle(desk.pilot)
        assert shot(desk.app) == picture


@sizes
@pytest.mark.parametrize("key", ["f", "m"], ids=["server", "match"])
async def test_other_forms_empty(key: str, size: tuple[int, int], tmp_path: Path, picture: SnapshotAssertion) -> None:
    async with desk_of(tmp_path, size, key=key) as desk:
        assert shot(desk.app) == picture
