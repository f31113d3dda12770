"""What surrounds the acts: no store yet, the store's care, the audit log, a locked store, interrupts, pipes, completions."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.certs import Made, make_cert, make_key
from tests.journeys.command_line import certtui
from tests.pty import Terminal

READING = (
    ("list",),
    ("csr", "list"),
    ("resource", "list"),
    ("audit", "list"),
    ("audit", "verify"),
    ("audit", "head"),
    ("store", "status"),
)


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """A certificate in `www.crt` and its key in `www.key`."""
    made = make_cert("www.example.com", key=make_key("ec-256", 7))
    (tmp_path / "www.crt").write_bytes(made.pem)
    (tmp_path / "www.key").write_bytes(made.key_pem)
    return made


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_reading_without_a_store_is_empty_and_creates_nothing(command: tuple[str, ...], own_home: Path) -> None:
    before = sorted(own_home.rglob("*"))
    certtui(*command)
    assert sorted(own_home.rglob("*")) == before


def test_json_and_csv_of_nothing_are_still_json_and_csv() -> None:
    assert certtui("list", "--format", "json").json == []
    assert certtui("list", "--format", "csv").out.startswith("id,name,common_name,")


def test_changing_what_is_not_there_is_not_found_and_creates_no_store(own_home: Path) -> None:
    certtui("edit", "1", "--group", "x", code=4)
    certtui("delete", "1", "--yes", code=4)
    assert not list(own_home.rglob("*.db"))


def test_flag_is_before_environment_is_before_configuration(tmp_path: Path, own_home: Path) -> None:
    configuration = own_home / "config" / "certtui" / "config.toml"
    configuration.parent.mkdir(parents=True)
    configuration.write_text(f'default_context = "c"\n[contexts.c]\nstore = "{tmp_path / "configured.db"}"\n')
    environ = {"CERTTUI_STORE": str(tmp_path / "environment.db")}

    def where(*flags: str, environ: dict[str, str] | None = None) -> str:
        return Path(certtui("store", "status", "--format", "json", *flags, environ=environ).json["url"]).name

    assert where() == "configured.db"
    assert where(environ=environ) == "environment.db"
    assert where("--store", str(tmp_path / "flag.db"), environ=environ) == "flag.db"


def test_a_wrong_configuration_is_one_sentence(own_home: Path) -> None:
    configuration = own_home / "config" / "certtui" / "config.toml"
    configuration.parent.mkdir(parents=True)
    configuration.write_text('them = "dark"\n')
    err = certtui("list", code=1).err
    assert "theme" in err
    assert len(err.splitlines()) == 2


def test_a_store_is_made_checked_backed_up_restored_and_rekeyed(tmp_path: Path, made: Made) -> None:
    certtui("store", "init")
    certtui("store", "init", code=1)
    certtui("import", tmp_path / "www.crt", "--key", tmp_path / "www.key")
    first = certtui("store", "status", "--format", "json").json
    assert (first["exists"], first["certificates"], first["sealed_keys"]) == (True, 1, 1)
    assert all(each["ok"] for each in certtui("store", "check", "--format", "json").json)
    backup = tmp_path / "backup.db"
    report = certtui("store", "backup", backup, "--format", "json").json
    assert report["key_fingerprint"] == first["key_fingerprint"]
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    certtui("store", "backup", backup, code=1)
    certtui("delete", "www.example.com", "--yes")
    certtui("store", "restore", backup, code=1)
    certtui("store", "restore", backup, "--force")
    assert certtui("list", "--format", "json").json[0]["has_private_key"] is True
    after = certtui("store", "rekey", "--format", "json").json
    assert after["key_fingerprint"] != first["key_fingerprint"]
    certtui("export", "www.example.com", "--as", "key", "--out", tmp_path / "out.key", "--no-encryption")
    assert "PRIVATE KEY" in (tmp_path / "out.key").read_text()


def test_a_locked_store_lists_but_gives_no_key(tmp_path: Path, made: Made) -> None:
    (tmp_path / "passphrase").write_text("correct horse\n")
    certtui("store", "init", "--password-file", tmp_path / "passphrase")
    unlocked = {"CERTTUI_PASSPHRASE_FILE": str(tmp_path / "passphrase")}
    pair = ("import", tmp_path / "www.crt", "--key", tmp_path / "www.key")
    certtui(*pair, code=5)
    certtui(*pair, environ=unlocked)
    assert len(certtui("list", "--format", "json").json) == 1
    export = ("export", "www.example.com", "--as", "key", "--no-encryption", "--out", tmp_path / "k")
    assert "CERTTUI_PASSPHRASE_FILE" in certtui(*export, code=5).err
    certtui(*export, environ=unlocked)
    (tmp_path / "wrong").write_text("battery staple\n")
    certtui(*export, "--force", environ={"CERTTUI_PASSPHRASE_FILE": str(tmp_path / "wrong")}, code=5)


@pytest.mark.parametrize(
    ("state", "said"), [("gone", "is not there"), ("another", "not the key of this store"), ("a link", "symbolic link")]
)
def test_a_key_file_that_does_not_open_the_store_is_named(tmp_path: Path, made: Made, state: str, said: str) -> None:
    certtui("import", tmp_path / "www.crt", "--key", tmp_path / "www.key")
    key_file = Path(str(certtui("store", "status", "--format", "json").json["key_file"]))
    key_file.rename(tmp_path / "moved.key")
    if state == "another":
        key_file.write_bytes(b"k" * 32)
        key_file.chmod(0o600)
    elif state == "a link":
        key_file.symlink_to(tmp_path / "moved.key")
    told = certtui("export", "1", "--as", "key", "--no-encryption", "--out", tmp_path / "k", code=5).err
    assert said in told
    assert "PASSPHRASE" not in told


@pytest.mark.real("prlimit")
def test_a_full_disk_leaves_lists_to_read_and_is_no_fault_of_a_backup(tmp_path: Path, made: Made) -> None:
    certtui("import", tmp_path / "www.crt")
    certtui("store", "backup", tmp_path / "backup.db")

    def full(*arguments: str) -> subprocess.CompletedProcess[str]:
        # No file may grow: what SQLite meets is what a full disk gives it, whoever runs the tests.
        command = ["prlimit", "--fsize=0", sys.executable, "-m", "certtui", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    assert "www.example.com" in full("list").stdout
    refused = full("store", "restore", str(tmp_path / "backup.db"), "--force")
    assert refused.returncode == 1
    assert "not a whole backup" not in refused.stderr
    assert certtui("store", "check").code == 0


def test_a_file_name_begins_no_line_that_certtui_seems_to_say(tmp_path: Path) -> None:
    name = "x\ncerttui: all is well\n.pem"
    (tmp_path / name).write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    told = certtui("import", tmp_path / name, code=1).err
    assert "all is well" in told
    assert not any(line.startswith("certtui: all is well") for line in told.splitlines())


@pytest.mark.parametrize("file", ["/dev/zero", "{long}"])
def test_a_password_file_without_an_end_is_one_sentence(tmp_path: Path, made: Made, file: str) -> None:
    (tmp_path / "long").write_bytes(b"x" * 100_000)
    file = file.format(long=tmp_path / "long")
    assert "too long for a password" in certtui("import", tmp_path / "www.crt", "--password-file", file, code=2).err


def test_a_passphrase_is_set_and_taken_away_again(tmp_path: Path, made: Made) -> None:
    certtui("import", tmp_path / "www.crt", "--key", tmp_path / "www.key")
    (tmp_path / "passphrase").write_text("correct horse\n")
    certtui("store", "passphrase", "--password-file", tmp_path / "passphrase")
    assert certtui("store", "status", "--format", "json").json["protection"] == "passphrase"
    environ = {"CERTTUI_PASSPHRASE_FILE": str(tmp_path / "passphrase")}
    certtui("store", "passphrase", "--remove", environ=environ)
    assert certtui("store", "status", "--format", "json").json["protection"] == "key-file"


def test_what_was_done_is_in_the_audit_log_which_verifies(tmp_path: Path, made: Made) -> None:
    certtui("import", tmp_path / "www.crt")
    certtui("show", "1")
    events = certtui("audit", "list", "--format", "json").json
    assert events[0]["event"] == "certificate.view.accessed"
    assert [each["id"] for each in events] == sorted((each["id"] for each in events), reverse=True)
    assert isinstance(events[0]["detail"], dict)
    assert certtui("audit", "verify", "--format", "json").json["ok"] is True
    assert certtui("audit", "head").out.split() == [str(events[0]["id"]), events[0]["hash"]]
    assert len(certtui("audit", "list", "--limit", "1", "--format", "json").json) == 1
    assert "{" not in certtui("audit", "list").out  # who acted stands there in words
    copied = certtui("audit", "export", "--filter", "event:certificate.*").out.splitlines()
    (newest,) = certtui("audit", "list", "--limit", "1", "--format", "json").json
    assert newest["event"] == "audit.export.success"
    assert newest["detail"] == {"count": len(copied), "form": "jsonl", "filter": "event:certificate.*"}


def test_a_password_is_asked_for_on_a_terminal_and_not_shown(tmp_path: Path, made: Made) -> None:
    (tmp_path / "www.pfx").write_bytes(made.pfx(b"s3cret"))
    with Terminal([sys.executable, "-m", "certtui", "import", str(tmp_path / "www.pfx")]) as terminal:
        terminal.wait_for("Password")
        terminal.send("wrong\r")
        terminal.wait_until(lambda: terminal.raw.count(b"Password (") == 2, "the question again")
        terminal.send("s3cret\r")
        assert terminal.wait_end() == 0
        assert b"s3cret" not in terminal.raw
        assert b"1 added" in terminal.raw
    assert certtui("list", "--format", "json").json[0]["has_private_key"] is True


def test_a_passphrase_is_asked_for_twice_when_made_and_once_when_needed(tmp_path: Path, made: Made) -> None:
    with Terminal([sys.executable, "-m", "certtui", "store", "init", "--passphrase"]) as terminal:
        terminal.wait_for("New passphrase")
        terminal.send("correct horse\r")
        terminal.wait_for("again")
        terminal.send("correct horse\r")
        assert terminal.wait_end() == 0
    pair = [str(tmp_path / "www.crt"), "--key", str(tmp_path / "www.key")]
    with Terminal([sys.executable, "-m", "certtui", "import", *pair]) as terminal:
        terminal.wait_for("Passphrase of the store")
        terminal.send("correct horse\r")
        assert terminal.wait_end() == 0
        assert b"correct" not in terminal.raw
    with Terminal(
        [sys.executable, "-m", "certtui", "export", "1", "--as", "key", "--out", str(tmp_path / "k")]
    ) as terminal:
        terminal.wait_for("Passphrase of the store")
        terminal.send("wrong\r")
        assert terminal.wait_end() == 5
    assert not (tmp_path / "k").exists()


def test_two_passwords_that_differ_make_nothing(tmp_path: Path, made: Made) -> None:
    certtui("import", tmp_path / "www.crt", "--key", tmp_path / "www.key")
    with Terminal(
        [sys.executable, "-m", "certtui", "export", "1", "--as", "pfx", "--out", str(tmp_path / "p")]
    ) as terminal:
        terminal.wait_for("New password")
        terminal.send("one\r")
        terminal.wait_for("again")
        terminal.send("two\r")
        assert terminal.wait_end() == 2
    assert not (tmp_path / "p").exists()


def test_a_replacement_shows_its_plan_and_asks(tmp_path: Path, made: Made) -> None:
    (tmp_path / "new.crt").write_bytes(make_cert("www.example.com", key=make_key("ec-256", 7), days=700).pem)
    certtui("import", tmp_path / "www.crt", "--key", tmp_path / "www.key", "--name", "old")
    certtui("import", tmp_path / "new.crt", "--name", "new")
    certtui("resource", "add", "lb-west", "--type", "load-balancer")
    certtui("associate", "old", "lb-west")
    for answer, code, where in (("n\r", 1, "old"), ("y\r", 0, "new")):
        with Terminal([sys.executable, "-m", "certtui", "replace", "old", "new"]) as terminal:
            terminal.wait_for("lb-west")
            terminal.wait_for("[y/N]")
            terminal.send(answer)
            assert terminal.wait_end() == code
        assert [each["name"] for each in certtui("show", where, "--format", "json").json["resources"]] == ["lb-west"]


def test_deleting_asks_and_no_is_the_default(tmp_path: Path, made: Made) -> None:
    certtui("import", tmp_path / "www.crt")
    for answer, code, left in (("\r", 1, 1), ("y\r", 0, 0)):
        with Terminal([sys.executable, "-m", "certtui", "delete", "1"]) as terminal:
            terminal.wait_for("[y/N]")
            terminal.send(answer)
            assert terminal.wait_end() == code
        assert len(certtui("list", "--format", "json").json) == left


def test_a_key_does_not_go_to_a_terminal_unless_forced(tmp_path: Path, made: Made) -> None:
    certtui("import", tmp_path / "www.crt", "--key", tmp_path / "www.key")
    command = [sys.executable, "-m", "certtui", "export", "1", "--as", "key", "--no-encryption", "--out", "-"]
    with Terminal(command) as terminal:
        assert terminal.wait_end() == 2
        assert b"BEGIN" not in terminal.raw
    with Terminal([*command, "--force"]) as terminal:
        assert terminal.wait_end() == 0
        assert b"BEGIN PRIVATE KEY" in terminal.raw


def test_an_export_never_takes_the_place_of_the_store_or_its_key(tmp_path: Path, made: Made) -> None:
    certtui("import", tmp_path / "www.crt", "--key", tmp_path / "www.key")
    status = certtui("store", "status", "--format", "json").json
    for own in (status["url"], status["key_file"]):
        before = Path(own).read_bytes()
        assert "not written over" in certtui("export", "1", "--as", "pem", "--out", own, "--force", code=1).err
        assert Path(own).read_bytes()[:32] == before[:32]
    assert certtui("store", "check").code == 0


def test_a_table_is_cut_to_the_terminal_and_whole_in_a_pipe(tmp_path: Path) -> None:
    long = "a-name-that-is-long-" * 8
    (tmp_path / "x.crt").write_bytes(make_cert("x").pem)
    certtui("import", tmp_path / "x.crt", "--name", long)
    assert long in certtui("list").out
    with Terminal([sys.executable, "-m", "certtui", "list"], columns=60) as terminal:
        terminal.wait_end()
        assert all(len(line) <= 60 for line in terminal.raw.decode().split("\r\n"))
        assert "…" in terminal.raw.decode()


def test_a_reader_that_goes_away_is_not_an_error_worth_words(tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    (folder / "all.pem").write_bytes(b"".join(make_cert(f"{n}.example.com", key=make_key()).pem for n in range(300)))
    certtui("import", folder)
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "certtui", "list", "--format", "json"],
        stdout=writing,
        stderr=subprocess.PIPE,
        timeout=30,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize("shell", ["certtui list >/dev/full", "certtui list --format json >/dev/full"])
def test_a_full_disk_behind_standard_output_is_one_sentence(shell: str, tmp_path: Path, made: Made) -> None:
    certtui("import", tmp_path / "www.crt")
    done = in_shell(shell)
    assert done.returncode == 1
    assert done.stderr == b"certtui: Standard output can't be written: no space left on device.\n"


@pytest.mark.parametrize("shell", ["certtui list >&-", "certtui list 2>&- >/dev/null", "certtui match - <&-"])
def test_closed_streams_are_no_crash(shell: str, own_home: Path) -> None:
    assert in_shell(shell).returncode in (0, 1)
    assert not list(own_home.rglob("crash-*"))


def in_shell(line: str) -> subprocess.CompletedProcess[bytes]:
    command = line.replace("certtui", f"'{sys.executable}' -m certtui", 1)
    return subprocess.run(["sh", "-c", command], capture_output=True, check=False, timeout=30)


def test_an_interrupt_ends_quietly_with_130(tmp_path: Path, made: Made) -> None:
    certtui("import", tmp_path / "www.crt")
    with Terminal([sys.executable, "-m", "certtui", "delete", "1"]) as terminal:
        terminal.wait_for("[y/N]")
        terminal.send("\x03")
        assert terminal.wait_end() == 130
        assert b"Traceback" not in terminal.raw
    assert len(certtui("list", "--format", "json").json) == 1


def test_an_interrupted_import_leaves_whole_files_in_or_out(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    pems = [make_cert(f"{n}.example.com", key=make_key()).pem for n in range(300)]
    for number in range(100):
        (folder / f"{number:03d}.pem").write_bytes(b"".join(pems[3 * number : 3 * number + 3]))
    with Terminal([sys.executable, "-m", "certtui", "import", str(folder)]) as terminal:
        terminal.wait_bytes(b" of 100 files")
        terminal.send("\x03")
        assert terminal.wait_end() in (0, 130)
    rows = certtui("list", "--format", "json").json
    assert len(rows) % 3 == 0
    assert len(certtui("import", folder, "--format", "json").json["imported"]) == 300 - len(rows)


@pytest.mark.parametrize("moment", [b" 0 added", b" 1000 added"], ids=["at the beginning", "after the first batch"])
def test_a_killed_import_leaves_whole_files_and_a_second_one_completes_it(tmp_path: Path, moment: bytes) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(150):
        pems = (make_cert(f"{number}-{each}.example.com", key=make_key()).pem for each in range(10))
        (folder / f"{number:03d}.pem").write_bytes(b"".join(pems))
    with Terminal([sys.executable, "-m", "certtui", "import", str(folder)], screen=False) as terminal:
        terminal.wait_bytes(moment)
        terminal.kill()
        terminal.wait_end()
    assert all(each["ok"] for each in certtui("store", "check", "--format", "json").json)
    before = certtui("list", "--format", "json").json
    stems = [row["common_name"].partition("-")[0] for row in before]
    assert all(stems.count(stem) == 10 for stem in set(stems))
    assert len(certtui("import", folder, "--format", "json").json["imported"]) == 1500 - len(before)


def test_an_error_of_our_own_is_a_sentence_and_a_report(own_home: Path) -> None:
    script = "import sys; from certtui.cli import listing; listing.sort_option = None; from certtui.cli.main import main; sys.exit(main(['list']))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False, timeout=30)
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    assert list((own_home / "state").rglob("crash-*.txt"))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("certtui expo", ["export"]),
        ("certtui csr com", ["complete"]),
        ("certtui export x --as pk", ["pkcs7"]),
        ("certtui list --for", ["--format"]),
        ("certtui list --format ", ["table", "json", "csv"]),
        ("certtui --store x.db lis", ["list"]),
        ("certtui csr create --key ed", ["ed25519"]),
        ("certtui import ww", ["www.crt", "www.key"]),
        ("certtui completions ", ["bash", "zsh", "fish"]),
        ("certtui resource add x --type ho", ["host"]),
        ("certtui --read", ["--read-only"]),
    ],
)
@pytest.mark.real("bash")
def test_bash_completes(line: str, expected: list[str], tmp_path: Path, made: Made) -> None:
    words = line.split(" ")
    script = (
        f"{completions('bash')}\nCOMP_WORDS=({' '.join(repr(word) for word in words)}); COMP_CWORD={len(words) - 1}\n"
        'compopt() { :; }; _certtui; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(["bash"], input=script.encode(), capture_output=True, cwd=tmp_path, check=True, timeout=20)
    assert done.stderr == b""
    assert sorted(done.stdout.decode().split()) == sorted(expected)


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_accept_their_completions(shell: str) -> None:
    if shutil.which(shell) is None:
        assert "certtui" in completions(shell)
        return
    subprocess.run([shell, "-n"], input=completions(shell).encode(), check=True, timeout=20)


def completions(shell: str) -> str:
    from certtui.cli.completions import script

    return script(shell)
