"""One private key and a few passwords go through everything; afterwards nothing that was written holds them in the clear."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from tests.certs import NOW
from tests.journeys.console import CERTTUI, certtui, leave, start, start_code, surroundings

SCALAR = bytes.fromhex("5afe" + "c0ffee" * 10)
"""The private number of the key: nothing else has it."""
STORE = "canary-store-passphrase-1"
KEY = "canary-key-passphrase-2"
PFX = "canary-pfx-password-3"
WRONG = "canary-wrong-password-4"
TYPED = "canary-typed-password-5"


@dataclass(frozen=True)
class Given:
    """What the person has: files in a folder that is theirs, and what to look for afterwards."""

    home: Path
    files: Path
    pem: str
    needles: dict[str, bytes]


def dresses(name: str, secret: bytes) -> dict[str, bytes]:
    """A secret as it is, in hex, in UTF-16, and as base64 has it at each of its three offsets."""
    found = {name: secret, f"{name} hex": secret.hex().encode(), f"{name} HEX": secret.hex().upper().encode()}
    if secret.isascii():
        found[f"{name} utf-16"] = secret.decode().encode("utf-16-le")
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + secret)
        # Without the characters that the neighbours have a part in.
        found[f"{name} base64 at {offset}"] = encoded[(offset * 8 + 5) // 6 : -4]
    return found


@pytest.fixture
def given(tmp_path: Path) -> Given:
    """Certificate, keys and password files."""
    files, home = tmp_path / "files", tmp_path / "home"
    files.mkdir()
    home.mkdir()
    key = ec.derive_private_key(int.from_bytes(SCALAR, "big"), ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "canary.example.com")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(NOW)
        .not_valid_after(NOW.replace(year=2036))
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    sealed = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(KEY.encode()))
    (files / "canary.crt").write_bytes(made.public_bytes(Encoding.PEM))
    (files / "plain.key").write_text(pem)
    (files / "sealed.key").write_bytes(sealed)
    (files / "canary.pfx").write_bytes(
        pkcs12.serialize_key_and_certificates(b"canary", key, made, None, BestAvailableEncryption(PFX.encode()))
    )
    for label, password in (("store", STORE), ("key", KEY), ("pfx", PFX), ("wrong", WRONG)):
        (files / f"{label}.password").write_text(password + "\n")
    body = "".join(pem.splitlines()[1:-1])
    needles = {"key pem start": body[48:80].encode(), "key pem middle": body[80:112].encode()} | dresses("key", SCALAR)
    for password in (STORE, KEY, PFX, WRONG, TYPED):
        needles |= dresses(password, password.encode())
    return Given(home, files, pem, needles)


def found(needles: dict[str, bytes], *folders: Path) -> list[str]:
    """Where any of them stands: file and which."""
    places = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert places
    return [f"{path}: {name}" for path in places for name, needle in needles.items() if needle in path.read_bytes()]


def protected(given: Given) -> dict[str, str]:
    """The environment of a store that a passphrase protects."""
    files = {"CERTTUI_PASSPHRASE_FILE": str(given.files / "store.password")}
    return {"CERTTUI_STORE": str(given.home / "protected.db"), **files}


def test_what_commands_write_holds_no_secret(given: Given, tmp_path: Path) -> None:
    files, told = given.files, tmp_path / "told"
    told.mkdir()
    outputs: list[str] = []

    def run(*arguments: str, check: bool = True, **environ: str) -> None:
        done = certtui(given.home, *arguments, check=check, **environ)
        outputs.extend((done.stdout, done.stderr))

    run("store", "init", "--password-file", str(files / "store.password"), **protected(given))
    run("import", str(files / "canary.pfx"), "--password-file", str(files / "pfx.password"), **protected(given))
    run("import", str(files / "canary.pfx"), "--password-file", str(files / "wrong.password"), check=False)
    run(
        "import",
        str(files / "canary.crt"),
        "--key",
        str(files / "sealed.key"),
        "--password-file",
        str(files / "key.password"),
    )
    run("import", str(files / "canary.pfx"), "--password-file", str(files / "pfx.password"))
    run("match", str(files / "canary.crt"), str(files / "plain.key"))
    run(
        "export", "1", "--as", "pfx", "--out", str(tmp_path / "out.pfx"), "--password-file", str(files / "pfx.password")
    )
    run(
        "export", "1", "--as", "key", "--out", str(tmp_path / "out.key"), "--password-file", str(files / "key.password")
    )
    run("export", "1", "--as", "key", "--out", "-", "--password-file", str(files / "key.password"), "--force")
    run("show", "1", "--format", "json")
    run("secret", "store", "word", str(files / "key.password"), "--type", "passphrase")
    run("secret", "store", "key", str(files / "plain.key"), "--type", "private")
    run("secret", "store", "key", str(files / "pfx.password"), "--type", "private", check=False)
    run("secret", "show", "key", "--format", "json")
    run("container", "create", "shop", "--certificate", "1", "--part", "private_key_passphrase=word")
    run("container", "show", "shop", "--format", "json")
    run("container", "fetch", "shop", "--out", str(tmp_path / "fetched"), "--format", "json")
    run("audit", "list", "--format", "json")
    run("store", "check")
    run("store", "backup", str(given.home / "backup.db"))
    run("store", "rekey", check=False)
    (told / "outputs").write_text("\n".join(outputs))
    assert found(given.needles, given.home, told) == []


def test_no_argument_of_a_process_holds_a_secret(given: Given) -> None:
    certtui(given.home, "store", "init", "--password-file", str(given.files / "store.password"), **protected(given))
    seen: set[bytes] = set()
    arguments = ["import", str(given.files / "canary.pfx"), "--password-file", str(given.files / "pfx.password")]
    environ = surroundings(given.home, **protected(given))
    with subprocess.Popen(
        [*CERTTUI, *arguments], env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        while process.poll() is None:
            for each in family(process.pid):
                for file in ("cmdline", "environ"):
                    seen.add(read(Path(f"/proc/{each}/{file}")))
        assert process.returncode == 0
    assert any(b"canary.pfx" in each for each in seen)
    assert [name for name, needle in given.needles.items() for each in seen if needle in each] == []


FAULT = """
from certtui.screens.form import FormScreen
def fails(self, *_):
    typed = {name: str(value) for name, value in vars(self).items()}
    raise ValueError(f"form {typed} and {self.__dict__!r}")
