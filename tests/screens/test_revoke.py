"""Revoking: what breaks is read first, the code has to be typed, and nothing but Cancel is near."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.widgets import Button

from certtui import confirm_code
from certtui.model.revocation import AuthorityKnows, RevocationForm, RevocationReason
from certtui.screens.replace import PlanDialog
from certtui.screens.revoke import RevokeDialog
from certtui.widgets.choice_row import ChoiceRow
from certtui.widgets.dialogs import Confirm
from certtui.widgets.labelled import Entry
from certtui.widgets.safe_text import SafeText
from tests.backend.issuing import complete, local_authority
from tests.screens.estate import Estate, estate
from tests.screens.harness import press, settle, shot, text_of
from tests.screens.memory import NOW

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])


@pytest.fixture(autouse=True)
def _known_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confirm_code, "new", lambda: "481516")


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Estate]:
    with estate(tmp_path) as made:
        made.add("api-gateway", days=29)
        made.add("billing")
        made.add("old-lb", days=-10)
        used = [made.resource("lb-west"), made.resource("edge-3", "host")]
        made.backend.resources.associate(made.ids["api-gateway"], used, "server")
        yield made


def page_of(made: Estate, name: str):
    return made.backend.certificates.get(made.ids[name])


async def asked(app, pilot) -> RevokeDialog:
    """The dialog, opened by its key."""
    await press(pilot, "ctrl+r")
    dialog = app.screen
    assert isinstance(dialog, RevokeDialog)
    return dialog


async def typed(pilot, dialog: RevokeDialog, text: str, field: str = "#typed") -> None:
    dialog.query_one(field, Entry).value = text
    await settle(pilot)


async def test_it_starts_on_cancel(made: Estate) -> None:
    async with made.page("api-gateway") as (app, pilot, screen):
        await asked(app, pilot)
        await press(pilot, "enter")
        assert app.screen is screen
        assert page_of(made, "api-gateway").revocation is None
        assert made.events()[-1] == "certificate.revoke.requested"


async def test_it_says_what_breaks_and_that_nothing_could_take_its_place(made: Estate) -> None:
    async with made.page("api-gateway") as (app, pilot, _):
        dialog = await asked(app, pilot)
        said = " ".join(dialog.query_one("#plan SafeText", SafeText).raw.split())
        for words in (
            "This can't be undone. These will break:",
            "lb-west load-balancer lb-west.example.com:443",
            "No replacement is in the inventory.",
            "A person must tell Test Issuing CA.",
        ):
            assert words in said
        assert "4 8 1 5 1 6" in text_of(app)


async def test_only_the_right_code_makes_the_act_possible(made: Estate) -> None:
    async with made.page("api-gateway") as (app, pilot, _):
        dialog = await asked(app, pilot)
        accept = dialog.query_one("#accept", Button)
        for text, possible in (
            ("", False),
            ("481517", False),
            ("4815", False),
            ("481516", True),
            ("4 8 1 5 1 6", True),
        ):
            await typed(pilot, dialog, text)
            assert accept.disabled is not possible


async def test_the_code_and_one_more_key_revoke_it(made: Estate) -> None:
    async with made.page("api-gateway") as (app, pilot, screen):
        dialog = await asked(app, pilot)
        dialog.query_one("#typed", Entry).focus()
        await press(pilot, *"481516")
        await press(pilot, "enter")
        assert app.screen is dialog, "enter behind the last digit only goes to the button"
        await press(pilot, "enter")
        assert app.screen is screen
        revocation = page_of(made, "api-gateway").revocation
        assert revocation is not None
        assert revocation.reason is RevocationReason.UNSPECIFIED
        assert "a person must tell" in text_of(app)
        assert made.events()[-1] == "certificate.revoke.confirmed"


async def test_reason_and_date_are_what_was_chosen(made: Estate) -> None:
    async with made.page("api-gateway") as (app, pilot, _):
        dialog = await asked(app, pilot)
        dialog.query_one("#reason", ChoiceRow).value = "keyCompromise"
        await typed(pilot, dialog, "2026-11-01 08:30", "#since")
        assert "whoever has it can be this server" in dialog.query_one("#meaning", SafeText).raw
        await typed(pilot, dialog, "481516")
        dialog.query_one("#accept", Button).press()
        await settle(pilot)
        revocation = page_of(made, "api-gateway").revocation
        assert revocation is not None
        assert revocation.reason is RevocationReason.KEY_COMPROMISE
        assert f"{revocation.invalidity_date:%Y-%m-%d %H:%M}" == "2026-11-01 08:30"


async def test_a_date_that_is_none_is_said_and_keeps_the_dialog(made: Estate) -> None:
    async with made.page("api-gateway") as (app, pilot, _):
        dialog = await asked(app, pilot)
        await typed(pilot, dialog, "481516")
        for text, said in (
            ("yesterday", "yesterday is no date."),
            ("2026-06-01", "is before the certificate existed"),
            ("2026-12-01", "is in the future"),
        ):
            await typed(pilot, dialog, text, "#since")
            dialog.query_one("#accept", Button).press()
            await settle(pilot)
            assert app.screen is dialog
            assert said in dialog.query_one(".problem", SafeText).raw
        assert page_of(made, "api-gateway").revocation is None


async def test_ca_compromise_on_a_leaf_only_warns(made: Estate) -> None:
    async with made.page("billing") as (app, pilot, _):
        dialog = await asked(app, pilot)
        dialog.query_one("#reason", ChoiceRow).value = "cACompromise"
        await settle(pilot)
        assert "not the certificate of a CA" in dialog.query_one("#meaning", SafeText).raw
        await typed(pilot, dialog, "481516")
        dialog.query_one("#accept", Button).press()
        await settle(pilot)
        revocation = page_of(made, "billing").revocation
        assert revocation is not None
        assert revocation.reason is RevocationReason.CA_COMPROMISE


async def test_the_command_line_that_does_the_same_stands_below(made: Estate) -> None:
    async with made.page("billing") as (app, pilot, _):
        dialog = await asked(app, pilot)
        dialog.query_one("#reason", ChoiceRow).value = "superseded"
        await typed(pilot, dialog, "2026-06-01", "#since")
        serial = page_of(made, "billing").x509.serial_number
        line = dialog.query_one(".command", SafeText).raw
        number = made.ids["billing"]
        assert line.endswith(
            f"revoke {number} --reason superseded --invalidity-date 2026-06-01 --yes --serial {serial}"
        )


async def test_one_that_could_take_its_place_is_offered_first(made: Estate) -> None:
    other = made.add("api-new", sans=("*.example.com",))
    async with made.page("api-gateway") as (app, pilot, _):
        dialog = await asked(app, pilot)
        assert f"api-new (id {other}) has the same names" in text_of(app)
        dialog.query_one("#first", Button).press()
        await settle(pilot)
        assert isinstance(app.screen, PlanDialog)
        assert page_of(made, "api-gateway").revocation is None


async def test_where_a_renewal_is_recorded_nothing_is_to_be_done_first(made: Estate) -> None:
    made.add("api-new", sans=("api-gateway.example.com",))
    certificates = made.backend.certificates
    certificates.replace(certificates.plan_replacement(made.ids["api-gateway"], made.ids["api-new"]))
    async with made.page("api-gateway") as (app, pilot, _):
        dialog = await asked(app, pilot)
        assert not dialog.query("#first")
        assert "renews it" in text_of(app)


async def test_it_fits_with_fifty_resources_and_can_be_read_to_the_end(made: Estate) -> None:
    used = [made.resource(f"host-{number:02}", "host") for number in range(50)]
    made.backend.resources.associate(made.ids["billing"], used, "server")
    async with made.page("billing") as (app, pilot, _):
        dialog = await asked(app, pilot)
        for selector in ("#reason", "#typed", "#accept", "#cancel", "#code"):
            region = dialog.query_one(selector).region
            assert 0 < region.y < 23
            assert region.height
        assert "No replacement is in the inventory." not in text_of(app)
        await press(pilot, *["pagedown"] * 12)
        assert "No replacement is in the inventory." in text_of(app)


async def test_it_is_greyed_where_nothing_is_to_be_revoked(made: Estate) -> None:
    page = page_of(made, "billing")
    made.backend.certificates.revoke(page.id, page.version, RevocationForm(page.x509.serial_number))
    async with made.page("billing") as (app, pilot, screen):
        await press(pilot, "ctrl+r")
        assert app.screen is screen
        assert "it is revoked already." in text_of(app)


async def test_an_expired_one_says_so_and_can_be_revoked(made: Estate) -> None:
    async with made.page("old-lb") as (app, pilot, _):
        dialog = await asked(app, pilot)
        assert "It expired 10 days ago" in text_of(app)
        await typed(pilot, dialog, "481516")
        dialog.query_one("#accept", Button).press()
        await settle(pilot)
        assert page_of(made, "old-lb").revocation is not None


async def test_from_the_list_it_is_the_row_under_the_cursor_and_one_alone(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await asked(app, pilot)
        await press(pilot, "escape")
        await press(pilot, "asterisk", "ctrl+r")
        assert "One at a time" in text_of(app)


async def test_the_page_says_that_a_person_must_tell_and_notes_that_one_did(made: Estate) -> None:
    page = page_of(made, "billing")
    made.backend.certificates.revoke(page.id, page.version, RevocationForm(page.x509.serial_number))
    async with made.page("billing") as (app, pilot, screen):
        assert "CA not told: a person must tell it." in text_of(app)
        await press(pilot, "t")
        assert isinstance(app.screen, Confirm)
        app.screen.query_one("#accept", Button).press()
        await settle(pilot)
        assert app.screen is screen
        revocation = page_of(made, "billing").revocation
        assert revocation is not None
        assert revocation.authority is AuthorityKnows.PERSON_TOLD
        assert "CA not told" not in text_of(app)


async def test_a_hostile_name_is_drawn_as_text(made: Estate) -> None:
    made.add("evil[/red]\x1b]52;c;x\x07", common_name="[bold]\x1b[31m", sans=("evil.example.com",))
    async with made.page("evil[/red]\x1b]52;c;x\x07") as (app, pilot, _):
        await asked(app, pilot)
        assert "\x1b" not in text_of(app)
        assert "[/red]" in text_of(app)


@SIZES
@pytest.mark.parametrize("name", ["api-gateway", "old-lb"])
async def test_the_revoke_dialog_looks_like_this(
    made: Estate, picture: SnapshotAssertion, name: str, size: tuple[int, int]
) -> None:
    async with made.page(name, size=size) as (app, pilot, _):
        dialog = await asked(app, pilot)
        await typed(pilot, dialog, "481516")
        assert shot(app) == picture


@SIZES
async def test_a_revoked_certificate_looks_like_this(
    made: Estate, picture: SnapshotAssertion, size: tuple[int, int]
) -> None:
    page = page_of(made, "api-gateway")
    form = RevocationForm(page.x509.serial_number, RevocationReason.KEY_COMPROMISE, NOW - timedelta(hours=30))
    made.backend.certificates.revoke(page.id, page.version, form)
    async with made.page("api-gateway", size=size) as (app, _, _):
        assert shot(app) == picture


async def test_a_reason_suggests_a_successor_and_a_person_decides(made: Estate) -> None:
    """Only where somebody can be asked; what was chosen by hand stays whatever the reason."""
    local_authority(made.backend)
    order = complete(made.backend, "shop.example.com", days=60, auto_renew_days=7)
    made.ids["shop"] = order.row.certificate_id or 0
    async with made.page("shop") as (app, pilot, _):
        dialog = await asked(app, pilot)
        successor, reason = dialog.query_one("#successor", ChoiceRow), dialog.query_one("#reason", ChoiceRow)
        assert successor.value == "none"
        reason.value = "keyCompromise"
        await settle(pilot)
        assert successor.value == "ordered"
        successor.value = "none"
        await settle(pilot)
        reason.value = "superseded"
        await settle(pilot)
        assert successor.value == "none"
        assert "--reason superseded --no-renew --yes" in text_of(app).replace("\n", " ")
        successor.value = "ordered"
        await typed(pilot, dialog, "481516")
        dialog.query_one("#accept", Button).press()
        await settle(pilot)
        page = page_of(made, "shop")
        assert page.revocation is not None
        assert page.revocation.renew
    async with made.page("api-gateway") as (app, pilot, _):
        dialog = await asked(app, pilot)
        assert not dialog.query("#successor")
