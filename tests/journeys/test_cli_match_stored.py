"""`certtui match` with what is stored: certificates, containers and secrets beside files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.command_line import certtui, make_estate

pytestmark = pytest.mark.real("openssl")


@pytest.fixture
def estate(tmp_path: Path) -> Path:
    return make_estate(tmp_path)


@pytest.fixture
def name(estate: Path) -> str:
    certtui("import", estate / "fullchain.pem", "--key", estate / "www.key")
    found: str = certtui("list", "has:key", "--format", "json").json[0]["name"]
    return found


def test_what_is_stored_is_compared_with_files(name: str, estate: Path) -> None:
    said = certtui("match", f"cert:{name}", estate / "www.csr")
    assert "They belong together: certificate, private key, request, chain." in said.err
    no = certtui("match", f"cert:{name}", estate / "ca.key", "--format", "json", code=1).json
    assert (no["matches"], no["good"]) == (False, False)
    assert [part["path"] for part in no["parts"] if not part["ok"]] == [str(estate / "ca.key")]
    rows = certtui("match", f"cert:{name}", "--format", "csv").out.splitlines()
    assert rows[0] == "path,kind,label,spki_sha256,ok,problem,not_after"
    assert not any("reveal" in event["event"] for event in certtui("audit", "list", "--format", "json").json)


def test_containers_and_secrets_take_part(name: str, estate: Path) -> None:
    certtui("container", "create", "web", "--certificate", name)
    certtui("secret", "store", "spare", estate / "ca.key", "--type", "private")
    certtui("secret", "store", "own", estate / "www.key", "--type", "private")
    whole = certtui("match", "container:web", "secret:own", "--format", "json", code=None).json
    assert whole["matches"] is True
    no = certtui("match", "container:web", "secret:spare", "--format", "json", code=1).json
    assert [part["path"] for part in no["parts"] if not part["ok"]] == ["secret:spare"]


def test_what_is_not_stored_is_said_and_a_file_of_that_name_is_still_read(name: str, estate: Path) -> None:
    assert "none" in certtui("match", "cert:none", estate / "www.crt", code=None).err
    odd = estate / "cert:odd"
    odd.write_bytes((estate / "www.crt").read_bytes())
    certtui("match", odd, estate / "www.key")
