"""A real sshd on loopback, with throw-away keys, run as whoever runs the tests; and a client's configuration for it."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SERVER = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
AllowUsers {user}
PrintMotd no
PrintLastLog no
AcceptEnv LANG COLORTERM
"""
_CLIENT = """
Host app
  HostName 127.0.0.1
  Port {port}
  User {user}
  IdentityFile {folder}/id
  IdentitiesOnly yes
  UserKnownHostsFile {folder}/known_hosts
  StrictHostKeyChecking yes
  LogLevel ERROR
  SendEnv LANG COLORTERM
"""


@contextmanager
def sshd(folder: Path) -> Iterator[list[str]]:
    """The start of a command that logs in: `[*ssh, "-tt", "app", COMMAND]`. Keys and configuration lie in `folder`."""
    folder.mkdir(mode=0o700)
    port, user = _free_port(), getpass.getuser()
    for name in ("host_key", "id"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    shutil.copy(folder / "id.pub", folder / "authorized_keys")
    kind, key, *_ = (folder / "host_key.pub").read_text().split()
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {kind} {key}\n")
    (folder / "sshd_config").write_text(_SERVER.format(port=port, folder=folder, user=user))
    (folder / "ssh_config").write_text(_CLIENT.format(port=port, folder=folder, user=user))
    if os.geteuid() == 0:
        # Where sshd, run by root, keeps nothing but wants an empty folder.
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    program = shutil.which("sshd") or "/usr/sbin/sshd"
    with subprocess.Popen(
        [program, "-D", "-e", "-f", str(folder / "sshd_config")], stderr=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stderr
            told = []
            while not (told and "listening on 127.0.0.1" in told[-1]):
                line = server.stderr.readline()
                assert line, f"sshd did not start: {''.join(told)}"
                told.append(line)
            yield ["ssh", "-F", str(folder / "ssh_config")]
        finally:
            server.terminate()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
