"""A laboratory for ACME on loopback: Pebble, and BIND with a customer's zone and a tech zone. `make lab` opens it for people."""

from __future__ import annotations

import contextlib
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from certtui.backend.base import Backend
from certtui.model.authority import Authority, AuthorityForm, AuthorityType
from certtui.model.secret import Secret
from tests.bind import CUSTOMER, KEY, KEY_NAME, TECH, Bind, bind
from tests.pebble import EAB_KEY, EAB_KID, Pebble, pebble

__all__ = ["CUSTOMER", "TECH", "Lab", "lab"]


@dataclass(frozen=True)
class Lab:
    """Both servers, and how a profile names them."""

    acme: Pebble
    dns: Bind
    external: bool

    @property
    def settings(self) -> dict[str, str]:
        """The settings of a profile that orders from this laboratory."""
        return {
            "server": "other",
            "directory": self.acme.url,
            "ca_file": self.acme.ca_file,
            "agree": "yes",
            "email": "ops@example.test",
            **({"eab_kid": EAB_KID} if self.external else {}),
            "tech_zone": TECH,
            "dns": "update",
            "dns_server": self.dns.setting,
            "tsig_name": KEY_NAME,
            "resolvers": self.dns.setting,
            "wildcard": "yes",
        }

    @property
    def secrets(self) -> dict[str, Secret]:
        return {"tsig_key": Secret(KEY), **({"eab_key": Secret(EAB_KEY)} if self.external else {})}

    def authority(self, backend: Backend, name: str = "pebble", **settings: str) -> Authority:
        """A profile for it in a backend."""
        form = AuthorityForm(name, AuthorityType.ACME, settings={**self.settings, **settings}, secrets=self.secrets)
        return backend.authorities.add(form)


@contextmanager
def lab(*, external_accounts: bool = True, reject_nonces: int = 20, **more: Any) -> Iterator[Lab]:
    """Both servers, until the end of the block; `more` goes to `pebble`."""
    with (
        bind() as dns,
        pebble(dns_port=dns.port, external_accounts=external_accounts, reject_nonces=reject_nonces, **more) as acme,
    ):
        yield Lab(acme, dns, external_accounts)


def shown(made: Lab, folder: Path) -> str:
    """What a person types to use it."""
    tsig, eab = folder / "tsig.key", folder / "eab.key"
    for file, text in ((tsig, KEY), (eab, EAB_KEY)):
        file.write_text(text + "\n")
        file.chmod(0o600)
    settings = " ".join(f"--set {key}={value}" for key, value in made.settings.items())
    update = f"nsupdate -y hmac-sha256:{KEY_NAME}:{KEY}"
    return f"""
Pebble: {made.acme.url}    BIND: {made.dns.setting}, zones {CUSTOMER} and {TECH}. Both end with ctrl+c.

In another terminal, in this folder, where `make run` opens the console:

.venv/bin/certtui authority add pebble --type acme {settings} \\
    --secret-file tsig_key={tsig} --secret-file eab_key={eab} --test
.venv/bin/certtui order create --authority pebble --cn {CUSTOMER} --san www.{CUSTOMER} --san '*.{CUSTOMER}' --submit
.venv/bin/certtui order show {CUSTOMER}

It names the CNAMEs; each is made by

{update} <<'END'
server 127.0.0.1 {made.dns.port}
zone {CUSTOMER}.
update add _acme-challenge.{CUSTOMER}. 60 CNAME TOKEN.{TECH}.
send
END

then `.venv/bin/certtui worker --once`, or a console that is open, goes on by itself.
"""


def main() -> int:
    """Open it, say how it is used, and wait for ctrl+c."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # As long as public CAs let them live, so that renewals can be watched; a Pebble with profiles has this already.
    life = {"certificateValidityPeriod": 90 * 86_400}
    with contextlib.suppress(KeyboardInterrupt), lab(settings=life) as made, tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(shown(made, Path(folder)))
        sys.stdout.flush()
        signal.pause()
    return 0


if __name__ == "__main__":
    sys.exit(main())
