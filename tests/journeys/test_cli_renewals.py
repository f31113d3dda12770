"""`certtui renewals`: what renews when, and what shorter lifetimes would cost, for people and for programs."""

from __future__ import annotations

from tests.journeys.command_line import certtui


def test_what_renews_when_is_told_in_words_and_in_numbers() -> None:
    assert certtui("renewals").err.splitlines()[-1] == "Nothing renews in the next 30 days."
    assert certtui("renewals", "--days", "1").err.splitlines()[-1] == "Nothing renews in the next day."
    assert "Nothing renews itself." in certtui("renewals", "list").err
    certtui("ca", "create-root", "Root", "--key", "ec-256")
    certtui("ca", "create-intermediate", "Issuing", "--parent", "Root", "--key", "ec-256", "--no-profile")
    certtui("authority", "add", "internal", "--type", "local", "--set", "ca=Issuing")
    for name, days, renew in (("shop", "20", "5"), ("api", "20", "5"), ("old", "20", "0")):
        create = ("order", "create", "--authority", "internal", "--cn", f"{name}.example.com", "--days", days)
        certtui(*create, "--auto-renew", renew, "--submit")

    told = certtui("renewals")
    rows = [line.split() for line in told.out.splitlines()[1:]]
    assert [row[-2:] for row in rows if "internal" in row] == [["internal", "2"]]
    assert rows[0] == ["due", "now", "-", "-"] or rows[0][1] == "days", "what is empty is one row"
    assert "Next 30 days: 2, 0.07 a day, most on" in told.err
    document = certtui("renewals", "--days", "30", "--format", "json").json
    assert (document["total"], document["later"]) == (2, 0)
    assert [(day["count"], day["by"]) for day in document["days"]] == [(2, {"internal": 2})]
    assert certtui("renewals", "--format", "csv").out.splitlines()[1].endswith(",2,internal")

    certtui("authority", "disable", "internal")
    assert "2 blocked" in certtui("renewals").err
    listed = certtui("renewals", "list", "state:blocked", "--sort", "-name")
    assert [line.split()[1] for line in listed.out.splitlines()[1:]] == ["shop.example.com", "api.example.com"]
    assert "internal is disabled." in listed.out
    (row,) = certtui("renewals", "list", "name:api", "--format", "json").json
    assert (row["state"], row["auto_renew_days"], row["authority"]) == ("blocked", 5, "internal")

    assert [each["name"] for each in certtui("list", "auto_renew_days:5", "--format", "json").json] == [
        "api.example.com", "shop.example.com",
    ]  # fmt: skip
    for wrong in (("calendar", "shop"), ("list", "--days", "5"), ("list", "state:open"), ("forecast",)):
        certtui("renewals", *wrong, code=2)
    certtui("renewals", "--days", "0", code=1)


def test_an_edit_says_where_the_authority_would_refuse_to_renew() -> None:
    certtui("ca", "create-root", "Root", "--key", "ec-256")
    for name, permitted in (("Issuing", ()), ("Narrow", ("--permit", "DNS:example.org"))):
        certtui("ca", "create-intermediate", name, "--parent", "Root", "--key", "ec-256", "--no-profile", *permitted)
    certtui("authority", "add", "internal", "--type", "local", "--set", "ca=Issuing")
    certtui("authority", "add", "narrow", "--type", "local", "--set", "ca=Narrow")
    certtui("order", "create", "--authority", "internal", "--cn", "shop.example.com", "--auto-renew", "0", "--submit")
    refused = certtui("edit", "shop.example.com", "--authority", "narrow", "--auto-renew", "7").err
    assert "It would not be renewed as it is:" in refused
    assert "may not issue for shop.example.com" in refused
    assert "would not" not in certtui("edit", "shop.example.com", "--authority", "internal").err


def test_the_simulator_tells_what_shorter_lives_cost() -> None:
    certtui("ca", "create-root", "Root", "--key", "ec-256")
    certtui("ca", "create-intermediate", "Issuing", "--parent", "Root", "--key", "ec-256", "--no-profile")
    certtui("authority", "add", "internal", "--type", "local", "--set", "ca=Issuing")
    create = ("order", "create", "--authority", "internal", "--cn", "shop.example.com", "--days", "90", "--submit")
    certtui(*create, "--auto-renew", "7")
    certtui(*create, "--cn", "hand.example.com", "--auto-renew", "0")
    told = certtui("renewals", "simulate")
    cells = {line[:24].strip(): line[24:].split() for line in told.out.splitlines()}
    assert cells["by internal"] == ["0.01", "0.01", "0.01", "0.03"]
    assert cells["don't renew themselves"] == ["1", "1", "1", "1"]
    assert "Under 47 days there are 2.1 times as many renewals as today. 1 of 2 needs a person then" in told.err
    document = certtui("renewals", "simulate", "--format", "json").json
    assert [each["limit"] for each in document["scenarios"]] == [0, 200, 100, 47]
    assert document["scenarios"][3]["by"] == {"internal": 0.025}
