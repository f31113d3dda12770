"""What an access list comes to, in words."""

from __future__ import annotations

import pytest

from certtui.model.acl import Acl
from certtui.model.acl_words import effect, in_charge, joined, lockout, restriction_words, strangers
from certtui.model.certificate import Restriction


def acl(kind: str = "certificate", **more: object) -> Acl:
    said = {"read_group": True, "use_group": True, "readers": (), "users": (), "owner": "ada", "business_group": "pay"}
    return Acl(kind, 1, "lb", 1, **{**said, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (acl(), "The group pay reads it and uses the key, as far as their role goes."),
        (acl(business_group=""), "Everybody of its scope reads it and uses the key, as far as their role goes."),
        (acl(use_group=False), "Only its owner ada uses the key; the group pay reads it."),
        (acl(use_group=False, owner=""), "Nobody uses the key; the group pay reads it."),
        (
            acl(use_group=False, users=("ada", "svc-lb")),
            "Only svc-lb and its owner ada use the key; the group pay reads it.",
        ),
        (
            acl(use_group=False, users=tuple("bcdefg")),
            "Only b, c, d, 3 more and its owner ada use the key; the group pay reads it.",
        ),
        (
            acl(read_group=False, use_group=False, users=("svc-lb",), readers=("bob",)),
            "Only svc-lb and its owner ada use the key; bob reads it; to others of the group pay it is not there. "
            "Admins read it.",
        ),
        (
            acl(read_group=False, readers=("bob",)),
            "Only bob and its owner ada read it and use the key; to others of the group pay it is not there. "
            "Admins may both.",
        ),
        (acl("container", use_group=False), "Only its owner ada uses its parts; the group pay reads it."),
    ],
)
def test_a_list_is_said_in_a_sentence(given: Acl, said: str) -> None:
    assert effect(given) == said


def test_a_group_keeps_its_letters() -> None:
    assert effect(acl(business_group="PayTeam")).startswith("The group PayTeam reads it")


def test_only_an_admin_who_loses_the_use_is_warned() -> None:
    before, after = acl(), acl(use_group=False, users=("bob",))
    assert lockout(before, after, "root", owns_store=False).startswith("You (root) would not use the key any more.")
    assert lockout(before, after, "bob", owns_store=False) == ""
    assert lockout(before, after, "ada", owns_store=False) == ""
    assert lockout(before, after, "root", owns_store=True) == ""
    assert lockout(after, after, "root", owns_store=False) == ""


def test_names_that_nobody_comes_in_by_are_told() -> None:
    assert strangers(("bob", "ada"), ("bob",), "ada") == ""
    said = strangers(("eve", "mallory", "bob"), ("bob",), "ada")
    assert said == "No token and no client certificate stands for eve or mallory yet."


def test_owner_and_admins_are_in_charge() -> None:
    assert [in_charge(acl(), *who) for who in (("ada", "operator"), ("x", "admin"), ("x", "owner"), ("x", "operator"))] == [
        True, True, True, False,
    ]  # fmt: skip
    assert not in_charge(acl(owner=""), "", "operator")


def test_an_entry_says_what_restricts_it() -> None:
    own = Restriction("certificate", read_group=True, use_group=False, readers=1, users=2)
    filed = Restriction("repository", read_group=False, use_group=False, readers=1, users=2)
    assert restriction_words((own,)) == "restricted: 2 may use"
    assert (
        restriction_words((own, filed)) == "restricted: 2 may use; restricted by its repository: 3 may read, 2 may use"
    )
    assert restriction_words(()) == ""


def test_many_names_are_cut() -> None:
    assert joined("a") == "a"
    assert joined(["a", "b"]) == "a and b"
    assert joined(list("abcdef")) == "a, b, c, d and 2 more"
