"""The four methods with files that openssl made."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.screens.desk import at_desk, store_at

pytestmark = pytest.mark.real("openssl")


def openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True, timeout=30)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("certtui.screens.form.PAUSE", 0)
    here = tmp_path / "here"
    here.mkdir()
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl(here, "req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Real CA", "-days", "900")
    openssl(here, "req", *curve, "-keyout", "web.key", "-out", "web.csr", "-subj", "/CN=web.example.com")
    sign(here, "web.csr", "web.crt")
    openssl(here, "ec", "-in", "web.key", "-aes256", "-passout", "pass:secret", "-out", "web.enc.key")
    bundle = ("-in", "web.crt", "-inkey", "web.key", "-certfile", "ca.pem", "-passout", "pass:secret")
    openssl(here, "pkcs12", "-export", *bundle, "-out", "web.pfx")
    openssl(here, "pkcs12", "-export", "-legacy", *bundle, "-out", "legacy.pfx")
    monkeypatch.chdir(here)
    return here


def sign(folder: Path, request: str, certificate: str) -> None:
    issuer = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "200")
    openssl(folder, "x509", "-req", "-in", request, *issuer, "-out", certificate)


@pytest.mark.parametrize("name", ["web.pfx", "legacy.pfx"])
async def test_a_pfx_of_openssl(name: str, tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.fill(file=name, password="secret")
        await desk.press("ctrl+s")
        assert [(row.common_name, row.has_private_key) for row in desk.rows()] == [("web.example.com", True)]


async def test_a_pair_of_openssl_with_a_traditional_encrypted_key(tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.fill(method="pair", certificate="web.crt", key="web.enc.key", key_password="secret", chain="ca.pem")
        await desk.press("ctrl+s")
        assert [(row.common_name, row.has_private_key) for row in desk.rows()] == [("web.example.com", True)]


async def test_a_csr_that_openssl_signs_comes_back_as_a_certificate(folder: Path, tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path)) as desk:
        await desk.fill(method="csr", common_name="shop.example.com")
        await desk.press("ctrl+s", "ctrl+t", "enter", "escape", "a")
        sign(folder, "shop.example.com.csr", "shop.crt")
        await desk.fill(method="saved", certificate="shop.crt", chain="ca.pem")
        await desk.press("ctrl+s")
        (row,) = desk.rows()
        assert (row.common_name, row.has_private_key) == ("shop.example.com", True)
        assert row.status != "pending"
