"""A throw-away store with a made-up organisation in it, for looking around: a few hundred certificates in every state.

Everything is made on this machine in a moment, and the same for the same clock. Nothing of it is worth protecting.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from certtui.backend.factory import StoreOptions, open_backend
from certtui.clock import Clock, FixedClock
from certtui.model.audit import Actor

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from certtui.backend.base import Backend
    from certtui.demo.issue import Leaf
    from certtui.demo.keys import Key
    from certtui.model.certificate import AddOutcome, Labels, NewCertificate
    from certtui.model.x509 import X509Facts

_BATCHES = 12
"""So many imports, one after the other in time, brought the estate in."""


@contextmanager
def demo_store(clock: Clock | None = None) -> Iterator[StoreOptions]:
    """The options to open a demonstration with; its store is deleted at the end. Raises `Unreachable`."""
    folder = Path(tempfile.mkdtemp(prefix="certtui-demo-"))  # 0700 by mkdtemp
    try:
        yield make_demo(folder, clock or Clock())
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def make_demo(folder: Path, clock: Clock) -> StoreOptions:
    """Make the store in a folder, as of the clock's now; the options to open it with."""
    from certtui.backend.local import demo_rows
    from certtui.demo import estate

    now = clock.now()
    options = StoreOptions(url=str(folder / "demo.db"), create=True, name="demo", demo=True)
    maker = _Maker(options, now)
    maker.add_authorities()
    plan = estate.leaves()
    for batch in _in_time(plan):
        newest = min(max(leaf.starts for leaf in batch), -1)
        maker.go_on(until=newest)
        maker.add_leaves(batch, newest)
        maker.revoke(until=newest)
    maker.go_on(until=0)
    maker.revoke(until=0)
    maker.save_drafts()
    maker.add_resources(estate.RESOURCES)
    maker.associate_and_renew(plan)
    maker.give_out()
    maker.look_around()
    maker.let_renew(plan)
    maker.backend.close()
    demo_rows.write(Path(options.url), {maker.ids[leaf]: leaf.provider for leaf in plan if leaf.provider})
    return replace(options, create=False)


