"""The folder of a fetch: one set at any instant, private, left alone where nothing is new or where it is somebody else's."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from certtui import container_folder, files
from certtui.container_folder import files_of, held, is_pending, put, require_free, settled
from certtui.errors import Conflict, Unreachable
from certtui.model.container import ContainerPayload, ContainerType, PayloadPart
from certtui.model.secret import Secret


def payload(number: int = 1, ref: str = "a" * 32, *, chain: bool = True) -> ContainerPayload:
    parts = [("certificate", "certificate"), ("private_key", "private")]
    parts += [("intermediates", "certificate")] if chain else []
    return ContainerPayload(
        ref,
        "shop",
        ContainerType.CERTIFICATE,
        number,
        f"digest {number}",
        tuple(PayloadPart(name, kind, Secret(f"{name} {number}\n")) for name, kind in parts),
    )


def written(folder: Path, number: int = 1, *, pending: bool = False, chain: bool = True) -> None:
    folder.mkdir(exist_ok=True)
    one = payload(number, chain=chain)
    put(folder, one, files_of(one), pending=pending)


def test_the_files_are_there_by_their_names_private_and_whole(tmp_path: Path) -> None:
    written(tmp_path)
    assert (tmp_path / "fullchain.pem").read_bytes() == b"certificate 1\nintermediates 1\n"
    assert (tmp_path / "combined.pem").read_bytes() == b"private_key 1\ncertificate 1\nintermediates 1\n"
    names = {"certificate.pem", "chain.pem", "fullchain.pem", "private_key.pem", "combined.pem"}
    assert {path.name for path in tmp_path.iterdir() if not path.name.startswith(".")} == names
    for name in names:
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / ".set").stat().st_mode) == 0o700
    found = held(tmp_path)
    assert found is not None
    assert (found.ref, found.number, found.digest, set(found.names)) == ("a" * 32, 1, "digest 1", names)


def test_other_containers_have_a_file_for_each_part() -> None:
    parts = (
        PayloadPart("db.word", "passphrase", Secret("x")),
        PayloadPart("signing", "private", Secret("y")),
        PayloadPart("ca.pem", "certificate", Secret("z")),
    )
    one = ContainerPayload("a" * 32, "vault", ContainerType.GENERIC, 1, "d", parts)
    assert files_of(one) == {"db.word": b"x", "signing.pem": b"y", "ca.pem": b"z"}


def test_a_part_that_is_no_more_has_no_name_and_the_set_before_stays_until_the_next(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        written(tmp_path, number, chain=number < 3)
    assert not os.path.lexists(tmp_path / "chain.pem")
    sets = [path.name for path in tmp_path.iterdir() if path.name.startswith(".set-")]
    assert sorted(name.split("-")[1] for name in sets) == ["2", "3"]


@pytest.mark.parametrize("harm", ["missing", "other", "a copy", "no note", "nothing"])
def test_what_is_not_as_it_was_written_counts_as_nothing(tmp_path: Path, harm: str) -> None:
    written(tmp_path)
    match harm:
        case "missing":
            (tmp_path / ".set" / "private_key.pem").unlink()
        case "other":
            (tmp_path / ".set" / "private_key.pem").write_bytes(b"other")
        case "a copy":
            (tmp_path / "private_key.pem").unlink()
            (tmp_path / "private_key.pem").write_bytes(b"private_key 1\n")
        case "no note":
            (tmp_path / ".set" / "container.json").write_bytes(b"[1]")
        case "nothing":
            (tmp_path / ".set").unlink()
    assert held(tmp_path) is None


def test_other_files_and_other_containers_are_left_alone_unless_forced(tmp_path: Path) -> None:
    one = payload()
    (tmp_path / "private_key.pem").write_bytes(b"mine")
    with pytest.raises(Conflict, match=r"private_key\.pem is there already"):
        require_free(tmp_path, one.ref, files_of(one), force=False)
    require_free(tmp_path, one.ref, files_of(one), force=True)
    written(tmp_path)
    assert (tmp_path / "private_key.pem").read_bytes() == b"private_key 1\n"
    require_free(tmp_path, one.ref, files_of(one), force=False)
    with pytest.raises(Conflict, match="another container"):
        require_free(tmp_path, "b" * 32, files_of(one), force=False)


def test_a_disk_that_is_full_leaves_the_set_that_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path)
    before = sorted(path.name for path in tmp_path.iterdir())
    create, left = files.create, [2]

    def full(path: Path, content: bytes, **more: int) -> None:
        left[0] -= 1
        if not left[0]:
            raise OSError(28, "No space left on device")
        create(path, content, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(files, "create", full)
    with pytest.raises(Unreachable, match="No space left"):
        written(tmp_path, 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert (tmp_path / "combined.pem").read_bytes().startswith(b"private_key 1\n")


def test_the_mark_of_a_command_stays_until_it_was_run(tmp_path: Path) -> None:
    written(tmp_path)
    assert not is_pending(tmp_path)
    written(tmp_path, 2, pending=True)
    assert is_pending(tmp_path)
    settled(tmp_path)
    settled(tmp_path)
    assert not is_pending(tmp_path)


def test_a_reader_of_the_set_or_of_the_one_file_never_meets_a_mixed_pair(tmp_path: Path) -> None:
    written(tmp_path)
    ended, mixed, seen = threading.Event(), [], set()

    def read() -> None:
        while not ended.is_set():
            folder = os.open(tmp_path / container_folder.LINK, os.O_RDONLY | os.O_DIRECTORY)
            try:
                pair = [_read(folder, name) for name in ("certificate.pem", "private_key.pem")]
                combined = (tmp_path / "combined.pem").read_text().split()
            except FileNotFoundError:
                continue  # two changes while it was asleep; what it opens next is there
            finally:
                os.close(folder)
            numbers = {word.split()[-1] for word in pair}
            if len(numbers) > 1 or len(set(combined[1::2])) > 1:
                mixed.append((pair, combined))
            seen.update(numbers)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(2, 30):
        written(tmp_path, number)
    ended.set()
    reader.join()
    assert mixed == []
    assert len(seen) > 1


def _read(folder: int, name: str) -> str:
    with open(name, opener=lambda path, flags: os.open(path, flags, dir_fd=folder)) as file:
        return file.read()


def test_one_fetch_at_a_time(tmp_path: Path) -> None:
    folder, entered = tmp_path / "new", threading.Event()

    def other() -> None:
        with container_folder.locked(folder):
            entered.set()

    with container_folder.locked(folder):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        waiting = threading.Thread(target=other)
        waiting.start()
        assert not entered.is_set()
    waiting.join(timeout=10)
    assert entered.is_set()
