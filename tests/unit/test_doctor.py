"""The doctor: each illness is named with what to do, and none stops the others from being looked at."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from certtui import doctor, doctor_terminal
from certtui.doctor import FAIL, OK, WARN, Finding
from certtui.errors import Unreachable
from certtui.model.audit import Actor
from certtui.model.store import StoreStatus

ACTOR = Actor("olivia", sudo_user="bob", ssh_client="192.0.2.7")


@pytest.fixture
def status(tmp_path: Path) -> StoreStatus:
    """A healthy store, with its files."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    for name in ("certtui.db", "certtui.key"):
        (folder / name).write_bytes(b"x")
        (folder / name).chmod(0o600)
    return StoreStatus(
        url=str(folder / "certtui.db"), exists=True, engine="sqlite", schema_revision="0001", journal_mode="wal",
        certificates=12_480, sealed_keys=311, size=52_000_000, protection="key-file",
        key_file=str(folder / "certtui.key"), key_fingerprint="4f2a", locked=False, created_at=None,
    )  # fmt: skip


def look(status: StoreStatus, environ: dict[str, str] | None = None) -> list[Finding]:
    return doctor.findings(
        lambda: SimpleNamespace(status=lambda: status),  # type: ignore[arg-type, return-value]  # all the doctor asks of an admin
        actor=ACTOR,
        environ={"HOME": str(Path(status.url).parent.parent), "TERM": "xterm"} | (environ or {}),
    )


def of(check: str, found: list[Finding]) -> list[Finding]:
    return [each for each in found if each.check == check]


def test_a_healthy_store_is_all_well(status: StoreStatus) -> None:
    found = look(status)
    assert [each for each in found if each.state == FAIL] == []
    assert "12,480 certificates, 311 keys, 50 MiB, schema 0001, journal wal" in of("store", found)[0].message
    assert of("key file", found)[0].state == OK
    assert of("actor", found)[0].message == "The audit log will name olivia (by sudo from bob, from 192.0.2.7)."


def test_everything_that_is_not_well_says_what_to_do(status: StoreStatus) -> None:
    Path(status.key_file).unlink()
    for each in look(replace(status, warnings=("The journal is old.",))):
        assert bool(each.hint) == (each.state != OK), each


def test_what_a_killed_restore_left_is_named(status: StoreStatus) -> None:
    file = Path(status.url.removeprefix("sqlite://"))
    left, own = file.with_name(f".{file.name}.0123456789ab"), file.with_name(f".{file.name}.lock")
    for each in (left, own):
        each.write_bytes(b"")
    found = [each.message for each in of("store", look(status)) if each.state == WARN]
    assert [str(left) in each for each in found] == [True]
    assert left.exists()


def test_a_key_file_that_is_missing_or_open_is_named(status: StoreStatus) -> None:
    key = Path(status.key_file)
    key.chmod(0o644)
    [found] = of("key file", look(status))
    assert (found.state, found.hint) == (WARN, f"chmod 600 {key}")
    key.unlink()
    assert of("key file", look(status))[0].state == FAIL


def test_a_key_file_in_a_folder_that_others_may_write_is_named(status: StoreStatus) -> None:
    Path(status.key_file).parent.chmod(0o777)
    [found] = of("key file", look(status))
    assert "may be written by the group and others" in found.message


def test_a_store_that_is_not_there_yet_is_no_failure(status: StoreStatus) -> None:
    found = look(replace(status, exists=False, url="/nonexistent/certtui/certtui.db", key_file="/nonexistent/k"))
    assert of("store", found)[0].state == WARN
    assert of("key file", found) == []


def test_a_passphrase_needs_no_key_file(status: StoreStatus) -> None:
    [found] = of("key file", look(replace(status, protection="passphrase", key_file="")))
    assert found.state == OK


def test_an_error_is_a_finding_and_the_rest_is_still_looked_at() -> None:
    def fails() -> None:
        raise Unreachable("The store does not answer.", "Mount it.")

    found = doctor.findings(fails, actor=ACTOR, environ={"HOME": "/nonexistent", "TERM": "xterm"})  # type: ignore[arg-type]
    assert of("store", found) == [Finding("store", FAIL, "The store does not answer.", "Mount it.")]
    assert of("clipboard", found)
    assert doctor.worst(found) == FAIL


def test_a_wrong_configuration_is_a_finding(status: StoreStatus, tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text("thme = 'dark'")
    [found] = of("configuration", look(status, {"CERTTUI_CONFIG": str(tmp_path / "c.toml")}))
    assert found.state == FAIL
    assert "nearest is 'theme'" in found.message


def test_a_disk_that_is_almost_full_is_named(status: StoreStatus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LEAST_ROOM", 1 << 62)
    [found] = of("file system", look(status))
    assert found.state == WARN


def test_a_network_file_system_is_named(status: StoreStatus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_mount_type", lambda _: "nfs4")
    assert "on the network (nfs4)" in of("file system", look(status))[0].message


def test_a_locale_without_utf8_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("locale.getpreferredencoding", lambda _: "ANSI_X3.4-1968")
    [found] = doctor_terminal.locale({"LANG": "C"})
    assert (found.state, found.hint) == (WARN, "Set LANG=C.UTF-8, or start with --ascii.")


def test_no_clipboard_is_named_with_what_happens_instead() -> None:
    [found] = doctor_terminal.clipboard("auto", {"TERM": "linux"})
    assert (found.state, found.hint) == (WARN, "What you copy is shown for you to select.")


def test_a_tmux_that_delays_the_escape_key_is_named(tmp_path: Path) -> None:
    program = tmp_path / "tmux"
    program.write_text('#!/bin/sh\ncase "$3" in escape-time) echo 500;; *) echo off;; esac\n')
    program.chmod(0o755)
    found = list(doctor_terminal._tmux({"PATH": f"{tmp_path}:/bin:/usr/bin"}))
    assert [each.message.split()[1] for each in found] == ["waits", "keeps"]


def test_the_least_state_counts_for_the_whole() -> None:
    assert doctor.worst([Finding("a", OK, ""), Finding("b", WARN, "")]) == WARN
    assert doctor.worst([Finding("a", OK, "")]) == OK
