"""Names at acme-dns servers in this store: of all profiles, each with the sealed login by which it is changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from certtui.authorities.acme.acme_dns import Login, Registration, imported
from certtui.authorities.acme.profile import BY_ACME_DNS
from certtui.backend.local import events
from certtui.backend.local.secrets import ACME_DNS, forget_secrets, open_secrets, seal_secrets
from certtui.errors import Invalid

if TYPE_CHECKING:
    from certtui.backend.local.open_store import Change, OpenStore
    from certtui.backend.local.tables_acme import AcmeDnsNameTable
    from certtui.model.secret import Secret

IMPORT = "acmedns_import"
"""The secret of a profile that is none: it holds registrations, which are kept as such."""

_LOGIN = "login"


def registrations(store: OpenStore, server: str) -> dict[str, Registration]:
    """What is registered at a server, by domain."""
    with store.readers.use() as connection:
        rows = connection.execute(
            "SELECT domain, target, subdomain FROM acme_dns_name WHERE server = ? ORDER BY domain", (server,)
        ).fetchall()
    return {domain: Registration(domain, target, subdomain) for domain, target, subdomain in rows}


def login(store: OpenStore, server: str, domain: str) -> Login | None:
    """By what one is changed. Raises `Locked`, `Unreachable`."""
    with store.readers.use() as connection:
        row = connection.execute(
            "SELECT id FROM acme_dns_name WHERE server = ? AND domain = ?", (server, domain)
        ).fetchone()
    sealed = None if row is None else open_secrets(store, ACME_DNS, row[0]).get(_LOGIN)
    return None if sealed is None else Login.opened(sealed, server, domain)


def keep(
    store: OpenStore, authority_id: int, authority: str, server: str, registration: Registration, login: Login
) -> Registration:
    """Keep a new one, unless another worker was faster: the one that is kept. Raises `Locked`."""
    with store.changing() as change:
        there = _row(change, server, registration.domain)
        if there is not None:
            return Registration(there.domain, there.target, there.subdomain)
        _insert(store, change, server, registration, login)
        _record(change, authority_id, authority, server, registration)
    return registration


def take_in(
    store: OpenStore, change: Change, authority_id: int, authority: str, settings: Mapping[str, str], text: Secret
) -> list[str]:
    """Keep registrations that were made elsewhere, in the place of those that are here; the domains. Within `wiping.destroying`.

    Raises `Invalid` (field `acmedns_import`), `Locked`.
    """
    server = settings.get("acmedns_url", "")
    if settings.get("dns") != BY_ACME_DNS:
        raise Invalid("Registrations are of acme-dns.", f"Choose {BY_ACME_DNS} for its records.", field=IMPORT)
    found = imported(text, server)
    for domain, each in found.items():
        there = _row(change, server, domain)
        if there is not None:
            forget_secrets(change, ACME_DNS, there.id)
            change.session.delete(there)
            change.session.flush()
        if each is not None:
            registration, its_login = each
            _insert(store, change, server, registration, its_login)
            _record(change, authority_id, authority, server, registration)
    return sorted(found)


def _row(change: Change, server: str, domain: str) -> AcmeDnsNameTable | None:
    from sqlmodel import col, select

    from certtui.backend.local.tables_acme import AcmeDnsNameTable as Row

    return change.session.exec(select(Row).where(col(Row.server) == server, col(Row.domain) == domain)).first()


def _insert(store: OpenStore, change: Change, server: str, registration: Registration, its_login: Login) -> None:
    from certtui.backend.local.tables_acme import AcmeDnsNameTable

    (row_id,) = change.new_ids("acme_dns_name", 1)
    change.insert_many(
        AcmeDnsNameTable,
        [
            {
                "id": row_id,
                "created_at": change.now,
                "server": server,
                "domain": registration.domain,
                "target": registration.target,
                "subdomain": registration.subdomain,
            }
        ],
    )
    seal_secrets(store, change, ACME_DNS, row_id, {_LOGIN: its_login.sealed(server, registration.domain)})


def _record(change: Change, authority_id: int, authority: str, server: str, registration: Registration) -> None:
    # Not for which domain: who reads of authorities may not see every certificate. Its order says that.
    detail: dict[str, object] = {"server": server, "target": registration.target}
    change.record(events.AUTHORITY_NAME, "authority", authority_id, authority, detail)
