"""What may not be imported on the way of commands that cron starts: each of these costs more than all of the work."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    *("sqlalchemy", "sqlmodel", "pydantic", "alembic", "cryptography", "textual", "rich", "httpx", "platformdirs"),
    *("importlib.metadata", "email", "asyncio", "inspect", "dataclasses", "ast", "shutil", "subprocess", "tempfile"),
    *(
        "typing",
        "tomllib",
        "logging",
        "csv",
        "difflib",
        "getpass",
        "unittest",
        "http",
        "ssl",
        "socket",
        "multiprocessing",
    ),
    *(
        "certtui.app",
        "certtui.actions",
        "certtui.pki",
        "certtui.intake",
        "certtui.crash",
        "certtui.backend.local.tables",
        "certtui.backend.remote",
        "certtui.config_writer",
    ),
)

_SCRIPT = """
import sys
from certtui.cli.main import main
assert main(sys.argv[1:]) == 0
loaded = set(sys.modules)
print("LOADED", *sorted(loaded))
"""


def loaded(*argv: str) -> set[str]:
    """The modules that a command has loaded when it ends."""
    done = subprocess.run([sys.executable, "-c", _SCRIPT, *argv], capture_output=True, check=True, timeout=30)
    return set(done.stdout.decode().rpartition("LOADED ")[2].split())


@pytest.fixture
def inventory(tmp_path: object) -> None:
    """A store with one certificate in it."""
    from certtui.backend.factory import StoreOptions, open_backend
    from certtui.model.audit import Actor
    from certtui.model.certificate import NewCertificate
    from certtui.paths import default_store
    from tests.certs import make_cert

    backend = open_backend(StoreOptions(str(default_store()), create=True), actor=Actor("tester"))
    backend.certificates.add([NewCertificate(make_cert("www.example.com").facts)])
    backend.close()


@pytest.mark.parametrize(
    "argv", [("list", "--limit", "50"), ("list", "status:active", "days<365", "--sort", "-not_after")]
)
@pytest.mark.usefixtures("inventory")
def test_listing_loads_nothing_heavy(argv: tuple[str, ...]) -> None:
    assert sorted(loaded(*argv) & set(HEAVY)) == []


@pytest.mark.parametrize("argv", [("list",), ("completions", "bash"), ("--help",), ("csr", "list"), ("--version",)])
def test_nothing_that_needs_no_store_loads_what_opens_one(argv: tuple[str, ...]) -> None:
    assert sorted(loaded(*argv) & {"sqlalchemy", "cryptography", "textual", "rich", "httpx", "pydantic"}) == []


@pytest.mark.usefixtures("inventory")
def test_json_of_a_list_needs_no_certificate_parser_and_no_orm() -> None:
    assert sorted(loaded("list", "--format", "json") & {"sqlalchemy", "cryptography", "inspect", "dataclasses"}) == []


def test_a_process_ends_at_once_after_what_was_asked_for_at_its_end() -> None:
    """Nothing takes the interpreter apart, which costs a command that orders a fifth of its time."""
    code = (
        "import atexit, sys\natexit.register(print, 'at the end')\n"
        "class Kept:\n def __del__(self): print('taken apart', flush=True)\nkept = Kept()\n"
        "from certtui.__main__ import main\nsys.argv = ['certtui', 'completions', 'bash']\nsys.exit(main())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, timeout=30)
    assert done.stdout.endswith(b"at the end\n")
    assert b"taken apart" not in done.stdout


def test_httpx_brings_no_command_line_of_its_own() -> None:
    code = (
        "import sys\nfrom certtui.cli.main import main\nmain(['completions', 'bash'])\nimport httpx\n"
        "print(sorted({'click', 'rich', 'pygments'} & set(sys.modules)), httpx.Client)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, timeout=30)
    assert done.stdout.endswith(b"[] <class 'httpx.Client'>\n")


@pytest.mark.parametrize(("argv", "code"), [(["nonsense"], 2), (["list", "--help"], 0), (["completions", "bash"], 0)])
def test_a_process_that_ends_at_once_has_written_everything_and_tells_its_code(argv: list[str], code: int) -> None:
    done = subprocess.run([sys.executable, "-m", "certtui", *argv], capture_output=True, timeout=30)
    assert done.returncode == code
    assert (done.stderr if code else done.stdout).endswith(b"\n")
