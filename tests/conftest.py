"""What every test stands on: no file of the person running them, no colour or terminal of theirs, real programs by name."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.loopback import memory_folder

# The same examples on every machine; `HYPOTHESIS_PROFILE=search make test` looks for new ones.
settings.register_profile("steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("search", deadline=None, max_examples=2000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

# Debian keeps PostgreSQL's own programs, as initdb, in a folder for each version.
_POSTGRESQL = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)
os.environ["PATH"] = ":".join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin", *_POSTGRESQL])

# Every test has a store of its own, whose every commit is waited for: in memory that costs nothing.
if (_memory := memory_folder(2_000)) is not None:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", _memory)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """`@pytest.mark.real("openssl", "tmux")`: skipped by name where a program is missing; an error with CI=true."""
    for mark in item.iter_markers("real"):
        missing = [program for program in mark.args if shutil.which(program) is None]
        if not missing:
            continue
        reason = f"not installed here: {', '.join(missing)}"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{reason}; with CI=true nothing may be skipped", pytrace=False)
        pytest.skip(reason)


def pytest_sessionfinish() -> None:
    """A PostgreSQL that the tests of this process started ends with them."""
    if started := sys.modules.get("tests.postgres"):
        started.stop_all()


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder per test, so that nothing of the person's own configuration, store or terminal reaches a test."""
    home = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if name.startswith(("CERTTUI_", "XDG_", "SSH_", "TMUX", "TEXTUAL")) or name in (
            "NO_COLOR",
            "FORCE_COLOR",
            "COLORTERM",
            "SUDO_USER",
            "DISPLAY",
            "WAYLAND_DISPLAY",
        ):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    for kind in ("DATA", "STATE", "CONFIG", "CACHE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(home / kind.lower()))
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("LANG", "C.UTF-8")
    return home
