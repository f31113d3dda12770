"""What every measured program is started with: its own home, no configuration, the same terminal."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_SCRIPT = Path(sys.executable).with_name("certtui")
CERTTUI = [str(_SCRIPT)] if _SCRIPT.exists() else [sys.executable, "-m", "certtui"]
"""The program as a person starts it."""
BARE_PYTHON = [sys.executable, "-c", "pass"]
BARE_APP = [sys.executable, str(ROOT / "benchmarks" / "bare_app.py")]


@contextmanager
def environment() -> Iterator[dict[str, str]]:
    """An environment with a home of its own; gone afterwards."""
    home = tempfile.mkdtemp(prefix="certtui-bench-")
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "PYTHONPATH", "TMPDIR", "TZ")}
    try:
        yield kept | {"HOME": home, "LANG": "C.UTF-8", "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    finally:
        shutil.rmtree(home, ignore_errors=True)
