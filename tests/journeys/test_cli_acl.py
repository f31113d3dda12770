"""Access lists on the command line: written, read, and asked who reaches what."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.command_line import certtui, make_estate

pytestmark = pytest.mark.real("openssl")


@pytest.fixture
def name(tmp_path: Path) -> str:
    """A certificate with its key in the store."""
    estate = make_estate(tmp_path)
    certtui("import", estate / "fullchain.pem", "--key", estate / "www.key")
    found: str = certtui("list", "has:key", "--format", "json").json[0]["name"]
    return found


def test_a_list_is_written_and_read(name: str) -> None:
    assert "Group uses   yes" in certtui("acl", "show", "certificate", name).out
    said = certtui("acl", "set", "certificate", name, "--group-use", "off", "--use", "svc-lb", "--read", "bob")
    assert "svc-lb" in said.out
    certtui("acl", "set", "certificate", name, "--use", "bob", "--remove", "svc-lb")
    acl = certtui("acl", "show", "certificate", name, "--format", "json").json
    assert (acl["version"], acl["read_group"], acl["use_group"]) == (2, True, False)
    assert (acl["readers"], acl["users"]) == ([], ["bob"])


def test_nothing_to_change_and_nobody_to_remove_are_said(name: str) -> None:
    assert "Nothing to change" in certtui("acl", "set", "certificate", name, code=2).err
    assert "eve is not on the list" in certtui("acl", "set", "certificate", name, "--remove", "eve", code=2).err
    assert certtui("acl", "show", "certificate", name, "--format", "json").json["version"] == 0


def test_who_can_use_this_key_and_what_can_this_token_reach(name: str) -> None:
    for actor, more in (("svc-lb", ["--export-keys"]), ("bob", [])):
        certtui("token", "create", actor, "--role", "viewer", *more)
    certtui("acl", "set", "certificate", name, "--group-use", "off", "--use", "svc-lb")
    who = certtui("acl", "who", "certificate", name)
    assert "The list names them." in who.out
    assert "needs none of these" in who.err
    found = {one["name"]: one for one in certtui("acl", "who", "certificate", name, "--format", "json").json}
    assert (found["svc-lb"]["takes_key"], found["bob"]["reads"], found["bob"]["uses"]) == (True, True, False)
    reach = certtui("acl", "reach", "1", "--format", "json").json
    assert reach["counts"]["certificate"]["uses"] == 1
    assert [one["object_name"] for one in reach["named"]] == [name]
    assert certtui("acl", "reach", "token:2", "--format", "json").json["counts"]["certificate"]["uses"] == 0
    assert "mapping:2" in certtui("acl", "reach", "x", code=2).err
    assert certtui("acl", "reach", "9", code=None).err
