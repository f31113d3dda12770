"""The keys that hold for a person: those of the registry, or others from the settings; and how keys are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from certtui.actions import ACTIONS, TOGETHER, Action
from certtui.errors import Invalid


class Keys:
    """The acts with the keys that hold for this person: the registry's, or the settings' instead.

    `rebound` maps action ids to Textual key names. Raises `Invalid` (field "keys") for an unknown id, for a key that two
    acts of one screen would share, and for a destructive act on a key that the rules of the house refuse.
    """

    def __init__(self, rebound: Mapping[str, Sequence[str]] | None = None, actions: Sequence[Action] = ACTIONS) -> None:
        self.actions = tuple(actions)
        self._by_id = {action.id: action for action in self.actions}
        self._keys = {action.id: action.keys for action in self.actions}
        for action_id, keys in (rebound or {}).items():
            if action_id not in self._by_id:
                raise Invalid(
                    f"There is no act named '{action_id}' to bind a key to.", self._near(action_id), field="keys"
                )
            self._keys[action_id] = tuple(map(key_name, keys))
        self._refuse_clashes()
        self._refuse_traps()

    def get(self, action_id: str) -> Action:
        """The act of this id; KeyError if there is none (a mistake in the program)."""
        return self._by_id[action_id]

    def of(self, action_id: str) -> tuple[str, ...]:
        """The keys of an act, perhaps none."""
        return self._keys[action_id]

    def within(self, contexts: Iterable[str]) -> list[Action]:
        """The acts of these contexts, in the order of the registry."""
        wanted = set(contexts)
        return [action for action in self.actions if wanted.intersection(action.contexts)]

    def label(self, action_id: str) -> str:
        """The first key of an act as a person writes it, "" if it has none."""
        keys = self._keys[action_id]
        return key_label(keys[0]) if keys else ""

    def label_while_typing(self, action_id: str) -> str:
        """Its first key that does not type a character, for screens of text fields; "" if it has none."""
        return next((key_label(key) for key in self._keys[action_id] if len(key_label(key)) > 1), "")

    def _near(self, action_id: str) -> str:
        from difflib import get_close_matches

        near = get_close_matches(action_id, self._by_id, 1)
        return f"Nearest: '{near[0]}'." if near else "docs/keys.md lists all acts by their ids."

    def _refuse_clashes(self) -> None:
        for contexts in TOGETHER:
            holder: dict[str, Action] = {}
            for action in self.within(contexts):
                for key in self._keys[action.id]:
                    other = holder.setdefault(key, action)
                    if other.id != action.id:
                        raise Invalid(
                            f"The key {key_label(key)} would mean both '{other.id}' and '{action.id}' on one screen.",
                            "Give one of them another key in the configuration.",
                            field="keys",
                        )

    def _refuse_traps(self) -> None:
        for contexts in TOGETHER:
            acts = self.within(contexts)
            harmless = {key.lower() for action in acts if not action.danger for key in self._keys[action.id]}
            for action in acts:
                for key in self._keys[action.id]:
                    if action.danger and (key == "ctrl+d" or key.lower() in harmless):
                        raise Invalid(
                            f"The destructive act '{action.id}' may not be on {key_label(key)}: too near to a harmless key.",
                            "Give it a key of its own in the configuration.",
                            field="keys",
                        )


def key_label(key: str) -> str:
    """A Textual key name as a person writes it: `slash` as `/`, `escape` as `esc`."""
    *modifiers, name = key.split("+")
    return "+".join((*modifiers, _LABELS.get(name, name)))


def key_name(label: str) -> str:
    """What a person writes (`/`, `ctrl+e`, `esc`) as a Textual key name."""
    *modifiers, name = label.split("+") if label != "+" else ["plus"]
    return "+".join((*modifiers, _NAMES.get(name, name)))


_LABELS = {
    "slash": "/",
    "question_mark": "?",
    "colon": ":",
    "asterisk": "*",
    "escape": "esc",
    "pagedown": "pgdn",
    "pageup": "pgup",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
}

_NAMES = {label: name for name, label in _LABELS.items()}
