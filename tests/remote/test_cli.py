"""The command line over a server: contexts, every command by `--context`, what is only possible where the store is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from certtui.backend.factory import StoreOptions, open_backend
from certtui.backend.local.backend import LocalBackend
from certtui.model.access import Access, Role
from certtui.model.audit import Actor
from certtui.paths import config_file
from tests.certs import make_cert
from tests.journeys.command_line import certtui
from tests.remote.server import Server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server on an empty store."""
    backend = open_backend(StoreOptions(str(tmp_path / "s" / "certtui.db"), create=True), actor=Actor("root"))
    assert isinstance(backend, LocalBackend)
    with Server(backend) as made:
        yield made
    backend.close()


@pytest.fixture
def team(server: Server, tmp_path: Path) -> Path:
    """The context `team` for that server, with its token in a file."""
    token = tmp_path / "token"
    token.write_bytes(server.token("ada").reveal() + b"\n")
    token.chmod(0o600)
    certtui("context", "add", "team", "--url", server.url, "--token-file", token)
    return token


def pem(folder: Path, name: str = "www.example.com") -> Path:
    made = make_cert(name)
    file = folder / f"{name}.pem"
    file.write_bytes(made.pem + made.key_pem)
    return file


@pytest.mark.usefixtures("team")
def test_a_certificate_goes_in_and_is_listed_shown_and_exported(tmp_path: Path, server: Server) -> None:
    certtui("import", pem(tmp_path), "--context", "team")
    (row,) = certtui("list", "--context", "team", "--format", "json").json
    assert row["name"] == "www.example.com"
    assert (
        "BEGIN CERTIFICATE"
        in certtui("export", "www.example.com", "--as", "pem", "--out", "-", "--context", "team").out
    )
    assert certtui("show", "www.example.com", "--context", "team", "--format", "json").json["id"] == row["id"]
    assert [each.common_name for each in server.backend.certificates.records([row["id"]]) for each in [each.row]] == [
        "www.example.com"
    ]


@pytest.mark.usefixtures("team")
def test_the_log_says_who_and_over_which_way(tmp_path: Path, server: Server) -> None:
    certtui("import", pem(tmp_path), "--context", "team")
    actor = json.loads(server.backend.audit.get(server.backend.audit.head().seq).actor)
    assert (actor["name"], actor["via"], actor["address"]) == ("ada", "api", "127.0.0.1")


@pytest.mark.parametrize(
    "command", ["status", "check", "backup /tmp/x", "rekey", "restore /tmp/x", "init", "passphrase --remove"]
)
@pytest.mark.usefixtures("team")
def test_the_store_of_a_server_is_cared_for_where_it_is(command: str) -> None:
    done = certtui("store", *command.split(), "--context", "team", code=1)
    assert "The store of “team” is on its server" in done.err
    assert done.out == ""


@pytest.mark.usefixtures("team")
def test_what_is_served_is_a_store() -> None:
    assert "The store of “team” is on its server" in certtui("serve", "--context", "team", code=1).err


@pytest.mark.usefixtures("team")
def test_the_doctor_looks_at_a_server_too() -> None:
    done = certtui("doctor", "--context", "team", "--format", "json", code=None)
    (server,) = [each for each in done.json if each["check"] == "server"]
    assert server["state"] == "ok"
    assert "ada" in server["message"]


def test_the_doctor_says_that_a_server_is_away(team: Path, server: Server) -> None:
    server.stop()
    done = certtui("doctor", "--context", "team", "--format", "json", code=1)
    (found,) = [each for each in done.json if each["check"] == "server"]
    assert found["state"] == "fail"
    assert "can't be reached" in found["message"]


def test_the_default_context_is_the_one_that_is_used(tmp_path: Path, server: Server, team: Path) -> None:
    certtui("context", "use", "team")
    certtui("import", pem(tmp_path))
    assert server.backend.certificates.overview().total == 1
    assert certtui("context", "list", "--format", "json").json == [
        {"default": True, "name": "team", "kind": "server", "place": server.url, "read_only": False}
    ]


def test_the_environment_names_a_server(tmp_path: Path, server: Server, team: Path) -> None:
    environ = {"CERTTUI_URL": server.url, "CERTTUI_TOKEN_FILE": str(team)}
    certtui("import", pem(tmp_path), environ=environ)
    assert len(certtui("list", "--context", "team", "--format", "json").json) == 1
    assert len(certtui("list", "--format", "json", environ={"CERTTUI_CONTEXT": "team"}).json) == 1
    assert certtui("list", "--format", "json").json == []


def test_two_places_in_the_environment_are_refused(server: Server) -> None:
    done = certtui("list", environ={"CERTTUI_URL": server.url, "CERTTUI_STORE": "/tmp/x"}, code=1)
    assert "CERTTUI_URL and CERTTUI_STORE are set" in done.err


def test_without_a_token_nobody_gets_in_and_nobody_is_asked_in_a_script(server: Server) -> None:
    done = certtui("list", environ={"CERTTUI_URL": server.url}, code=5)
    assert "has no token" in done.err
    assert "CERTTUI_TOKEN_FILE" in done.err


def test_a_token_that_opens_nothing_is_denied(server: Server, tmp_path: Path) -> None:
    (tmp_path / "t").write_text("cert_wrong\n")
    done = certtui("list", environ={"CERTTUI_URL": server.url, "CERTTUI_TOKEN_FILE": str(tmp_path / "t")}, code=5)
    assert "cert_wrong" not in done.err


