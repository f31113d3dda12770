"""A server behind the seam."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NoReturn, TypeVar, cast

from certtui import __version__
from certtui.backend.base import BackendInfo, Capabilities
from certtui.backend.remote.certificates import RemoteCertificates
from certtui.backend.remote.connection import Connection
from certtui.backend.remote.feed import RemoteFeed
from certtui.backend.remote.renewals import ACTS as OF_RENEWALS
from certtui.backend.remote.retries import Patience
from certtui.backend.remote.store import ACTS as OF_THE_STORE
from certtui.backend.remote.store import RemoteStore
from certtui.backend.remote.view import View
from certtui.backend.remote.work import ACTS as OF_THE_WORK
from certtui.backend.wire_forms import ServerInfo
from certtui.clock import Clock
from certtui.errors import NotFound, Unreachable, Unsupported
from certtui.model.access import ACTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from certtui.backend.factory import RemoteOptions
    from certtui.backend.remote.accounts import RemoteAccounts
    from certtui.backend.remote.acls import RemoteAcls
    from certtui.backend.remote.alerts import RemoteAlerts
    from certtui.backend.remote.audit import RemoteAudit
    from certtui.backend.remote.authorities import RemoteAuthorities
    from certtui.backend.remote.cas import RemoteCas
    from certtui.backend.remote.channels import RemoteChannels
    from certtui.backend.remote.containers import RemoteContainers
    from certtui.backend.remote.csrs import RemoteCsrs
    from certtui.backend.remote.orders import RemoteOrders
    from certtui.backend.remote.people import RemotePeople
    from certtui.backend.remote.policies import RemotePolicies
    from certtui.backend.remote.renewals import RemoteRenewals
    from certtui.backend.remote.repositories import RemoteRepositories
    from certtui.backend.remote.resources import RemoteResources
    from certtui.backend.remote.secrets import RemoteStoredSecrets
    from certtui.backend.remote.work import RemoteWork

NounT = TypeVar("NounT")

WRONG_CLOCK = 300
"""Seconds between the two clocks from which on it is said: status and days are the server's."""


