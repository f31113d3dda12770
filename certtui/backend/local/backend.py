"""The embedded store behind the seam."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property

from certtui.backend.base import BackendInfo, Capabilities
from certtui.backend.local.certificates import LocalCertificates
from certtui.backend.local.keyring import Keyring
from certtui.backend.local.open_store import OpenStore
from certtui.backend.local.opening import engine_of, prepare, reading_of, warnings_of
from certtui.backend.local.place import place_of, refuse_folder
from certtui.backend.local.readers import Readers
from certtui.backend.local.sqlite import connect_nothing
from certtui.backend.local.writer import Writer
from certtui.clock import Clock
from certtui.errors import Conflict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from certtui.backend.base import Feed
    from certtui.backend.factory import StoreOptions
    from certtui.backend.local.access_sql import Widths
    from certtui.backend.local.accounts import LocalAccounts
    from certtui.backend.local.acls import LocalAcls
    from certtui.backend.local.alerts import LocalAlerts
    from certtui.backend.local.audit import LocalAudit
    from certtui.backend.local.authorities import LocalAuthorities
    from certtui.backend.local.cas import LocalCas
    from certtui.backend.local.channels import LocalChannels
    from certtui.backend.local.containers import LocalContainers
    from certtui.backend.local.csrs import LocalCsrs
    from certtui.backend.local.once import LocalAnswers
    from certtui.backend.local.orders import LocalOrders
    from certtui.backend.local.people import LocalPeople
    from certtui.backend.local.people_login import Logins
    from certtui.backend.local.policies import LocalPolicies
    from certtui.backend.local.renewals import LocalRenewals
    from certtui.backend.local.repositories import LocalRepositories
    from certtui.backend.local.resources import LocalResources
    from certtui.backend.local.secrets_stored import LocalStoredSecrets
    from certtui.backend.local.store import LocalStore
    from certtui.backend.local.view import ActingBackend
    from certtui.backend.local.work import LocalWork
    from certtui.model.access import Identity
    from certtui.model.audit import Actor
    from certtui.model.once import Once
    from certtui.model.secret import Secret


class LocalBackend:
    """`backend.base.Backend` on a SQLite file or a PostgreSQL database; safe to call from several threads."""

    def __init__(self, store: OpenStore, options: StoreOptions, warnings: tuple[str, ...]) -> None:
        self._store = store
        self._info = BackendInfo(
            name=options.name,
            kind="local",
            place=store.place.url,
            actor=store.actor,
            role="owner",
            read_only=store.read_only,
            demo=options.demo,
            warnings=warnings,
        )

    @classmethod
    def open(cls, options: StoreOptions, *, actor: Actor, clock: Clock | None = None) -> LocalBackend:
        """Open a store, making it first where `options.create` says so. Raises `Unreachable`, `Denied`, `Invalid`."""
        store = open_store(options, actor=actor, clock=clock or Clock())
        return cls(store, options, warnings_of(store.place, store.readers) if store.exists else ())

    @property
    def info(self) -> BackendInfo:
        return self._info

    @property
    def capabilities(self) -> Capabilities:
        if self._store.place.engine == "sqlite":
            return Capabilities()
        from certtui.backend.local.postgres.missing import CAPABILITIES

        return CAPABILITIES

    @cached_property
    def certificates(self) -> LocalCertificates:
        return LocalCertificates(self._store)

    @cached_property
    def csrs(self) -> LocalCsrs:
        from certtui.backend.local.csrs import LocalCsrs

        return LocalCsrs(self._store)

    @cached_property
    def resources(self) -> LocalResources:
        from certtui.backend.local.resources import LocalResources

        return LocalResources(self._store)

    @cached_property
    def repositories(self) -> LocalRepositories:
        from certtui.backend.local.repositories import LocalRepositories

        return LocalRepositories(self._store)

    @cached_property
    def audit(self) -> LocalAudit:
        from certtui.backend.local.audit import LocalAudit

        return LocalAudit(self._store)

    @cached_property
    def feed(self) -> Feed:
        from certtui.backend.local.read.feed import LocalFeed

        return LocalFeed(self._store.readers)

    @cached_property
    def people(self) -> LocalPeople:
        from certtui.backend.local.people import LocalPeople

        return LocalPeople(self._store)

    @cached_property
    def orders(self) -> LocalOrders:
        from certtui.backend.local.orders import LocalOrders

        return LocalOrders(self._store)

    @cached_property
    def authorities(self) -> LocalAuthorities:
        from certtui.backend.local.authorities import LocalAuthorities

        return LocalAuthorities(self._store)

    @cached_property
    def cas(self) -> LocalCas:
        from certtui.backend.local.cas import LocalCas

        return LocalCas(self._store)

    @cached_property
    def renewals(self) -> LocalRenewals:
        from certtui.backend.local.renewals import LocalRenewals

        return LocalRenewals(self._store)

    @cached_property
    def work(self) -> LocalWork:
        from certtui.backend.local.work import LocalWork

        return LocalWork(self._store)

    @cached_property
    def containers(self) -> LocalContainers:
        from certtui.backend.local.containers import LocalContainers

        return LocalContainers(self._store)

    @cached_property
    def secrets(self) -> LocalStoredSecrets:
        from certtui.backend.local.secrets_stored import LocalStoredSecrets

        return LocalStoredSecrets(self._store)

    @cached_property
    def policies(self) -> LocalPolicies:
        from certtui.backend.local.policies import LocalPolicies

        return LocalPolicies(self._store)

    @cached_property
    def alerts(self) -> LocalAlerts:
        from certtui.backend.local.alerts import LocalAlerts

        return LocalAlerts(self._store)

    @cached_property
    def channels(self) -> LocalChannels:
        from certtui.backend.local.channels import LocalChannels

        return LocalChannels(self._store)

    @cached_property
    def accounts(self) -> LocalAccounts:
        from certtui.backend.local.accounts import LocalAccounts

        return LocalAccounts(self._store)

    @cached_property
    def acls(self) -> LocalAcls:
        from certtui.backend.local.acls import LocalAcls

        return LocalAcls(self._store, people=self.people)

    @cached_property
    def store(self) -> LocalStore:
        from certtui.backend.local.store import LocalStore

        return LocalStore(self._store)

    @cached_property
    def logins(self) -> Logins:
        """Who comes in over a server; `logins.failed.delay` says how long a failing address waits."""
        from certtui.backend.local.people_login import Logins

        return Logins(self._store)

    def authenticate_token(self, secret: Secret, *, where: str = "") -> Identity:
        """Whom a token stands for. Raises `Denied` with one sentence for whatever is wrong; audited with `where` it came from."""
        return self.logins.token(secret, where=where)

    def authenticate_certificate(self, der: bytes, *, where: str = "") -> Identity:
        """Whom a client certificate stands for, that TLS has verified. Raises `Denied`; audited."""
        return self.logins.certificate(der, where=where)

    @cached_property
    def answers(self) -> LocalAnswers:
        """What a server answered under idempotency keys."""
        from certtui.backend.local.once import LocalAnswers

        return LocalAnswers(self._store)

    @property
    def clock(self) -> Clock:
        """The clock that facts of this store are judged by."""
        return self._store.clock

    def acting(
        self,
        identity: Identity,
        *,
        via: str = "api",
        request_id: str = "",
        address: str = "",
        once: Once | None = None,
    ) -> ActingBackend:
        """This store as somebody else sees it: on the same connections, within their access. Light: one for each request.

        With `once`, its first change takes that key with it, or is refused as a `Conflict` when it is taken.
        """
        from certtui.backend.local.view import ActingBackend

        return ActingBackend(
            self,
            self._store,
            identity,
            widths=self._widths,
            via=via,
            request_id=request_id,
            address=address,
            once=once,
        )

    @cached_property
    def _widths(self) -> Widths:
        from certtui.backend.local.access_sql import Widths

        return Widths(self._store.clock)

    def interrupt(self) -> None:
        """Break off the reads that run in other threads; they raise `Interrupted`."""
        self._store.readers.interrupt()

    def close(self) -> None:
        """Close; reads that run are broken off, a change that runs is waited for. Idempotent."""
        if "logins" in self.__dict__:
            self.logins.settle()
        self._store.close()


def open_store(options: StoreOptions, *, actor: Actor, clock: Clock) -> OpenStore:
    """The store itself, for the backend and for acts on a store that is not open."""
    place = place_of(options.url, options.key_file)
    if options.create and not options.read_only and not place.exists():
        from certtui.backend.local.create import create_store

        # Somebody else made it in this very moment: then it is there, which is what was wanted.
        with suppress(Conflict):
            create_store(place, actor=actor, clock=clock, passphrase=options.passphrase)
    exists = place.exists()
    if not exists:
        refuse_folder(options.url)
    readers = Readers(reading_of(place) if exists else connect_nothing)
    if exists:
        try:
            prepare(place, readers, read_only=options.read_only)
        except BaseException:
            readers.close()
            raise
    return OpenStore(
        place=place,
        actor=actor,
        clock=clock,
        readers=readers,
        writer=Writer(lambda: engine_of(place)),
        keyring=Keyring(place, options.passphrase),
        exists=exists,
        read_only=options.read_only,
    )
