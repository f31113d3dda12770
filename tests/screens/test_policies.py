"""The place Policies: the list, a policy's page, its form, trying it, waiving, ready-made ones; and what the add screen is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.widgets import Button

from certtui.errors import NotFound
from certtui.model.policy import Policy, PolicyForm, PolicyRules, PolicyScope, ValidityLimit, WaiverForm
from certtui.screens.certificate import CertificateScreen
from certtui.screens.policies_page import PolicyScreen
from certtui.screens.policy_form import PolicyFormScreen, split_parts
from certtui.screens.policy_reason import ReasonDialog
from certtui.screens.policy_run import PolicyRunScreen
from certtui.widgets.choice_list import ChoiceList
from certtui.widgets.labelled import Entry
from tests.screens.desk import Desk, at_desk, store_at
from tests.screens.estate import Estate, estate
from tests.screens.harness import press, settle, shot, text_of
from tests.screens.memory import NOW

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Estate]:
    with estate(tmp_path) as made:
        yield made


def add(backend, name: str, rules: PolicyRules, outcome: str = "hard", **more) -> Policy:
    return backend.policies.add(PolicyForm(name=name, outcome=outcome, rules=rules, **more))


@pytest.fixture
def made(empty: Estate) -> Estate:
    empty.add("api-gateway", days=29)
    empty.add("billing", key=False, days=20, lived=10)
    policies = empty.backend.policies
    add(
        empty.backend,
        "a year at most",
        PolicyRules(validity=(ValidityLimit(100), ValidityLimit(47, NOW + timedelta(days=90)))),
        description="Short lives are renewed by programs. Ask pki@example.com.",
    )
    soft = add(
        empty.backend,
        "names of ours",
        PolicyRules(allowed_names=("*.example.com",), wildcards=False, keys=("rsa-2048", "ed25519")),
        "soft",
        enabled=True,
        scope=PolicyScope(("import",)),
    )
    policies.waive(WaiverForm(soft.id, "ada", "goes in May", NOW + timedelta(days=90), "old-*", (".example.net",)))
    policies.waive(WaiverForm(soft.id, "bob", "the lab", NOW + timedelta(days=9), "", ("lab.example.org",)))
    return empty


def row_of(made: Estate, name: str) -> Policy:
    return made.backend.policies.get(made.backend.policies.resolve(name))


async def test_an_empty_place_says_what_a_policy_is_and_offers_ready_made_ones(empty: Estate) -> None:
    async with empty.console() as (app, pilot):
        await press(pilot, "8")
        assert "No policy yet." in text_of(app)
        await press(pilot, "p")
        await press(pilot, "enter")
        assert "Public TLS: validity" in text_of(app)
        assert "Added 3 policies, not in force" in text_of(app)
        assert not row_of(empty, "Public TLS: names").row.enabled


async def test_the_page_says_every_rule_as_a_sentence(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "8", "j", "enter")
        assert isinstance(app.screen, PolicyScreen)
        text = text_of(app)
        assert "In force. o takes it out of force." in text
        assert "Every name must fit *.example.com." in text
        assert "Wildcards are not allowed." in text
        assert "goes in May (ada)" in text


async def test_a_dry_run_lists_what_would_fail_and_opens_it_and_puts_the_policy_in_force(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "8", "t")
        assert isinstance(app.screen, PolicyRunScreen)
        assert "Of 2 living certificates, it is about 2; 1 would fail. Nothing was changed." in text_of(app)
        await press(pilot, "enter")
        assert isinstance(app.screen, CertificateScreen)
        assert app.screen.certificate_id == made.ids["api-gateway"]
        await press(pilot, "escape", "o")
        assert row_of(made, "a year at most").row.enabled
        assert "a year at most is in force." in text_of(app)


async def test_putting_it_in_force_offers_a_dry_run_first(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "8", "o")
        assert "Try it on the inventory first" in text_of(app)
        await press(pilot, "enter")
        assert isinstance(app.screen, PolicyRunScreen)
        assert not row_of(made, "a year at most").row.enabled


async def test_it_is_put_in_force_at_once_and_taken_out_again(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "8", "o", "j", "enter")
        assert row_of(made, "a year at most").row.enabled
        await press(pilot, "o")
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
        assert not row_of(made, "a year at most").row.enabled


async def test_one_is_written_in_the_form(empty: Estate) -> None:
    async with empty.console() as (app, pilot):
        await press(pilot, "8", "a")
        form = app.screen
        assert isinstance(form, PolicyFormScreen)
        for name, text in {
            "name": "ours",
            "outcome": "soft",
            "acts": "import",
            "groups": 'payments, "a, b"',
            "allowed_names": "*.example.com, .Example.ORG",
            "wildcards": "no",
            "keys": "rsa-2048 ec-256",
            "validity": "200, 100 from 2027-03-15",
            "max_names": "20",
        }.items():
            form.field(name).put(text)
        form.changed()
        await settle(pilot)
        assert "Every name must fit *.example.com or .example.org." in form.sentence
        await press(pilot, "ctrl+s")
        row = row_of(empty, "ours").row
        assert (row.outcome, row.enabled, row.scope.acts) == ("soft", False, ("import",))
        assert row.scope.groups == ("payments", "a, b")
        assert row.rules.allowed_names == ("*.example.com", ".example.org")
        assert (row.rules.wildcards, row.rules.keys, row.rules.max_names) == (False, ("rsa-2048", "ec-256"), 20)
        assert [limit.days for limit in row.rules.validity] == [200, 100]
        assert "Added ours, not in force." in text_of(app)


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("keys", "toast", "toast is no kind of key."),
        ("validity", "200 since May", "is no limit."),
        ("max_names", "many", "many is no number."),
        ("allowed_names", "a..b", "is no pattern of names."),
        ("registered_domains", "-/-", "is no domain."),
    ],
)
async def test_what_cannot_be_is_said_beside_its_field(empty: Estate, field: str, typed: str, said: str) -> None:
    async with empty.console() as (app, pilot):
        await press(pilot, "8", "a")
        form = app.screen
        assert isinstance(form, PolicyFormScreen)
        form.field("name").put("x")
        form.field(field).put(typed)
        form.changed()
        await settle(pilot)
        assert said in form.field(field).said
        await press(pilot, "ctrl+s")
        assert app.screen is form


async def test_a_policy_without_a_rule_is_not_saved(empty: Estate) -> None:
    async with empty.console() as (app, pilot):
        await press(pilot, "8", "a")
        form = app.screen
        assert isinstance(form, PolicyFormScreen)
        form.field("name").put("x")
        await press(pilot, "ctrl+s")
        assert form.field("allowed_names").said == "A policy needs a rule."


async def test_what_the_form_says_is_tried_before_it_is_kept(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "8", "a")
        form = app.screen
        assert isinstance(form, PolicyFormScreen)
        await press(pilot, "ctrl+t")
        assert "There is nothing to try yet" in text_of(app)
        form.field("validity").put("100")
        form.changed()
        await settle(pilot)
        await press(pilot, "ctrl+t")
        assert isinstance(app.screen, PolicyRunScreen)
        assert "1 would fail" in text_of(app)
        assert "put in force" not in text_of(app)
        await press(pilot, "escape")
        assert app.screen is form
        assert form.field("validity").value == "100"


async def test_an_edit_shows_what_is_there_and_changes_what_was_typed(made: Estate) -> None:
    before = row_of(made, "names of ours").row
    async with made.console() as (app, pilot):
        await press(pilot, "8", "j", "l")
        form = app.screen
        assert isinstance(form, PolicyFormScreen)
        assert form.field("keys").value == "rsa-2048, ed25519"
        form.field("keys").put("ec-384")
        await press(pilot, "ctrl+s")
        after = row_of(made, "names of ours").row
        assert after.rules.keys == ("ec-384",)
        assert (after.rules.allowed_names, after.scope, after.enabled) == (
            before.rules.allowed_names,
            before.scope,
            True,
        )


async def test_a_change_under_ones_feet_keeps_what_was_typed(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "8", "j", "l")
        form = app.screen
        assert isinstance(form, PolicyFormScreen)
        now = row_of(made, "names of ours")
        made.backend.policies.edit(now.id, now.version, PolicyForm(enabled=False))
        form.field("keys").put("ec-384")
        await press(pilot, "ctrl+s")
        assert "was changed in the meantime" in text_of(app)
        await press(pilot, "ctrl+s")
        assert row_of(made, "names of ours").row.rules.keys == ("ec-384",)


async def test_a_waiver_is_made_and_ended(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "8", "j", "enter", "w")
        dialog = app.screen
        dialog.query_one("#names", Entry).value = "x.example.org"
        dialog.query_one("#accept", Button).press()
        await settle(pilot)
        assert "A waiver needs a reason." in text_of(app)
        dialog.query_one("#reason", Entry).value = "moving"
        dialog.query_one("#accept", Button).press()
        await settle(pilot)
        assert row_of(made, "names of ours").row.waiver_count == 3
        await press(pilot, "G", "enter")
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
        assert row_of(made, "names of ours").row.waiver_count == 2


async def test_nothing_is_waived_from_a_hard_policy(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "8", "w")
        assert "is hard: nothing is waived from it" in text_of(app)


async def test_removing_asks_first(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "8", "x")
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
        with pytest.raises(NotFound):
            row_of(made, "a year at most")
        assert "Removed a year at most." in text_of(app)


async def test_read_only_refuses_to_change_but_tries(tmp_path: Path, made: Estate) -> None:
    with estate(tmp_path, read_only=True) as reading:
        async with reading.console() as (app, pilot):
            await press(pilot, "8", "a")
            assert "This was opened read-only." in text_of(app)
            await press(pilot, "t")
            assert isinstance(app.screen, PolicyRunScreen)


# --- what the add screen is told --------------------------------------------------------------------------------------


def desk_policy(backend, outcome: str) -> None:
    rules = PolicyRules(forbidden_names=("**",))
    add(backend, "none at all", rules, outcome, enabled=True, scope=PolicyScope(("import",)), description="Ask ada.")


async def add_pair(desk: Desk, folder: Path) -> None:
    from tests.certs import make_cert

    made = make_cert("www.example.com")
    (folder / "www.pem").write_bytes(made.pem + made.key_pem)
    await desk.fill(method="pair")
    await desk.fill(certificate=str(folder / "www.pem"))
    await desk.press("ctrl+s")


async def test_a_soft_policy_asks_why_and_then_adds(tmp_path: Path) -> None:
    backend = store_at(tmp_path)
    desk_policy(backend, "soft")
    async with at_desk(backend) as desk:
        await add_pair(desk, tmp_path)
        assert isinstance(desk.app.screen, ReasonDialog)
        assert "none at all (soft)" in text_of(desk.app)
        desk.app.screen.query_one("#accept", Button).press()
        await settle(desk.pilot)
        assert "Say why." in text_of(desk.app)
        desk.app.screen.query_one("#reason", Entry).value = "the old box"
        desk.app.screen.query_one("#accept", Button).press()
        await settle(desk.pilot)
        assert [row.common_name for row in desk.rows()] == ["www.example.com"]
        event = backend.audit.get(backend.audit.head().seq)
        assert event.event == "certificate.policy_soft_fail"
        assert "the old box" in event.detail


async def test_thinking_better_of_it_keeps_the_form(tmp_path: Path) -> None:
    backend = store_at(tmp_path)
    desk_policy(backend, "soft")
    async with at_desk(backend) as desk:
        await add_pair(desk, tmp_path)
        await desk.press("escape")
        assert desk.form.field("certificate").value.endswith("www.pem")
        assert desk.rows() == []
        await desk.press("ctrl+s")
        assert isinstance(desk.app.screen, ReasonDialog)


async def test_a_hard_policy_says_which_and_whom_to_ask(tmp_path: Path) -> None:
    backend = store_at(tmp_path)
    desk_policy(backend, "hard")
    async with at_desk(backend) as desk:
        await add_pair(desk, tmp_path)
        text = text_of(desk.app)
        assert "A policy refuses this" in text
        assert "Ask ada." in text
        await desk.press("escape")
        assert desk.rows() == []
        assert desk.form


async def test_a_bulk_import_goes_on_and_one_reason_takes_in_what_was_kept_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.certs import make_cert

    monkeypatch.setattr("certtui.screens.form.PAUSE", 0)
    monkeypatch.setattr("certtui.screens.bulk.USUAL", ())
    folder = tmp_path / "certs"
    folder.mkdir()
    for number, name in enumerate(("a.example.com", "b.example.org")):
        (folder / f"{name}.pem").write_bytes(make_cert(name, number=number).pem)
    backend = store_at(tmp_path)
    rules = PolicyRules(allowed_names=("*.example.com",))
    add(backend, "ours", rules, "soft", enabled=True, scope=PolicyScope(("import",)))
    async with at_desk(backend, key="i") as desk:
        await desk.fill(path=str(folder))
        await desk.press("ctrl+s")
        assert [row.name for row in desk.rows()] == ["a.example.com"]
        assert "ours" in text_of(desk.app)
        await desk.press("n")
        await desk.write("the lab")
        await desk.press("enter")
        assert [row.name for row in desk.rows()] == ["a.example.com", "b.example.org"]
        assert "the lab" in backend.audit.get(backend.audit.head().seq).detail


def test_parts_stand_between_commas_and_quotes_keep_a_comma() -> None:
    assert split_parts('a, "b, c",, d') == ("a", "b, c", "d")


@SIZES
@pytest.mark.parametrize("what", ["list", "empty", "page", "form", "run", "waive", "sets", "force", "reason"])
async def test_the_policies_look_like_this(
    request: pytest.FixtureRequest, picture: SnapshotAssertion, what: str, size: tuple[int, int]
) -> None:
    backend: Estate = request.getfixturevalue("empty" if what in ("empty", "sets") else "made")
    keys = {
        "page": ("j", "enter"),
        "form": ("j", "l"),
        "run": ("t",),
        "waive": ("j", "w"),
        "sets": ("p",),
        "force": ("o",),
    }
    async with backend.console(size) as (app, pilot):
        await press(pilot, "8", *keys.get(what, ()))
        if what == "reason":
            from certtui.model.policy import PolicySubject

            found = backend.backend.policies.judge(
                PolicySubject("import", ("DNS:*.example.org",), key_algorithm="rsa-1024")
            )
            app.push_screen(ReasonDialog(found, label="Add"))
            await settle(pilot)
        if what == "sets":
            assert app.screen.query(ChoiceList)
        if what == "form":
            # The sentence grows by a line once it is judged, and the fields above give way a frame later.
            await pilot.pause()
            await settle(pilot)
        assert shot(app) == picture
