"""The real console in a terminal of its own: how the journeys start it, and what they ask of the bytes it wrote."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.pty import Terminal

CERTTUI = [sys.executable, "-m", "certtui"]
ROOT = Path(__file__).resolve().parents[2]

_SEQUENCE = re.compile(
    rb"\x1b\[(?P<csi>[0-?]*[ -/]*[@-~])|\x1b(?P<osc>[\]PX^_])|\x1b(?P<other>.?)|(?P<control>[\x00-\x09\x0b-\x0c\x0e-\x1a\x1c-\x1f\x7f])",
    re.DOTALL,
)
_POINTER = re.compile(rb"\x1b\]22;(?:default|pointer|text)\x07")
"""Textual sets the shape of the mouse pointer."""
_HARMLESS = (b"=", b">", b"7", b"8", b"M", b"c")
_C1 = re.compile(rb"\xc2[\x80-\x9f]")
_MODES = re.compile(rb"\x1b\[\?([\d;]+)([hl])")


def surroundings(home: Path, **more: str) -> dict[str, str]:
    """An environment with a home of its own and nothing of the person who runs the tests."""
    kept = {
        name: value for name, value in os.environ.items() if name in ("PATH", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV")
    }
    return {
        **kept,
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "PYTHONDONTWRITEBYTECODE": "1",
        **more,
    }


def start(home: Path, *arguments: str, columns: int = 80, rows: int = 24, **environ: str) -> Terminal:
    """The console in a terminal; to be used in a `with`."""
    return Terminal([*CERTTUI, *arguments], columns=columns, rows=rows, environ=surroundings(home, **environ), cwd=home)


def start_code(home: Path, code: str, *arguments: str, **environ: str) -> Terminal:
    """The console after some code of the test ran in its process: to plant a fault."""
    run = f"import sys\n{code}\nfrom certtui.__main__ import main\nsys.argv = ['certtui', *sys.argv[1:]]\nsys.exit(main())"
    return Terminal([sys.executable, "-c", run, *arguments], environ=surroundings(home, **environ), cwd=ROOT)


def certtui(home: Path, *arguments: str, check: bool = True, **environ: str) -> subprocess.CompletedProcess[str]:
    """One command, to its end."""
    done = subprocess.run(
        [*CERTTUI, *arguments],
        env=surroundings(home, **environ),
        cwd=home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert not check or done.returncode == 0, (arguments, done.returncode, done.stderr)
    return done


def leave(terminal: Terminal) -> int:
    """Leave by the key for it; the exit status."""
    terminal.send("q")
    return terminal.wait_end()


def left_on(raw: bytes) -> set[int]:
    """Terminal modes (DECSET) that were switched on and not off again, the cursor's counted as on when it is hidden."""
    on: set[int] = set()
    for modes, switch in _MODES.findall(bytes(raw)):
        for mode in map(int, modes.split(b";")):
            # 7 (wrap) and 25 (cursor) are on in a terminal nobody touched.
            normal = mode in (7, 25)
            (on.discard if (switch == b"h") == normal else on.add)(mode)
    return on


def foreign(raw: bytes) -> list[bytes]:
    """Every sequence that no console needs: OSC, DCS and their kin, C0 and C1 controls, bells. What hostile text would need."""
    raw = _POINTER.sub(b"", bytes(raw))
    found = [
        bytes(raw[match.start() : match.start() + 40])
        for match in _SEQUENCE.finditer(bytes(raw))
        if match["osc"] or match["control"] or match["other"] not in (None, *_HARMLESS)
    ]
    return found + _C1.findall(bytes(raw))


def colours(raw: bytes) -> set[bytes]:
    """The SGR parameters that set a colour."""
    found = set()
    for parameters in re.findall(rb"\x1b\[([\d;:]*)m", bytes(raw)):
        numbers = [int(each or 0) for each in re.split(rb"[;:]", parameters)]
        if any(number in range(30, 50) and number not in (39, 49) for number in numbers) or any(
            number in range(90, 108) for number in numbers
        ):
            found.add(parameters)
    return found
