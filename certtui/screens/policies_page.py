"""The page of one policy: every rule as a sentence, and its waivers."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from certtui.actions import Action
from certtui.clock import rfc3339
from certtui.model.policy import SOFT
from certtui.model.policy_words import rule_sentences, scope_sentence
from certtui.screens.page import LinesPage
from certtui.screens.policy_acts import ActsOnPolicies
from certtui.widgets.fields import FieldView, Item, blank, heading, sentence, text_line

if TYPE_CHECKING:
    from certtui.model.policy import Policy, PolicyWaiver


class PolicyScreen(ActsOnPolicies, LinesPage):
    """Opened by id; enter on a waiver ends it, after a question."""

    TITLE = "Policy"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "place", "lines", "page", "policy")

    def __init__(self, policy_id: int) -> None:
        super().__init__()
        self._key = policy_id
        self._policy: Policy | None = None

    def about(self) -> str:
        return self._policy.name if self._policy else ""

    def policy_id(self) -> int | None:
        return self._key if self._policy else None

    def changed(self) -> None:
        self.load()

    def made(self, certificate_id: int) -> None:
        """The form that lay over it changed it."""
        self.load()

    def removed(self) -> None:
        if self.app.screen is self and len(self.app.screen_stack) > 1:
            self.app.pop_screen()

    def why_not(self, action: Action) -> str:
        if action.id.startswith("policy.") and self._policy is None:
            return "it is not read yet, or gone."
        return super().why_not(action)

    def load(self) -> None:
        self.work(lambda: self.backend.policies.get(self._key), done=self._loaded, failed=self.cannot, key="get")

    def _loaded(self, policy: Policy) -> None:
        again = self._policy is not None
        self._policy = policy
        row = policy.row
        soft = row.outcome == SOFT
        items = [
            sentence(self._state(policy), "ok" if row.enabled else "note"),
            blank(),
            Item("Name", row.name),
            Item("Outcome", "soft: asks for a word, and keeps it on record" if soft else "hard: refuses"),
            Item("Says", row.description or "nothing of its own"),
            Item("About", scope_sentence(row.scope)),
            Item("Changed", rfc3339(row.updated_at)),
            blank(),
            heading("It asks for"),
        ]
        items += [text_line(said) for _, said in rule_sentences(row.rules)]
        items += [blank(), heading("Waivers")]
        if not policy.waivers:
            items.append(sentence("None." if soft else "None: nothing is waived from a hard policy.", "dim"))
        items += [self._waiver(each) for each in policy.waivers]
        self.show(items, keep=again)

    def _state(self, policy: Policy) -> str:
        keys = self.console_app.keys
        if policy.row.enabled:
            return f"In force. {keys.label('policy.switch')} takes it out of force."
        return (
            f"Not in force. {keys.label('policy.try')} tries it on the inventory, "
            f"{keys.label('policy.switch')} puts it in force."
        )

    def _waiver(self, each: PolicyWaiver) -> Item:
        over = each.expires_at <= self.console_app.clock.now()
        about = ", ".join(filter(None, (each.entry and f"entries like {each.entry}", *each.names)))
        until = f"{'ended' if over else 'until'} {each.expires_at:%Y-%m-%d}"
        text = f"{about}: {each.reason} ({each.owner})"
        return Item(until, text, "dim" if over else "", copies=text, target=("waiver", each.id))

    def on_field_view_opened(self, event: FieldView.Opened) -> None:
        kind, waiver_id = event.target
        if kind != "waiver" or self._policy is None:
            return
        from certtui.widgets.dialogs import Confirm

        if reason := self.why_not(self.console_app.keys.get("policy.waive")):
            self.say(f"End a waiver: {reason}", "warn")
            return
        waiver = next(each for each in self._policy.waivers if each.id == waiver_id)
        lines = [f"{waiver.reason} ({waiver.owner}, until {waiver.expires_at:%Y-%m-%d})", "It counts no more then."]
        self.app.push_screen(
            Confirm("End this waiver", lines, "End it", danger=True, command=f"certtui policy unwaive {waiver_id}"),
            lambda yes: self._end(waiver_id) if yes else None,
        )

    def _end(self, waiver_id: int) -> None:
        def done(_: None) -> None:
            self.load()
            self.say("The waiver counts no more.", "ok")

        self.work(lambda: self.backend.policies.remove_waiver(waiver_id), done=done, to_the_end=True)
