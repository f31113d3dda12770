"""The place Policies: the rules that requests and imports pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from certtui.actions import Action
from certtui.model.policy import HARD, PolicyRow
from certtui.model.policy_words import rules_in_short, scope_in_short
from certtui.model.query import Query, Sort
from certtui.screens.list_place import ListPlace
from certtui.screens.policy_acts import ActsOnPolicies
from certtui.widgets.columns import Cell, Column

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from certtui.backend.base import Listing
    from certtui.model.filter_fields import Field
    from certtui.model.policy import Policy, PolicySet

COLUMNS: tuple[Column[PolicyRow], ...] = (
    Column("name", "Name", 20, lambda row: Cell(row.name), priority=1, flex=2, most=40, sort="name"),
    Column(
        "outcome", "Outcome", 7, lambda row: Cell(row.outcome, "bad" if row.outcome == HARD and row.enabled else ""),
        priority=2, sort="outcome",
    ),
    Column(
        "enabled", "In force", 8, lambda row: Cell("in force" if row.enabled else "-", "ok" if row.enabled else "dim"),
        priority=1, sort="enabled",
    ),
    Column("about", "About", 12, lambda row: Cell(scope_in_short(row.scope)), priority=4, flex=1, most=40),
    Column("rules", "Asks for", 20, lambda row: Cell(rules_in_short(row.rules)), priority=3, flex=3, most=80),
    Column(
        "waivers", "Waived", 6, lambda row: Cell(str(row.waiver_count), "note" if row.waiver_count else "dim"),
        priority=5, right=True,
    ),
    Column("updated", "Changed", 10, lambda row: Cell(f"{row.updated_at:%Y-%m-%d}", "dim"), priority=7, sort="updated"),
)  # fmt: skip


class PoliciesScreen(ActsOnPolicies, ListPlace[PolicyRow]):
    """The list."""

    PLACE = "policies"
    KINDS = ("policy",)
    TITLE = "Policies"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "place", "list", "policies")
    COLUMNS = COLUMNS
    SORT = Sort("name")
    NOUN = ("policy", "policies")

    def search(self, query: Query) -> Listing[PolicyRow]:
        return self.backend.policies.search(query)

    def fields(self) -> Mapping[str, Field]:
        from certtui.model.filter_fields import POLICY

        return POLICY

    def first_run(self) -> list[str]:
        keys = self.console_app.keys
        return [
            "No policy yet.",
            "A policy is a rule for what is ordered, renewed and imported: names, keys, validity, who may issue.",
            "A hard one refuses; a soft one asks for a word and keeps it on record.",
            "",
            f"{keys.label('policy.sets')}  adds ready-made ones, not in force",
            f"{keys.label('policy.add')}  writes one",
        ]

    def why_not(self, action: Action) -> str:
        if action.id.startswith("policy.") and action.rows and self.is_mounted and self.table.current is None:
            return "there is no row here."
        return super().why_not(action)

    def opened(self, row: PolicyRow) -> None:
        self.open_screen("certtui.screens.policies_page:PolicyScreen", row.id)

    def policy_id(self) -> int | None:
        row = self.table.current
        return None if row is None else row.id

    def made(self, certificate_id: int) -> None:
        """A form that lay over this list made or changed a policy."""
        self.ask(anchor=certificate_id)

    def do_policy_add(self) -> None:
        self.open_screen("certtui.screens.policy_form:PolicyFormScreen")

    def do_policy_sets(self) -> None:
        """Choose a ready-made set."""
        self.work(self.backend.policies.sets, done=self._choose_set, key="sets")

    def _choose_set(self, sets: Sequence[PolicySet]) -> None:
        from certtui.widgets.dialogs import Choose

        lines = ["They are added as they are, not in force: try each, then put it in force.", ""]
        for each in sets:
            lines += [f"{each.name}: {each.description}"]
        options = [(each.name, f"{each.name}  ({len(each.policies)} policies)") for each in sets]
        self.app.push_screen(
            Choose("Ready-made policies", options, lines=lines, command="certtui policy add-set SET"), self._add_set
        )

    def _add_set(self, name: str | None) -> None:
        if name is not None:
            self.work(lambda: self.backend.policies.add_set(name), done=self._added_set, to_the_end=True)

    def _added_set(self, added: Sequence[Policy]) -> None:
        if not added:
            self.say("All policies of this set are here already.")
            return
        self.ask(anchor=added[0].id)
        key = self.console_app.keys.label("policy.try")
        self.say(f"Added {len(added)} policies, not in force. {key} tries the one under the cursor.", "ok")
