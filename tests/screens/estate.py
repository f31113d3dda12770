"""A real store in a folder of the test, with certificates whose every byte is the same in each run.

    with estate(tmp_path) as made:
        async with made.console() as (app, pilot): ...

Keys are Ed25519 from fixed seeds, so that fingerprints in pictures stay the same.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from textual.pilot import Pilot

from certtui.app import CerttuiApp, Settings
from certtui.backend.factory import StoreOptions
from certtui.backend.local.backend import LocalBackend
from certtui.clock import FixedClock
from certtui.model.audit import Actor
from certtui.model.certificate import Labels, NewCertificate
from certtui.model.resource import ResourceForm
from certtui.model.secret import Secret
from certtui.pki.inspector import Inspector
from certtui.screens.certificate import CertificateScreen
from tests.certs import Made, make_cert
from tests.screens import harness
from tests.screens.memory import NOW

PASSPHRASE = Secret("open sesame")


def seeded(name: str) -> Ed25519PrivateKey:
    """The same key for the same name, in every run."""
    return Ed25519PrivateKey.from_private_bytes(sha256(name.encode()).digest())


@dataclass
class Estate:
    """The store and what is in it: ids by the names used here."""

    backend: LocalBackend
    root: Made
    issuing: Made
    ids: dict[str, int] = field(default_factory=dict)
    made: dict[str, Made] = field(default_factory=dict)

    def add(
        self,
        name: str,
        *,
        days: int = 200,
        lived: int = 165,
        key: bool = True,
        chain: bool = True,
        group: str = "payments",
        sans: tuple[str, ...] | None = None,
        **more: Any,
    ) -> int:
        """Put one into the store: it expires in so many days and has lived so many."""
        common_name = more.pop("common_name", f"{name}.example.com")
        begin = NOW - timedelta(days=lived)
        leaf = make_cert(
            common_name, sans=sans or (f"{name}.example.com",), issuer=self.issuing, key=seeded(f"{name}{lived}"),
            not_before=begin, not_after=NOW + timedelta(days=days, hours=2), **more,
        )  # fmt: skip
        new = NewCertificate(
            x509=leaf.facts,
            chain=(self.issuing.facts,) if chain else (),
            key=leaf.key_facts if key else None,
            labels=Labels(name=name, business_group=group, description="", contact_email="ops@example.com"),
        )
        (outcome,) = self.backend.certificates.add([new])
        self.ids[name] = outcome.id
        self.made[name] = leaf
        return outcome.id

    def resource(self, name: str, kind: str = "load-balancer", endpoint: str = "") -> int:
        """A resource, which is known by its name from then on."""
        form = ResourceForm(name=name, type=kind, endpoint=endpoint or f"{name}.example.com:443", notes="")
        self.ids[name] = self.backend.resources.add(form).row.id
        return self.ids[name]

    def events(self) -> list[str]:
        """Names of all audit events, oldest first."""
        from certtui.model.query import Query, Sort

        listing = self.backend.audit.search(Query("", Sort("id")))
        listing.wait(5)
        return [row.event for row in listing.rows(0, 1000)]

    def console(
        self, size: tuple[int, int] = (80, 24), **settings: Any
    ) -> AbstractAsyncContextManager[tuple[CerttuiApp, Pilot[int]]]:
        """The console over this store."""
        return harness.console(
            self.backend,
            Inspector(),
            size=size,
            settings=Settings(**{"follow_seconds": 0, "clipboard": "none", **settings}),
        )

    @asynccontextmanager
    async def page(
        self, name: str, tab: str = "Overview", size: tuple[int, int] = (80, 24), **settings: Any
    ) -> AsyncIterator[tuple[CerttuiApp, Pilot[int], CertificateScreen]]:
        """The page of one certificate, opened over the inventory."""
        async with self.console(size, **settings) as (app, pilot):
            screen = CertificateScreen(self.ids[name], tab)
            await app.push_screen(screen)
            await harness.settle(pilot)
            yield app, pilot, screen


@contextmanager
def estate(folder: Path, *, passphrase: Secret | None = None, read_only: bool = False) -> Iterator[Estate]:
    """An empty store with the authority that signs for it (not in the inventory)."""
    options = StoreOptions(
        url=str(folder / "store.db"), create=not read_only, read_only=read_only, passphrase=passphrase, name="prod"
    )
    actor = Actor("tester")
    clock = FixedClock(NOW)
    root = make_cert(
        "Test Root",
        ca=True,
        key=seeded("root"),
        not_before=NOW - timedelta(days=3650),
        not_after=NOW + timedelta(days=3650),
    )
    issuing = make_cert(
        "Test Issuing CA", ca=True, key=seeded("issuing"), issuer=root, not_before=NOW - timedelta(days=1000),
        not_after=NOW + timedelta(days=1000),
    )  # fmt: skip
    backend = LocalBackend.open(options, actor=actor, clock=clock)
    try:
        yield Estate(backend, root, issuing)
    finally:
        backend.close()
