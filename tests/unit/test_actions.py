"""The registry of acts: the rules of keys, rebinding, and the table in the docs."""

from __future__ import annotations

from pathlib import Path

import pytest

from certtui import keys_docs
from certtui.actions import ACTIONS, CONTEXTS, TOGETHER, Action
from certtui.errors import Invalid
from certtui.keys import Keys, key_label

FORBIDDEN = {"ctrl+a", "ctrl+b", "ctrl+h", "ctrl+i", "ctrl+j", "ctrl+m", "ctrl+left_square_bracket"}
DOCS = Path(__file__).parent.parent.parent / "docs" / "keys.md"


def test_every_act_has_its_own_id() -> None:
    assert len({action.id for action in ACTIONS}) == len(ACTIONS)


def test_every_context_is_known() -> None:
    assert {context for action in ACTIONS for context in action.contexts} <= set(CONTEXTS)


def test_every_act_says_in_a_sentence_what_it_does() -> None:
    assert [action.id for action in ACTIONS if not action.help.endswith(".")] == []


def test_no_key_is_one_that_screen_tmux_or_the_terminal_take() -> None:
    assert [action.id for action in ACTIONS if FORBIDDEN & set(action.keys)] == []


def test_no_act_that_destroys_is_a_slip_away_from_a_harmless_one() -> None:
    for contexts in TOGETHER:
        acts = Keys().within(contexts)
        harmless = {key.lower() for action in acts if not action.danger for key in action.keys}
        assert [a.id for a in acts if a.danger and harmless & {key.lower() for key in a.keys}] == []


def test_no_act_that_destroys_is_on_ctrl_d() -> None:
    assert [action.id for action in ACTIONS if action.danger and "ctrl+d" in action.keys] == []


def test_an_act_that_destroys_also_changes() -> None:
    assert [action.id for action in ACTIONS if action.danger and not action.changes] == []


def test_no_two_acts_of_one_screen_share_a_key() -> None:
    Keys()


def test_a_person_may_put_an_act_on_another_key() -> None:
    keys = Keys({"certificate.export": ["E", "ctrl+e"]})
    assert keys.of("certificate.export") == ("E", "ctrl+e")
    assert keys.label("certificate.export") == "E"


def test_a_person_may_take_the_key_of_an_act_away() -> None:
    assert Keys({"certificate.export": []}).label("certificate.export") == ""


def test_keys_are_given_as_a_person_writes_them() -> None:
    assert Keys({"list.filter": ["?"], "app.help": ["f1"]}).of("list.filter") == ("question_mark",)


def test_a_key_that_would_mean_two_acts_is_refused_by_both_names() -> None:
    with pytest.raises(Invalid, match=r"'certificate\.(add|export)'.*'certificate\.(add|export)'"):
        Keys({"certificate.export": ["a"]})


def test_the_same_key_on_two_screens_is_no_clash() -> None:
    assert Keys({"resource.add": ["d"], "certificate.add": ["d"]}).of("resource.add") == ("d",)


def test_a_destructive_act_may_not_come_near_a_harmless_key() -> None:
    with pytest.raises(Invalid, match="too near"):
        Keys({"certificate.delete": ["E"]})


def test_an_act_that_does_not_exist_is_refused() -> None:
    with pytest.raises(Invalid, match=r"no act named 'certificate\.expert'") as caught:
        Keys({"certificate.expert": ["e"]})
    assert "certificate.export" in caught.value.hint


def test_a_key_is_written_as_a_person_reads_it() -> None:
    assert [key_label(key) for key in ("slash", "ctrl+d", "escape", "pagedown")] == ["/", "ctrl+d", "esc", "pgdn"]


def test_on_a_screen_of_text_fields_a_key_that_types_nothing_is_named() -> None:
    assert Keys().label("app.help") == "?"
    assert Keys().label_while_typing("app.help") == "f1"
    assert Keys().label_while_typing("list.filter") == ""


def test_every_act_stands_in_the_docs() -> None:
    assert [action.id for action in ACTIONS if f"`{action.id}`" not in keys_docs.page()] == []


def test_the_method_of_an_act_follows_from_its_id() -> None:
    assert Action("store.set-passphrase", "", "", (), ()).method == "do_store_set_passphrase"


def test_the_table_in_the_docs_is_made_from_the_registry() -> None:
    assert DOCS.read_text(encoding="utf-8") == keys_docs.page(), "run: python -m certtui.keys_docs > docs/keys.md"
