"""The bulk import: folders, files and pastes into the inventory, in batches that never split a file, with a report.

Used by `certtui import` and by the console's bulk screen. What it decides:

- A file that holds a private key, every PFX, and what a server presents become one entry: the leaf with its key; what
  came beside it is chain material. A file of certificates alone becomes one entry for each of them.
- A key in one file belongs to a certificate in another, or in the inventory already, when their public keys are equal:
  it is attached wherever in the run the two appear.
- A certificate for the key of a saved CSR completes that CSR, and a note says so.
- A file in a folder that holds no certificate is skipped, with the reason; it is rejected only where a certificate may
  be missed: the person named it, it cannot be read, or it announces one that cannot be parsed.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from certtui import candidates
from certtui.backend.inspect import ReadFile, SourceFile
from certtui.candidates import Candidate, PassedOver
from certtui.errors import Invalid
from certtui.intake_report import IntakeProgress as IntakeProgress
from certtui.intake_report import IntakeReport as IntakeReport
from certtui.intake_report import Note as Note
from certtui.intake_report import Rejected as Rejected
from certtui.intake_report import Taken as Taken
from certtui.model.certificate import Labels, NewCertificate, Source
from certtui.pauses import no_full_collections
from certtui.whose_key import identity, owners

if TYPE_CHECKING:
    from certtui.backend.base import Certificates
    from certtui.backend.inspect import Inspect, Pairing
    from certtui.model.certificate import AddOutcome
    from certtui.model.secret import Secret
    from certtui.model.x509 import KeyFacts, Material

BATCH = 1000
"""Certificates a transaction; a file with more is one transaction nevertheless."""

_OF_ONE = ("pfx", "tls")
"""Forms that are about one certificate, whatever else is in them."""


@dataclass(slots=True)
class _File:
    path: str
    entries: list[NewCertificate]


@dataclass(frozen=True, slots=True)
class _LooseKey:
    """A key that its own file gave no certificate to; `alone` when the file holds no certificate at all."""

    key: KeyFacts
    path: str
    named: bool
    alone: bool


class Intake:
    """One run. `progress` is called from the working thread, once a file; `cancelled` from any thread, at any time.

    What a policy keeps out is rejected, the rest goes on; `reason` is the person's word where a soft one asks for it.
    With `repository_id` all is filed there, and what that repository does not take is rejected.
    Errors that stop everything (`Locked`, `Denied`, `Unreachable`) are raised; what was stored before stays, and
    `report()` tells it.
    """

    def __init__(
        self,
        inspect: Inspect,
        certificates: Certificates,
        *,
        passwords: Sequence[Secret] = (),
        labels: Labels | None = None,
        source: Source = Source.IMPORTED,
        reason: str = "",
        repository_id: int | None = None,
        progress: Callable[[IntakeProgress], None] | None = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        self._inspect = inspect
        self._certificates = certificates
        self._passwords = tuple(passwords)
        self._labels = labels or Labels()
        self._source = source
        self._reason = reason
        self._repository_id = repository_id
        self._progress = progress
        self._cancelled = cancelled
        self._imported: dict[int, Taken] = {}
        self._existing: list[Taken] = []
        self._rejected: list[Rejected] = []
        self._skipped: list[Note] = []
        self._notes: list[Note] = []
        self._broken_off = False
        self._reading: dict[str, tuple[Candidate, bool]] = {}
        self._pending: list[_File] = []
        self._waiting = 0
        """Certificates of `_pending`."""
        self._loose: dict[str, _LooseKey] = {}
        self._stored_keys: set[str] = set()
        self._strangers: list[Material] = []
        """Files whose key is none of their certificates': at the end it is said whose."""
        self._done = [0, 0]
        self._total = [0, 0]

    @no_full_collections()
    def run(self, sources: Sequence[Path | SourceFile]) -> IntakeReport:
        """Take in files, folders (in depth) and bytes that came without a file. Returns the report; see the class for errors."""
        reads = self._inspect.read_many(self._files(sources), self._passwords)
        try:
            for read in reads:
                if self._stopped():
                    break
                self._take(read)
                self._tell(read.path)
                if self._waiting >= BATCH and not self._labels.name:
                    self._store()
        finally:
            # Closing it ends the child process that reads.
            if isinstance(reads, Generator):
                reads.close()
        if not self._stopped():
            self._store()
            self._attach_loose_keys()
            self._tell_of_strangers()
            # Files that were passed over are not told one by one.
            self._tell("")
        return self.report()

    def take(self, material: Material) -> IntakeReport:
        """Take in what was read already: a handshake, say. Returns the report; see the class for errors."""
        self._reading[material.path] = Candidate(material.path, 0, named=True), True
        self._take(ReadFile(material.path, material))
        self._store()
        self._attach_loose_keys()
        return self.report()

    def report(self) -> IntakeReport:
        """What has become of everything so far; also after `run` raised."""
        return IntakeReport(
            imported=tuple(self._imported.values()),
            existing=tuple(self._existing),
            rejected=tuple(self._rejected),
            skipped=tuple(self._skipped),
            notes=tuple(self._notes),
            cancelled=self._broken_off,
        )

    def _stopped(self) -> bool:
        self._broken_off = self._broken_off or self._cancelled()
        return self._broken_off

    def _files(self, sources: Sequence[Path | SourceFile]) -> Iterator[SourceFile]:
        memory = [each for each in sources if isinstance(each, SourceFile)]
        found: list[Candidate] = []
        for each in candidates.walk(path for path in sources if isinstance(path, Path)):
            if self._stopped():
                return
            if isinstance(each, Candidate):
                found.append(each)
            else:
                self._pass_over(each)
        self._total = [
            len(found) + len(memory),
            sum(each.size for each in found) + sum(len(each.data) for each in memory),
        ]
        for file in memory:
            self._reading[file.path] = Candidate(file.path, len(file.data), named=True), True
            yield file
        for candidate in found:
            data = candidates.read(candidate)
            if isinstance(data, PassedOver):
                self._pass_over(data)
                self._advance(candidate)
                continue
            announced = candidates.says_certificate(candidate.path) or candidates.has_pem_material(data)
            self._reading[candidate.path] = candidate, candidate.named or announced
            yield SourceFile(candidate.path, data)

    def _pass_over(self, each: PassedOver) -> None:
        if each.rejected:
            self._rejected.append(Rejected(each.path, each.reason))
        else:
            self._skipped.append(Note(each.path, each.reason))

    def _advance(self, candidate: Candidate) -> None:
        self._done[0] += 1
        self._done[1] += candidate.size

    def _tell(self, path: str) -> None:
        if self._progress is None:
            return
        self._progress(
            IntakeProgress(
                *(self._done[0], self._total[0], self._done[1], self._total[1]),
                imported=len(self._imported),
                existing=len(self._existing),
                rejected=len(self._rejected),
                path=path,
            )
        )

    def _take(self, read: ReadFile) -> None:
        candidate, announced = self._reading.pop(read.path)
        self._advance(candidate)
        if read.material is None:
            if announced or read.needs_password:
                self._rejected.append(Rejected(read.path, read.reason, read.needs_password))
            else:
                self._skipped.append(Note(read.path, "It holds no certificate."))
            return
        material = read.material
        self._notes += [Note(read.path, text) for text in material.warnings]
        self._rejected += [Rejected(read.path, text) for text in material.unread]
        if not material.certificates:
            self._take_without_certificate(candidate, material)
            return
        try:
            entries = self._entries(candidate, material)
        except Invalid as error:
            self._rejected.append(Rejected(read.path, str(error)))
            if error.field == "key":
                self._strangers.append(material)
            return
        self._pending.append(_File(read.path, entries))
        self._waiting += len(entries)
        if self._labels.name and self._waiting > 1:
            raise Invalid(
                "One name fits one certificate, and there are several.",
                "Leave the name out: each is named after its common name.",
                field="name",
            )

    def _entries(self, candidate: Candidate, material: Material) -> list[NewCertificate]:
        if len(material.certificates) == 1 and not material.keys and material.form not in _OF_ONE:
            # What a folder of a million files is made of: nothing to sort out.
            only = material.certificates[0]
            return [
                NewCertificate(
                    only,
                    labels=self._labels,
                    source=self._source,
                    reason=self._reason,
                    repository_id=self._repository_id,
                )
            ]
        pairings = self._pairings(material)
        self._notes += [Note(material.path, text) for pairing in pairings for text in pairing.unused]
        used = {pairing.key.spki_sha256 for pairing in pairings if pairing.key}
        self._remember(candidate, (key for key in material.keys if key.spki_sha256 not in used), alone=False)
        return [self._entry(pairing) for pairing in pairings]

    def _take_without_certificate(self, candidate: Candidate, material: Material) -> None:
        self._remember(candidate, material.keys, alone=True)
        if material.keys or material.unread:
            return
        held = "a certificate request, no certificate" if material.requests else "no certificate"
        self._without_certificate(candidate.path, f"It holds {held}.", named=candidate.named)

    def _without_certificate(self, path: str, reason: str, *, named: bool) -> None:
        if named:
            self._rejected.append(Rejected(path, reason))
        else:
            self._skipped.append(Note(path, reason))

    def _remember(self, candidate: Candidate, keys: Iterable[KeyFacts], *, alone: bool) -> None:
        self._loose |= {key.spki_sha256: _LooseKey(key, candidate.path, candidate.named, alone) for key in keys}

    def _pairings(self, material: Material) -> Sequence[Pairing]:
        if not material.keys and material.form not in _OF_ONE:
            return self._inspect.entries(material)
        try:
            return [self._inspect.pair([material])]
        except Invalid as error:
            # Several leaves in one file are several entries; a key that is no one's is an error of that file.
            if error.field != "certificate":
                raise
            return self._inspect.entries(material)

    def _entry(self, pairing: Pairing) -> NewCertificate:
        return NewCertificate(
            x509=pairing.leaf,
            chain=pairing.chain,
            key=pairing.key,
            labels=self._labels,
            source=self._source,
            reason=self._reason,
            repository_id=self._repository_id,
        )

    def _store(self) -> None:
        files, self._pending, self._waiting = self._pending, [], 0
        if not files:
            return
        self._add_their_keys(files)
        try:
            self._add(files)
        except Invalid as error:
            if len(files) == 1:
                self._rejected.append(Rejected(files[0].path, str(error)))
                return
            # One bad file does not keep the others of its batch out: each goes alone, to find it.
            for file in files:
                try:
                    self._add([file])
                except Invalid as reason:
                    self._rejected.append(Rejected(file.path, str(reason)))

    def _add_their_keys(self, files: Sequence[_File]) -> None:
        for file in files:
            file.entries = [
                replace(new, key=self._loose[new.x509.spki_sha256].key)
                if new.key is None and new.x509.spki_sha256 in self._loose
                else new
                for new in file.entries
            ]

    def _add(self, files: Sequence[_File]) -> None:
        batch = [new for file in files for new in file.entries]
        paths = [file.path for file in files for _ in file.entries]
        outcomes = self._certificates.add(batch, skip_refused=True)
        for path, new, outcome in zip(paths, batch, outcomes, strict=True):
            self._record(path, new, outcome)

    def _record(self, path: str, new: NewCertificate, outcome: AddOutcome) -> None:
        if new.key is not None:
            self._stored_keys.add(new.key.spki_sha256)
        if outcome.refused:
            self._rejected.append(_kept_out(path, outcome))
            return
        taken = Taken(
            *(outcome.id, outcome.name, path, outcome.fingerprint_sha256),
            key_attached=outcome.key_attached,
            missing_issuer=outcome.missing_issuer,
        )
        if outcome.completed_csr:
            self._notes.append(Note(path, f"It completes the saved CSR {outcome.name}."))
        if outcome.created:
            self._imported[outcome.id] = taken
        else:
            self._existing.append(taken)

    def _attach_loose_keys(self) -> None:
        """Keys whose certificate was stored before they were met, in this run or an earlier one."""
        waiting = {spki: loose for spki, loose in self._loose.items() if spki not in self._stored_keys}
        spkis = tuple(waiting)
        for start in range(0, len(spkis), BATCH):
            for known in self._certificates.lookup(spkis=spkis[start : start + BATCH]):
                if known.fingerprint_sha256:
                    self._stored_keys.add(known.spki_sha256)
                    self._attach(known.id, waiting[known.spki_sha256])
        for spki in spkis:
            if spki not in self._stored_keys:
                self._tell_of_orphan(waiting[spki])

    def _tell_of_strangers(self) -> None:
        """The keys of pairs that were refused: which certificates they belong to, in this run or from before."""
        for material in self._strangers:
            self._notes.append(Note(material.path, owners([material], self._certificates)))

    def _tell_of_orphan(self, loose: _LooseKey) -> None:
        reason = f"It holds a private key, {identity(loose.key)}, whose certificate neither came along nor is in the inventory."
        if loose.alone:
            self._without_certificate(loose.path, reason, named=loose.named)
        else:
            self._notes.append(Note(loose.path, reason))

    def _attach(self, certificate_id: int, loose: _LooseKey) -> None:
        x509 = self._certificates.get(certificate_id).x509
        if x509 is None:
            return
        (outcome,) = self._certificates.add([NewCertificate(x509=x509, key=loose.key, source=self._source)])
        if before := self._imported.get(outcome.id):
            self._imported[outcome.id] = replace(before, key_attached=before.key_attached or outcome.key_attached)
        else:
            self._existing.append(
                Taken(outcome.id, outcome.name, loose.path, outcome.fingerprint_sha256, outcome.key_attached)
            )


def _kept_out(path: str, outcome: AddOutcome) -> Rejected:
    return Rejected(path, f"{outcome.name}: {outcome.refused}", needs_reason=outcome.needs_reason)
