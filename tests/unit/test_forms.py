"""Unsaved forms: what is kept, what never is, and whose they are."""

from __future__ import annotations

import stat
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

from certtui.clock import FixedClock
from certtui.errors import Locked
from certtui.forms import Drafts
from certtui.model.secret import Secret

NOW = FixedClock(datetime(2026, 11, 20, 14, 2, tzinfo=timezone.utc))
KEY = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIPtcanary\n-----END PRIVATE KEY-----\n"


def flip(data: bytes) -> bytes:
    """Stands for sealing: another text, and back."""
    return bytes(byte ^ 0x55 for byte in data)


def drafts(folder: Path, **more: object) -> Drafts:
    return Drafts("prod", "/srv/prod.db", folder=folder, clock=NOW, **more)  # type: ignore[arg-type]  # seal, unseal


def written(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_a_form_comes_back_as_it_was_typed(tmp_path: Path) -> None:
    drafts(tmp_path).save("add.csr", {"name": "Zoë \x1b[31m", "sans": "a.example\nb.example"})
    found = drafts(tmp_path).load("add.csr")
    assert found is not None
    assert found.fields == {"name": "Zoë \x1b[31m", "sans": "a.example\nb.example"}
    assert found.saved_at == "2026-11-20T14:02:00Z"


def test_the_newest_of_a_kind_takes_the_place_of_the_older(tmp_path: Path) -> None:
    forms = drafts(tmp_path)
    forms.save("add.csr", {"name": "first"})
    forms.save("add.pfx", {"path": "x.pfx"})
    forms.save("add.csr", {"name": "second"})
    found = forms.load("add.csr")
    assert found is not None
    assert found.fields == {"name": "second"}
    assert forms.waiting() == ["add.pfx", "add.csr"]


def test_a_discarded_form_is_gone_and_others_stay(tmp_path: Path) -> None:
    forms = drafts(tmp_path)
    forms.save("add.csr", {"name": "one"})
    forms.save("add.pfx", {"path": "two"})
    forms.discard("add.csr")
    assert forms.load("add.csr") is None
    assert forms.load("add.pfx") is not None


def test_passwords_are_never_written(tmp_path: Path) -> None:
    drafts(tmp_path, seal=flip, unseal=flip).save(
        "add.pfx",
        {"password": "hunter2", "Key-Passphrase": "hunter2", "path": "x.pfx"},
        {"pfx_password": Secret("hunter2")},
    )
    assert b"hunter2" not in written(tmp_path)
    assert flip(b"hunter2") not in written(tmp_path)


def test_key_material_is_written_sealed_and_comes_back(tmp_path: Path) -> None:
    forms = drafts(tmp_path, seal=flip, unseal=flip)
    forms.save("add.pair", {"name": "api"}, {"key": Secret(KEY)})
    assert b"canary" not in written(tmp_path)
    found = forms.load("add.pair")
    assert found is not None
    assert found.secrets["key"].reveal() == KEY.encode()
    assert found.lost == ()


def test_a_key_pasted_into_the_wrong_field_is_sealed_too(tmp_path: Path) -> None:
    forms = drafts(tmp_path, seal=flip, unseal=flip)
    forms.save("add.pair", {"certificate": KEY})
    assert b"canary" not in written(tmp_path)
    found = forms.load("add.pair")
    assert found is not None
    assert found.fields["certificate"] == KEY


def test_without_a_seal_the_key_is_not_kept_and_the_form_says_so(tmp_path: Path) -> None:
    drafts(tmp_path).save("add.pair", {"name": "api", "certificate": KEY}, {"key": Secret(KEY)})
    assert b"canary" not in written(tmp_path)
    found = drafts(tmp_path).load("add.pair")
    assert found is not None
    assert found.fields == {"name": "api"}
    assert sorted(found.lost) == ["certificate", "key"]


def test_a_locked_store_seals_nothing_and_loses_only_the_key(tmp_path: Path) -> None:
    def locked(_: bytes) -> bytes:
        raise Locked("The store is locked.")

    drafts(tmp_path, seal=locked, unseal=flip).save("add.pair", {"name": "api"}, {"key": Secret(KEY)})
    found = drafts(tmp_path, unseal=flip).load("add.pair")
    assert found is not None
    assert (found.fields, found.lost) == ({"name": "api"}, ("key",))


def test_files_are_private(tmp_path: Path) -> None:
    drafts(tmp_path / "state").save("add.csr", {"name": "x"})
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "state").rglob("*") if path.is_file()}
    assert modes == {0o600}
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700


def test_a_damaged_file_counts_as_no_forms(tmp_path: Path) -> None:
    forms = drafts(tmp_path)
    forms.save("add.csr", {"name": "x"})
    [file] = tmp_path.rglob("*.json")
    for damage in (b"", b"{", b"[1, {}]", b'[{"kind": 3}]', b"\xff\xfe", b"[" * 100_000):
        file.write_bytes(damage)
        assert forms.load("add.csr") is None
    assert forms.save("add.csr", {"name": "y"})
    assert forms.load("add.csr") is not None


def test_where_nothing_can_be_written_typing_goes_on(tmp_path: Path) -> None:
    (tmp_path / "forms").write_text("a file in the way")
    assert drafts(tmp_path).save("add.csr", {"name": "x"}) is False


def test_contexts_do_not_see_each_others_forms(tmp_path: Path) -> None:
    drafts(tmp_path).save("add.csr", {"name": "x"})
    assert Drafts("prod", "/srv/other.db", folder=tmp_path, clock=NOW).load("add.csr") is None


FILL = """
import sys
from pathlib import Path
from certtui.forms import Drafts
Drafts("prod", "/srv/prod.db", folder=Path(sys.argv[1])).save("add.csr", {"name": "typed elsewhere"})
print("saved", flush=True)
sys.stdin.read()
"""


def test_a_form_another_console_is_filling_is_its_own_until_that_console_is_killed(tmp_path: Path) -> None:
    other = subprocess.Popen([sys.executable, "-c", FILL, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert other.stdin
    assert other.stdout
    with other, other.stdin, other.stdout:
        assert other.stdout.readline() == b"saved\n"
        forms = drafts(tmp_path)
        assert forms.load("add.csr") is None
        forms.save("add.csr", {"name": "typed here"})
        forms.discard("add.csr")
        other.kill()
        other.wait()
        found = forms.load("add.csr")
    assert found is not None
    assert found.fields == {"name": "typed elsewhere"}


def test_a_blank_form_does_not_cost_what_a_killed_console_left(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", FILL, str(tmp_path)], stdin=subprocess.DEVNULL, check=True)
    assert done.returncode == 0
    forms = drafts(tmp_path)
    forms.discard("add.csr")
    found = forms.load("add.csr")
    assert found is not None
    # Loaded, it is this console's: what is saved or let go here is let go of there.
    forms.save("add.csr", {"name": "typed on"})
    again = forms.load("add.csr")
    assert again is not None
    assert again.fields == {"name": "typed on"}
    forms.discard("add.csr")
    assert drafts(tmp_path).load("add.csr") is None
