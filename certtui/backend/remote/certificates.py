"""The inventory of a server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from certtui.backend.remote.listing import open_listing
from certtui.backend.wire_forms import (
    MOST_AT_ONCE,
    DeleteManyBody,
    EditManyBody,
    Id,
    LookupBody,
    PlanBody,
    RecordsBody,
    uploads,
)
from certtui.errors import NotFound
from certtui.model.certificate import (
    AddOutcome,
    BulkOutcome,
    Certificate,
    CertificateEdit,
    CertificateRecord,
    CertificateRow,
    Exported,
    ExportRequest,
    KnownCertificate,
    NewCertificate,
    Overview,
    ReplacementPlan,
)
from certtui.model.chain import ChainReport
from certtui.model.order import Order
from certtui.model.revocation import RevocationForm
from certtui.model.revocation_plan import RevocationPlan
from certtui.model.secret import Secret

if TYPE_CHECKING:
    from certtui.backend.base import Listing
    from certtui.backend.remote.view import View
    from certtui.model.query import Query

T = TypeVar("T")

ASKING = 60.0
"""Seconds more for an act in which the server asks somebody else."""


class RemoteCertificates:
    """`backend.base.Certificates` over HTTP. What is more than one request takes is sent in parts, each of them once."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._http = view.connection

    def search(self, query: Query) -> Listing[CertificateRow]:
        return open_listing(self._view, "certificates", CertificateRow, query)

    def overview(self) -> Overview:
        found: Overview = self._http.read("/certificates/overview", Overview)
        return found

    def get(self, certificate_id: int) -> Certificate:
        found: Certificate = self._http.read(f"/certificates/{_id(certificate_id)}", Certificate)
        return found

    def records(self, ids: Sequence[int], *, as_of: datetime | None = None) -> Sequence[CertificateRecord]:
        found: list[CertificateRecord] = []
        for part in parts(ids):
            found += self._http.post(
                "/certificates/records", RecordsBody(tuple(part), as_of), tuple[CertificateRecord, ...]
            )
        return found

    def resolve(self, reference: str) -> int:
        found: Id = self._http.read("/certificates/resolve", Id, reference=asked(reference))
        return found.id

    def lookup(
        self, *, fingerprints: Sequence[str] = (), spkis: Sequence[str] = (), subject_ids: Sequence[str] = ()
    ) -> Sequence[KnownCertificate]:
        found: dict[int, KnownCertificate] = {}
        asked_for = [("fingerprints", fingerprints), ("spkis", spkis), ("subject_ids", subject_ids)]
        if len(fingerprints) + len(spkis) + len(subject_ids) <= MOST_AT_ONCE:
            bodies = [LookupBody(tuple(fingerprints), tuple(spkis), tuple(subject_ids))]
        else:
            bodies = [LookupBody(**{name: tuple(part)}) for name, hashes in asked_for for part in parts(hashes)]
        for body in bodies:
            if body != LookupBody():
                for each in self._http.post("/certificates/lookup", body, tuple[KnownCertificate, ...]):
                    found.setdefault(each.id, each)
        return list(found.values())

    def chain(self, certificate_id: int) -> ChainReport:
        found: ChainReport = self._http.read(f"/certificates/{_id(certificate_id)}/chain", ChainReport)
        return found

    def record_view(self, certificate_id: int) -> None:
        self._http.ask("POST", f"/certificates/{_id(certificate_id)}/view")

    def add(self, batch: Sequence[NewCertificate], *, skip_refused: bool = False) -> Sequence[AddOutcome]:
        self._view.may_change()
        found: list[AddOutcome] = []
        # One transaction up to the server's limit; what is there is not added twice, so a broken run is just repeated.
        for part in parts(batch):
            body = uploads(part, skip_refused=skip_refused)
            found += self._http.change("POST", "/certificates", body, tuple[AddOutcome, ...], weight=len(part))
        return found

    def edit(self, certificate_id: int, version: int, changes: CertificateEdit) -> Certificate:
        self._view.may_change()
        path = f"/certificates/{_id(certificate_id)}"
        found: Certificate = self._http.change("PATCH", path, changes, Certificate, version=version)
        return found

    def delete(
        self, certificate_id: int, version: int, *, dissociate: bool = False, consumers: Sequence[int] = ()
    ) -> None:
        self._view.may_change()
        path = f"/certificates/{_id(certificate_id)}"
        seen = listed(consumers)
        self._http.change("DELETE", path, None, None, version=version, dissociate=dissociate, consumers=seen)

    def delete_many(
        self, versions: Sequence[tuple[int, int]], *, dissociate: bool = False, consumers: Sequence[int] = ()
    ) -> BulkOutcome:
        self._view.may_change()
        return joined(
            self._http.change(
                "POST",
                "/certificates/delete",
                DeleteManyBody(tuple(part), dissociate, tuple(consumers)),
                BulkOutcome,
                weight=len(part),
            )
            for part in parts(versions)
        )

    def edit_many(self, versions: Sequence[tuple[int, int]], changes: CertificateEdit) -> BulkOutcome:
        self._view.may_change()
        return joined(
            self._http.change(
                "POST", "/certificates/edit", EditManyBody(tuple(part), changes), BulkOutcome, weight=len(part)
            )
            for part in parts(versions)
        )

    def export(self, certificate_id: int, request: ExportRequest) -> Exported:
        found: Exported = self._http.post(f"/certificates/{_id(certificate_id)}/export", request, Exported)
        return found

    def reveal_key(self, certificate_id: int) -> Secret:
        found: Secret = self._http.post(f"/certificates/{_id(certificate_id)}/reveal-key", None, Secret)
        return found

    def delete_key(self, certificate_id: int, version: int) -> Certificate:
        self._view.may_change()
        path = f"/certificates/{_id(certificate_id)}/key"
        found: Certificate = self._http.change("DELETE", path, None, Certificate, version=version)
        return found

    def plan_replacement(self, old_id: int, new_id: int) -> ReplacementPlan:
        path = f"/certificates/{_id(old_id)}/replacement-plan"
        found: ReplacementPlan = self._http.post(path, PlanBody(_id(new_id)), ReplacementPlan)
        return found

    def replace(self, plan: ReplacementPlan) -> Certificate:
        self._view.may_change()
        found: Certificate = self._http.change("POST", f"/certificates/{_id(plan.old_id)}/replace", plan, Certificate)
        return found

    def plan_revocation(self, certificate_id: int) -> RevocationPlan:
        path = f"/certificates/{_id(certificate_id)}/revocation-plan"
        found: RevocationPlan = self._http.post(path, None, RevocationPlan)
        return found

    def revoke(self, certificate_id: int, version: int, form: RevocationForm) -> Certificate:
        self._view.may_change()
        path = f"/certificates/{_id(certificate_id)}/revoke"
        found: Certificate = self._http.change("POST", path, form, Certificate, version=version, slow=ASKING)
        return found

    def renew(self, certificate_id: int, version: int, *, take_over: bool | None = None) -> Order:
        self._view.may_change()
        path = f"/certificates/{certificate_id}/renew"
        found: Order = self._http.change("POST", path, None, Order, version=version, slow=ASKING, take_over=take_over)
        return found

    def note_authority_told(self, certificate_id: int, version: int) -> Certificate:
        self._view.may_change()
        path = f"/certificates/{_id(certificate_id)}/authority-told"
        found: Certificate = self._http.change("POST", path, None, Certificate, version=version)
        return found


def parts(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """In pieces that one request may carry; none for nothing."""
    for start in range(0, len(items), MOST_AT_ONCE):
        yield items[start : start + MOST_AT_ONCE]


def joined(outcomes: Iterator[BulkOutcome]) -> BulkOutcome:
    """One outcome of several."""
    done: list[int] = []
    skipped: list[tuple[int, str]] = []
    for each in outcomes:
        done += each.done
        skipped += each.skipped
    return BulkOutcome(tuple(done), tuple(skipped))


def listed(ids: Sequence[int]) -> str | None:
    """Ids as they stand in a query string; None for none, which is left out."""
    return ",".join(map(str, ids)) or None


def asked(reference: str) -> str:
    """A reference that can be sent. Raises `NotFound` for what nothing is called by."""
    if not reference:
        raise NotFound("Nothing is called nothing.", "Give an id or a name.")
    if any("\ud800" <= char <= "\udfff" for char in reference):
        raise NotFound("Nothing is called that: it is not text.", "Give an id, a name or a fingerprint.")
    return reference


def _id(number: int) -> int:
    if number < 0:
        raise NotFound(f"There is no entry {number}.", "`certtui list` tells what there is.")
    return number
