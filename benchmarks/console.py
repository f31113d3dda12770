"""What a person at the keyboard waits for: first paint, first rows, a key; bytes over a slow link; memory."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator

from benchmarks.estate import Estate
from benchmarks.measure import Row, alone, compared, in_turns
from benchmarks.surroundings import BARE_APP, CERTTUI, environment
from tests.pty import Terminal

CHROME = b"Inventory"
"""Stands in the frame's first line, which is there before any data."""
BARE = b"bare label 0"
GAP = 0.06
"""Seconds of silence after which a frame counts as painted."""
_ESCAPES = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1bP.*?\x1b\\|\x1b.", re.DOTALL)


def rows(estate: Estate, pairs: int) -> Iterator[Row]:
    """Everything that is measured at the console."""
    with environment() as environ:
        console = [*CERTTUI, "--store", str(estate.path)]
        first = _first_row(console, environ)
        count = f"{estate.count:,} certificates"
        yield from _starts(console, first, environ, pairs, count)
        with _open(console, environ) as ours, _open(BARE_APP, environ) as bare:
            ours.wait_bytes(first)
            bare.wait_bytes(BARE)
            _settle(ours, estate.count)
            bare.wait_quiet(0.3)
            yield from _keys(ours, bare, pairs, count)


def _starts(console: list[str], first: bytes, environ: dict[str, str], pairs: int, count: str) -> Iterator[Row]:
    paints: list[float] = []
    fills: list[float] = []
    peaks: list[float] = []
    bare_peaks: list[float] = []

    def ours() -> float:
        with _open(console, environ) as terminal:
            paints.append((terminal.wait_bytes(CHROME) - terminal.started) * 1000)
            fills.append((terminal.wait_bytes(first) - terminal.started) * 1000)
            terminal.wait_quiet(0.5)
            peaks.append(terminal.memory_peak() / 1024)
        return paints[-1]

    def theirs() -> float:
        with _open(BARE_APP, environ) as terminal:
            spent = (terminal.wait_bytes(BARE) - terminal.started) * 1000
            terminal.wait_quiet(0.3)
            bare_peaks.append(terminal.memory_peak() / 1024)
        return spent

    _, bare = in_turns(ours, theirs, pairs)
    yield compared(f"first paint, {count}", "bare Textual app", 1.3, paints[-pairs:], bare)
    yield compared(f"first rows on screen, {count}", "bare Textual app", 1.6, fills[-pairs:], bare)
    yield compared(
        f"peak memory, list open, {count}", "bare Textual app", 2.2, peaks[-pairs:], bare_peaks[-pairs:], unit="MiB"
    )


def _keys(ours: Terminal, bare: Terminal, pairs: int, count: str) -> Iterator[Row]:
    # A key costs milliseconds, so many of them cost nothing and the median is firm.
    many = max(pairs, 31)
    left, right = in_turns(lambda: _key(ours, "j"), lambda: _key(bare, "x"), many, warm_up=3)
    yield compared(f"cursor move, {count}", "one-line update of the bare app", 1.5, left, right)
    start = len(ours.raw)
    before = len(ours.reads)
    left, right = in_turns(lambda: _key(ours, "\x06"), lambda: _key(bare, "x"), many, warm_up=3)
    yield compared(f"page down, {count}", "one-line update of the bare app", 3.5, left, right)
    written = bytes(ours.raw[start:])
    cells = sum(byte & 0xC0 != 0x80 and byte >= 0x20 for byte in _ESCAPES.sub(b"", written))
    page = alone(
        "bytes per page down, 80x24", "printable cells", 2.2, [len(written) / cells], unit="bytes a cell",
        note=f"{len(written) // (many + 3):,} bytes a page in {(len(ours.reads) - before) / (many + 3):.1f} writes",
    )  # fmt: skip
    yield page
    idle = len(ours.raw)
    ours.read(1.5)
    yield alone("bytes sent while idle", "nothing", 0, [float(len(ours.raw) - idle)], unit="bytes in 1.5 s")


def _key(terminal: Terminal, key: str) -> float:
    """Milliseconds from a key to the last byte of what it painted."""
    before = len(terminal.reads)
    sent = terminal.send(key)
    terminal.wait_until(lambda: len(terminal.reads) > before, f"an answer to {key!r}")
    return (terminal.wait_quiet(GAP) - sent) * 1000


def _settle(terminal: Terminal, count: int) -> None:
    """Until all rows are counted: the total stands on the screen, and nothing more is drawn."""
    terminal.wait_bytes(f"{count:,}".encode())
    terminal.wait_quiet(1.5, timeout=60)


def _open(argv: list[str], environ: dict[str, str]) -> Terminal:
    return Terminal(argv, environ=environ, screen=False, timeout=60)


def _first_row(console: list[str], environ: dict[str, str]) -> bytes:
    """The start of the first row's name, as it stands on the screen."""
    done = subprocess.run(
        [*console, "list", "--limit", "1", "--format", "json"], env=environ, capture_output=True, check=True
    )
    name: str = json.loads(done.stdout)[0]["name"]
    return name[:12].encode()
