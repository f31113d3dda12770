"""The console where its users sit: over a real sshd, in tmux, on connections that break."""

from __future__ import annotations

import base64
import json
import os
import select
import shlex
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.certs import make_cert
from tests.journeys.console import CERTTUI, certtui, leave, surroundings
from tests.pty import Terminal
from tests.sshd import sshd

pytestmark = pytest.mark.real("sshd", "ssh", "ssh-keygen", "tmux")


@dataclass(frozen=True)
class Host:
    """A machine that one logs in to."""

    ssh: list[str]
    home: Path

    def console(self, columns: int = 80, rows: int = 24, *, tmux: bool = False) -> Terminal:
        """A terminal that logs in and runs the console, in tmux if asked: there it attaches to one that still runs."""
        kept = {name: value for name, value in surroundings(self.home).items() if name not in ("TERM", "COLORTERM")}
        run = "exec " + shlex.join(["env", *(f"{name}={value}" for name, value in kept.items()), *CERTTUI])
        if tmux:
            run = f"{self.tmux()} -f /dev/null -u new-session -A -s app {shlex.quote(run)}"
        return Terminal(
            [*self.ssh, "-tt", "app", run], columns=columns, rows=rows, environ={**os.environ, "LANG": "C.UTF-8"}
        )

    def kept(self) -> str:
        """The unsaved forms as they are kept."""
        return "".join(
            path.read_text() for path in (self.home / ".local" / "state" / "certtui" / "forms").glob("*.json")
        )

    def filling(self, terminal: Terminal) -> int:
        """The process of the console that is filling a form, once what was typed is kept."""
        terminal.wait_until(lambda: "half.example.com" in self.kept(), "a kept form")
        [form] = json.loads(self.kept())
        process: int = form["owner"][0]
        return process

    def tmux(self, *arguments: str) -> str:
        """A tmux command of this host's own server."""
        return shlex.join(["env", f"TMUX_TMPDIR={self.home}", "tmux", *arguments])

    def ask_tmux(self, *arguments: str) -> str:
        """What a tmux command prints."""
        done = subprocess.run(["sh", "-c", self.tmux(*arguments)], capture_output=True, text=True, check=True)
        return done.stdout.strip()


@pytest.fixture(scope="module")
def login(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """How to log in."""
    with sshd(tmp_path_factory.mktemp("ssh") / "sshd") as command:
        yield command


@pytest.fixture
def host(login: list[str], tmp_path: Path) -> Iterator[Host]:
    """A host whose store holds two certificates; its tmux ends with the test."""
    for name in ("alpha", "beta"):
        (tmp_path / f"{name}.pem").write_bytes(make_cert(f"{name}.example.com").pem)
    certtui(tmp_path, "import", str(tmp_path / "alpha.pem"), str(tmp_path / "beta.pem"))
    made = Host(login, tmp_path)
    yield made
    subprocess.run(["sh", "-c", made.tmux("kill-server")], capture_output=True, check=False)


def fill_half(terminal: Terminal) -> None:
    """Begin a CSR, and stop in the middle."""
    terminal.send("a")
    terminal.wait_for("Will add what is in the PFX file")
    # In one burst, as over a slow link.
    terminal.send("\x0e\x0e\thalf.example.com")
    terminal.wait_for("CSR for half.example.com")


def wait_gone(process: int) -> None:
    """Until the far end has noticed that its terminal went away."""
    try:
        descriptor = os.pidfd_open(process)
    except ProcessLookupError:
        return
    assert select.select([descriptor], [], [], 20)[0], "the console lives on without its terminal"
    os.close(descriptor)


def copy_first_field(terminal: Terminal) -> None:
    """On a certificate's page: `y` offers what to copy, enter takes the first."""
    terminal.send("y")
    terminal.wait_for("Cancel")
    terminal.send("\r")


def test_a_resized_window_is_drawn_for_its_size(host: Host) -> None:
    with host.console() as terminal:
        terminal.wait_for("beta.example.com")
        terminal.resize(120, 36)
        terminal.wait_until(lambda: any(len(line) > 100 for line in terminal.lines()), "lines of the new width")
        terminal.resize(80, 24)
        terminal.wait_quiet(0.3)
        terminal.wait_for("beta.example.com")
        assert max(map(len, terminal.lines())) <= 80


def test_in_tmux_a_killed_connection_leaves_everything_where_it_was(host: Host) -> None:
    with host.console(tmux=True) as terminal:
        terminal.wait_for("beta.example.com")
        fill_half(terminal)
        terminal.kill(signal.SIGKILL)
        terminal.wait_end()
    with host.console(100, 30, tmux=True) as terminal:
        terminal.wait_for("half.example.com")
        terminal.send("\tExample AG")
        terminal.wait_for("Example AG")


def test_without_tmux_a_killed_connection_costs_no_half_filled_form(host: Host) -> None:
    with host.console() as terminal:
        terminal.wait_for("beta.example.com")
        fill_half(terminal)
        remote = host.filling(terminal)
        terminal.kill(signal.SIGKILL)
        terminal.wait_end()
    wait_gone(remote)
    with host.console() as terminal:
        terminal.wait_for("beta.example.com")
        terminal.send("a")
        terminal.wait_for("Your form from")
        terminal.wait_for("half.example.com")


def test_a_killed_console_costs_no_half_filled_form(host: Host) -> None:
    with host.console(tmux=True) as terminal:
        terminal.wait_for("beta.example.com")
        fill_half(terminal)
        os.kill(host.filling(terminal), signal.SIGKILL)
        terminal.wait_end()
    with host.console(tmux=True) as terminal:
        terminal.wait_for("beta.example.com")
        terminal.send("a")
        terminal.wait_for("Your form from")
        terminal.wait_for("half.example.com")


def test_a_second_console_does_not_take_the_form_of_the_first(host: Host) -> None:
    with host.console() as first, host.console() as second:
        first.wait_for("beta.example.com")
        fill_half(first)
        second.wait_for("beta.example.com")
        second.send("a")
        second.wait_for("Will add what is in the PFX file")
        assert "half.example.com" not in second.text


def test_over_ssh_a_copy_goes_to_the_terminal_by_osc_52(host: Host) -> None:
    with host.console() as terminal:
        terminal.wait_for("beta.example.com")
        terminal.send("\r")
        terminal.wait_for("Valid")
        copy_first_field(terminal)
        terminal.wait_bytes(b"\x1b]52;c;")
        terminal.wait_for("OSC 52")


def test_in_tmux_a_copy_goes_through_its_buffer(host: Host) -> None:
    with host.console(tmux=True) as terminal:
        terminal.wait_for("beta.example.com")
        terminal.send("\r")
        terminal.wait_for("Valid")
        copy_first_field(terminal)
        terminal.wait_for("Sent to tmux")
        kept = host.ask_tmux("show-buffer", "-b", "certtui")
        assert kept
        terminal.wait_bytes(base64.b64encode(kept.encode())[:8])


def test_the_actor_over_ssh_is_recorded_with_the_client_s_address(host: Host) -> None:
    with host.console() as terminal:
        terminal.wait_for("beta.example.com")
        terminal.send("\r")
        terminal.wait_for("Valid")
        assert leave(terminal) == 0
    found = certtui(host.home, "audit", "list", "event:certificate.view.accessed", "--format", "json").stdout
    assert "127.0.0.1" in found
