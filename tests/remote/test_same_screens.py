"""What the console shows over a server is what it shows on the store itself, but for the header."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from certtui.model.csr import CsrRequest, SubjectFields
from tests.remote.estate import Served, served
from tests.screens.harness import press, text_of

SCREENS: dict[str, Sequence[str]] = {
    "inventory": (),
    "filtered": ("slash", *"bill", "enter"),
    "no match": ("slash", *"nothing-is-called-so", "enter"),
    "a filter that is wrong": ("slash", *"stat:x", "enter"),
    "sorted": ("S",),
    "marked": ("space", "space"),
    "sort dialog": ("s",),
    "columns": ("c",),
    "page": ("enter",),
    "page, chain": ("enter", "right"),
    "page, third tab": ("enter", "right", "right"),
    "page, fourth tab": ("enter", "right", "right", "right"),
    "page, last tab": ("enter", "left"),
    "edit": ("l",),
    "edit of many": ("space", "space", "l"),
    "export": ("e",),
    "associate": ("w",),
    "access": ("p",),
    "access form": ("p", "l"),
    "access of tokens": ("colon", *"access of", "enter"),
    "reach of a token": ("colon", *"access of", "enter", "enter"),
    "delete": ("x",),
    "replace": ("u",),
    "add": ("a",),
    "add, pair": ("a", "ctrl+n"),
    "add, csr": ("a", "ctrl+n", "ctrl+n"),
    "add, saved csr": ("a", "ctrl+n", "ctrl+n", "ctrl+n"),
    "import": ("i",),
    "from a server": ("f",),
    "match": ("m",),
    "resources": ("6",),
    "a resource": ("6", "enter"),
    "resource form": ("6", "a"),
    # Without the views, of which every run leaves another one.
    "audit": ("9", "slash", *"event:*.success", "enter"),
    "audit event": ("9", "slash", *"event:*.success", "enter", "enter"),
    "help": ("question_mark",),
    "reveal": ("enter", "v"),
    "delete key": ("enter", "ctrl+k"),
}


WIDE = ("inventory", "page", "resources", "audit", "edit", "add, csr")
"""What has a second pane or another layout at 120 columns."""

SMALL_AND_WIDE = [(name, (80, 24)) for name in SCREENS] + [(name, (120, 36)) for name in WIDE]


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One store for all: nothing here is saved."""
    with served(tmp_path_factory.mktemp("team")) as made:
        estate = made.estate
        for name, days in (("api-gateway", 29), ("billing", 300), ("checkout", -3)):
            estate.add(name, days=days, key=name != "billing")
        estate.backend.csrs.create(CsrRequest(SubjectFields(common_name="saved.example.com")))
        estate.resource("lb-west")
        estate.backend.resources.associate(estate.ids["api-gateway"], [estate.ids["lb-west"]])
        yield made


@pytest.mark.parametrize(("name", "size"), SMALL_AND_WIDE, ids=[f"{name}-{size[0]}" for name, size in SMALL_AND_WIDE])
async def test_a_screen_over_a_server_is_the_local_one(team: Served, name: str, size: tuple[int, int]) -> None:
    keys = SCREENS[name]
    shown = []
    for backend in (team.estate.backend, team.open()):
        async with team.console(size, backend=backend) as (app, pilot):
            await press(pilot, *keys)
            shown.append(text_of(app).splitlines()[1:])
    assert shown[1] == shown[0]
