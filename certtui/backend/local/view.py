"""The embedded store as somebody sees it who came in over a server."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, cast

from certtui.backend.base import Backend, BackendInfo, Capabilities
from certtui.backend.local.access import DistantStore, LimitedReaders, guarded, missing_acts
from certtui.backend.local.access_sql import Scope
from certtui.backend.local.certificates import LocalCertificates
from certtui.model.access import Role

if TYPE_CHECKING:
    from certtui.backend.base import Audit, Certificates, Csrs, Feed, People, Resources, Store
    from certtui.backend.base_accounts import Accounts
    from certtui.backend.base_acls import Acls
    from certtui.backend.base_alerts import Alerts, Channels
    from certtui.backend.base_containers import Containers, StoredSecrets
    from certtui.backend.base_filing import Repositories
    from certtui.backend.base_issuing import Authorities, Cas, Orders, Renewals, Work
    from certtui.backend.base_policies import Policies
    from certtui.backend.local.access_sql import Widths
    from certtui.backend.local.open_store import OpenStore
    from certtui.model.access import Identity
    from certtui.model.once import Once


class ActingBackend:
    """`backend.base.Backend` for one identity: another actor and access on a store that stays open behind it."""

    def __init__(
        self,
        behind: Backend,
        store: OpenStore,
        identity: Identity,
        *,
        widths: Widths,
        via: str,
        request_id: str,
        address: str,
        once: Once | None = None,
    ) -> None:
        self._behind = behind
        self._access = identity.access
        actor = replace(identity.actor, via=via, request_id=request_id, address=address or identity.actor.address)
        self._shared = store.readers
        access = identity.access
        # An admin without limits sees everything; others may meet access lists.
        limited = access.scoped or access.role < Role.ADMIN
        self._scope = scope = Scope(access, actor.name, actor.credential) if limited else None
        self._store = replace(
            store,
            actor=actor,
            access=access if access.scoped else None,
            rights=access,
            readers=LimitedReaders(store.readers, scope, widths),
            once=once,
        )

    @property
    def info(self) -> BackendInfo:
        return replace(self._behind.info, actor=self._store.actor, role=str(self._access.role), warnings=())

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(missing_acts(self._access))

    @cached_property
    def certificates(self) -> Certificates:
        return guarded("certificates", LocalCertificates(self._store), self._access)

    @cached_property
    def csrs(self) -> Csrs:
        from certtui.backend.local.csrs import LocalCsrs

        return guarded("csrs", LocalCsrs(self._store), self._access)

    @cached_property
    def resources(self) -> Resources:
        from certtui.backend.local.resources import LocalResources

        return guarded("resources", LocalResources(self._store), self._access)

    @cached_property
    def repositories(self) -> Repositories:
        from certtui.backend.local.repositories import LocalRepositories

        return guarded("repositories", LocalRepositories(self._store), self._access)

    @cached_property
    def audit(self) -> Audit:
        from certtui.backend.local.audit import LocalAudit

        return guarded("audit", LocalAudit(self._store, whole=self._shared), self._access)

    @cached_property
    def feed(self) -> Feed:
        from certtui.backend.local.access_feed import LimitedFeed
        from certtui.backend.local.read.feed import LocalFeed

        if self._scope is None:
            return guarded("feed", LocalFeed(self._store.readers), self._access)
        return guarded("feed", LimitedFeed(self._shared, self._scope), self._access)

    @cached_property
    def people(self) -> People:
        from certtui.backend.local.people import LocalPeople

        people = LocalPeople(self._store, access=self._access, readers=self._shared)
        return guarded("people", people, self._access)

    @cached_property
    def orders(self) -> Orders:
        from certtui.backend.local.orders import LocalOrders

        return guarded("orders", LocalOrders(self._store), self._access)

    @cached_property
    def authorities(self) -> Authorities:
        from certtui.backend.local.authorities import LocalAuthorities

        return guarded("authorities", LocalAuthorities(self._store), self._access)

    @cached_property
    def cas(self) -> Cas:
        from certtui.backend.local.cas import LocalCas

        return guarded("cas", LocalCas(self._store), self._access)

    @cached_property
    def renewals(self) -> Renewals:
        from certtui.backend.local.renewals import LocalRenewals

        return guarded("renewals", LocalRenewals(self._store), self._access)

    @cached_property
    def work(self) -> Work:
        from certtui.backend.local.work import LocalWork

        return guarded("work", LocalWork(self._store), self._access)

    @cached_property
    def containers(self) -> Containers:
        from certtui.backend.local.containers import LocalContainers

        return guarded("containers", LocalContainers(self._store), self._access)

    @cached_property
    def secrets(self) -> StoredSecrets:
        from certtui.backend.local.secrets_stored import LocalStoredSecrets

        return guarded("secrets", LocalStoredSecrets(self._store), self._access)

    @cached_property
    def policies(self) -> Policies:
        from certtui.backend.local.policies import LocalPolicies

        return guarded("policies", LocalPolicies(self._store), self._access)

    @cached_property
    def alerts(self) -> Alerts:
        from certtui.backend.local.alerts import LocalAlerts

        return guarded("alerts", LocalAlerts(self._store), self._access)

    @cached_property
    def channels(self) -> Channels:
        from certtui.backend.local.channels import LocalChannels

        return guarded("channels", LocalChannels(self._store, distant=True), self._access)

    @cached_property
    def accounts(self) -> Accounts:
        from certtui.backend.local.accounts import LocalAccounts

        return guarded("accounts", LocalAccounts(self._store), self._access)

    @cached_property
    def acls(self) -> Acls:
        from certtui.backend.local.acls import LocalAcls
        from certtui.backend.local.people import LocalPeople

        people = LocalPeople(self._store, access=self._access, readers=self._shared)
        acls = LocalAcls(self._store, people=people, scope=self._scope, shared=self._shared)
        return guarded("acls", acls, self._access)

    @cached_property
    def store(self) -> Store:
        return cast("Store", DistantStore(self._behind.store))

    def interrupt(self) -> None:
        """Break off what this identity reads through this view, and nobody else's."""
        self._store.readers.interrupt()

    def close(self) -> None:
        """Nothing: the store stays open for the others."""
