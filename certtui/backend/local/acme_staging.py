"""`authorities.acme.books.StagingBooks` on this store: of a profile's runs at its staging server, apart from what is real."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from certtui.authorities.acme.books import ACCOUNT_KEY, NEXT_KEY, KeptAccount, Progress
from certtui.backend.local import acme_account, events
from certtui.backend.local.acme_books import StoreBooks
from certtui.backend.local.certificate_values import instant
from certtui.clock import epoch

if TYPE_CHECKING:
    from certtui.model.secret import Secret

_NAMES = {ACCOUNT_KEY: "staging_account_key", "eab_key": "staging_eab_key"}
"""Sealed secrets that the staging server has of its own."""


class StoreStagingBooks(StoreBooks):
    """One for each run; what was seen on the way lasts as long as it."""

    def secret(self, name: str) -> Secret | None:
        return None if name == NEXT_KEY else super().secret(_NAMES.get(name, name))

    def keep_account_key(self, key: Secret) -> Secret:
        return acme_account.keep_key(self._store, self._id, _NAMES[ACCOUNT_KEY], key)

    def account(self) -> KeptAccount | None:
        with self._store.readers.use() as connection:
            row = connection.execute(
                "SELECT directory, url, contact FROM acme_staging WHERE authority_id = ?", (self._id,)
            ).fetchone()
        return None if row is None else KeptAccount(*row)

    def keep_account(self, account: KeptAccount) -> None:
        from certtui.backend.local.authorities_rows import profile
        from certtui.backend.local.tables_acme import AcmeStagingTable as Row

        with self._store.changing() as change:
            row = change.session.get(Row, self._id) or Row(
                authority_id=self._id, created_at=change.now, updated_at=change.now
            )
            made = bool(account.url) and account.url != row.url
            row.directory, row.url, row.contact = account.directory, account.url, account.contact
            row.updated_at = change.now
            change.session.add(row)
            if made:
                name = profile(change, self._id).name
                detail = {"account": account.url, "directory": account.directory}
                change.record(events.AUTHORITY_STAGING, "authority", self._id, name, detail)

    def progress(self, order_id: int) -> Progress:
        kept = self._run(order_id)
        return Progress(instant(kept.get("asked_at")), str(kept.get("url", "")))

    def keep_progress(self, order_id: int, progress: Progress) -> None:
        kept = self._run(order_id)
        kept["asked_at"] = None if progress.asked_at is None else epoch(progress.asked_at)
        kept["url"] = progress.url
        self._keep_run(order_id, kept)

    def forget_orders(self) -> None:
        from sqlalchemy import update
        from sqlmodel import col, select

        from certtui.backend.local.orders_rows import OPEN
        from certtui.backend.local.tables_acme import AcmeOrderTable as Row
        from certtui.backend.local.tables_issuing import CertificateOrderTable as Order

        mine = select(Order.id).where(Order.authority_id == self._id, col(Order.status).in_(OPEN))
        with self._store.changing() as change:
            change.session.execute(update(Row).where(col(Row.order_id).in_(mine)).values(rehearsal=""))

    def orders_known(self, urls: Collection[str]) -> set[str]:
        # Whose they are is not on record; an order that was lost there costs nothing.
        return set(urls)

    def throwaway(self, order_id: int, make: Callable[[], bytes]) -> bytes:
        kept = self._run(order_id)
        if not kept.get("csr"):
            kept["csr"] = b64encode(make()).decode("ascii")
            self._keep_run(order_id, kept)
        return b64decode(kept["csr"])

    def _run(self, order_id: int):  # type: ignore[no-untyped-def]  # what JSON holds
        if order_id < 0:
            return dict(self._memory)
        with self._store.readers.use() as connection:
            row = connection.execute("SELECT rehearsal FROM acme_order WHERE order_id = ?", (order_id,)).fetchone()
        return json.loads(row[0] or "{}") if row is not None else {}

    def _keep_run(self, order_id: int, kept: dict[str, object]) -> None:
        from certtui.backend.local.tables_acme import AcmeOrderTable as Row

        if order_id < 0:
            self._memory = kept
            return
        with self._store.changing() as change:
            row = change.session.get(Row, order_id) or Row(order_id=order_id)
            row.rehearsal = json.dumps(kept, separators=(",", ":"))
            change.session.add(row)

    _memory: dict[str, object] = {}  # noqa: RUF012 (never changed in place)
