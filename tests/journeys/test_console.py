"""The console as a person has it: a real process in a real terminal, from the first start to the last key."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.certs import make_cert
from tests.journeys.console import certtui, colours, leave, left_on, start, start_code
from tests.pty import Terminal

CLEAN: set[int] = set()


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with three certificates."""
    folder = tmp_path / "files"
    folder.mkdir()
    for name in ("alpha", "beta", "gamma"):
        (folder / f"{name}.pem").write_bytes(make_cert(f"{name}.example.com").pem)
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A person's home folder, empty."""
    place = tmp_path / "home"
    place.mkdir()
    return place


@pytest.fixture
def filled(home: Path, files: Path) -> Path:
    """A home whose store holds the three certificates."""
    certtui(home, "import", str(files))
    return home


@pytest.fixture
def console(filled: Path) -> Iterator[Terminal]:
    """The console with the three certificates on the screen."""
    with start(filled) as terminal:
        yield terminal.wait_for("gamma.example.com")


def test_the_first_start_says_what_to_do_and_makes_a_private_store(home: Path) -> None:
    with start(home) as terminal:
        terminal.wait_for("This inventory is empty.")
        terminal.wait_for("import a folder")
        assert leave(terminal) == 0
    store = home / ".local" / "share" / "certtui"
    assert store.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in store.iterdir()} == {0o600}


def test_a_filter_narrows_the_list_and_goes_again(console: Terminal) -> None:
    console.send("/beta\r")
    console.wait_gone("gamma.example.com")
    console.wait_for("beta.example.com")
    console.send("\x1b")
    console.wait_for("gamma.example.com")


def test_a_certificate_opens_and_back_is_the_same_row(console: Terminal) -> None:
    console.send("jj\r")
    console.wait_for("Valid for another")
    console.wait_for("gamma.example.com")
    console.send("\x1b")
    console.wait_for("alpha.example.com")
    [cursor] = [line for line in console.lines() if line.startswith("›")]
    assert "gamma" in cursor


def test_leaving_gives_the_terminal_back_as_it_was(console: Terminal) -> None:
    assert leave(console) == 0
    assert left_on(console.raw) == CLEAN
    assert not console.cursor_hidden
    assert "example.com" not in console.text


def test_nothing_is_written_while_nothing_happens(console: Terminal) -> None:
    # The worker's first round: the chains of the three are not whole.
    console.wait_for("1 alert")
    console.wait_quiet(0.5)
    before = len(console.raw)
    # Longer than the second after which the change feed is asked.
    console.read(1.4)
    assert bytes(console.raw[before:]) == b""


def test_another_process_s_certificate_appears(console: Terminal, filled: Path, tmp_path: Path) -> None:
    (tmp_path / "delta.pem").write_bytes(make_cert("delta.example.com").pem)
    certtui(filled, "import", str(tmp_path / "delta.pem"))
    console.wait_until(lambda: "delta" in console.text or "changed" in console.text.lower(), "a word of the change")


def test_a_smaller_window_is_drawn_anew(console: Terminal) -> None:
    console.resize(100, 30)
    console.wait_quiet(0.3)
    console.resize(80, 24)
    console.wait_for("gamma.example.com")
    console.wait_quiet(0.3)
    assert max(map(len, console.lines())) <= 80


def test_a_window_that_is_too_small_says_so(console: Terminal) -> None:
    console.resize(40, 10)
    console.wait_until(lambda: "smaller than" in console.text, "the size that is needed")
    console.resize(80, 24)
    console.wait_for("gamma.example.com")


def test_a_terminal_that_answers_no_query_is_served_too(filled: Path) -> None:
    from tests.journeys.console import CERTTUI, surroundings

    with Terminal(CERTTUI, environ=surroundings(filled), answers=False) as terminal:
        terminal.wait_for("gamma.example.com")
        assert leave(terminal) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_console_that_is_asked_to_end_leaves_the_terminal_clean(filled: Path, number: int) -> None:
    with start(filled) as terminal:
        terminal.wait_for("gamma.example.com")
        terminal.kill(number)
        assert terminal.wait_end() == 128 + number
        assert left_on(terminal.raw) == CLEAN


CRASH = """
from certtui.screens.base import Place
def fails(self, *_):
    password = "hunter2-local"
    raise ValueError("hunter2-message")
Place.action_act = fails
"""


def test_a_crash_leaves_the_terminal_clean_and_a_report_without_secrets(filled: Path) -> None:
    with start_code(filled, CRASH) as terminal:
        terminal.wait_for("gamma.example.com")
        terminal.send("?")
        assert terminal.wait_end() != 0
        assert left_on(terminal.raw) == CLEAN
        assert "hunter2" not in terminal.text
        terminal.wait_for("report")
        assert "Traceback" not in terminal.text
    [report] = (filled / ".local" / "state" / "certtui" / "crashes").iterdir()
    told = [line for line in report.read_text().splitlines() if not line.startswith("    ")]
    assert "hunter2" not in "\n".join(told)
    assert any("in fails" in line for line in told)
    assert report.stat().st_mode & 0o777 == 0o600


def test_a_killed_console_loses_nothing_that_was_stored(filled: Path) -> None:
    with start(filled) as terminal:
        terminal.wait_for("gamma.example.com")
        terminal.kill(signal.SIGKILL)
        assert terminal.wait_end() == -signal.SIGKILL
    assert "beta.example.com" in certtui(filled, "list").stdout
    certtui(filled, "store", "check")


@pytest.mark.parametrize("way", ["NO_COLOR", "--ascii"])
def test_without_colour_no_colour_is_sent(filled: Path, way: str) -> None:
    arguments, environ = ([way], {}) if way.startswith("--") else ([], {way: "1"})
    with start(filled, *arguments, **environ) as terminal:
        terminal.wait_for("gamma.example.com")
        terminal.send("?")
        terminal.wait_quiet(0.3)
        terminal.send("\x1b")
        terminal.wait_quiet(0.3)
        assert colours(terminal.raw) == set()
        if way == "--ascii":
            assert terminal.text.isascii(), sorted(set(terminal.text) - set(map(chr, range(128))))


def test_the_linux_console_gets_no_glyph_that_it_lacks(filled: Path) -> None:
    with start(filled, TERM="linux") as terminal:
        terminal.wait_for("gamma.example.com")
        assert terminal.text.isascii()


def test_without_a_terminal_the_console_says_so_in_a_sentence(filled: Path) -> None:
    done = certtui(filled, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("certtui: The console needs a terminal")


def test_the_demonstration_is_gone_after_leaving(home: Path, tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    with start(home, "--demo", TMPDIR=str(tmp_path / "tmp")) as terminal:
        terminal.wait_for("api-gateway")
        assert len(list((tmp_path / "tmp").glob("certtui-demo-*"))) == 1
        assert leave(terminal) == 0
    assert list((tmp_path / "tmp").glob("certtui-demo-*")) == []
    assert not (home / ".local" / "share" / "certtui").exists()
