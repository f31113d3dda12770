"""The parser warns of what strangers wrote; that goes into the facts, and nowhere else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_READS = {
    "facts": "from certtui.pki.facts import x509_facts\nreads = x509_facts",
    "signatures": "from certtui.pki.signatures import _problem\nreads = lambda der: _problem(der, der)",
    "the page's details": "from certtui.pki.inspector import Inspector\nreads = Inspector().details",
}
"""Each alone, as in a process that has read nothing else: what asks the parser."""
_SCRIPT = """
from tests import hostile
from certtui.errors import CerttuiError
{}
for name, make in hostile.CERTIFICATES.items():
    try:
        reads(make())
    except CerttuiError:
        pass
"""


@pytest.mark.parametrize("what", _READS)
def test_reading_hostile_certificates_prints_nothing(what: str) -> None:
    # -W always: a warning is otherwise printed once a place, and might have been before.
    script = _SCRIPT.format(_READS[what])
    command = [sys.executable, "-W", "always::UserWarning", "-c", script]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_warnings_of_others_are_not_swallowed() -> None:
    script = "import certtui.pki.facts, warnings\nwarnings.warn('of somebody else')"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "of somebody else" in done.stderr
