"""What is done to orders, CAs, policies and alerts answers a script in JSON."""

from __future__ import annotations

import json

import pytest

from certtui.cli.main import main
from tests.backend.cas import root
from tests.screens.desk import store_at


def run(capsys: pytest.CaptureFixture[str], *words: str) -> object:
    assert main([*words, "--format", "json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_channels_authorities_cas_and_policies_answer_in_json(tmp_path, capsys, monkeypatch) -> None:
    backend = store_at(tmp_path)
    root(backend)
    backend.close()
    store = ("--store", str(tmp_path / "store.db"))
    added = run(
        capsys,
        "channel",
        "add",
        "hook",
        "--type",
        "webhook",
        "--url",
        "https://a.example/",
        "--generate-secret",
        *store,
    )
    assert isinstance(added, dict)
    assert added["name"] == "hook"
    assert added["signing_key"]
    assert run(capsys, "channel", "remove", "hook", "--yes", *store) == {"removed": added["id"], "name": "hook"}
    authority = run(capsys, "authority", "add", "paper", "--type", "external", *store)
    assert isinstance(authority, dict)
    off = run(capsys, "authority", "disable", "paper", *store)
    assert isinstance(off, dict)
    assert off["enabled"] is False
    assert run(capsys, "authority", "remove", "paper", "--yes", *store) == {"removed": authority["id"], "name": "paper"}
    retired = run(capsys, "ca", "retire", "Root", "--living", "0", "--yes", *store)
    assert isinstance(retired, dict)
    assert retired["state"] == "retired"
