"""*Does this belong together?*: files and pastes against each other; nothing is stored."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.certs import make_cert, make_chain
from tests.screens.desk import at_desk, store_at
from tests.screens.harness import text_of


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("certtui.screens.form.PAUSE", 0)
    leaf, issuer, _ = make_chain("api.example.com")
    here = tmp_path / "here"
    here.mkdir()
    (here / "api.crt").write_bytes(leaf.pem)
    (here / "api.key").write_bytes(leaf.key_pem)
    (here / "api.enc.key").write_bytes(leaf.encrypted_key_pem(b"secret"))
    (here / "chain.pem").write_bytes(issuer.pem)
    (here / "other.key").write_bytes(make_cert("other.example.com", number=7).key_pem)
    monkeypatch.chdir(here)
    return here


async def test_a_certificate_its_key_and_its_chain_belong_together(tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path), key="m") as desk:
        for name in ("api.crt", "api.key", "chain.pem"):
            await desk.fill(part=name)
            await desk.press("enter")
        assert desk.form.sentence == "Yes. They belong together: certificate, private key, chain."
        assert desk.rows() == []


async def test_a_foreign_key_is_named_as_the_part_that_is_wrong(tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path), key="m") as desk:
        await desk.fill(sources="api.crt\nother.key\nchain.pem")
        assert desk.form.sentence.startswith("No. The private key does not belong to the certificate")
        wrong = [line for line in text_of(desk.app).splitlines() if line.strip().startswith("wrong")]
        assert len(wrong) == 1
        assert "other.key" in wrong[0]


async def test_a_pasted_text_is_compared_like_a_file(tmp_path: Path) -> None:
    leaf = make_chain("api.example.com")[0]
    async with at_desk(store_at(tmp_path), key="m") as desk:
        await desk.paste(part=leaf.pem)
        assert desk.form.sentence == "One part; give what it is to be compared with."
        await desk.paste(part=leaf.key_pem)
        assert desk.form.field("sources").value == "pasted 1\npasted 2"
        assert desk.form.sentence.startswith("Yes.")


async def test_an_encrypted_key_asks_for_its_password(tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path), key="m") as desk:
        await desk.fill(sources="api.crt\napi.enc.key")
        assert "The private key is encrypted." in desk.said("password")
        await desk.fill(password="secret")
        assert desk.form.sentence.startswith("Yes.")


async def test_what_is_taken_out_is_compared_no_longer(tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path), key="m") as desk:
        await desk.fill(sources="other.key\napi.crt\napi.key")
        assert desk.form.sentence.startswith("No.")
        desk.form.field("sources").focus_editor()
        await desk.press("delete")
        assert desk.form.sentence.startswith("Yes.")


async def test_an_unreadable_file_is_said_and_the_rest_is_still_judged(tmp_path: Path) -> None:
    async with at_desk(store_at(tmp_path), key="m") as desk:
        await desk.fill(sources="api.crt\nabsent.pem\nother.key")
        assert "There is no file absent.pem" in desk.said("sources")
        assert desk.form.sentence.startswith("No.")
