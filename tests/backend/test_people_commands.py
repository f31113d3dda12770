"""`certtui token` as a script uses it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from certtui.cli.token import expiry
from certtui.cli.usage import Usage
from tests.journeys.command_line import Done
from tests.journeys.command_line import certtui as run

NOW = datetime(2026, 6, 15, 12, tzinfo=timezone.utc)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store" / "certtui.db"


def token(store: Path, *argv: str, code: int | None = 0) -> Done:
    return run("--store", store, "token", *argv, code=code)


def test_the_token_alone_is_on_standard_output(store: Path) -> None:
    made = token(store, "create", "ci", "--role", "viewer", "--expires", "90")
    assert made.out.startswith("ctt_")
    assert made.out.count("\n") == 1
    assert "Token 1 stands for ci until" in made.err
    assert made.out.strip() not in made.err


def test_a_token_is_made_listed_and_revoked(store: Path) -> None:
    made = token(
        store, "create", "ci", "--role", "operator", "--export-keys", "--group", "pay", "--group", "ops",
        "--domain", "Example.COM", "--note", "pipeline", "--format", "json",
    ).json  # fmt: skip
    [row] = token(store, "list", "--format", "json").json
    assert "token" not in row
    assert row == {key: value for key, value in made.items() if key != "token"}
    assert (row["role"], row["export_keys"], row["groups"], row["domains"]) == (
        "operator",
        True,
        ["pay", "ops"],
        ["example.com"],
    )
    assert (row["state"], row["expires_at"], row["last_used_at"], row["note"]) == ("valid", None, None, "pipeline")
    assert token(store, "revoke", "1", "--format", "json").json["state"] == "revoked"
    assert "revoked" in token(store, "list").out
    assert token(store, "list", "--format", "csv").out.splitlines()[1].startswith("1,ci,ctt_")
    assert "no token 2" in token(store, "revoke", "2", code=4).err
    assert "no token" in token(store, "revoke", "9" * 30, code=4).err


def test_a_client_certificate_is_mapped_and_unmapped(store: Path) -> None:
    made = token(store, "map", "DNS:ada.example", "ada", "--role", "admin", "--format", "json").json
    assert token(store, "list", "--mapped", "--format", "json").json == [made]
    assert "DNS:ada.example" in token(store, "list", "--mapped").out
    assert "stands for ada already" in token(store, "map", "dns:ADA.example", "bob", "--role", "viewer", code=1).err
    assert token(store, "unmap", "1", "--format", "json").json == {"id": 1, "removed": True}
    assert token(store, "list", "--mapped", "--format", "json").json == []


def test_nothing_is_listed_where_there_is_no_store(store: Path) -> None:
    assert token(store, "list", "--format", "json").json == []
    assert "no tokens" in token(store, "list").err
    assert not store.exists()


@pytest.mark.parametrize(
    "argv",
    [
        ("create", "ci"),
        ("create", "ci", "--role", "owner"),
        ("create", "ci", "--role", "viewer", "--expires", "soon"),
        ("create", "ci", "--role", "viewer", "--expires", "0"),
        ("revoke", "all"),
    ],
)
def test_a_wrong_command_line_is_a_usage_error(store: Path, argv: tuple[str, ...]) -> None:
    assert token(store, *argv, code=2).out == ""


@pytest.mark.parametrize(
    "argv",
    [
        ("create", "", "--role", "viewer"),
        ("create", "ci", "--role", "viewer", "--domain", "exa mple"),
        ("create", "ci", "--role", "viewer", "--expires", "2020-01-01"),
        ("map", "ada", "ada", "--role", "viewer"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(store: Path, argv: tuple[str, ...]) -> None:
    done = token(store, *argv, code=1)
    assert done.out == ""
    assert done.err.startswith("certtui: ")


def test_an_expiry_is_days_or_the_beginning_of_a_day() -> None:
    assert expiry("90", NOW) == NOW + timedelta(days=90)
    assert expiry("2027-01-31", NOW) == datetime(2027, 1, 31, tzinfo=timezone.utc)
    for wrong in ("", "-1", "0", "2027-02-30", "1e3", "٣", "999999999", "36501"):
        with pytest.raises(Usage):
            expiry(wrong, NOW)
