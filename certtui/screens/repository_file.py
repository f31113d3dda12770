"""Filing certificates: choosing the repository, and telling what was not filed and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from certtui.model.query import Gone, Query, Sort
from certtui.model.repository import FilingOutcome
from certtui.record import dataclass

if TYPE_CHECKING:
    from certtui.model.certificate import CertificateRow
    from certtui.model.repository import RepositoryRow
    from certtui.screens.base import Place

OFFERED = 500
NAMED = 3
_TAKE_OUT = -1


@dataclass(frozen=True, slots=True)
class Chosen:
    """Certificates that an act is for: (id, version) as the person saw them, and the rows that were looked at."""

    versions: tuple[tuple[int, int], ...]
    rows: tuple[CertificateRow, ...]

    @property
    def words(self) -> str:
        """The name of one, the number of several."""
        return self.rows[0].name if len(self.versions) == 1 else f"{len(self.versions):,} certificates"

    @property
    def names(self) -> dict[int, str]:
        return {row.id: row.name for row in self.rows}


def chosen_rows(rows: Sequence[CertificateRow]) -> Chosen:
    """These rows, as they are."""
    return Chosen(tuple((row.id, row.version) for row in rows), tuple(rows))


def choose_repository(screen: Place, chosen: Chosen, *, done: Callable[[str], object]) -> None:
    """Ask where these go, and file them there; `done` gets the sentence of what was done."""
    backend = screen.backend

    def read() -> list[RepositoryRow]:
        listing = backend.repositories.search(Query("state:enabled", Sort("name")))
        try:
            return [row for row in listing.rows(0, OFFERED) if not isinstance(row, Gone)]
        finally:
            listing.close()

    def show(repositories: list[RepositoryRow]) -> None:
        from certtui.widgets.dialogs import Choose, Message

        here = {(row.repository_id, row.repository) for row in chosen.rows}
        now, name_now = next(iter(here)) if len(here) == 1 else (None, "")
        options = [(each.id, _offer(each)) for each in repositories if each.id != now]
        if now is not None:
            options.append((_TAKE_OUT, f"Nowhere: take it out of {name_now}"))
        if not options:
            key = screen.console_app.keys.label("go.repositories")
            lines = [f"There is no repository to file it in; {key} and there a makes one."]
            screen.app.push_screen(Message(f"File {chosen.words}", lines))
            return
        names = {each.id: each.name for each in repositories}
        reference = chosen.versions[0][0] if len(chosen.versions) == 1 else "ID …"

        def answered(where: int | None) -> None:
            if where == _TAKE_OUT:
                _take_out(screen, now or 0, name_now, chosen, done=done)
            elif where is not None:
                file_certificates(screen, where, names[where], chosen, done=done)

        dialog = Choose(
            f"File {chosen.words}",
            options,
            lines=moving_lines(chosen.rows),
            command=f"certtui repository add REPO {reference}",
        )
        screen.app.push_screen(dialog, answered)

    screen.work(read, done=show, key="target")


def file_certificates(
    screen: Place, repository_id: int, name: str, chosen: Chosen, *, done: Callable[[str], object]
) -> None:
    """File them; what is kept out is shown with the reason, and a soft policy asks for a word."""
    backend = screen.backend

    def send(versions: Sequence[tuple[int, int]], reason: str, told: Callable[[FilingOutcome], object]) -> None:
        screen.work(
            lambda: backend.repositories.add_certificates(repository_id, versions, reason=reason),
            done=told,
            to_the_end=True,
        )

    def filed(outcome: FilingOutcome) -> None:
        if not outcome.needs_reason:
            report(outcome)
            return
        asking = set(outcome.needs_reason)
        # Version by version, those that are filed have moved on; those that ask have not.
        waiting = [each for each in chosen.versions if each[0] in asking]
        rest = [each for each in outcome.skipped if each[0] not in asking]

        def answered(word: str) -> None:
            def told(later: FilingOutcome) -> None:
                report(FilingOutcome((*outcome.done, *later.done), (*rest, *later.skipped)))

            if word:
                send(waiting, word, told)
            else:
                report(outcome)

        _ask_why(screen, outcome, answered)

    def report(outcome: FilingOutcome) -> None:
        count = len(outcome.done)
        if count:
            what = chosen.names.get(outcome.done[0], "1 certificate") if count == 1 else f"{count:,} certificates"
            done(f"Filed {what} in {name}.")
        if outcome.skipped:
            from certtui.model.certificate import BulkOutcome
            from certtui.screens.delete import outcome_lines
            from certtui.widgets.dialogs import Message

            lines = outcome_lines(BulkOutcome(outcome.done, outcome.skipped), "Filed", chosen.names)
            screen.app.push_screen(Message("Done in part" if count else f"Not filed in {name}", lines))

    send(chosen.versions, "", filed)


def moving_lines(rows: Sequence[CertificateRow]) -> list[str]:
    """From where those move that are filed already."""
    counted = Counter(row.repository for row in rows if row.repository)
    if not counted:
        return []
    if len(rows) == 1:
        return [f"It is filed in {rows[0].repository} now, and leaves that."]
    named = ", ".join(f"{name} ({count:,})" for name, count in counted.most_common(NAMED))
    more = f" and {len(counted) - NAMED:,} more" if len(counted) > NAMED else ""
    return [f"{sum(counted.values()):,} of them are filed already, and leave {named}{more}."]


def _offer(row: RepositoryRow) -> str:
    source = row.data_source.label if row.data_source else ""
    count = "1 certificate" if row.certificates == 1 else f"{row.certificates:,} certificates"
    return "  ".join(filter(None, (row.name, source, count, row.business_group)))


def _ask_why(screen: Place, outcome: FilingOutcome, then: Callable[[str], object]) -> None:
    """Ask for a person's word; "" for none."""
    from certtui.widgets.dialogs import AskText

    wanted = set(outcome.needs_reason)
    said = [why for row_id, why in outcome.skipped if row_id in wanted]
    lines = [*said[:NAMED], *([f"and {len(said) - NAMED:,} more"] if len(said) > NAMED else [])]
    lines.append("Your word is kept in the audit log with your name.")

    def answered(word: str | None) -> None:
        then((word or "").strip())

    screen.app.push_screen(AskText("Why may it pass?", lines, label="File it"), answered)


def _take_out(screen: Place, repository_id: int, name: str, chosen: Chosen, *, done: Callable[[str], object]) -> None:
    backend = screen.backend

    def taken(outcome: FilingOutcome) -> None:
        what = chosen.words if len(outcome.done) == len(chosen.versions) else f"{len(outcome.done):,} certificates"
        done(f"Took {what} out of {name}." if outcome.done else outcome.skipped[0][1])

    screen.work(
        lambda: backend.repositories.remove_certificates(repository_id, chosen.versions), done=taken, to_the_end=True
    )
