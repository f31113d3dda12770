"""What a CA that means harm says, drawn: on the page of its order, of its authority, and of its account."""

from __future__ import annotations

import json
from pathlib import Path

import httpx

from certtui.app import Settings
from certtui.pki.inspector import Inspector
from tests.backend.harness import LocalSqlite
from tests.hostile_ca import BASE, hostile_ca, ordered, profile
from tests.screens.harness import console, press, text_of

EVIL = "\x1b]52;c;ZXZpbA==\x07\x9b31m[bold red][/foo][@click=app.quit]\u202e"
SHOWN = "[bold red][/foo][@click=app.quit]"


async def test_what_a_ca_says_is_text_wherever_it_is_drawn(tmp_path: Path) -> None:
    store = LocalSqlite(tmp_path / "store")
    backend = store.open(create=True)
    with hostile_ca(store.clock) as ca:
        ca.meta = {
            "termsOfService": f"https://{EVIL}",
            "website": EVIL,
            "caaIdentities": [EVIL],
            "profiles": {EVIL: EVIL},
        }
        authority = profile(backend)
        said = {"type": EVIL, "detail": EVIL, "instance": EVIL, "subproblems": [{"type": EVIL, "detail": EVIL}]}
        ca.says("/newOrder", httpx.Response(403, content=json.dumps(said).encode()))
        ordered(backend, "shop.example.com")
        ca.says("/account/*", httpx.Response(200, json={"status": EVIL, "contact": [EVIL]}))
        backend.authorities.test(authority.row.id)
        backend.accounts.look(authority.row.id)
        assert f"{BASE}/account/1" in backend.accounts.get(authority.row.id).url
        wanted = Settings(follow_seconds=0, clipboard="none")
        async with console(backend, Inspector(), size=(120, 40), settings=wanted) as (app, pilot):
            for keys in (("2", "enter"), ("7", "enter")):
                await press(pilot, *keys)
                drawn = text_of(app)
                assert SHOWN in drawn.replace("\n", ""), drawn
                assert not set(drawn) & set("\x1b\x07\x9b\u202e")
                assert not app._exit
    store.close()
