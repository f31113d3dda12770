"""The server: pages, requests per second, imports, keys over a slow link, and how soon another person's change is seen."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import cycle
from pathlib import Path
from typing import IO, NamedTuple

from benchmarks import estate, load, material
from benchmarks.measure import Row, alone, compared, in_turns
from benchmarks.surroundings import CERTTUI, ROOT, environment
from certtui.backend.base import Backend
from certtui.backend.factory import RemoteOptions, StoreOptions, open_backend, open_inspect, open_remote
from certtui.model.access import OWNER, TokenForm
from certtui.model.audit import Actor
from certtui.model.query import Query
from certtui.model.secret import Secret
from tests.chaos_proxy import Chaos
from tests.pty import Terminal

MOST = 100_000
"""Certificates behind a server: a smaller store is taken as it is."""
BURST = 0.6
"""Seconds that one side is asked for."""
DELAY = 0.1
"""Seconds that the slow link takes for each exchange."""
IMPORTED = 2_000
WALKED = 150
PAGE = "/api/v1/certificates?limit=50"


class Served(NamedTuple):
    """A server in a process of its own."""

    port: int
    pid: int
    token: str
    backend: Backend
    """Its store, opened here beside it."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def rows(made: estate.Estate, pairs: int) -> Iterator[Row]:
    """All rows of the server."""
    made = made if made.count <= MOST else estate.cached(MOST)
    pairs = min(pairs, 7)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=estate.CACHE)))
        environ = stack.enter_context(environment())
        store = folder / "store.db"
        shutil.copy2(made.path, store)
        shutil.copy2(made.key_file, store.with_suffix(".key"))
        served = stack.enter_context(_serving(str(store), store.with_suffix(".key"), environ))
        yield _page(served, pairs, made.count)
        yield from _requests(served, pairs, f"{made.count:,} on SQLite", folder)
        yield from _screen(served, store, folder, environ, pairs)
        yield _imports(folder, environ, min(pairs, 4))
    yield from _on_postgresql(made, pairs)


def _page(served: Served, pairs: int, size: int) -> Row:
    """A page of an open list, somewhere in it."""
    chance = random.Random(5)
    remote = open_remote(RemoteOptions(served.url, token=Secret(served.token.encode())))
    with (
        closing(remote),
        closing(remote.certificates.search(Query(""))) as far,
        closing(served.backend.certificates.search(Query(""))) as near,
    ):
        far.wait()
        near.wait()

        def once(listing: object) -> float:
            place = chance.randrange(size - 50)
            start = time.perf_counter()
            found = listing.rows(place, place + 50)  # type: ignore[attr-defined]  # a Listing
            spent = (time.perf_counter() - start) * 1000
            assert len(found) == 50
            return spent

        left, right = in_turns(lambda: once(far), lambda: once(near), 5 * pairs)
    return compared("list page over HTTP", "the same page in-process", 10, left, right)


def _requests(served: Served, pairs: int, what: str, folder: Path) -> Iterator[Row]:
    """The same question again and again, and another page each time; one process on each side."""
    # More pages than the server keeps, asked for in a circle: none is there any more when its turn comes.
    pages = [PAGE]
    body, following = _ask(served, PAGE)
    while following and len(pages) < WALKED:
        pages.append(f"{PAGE}&cursor={following}")
        following = _ask(served, pages[-1])[1]
    file = folder / "page.json"
    file.write_bytes(body)
    bare = subprocess.Popen(
        [sys.executable, str(ROOT / "benchmarks" / "bare_api.py"), str(file)], stdout=subprocess.PIPE, text=True
    )
    with _ended(bare):
        assert bare.stdout is not None
        port = int(bare.stdout.readline())
        asked = {
            "the same page": load.same(PAGE, served.token),
            "page after page": load.different(cycle(pages), served.token),
        }
        plain = load.same(PAGE, served.token)
        for name, ask in asked.items():
            ours: list[load.Burst] = []
            theirs: list[load.Burst] = []

            def mine(ask: object = ask, kept: list[load.Burst] = ours) -> float:
                kept.append(load.burst(served.port, served.pid, ask, BURST))  # type: ignore[arg-type]  # bound above
                return kept[-1].spent

            def bare_one(kept: list[load.Burst] = theirs) -> float:
                kept.append(load.burst(port, bare.pid, plain, BURST))
                return kept[-1].spent

            left, right = in_turns(mine, bare_one, pairs)
            processor = sum(each.processor for each in theirs[1:]) / sum(each.processor for each in ours[1:])
            yield compared(
                f"requests a second, {name}, {what}", "a bare FastAPI route with the same bytes", 0.5, left, right,
                upside_down=True, note=f"{processor:.2f} by processor time; {1000 / sorted(left)[len(left) // 2]:,.0f} a second",
            )  # fmt: skip


def _ask(served: Served, path: str) -> tuple[bytes, str | None]:
    """A page, and where the next one begins."""
    request = urllib.request.Request(served.url + path, headers={"authorization": f"Bearer {served.token}"})
    with urllib.request.urlopen(request) as answer:
        body: bytes = answer.read()
    return body, json.loads(body)["next"]


