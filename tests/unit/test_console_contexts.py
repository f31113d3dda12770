"""A command line shown in the console means the place that the console shows, wherever it is pasted."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import pytest

from certtui.app import CerttuiApp
from certtui.backend.base import BackendInfo
from certtui.cli.console_contexts import ConfiguredContexts
from certtui.cli.context import Context
from certtui.model.audit import Actor
from certtui.paths import default_store

CONFIG = """
default_context = "team"
[contexts.team]
url = "https://certs.example.net:8443"
[contexts."site b"]
store = "/srv/b.db"
"""


def option(tmp_path: Path, config: str, environ: dict[str, str], **shown: str) -> str:
    (tmp_path / "config.toml").write_text(config)
    environ = {**environ, "CERTTUI_CONFIG": str(tmp_path / "config.toml"), "HOME": str(tmp_path)}
    args = Namespace(demo=False, ascii=False, store="", context="", read_only=False)
    contexts = ConfiguredContexts(Context(args, environ), Actor("ops"))
    own = str(default_store(environ))
    facts = {"name": "local", "kind": "local", "place": own, **shown}
    return contexts.command_option(BackendInfo(**facts, actor=Actor("ops"), role="owner", read_only=False))  # type: ignore[arg-type]  # text alone


def test_the_default_context_and_the_own_store_need_no_word(tmp_path: Path) -> None:
    assert option(tmp_path, CONFIG, {}, name="team", kind="remote", place="https://certs.example.net:8443") == ""
    assert option(tmp_path, "", {}) == ""


def test_another_context_is_named_and_quoted(tmp_path: Path) -> None:
    assert option(tmp_path, CONFIG, {}, name="site b", place="/srv/b.db") == "--context 'site b'"


def test_a_store_given_by_its_path_is_named_by_its_path(tmp_path: Path) -> None:
    assert option(tmp_path, "", {}, place="/srv/my store.db") == "--store '/srv/my store.db'"


def test_what_the_environment_names_is_in_the_shell_as_well(tmp_path: Path) -> None:
    assert option(tmp_path, "", {"CERTTUI_STORE": "/srv/c.db"}, place="/srv/c.db") == ""
    assert option(tmp_path, "", {}, name="server", kind="remote", place="https://x.example:1") == ""


def test_the_console_writes_it_behind_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    class Named:
        def command_option(self, info: BackendInfo) -> str:
            return f"--context {info.name}"

    class Open:
        info = BackendInfo("team", "remote", "", Actor("ops"), "viewer", False)

    app = CerttuiApp(lambda: None, lambda: None)  # type: ignore[arg-type, return-value]  # nothing is opened
    assert app.as_typed("certtui delete 2") == "certtui delete 2"
    monkeypatch.setattr(app, "contexts", Named())
    monkeypatch.setattr(app, "backend", Open())
    assert app.as_typed("certtui delete 2") == "certtui --context team delete 2"