def test_a_token_comes_from_a_command(server: Server, team: Path) -> None:
    certtui("context", "add", "cmd", "--url", server.url, "--token-command", f"cat '{team}'")
    assert certtui("list", "--context", "cmd", "--format", "json").json == []


def test_a_failing_token_command_is_named_and_its_output_is_not(server: Server) -> None:
    certtui("context", "add", "cmd", "--url", server.url, "--token-command", "sh -c 'echo s3cret; exit 3'")
    done = certtui("list", "--context", "cmd", code=5)
    assert "sh ended with 3" in done.err
    assert "s3cret" not in done.err


def test_a_test_of_a_context_says_who_one_is_and_what_is_not_possible(
    server: Server, tmp_path: Path, team: Path
) -> None:
    token = tmp_path / "viewer"
    token.write_bytes(server.token("eve", Access(Role.VIEWER)).reveal())
    certtui("context", "add", "see", "--url", server.url, "--token-file", token)
    told = certtui("context", "test", "see", "--format", "json").json
    assert (told["you"], told["role"], told["kind"]) == ("eve", "viewer", "server")
    assert "certificates.add: This needs the role operator; yours is viewer." in told["not_possible"]
    assert certtui("context", "test", "team", "--format", "json").json["not_possible"] == []


def test_what_is_not_possible_stands_line_by_line(server: Server, tmp_path: Path, team: Path) -> None:
    token = tmp_path / "viewer"
    token.write_bytes(server.token("eve", Access(Role.VIEWER)).reveal())
    certtui("context", "add", "see", "--url", server.url, "--token-file", token)
    told = certtui("context", "test", "see").out.splitlines()
    assert sum(": This needs the role" in line for line in told) > 1
    assert max(line.count("This needs the role") for line in told) == 1
    assert "Not possible   -" in certtui("context", "test", "team").out.splitlines()


def test_a_viewer_reads_no_key_by_any_command(server: Server, tmp_path: Path, team: Path) -> None:
    certtui("import", pem(tmp_path), "--context", "team")
    token = tmp_path / "viewer"
    token.write_bytes(server.token("eve", Access(Role.VIEWER)).reveal())
    certtui("context", "add", "see", "--url", server.url, "--token-file", token)
    for form in ("key", "pfx"):
        (tmp_path / "p").write_text("secret\n")
        done = certtui(
            *("export", "www.example.com", "--as", form, "--out", tmp_path / f"x.{form}", "--password-file", tmp_path / "p"),
            *("--context", "see"), code=5,
        )  # fmt: skip
        assert "export-keys" in done.err
        assert not (tmp_path / f"x.{form}").exists()


def test_a_read_only_context_changes_nothing(server: Server, tmp_path: Path, team: Path) -> None:
    certtui("context", "add", "ro", "--url", server.url, "--token-file", team, "--read-only")
    done = certtui("import", pem(tmp_path), "--context", "ro", code=5)
    assert "read-only" in done.err
    assert server.backend.certificates.overview().total == 0


def test_a_server_that_is_away_is_said_in_a_sentence(team: Path, server: Server) -> None:
    server.stop()
    done = certtui("list", "--context", "team", code=1)
    assert "127.0.0.1 can't be reached: connection refused." in done.err


def test_adding_a_context_keeps_the_file_as_it_was_written(tmp_path: Path) -> None:
    file = config_file()
    file.parent.mkdir(parents=True)
    file.write_text('# mine\ntheme = "light"  # by day\n\n[keys]\n"certificate.open" = "o"\n')
    certtui("context", "add", "büro [1]", "--url", "https://certs.example.com/", "--pin", "ab" * 32, "--use")
    assert file.read_text() == (
        '# mine\ntheme = "light"  # by day\n\ndefault_context = "büro [1]"\n\n[keys]\n"certificate.open" = "o"\n\n'
        '[contexts."büro [1]"]\nurl = "https://certs.example.com"\npin = "' + "ab" * 32 + '"\n'
    )
    certtui("context", "add", "lab", "--store", "/srv/lab.db", "--read-only")
    certtui("context", "use", "lab")
    assert file.read_text().count("default_context") == 1
    assert 'default_context = "lab"' in file.read_text()


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (("team", "--url", "http://certs.example.com"), "plain HTTP"),
        (("team", "--url", "https://me:pw@certs.example.com"), "holds no password"),
        (("team", "--url", "certs.example.com"), "is no URL of a server"),
        (("team", "--url", "https://h", "--pin", "zz"), "is no pin"),
        (("team", "--ca-file", "/ca.pem"), "--ca-file is for a server"),
        (("a\nb", "--url", "https://h"), "can't be the name"),
    ],
)
def test_a_context_that_makes_no_sense_is_refused(argv: tuple[str, ...], sentence: str) -> None:
    assert sentence in certtui("context", "add", *argv, code=None).err
    assert not config_file().exists()


def test_a_name_is_given_once() -> None:
    certtui("context", "add", "lab", "--store", "/srv/lab.db")
    assert "There is a context 'lab' already." in certtui("context", "add", "lab", "--store", "/x", code=1).err
    assert "the nearest is 'lab'" in certtui("context", "use", "labs", code=4).err
