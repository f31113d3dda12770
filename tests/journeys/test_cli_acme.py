"""ACME on the command line, word for word as `make lab` tells it."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.journeys.command_line import certtui
from tests.lab import CUSTOMER, TECH, Lab, lab, shown
from tests.pebble import EAB_KEY, EAB_KID


@pytest.mark.real("pebble", "named", "nsupdate")
def test_what_the_laboratory_tells_is_true(tmp_path: Path) -> None:
    with lab() as server:
        told = shown(server, tmp_path).replace("\\\n", " ")
        add, create, show = (
            shlex.split(line)[1:] for line in told.splitlines() if line.startswith(".venv/bin/certtui ")
        )
        tested = certtui(*add)
        assert "Added pebble" in tested.err
        assert tested.out.count("ok ") == 5, tested.out
        assert "`certtui order show 1` tells what it waits for" in certtui(*create).err
        waiting = certtui(*show).out
        assert "pending" in waiting
        assert "Make these 2 records, then leave: the order goes on by itself." in waiting
        assert f"ns1.{CUSTOMER} (127.0.0.1)  no such name" in waiting

        order = certtui("order", "show", CUSTOMER, "--format", "json").json
        script = told.partition("<<'END'\n")[2].partition("END")[0]
        update = shlex.split(next(line for line in told.splitlines() if line.startswith("nsupdate")).partition("<<")[0])
        for line in order["panel"]:
            if line["label"] == "CNAME":
                name, _, target = line["text"].partition(" → ")
                wanted = script.replace(f"_acme-challenge.{CUSTOMER}", name).replace(f"TOKEN.{TECH}", target)
                subprocess.run(update, input=wanted, text=True, check=True)
        looked = certtui("order", "look", CUSTOMER)
        assert "complete" in looked.out + looked.err
        names = certtui("show", CUSTOMER, "--format", "json").json["sans"]
        assert sorted(names) == [f"DNS:*.{CUSTOMER}", f"DNS:{CUSTOMER}", f"DNS:www.{CUSTOMER}"]
        assert re.search(r"Account\s+https://", certtui("authority", "show", "pebble").out)
        preflight(server)
        account()


def preflight(server: Lab) -> None:
    """Without a staging server it is said; here the same one stands in for it, with another account."""
    create = ("order", "create", "--authority", "pebble", "--cn", CUSTOMER)
    refused = certtui(*create, "--preflight", code=1)
    assert "There is no staging server to try it at." in refused.err
    certtui("authority", "edit", "pebble", "--set", f"staging_directory={server.acme.url}")
    failed = certtui(*create, "--preflight", code=1)
    assert "externalAccountRequired" in failed.out or "external account" in failed.out
    eab = ("--set", f"staging_eab_kid={EAB_KID}", "--secret-file", "staging_eab_key=-")
    certtui("authority", "edit", "pebble", *eab, stdin=EAB_KEY.encode())
    tried = certtui(*create, "--preflight").out
    assert re.search(r"ok +Staging order +example.test proved by DNS. Issued by Pebble .*, and thrown away.", tried)
    certtui(*create)
    assert certtui("order", "preflight", "2", "--format", "json").json["ok"]
    assert certtui("order", "show", "2", "--format", "json").json["status"] == "draft"
    certtui("order", "cancel", "2", "--yes")


def account() -> None:
    """Its key, whom the CA writes to, and its end."""
    url = certtui("account", "show", "pebble", "--format", "json").json["url"]
    assert "has another key (ec-384)" in certtui("account", "roll-over", "pebble", "--key", "ec-384").err
    assert (
        "it has a@example.test, b@example.test."
        in certtui("account", "contact", "pebble", "a@example.test", "b@example.test").err
    )
    certtui("account", "contact", "pebble", code=2)
    assert "Add --terms data:" in certtui("account", "agree", "pebble", code=2).err
    shown = certtui("account", "show", "pebble", "--ask").out
    assert re.search(r"As the CA says\s+valid", shown)
    assert re.search(r"Key\s+ec-384", shown)
    assert url in shown
    certtui("order", "create", "--authority", "pebble", "--cn", f"late.{CUSTOMER}", "--submit")
    certtui("account", "deactivate", "pebble", code=2)  # nobody to ask
    assert (
        f"can't be finished then: late.{CUSTOMER}." in certtui("account", "deactivate", "pebble", "--yes", code=2).err
    )
    certtui("account", "deactivate", "pebble", "--yes", "--open-orders", "1")
    closed = certtui("account", "show", "pebble").out
    assert "nothing can be ordered until another one is made on purpose" in closed
    refused = certtui("order", "create", "--authority", "pebble", "--cn", CUSTOMER, "--submit", code=None)
    assert refused.code != 0
    assert "`certtui account new pebble` makes another one." in refused.err
    assert "pebble has another account: https://" in certtui("account", "new", "pebble").err


def test_settings_that_do_not_matter_are_told_and_not_kept() -> None:
    about = certtui("authority", "types").out
    assert "Only where dns is hook." in about
    zone = ("--set", "tech_zone=acme.example.net")
    added = certtui("authority", "add", "le", "--type", "acme", *zone, "--set", "hook=/opt/hook", "--format", "json")
    assert "hook was not kept. Only where dns is hook." in added.err
    assert "hook" not in added.json["settings"]
    edited = certtui("authority", "edit", "le", "--set", "dns=hook", "--set", "hook=/opt/hook", "--format", "json")
    assert "not kept" not in edited.err
    assert edited.json["settings"]["hook"] == "/opt/hook"


def test_one_is_renewed_by_name_and_nothing_is_due_then() -> None:
    certtui("ca", "create-root", "Root", "--key", "ec-256")
    certtui("ca", "create-intermediate", "Issuing", "--parent", "Root", "--key", "ec-256", "--no-profile")
    certtui("authority", "add", "internal", "--type", "local", "--set", "ca=Issuing")
    create = ("order", "create", "--authority", "internal", "--cn", "shop.example.com", "--days", "20", "--submit")
    certtui(*create, "--auto-renew", "5")
    assert re.search(r"Renewal\s+\d{4}-\d\d-\d\d", certtui("show", "shop.example.com").out)
    first = str(certtui("show", "shop.example.com", "--format", "json").json["id"])
    renewed = certtui("renew", "shop.example.com")
    assert "Order 2 renews shop.example.com: it is complete." in renewed.err
    assert "renews it already" not in renewed.err
    assert "renews it already, and is valid. Now there is one more." in certtui("renew", first).err
    assert "Nothing is due." in certtui("renew", "--due", "--dry-run").err
    assert "Nothing is due." in certtui("renew", "--due").err
    assert certtui("renew", "--due", "--format", "json").json == {"orders": [], "problems": []}
    assert certtui("renew", "--due", "--dry-run", "--format", "json").json == []
    for wrong in ((), ("shop", "--due"), ("shop", "--dry-run")):
        certtui("renew", *wrong, code=2)