FormScreen.do_form_save = fails
"""


def test_what_the_console_writes_holds_no_secret(given: Given) -> None:
    with start(given.home) as terminal:
        terminal.wait_for("This inventory is empty.")
        paste_pair(terminal, given)
        terminal.kill(signal.SIGKILL)
        terminal.wait_end()
    assert any(path.suffix == ".json" for path in (state_of(given) / "forms").iterdir())
    assert found(given.needles, given.home) == []
    with start(given.home) as terminal:
        terminal.wait_for("This inventory is empty.")
        terminal.send("a")
        terminal.wait_for("Your form from")
        terminal.send("\x13")
        terminal.wait_for("Added canary.example.com, with its private key.")
        assert leave(terminal) == 0
    assert "canary.example.com" in certtui(given.home, "list").stdout
    assert found(given.needles, given.home) == []


def test_a_crash_with_a_pasted_key_and_a_typed_password_writes_neither(given: Given) -> None:
    with start_code(given.home, FAULT) as terminal:
        terminal.wait_for("This inventory is empty.")
        paste_pair(terminal, given)
        terminal.send("\x13")
        terminal.wait_quiet(0.5)
        if not terminal.ended:
            leave(terminal)
    written = [path.read_text("utf-8", "replace") for path in state_of(given).rglob("*") if path.is_file()]
    assert any("in fails" in text and "ValueError" in text for text in written), "the fault was not met"
    assert found(given.needles, given.home) == []


def test_the_search_itself_finds_a_secret_in_every_dress(given: Given, tmp_path: Path) -> None:
    place = tmp_path / "planted"
    place.mkdir()
    for content in (
        given.pem.encode(),
        SCALAR,
        SCALAR.hex().encode(),
        base64.b64encode(b"x" + SCALAR + b"yz"),
        f"password={TYPED}".encode(),
        base64.b64encode(f"ab{TYPED}cd".encode()),
        TYPED.encode("utf-16"),
    ):
        (place / "file").write_bytes(content)
        assert found(given.needles, place), content


def state_of(given: Given) -> Path:
    """The state folder."""
    return given.home / ".local" / "state" / "certtui"


def paste_pair(terminal: object, given: Given) -> None:
    """In the add form: the certificate, its key pasted, and a password typed into the PFX method's field."""
    from tests.pty import Terminal

    assert isinstance(terminal, Terminal)
    terminal.send("a")
    terminal.wait_for("Will add what is in the PFX file")
    terminal.send(f"\t\t{TYPED}")
    terminal.send("\x0e")
    terminal.wait_for("Will add the certificate with its private key")
    for keys in (
        "\t",
        f"\x1b[200~{(given.files / 'canary.crt').read_text()}\x1b[201~",
        "\t",
        f"\x1b[200~{given.pem}\x1b[201~",
    ):
        terminal.send(keys)
        terminal.wait_quiet(0.3)


def family(process: int) -> list[int]:
    """A process and those it started, as far as they can be seen."""
    found = [process]
    for each in found:
        for task in children(each):
            found.append(task)  # noqa: PERF402  # a walk that grows its own list
    return found


def children(process: int) -> list[int]:
    """The children of a process, of all its threads."""
    try:
        tasks = os.listdir(f"/proc/{process}/task")  # noqa: PTH208
    except OSError:
        return []
    return [
        int(child) for task in tasks for child in read(Path(f"/proc/{process}/task/{task}/children")).decode().split()
    ]


def read(path: Path) -> bytes:
    """A file of /proc, b"" when the process is gone or not ours to read."""
    try:
        return path.read_bytes()
    except OSError:
        return b""