class RemoteBackend:
    """`backend.base.Backend` on a server; safe to call from several threads."""

    def __init__(self, view: View, options: RemoteOptions, warnings: tuple[str, ...]) -> None:
        self._view = view
        info = view.info
        self._info = BackendInfo(
            name=options.name,
            kind="remote",
            place=view.connection.url,
            actor=info.actor,
            role=info.role,
            read_only=view.read_only,
            demo=info.demo,
            warnings=warnings,
        )
        self.feed = RemoteFeed(view.connection, follow=options.follow)
        view.seen = self.feed.live
        self.certificates = RemoteCertificates(view)
        self.store = RemoteStore(view)

    @classmethod
    def open(
        cls, options: RemoteOptions, *, clock: Clock | None = None, patience: Patience | None = None
    ) -> RemoteBackend:
        """Ask the server who one is there. Raises `Unreachable`, `Denied`, `Invalid`."""
        connection = Connection(options, clock=clock or Clock(), patience=patience)
        try:
            info: ServerInfo = connection.read("/info", ServerInfo)
        except NotFound:
            connection.close()
            raise Unreachable(
                f"{connection.host} answers, but has no API of certtui there.", "Look at the path of the URL."
            ) from None
        except BaseException:
            connection.close()
            raise
        capabilities = Capabilities(missing(info, options.name))
        view = View(connection, info, capabilities, read_only=options.read_only or info.read_only)
        return cls(view, options, _warnings(info, options, connection))

    @property
    def info(self) -> BackendInfo:
        return self._info

    @property
    def capabilities(self) -> Capabilities:
        return self._view.capabilities

    @cached_property
    def csrs(self) -> RemoteCsrs:
        from certtui.backend.remote.csrs import RemoteCsrs

        return RemoteCsrs(self._view)

    @cached_property
    def resources(self) -> RemoteResources:
        from certtui.backend.remote.resources import RemoteResources

        return RemoteResources(self._view)

    @cached_property
    def repositories(self) -> RemoteRepositories:
        from certtui.backend.remote.repositories import RemoteRepositories

        return self._known("repositories", RemoteRepositories(self._view))

    @cached_property
    def audit(self) -> RemoteAudit:
        from certtui.backend.remote.audit import RemoteAudit

        return RemoteAudit(self._view)

    @cached_property
    def people(self) -> RemotePeople:
        from certtui.backend.remote.people import RemotePeople

        return RemotePeople(self._view)

    @cached_property
    def orders(self) -> RemoteOrders:
        from certtui.backend.remote.orders import RemoteOrders

        return self._known("orders", RemoteOrders(self._view))

    @cached_property
    def authorities(self) -> RemoteAuthorities:
        from certtui.backend.remote.authorities import RemoteAuthorities

        return self._known("authorities", RemoteAuthorities(self._view))

    @cached_property
    def cas(self) -> RemoteCas:
        from certtui.backend.remote.cas import RemoteCas

        return self._known("cas", RemoteCas(self._view))

    @cached_property
    def renewals(self) -> RemoteRenewals:
        from certtui.backend.remote.renewals import RemoteRenewals

        return self._known("renewals", RemoteRenewals(self._view))

    @cached_property
    def work(self) -> RemoteWork:
        from certtui.backend.remote.work import RemoteWork

        return self._known("work", RemoteWork(self._view))

    @cached_property
    def accounts(self) -> RemoteAccounts:
        from certtui.backend.remote.accounts import RemoteAccounts

        return self._known("accounts", RemoteAccounts(self._view))

    @cached_property
    def acls(self) -> RemoteAcls:
        from certtui.backend.remote.acls import RemoteAcls

        return self._known("acls", RemoteAcls(self._view))

    @cached_property
    def containers(self) -> RemoteContainers:
        from certtui.backend.remote.containers import RemoteContainers

        return self._known("containers", RemoteContainers(self._view))

    @cached_property
    def secrets(self) -> RemoteStoredSecrets:
        from certtui.backend.remote.secrets import RemoteStoredSecrets

        return self._known("secrets", RemoteStoredSecrets(self._view))

    @cached_property
    def policies(self) -> RemotePolicies:
        from certtui.backend.remote.policies import RemotePolicies

        return self._known("policies", RemotePolicies(self._view))

    @cached_property
    def alerts(self) -> RemoteAlerts:
        from certtui.backend.remote.alerts import RemoteAlerts

        return self._known("alerts", RemoteAlerts(self._view))

    @cached_property
    def channels(self) -> RemoteChannels:
        from certtui.backend.remote.channels import RemoteChannels

        return self._known("channels", RemoteChannels(self._view))

    def _known(self, noun: str, made: NounT) -> NounT:
        """The noun, or what says of each of its acts why not: an older server has no path for it."""
        if any(act.startswith(f"{noun}.") for act in self._view.info.acts):
            return made
        return cast("NounT", _Unknown(noun, self._view))

    def interrupt(self) -> None:
        """Break off what waits for the server in other threads; it raises `Interrupted`."""
        self._view.connection.interrupt()

    def close(self) -> None:
        """Close; what waits is broken off. Idempotent."""
        self.feed.close()
        self._view.connection.close()


class _Unknown:
    """A noun that the server does not know."""

    def __init__(self, noun: str, view: View) -> None:
        self._noun = noun
        self._view = view

    def __getattr__(self, name: str) -> Callable[..., NoReturn]:
        act = f"{self._noun}.{name}"
        if act not in ACTS:
            raise AttributeError(name)

        def refuse(*_args: object, **_more: object) -> NoReturn:
            raise Unsupported(self._view.capabilities.why_not(act), "Ask whoever runs the server to renew it.")

        return refuse


def missing(info: ServerInfo, name: str) -> dict[str, str]:
    """Act id to the reason why it is not possible: what this server does not know, what this person may not, what stays local."""
    known = frozenset(info.acts)
    reasons = {
        act: f"This server (certtui {info.version}) can't do that yet; this is {__version__}."
        for act in ACTS
        if act not in known
    }
    reasons |= info.refused
    reasons |= {
        f"store.{act}": f"The store of “{name}” is on its server, and is cared for there." for act in OF_THE_STORE
    }
    reasons |= {f"renewals.{act}": f"The server of “{name}” renews by itself what is due." for act in OF_RENEWALS}
    reasons |= {f"work.{act}": f"The server of “{name}” does its due work itself." for act in OF_THE_WORK}
    return reasons


def _warnings(info: ServerInfo, options: RemoteOptions, connection: Connection) -> tuple[str, ...]:
    from certtui.backend.remote.token import too_open

    said = list(info.warnings)
    if options.token_file is not None and (sentence := too_open(options.token_file)):
        said.append(sentence)
    apart = abs((connection.now() - info.now).total_seconds())
    if apart > WRONG_CLOCK:
        said.append(f"The clocks here and on the server are {apart / 60:.0f} minutes apart; the server's counts.")
    return tuple(said)
