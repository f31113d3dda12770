"""Certificates that are added into a repository: filed in the transaction that adds them, or not added at all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from certtui.backend.local.entries import entry
from certtui.backend.local.open_store import Change
from certtui.errors import CerttuiError, Invalid, NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from certtui.backend.local.repositories_filing import Filed
    from certtui.model.certificate import AddOutcome, NewCertificate


class NotFiled(Exception):
    """Some of a batch can't be filed where they were to go, by position; the transaction is undone, and made without them."""

    def __init__(self, refused: Mapping[int, CerttuiError]) -> None:
        super().__init__()
        self.refused = refused


def file_added(
    change: Change,
    certificates: Sequence[NewCertificate],
    outcomes: Sequence[AddOutcome],
    *,
    skip_refused: bool,
) -> list[AddOutcome]:
    """The outcomes, once each is filed where it was to go. Raises for the first that isn't; `NotFiled` where they are skipped."""
    places: dict[int, list[int]] = {}
    for index, (new, outcome) in enumerate(zip(certificates, outcomes, strict=True)):
        if new.repository_id is not None and not outcome.refused:
            places.setdefault(new.repository_id, []).append(index)
    change.session.flush()
    refused: dict[int, CerttuiError] = {}
    for repository_id, indexes in places.items():
        filed = _filed(change, repository_id, {outcomes[at].id: certificates[at].reason for at in indexes})
        refused |= {at: filed.refused[outcomes[at].id] for at in indexes if outcomes[at].id in filed.refused}
    if refused and not skip_refused:
        raise refused[min(refused)]
    if refused:
        raise NotFiled(refused)
    gone_in = {index for indexes in places.values() for index in indexes}
    return [replace(one, filed=True) if index in gone_in else one for index, one in enumerate(outcomes)]


def _filed(change: Change, repository_id: int, reasons: Mapping[int, str]) -> Filed:
    from certtui.backend.local.repositories_filing import file_entries
    from certtui.backend.local.repositories_rows import repository, step
    from certtui.model.repository_states import RepositoryEvent

    try:
        row = repository(change, repository_id)
    except NotFound as missing:
        raise Invalid(missing.message, "Choose another one, or none.", field="repository") from None
    step(row, RepositoryEvent.FILE)
    entries = {row_id: entry(change, row_id) for row_id in reasons}
    return file_entries(change, row, entries, reasons)
