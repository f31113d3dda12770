"""The bulk import: which files it takes, how it batches them, where keys go, and what its report says."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from certtui.backend.base import Certificates
from certtui.backend.inspect import SourceFile
from certtui.errors import Invalid, Locked
from certtui.intake import Intake, IntakeProgress, IntakeReport
from certtui.model.certificate import AddOutcome, KnownCertificate, Labels, NewCertificate, Source
from certtui.model.secret import Secret
from certtui.model.status import Status
from certtui.pki.inspector import Inspector
from tests.certs import Made, make_cert, make_chain, make_csr, make_key


class Inventory:
    """As much of `Certificates` as an import asks for; each call of `add` is one transaction."""

    def __init__(self) -> None:
        self.entries: dict[str, NewCertificate] = {}
        self.batches: list[list[NewCertificate]] = []
        self.refuses: set[str] = set()

    def add(self, batch: Sequence[NewCertificate], *, skip_refused: bool = False) -> Sequence[AddOutcome]:
        if any(new.x509.common_name in self.refuses for new in batch):
            raise Invalid("The store does not like it.")
        self.batches.append(list(batch))
        outcomes = []
        for new in batch:
            fingerprint = new.x509.fingerprint_sha256
            before = self.entries.get(fingerprint)
            if before is None:
                self.entries[fingerprint] = new
            elif before.key is None and new.key is not None:
                self.entries[fingerprint] = replace(before, key=new.key)
            number = list(self.entries).index(fingerprint) + 1
            attached = new.key is not None and (before is None or before.key is None)
            outcomes.append(AddOutcome(number, new.x509.common_name, fingerprint, before is None, attached))
        return outcomes

    def lookup(self, *, spkis: Sequence[str] = ()) -> Sequence[KnownCertificate]:
        return [
            KnownCertificate(
                id=number,
                name=new.x509.common_name,
                status=Status.ACTIVE,
                fingerprint_sha256=fingerprint,
                spki_sha256=new.x509.spki_sha256,
                subject_id=new.x509.subject_id,
                has_private_key=new.key is not None,
            )
            for number, (fingerprint, new) in enumerate(self.entries.items(), 1)
            if new.x509.spki_sha256 in spkis
        ]

    def get(self, certificate_id: int) -> SimpleNamespace:
        return SimpleNamespace(x509=list(self.entries.values())[certificate_id - 1].x509)

    def names(self) -> list[str]:
        return sorted(new.x509.common_name for new in self.entries.values())

    def with_key(self) -> list[str]:
        return sorted(new.x509.common_name for new in self.entries.values() if new.key)


@pytest.fixture
def inventory() -> Inventory:
    return Inventory()


def take(inventory: Inventory, *sources: Path | SourceFile, **options: object) -> IntakeReport:
    return Intake(Inspector(), cast(Certificates, inventory), **options).run(sources)  # type: ignore[arg-type]


def cert(name: str, number: int = 0) -> Made:
    return make_cert(name, key=make_key("ec-256", number))


def test_a_folder_is_taken_in_depth(tmp_path: Path, inventory: Inventory) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "one.pem").write_bytes(cert("one").pem)
    (tmp_path / "a" / "b" / "two.crt").write_bytes(cert("two", 2).der)
    report = take(inventory, tmp_path)
    assert inventory.names() == ["one", "two"]
    assert [Path(each.path).name for each in report.imported] == ["one.pem", "two.crt"]


def test_a_folder_deeper_than_pythons_stack_is_walked(tmp_path: Path, inventory: Inventory) -> None:
    folder = tmp_path
    for _ in range(1200):
        folder = folder / "d"
        folder.mkdir()
    (folder / "deep.pem").write_bytes(cert("deep").pem)
    take(inventory, tmp_path)
    # pytest's own removal of the folder would not survive its depth.
    (folder / "deep.pem").unlink()
    while folder != tmp_path:
        folder.rmdir()
        folder = folder.parent
    assert inventory.names() == ["deep"]


def test_the_same_real_file_is_read_once_and_said_to_be_the_same(tmp_path: Path, inventory: Inventory) -> None:
    (tmp_path / "ca.pem").write_bytes(cert("ca").pem)
    (tmp_path / "0a775a30.0").symlink_to("ca.pem")
    report = take(inventory, tmp_path)
    assert [Path(each.path).name for each in report.imported] == ["ca.pem"]
    assert [Path(each.path).name for each in report.skipped] == ["0a775a30.0"]
    assert "same file" in report.skipped[0].text


def test_a_folder_that_links_to_itself_ends(tmp_path: Path, inventory: Inventory) -> None:
    (tmp_path / "ca.pem").write_bytes(cert("ca").pem)
    (tmp_path / "again").symlink_to(tmp_path)
    assert len(take(inventory, tmp_path).imported) == 1


def test_a_certificate_in_two_files_is_there_already_the_second_time(tmp_path: Path, inventory: Inventory) -> None:
    authority = cert("ca")
    (tmp_path / "a.pem").write_bytes(authority.pem)
    (tmp_path / "b.pem").write_bytes(authority.pem + cert("other", 1).pem)
    report = take(inventory, tmp_path)
    assert [each.name for each in report.imported] == ["ca", "other"]
    assert [(each.name, Path(each.path).name) for each in report.existing] == [("ca", "b.pem")]


def test_files_of_other_kinds_are_skipped_with_a_reason_not_rejected(tmp_path: Path, inventory: Inventory) -> None:
    (tmp_path / "README").write_text("certificates live here")
    (tmp_path / "dh.pem").write_text("-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----\n")
    (tmp_path / "id_rsa").write_text("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n")
    (tmp_path / "www.csr").write_bytes(make_csr("www.example.com")[0])
    report = take(inventory, tmp_path)
    assert report.rejected == ()
    assert {Path(each.path).name for each in report.skipped} == {"README", "dh.pem", "id_rsa", "www.csr"}
    assert "dh parameters" in next(each.text for each in report.skipped if each.path.endswith("dh.pem"))


def test_a_key_file_of_another_program_is_skipped(tmp_path: Path, inventory: Inventory) -> None:
    (tmp_path / "certtui.key").write_bytes(bytes(range(32)))
    (tmp_path / "der.key").write_bytes(cert("www", 3).key_der)
    (tmp_path / "www.crt").write_bytes(cert("www", 3).pem)
    report = take(inventory, tmp_path)
    assert report.rejected == ()
    assert [Path(each.path).name for each in report.skipped] == ["certtui.key"]
    assert inventory.with_key() == ["www"]


def test_a_file_that_says_certificate_and_holds_none_is_rejected(tmp_path: Path, inventory: Inventory) -> None:
    (tmp_path / "broken.pem").write_bytes(cert("x").pem[:200])
    (tmp_path / "good.pem").write_bytes(cert("good", 1).pem)
    report = take(inventory, tmp_path)
    assert [Path(each.path).name for each in report.rejected] == ["broken.pem"]
    assert inventory.names() == ["good"]


@pytest.mark.parametrize("content", [b"hello", b"", b"\x30\x82\xff\xff\x00"], ids=["text", "empty", "cut DER"])
def test_a_file_that_was_named_is_never_skipped(tmp_path: Path, inventory: Inventory, content: bytes) -> None:
    (tmp_path / "notes").write_bytes(content)
    report = take(inventory, tmp_path / "notes")
    assert len(report.rejected) == 1
    assert report.rejected[0].reason.endswith(".")


def test_what_is_missing_or_no_file_is_rejected_when_named(tmp_path: Path, inventory: Inventory) -> None:
    report = take(inventory, tmp_path / "missing.pem", Path("/dev/null"))
    assert [each.path for each in report.rejected] == [str(tmp_path / "missing.pem"), "/dev/null"]


def test_a_pipe_that_is_named_is_read_and_one_in_a_folder_is_not(tmp_path: Path, inventory: Inventory) -> None:
    os.mkfifo(tmp_path / "pipe.pem")
    skipped = take(inventory, tmp_path).skipped
    assert [Path(each.path).name for each in skipped] == ["pipe.pem"]
    writer = threading.Thread(target=(tmp_path / "pipe.pem").write_bytes, args=(cert("www").pem,))
    writer.start()
    take(inventory, tmp_path / "pipe.pem")
    writer.join()
    assert inventory.names() == ["www"]


def test_a_file_beyond_the_limit_is_rejected_without_being_kept_in_memory(tmp_path: Path, inventory: Inventory) -> None:
    with (tmp_path / "huge.pem").open("wb") as file:
        file.truncate(33 * 1024 * 1024)
    report = take(inventory, tmp_path)
    assert "32 MiB" in report.rejected[0].reason


def test_a_key_in_another_file_goes_to_its_certificate(tmp_path: Path, inventory: Inventory) -> None:
    made = cert("www", 3)
    (tmp_path / "www.crt").write_bytes(made.pem)
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "whatever.key").write_bytes(made.key_pem)
    report = take(inventory, tmp_path)
    assert inventory.with_key() == ["www"]
    assert report.imported[0].key_attached
    assert report.skipped == ()


def test_a_key_finds_its_certificate_in_the_inventory(tmp_path: Path, inventory: Inventory) -> None:
    made = cert("www", 3)
    inventory.add([NewCertificate(made.facts)])
    (tmp_path / "www.key").write_bytes(made.key_pem)
    report = take(inventory, tmp_path / "www.key")
    assert inventory.with_key() == ["www"]
    assert [(each.name, each.key_attached) for each in report.existing] == [("www", True)]


def test_a_key_that_comes_batches_later_is_said_with_its_certificate(
    tmp_path: Path, inventory: Inventory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("certtui.intake.BATCH", 1)
    made = cert("www", 3)
    (tmp_path / "a.crt").write_bytes(made.pem)
    (tmp_path / "b.crt").write_bytes(cert("other", 1).pem)
    (tmp_path / "z.key").write_bytes(made.key_pem)
    report = take(inventory, tmp_path)
    assert {each.name: each.key_attached for each in report.imported} == {"www": True, "other": False}
    assert report.existing == ()


def test_a_key_of_nothing_is_skipped_in_a_folder_and_rejected_when_named(tmp_path: Path, inventory: Inventory) -> None:
    (tmp_path / "stray.key").write_bytes(cert("x", 5).key_pem)
    assert "neither came along" in take(inventory, tmp_path).skipped[0].text
    assert "neither came along" in take(inventory, tmp_path / "stray.key").rejected[0].reason


def test_a_pfx_is_one_entry_with_its_chain_as_material(tmp_path: Path, inventory: Inventory) -> None:
    leaf, intermediate, root = make_chain()
    (tmp_path / "bundle.pfx").write_bytes(leaf.pfx(b"secret", chain=(intermediate, root)))
    report = take(inventory, tmp_path, passwords=[Secret("wrong"), Secret("secret")])
    assert len(report.imported) == 1
    (new,) = inventory.entries.values()
    assert new.key is not None
    assert len(new.chain) >= 1


def test_certificates_without_a_key_in_one_file_are_entries_each(tmp_path: Path, inventory: Inventory) -> None:
    (tmp_path / "fullchain.pem").write_bytes(b"".join(each.pem for each in make_chain()))
    assert len(take(inventory, tmp_path).imported) == 3


def test_a_pfx_that_needs_a_password_says_so(tmp_path: Path, inventory: Inventory) -> None:
    (tmp_path / "a.pfx").write_bytes(cert("www").pfx(b"secret"))
    (rejected,) = take(inventory, tmp_path).rejected
    assert rejected.needs_password


def test_a_file_is_never_split_over_two_batches(
    tmp_path: Path, inventory: Inventory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("certtui.intake.BATCH", 4)
    for number in range(4):
        pems = (make_cert(f"{number}-{each}", key=make_key()).pem for each in range(3))
        (tmp_path / f"{number}.pem").write_bytes(b"".join(pems))
    take(inventory, tmp_path)
    assert [len(batch) for batch in inventory.batches] == [6, 6]


def test_one_bad_file_keeps_nobody_else_out_of_its_batch(tmp_path: Path, inventory: Inventory) -> None:
    inventory.refuses.add("bad")
    for name in ("first", "bad", "last"):
        (tmp_path / f"{name}.pem").write_bytes(make_cert(name, key=make_key()).pem)
    report = take(inventory, tmp_path)
    assert inventory.names() == ["first", "last"]
    assert [(Path(each.path).name, each.reason) for each in report.rejected] == [
        ("bad.pem", "The store does not like it.")
    ]


def test_cancelling_leaves_whole_files_in_or_out(
    tmp_path: Path, inventory: Inventory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("certtui.intake.BATCH", 2)
    for number in range(6):
        pems = (make_cert(f"{number}-{each}", key=make_key()).pem for each in range(2))
        (tmp_path / f"{number}.pem").write_bytes(b"".join(pems))
    report = take(inventory, tmp_path, cancelled=lambda: len(inventory.batches) >= 2)
    assert report.cancelled
    assert inventory.names() == ["0-0", "0-1", "1-0", "1-1"]
    assert len(report.imported) == 4


def test_the_second_run_completes_what_a_cancelled_one_left(tmp_path: Path, inventory: Inventory) -> None:
    for number in range(3):
        (tmp_path / f"{number}.pem").write_bytes(make_cert(str(number), key=make_key()).pem)
    assert take(inventory, tmp_path, cancelled=lambda: True).cancelled
    assert len(take(inventory, tmp_path).imported) == 3


def test_a_locked_store_stops_it_and_the_report_keeps_what_went_in(tmp_path: Path) -> None:
    class LockedInventory(Inventory):
        def add(self, batch: Sequence[NewCertificate], *, skip_refused: bool = False) -> Sequence[AddOutcome]:
            if any(new.key for new in batch):
                raise Locked("The store is locked.")
            return super().add(batch, skip_refused=skip_refused)

    inventory = LockedInventory()
    (tmp_path / "a.pem").write_bytes(cert("plain").pem)
    made = cert("keyed", 1)
    intake = Intake(Inspector(), cast(Certificates, inventory))
    intake.run([tmp_path / "a.pem"])
    with pytest.raises(Locked):
        intake.run([SourceFile("-", made.pem + made.key_pem)])
    assert [each.name for each in intake.report().imported] == ["plain"]


def test_labels_and_source_go_on_every_entry(tmp_path: Path, inventory: Inventory) -> None:
    (tmp_path / "a.pem").write_bytes(cert("a").pem + cert("b", 1).pem)
    labels = Labels(business_group="web", description="found")
    take(inventory, tmp_path, labels=labels, source=Source.DISCOVERED)
    assert {(new.labels.business_group, new.source) for new in inventory.entries.values()} == {
        ("web", Source.DISCOVERED)
    }


def test_one_name_for_several_certificates_is_refused_and_nothing_goes_in(tmp_path: Path, inventory: Inventory) -> None:
    (tmp_path / "a.pem").write_bytes(cert("a").pem)
    (tmp_path / "b.pem").write_bytes(cert("b", 1).pem)
    with pytest.raises(Invalid) as refused:
        take(inventory, tmp_path, labels=Labels(name="one"))
    assert refused.value.field == "name"
    assert inventory.entries == {}


def test_progress_counts_files_and_bytes_to_the_end(tmp_path: Path, inventory: Inventory) -> None:
    told: list[IntakeProgress] = []
    for number in range(3):
        (tmp_path / f"{number}.pem").write_bytes(make_cert(str(number), key=make_key()).pem)
    (tmp_path / "README").write_text("no certificate")
    take(inventory, tmp_path, progress=told.append)
    last = told[-1]
    assert (last.files_done, last.bytes_done) == (last.files_total, last.bytes_total)
    assert last.files_total == 4


def test_a_part_that_cannot_be_parsed_is_rejected_and_the_rest_goes_in(tmp_path: Path, inventory: Inventory) -> None:
    broken = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
    (tmp_path / "bundle.pem").write_bytes(cert("good").pem + broken + cert("also", 1).pem)
    report = take(inventory, tmp_path)
    assert inventory.names() == ["also", "good"]
    assert [Path(each.path).name for each in report.rejected] == ["bundle.pem"]


def test_a_pair_that_does_not_belong_together_is_refused_naming_both_keys(tmp_path: Path, inventory: Inventory) -> None:
    one, other = cert("one", 1), cert("other", 2)
    (tmp_path / "pair.pem").write_bytes(one.pem + other.key_pem)
    (rejected,) = take(inventory, tmp_path / "pair.pem").rejected
    assert one.facts.spki_sha256[:8] in rejected.reason
    assert other.facts.spki_sha256[:8] in rejected.reason
    assert inventory.entries == {}
