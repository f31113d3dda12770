"""The folders: where they are, and that what certtui makes is private."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from certtui import paths
from certtui.errors import Unreachable


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_folders_are_those_of_the_xdg_specification() -> None:
    home = {"HOME": "/home/ada"}
    assert paths.data_folder(home) == Path("/home/ada/.local/share/certtui")
    assert paths.state_folder(home) == Path("/home/ada/.local/state/certtui")
    assert paths.config_file(home) == Path("/home/ada/.config/certtui/config.toml")
    assert paths.cache_folder(home) == Path("/home/ada/.cache/certtui")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems ask platformdirs itself")
def test_they_are_what_platformdirs_says(monkeypatch: pytest.MonkeyPatch) -> None:
    import platformdirs

    for value in ("/srv/x", ""):
        for variable in ("XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
            monkeypatch.setenv(variable, value)
        found = platformdirs.PlatformDirs("certtui", appauthor=False)
        assert str(paths.data_folder()) == found.user_data_dir
        assert str(paths.state_folder()) == found.user_state_dir
        assert str(paths.config_folder()) == found.user_config_dir
        assert str(paths.cache_folder()) == found.user_cache_dir


def test_a_relative_xdg_folder_is_ignored() -> None:
    assert paths.data_folder({"HOME": "/h", "XDG_DATA_HOME": "data"}) == Path("/h/.local/share/certtui")


def test_every_folder_that_is_made_is_private_whatever_the_umask(tmp_path: Path) -> None:
    made = paths.made_private(tmp_path / "a" / "b")
    assert (mode(made), mode(made.parent)) == (0o700, 0o700)


def test_a_folder_that_was_there_keeps_its_mode(tmp_path: Path) -> None:
    there = tmp_path / "x"
    there.mkdir(mode=0o755)
    there.chmod(0o755)
    paths.made_private(there)
    assert mode(there) == 0o755


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unreachable, match="can't be made"):
        paths.made_private(tmp_path / "file" / "x")


def test_who_else_may_read_is_told(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("")
    for bits, who in ((0o600, ""), (0o640, "the group"), (0o604, "others"), (0o666, "the group and others")):
        file.chmod(bits)
        assert paths.too_open(file) == who
    assert paths.too_open(tmp_path / "nothing") == ""
