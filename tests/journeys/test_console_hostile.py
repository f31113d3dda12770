"""A certificate written by a stranger does nothing on any screen but look odd: judged by every byte that reached the terminal."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.certs import NOW, make_key
from tests.journeys.console import certtui, foreign, start
from tests.pty import Terminal

CLIPBOARD = "\x1b]52;c;Z290Y2hh\x07"
HOSTILE = (
    f"{CLIPBOARD}clip",
    "title\x1b]0;owned\x07",
    "c1\x9d52;c;Z290Y2hh\x9c",
    "clear\x1b[2J\x1b[H\x1b[31m",
    "bidi \u202egnp.exe\u2066 zero\u200bwidth",
    "[red]markup[/red] [/foo]",
    "bell\x07 back\x08\x08 del\x7f nul\x00",
    "\x1bP+q544e\x1b\\ dcs",
    "\x1b[6n\x1b[c ask",
)


def hostile(name: str, number: int) -> bytes:
    """A certificate with a name in every place a stranger may write to."""
    key = make_key("ec-256")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a name longer than it may be is one of the things that strangers write
        common_name = x509.NameAttribute(NameOID.COMMON_NAME, name, _validate=False)
        organization = x509.NameAttribute(NameOID.ORGANIZATION_NAME, f"O=[/foo] {name}", _validate=False)
    subject = x509.Name([common_name, organization])
    plain = name.encode("ascii", "replace").decode()
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(number + 1)
        .not_valid_before(NOW)
        .not_valid_after(NOW.replace(year=2036))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(plain), x509.UniformResourceIdentifier(f"https://{plain}")]),
            critical=False,
        )
        .add_extension(
            x509.CRLDistributionPoints(
                [x509.DistributionPoint([x509.UniformResourceIdentifier(f"http://{plain}")], None, None, None)]
            ),
            critical=False,
        )
        .add_extension(
            x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), name.encode()), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(Encoding.PEM)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose store holds the hostile certificates, given hostile labels too. Read, not changed."""
    place = tmp_path_factory.mktemp("hostile")
    folder = place / "files"
    folder.mkdir()
    for number, name in enumerate((*HOSTILE, " ".join(HOSTILE))):
        (folder / f"{number}.pem").write_bytes(hostile(name, number))
    (folder / f"{CLIPBOARD}.pem").write_bytes(hostile("file name", 99))
    certtui(place, "import", str(folder), "--group", f"group {CLIPBOARD}", "--description", "text \x1b[2J [/foo]")
    certtui(place, "resource", "add", f"lb {CLIPBOARD}", "--type", "host", "--endpoint", f"h\x1b[2J{CLIPBOARD}")
    return place


def visit(terminal: Terminal, *keys: str) -> None:
    """Type each, and wait until it has been drawn."""
    for key in keys:
        terminal.send(key)
        terminal.read(1.0)
        terminal.wait_quiet(0.03)


PAGE = ["\x1b[C", "G"] * 10
"""Every tab of a certificate's page, to its end."""


@pytest.mark.parametrize(
    "keys",
    [
        ["j"] * 10 + ["k"] * 10,
        ["G", "\r", *PAGE, "\x1b"],
        ["\r", *PAGE, "\x1b"],
        ["6", "j", "\r", "\x1b", "9", "j", "G", "\r", "\x1b", "1"],
        ["e", "\x1b", "x", "\x1b", "l", "\x1b", "w", "\x1b", "u", "\x1b"],
        ["*", "x", "\x1b", "U", "s", "\x1b", "c", "\x1b", "?", "\x1b", ":", "\x1b"],
        ["/", "52;c", "\r", "\x1b", "b", "\x1b", "h", "\x1b"],
    ],
    ids=["list", "page", "other page", "places", "dialogs", "marks", "filter"],
)
def test_nothing_a_certificate_says_acts_on_the_terminal(home: Path, keys: list[str]) -> None:
    with start(home, columns=140, rows=40) as terminal:
        terminal.wait_for("52;c;")
        visit(terminal, *keys)
        assert terminal.status is None, terminal.text
        assert not terminal.ended, terminal.text
        assert foreign(terminal.raw) == []


def clean(text: str) -> bool:
    return all(char == "\n" or (char.isprintable() and char != "\x1b") for char in text)


@pytest.mark.parametrize(
    "arguments",
    [
        ("list",),
        ("list", "--format", "json"),
        ("audit", "list"),
        ("resource", "list"),
        ("csr", "list"),
        ("show", "1"),
        ("show", "1", "--format", "json"),
        ("show", "nothing\x1b]52;c;x\x07"),
        ("list", "issuer:\x1b]52;c;x\x07"),
        ("associate", "1", "lb"),
    ],
)
def test_nothing_a_certificate_says_acts_on_the_terminal_of_a_command(home: Path, arguments: tuple[str, ...]) -> None:
    done = certtui(home, *arguments, check=False)
    assert clean(done.stdout), ascii(done.stdout)
    assert clean(done.stderr), ascii(done.stderr)


def test_the_check_itself_sees_what_it_looks_for() -> None:
    seen: Callable[[str], list[bytes]] = lambda text: foreign(text.encode("utf-8"))  # noqa: E731
    for text in (CLIPBOARD, "\x9b31m", "\x07", "\x1bP+q\x1b\\", "\x08", "\x7f", "\x1b_x\x1b\\"):
        assert seen(f"some {text} text"), ascii(text)
    assert seen("\x1b[31mred\x1b[0m \x1b[?25h \r\n ünï") == []
