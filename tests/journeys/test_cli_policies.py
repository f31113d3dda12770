"""Policies on the command line: ready-made ones, tried, in force; what they refuse, ask and let pass."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.journeys.command_line import certtui, make_estate

pytestmark = pytest.mark.real("openssl")


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_estate(tmp_path_factory.mktemp("estate"))


def short(*more: str) -> str:
    """A policy about imports that nothing of the estate meets: its id."""
    made = certtui("policy", "add", "short", "--about", "import", "--max-days", "1", "--format", "json", *more)
    return str(made.json["id"])


def test_a_ready_made_set_is_added_and_read_in_sentences() -> None:
    sets = certtui("policy", "sets", "--format", "json").json
    assert [each["name"] for each in sets] == ["Public TLS today", "Internal modern", "Strict"]
    added = certtui("policy", "add-set", "public tls today", "--format", "json").json
    assert [each["enabled"] for each in added] == [False, False, False]
    shown = certtui("policy", "show", "Public TLS: validity").out
    assert "100 days when issued from 2027-03-15 on" in shown
    assert "Public TLS: names" in certtui("policy", "list").out


def test_a_policy_goes_out_as_json_and_comes_in_again(tmp_path: Path) -> None:
    short("--allow-name", "*.example.com", "--outcome", "soft", "--max-days", "47@2029-03-15")
    file = tmp_path / "policy.json"
    document = certtui("policy", "show", "short", "--format", "json").json
    file.write_text(json.dumps(document))
    certtui("policy", "add", "again", "--file", file)
    again = certtui("policy", "show", "again", "--format", "json").json
    assert (again["rules"], again["scope"], again["outcome"]) == (document["rules"], document["scope"], "soft")
    assert again["rules"]["validity"] == [{"days": 1}, {"days": 47, "from_date": "2029-03-15"}]


def test_an_edit_changes_one_rule_and_clears_another() -> None:
    short("--key", "rsa-2048")
    certtui("policy", "edit", "short", "--rename", "keys", "--clear", "validity", "--outcome", "soft")
    after = certtui("policy", "show", "keys", "--format", "json").json
    assert (after["rules"], after["outcome"], after["version"]) == ({"keys": ["rsa-2048"]}, "soft", 2)
    assert after["scope"]["acts"] == ["import"]


def test_a_hard_policy_in_force_refuses_with_exit_code_5(estate: Path) -> None:
    short("--description", "Ask pki@example.com.")
    pair = (estate / "fullchain.pem", "--key", estate / "www.key")
    tried = certtui("policy", "enable", "short").err
    assert "in force" in tried
    refused = certtui("import", *pair, code=5)
    assert "“short”" in refused.err
    assert "Ask pki@example.com." in refused.err
    assert certtui("list", "--format", "json").json == []
    certtui("policy", "disable", "short")
    certtui("import", *pair)


def test_a_soft_policy_asks_for_a_reason_and_keeps_it(estate: Path) -> None:
    short("--outcome", "soft", "--enable")
    pair = (estate / "fullchain.pem", "--key", estate / "www.key")
    assert "--reason" in certtui("import", *pair, code=1).err
    certtui("import", *pair, "--reason", "the old box")
    event = certtui("audit", "list", "event:certificate.policy_soft_fail", "--format", "json").json
    assert "the old box" in json.dumps(event)


def test_a_bulk_import_rejects_what_a_policy_keeps_out_and_goes_on(estate: Path) -> None:
    short("--enable")
    done = certtui("import", estate / "fullchain.pem", code=3)
    assert "www.example.com: Policy “short”" in done.err
    # CA certificates are left out of a policy that does not name them.
    assert [each["name"] for each in certtui("list", "--format", "json").json] == ["Example CA"]


def test_a_waiver_lets_it_pass_until_it_is_taken_away(estate: Path) -> None:
    short("--outcome", "soft", "--enable")
    waive = ("policy", "waive", "short", "--owner", "ada", "--reason", "until May", "--until", "90")
    certtui(*waive, code=1)
    waiver = certtui(*waive, "--entry", "www.*", "--format", "json").json
    assert "until May" in certtui("policy", "waivers").out
    run = certtui("policy", "dry-run", "short", "--format", "json").json
    assert run["judged"] == 0
    certtui("import", estate / "fullchain.pem", "--key", estate / "www.key")
    run = certtui("policy", "dry-run", "short", "--format", "json", "--fail-if-any").json
    assert (run["failing"], run["waived"]) == (0, 1)
    certtui("policy", "unwaive", str(waiver["id"]))
    done = certtui("policy", "dry-run", "short", "--fail-if-any", code=1)
    assert "1 would fail" in done.err
    assert "www.example.com" in done.out


def test_nonsense_is_said_with_what_is_right(tmp_path: Path) -> None:
    assert "rsa-2048" in certtui("policy", "add", "x", "--key", "toast", code=1).err
    assert "200" in certtui("policy", "add", "x", "--max-days", "many", code=2).err
    assert "no policy" in certtui("policy", "show", "nothing", code=4).err
    file = tmp_path / "p.json"
    file.write_text('{"name": "x", "rules": {"keyz": []}}')
    assert "keyz" in certtui("policy", "add", "--file", file, code=1).err
    assert certtui("policy", "dry-run", code=2).err
    short("--enable")
    assert "--yes" in certtui("policy", "remove", "short", code=2).err
    certtui("policy", "remove", "short", "--yes")
