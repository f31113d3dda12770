"""Renewal on the command line: who renews what and when, with which key, and what is revoked and still needed."""

from __future__ import annotations

import pytest

from tests.journeys.command_line import certtui
from tests.journeys.test_cli_orders import make_pki

pytestmark = pytest.mark.real("openssl")


def shown(name: str) -> dict:
    return certtui("show", name, "--format", "json").json


def test_from_an_order_to_its_second_successor() -> None:
    make_pki()
    assert certtui("authority", "show", "internal", "--format", "json").json["auto_renew_days"] == 7
    order = ("order", "create", "--authority", "internal", "--cn", "shop.example.com", "--days", "30")
    refused = certtui(*order, "--auto-renew", "30", "--submit", code=1).err
    assert "It lives 30 days, and can't be renewed 30 days before its end.\nGive 1 to 29" in refused
    certtui(*order, "--auto-renew", "10", "--keep-key", "--submit")
    first = shown("shop.example.com")
    assert (first["auto_renew_days"], first["keep_key"]) == (10, True)
    assert "10 days before it expires, with the same key" in certtui("show", "shop.example.com").out
    assert "Give 1 to 29" in certtui("edit", "shop.example.com", "--auto-renew", "30", code=1).err
    certtui("edit", "shop.example.com", "--auto-renew", "5")

    certtui("resource", "add", "lb-west", "--type", "load-balancer")
    certtui("associate", str(first["id"]), "lb-west")
    assert "are about one certificate" in certtui("renew", "--due", "--leave", code=2).err
    renewed = certtui("renew", str(first["id"]), "--leave", "--format", "json").json
    second = shown(str(renewed["certificate_id"]))
    assert (second["auto_renew_days"], second["spki_sha256"]) == (5, first["spki_sha256"])
    assert [each["name"] for each in shown(str(first["id"]))["associations"]] == ["lb-west"]

    revoke = ("revoke", str(second["id"]), "--reason", "keyCompromise")
    plan = certtui(*revoke, "--dry-run", "--format", "json").json
    assert (plan["renews_itself"], plan["why_no_renewal"]) == (True, "")
    certtui(*revoke, "--yes", "--serial", second["serial_number"])
    (due,) = certtui("renew", "--due", "--dry-run", "--format", "json").json
    assert (due["id"], due["revoked"]) == (second["id"], True)
    (order_id,) = certtui("renew", "--due", "--format", "json").json["orders"]
    third = shown(str(certtui("order", "show", str(order_id), "--format", "json").json["certificate_id"]))
    assert third["spki_sha256"] != first["spki_sha256"]
    assert third["keep_key"]
    assert "Nothing is due." in certtui("renew", "--due").err
    certtui("revoke", str(third["id"]), "--no-renew", "--yes", "--serial", third["serial_number"])
    assert certtui("renew", "--due", "--dry-run", "--format", "json").json == []
