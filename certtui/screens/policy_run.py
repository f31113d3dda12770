"""What a dry run of a policy found: the certificates that it would not pass, each to be opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult

from certtui.actions import Action
from certtui.model.policy_words import dry_run_sentence
from certtui.screens.base import Place
from certtui.widgets.columns import Cell, Column
from certtui.widgets.record_table import RecordTable
from certtui.widgets.safe_text import SafeText

if TYPE_CHECKING:
    from certtui.model.policy import Policy, PolicyDryRun


class FoundRow:
    """One finding; `id` counts from 1."""

    __slots__ = ("certificate_id", "id", "message", "name", "waived")

    def __init__(self, number: int, certificate_id: int, name: str, message: str, waived: bool) -> None:
        self.id = number
        self.certificate_id = certificate_id
        self.name = name
        self.message = message
        self.waived = waived


COLUMNS: tuple[Column[FoundRow], ...] = (
    Column("name", "Certificate", 24, lambda row: Cell(row.name), priority=0, flex=2, most=50),
    Column("message", "What", 40, lambda row: Cell(row.message, "dim" if row.waived else "bad"), priority=0, flex=4, most=160),
    Column("waived", "", 6, lambda row: Cell("waived" if row.waived else "", "note"), priority=3),
)  # fmt: skip


class PolicyRunScreen(Place):
    """The head says the numbers, the list the first findings; `o` puts the policy in force. None is one that is not kept."""

    TITLE = "Dry run"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "list", "policy-run")

    DEFAULT_CSS = """
    PolicyRunScreen #head { padding: 0 1; height: auto; }
    """

    def __init__(self, policy: Policy | None, run: PolicyDryRun) -> None:
        super().__init__()
        self._policy = policy
        self._run = run
        self._rows = [
            FoundRow(
                number,
                each.certificate_id,
                each.certificate_name,
                each.finding.message,
                each.finding.waiver_id is not None,
            )
            for number, each in enumerate(run.findings, 1)
        ]

    def about(self) -> str:
        return self._policy.name if self._policy else "not kept yet"

    def content(self) -> ComposeResult:
        yield SafeText(self.head(), id="head")
        waived = any(row.waived for row in self._rows)
        yield RecordTable(COLUMNS if waived else COLUMNS[:2], self._fetch)

    def head(self) -> str:
        """The sentences on top."""
        run = self._run
        more = run.failing + run.waived - len({row.certificate_id for row in self._rows})
        shown = f" The first {len(self._rows):,} findings are listed." if more > 0 else ""
        return f"{dry_run_sentence(run)}{shown} Nothing was changed."

    @property
    def table(self) -> RecordTable[FoundRow]:
        return self.query_one(RecordTable)

    def ready(self) -> None:
        self.bind_table(self.table)
        self.table.open(len(self._rows))
        self.table.focus()

    def why_not(self, action: Action) -> str:
        if action.id == "policy.switch" and self._policy is None:
            return "it is not kept yet; save the form first."
        if action.id == "policy.switch" and self._policy is not None and self._policy.row.enabled:
            return f"{self._policy.name} is in force already."
        return super().why_not(action)

    def offers(self, action: Action) -> bool:
        if action.id == "policy.switch":
            return self._policy is not None and not self._policy.row.enabled
        if action.id == "list.open":
            return bool(self._rows)
        return hasattr(self, action.method) or hasattr(RecordTable, action.method)

    def word_of(self, action: Action) -> str:
        return "put in force" if action.id == "policy.switch" else super().word_of(action)

    def _fetch(self, start: int, stop: int, generation: int) -> None:
        self.table.deliver(start, self._rows[start:stop], generation)

    def do_list_open(self) -> None:
        row = self.table.current
        if row is not None:
            self.open_screen("certtui.screens.certificate:CertificateScreen", row.certificate_id)

    def on_record_table_opened(self) -> None:
        self.do_list_open()

    def do_policy_switch(self) -> None:
        """Put it in force now that one has seen what it does."""
        from certtui.screens.policy_acts import put_in_force

        def done(now: Policy) -> None:
            self._policy = now
            self.refresh_frame()

        if self._policy is not None:
            put_in_force(self, self._policy, enabled=True, done=done)
