"""What docs/api.md tells people to type works, in its order, with a real curl."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.backend.issuing import local_authority
from tests.certs import make_cert
from tests.server_process import running

ROOT = Path(__file__).parents[2]


@pytest.mark.real("curl", "jq", "openssl")
def test_the_walkthrough_of_the_api_guide_runs_as_written(tmp_path: Path) -> None:
    guide = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```", guide, re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 10
    made = make_cert("www.example.com")
    (tmp_path / "www.pem").write_bytes(made.pem + made.key_pem)
    with running(tmp_path / "store") as server:
        (tmp_path / "token").write_text(server.token("operator"))
        (tmp_path / "service-token").write_text(server.token("viewer", actor="web-1", export_keys=True))
        local_authority(server.backend)
        # The stream ends by its time limit, for which curl has an exit code of its own.
        blocks = [each.replace("'^event: change'", "'^event: change' || test ${PIPESTATUS[1]} = 0") for each in blocks]
        script = "set -e -o pipefail\n" + "\n".join(blocks).replace("https://certs.example.com:8443", server.url)
        done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout[-500:] + done.stderr
    assert "BEGIN CERTIFICATE" in (tmp_path / "www-chain.pem").read_text()
    assert "BEGIN CERTIFICATE REQUEST" in done.stdout
    assert (tmp_path / "certtui.ics").read_text().startswith("BEGIN:VCALENDAR")
    assert (tmp_path / "issuing.crl").stat().st_size > 200
    with running(tmp_path / "store") as server:
        assert [each.name for each in server.backend.csrs.list()] == ["api.example.com"]
        # The saved CSR, the two CAs and the certificate that was ordered.
        assert server.backend.certificates.overview().total == 4


@pytest.mark.real("systemd-analyze")
@pytest.mark.parametrize("name", ["certtui.service", "certtui-renew.timer"])
def test_the_systemd_units_are_ones_that_systemd_reads(tmp_path: Path, name: str) -> None:
    """A timer with the service that it starts: systemd looks at both."""
    files = [file for file in (ROOT / "contrib").iterdir() if file.suffix in (".service", ".timer")]
    assert name in {file.name for file in files}
    for file in files:
        (tmp_path / file.name).write_text(file.read_text().replace("/opt/certtui/bin/certtui", "/bin/true"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / name)], capture_output=True, text=True, timeout=60
    )
    assert "certtui" not in done.stderr, done.stderr


def test_the_timer_runs_commands_that_there_are() -> None:
    from certtui.cli.main import command

    unit = (ROOT / "contrib/certtui-renew.service").read_text(encoding="utf-8")
    lines = re.findall(r"^ExecStart=-?/opt/certtui/bin/certtui (.+)$", unit, re.MULTILINE)
    assert lines == ["worker --once", "renew --due"]
    for line in lines:
        verb, *rest = line.split()
        parser, _ = command(verb)
        parser.parse_args(rest)


def test_the_server_guide_names_every_option_and_metric() -> None:
    import argparse

    from certtui.cli.main import command
    from certtui.server import operations

    guide = (ROOT / "docs/server.md").read_text(encoding="utf-8")
    parser, _ = command("serve")
    own = [each for group in parser._action_groups[:2] for each in group._group_actions]
    for action in own:
        assert isinstance(action, argparse.Action)
        for option in action.option_strings:
            assert option in guide, option
    for metric in re.findall(r'"(certtui_\w+)"', Path(operations.__file__).read_text()):
        assert metric in guide, metric
