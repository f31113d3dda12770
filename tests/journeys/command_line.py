"""The command line as a script uses it, its output taken as bytes; and files made by openssl."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

PASSWORD = "correct horse"


class Done(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str
    raw: bytes

    @property
    def json(self) -> Any:  # Any: what json gives
        return json.loads(self.out)


def certtui(
    *argv: str | Path, stdin: bytes = b"", environ: Mapping[str, str] | None = None, code: int | None = 0
) -> Done:
    """Run one command; fails unless it ends with `code` (None: any).

    In this process, with streams of its own: starting Python and loading the store takes longer than any command, and
    there are hundreds. `process` and `tests.pty.Terminal` are for what only a process has.
    """
    from certtui.cli.main import main

    streams = [io.TextIOWrapper(io.BytesIO(content), encoding="utf-8") for content in (stdin, b"", b"")]
    variables = {**os.environ, **(environ or {})}
    with pytest.MonkeyPatch.context() as patch:
        for name, stream in zip(("stdin", "stdout", "stderr"), streams, strict=True):
            patch.setattr(sys, name, stream)
        ended = main([str(each) for each in argv], variables)
    _, out, err = streams
    out.flush(), err.flush()
    return _done(argv, ended, out.buffer.getvalue(), err.buffer.getvalue(), code)  # type: ignore[attr-defined]  # a BytesIO


def process(*argv: str | Path, stdin: bytes = b"", code: int | None = 0) -> Done:
    """The same as a process of its own."""
    command = [sys.executable, "-m", "certtui", *map(str, argv)]
    done = subprocess.run(command, input=stdin, capture_output=True, timeout=60, check=False)
    return _done(argv, done.returncode, done.stdout, done.stderr, code)


def _done(argv: tuple[str | Path, ...], ended: int, out: bytes, err: bytes, code: int | None) -> Done:
    result = Done(ended, out.decode("utf-8", "replace"), err.decode(), out)
    assert "Traceback" not in result.err
    assert "an error of its own" not in result.err
    assert code is None or result.code == code, f"{argv} ended with {result.code}: {result.err}"
    return result


def openssl(*argv: str | Path, stdin: bytes = b"") -> bytes:
    """Run openssl; its standard output. Fails when openssl does."""
    done = subprocess.run(["openssl", *map(str, argv)], input=stdin, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def make_estate(folder: Path) -> Path:
    """A root, an intermediate and a server certificate (`www`), in the files that people have of them."""
    _self_signed(folder / "root", "/O=Example/CN=Example Root", "rsa:2048", ca=True)
    _request(folder / "ca", "/O=Example/CN=Example CA", ("ec", "-pkeyopt", "ec_paramgen_curve:P-256"))
    _sign(
        folder / "ca", by=folder / "root", extensions="basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign"
    )
    _request(folder / "www", "/C=DE/O=Example, Inc./OU=Web+L=Berlin/CN=www.example.com", ("rsa:2048",))
    sign_www(folder, "www")
    (folder / "password").write_text(f"{PASSWORD}\n")
    www, ca, root = (folder / f"{name}.crt" for name in ("www", "ca", "root"))
    (folder / "chain.pem").write_bytes(root.read_bytes() + ca.read_bytes())
    (folder / "fullchain.pem").write_bytes(www.read_bytes() + ca.read_bytes())
    (folder / "www.der").write_bytes(openssl("x509", "-in", www, "-outform", "DER"))
    sealed = ("-passout", f"file:{folder / 'password'}")
    openssl("pkcs8", "-topk8", "-in", folder / "www.key", "-out", folder / "www.enc.key", *sealed)
    openssl(
        *("pkcs12", "-export", "-inkey", folder / "www.key", "-in", www, "-certfile", ca),
        *("-name", "www", "-out", folder / "www.pfx", *sealed),
    )
    return folder


def sign_www(folder: Path, name: str, *, days: int = 90) -> Path:
    """A certificate for the request `name.csr`, signed by the intermediate."""
    names = "DNS:www.example.com,DNS:*.api.example.com,IP:10.0.0.7,email:ops@example.com,URI:https://example.com/x"
    extensions = (
        f"subjectAltName={names}\nbasicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature,keyEncipherment\n"
        "extendedKeyUsage=serverAuth,clientAuth\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
    )
    return _sign(folder / name, by=folder / "ca", extensions=extensions, days=days)


def _self_signed(stem: Path, subject: str, key: str, *, ca: bool) -> None:
    openssl(
        *("req", "-x509", "-newkey", key, "-nodes", "-subj", subject, "-days", "3650"),
        *("-keyout", stem.with_suffix(".key"), "-out", stem.with_suffix(".crt")),
    )


def _request(stem: Path, subject: str, key: tuple[str, ...]) -> None:
    files = ("-keyout", stem.with_suffix(".key"), "-out", stem.with_suffix(".csr"))
    openssl("req", "-newkey", *key, "-nodes", "-multivalue-rdn", "-subj", subject, *files)


def _sign(stem: Path, *, by: Path, extensions: str, days: int = 90) -> Path:
    stem.with_suffix(".ext").write_text(extensions)
    openssl(
        *(
            "x509",
            "-req",
            "-in",
            stem.with_suffix(".csr"),
            "-CA",
            by.with_suffix(".crt"),
            "-CAkey",
            by.with_suffix(".key"),
        ),
        *(
            "-CAcreateserial",
            "-days",
            str(days),
            "-extfile",
            stem.with_suffix(".ext"),
            "-out",
            stem.with_suffix(".crt"),
        ),
    )
    return stem.with_suffix(".crt")