class _Maker:
    """Fills the store through the seam, with a clock that walks through the organisation's past."""

    def __init__(self, options: StoreOptions, now: datetime) -> None:
        self.now = now
        self.clock = FixedClock(now - timedelta(days=900))
        self.ids: dict[Leaf, int] = {}
        self._told = 0
        self._revoked: set[Leaf] = set()
        self.backend: Backend = open_backend(options, actor=Actor("olivia", via="cli"), clock=self.clock)
        self._parsed: dict[bytes, X509Facts] = {}

    def add_authorities(self) -> None:
        """The house's own CAs and the public one's."""
        from certtui.demo import issue
        from certtui.model.certificate import Labels

        self._add(
            [
                self._new(
                    authority.der,
                    Labels(name, business_group="identity" if name.startswith("Example") else ""),
                    key=authority.key if name in issue.KEYS_HERE else None,
                )
                for name, authority in issue.authorities(self.now).items()
                if name not in issue.NOT_HERE
            ]
        )

    def add_leaves(self, leaves: list[Leaf], newest: int) -> None:
        """One import, on the day (from now) on which the newest of them began."""
        from certtui.demo import issue
        from certtui.model.certificate import Labels, Source

        self._walk_to(self.now + timedelta(days=newest, hours=9, minutes=7 * (newest % 7)))
        batch = []
        for leaf in leaves:
            issued = issue.issue(leaf, self.now)
            new = self._new(
                issued.der,
                Labels(leaf.name, leaf.group, leaf.description, leaf.contact),
                key=issued.key if leaf.key_here else None,
                chain=issue.chain_of(leaf.issuer, self.now) if leaf.with_chain else [],
            )
            batch.append(replace(new, source=Source(leaf.source)))
        for leaf, outcome in zip(leaves, self._add(batch), strict=True):
            self.ids[leaf] = outcome.id

    def revoke(self, *, until: int) -> None:
        """What was revoked up to a day, each on its day; of every second one somebody has told the issuer."""
        from certtui.model.revocation import RevocationForm, RevocationReason

        certificates = self.backend.certificates
        lost = ("leaked", "laptop")
        for leaf in sorted(self.ids, key=lambda leaf: (leaf.revoked or 0, leaf.name)):
            if leaf.revoked is None or leaf.revoked > until or leaf in self._revoked:
                continue
            self._walk_to(self.now + timedelta(days=leaf.revoked, hours=10))
            plan = certificates.plan_revocation(self.ids[leaf])
            compromised = leaf.name.startswith(lost)
            reason = RevocationReason.KEY_COMPROMISE if compromised else RevocationReason.SUPERSEDED
            done = certificates.revoke(plan.certificate_id, plan.version, RevocationForm(plan.serial_number, reason))
            if len(self._revoked) % 2:
                self.clock.advance(minutes=50)
                certificates.note_authority_told(done.id, done.version)
            self._revoked.add(leaf)

    def add_resources(self, resources: tuple[tuple[str, str, str], ...]) -> None:
        """The things that use certificates."""
        from certtui.model.resource import ResourceForm

        for name, kind, endpoint in resources:
            self.backend.resources.add(ResourceForm(name=name, type=kind, endpoint=endpoint, notes=""))

    def associate_and_renew(self, leaves: list[Leaf]) -> None:
        """Who uses what, and which certificate took the place of which; a renewal takes its resources over."""
        resources = self.backend.resources
        self._walk_to(self.now - timedelta(hours=6))
        newest: dict[tuple[str, str], Leaf] = {}
        for leaf in leaves:
            self.clock.advance(seconds=40)
            old = newest.get((leaf.name, leaf.common_name))
            if leaf.renews and old is not None:
                plan = self.backend.certificates.plan_replacement(self.ids[old], self.ids[leaf])
                self.backend.certificates.replace(plan)
            elif leaf.resources:
                role = "client-ca" if leaf.client else "server"
                resources.associate(self.ids[leaf], [resources.resolve(name) for name in leaf.resources], role)
            newest[leaf.name, leaf.common_name] = leaf

    def give_out(self) -> None:
        """Containers, their consumers, stored secrets, and repositories."""
        from certtui.demo import filing

        self._walk_to(self.now - timedelta(hours=3))
        ids: dict[str, list[int]] = {}
        for leaf, certificate_id in self.ids.items():
            ids.setdefault(leaf.name, []).append(certificate_id)
        old, new = ids["billing"]
        filing.give_out(self.backend, (old, new), ids["api-gateway"][0])
        self.clock.advance(minutes=7)
        filing.store_secrets(self.backend, self.now)
        filing.register(self.backend, {"artifacts-g3": filing.EDGE})
        filing.file_away(self.backend, [ids["api-gateway"][0], new])

    def go_on(self, *, until: int) -> None:
        """The story of CAs, policies, orders and saved CSRs, up to a day."""
        from certtui.demo import story

        for days, act in story.acts()[self._told :]:
            if days >= until:
                return
            self._walk_to(self.now + timedelta(days=days, hours=5))
            act(self.backend)
            self._told += 1

    def look_around(self) -> None:
        """The worker's round of today."""
        from certtui.demo import story

        self._walk_to(self.now - timedelta(minutes=4))
        story.look_around(self.backend)

    def let_renew(self, leaves: list[Leaf]) -> None:
        """Who renews what: the public CA what came from it by ACME, the house's own CA what serves inside.

        After the worker's round, as nobody may ask a server that is made up; from then on none works here.
        """
        from certtui.demo import story
        from certtui.model.certificate import CertificateEdit

        story.ask_by_acme(self.backend)
        wanted: dict[str, list[tuple[int, int]]] = {}
        for leaf in leaves:
            if leaf.renewed_by:
                page = self.backend.certificates.get(self.ids[leaf])
                wanted.setdefault(leaf.renewed_by, []).append((page.id, page.version))
        for authority, versions in wanted.items():
            self.clock.advance(seconds=20)
            edit = CertificateEdit(authority=authority, auto_renew_days=30)
            self.backend.certificates.edit_many(versions, edit)

    def save_drafts(self) -> None:
        """Orders that somebody began, and has not sent."""
        from certtui.model.certificate import Labels
        from certtui.model.csr import SubjectFields
        from certtui.model.order import OrderForm

        for name, host, team, description in (
            ("spring-campaign", "spring.example.com", "web", "Names to be settled with marketing."),
            ("kiosk", "kiosk.example.net", "logistics", ""),
            ("reports-v2", "reports-v2.corp.example", "data", ""),
        ):
            self.clock.advance(minutes=47)
            labels = Labels(name, team, description)
            self.backend.orders.save(OrderForm(subject=SubjectFields(common_name=host), labels=labels))

    def _new(
        self, der: bytes, labels: Labels, *, key: Key | None = None, chain: Sequence[bytes] = ()
    ) -> NewCertificate:
        from certtui.model.certificate import NewCertificate
        from certtui.pki.keys import key_facts

        return NewCertificate(
            x509=self._facts(der),
            chain=tuple(map(self._facts, chain)),
            key=None if key is None else key_facts(key),
            labels=labels,
        )

    def _facts(self, der: bytes) -> X509Facts:
        from certtui.pki.facts import x509_facts

        if der not in self._parsed:
            self._parsed[der] = x509_facts(der)
        return self._parsed[der]

    def _add(self, batch: list[NewCertificate]) -> list[AddOutcome]:
        return list(self.backend.certificates.add(batch))

    def _walk_to(self, instant: datetime) -> None:
        if instant > self.clock.now():
            self.clock.advance(seconds=(instant - self.clock.now()).total_seconds())


def _in_time(plan: list[Leaf]) -> list[list[Leaf]]:
    """The plan in the order in which certificates began, in batches."""
    ordered = sorted(plan, key=lambda leaf: leaf.starts)
    size = -(-len(ordered) // _BATCHES)
    return [ordered[at : at + size] for at in range(0, len(ordered), size)]
