"""Files: whole or not at all, private, nothing overwritten unasked; and what a half-typed path can become."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certtui import files
from certtui.errors import Conflict, Unreachable


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_private_unless_told_otherwise(tmp_path: Path) -> None:
    files.write(tmp_path / "key", b"x")
    files.write(tmp_path / "crt", b"x", mode=files.PUBLIC)
    assert mode(tmp_path / "key") == 0o600
    assert mode(tmp_path / "crt") == 0o644 & ~_umask()


def test_what_is_there_is_not_overwritten_unasked(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"old")
    with pytest.raises(Conflict, match="is there already"):
        files.write(tmp_path / "f", b"new")
    assert (tmp_path / "f").read_bytes() == b"old"
    assert left(tmp_path) == ["f"]


def test_what_may_be_overwritten_becomes_private(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"old")
    (tmp_path / "f").chmod(0o644)
    files.write(tmp_path / "f", b"new", overwrite=True)
    assert ((tmp_path / "f").read_bytes(), mode(tmp_path / "f"), left(tmp_path)) == (b"new", 0o600, ["f"])


def test_a_symbolic_link_is_replaced_and_its_target_left_alone(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"theirs")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(Conflict):
        files.write(tmp_path / "link", b"key")
    files.write(tmp_path / "link", b"key", overwrite=True)
    assert (tmp_path / "target").read_bytes() == b"theirs"
    assert not (tmp_path / "link").is_symlink()


def test_a_dangling_link_counts_as_there(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(Conflict):
        files.write(tmp_path / "link", b"key")
    assert not (tmp_path / "nowhere").exists()


def test_where_there_are_no_hard_links_nothing_is_overwritten_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    files.write(tmp_path / "f", b"first")
    with pytest.raises(Conflict):
        files.write(tmp_path / "f", b"second")
    assert ((tmp_path / "f").read_bytes(), mode(tmp_path / "f"), left(tmp_path)) == (b"first", 0o600, ["f"])


def test_a_full_disk_leaves_the_old_file_and_no_half_of_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "f").write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unreachable, match="No space left"):
        files.write(tmp_path / "f", b"new", overwrite=True)
    assert ((tmp_path / "f").read_bytes(), left(tmp_path)) == (b"old", ["f"])


def test_a_folder_or_a_missing_one_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Conflict, match="is a folder"):
        files.write(tmp_path, b"x", overwrite=True)
    with pytest.raises(Unreachable) as caught:
        files.write(tmp_path / "no" / "f", b"x")
    assert caught.value.hint == f"Make the folder {tmp_path / 'no'} first."


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "certs").mkdir()
    (tmp_path / "certs" / "a.pem").write_text("")
    (tmp_path / "cert.pem").write_text("")
    (tmp_path / ".hidden").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "certs")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_path_completes_as_typed_with_folders_first(tree: Path) -> None:
    assert files.complete("ce") == ["certs/", "cert.pem"]
    assert files.complete("./ce") == ["./certs/", "./cert.pem"]
    assert files.complete("~/ce") == ["~/certs/", "~/cert.pem"]
    assert files.complete(f"{tree}/certs/") == [f"{tree}/certs/a.pem"]
    assert files.complete("") == ["certs/", "link/", "cert.pem"]
    assert files.complete("", folders_only=True) == ["certs/", "link/"]


def test_hidden_files_are_offered_once_a_dot_is_typed(tree: Path) -> None:
    assert files.complete(".") == [".hidden"]


def test_what_is_not_there_completes_to_nothing(tree: Path) -> None:
    assert files.complete("nothing/") == []
    assert files.complete("cert.pem/") == []
    assert files.complete("a\0b/") == []
    assert files.complete("~") == []


def test_the_common_start_is_what_a_tab_key_fills_in() -> None:
    assert files.common_start(["certs/", "cert.pem"]) == "cert"
    assert files.common_start([]) == ""


@given(st.text(max_size=150))
def test_a_name_made_from_anything_stays_in_its_folder(text: str) -> None:
    name = files.safe_name(text)
    assert name
    assert "/" not in name
    assert not name.startswith((".", "-"))
    assert name.isascii()
    assert name.isprintable()
    assert len(name) <= 100


def test_a_name_keeps_what_a_person_knows_it_by() -> None:
    assert files.safe_name("*.example.com") == "example.com"
    assert files.safe_name("../../etc/passwd") == "etc_passwd"


def _umask() -> int:
    now = os.umask(0o022)
    os.umask(now)
    return now
