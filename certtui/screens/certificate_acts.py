"""What people do to certificates, from the inventory and from a certificate's page alike.

    class InventoryScreen(ActsOnCertificates, ListPlace[CertificateRow]): ...

The screen says what an act is for (`targets()`, as (id, version) pairs that were seen) and hears what happened
(`changed()`, `deleted(ids)`, `replaced(new_id)`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from certtui.errors import CerttuiError
from certtui.screens.base import Place

if TYPE_CHECKING:
    from certtui.model.certificate import BulkOutcome, Certificate, CertificateRow, ReplacementPlan
    from certtui.screens.associate import Association
    from certtui.screens.export_files import BulkExport
    from certtui.screens.export_many import ManyOrder

CHUNK = 500
LOOKED_AT = 20_000
"""Rows of a bulk deletion whose uses are counted beforehand; the store checks each one in any case."""


class ActsOnCertificates(Place):
    """Export, copy, edit, update, associate, make a container of, delete."""

    if TYPE_CHECKING:

        def targets(self) -> list[tuple[int, int]]:
            """(id, version) of what the act is for: the marked rows, else the one under the cursor, else the page's."""

        def changed(self) -> None:
            """The act changed something: read again."""

    def deleted(self, ids: Sequence[int]) -> None:
        """These are gone; a list forgets its marks on them."""
        unmark: Callable[[Sequence[int]], None] | None = getattr(self, "unmark", None)
        if unmark is not None:
            unmark(ids)
        self.changed()

    def replaced(self, new_id: int) -> None:
        """This entry took the place of the one the act was for."""
        self.changed()

    def say_on_top(self, sentence: str) -> None:
        """Say it on the screen that is left on top, perhaps a new one which is not composed yet."""
        screen = self.app.screen if isinstance(self.app.screen, Place) else self
        screen.call_after_refresh(screen.say, sentence, "ok")

    # -- export --------------------------------------------------------------------------------------------------

    def do_certificate_export(self) -> None:
        def show(certificate: Certificate) -> None:
            from certtui.screens.export import ExportDialog

            self.app.push_screen(ExportDialog(self, certificate), self._said)

        def many(targets: list[tuple[int, int]]) -> None:
            from certtui.screens.export_many import ExportManyDialog

            def answered(order: ManyOrder | None) -> None:
                if order is not None:
                    self._export_many([certificate_id for certificate_id, _ in targets], order)

            self.app.push_screen(ExportManyDialog(len(targets)), answered)

        self._one_or_many(show, many)

    def _export_many(self, ids: list[int], order: ManyOrder) -> None:
        from certtui.screens.export_files import WITH_KEY, write_many
        from certtui.screens.unlock import unlock

        backend = self.backend

        def run() -> None:
            self.work_long(
                f"Exporting {len(ids):,} certificates",
                lambda progress: write_many(
                    backend, ids, order.request, order.folder, overwrite=order.overwrite, progress=progress
                ),
                done=lambda report: self._exported(report, str(order.folder)),
            )

        if order.request.form in WITH_KEY and backend.store.locked:
            unlock(self, then=run, why="The private keys are needed.")
        else:
            run()

    def _exported(self, report: BulkExport, folder: str) -> None:
        from certtui.widgets.dialogs import Message

        lines = [f"Wrote {len(report.written):,} files into {folder}, left out {len(report.skipped):,}."]
        if report.skipped:
            lines += ["", *(f"{name}: {reason}" for name, reason in report.skipped[:200])]
            self.app.push_screen(Message("Exported in part", lines))
        else:
            self.say(lines[0], "ok")

    # -- copy ----------------------------------------------------------------------------------------------------

    def do_certificate_copy(self) -> None:
        def show(certificate: Certificate) -> None:
            from certtui.screens.certificate_tabs import copy_fields
            from certtui.screens.copy_text import choose_and_copy

            choose_and_copy(self, copy_fields(certificate, None))

        def many(targets: list[tuple[int, int]]) -> None:
            self._with_rows(targets, self._copy_many)

        self._one_or_many(show, many)

    def _copy_many(self, rows: list[CertificateRow], total: int) -> None:
        from certtui.clock import rfc3339
        from certtui.screens.copy_text import choose_and_copy

        fields: list[tuple[str, Callable[[CertificateRow], str]]] = [
            ("Names here", lambda row: row.name),
            ("Common names", lambda row: row.common_name),
            ("Ids", lambda row: str(row.id)),
            ("Expiry dates", lambda row: rfc3339(row.not_after) if row.not_after else "-"),
            ("Groups", lambda row: row.business_group),
            ("Contacts", lambda row: row.contact_email),
        ]
        choose_and_copy(self, [(label, "\n".join(map(of, rows))) for label, of in fields])

    # -- edit ----------------------------------------------------------------------------------------------------

    def do_certificate_edit(self) -> None:
        def show(certificate: Certificate) -> None:
            from certtui.screens.edit import EditDialog

            self.app.push_screen(EditDialog(self, certificate), self._said_and_changed)

        def many(targets: list[tuple[int, int]]) -> None:
            from certtui.screens.edit import EditGroupDialog

            def answered(group: str | None) -> None:
                if group is not None:
                    from certtui.model.certificate import CertificateEdit

                    edit = CertificateEdit(business_group=group)
                    self.work(
                        lambda: self.backend.certificates.edit_many(targets, edit),
                        done=lambda outcome: self._bulk_done(outcome, "Changed the group of"),
                    )

            self.app.push_screen(EditGroupDialog(len(targets)), answered)

        self._one_or_many(show, many)

    # -- update after renewal ------------------------------------------------------------------------------------

    def do_certificate_replace(self) -> None:
        def many(targets: list[tuple[int, int]]) -> None:
            self.say(f"One at a time: {len(targets):,} are marked.", "warn")

        self._one_or_many(self.choose_replacement, many)

    def choose_replacement(self, old: Certificate) -> None:
        """Choose what takes its place, from the inventory or a file."""
        from certtui.screens.replace import ChooseRenewal

        def chosen(new_id: int | None) -> None:
            if new_id is not None:
                self.plan_replacement(old, new_id)

        self.app.push_screen(ChooseRenewal(self, old), chosen)

    def plan_replacement(self, old: Certificate, new_id: int) -> None:
        """Show what would move from the old one to the new one, and move it when that is wanted."""
        from certtui.screens.replace import PlanDialog

        certificates = self.backend.certificates

        def planned(found: tuple[Certificate, ReplacementPlan]) -> None:
            new, plan = found

            def answered(answer: bool | None) -> None:
                if answer:
                    self.work(lambda: certificates.replace(plan), done=lambda now: self._replaced(old, now, plan))

            self.app.push_screen(PlanDialog(old, new, plan), answered)

        self.work(lambda: (certificates.get(new_id), certificates.plan_replacement(old.id, new_id)), done=planned)

    def _replaced(self, old: Certificate, new: Certificate, plan: ReplacementPlan) -> None:
        moved = sum(move.move for move in plan.moves)
        self.replaced(new.id)
        self.say_on_top(
            f"{new.row.name} replaces {old.row.name}: {moved} association{'' if moved == 1 else 's'} moved, "
            "recorded in the lineage of both."
        )

    def do_certificate_order(self) -> None:
        """The form for one like it that is to take its place."""
        match self.targets():
            case []:
                self.say("There is no row here.", "warn")
            case [(certificate_id, _)]:
                from certtui.screens.order_form import order_replacement

                order_replacement(self, certificate_id)
            case several:
                self.say(f"One at a time: {len(several):,} are marked.", "warn")

    # -- revoke --------------------------------------------------------------------------------------------------

    def do_certificate_revoke(self) -> None:
        def show(certificate: Certificate) -> None:
            from certtui.screens.revoke_acts import ask_to_revoke

            ask_to_revoke(self, certificate)

        def many(targets: list[tuple[int, int]]) -> None:
            self.say(f"One at a time: {len(targets):,} are marked.", "warn")

        self._one_or_many(show, many)

    # -- resources -----------------------------------------------------------------------------------------------

    def do_certificate_associate(self) -> None:
        def show(certificate: Certificate) -> None:
            from certtui.screens.associate import AssociateDialog

            title = f"Associate {certificate.row.name}"
            command = f"certtui associate {certificate.id} RESOURCE …"

            def answered(answer: Association | None) -> None:
                self._associate([certificate.id], answer)

            self.app.push_screen(AssociateDialog(self, title, command, certificate.resources), answered)

        def many(targets: list[tuple[int, int]]) -> None:
            from certtui.screens.associate import AssociateDialog

            title = f"Associate {len(targets):,} certificates"

            def answered(answer: Association | None) -> None:
                self._associate([certificate_id for certificate_id, _ in targets], answer)

            self.app.push_screen(AssociateDialog(self, title, "certtui associate ID RESOURCE …"), answered)

        self._one_or_many(show, many)

    def _associate(self, ids: list[int], answer: Association | None) -> None:
        if answer is None:
            return
        resources = self.backend.resources
        resource_ids = [resource_id for resource_id, _ in answer.resources]

        def act() -> BulkOutcome:
            from certtui.model.certificate import BulkOutcome

            done: list[int] = []
            skipped: list[tuple[int, str]] = []
            for certificate_id in ids:
                try:
                    resources.associate(certificate_id, resource_ids, answer.role)
                    done.append(certificate_id)
                except CerttuiError as error:
                    # Of one the reason is the whole answer; of several the others go on.
                    if len(ids) == 1:
                        raise
                    skipped.append((certificate_id, error.message))
            return BulkOutcome(tuple(done), tuple(skipped))

        names = ", ".join(name for _, name in answer.resources[:3])
        what = names if len(answer.resources) <= 3 else f"{len(answer.resources)} resources"
        if len(ids) == 1:
            self.work(act, done=lambda _: self._said_and_changed(f"Associated with {what}."))
        else:
            self.work(act, done=lambda outcome: self._bulk_done(outcome, f"Associated with {what}:"))

    # -- containers ----------------------------------------------------------------------------------------------

    def do_certificate_container(self) -> None:
        """Make one of it, or go to the one it has."""
        from certtui.screens.container_of import make_container, make_containers

        def many(targets: list[tuple[int, int]]) -> None:
            make_containers(self, [certificate_id for certificate_id, _ in targets])

        self._one_or_many(lambda certificate: make_container(self, certificate), many)

    # -- repository ----------------------------------------------------------------------------------------------

    def do_certificate_file(self) -> None:
        """Into a repository, from wherever it is filed now; or out of it."""
        from certtui.screens.repository_file import Chosen, choose_repository

        def one(certificate: Certificate) -> None:
            row = certificate.row
            choose_repository(self, Chosen(((row.id, row.version),), (row,)), done=self._said_and_changed)

        def many(targets: list[tuple[int, int]]) -> None:
            def show(rows: list[CertificateRow], _total: int) -> None:
                choose_repository(self, Chosen(tuple(targets), tuple(rows)), done=self._said_and_changed)

            self._with_rows(targets, show)

        self._one_or_many(one, many)

    # -- delete --------------------------------------------------------------------------------------------------

    def do_certificate_delete(self) -> None:
        def show(certificate: Certificate) -> None:
            from certtui.screens.delete import DeleteDialog, deletion_of

            def answered(dissociate: bool | None) -> None:
                if dissociate is not None:
                    self._delete_one(certificate, dissociate=dissociate)

            self.app.push_screen(DeleteDialog(deletion_of(certificate)), answered)

        def many(targets: list[tuple[int, int]]) -> None:
            self._with_rows(targets, lambda rows, total: self._look_for_consumers(targets, rows))

        self._one_or_many(show, many)

    def _delete_one(self, certificate: Certificate, *, dissociate: bool) -> None:
        certificates = self.backend.certificates

        def done(_: None) -> None:
            self.deleted([certificate.id])
            self.say_on_top(f"Deleted {certificate.row.name}.")

        confirmed = [consumer.id for consumer in certificate.consumers]
        self.work(
            lambda: certificates.delete(
                certificate.id, certificate.version, dissociate=dissociate, consumers=confirmed
            ),
            done=done,
        )

    def _look_for_consumers(self, targets: list[tuple[int, int]], rows: list[CertificateRow]) -> None:
        from certtui.screens.container_of import fetched_certificates

        backend = self.backend
        self.work(
            lambda: fetched_certificates(backend),
            done=lambda ids: self._ask_delete_many(targets, rows, ids),
            key="target",
        )

    def _ask_delete_many(
        self, targets: list[tuple[int, int]], rows: list[CertificateRow], fetched: frozenset[int]
    ) -> None:
        from certtui.screens.delete import DeleteDialog, deletion_of_many

        names = {row.id: row.name for row in rows}

        def answered(dissociate: bool | None) -> None:
            if dissociate is not None:
                self.work(
                    lambda: self.backend.certificates.delete_many(targets, dissociate=dissociate),
                    done=lambda outcome: self._many_deleted(outcome, names),
                )

        self.app.push_screen(DeleteDialog(deletion_of_many(len(targets), rows, fetched)), answered)

    def _many_deleted(self, outcome: BulkOutcome, names: dict[int, str]) -> None:
        self.deleted(outcome.done)
        self._report(outcome, "Deleted", names)

    # -- inside --------------------------------------------------------------------------------------------------

    def _one_or_many(
        self, one: Callable[[Certificate], object], many: Callable[[list[tuple[int, int]]], object]
    ) -> None:
        targets = self.targets()
        match targets:
            case []:
                self.say("There is no row here.", "warn")
            case [(certificate_id, _)]:
                self.work(lambda: self.backend.certificates.get(certificate_id), done=one, key="target")
            case _:
                many(targets)

    def _with_rows(self, targets: list[tuple[int, int]], then: Callable[[list[CertificateRow], int], object]) -> None:
        """Read the rows of these ids, as many as are looked at, and go on."""
        ids = [certificate_id for certificate_id, _ in targets[:LOOKED_AT]]

        def read() -> list[CertificateRow]:
            rows: list[CertificateRow] = []
            for start in range(0, len(ids), CHUNK):
                rows += [record.row for record in self.backend.certificates.records(ids[start : start + CHUNK])]
            return rows

        self.work(read, done=lambda rows: then(rows, len(targets)), key="target")

    def _bulk_done(self, outcome: BulkOutcome, words: str) -> None:
        self.changed()
        self._report(outcome, words, {})

    def _report(self, outcome: BulkOutcome, words: str, names: dict[int, str]) -> None:
        from certtui.screens.delete import outcome_lines
        from certtui.widgets.dialogs import Message

        lines = outcome_lines(outcome, words, names)
        if outcome.skipped:
            self.app.push_screen(Message("Done in part", lines))
        else:
            self.say(f"{words} {len(outcome.done):,}.", "ok")

    def _said(self, sentence: str | None) -> None:
        if sentence:
            self.say(sentence, "ok")

    def _said_and_changed(self, sentence: str | None) -> None:
        if sentence:
            self.changed()
            self.say(sentence, "ok")
