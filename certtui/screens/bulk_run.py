"""The bulk import under way: behind the dialog with bar, estimate and cancel, off the event loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from certtui.errors import CerttuiError, Interrupted, Locked

if TYPE_CHECKING:
    from certtui.intake import IntakeProgress, IntakeReport
    from certtui.model.certificate import Labels
    from certtui.model.progress import Progress
    from certtui.model.secret import Secret
    from certtui.screens.base import Place

Done = Callable[["IntakeReport", "CerttuiError | None"], object]
"""Gets the report, and what broke the import off, if anything did. What was stored before stays."""


def run_import(
    screen: Place,
    paths: Sequence[Path],
    passwords: Sequence[Secret],
    labels: Labels,
    *,
    command: str,
    done: Done,
    reason: str = "",
    repository_id: int | None = None,
) -> None:
    """Import these paths; a locked store is unlocked when the first key comes, and the import goes on."""
    from certtui.intake import Intake

    inspect = screen.console_app.inspect
    assert inspect is not None, "it opens with the backend"  # noqa: S101
    certificates = screen.backend.certificates

    def act(progress: Progress) -> tuple[IntakeReport, CerttuiError | None]:
        at: tuple[int, int | None] = (0, None)

        def tell(now: IntakeProgress) -> None:
            nonlocal at
            at = (now.files_done, now.files_total)
            stopped()

        def stopped() -> bool:
            # The port raises once the person cancels; the run then ends by itself, at the next whole file.
            try:
                progress(*at)
            except Interrupted:
                return True
            return False

        intake = Intake(
            inspect,
            certificates,
            passwords=passwords,
            labels=labels,
            reason=reason,
            repository_id=repository_id,
            progress=tell,
            cancelled=stopped,
        )
        try:
            return intake.run(list(paths)), None
        except CerttuiError as error:
            return intake.report(), error

    def ended(answer: tuple[IntakeReport, CerttuiError | None]) -> None:
        report, error = answer
        if not isinstance(error, Locked):
            done(report, error)
            return
        from certtui.screens.unlock import unlock

        unlock(
            screen,
            then=lambda: run_import(
                screen,
                paths,
                passwords,
                labels,
                command=command,
                done=done,
                reason=reason,
                repository_id=repository_id,
            ),
            cancelled=lambda: done(report, error),
            why="A private key among the files is sealed by the store key.",
        )

    screen.work_long("Importing", act, done=ended, failed=lambda error: done(_nothing(), error), command=command)


def _nothing() -> IntakeReport:
    from certtui.intake import IntakeReport

    return IntakeReport((), (), (), (), (), cancelled=True)
