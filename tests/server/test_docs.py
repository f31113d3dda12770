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
def test_the_systemd_unit_is_one_that_systemd_reads(tmp_path: Path) -> None:
    unit = (ROOT / "contrib/certtui.service").read_text().replace("/opt/certtui/bin/certtui", "/bin/true")
    file = tmp_path / "certtui.service"
    file.write_text(unit)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(file)], capture_output=True, text=True, timeout=60
    )
    assert "certtui.service" not in done.stderr, done.stderr


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