def _on_postgresql(made: estate.Estate, pairs: int) -> Iterator[Row]:
    if shutil.which("initdb") is None or shutil.which("postgres") is None:
        print("  PostgreSQL is not installed, so its row is left out.", file=sys.stderr)
        return
    from certtui.backend.factory import move_store
    from tests import postgres

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=estate.CACHE)))
        environ = stack.enter_context(environment())
        url = postgres.cluster().url(stack.enter_context(postgres.database()))
        key = folder / "store.key"
        move_store(
            StoreOptions(str(made.path), key_file=made.key_file),
            StoreOptions(url, key_file=key, create=True),
            actor=Actor("bench"),
        )
        served = stack.enter_context(_serving(url, key, environ))
        yield from _requests(served, pairs, f"{made.count:,} on PostgreSQL", folder)


def _imports(folder: Path, environ: dict[str, str], pairs: int) -> Row:
    """Into an empty store: a server's, and one of our own."""
    from certtui.intake import Intake

    given = material.folders(pairs + 1, IMPORTED)
    local = open_backend(StoreOptions(str(folder / "near.db"), create=True), actor=Actor("bench", via="cli"))
    far = folder / "far.db"
    open_backend(StoreOptions(str(far), create=True), actor=Actor("bench", via="cli")).close()
    with closing(local), _serving(str(far), far.with_suffix(".key"), environ) as served:
        remote = open_remote(RemoteOptions(served.url, token=Secret(served.token.encode())))
        with closing(remote):

            def take(backend: Backend, folders: Iterator[Path]) -> float:
                start = time.perf_counter()
                report = Intake(open_inspect(), backend.certificates).run([next(folders)])
                spent = (time.perf_counter() - start) * 1000
                assert len(report.imported) == IMPORTED, report.rejected[:2]
                return spent

            here, there = iter(given), iter(given)
            left, right = in_turns(lambda: take(remote, there), lambda: take(local, here), pairs)
    return compared(
        f"bulk import of {IMPORTED:,} over HTTP", "the same import in-process", 0.5, left, right, upside_down=True
    )


def _screen(served: Served, store: Path, folder: Path, environ: dict[str, str], pairs: int) -> Iterator[Row]:
    """Two consoles: one over a slow link, one on the store itself."""
    token = folder / "token"
    token.touch(0o600)
    token.write_text(served.token + "\n")
    with Chaos(served.port, delay=DELAY) as slow:
        remote = environ | {"CERTTUI_URL": slow.url, "CERTTUI_TOKEN_FILE": str(token)}
        with (
            Terminal(CERTTUI, environ=remote, screen=False, columns=160, timeout=60) as far,
            Terminal([*CERTTUI, "--store", str(store)], environ=environ, screen=False, columns=160, timeout=60) as near,
        ):
            for each in (far, near):
                each.wait_bytes(b"Inventory")
                each.wait_quiet(2.0, timeout=60)

            def move(terminal: Terminal) -> float:
                # The cursor alone: what is shown beside the list about its row may come later.
                before = len(terminal.reads)
                sent = terminal.send("j")
                terminal.wait_until(lambda: len(terminal.reads) > before, "the cursor")
                spent = (terminal.reads[before][0] - sent) * 1000
                terminal.wait_quiet(3 * DELAY, timeout=10)
                return spent

            left, right = in_turns(lambda: move(far), lambda: move(near), 2 * pairs)
        yield compared(
            f"cursor move over a link of {DELAY * 1000:.0f} ms", "the same console on its own store", 1.25, left, right
        )
    remote = environ | {"CERTTUI_URL": served.url, "CERTTUI_TOKEN_FILE": str(token)}
    with Terminal(CERTTUI, environ=remote, screen=False, columns=160, timeout=60) as here:
        here.wait_bytes(b"Inventory")
        here.wait_quiet(2.0, timeout=60)
        with closing(served.backend.certificates.search(Query(""))) as listing:
            listing.wait()
            first = listing.rows(0, 1)[0].id
        yield alone(
            "another person's change to this screen", "nothing", 1000.0,
            [_change(served.backend, first, f"seen-{number}", here) for number in range(pairs + 1)][1:], unit="ms",
        )  # fmt: skip


def _change(backend: Backend, id: int, group: str, terminal: Terminal) -> float:
    from certtui.model.certificate import CertificateEdit

    version = backend.certificates.get(id).version
    start = time.perf_counter()
    backend.certificates.edit(id, version, CertificateEdit(business_group=group))
    seen = terminal.wait_bytes(group.encode())
    terminal.wait_quiet(0.5)
    return (seen - start) * 1000


@contextmanager
def _serving(store: str, key: Path, environ: dict[str, str]) -> Iterator[Served]:
    with closing(open_backend(StoreOptions(store, key_file=key), actor=Actor("bench", via="cli"))) as backend:
        token = backend.people.create_token(TokenForm("ada", OWNER)).token.reveal().decode()
        server = subprocess.Popen(
            [*CERTTUI, "serve", "--store", store, "--bind", "127.0.0.1:0"],
            env=environ | {"CERTTUI_KEY_FILE": str(key)}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        with _ended(server):
            assert server.stdout is not None
            said: list[str] = []
            for line in server.stdout:
                said.append(line)
                if " at http://" in line:
                    break
            else:
                raise AssertionError("".join(said))
            threading.Thread(target=_drain, args=(server.stdout,), daemon=True).start()
            port = int(said[-1].partition(" at http://127.0.0.1:")[2].partition(";")[0])
            yield Served(port, server.pid, token, backend)


@contextmanager
def _ended(process: subprocess.Popen[str]) -> Iterator[None]:
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def _drain(log: IO[str]) -> None:
    """What it logs is read, as a collector of logs would."""
    for _ in log:
        pass
