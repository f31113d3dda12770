"""The place Containers: the list, a container's page, what is done to it, and what a certificate's pages say of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.widgets import Button

from certtui.errors import NotFound
from certtui.model.certificate import CertificateEdit
from certtui.model.consumer import ConsumerForm
from certtui.model.container import Container, ContainerContent, ContainerForm, ContainerStatus, ContainerType
from certtui.model.query import Query, Sort
from certtui.model.secret import Secret
from certtui.model.stored_secret import StoredSecretForm
from certtui.screens.certificate import CertificateScreen
from certtui.screens.containers_page import ContainerScreen
from certtui.widgets.choice_list import ChoiceList
from certtui.widgets.frame import NoticeLine
from certtui.widgets.labelled import Entry
from tests.screens.estate import PASSPHRASE, Estate, estate
from tests.screens.harness import press, settle, shot, text_of

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])
NGINX = ConsumerForm("nginx", "host", "web-1.example.com")
HAPROXY = ConsumerForm("haproxy", "load-balancer", "lb-west")


@pytest.fixture(autouse=True)
def _references(monkeypatch: pytest.MonkeyPatch) -> None:
    """References that are the same in every picture."""
    import itertools

    numbers = itertools.count(1)
    monkeypatch.setattr("certtui.backend.local.containers_write.new_ref", lambda: f"{next(numbers) * 0xA5:032x}")


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Estate]:
    with estate(tmp_path) as found:
        yield found


@pytest.fixture
def made(empty: Estate) -> Estate:
    """Three containers: one whose certificate was renewed, one that nobody fetches, one of stored secrets."""
    add_root(empty)
    empty.add("shop", days=20, lived=300)
    empty.add("shop-2027", days=300, lived=10, common_name="shop.example.com", sans=("shop.example.com",))
    empty.add("api-gateway", days=29)
    empty.add("keyless", key=False)
    backend = empty.backend
    shop = backend.containers.create(ContainerForm("shop", certificate_id=empty.ids["shop"]))
    backend.containers.fetch(shop.id, consumer=NGINX)
    backend.containers.fetch(shop.id, consumer=HAPROXY)
    shop = backend.containers.get(shop.id)
    backend.containers.update(shop.id, shop.version, ContainerContent(empty.ids["shop-2027"]))
    backend.containers.fetch(shop.id, consumer=NGINX)
    backend.containers.create(ContainerForm("front", certificate_id=empty.ids["api-gateway"], follows=False))
    word = backend.secrets.store(StoredSecretForm("reports-db", "passphrase", Secret("correct horse")))
    parts = {"db_password": word.id}
    backend.containers.create(ContainerForm("reports", ContainerType.GENERIC, parts=parts, business_group="data"))
    return empty


def add_root(found: Estate) -> None:
    """A chain that ends in a root is whole."""
    from certtui.model.certificate import Labels, NewCertificate

    found.backend.certificates.add([NewCertificate(x509=found.root.facts, labels=Labels("Test Root"))])


def held(found: Estate, name: str) -> Container:
    return found.backend.containers.get(found.backend.containers.resolve(name))


def names(found: Estate) -> list[str]:
    listing = found.backend.containers.search(Query("", Sort("name")))
    try:
        return [row.name for row in listing.rows(0, 50)]
    finally:
        listing.close()


def notice(app) -> str:
    return app.screen.query_one(NoticeLine).sentence


def lines_of(text: str, word: str) -> str:
    """The first line with a word in it."""
    return next(line for line in text.splitlines() if word in line)


async def write(pilot, text: str) -> None:
    await pilot.press(*({" ": "space", "-": "minus", ".": "full_stop"}.get(char, char) for char in text))
    await settle(pilot)


# -- the list ----------------------------------------------------------------------------------------------------


async def test_an_empty_place_says_what_a_container_is_and_the_next_key(empty: Estate) -> None:
    empty.add("shop")
    async with empty.console() as (app, pilot):
        await press(pilot, "5")
        assert "No container yet." in text_of(app)
        assert "a  makes one" in text_of(app)
        await press(pilot, "a", "enter", "enter")
        assert names(empty) == ["shop"]
        assert notice(app) == "Made the container shop. y copies its reference."


async def test_the_list_says_what_a_consumer_would_meet(made: Estate) -> None:
    async with made.console((160, 24)) as (app, pilot):
        await press(pilot, "5")
        text = text_of(app)
        assert "! expiring" in lines_of(text, "front")
        shop = lines_of(text, "shop-2027")
        assert "certificate" in shop
        assert "300d" in shop
        assert "db_password" in lines_of(text, "generic")
        await press(pilot, "/")
        await write(pilot, "behind")
        await press(pilot, "enter")
        assert "1 of 3" in text_of(app)
        assert app.screen.table.current.name == "shop"


async def test_a_change_by_somebody_else_shows(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "5")
        made.backend.containers.add_consumer(held(made, "front").id, NGINX)
        app.screen.follow_feed()
        for _ in range(200):
            await pilot.pause(0.01)
            if app.screen.unseen and app.screen.table.current.consumer_count:
                break
        assert app.screen.table.current.consumer_count == 1
        assert "1 changed, r sorts anew" in text_of(app)


async def test_the_reference_is_copied_from_the_list_and_from_the_page(
    made: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[tuple[str, str]] = []
    for module in ("containers", "page"):
        monkeypatch.setattr(f"certtui.screens.{module}.copy", lambda screen, label, text: copied.append((label, text)))
    reference = f"containers/{held(made, 'front').row.ref}"
    async with made.console() as (_, pilot):
        await press(pilot, "5", "y", "enter", "y")
        assert copied == [("Reference", reference), ("Reference", reference)]


# -- the page ----------------------------------------------------------------------------------------------------


async def on_page(app, pilot, found: Estate, name: str) -> ContainerScreen:
    screen = ContainerScreen(held(found, name).id)
    await app.push_screen(screen)
    await settle(pilot)
    return screen


async def test_the_page_says_what_each_consumer_has_and_which_part_is_wrong(made: Estate) -> None:
    async with made.console((100, 50)) as (app, pilot):
        page = await on_page(app, pilot, made, "shop")
        text = page.view.text
        assert "haproxy, load-balancer lb-west: has 1, current is 2" in text
        assert "nginx, host web-1.example.com: has 2, the current one" in text
        assert "private_key    ok" in text
        assert "shop is complete, and its parts belong together." in text
        assert "updated by hand" in text
        shop = made.backend.certificates.get(made.ids["shop-2027"])
        made.backend.certificates.delete_key(shop.id, shop.version)
        await press(pilot, "r")
        text = page.view.text
        assert "private_key    ! missing" in text
        assert "The private key of shop-2027 is not here (any more)." in text
        assert "A consumer of shop would get nothing." in text
        assert "o steps back" in text


async def test_a_locked_store_leaves_the_parts_unchecked_until_somebody_asks(tmp_path: Path) -> None:
    with estate(tmp_path, passphrase=PASSPHRASE) as found:
        add_root(found)
        found.add("shop")
        found.backend.containers.create(ContainerForm(certificate_id=found.ids["shop"]))
        found.backend.store.set_passphrase(PASSPHRASE)
        found.backend.store.lock()
        async with found.console() as (app, pilot):
            page = await on_page(app, pilot, found, "shop")
            assert "The store is locked: not checked. v checks it." in page.view.text
            await press(pilot, "v")
            await write(pilot, PASSPHRASE.reveal().decode())
            await press(pilot, "enter")
            assert "shop is complete, and its parts belong together." in page.view.text


async def test_an_update_says_what_consumers_get_and_what_the_new_one_lacks(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "5")
        page = await on_page(app, pilot, made, "shop")
        await press(pilot, "u")
        app.screen.query_one("#find", Entry).focus()
        await write(pilot, "api-gateway")
        await press(pilot, "enter")
        await press(pilot, "enter")
        text = text_of(app)
        assert "! The new one lacks names of the old one: shop.example.com." in text
        assert "It becomes version 3. These 2 consumers get it at the next fetch:" in text
        assert f"--certificate {made.ids['api-gateway']}" in text
        assert isinstance(app.focused, Button)
        assert app.focused.id == "cancel"
        await press(pilot, "right", "enter")
        assert held(made, "shop").row.certificate == "api-gateway"
        assert notice(app) == "shop gives out version 3 now: api-gateway."
        assert "has 2, current is 3" in page.view.text


async def test_rolling_back_names_what_comes_back_and_who_gets_it(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await on_page(app, pilot, made, "shop")
        await press(pilot, "o")
        text = text_of(app)
        assert "Comes back: shop, until 2026-12-10." in text
        assert "Goes: shop-2027, version 2." in text
        assert "haproxy, load-balancer lb-west: has 1, current is 2" in text
        assert "certtui container rollback" in text
        assert "--to 1" in text
        await press(pilot, "escape", "o", "enter", "enter")
        shop = held(made, "shop")
        assert (shop.row.certificate, shop.row.number, shop.versions[0].reason) == ("shop", 3, "rolled-back 1")


async def test_who_may_fetch_it_is_a_key_away(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "5", "p")
        assert "Who can fetch it?" in text_of(app)
        await press(pilot, "escape", "enter", "p")
        assert "Who can fetch it?" in text_of(app)


async def test_what_is_not_possible_says_why(made: Estate) -> None:
    async with made.console() as (app, pilot):
        page = await on_page(app, pilot, made, "front")
        await press(pilot, "o")
        assert notice(app) == "Roll back: It has no earlier version."
        await press(pilot, "z")
        assert notice(app) == "Remove a consumer: No consumer is registered."
        assert page.why_not(app.keys.get("container.rollback"))
    with_gone = made.backend.certificates.get(made.ids["shop"])
    made.backend.certificates.delete(with_gone.id, with_gone.version)
    async with made.console() as (app, pilot):
        page = await on_page(app, pilot, made, "shop")
        assert "No way back: Its certificate was deleted from the inventory." in page.view.text
        await press(pilot, "o")
        assert notice(app) == "Roll back: Its certificate was deleted from the inventory."


async def test_consumers_come_and_go(made: Estate) -> None:
    async with made.console() as (app, pilot):
        page = await on_page(app, pilot, made, "front")
        await press(pilot, "w")
        await write(pilot, "cron job")
        await press(pilot, "enter")
        await write(pilot, "host")
        assert "'cron job' --type host" in text_of(app)
        await press(pilot, "enter")
        await write(pilot, "web-7")
        await press(pilot, "enter")
        (one,) = held(made, "front").consumers
        assert (one.service, one.resource_type, one.resource) == ("cron job", "host", "web-7")
        assert "cron job, host web-7: has none yet, current is 1" in page.view.text
        await press(pilot, "z", "enter")
        assert "What it has fetched it still has." in text_of(app)
        await press(pilot, "right", "enter")
        assert held(made, "front").consumers == ()


async def test_enter_on_a_consumer_asks_whether_it_is_one_no_more(made: Estate) -> None:
    async with made.console() as (app, pilot):
        page = await on_page(app, pilot, made, "shop")
        page.view._go(next(at for at, item in enumerate(page.view.items) if item.value.startswith("haproxy")))
        await press(pilot, "enter")
        assert "haproxy, load-balancer lb-west is no consumer of shop any more." in text_of(app)
        await press(pilot, "escape")
        assert len(held(made, "shop").consumers) == 2


async def test_a_container_is_deleted_only_with_its_consumers_seen_and_its_name_typed(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "5", "G", "x")
        text = text_of(app)
        assert "Delete the container shop" in text
        assert "haproxy, load-balancer lb-west: has 1, current is 2" in text
        assert "nginx, host web-1.example.com: has 2, the current one" in text
        assert app.focused is app.screen.query_one("#cancel")
        await press(pilot, "shift+tab")
        await write(pilot, "shop")
        await press(pilot, "enter")
        assert "tick the line above once you have seen them" in text_of(app)
        assert "shop" in names(made)
        await press(pilot, "shift+tab", "space", "tab")
        await write(pilot, "shop")
        await press(pilot, "enter")
        assert names(made) == ["front", "reports"]
        assert notice(app) == "Deleted the container shop."
        assert made.backend.certificates.get(made.ids["shop-2027"]).row.has_private_key


async def test_a_container_that_moved_under_one_is_not_deleted(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "5", "x")
        made.backend.containers.add_consumer(held(made, "front").id, NGINX)
        await press(pilot, "shift+tab")
        await write(pilot, "front")
        await press(pilot, "enter")
        assert "front" in names(made)
        assert "nginx" in notice(app)


async def test_name_and_following_are_edited(made: Estate) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "5", "l")
        app.screen.query_one("#name", Entry).value = "front door"
        await press(pilot, "tab", "left")
        assert "--name 'front door' --follow yes" in text_of(app)
        await press(pilot, "tab", "tab", "enter")
        row = held(made, "front door").row
        assert row.follows
        assert notice(app) == "Saved front door."


# -- from a certificate ------------------------------------------------------------------------------------------


async def test_one_key_makes_a_container_and_opens_the_one_there_is(made: Estate) -> None:
    made.add("fresh")
    async with made.console() as (app, pilot):
        app.screen.filter_to("name:fresh")
        await settle(pilot)
        await press(pilot, "n")
        assert notice(app) == "Made the container fresh, under Containers (5). n opens it."
        assert held(made, "fresh").row.certificate_id == made.ids["fresh"]
        await press(pilot, "n")
        assert isinstance(app.screen, ContainerScreen)
        await press(pilot, "escape")
        app.screen.filter_to("name:keyless")
        await settle(pilot)
        await press(pilot, "n")
        assert notice(app) == "Container: its private key is not here."


async def test_marked_certificates_get_one_each_and_the_others_are_named(made: Estate) -> None:
    made.add("fresh")
    async with made.console() as (app, pilot):
        app.screen.filter_to("group:payments")
        await settle(pilot)
        await press(pilot, "*", "n")
        text = text_of(app)
        assert "Made containers: 2, skipped 3." in text
        assert "front gives it out already." in text
        assert "private key of keyless is not here" in text
        assert sorted(names(made)) == ["fresh", "front", "reports", "shop", "shop"]


async def test_the_page_of_a_certificate_shows_everything_that_would_break(made: Estate) -> None:
    made.resource("lb-east")
    made.backend.resources.associate(made.ids["shop-2027"], [made.ids["lb-east"]], "server")
    async with made.page("shop-2027", "Used by") as (app, pilot, _):
        text = text_of(app)
        assert "lb-east" in text
        assert "shop  version 2" in text
        assert "haproxy, load-balancer lb-west: has 1, current is 2" in text
        await press(pilot, "j", "enter")
        assert isinstance(app.screen, ContainerScreen)
        await press(pilot, "escape", "ctrl+r")
        plan = app.screen.query_one("#plan").query_one("SafeText").raw
        assert "lb-east" in plan
        assert "haproxy, load-balancer lb-west  by shop" in plan
        await press(pilot, "escape", "x")
        text = text_of(app)
        assert "! The container shop gives nothing out then" in text
        assert "nginx, host web-1.example.com  by shop, has 2, the current one" in text
        await press(pilot, "shift+tab", "shift+tab", "space", "tab")
        await write(pilot, "shop-2027")
        await press(pilot, "enter")
        with pytest.raises(NotFound):
            made.backend.certificates.get(made.ids["shop-2027"])
        assert held(made, "shop").row.status is ContainerStatus.INCOMPLETE


async def test_replacing_says_that_the_container_moves_on(made: Estate) -> None:
    made.add("shop-2028", days=390, lived=1, common_name="shop.example.com", sans=("shop.example.com",))
    async with made.page("shop-2027") as (app, pilot, _):
        await press(pilot, "u")
        app.screen.query_one("#find", Entry).focus()
        await write(pilot, "name:shop-2028")
        await press(pilot, "enter")
        assert "The container shop gives it out as version 3; 2 consumers get it." in text_of(app)
        await press(pilot, "enter")
    assert held(made, "shop").row.certificate == "shop-2028"


async def test_of_many_those_with_consumers_are_named_before_and_skipped(made: Estate) -> None:
    async with made.console() as (app, pilot):
        app.screen.filter_to("shop")
        await settle(pilot)
        await press(pilot, "*", "x")
        assert "Consumers fetch shop-2027: skipped here." in " ".join(text_of(app).replace("│", " ").split())
        await press(pilot, "shift+tab")
        await write(pilot, "2")
        await press(pilot, "enter")
        assert "Deleted 1, skipped 1." in text_of(app)
        assert made.backend.certificates.get(made.ids["shop-2027"])


async def test_deleting_a_key_says_which_container_it_empties(made: Estate) -> None:
    async with made.page("shop-2027", "Key") as (app, pilot, _):
        await press(pilot, "ctrl+k")
        assert "! The container shop gives nothing out then." in text_of(app)
        assert "nginx, host web-1.example.com" in text_of(app)


async def test_hostile_names_are_drawn_safely(made: Estate) -> None:
    made.add("evil", common_name="evil.example.com")
    entry = made.backend.certificates.get(made.ids["evil"])
    made.backend.certificates.edit(entry.id, entry.version, CertificateEdit(name="evil"))
    container = made.backend.containers.create(ContainerForm("[/red] evil", certificate_id=entry.id))
    made.backend.containers.add_consumer(container.id, ConsumerForm("[/b] x", "[red]", "[@click=app.quit]‮"))
    async with made.console((120, 36)) as (app, pilot):
        await press(pilot, "5")
        assert "[/red] evil" in text_of(app)
        await press(pilot, "enter")
        assert "[@click=app.quit]<U+202E>" in text_of(app)
        await press(pilot, "x")
        assert "[/b] x, [red] [@click=app.quit]<U+202E>" in text_of(app)


# -- pictures ----------------------------------------------------------------------------------------------------


@SIZES
async def test_the_list_in_a_picture(made: Estate, picture: SnapshotAssertion, size: tuple[int, int]) -> None:
    async with made.console(size) as (app, pilot):
        await press(pilot, "5", "G")
        assert shot(app) == picture


@SIZES
async def test_the_empty_place_in_a_picture(empty: Estate, picture: SnapshotAssertion, size: tuple[int, int]) -> None:
    async with empty.console(size) as (app, pilot):
        await press(pilot, "5")
        assert shot(app) == picture


@SIZES
async def test_the_page_in_a_picture(made: Estate, picture: SnapshotAssertion, size: tuple[int, int]) -> None:
    async with made.console(size) as (app, pilot):
        await press(pilot, "5", "G", "enter")
        assert isinstance(app.screen, ContainerScreen)
        assert shot(app) == picture


@SIZES
async def test_the_deletion_in_a_picture(made: Estate, picture: SnapshotAssertion, size: tuple[int, int]) -> None:
    async with made.console(size) as (app, pilot):
        await press(pilot, "5", "G", "x")
        assert shot(app) == picture


async def test_the_step_back_in_a_picture(made: Estate, picture: SnapshotAssertion) -> None:
    async with made.console() as (app, pilot):
        await press(pilot, "5", "G", "o")
        assert isinstance(app.focused, ChoiceList)
        assert shot(app) == picture


async def test_the_page_without_glyphs_in_a_picture(made: Estate, picture: SnapshotAssertion) -> None:
    async with made.console(ascii=True) as (app, pilot):
        await press(pilot, "5", "G", "enter")
        assert shot(app) == picture


async def test_what_uses_a_certificate_in_a_picture(made: Estate, picture: SnapshotAssertion) -> None:
    made.resource("lb-east")
    made.backend.resources.associate(made.ids["shop-2027"], [made.ids["lb-east"]], "server")
    async with made.page("shop-2027", "Used by") as (app, _, page):
        assert isinstance(page, CertificateScreen)
        assert shot(app) == picture
