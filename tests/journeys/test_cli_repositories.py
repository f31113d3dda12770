"""Repositories on the command line: each data source made, its rules broken and obeyed; reset, enabled, deleted."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.journeys.command_line import certtui, make_estate
from tests.pty import Terminal

pytestmark = pytest.mark.real("openssl")


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_estate(tmp_path_factory.mktemp("estate"))


def create(*argv: str):
    return certtui("repository", "create", *argv, "--format", "json").json


def test_what_is_uploaded_is_filed_listed_moved_and_taken_out(estate: Path) -> None:
    made = create("web servers", "--source", "uploaded", "--group", "payments")
    assert (made["data_source"], made["state"], made["business_group"]) == ("uploaded", "enabled", "payments")
    certtui("import", estate / "fullchain.pem", "--key", estate / "www.key", "--repository", "web servers")
    listed = certtui("list", 'repository:"web servers"', "--format", "json").json
    assert [each["repository"] for each in listed] == ["web servers"]
    assert "Repository" in certtui("show", "www.example.com").out
    assert create("--source", "uploaded")["name"].startswith("repository-")
    other = create("other", "--source", "uploaded")["id"]
    moved = certtui("repository", "add", "other", "www.example.com", "--format", "json").json
    assert moved == {"repository": other, "done": [listed[0]["id"]], "skipped": [], "needs_reason": []}
    table = certtui("repository", "list").out
    assert "web servers" in table
    certtui("repository", "remove", "other", "--matching", "repository:other")
    assert certtui("list", 'repository:""', "--format", "json").json[0]["name"] == "www.example.com"
    assert "is not filed in other" in certtui("repository", "remove", "other", "www.example.com", code=1).err


def test_ca_certificates_need_a_complete_chain(estate: Path) -> None:
    create("CAs", "--source", "uploaded-ca")
    refused = certtui("import", estate / "ca.crt", "--repository", "CAs", code=1).err
    assert "its issuer CN=Example Root,O=Example is missing" in refused
    assert certtui("list", "--format", "json").json == []
    certtui("import", estate / "root.crt", estate / "ca.crt", "--repository", "CAs")
    assert len(certtui("list", "repository:CAs", "--format", "json").json) == 2
    assert "not the certificate of a CA" in certtui("import", estate / "www.crt", "--repository", "CAs", code=1).err


def test_what_a_ca_issues_is_filed_under_the_policies_that_are_attached() -> None:
    certtui("ca", "create-root", "Root", "--key", "ec-256")
    certtui("ca", "create-intermediate", "Issuing", "--parent", "Root", "--key", "ec-256")
    source = ("--source", "compliant", "--ca", "Issuing", "--policy-set", "Strict")
    assert "not marked as compliant" in certtui("repository", "create", "audited", *source, code=1).err
    certtui("ca", "edit", "Issuing", "--compliant")
    assert create("audited", *source)["ca"] == "Issuing"
    assert "Strict: names and validity (hard)" in certtui("repository", "show", "audited").out
    ordered = ("order", "create", "--authority", "Issuing", "--submit", "--cn")
    assert "Strict: names and validity" in certtui(*ordered, "*.example.com", code=5).err
    certtui(*ordered, "www.example.com", "--san", "www.example.com")
    assert [each["name"] for each in certtui("list", "repository:audited", "--format", "json").json] == [
        "www.example.com"
    ]
    assert (
        "attached to the repository audited"
        in certtui("policy", "remove", "Strict: names and validity", "--yes", code=1).err
    )
    shown = certtui("ca", "show", "Issuing", "--format", "json").json
    assert (shown["compliant"], shown["bound"], shown["repository"]) == (True, True, "audited")


def test_reset_enable_and_delete(estate: Path) -> None:
    create("web", "--source", "uploaded")
    certtui("import", estate / "www.crt", "--repository", "web")
    assert "Reset it first" in certtui("repository", "delete", "web", "--yes", code=1).err
    assert "Add --yes" in certtui("repository", "reset", "web", code=2).err
    left = certtui("repository", "reset", "web", "--yes", "--format", "json").json
    assert (left["state"], left["data_source"], left["left"]["total"]) == ("reset", None, 1)
    assert "Enable it first" in certtui("repository", "add", "web", "www.example.com", code=1).err
    assert certtui("repository", "enable", "web", "--source", "uploaded-ca", "--format", "json").json["version"] == 3
    certtui("repository", "rename", "web", "CAs")
    certtui("repository", "reset", "CAs", "--yes")
    certtui("repository", "delete", "CAs", "--yes")
    assert certtui("repository", "list", "--format", "json").json == []
    told = certtui("audit", "list", "event:repository.*", "--format", "json").json
    assert json.dumps(told).count("repository.reset.success") == 2
    assert [each["name"] for each in certtui("list", "--format", "json").json] == ["www.example.com"]


def test_on_a_terminal_a_reset_shows_what_will_leave_and_asks(estate: Path) -> None:
    create("web", "--source", "uploaded")
    certtui("import", estate / "www.crt", "--repository", "web")
    command = [sys.executable, "-m", "certtui", "repository", "reset", "web"]
    for answer, code, state in (("n\r", 1, "enabled"), ("y\r", 0, "reset")):
        with Terminal(command) as terminal:
            terminal.wait_for("[y/N]")
            said = terminal.raw.replace(b"\r\n", b" ")
            assert b"I understand the risks of the reset operation and confirm the operation" in said
            assert b"www.example.com" in said
            assert b"can't be undone" in said
            terminal.send(answer)
            assert terminal.wait_end() == code
        assert certtui("repository", "show", "web", "--format", "json").json["state"] == state
