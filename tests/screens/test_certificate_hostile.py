"""Certificates written by strangers, on every tab and in every dialog: odd to look at, and nothing else."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from certtui.app import CerttuiApp
from certtui.model.certificate import Labels, NewCertificate
from certtui.model.x509 import X509Details
from certtui.screens.certificate import TABS
from certtui.screens.certificate_tabs import text as text_tab
from certtui.widgets.fields import FieldView
from tests import hostile
from tests.screens.estate import Estate, estate
from tests.screens.harness import settle, text_of
from tests.screens.memory import NOW

CASES = ("clipboard", "markup", "bidi", "explicit-ec", "dsa")


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Estate]:
    from certtui.pki.facts import x509_facts

    ders = {
        "clipboard": hostile.clipboard_cert(),
        "markup": hostile.markup_cert(),
        "bidi": hostile.raw_cert(
            subject=hostile.raw_name(("CN", hostile.BIDI), ("O", hostile.ZERO_WIDTH)),
            extensions=(hostile.raw_extension("1.2.3.4", b"\x04\x02\x1b[", critical=True),),
        ),
        "explicit-ec": hostile.explicit_ec_cert(),
        "dsa": hostile.dsa_cert(),
    }
    with estate(tmp_path) as made:
        for name, der in ders.items():
            labels = Labels(
                name=f"{name}\x1b]52;c;eA==\x07[/foo]\u202e", description="[bold]\x9b2J", business_group="\u200b[/]"
            )
            (outcome,) = made.backend.certificates.add([NewCertificate(x509=x509_facts(der), labels=labels)])
            made.ids[name] = outcome.id
        lb = made.resource("lb\x1b[2J[/x]")
        made.backend.resources.associate(made.ids["clipboard"], [lb], "server")
        yield made


def harmless(app: CerttuiApp) -> bool:
    """Nothing drawn is a control, directional or zero-width character."""
    return all(unicodedata.category(char) not in ("Cc", "Cf", "Cs") for char in text_of(app).replace("\n", ""))


@pytest.mark.parametrize("name", CASES)
async def test_every_tab_draws_it_as_text(made: Estate, name: str) -> None:
    async with made.page(name) as (app, pilot, screen):
        for tab in TABS:
            assert screen.tab == tab
            assert harmless(app), tab
            assert text_of(app).strip(), tab
            await pilot.press("right")
            await settle(pilot)


@pytest.mark.parametrize("key", ["e", "y", "l", "u", "w", "x", "z", "question_mark", "ctrl+p"])
async def test_every_dialog_draws_it_as_text(made: Estate, key: str) -> None:
    async with made.page("clipboard") as (app, pilot, _):
        await pilot.press(key)
        await settle(pilot)
        assert len(app.screen_stack) == 3
        assert harmless(app)


@pytest.mark.parametrize("place", ["6", "9"])
async def test_the_places_draw_it_as_text(made: Estate, place: str) -> None:
    async with made.console() as (app, pilot):
        await pilot.press(place)
        await settle(pilot)
        assert harmless(app)
        await pilot.press("enter")
        await settle(pilot)
        assert harmless(app)


async def test_editing_another_field_leaves_a_hostile_name_as_it_is(made: Estate) -> None:
    before = made.backend.certificates.get(made.ids["clipboard"]).row.name
    async with made.page("clipboard") as (app, pilot, _):
        await pilot.press("l")
        await settle(pilot)
        app.screen.query_one("#contact_email").value = "ops@example.com"  # type: ignore[attr-defined]
        app.screen.query_one("#accept").press()  # type: ignore[attr-defined]
        await settle(pilot)
    now = made.backend.certificates.get(made.ids["clipboard"]).row
    assert (now.name, now.contact_email) == (before, "ops@example.com")


async def test_a_text_of_a_megabyte_is_scrolled_line_by_line(made: Estate) -> None:
    details = X509Details(3, "", (), (), (), (), "\n".join(f"{number:06d} " + "ab:" * 30 for number in range(10_000)))
    async with made.page("markup", "Text") as (app, pilot, screen):
        view = screen.query_one(FieldView)
        certificate = screen.certificate()
        assert certificate is not None
        view.show(text_tab(certificate, details))
        await settle(pilot)
        assert "000000 ab:" in text_of(app)
        await pilot.press("G")
        await settle(pilot)
        assert "009999 ab:" in text_of(app)


async def test_a_text_that_takes_long_to_lay_out_leaves_the_keys_their_turn(made: Estate) -> None:
    # Wide letters and controls in every line, and one line of all of them: nothing of it can be passed over.
    hostile = "日本\x1b[31mé" * 12
    details = X509Details(3, "", (), (), (), (), "\n".join([*[hostile] * 3000, hostile * 3000, "the end"]))
    async with made.page("markup", "Text") as (app, pilot, screen):
        view = screen.query_one(FieldView)
        certificate = screen.certificate()
        assert certificate is not None
        view.show(text_tab(certificate, details))
        assert not view.laid_out
        assert view.top == 0
        view.do_list_last()
        while not view.laid_out:
            await pilot.pause()
        await settle(pilot)
        assert "the end" in text_of(app)


async def test_an_expiry_in_the_year_9999_is_shown(made: Estate) -> None:
    made.add("forever", days=(2912000), lived=int(timedelta(days=20).days))
    assert made.backend.certificates.get(made.ids["forever"]).row.not_after is not None
    async with made.page("forever") as (app, _, _):
        assert str((NOW + timedelta(days=2912000)).year) in text_of(app)
