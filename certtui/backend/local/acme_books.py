"""`authorities.acme.books.Books` on this store: accounts, the progress of orders, records in tech zones."""

from __future__ import annotations

import json
from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from certtui.authorities.acme.acme_dns import Login, Registration
from certtui.authorities.acme.books import ACCOUNT_KEY, NEXT_KEY, CaaLooked, KeptAccount, Planted, Progress
from certtui.authorities.acme.dns_bound import Bound
from certtui.authorities.acme.dns_look import Looked, Seen
from certtui.authorities.acme.dns_names import Delegation
from certtui.backend.local import acme_account, acme_dns_names
from certtui.backend.local.cas_whole import whole
from certtui.backend.local.certificate_values import instant
from certtui.backend.local.secrets import AUTHORITY, open_secrets
from certtui.clock import epoch
from certtui.errors import NotFound
from certtui.model.secret import Secret

if TYPE_CHECKING:
    from certtui.authorities.acme.books import StagingBooks
    from certtui.backend.local.open_store import OpenStore

_BATCH = 500


class StoreBooks:
    """Of the profile with this id; 0 for one that is not kept yet."""

    def __init__(self, store: OpenStore, authority_id: int) -> None:
        # What is kept on the way belongs to no request: only its outcome does. And it has no scope.
        self._store = replace(whole(store), once=None)
        self._id = authority_id

    @property
    def seed(self) -> str:
        wrapping = self._store.wrapping_key()
        return "" if wrapping is None else wrapping.store_uid

    def now(self) -> datetime:
        return self._store.clock.now()

    # -- the account ---------------------------------------------------------------------------------------------

    def secret(self, name: str) -> Secret | None:
        return open_secrets(self._store, AUTHORITY, self._id).get(name) if self._id else None

    def keep_account_key(self, key: Secret) -> Secret:
        return acme_account.keep_key(self._store, self._id, ACCOUNT_KEY, key)

    def keep_next_key(self, key: Secret) -> Secret:
        return acme_account.keep_key(self._store, self._id, NEXT_KEY, key)

    def change_key(self) -> None:
        acme_account.change_key(self._store, self._id)

    def account(self) -> KeptAccount | None:
        return acme_account.kept(self._store, self._id)

    def keep_account(self, account: KeptAccount) -> None:
        acme_account.keep(self._store, self._id, account)

    def staging(self) -> StagingBooks:
        from certtui.backend.local.acme_staging import StoreStagingBooks

        return StoreStagingBooks(self._store, self._id)

    # -- orders --------------------------------------------------------------------------------------------------

    def progress(self, order_id: int) -> Progress:
        with self._store.readers.use() as connection:
            row = connection.execute(
                "SELECT asked_at, url, looked_at, looks, caa, rehearsed_at FROM acme_order WHERE order_id = ?",
                (order_id,),
            ).fetchone()
        if row is None:
            return Progress()
        return Progress(instant(row[0]), row[1], instant(row[2]), _looks_of(row[3]), _caa_of(row[4]), instant(row[5]))

    def keep_progress(self, order_id: int, progress: Progress) -> None:
        from certtui.backend.local.tables_acme import AcmeOrderTable as Row

        with self._store.changing() as change:
            row = change.session.get(Row, order_id) or Row(order_id=order_id)
            row.asked_at = None if progress.asked_at is None else epoch(progress.asked_at)
            row.looked_at = None if progress.looked_at is None else epoch(progress.looked_at)
            row.url, row.looks = progress.url, _looks_json(progress.looks)
            row.caa = _caa_json(progress.caa)
            row.rehearsed_at = None if progress.rehearsed_at is None else epoch(progress.rehearsed_at)
            change.session.add(row)

    def forget_orders(self) -> None:
        from sqlalchemy import update
        from sqlmodel import col, select

        from certtui.backend.local.orders_rows import OPEN
        from certtui.backend.local.tables_acme import AcmeOrderTable as Row
        from certtui.backend.local.tables_issuing import CertificateOrderTable as Order

        mine = select(Order.id).where(Order.authority_id == self._id, col(Order.status).in_(OPEN))
        with self._store.changing() as change:
            change.session.execute(
                update(Row).where(col(Row.order_id).in_(mine)).values(url="", asked_at=None, rehearsed_at=None)
            )

    def orders_known(self, urls: Collection[str]) -> set[str]:
        wanted = list(urls)
        found: set[str] = set()
        with self._store.readers.use() as connection:
            for start in range(0, len(wanted), _BATCH):
                chunk = wanted[start : start + _BATCH]
                marks = ", ".join("?" * len(chunk))
                rows = connection.execute(
                    f"SELECT url FROM acme_order WHERE url <> '' AND url IN ({marks})",  # noqa: S608 (question marks)
                    chunk,
                )
                found.update(url for (url,) in rows)
        return found

    def has_another(self, url: str, order_id: int) -> bool:
        with self._store.readers.use() as connection:
            row = connection.execute(
                "SELECT 1 FROM acme_order a JOIN certificate_order o ON o.id = a.order_id "
                "WHERE a.url = ? AND a.order_id <> ? AND o.status IN ('pending', 'processing') LIMIT 1",
                (url, order_id),
            ).fetchone()
        return row is not None

    # -- records -------------------------------------------------------------------------------------------------

    def plant(self, order_id: int, records: Collection[Planted]) -> None:
        from certtui.backend.local.tables_acme import AcmeRecordTable

        there = set(self.planted(order_id))
        wanted = [each for each in records if each not in there]
        if not wanted:
            return
        with self._store.changing() as change:
            ids = change.new_ids("acme_record", len(wanted))
            change.insert_many(
                AcmeRecordTable,
                [
                    {
                        "id": row_id,
                        "authority_id": self._id,
                        "order_id": order_id,
                        "added_at": change.now,
                        "name": each.name,
                        "value": each.value,
                        "kind": each.kind,
                    }
                    for row_id, each in zip(ids, wanted, strict=True)
                ],
            )

    def planted(self, order_id: int) -> tuple[Planted, ...]:
        with self._store.readers.use() as connection:
            rows = connection.execute(
                "SELECT name, value, kind FROM acme_record WHERE order_id = ? ORDER BY id", (order_id,)
            ).fetchall()
        return tuple(Planted(*row) for row in rows)

    def uproot(self, order_id: int, record: Planted) -> None:
        from sqlalchemy import delete
        from sqlmodel import col

        from certtui.backend.local.tables_acme import AcmeRecordTable as Row

        with self._store.changing() as change:
            change.session.execute(
                delete(Row).where(
                    col(Row.order_id) == order_id, col(Row.name) == record.name, col(Row.value) == record.value
                )
            )

    # -- names at acme-dns ---------------------------------------------------------------------------------------

    def registrations(self, server: str) -> dict[str, Registration]:
        return acme_dns_names.registrations(self._store, server)

    def registration_login(self, server: str, domain: str) -> Login | None:
        return acme_dns_names.login(self._store, server, domain)

    def keep_registration(self, server: str, registration: Registration, login: Login) -> Registration:
        with self._store.readers.use() as connection:
            (name,) = connection.execute("SELECT name FROM authority WHERE id = ?", (self._id,)).fetchone() or ("",)
        return acme_dns_names.keep(self._store, self._id, name, server, registration, login)

    # -- what else it needs --------------------------------------------------------------------------------------

    def require_bound(self, bound: Bound) -> None:
        from certtui.backend.local import acme_bound

        acme_bound.require_as_set(self.secret(acme_bound.NAME), bound)

    def certificate_key(self, spki_sha256: str) -> Secret | None:
        from certtui.backend.local.keys import open_key

        with self._store.readers.use() as connection:
            row = connection.execute(
                "SELECT id FROM certificate WHERE spki_sha256 = ? AND has_private_key = 1 LIMIT 1", (spki_sha256,)
            ).fetchone()
        if row is None:
            return None
        with suppress(NotFound):
            return open_key(self._store, row[0])
        return None


def _looks_json(looks: Collection[Looked]) -> str:
    return json.dumps(
        [
            [
                each.delegation.name,
                each.delegation.target,
                each.verdict,
                each.sentence,
                each.zone,
                [[seen.server, seen.kind, seen.text, seen.ttl] for seen in each.seen],
            ]
            for each in looks
        ],
        separators=(",", ":"),
    )


def _looks_of(kept: str) -> tuple[Looked, ...]:
    return tuple(
        Looked(Delegation(name, target), verdict, sentence, tuple(Seen(*each) for each in seen), zone)
        for name, target, verdict, sentence, zone, seen in json.loads(kept or "[]")
    )


def _caa_json(caa: Collection[CaaLooked]) -> str:
    found = [[each.name, each.ok, each.sentence, each.allow] for each in caa]
    return json.dumps(found, separators=(",", ":")) if found else ""


def _caa_of(kept: str) -> tuple[CaaLooked, ...]:
    return tuple(CaaLooked(*each) for each in json.loads(kept or "[]"))
