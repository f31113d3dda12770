"""A backend in memory for tests of the frame: rows are made up, lists are frozen orders with live rows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace

from certtui.backend.base import BackendInfo, Capabilities
from certtui.clock import UTC
from certtui.errors import CerttuiError, Invalid, NotFound
from certtui.model.alert import AlertCounts
from certtui.model.audit import Actor, Change
from certtui.model.certificate import Bucket, Certificate, CertificateRow, ExpiryBar, Overview, ResourceRef
from certtui.model.query import Gone, Query
from certtui.model.status import DAY, Status, days_remaining

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

_NAMES = ("api-gateway", "billing", "old-lb", "partner-mtls", "shop", "mail", "vpn", "intranet", "search", "ledger")
_GROUPS = ("payments", "platform", "team-a", "")
_ISSUERS = ("R11", "Example Issuing CA 2", "GlobalSign RSA OV SSL CA 2018")
_KEYS = ("ec-256", "rsa-2048", "rsa-4096", "ed25519")


def make_row(number: int, **changes: object) -> CertificateRow:
    """One made-up row; the same number gives the same row."""
    name = _NAMES[number % len(_NAMES)] + ("" if number < len(_NAMES) else f"-{number // len(_NAMES):02d}")
    left = (29, 163, -18, 71, 320, 6, 45, 200, 12, 400)[number % 10] + number // 10
    not_after = NOW + left * DAY + timedelta(hours=2)
    status = Status.EXPIRED if left < 0 else Status.EXPIRING if left < 90 else Status.ACTIVE
    row = CertificateRow(
        id=number + 1, version=1, name=name, common_name=f"{name}.example.com", san_count=1 + number % 4,
        status=status, not_before=not_after - 365 * DAY, not_after=not_after,
        days_remaining=days_remaining(not_after, NOW), resource_count=number % 3, business_group=_GROUPS[number % 4],
        issuer=_ISSUERS[number % 3], provider="external", source="imported", key_algorithm=_KEYS[number % 4],
        has_private_key=number % 2 == 0, contact_email="ops@example.com", created_at=NOW - number * DAY,
    )  # fmt: skip
    return replace(row, **changes)  # type: ignore[arg-type]


class MemoryListing:
    """A frozen order over the rows of a `MemoryBackend`."""

    def __init__(self, backend: MemoryBackend, query: Query, ids: Sequence[int], *, counting: bool = False) -> None:
        self.backend = backend
        self.query = query
        self._ids = list(ids)
        self._counted = threading.Event()
        if not counting:
            self._counted.set()
        self.closed = False

    @property
    def total(self) -> int | None:
        return len(self._ids) if self._counted.is_set() else None

    @property
    def as_of(self) -> datetime:
        return NOW

    def rows(self, start: int, stop: int) -> Sequence[CertificateRow | Gone]:
        self.backend.calls.append(("rows", start, stop))
        return [self.backend.rows.get(row_id) or Gone(row_id) for row_id in self._ids[start:stop]]

    def position(self, row_id: int) -> int | None:
        return self._ids.index(row_id) if row_id in self._ids else None

    def ids(self) -> Sequence[int]:
        return tuple(self._ids)

    def wait(self, timeout: float | None = None) -> bool:
        return self._counted.wait(timeout)

    def count(self) -> None:
        """The total is known from now on."""
        self._counted.set()

    def reopen(self) -> MemoryListing:
        self.close()
        return self.backend.search(self.query)

    def close(self) -> None:
        self.closed = True


class MemoryBackend:
    """Just enough of `backend.base.Backend` for the frame and the inventory."""

    def __init__(self, rows: int = 0, *, read_only: bool = False, locked: bool = False, demo: bool = False) -> None:
        self.rows = {row.id: row for row in map(make_row, range(rows))}
        self.calls: list[tuple[object, ...]] = []
        self.counting = False
        self.failure: CerttuiError | None = None
        self.seq = 0
        self.info = BackendInfo("prod", "local", "memory", Actor("olivia"), "admin", read_only, demo)
        self.capabilities = Capabilities()
        self.store = SimpleNamespace(locked=locked, lock=lambda: setattr(self.store, "locked", True))
        self.changes: list[Change] = []
        self.feed = SimpleNamespace(
            latest=lambda: self.seq,
            since=lambda seq, limit=1000: [change for change in self.changes if change.seq > seq],
        )
        self.certificates = self
        self.alerts = SimpleNamespace(open_counts=AlertCounts)
        self.listings: list[MemoryListing] = []

    def change(self, row_id: int, **changes: object) -> None:
        """What another process does to a row."""
        self.rows[row_id] = replace(self.rows[row_id], version=self.rows[row_id].version + 1, **changes)  # type: ignore[arg-type]
        self._record("certificate.edit", row_id)

    def remove(self, row_id: int) -> None:
        """Another process deletes a row."""
        del self.rows[row_id]
        self._record("certificate.delete", row_id)

    def _record(self, event: str, row_id: int) -> None:
        self.seq += 1
        self.changes.append(Change(self.seq, event, "certificate", (row_id,)))

    def search(self, query: Query) -> MemoryListing:
        self.calls.append(("search", query))
        if self.failure is not None:
            raise self.failure
        found = [row for row in self.rows.values() if _matches(row, query.text)]
        found.sort(key=_key(query.sort.field), reverse=query.sort.descending)
        listing = MemoryListing(self, query, [row.id for row in found], counting=self.counting)
        self.listings.append(listing)
        return listing

    def get(self, certificate_id: int) -> Certificate:
        row = self.rows.get(certificate_id)
        if row is None:
            raise NotFound("That certificate is no longer here.", "Refresh the list.")
        return Certificate(
            row=row, x509=None, chain=(), csr_pem="", sans=tuple(f"DNS:{n}.{row.common_name}" for n in ("www", "api")),
            subject=f"CN={row.common_name}", description="", spki_sha256="ab" * 32,
            status_reason=f"{row.days_remaining} days left, until {row.not_after:%Y-%m-%d %H:%M} UTC." if row.not_after else "",
            resources=tuple(ResourceRef(n, f"lb-{n}", "load-balancer", "", "server") for n in range(row.resource_count)),
            lineage=(), updated_at=NOW,
        )  # fmt: skip

    def overview(self) -> Overview:
        rows = list(self.rows.values())
        spans = (("expired", "Expired", "days<0", -9999, -1), ("7d", "7d", "days>=0 days<=7", 0, 7), ("30d", "30d", "days>7 days<=30", 8, 30),
                 ("90d", "90d", "days>30 days<=90", 31, 90), ("active", "Active", "days>90", 91, 9999))  # fmt: skip
        buckets = [
            Bucket(key, label, text, sum(low <= (row.days_remaining or 0) <= high for row in rows))
            for key, label, text, low, high in spans
        ]
        buckets += [
            Bucket("revoked", "Revoked", "status:revoked", 0),
            Bucket("pending", "Pending", "status:pending", 0),
        ]
        bars = []
        for step in range(24):
            year, month = divmod(NOW.year * 12 + NOW.month - 1 + step, 12)
            count = sum(
                bool(row.not_after and (row.not_after.year, row.not_after.month) == (year, month + 1)) for row in rows
            )
            bars.append(ExpiryBar(year, month + 1, count, f"expires:{year}-{month + 1:02d}"))
        return Overview(len(rows), tuple(buckets), tuple(bars), NOW)

    def interrupt(self) -> None: ...

    def close(self) -> None: ...


def _matches(row: CertificateRow, text: str) -> bool:
    for word in text.split():
        if word == "bad:":
            raise Invalid("Nothing stands after 'bad:'.", field="filter")
        if word.startswith("status:"):
            if row.status != word.removeprefix("status:"):
                return False
        elif word.startswith("group:"):
            if row.business_group != word.removeprefix("group:"):
                return False
        elif word.startswith("days<"):
            if not (row.days_remaining or 0) < int(word.removeprefix("days<")):
                return False
        elif word.startswith("expires:"):
            if f"{row.not_after:%Y-%m}" != word.removeprefix("expires:"):
                return False
        elif word not in row.name:
            return False
    return True


def _key(field: str) -> Callable[[CertificateRow], tuple[object, int]]:
    attribute = {
        "resources": "resource_count",
        "days": "not_after",
        "group": "business_group",
        "key": "key_algorithm",
        "contact": "contact_email",
        "created": "created_at",
    }.get(field, field)
    return lambda row: (getattr(row, attribute), row.id)
