"""An order by ACME from start to end, beside lego and certbot: the same server, the same name server, the same kind of proof.

Pebble and BIND run on loopback. Everybody has an account already, and proves names by DNS-01 through dynamic updates with
TSIG. lego follows the same CNAMEs as certtui; certbot follows none, and writes into the domain's zone. Neither of them waits
for records to spread (they can't be told a port to ask name servers at), and certtui looks as always: at the CNAME, at CAA,
and at each server of the tech zone for the record.
"""

from __future__ import annotations

import contextlib
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from unittest import mock

from benchmarks.estate import Estate
from benchmarks.measure import Row, alone, compared, in_turns
from benchmarks.surroundings import CERTTUI, environment
from certtui.authorities.acme.authority import AcmeCa
from certtui.backend.factory import StoreOptions, open_backend
from certtui.backend.local.authorities_made import authority_of
from certtui.backend.local.backend import LocalBackend
from certtui.model.audit import Actor
from certtui.model.csr import SubjectFields
from certtui.model.order import OrderForm, OrderStatus
from tests.bind import KEY, KEY_NAME
from tests.lab import CUSTOMER, Lab, lab

MANY = 50
EMAIL = "ops@example.test"
_numbers = count()


def rows(_: Estate, pairs: int) -> Iterator[Row]:
    """One order and fifty, against each contestant that is here; then what of it is waiting."""
    several = max(pairs // 4, 1)
    with _made() as bench:
        bench.certtui([bench.name()])
        for program, run in (("lego", bench.lego), ("certbot", bench.certbot)):
            if shutil.which(program) is None:
                packages = _PACKAGES[program]
                print(
                    f"  {program} is not installed here (Debian: apt-get install {packages}): left out.",
                    file=sys.stderr,
                )
                continue
            run([bench.name()])
            for what, number, ours_by, most in (
                ("one order, by a worker that runs", 1, bench.worker, pairs),
                ("one order, by a command from its start to its end", 1, bench.certtui, pairs),
                (f"{MANY} orders at once, by one command", MANY, bench.certtui, several),
            ):
                ours, theirs = in_turns(
                    lambda ours_by=ours_by, number=number: ours_by(bench.names(number)),  # type: ignore[misc]  # bound now
                    lambda run=run, number=number: run(bench.names(number)),  # type: ignore[misc]  # bound now
                    most,
                    warm_up=0,
                )
                theirs_by = f"{program}, a process" if number == 1 else f"as many processes of {program}"
                note = f"the fastest {min(ours):.2f} : {min(theirs):.2f}"
                yield compared(what, theirs_by, 1.0, ours, theirs, unit="s", note=note)
        yield from bench.within(pairs)


_PACKAGES = {"lego": "lego", "certbot": "certbot python3-certbot-dns-rfc2136"}


@contextmanager
def _made() -> Iterator[_Bench]:
    with (
        lab(external_accounts=False, reject_nonces=0) as server,
        environment() as environ,
        tempfile.TemporaryDirectory(prefix="certtui-bench-") as folder,
        contextlib.closing(_Bench(server, Path(folder), environ)) as made,
    ):
        yield made


@dataclass
class _Bench:
    server: Lab
    folder: Path
    environ: dict[str, str]
    accounts: dict[str, Path] = field(default_factory=dict)
    _open: LocalBackend | None = None

    def __post_init__(self) -> None:
        with contextlib.closing(self._backend()) as backend:
            self.server.authority(backend)

    def _backend(self) -> LocalBackend:
        made = open_backend(StoreOptions(str(self.folder / "store.db"), create=True), actor=Actor("bench"))
        assert isinstance(made, LocalBackend)
        return made

    def close(self) -> None:
        if self._open is not None:
            self._open.close()

    def name(self) -> str:
        """A name that nobody had."""
        return f"n{next(_numbers)}.{CUSTOMER}"

    def names(self, number: int) -> list[str]:
        return [self.name() for _ in range(number)]

    def delegate(self, names: Sequence[str]) -> None:
        """The CNAMEs that a person made long ago."""
        with contextlib.closing(self._backend()) as backend:
            ca = authority_of(backend._store, 1)
            assert isinstance(ca, AcmeCa)
            for made in ca.delegations([f"DNS:{name}" for name in names]):
                self.server.dns.put(CUSTOMER, made.name, "CNAME", made.target + ".")

    def certtui(self, names: Sequence[str]) -> float:
        self.delegate(names)
        store = ["--store", str(self.folder / "store.db")]
        if len(names) == 1:
            return self._timed(
                [*CERTTUI, *store, "order", "create", "--authority", "pebble", "--cn", names[0], "--submit"]
            )
        file = self.folder / f"{names[0]}.csv"
        file.write_text("common_name,authority\n" + "".join(f"{name},pebble\n" for name in names))
        return self._timed([*CERTTUI, *store, "order", "import-csv", str(file)])

    def worker(self, names: Sequence[str]) -> float:
        """Orders whose CNAMEs have just been made, by a worker that waits for them."""
        if self._open is None:
            self._open = self._backend()
        backend = self._open
        for name in names:
            self._ordered(backend, name, OrderStatus.PENDING)
        self.delegate(names)
        with mock.patch.object(backend._store.clock, "now", _later(backend)):
            start = time.perf_counter()
            done = backend.work.run_due().done["orders"]
            took = time.perf_counter() - start
        assert done == len(names), done
        return took

    def lego(self, names: Sequence[str]) -> float:
        self.delegate(names)
        known = {
            "LEGO_CA_CERTIFICATES": self.server.acme.ca_file,
            "LEGO_EXPERIMENTAL_CNAME_SUPPORT": "true",
            "RFC2136_NAMESERVER": self.server.dns.setting,
            "RFC2136_TSIG_ALGORITHM": "hmac-sha256.",
            "RFC2136_TSIG_KEY": KEY_NAME,
            "RFC2136_TSIG_SECRET": KEY,
            "RFC2136_POLLING_INTERVAL": "0",
            "RFC2136_SEQUENCE_INTERVAL": "0",
        }

        def one(name: str, folder: Path) -> None:
            argv = ["lego", "--path", str(folder), "--server", self.server.acme.url, "--accept-tos", "--email", EMAIL]
            argv += ["--dns", "rfc2136", "--dns.disable-cp", "--dns.resolvers", self.server.dns.setting]
            self._run([*argv, "--domains", name, "run"], known)

        return self._side_by_side("lego", names, one)

    def certbot(self, names: Sequence[str]) -> float:
        keys = self.folder / "rfc2136.ini"
        if not keys.exists():
            keys.touch(0o600)
            keys.write_text(
                f"dns_rfc2136_server=127.0.0.1\ndns_rfc2136_port={self.server.dns.port}\ndns_rfc2136_name={KEY_NAME}\n"
                f"dns_rfc2136_secret={KEY}\ndns_rfc2136_algorithm=HMAC-SHA256\n"
            )

        def one(name: str, folder: Path) -> None:
            argv = [
                "certbot",
                "certonly",
                "--non-interactive",
                "--agree-tos",
                "-m",
                EMAIL,
                "--server",
                self.server.acme.url,
            ]
            for option, part in (("--config-dir", "config"), ("--work-dir", "work"), ("--logs-dir", "logs")):
                argv += [option, str(folder / part)]
            argv += ["--dns-rfc2136", "--dns-rfc2136-credentials", str(keys), "--dns-rfc2136-propagation-seconds", "0"]
            self._run([*argv, "-d", name], {"REQUESTS_CA_BUNDLE": self.server.acme.ca_file})

        return self._side_by_side("certbot", names, one)

    def _side_by_side(self, program: str, names: Sequence[str], one: Callable[[str, Path], None]) -> float:
        """A process for each name, with a folder of its own, since they lock theirs; all have the account of the first."""
        account = self.accounts.get(program)
        if account is None:
            account = self.accounts[program] = self.folder / program
            one(names[0], account)
            return 0.0
        folders = [self.folder / f"{program}-{name}" for name in names]
        for folder in folders:
            shutil.copytree(account, folder, symlinks=True)

        def finished(name: str, folder: Path) -> None:
            try:
                one(name, folder)
            except RuntimeError as error:
                # Each of them gives an order up now and then. Whoever uses it starts it again, and waits for that too.
                print(f"  started again: {str(error)[:100]}", file=sys.stderr)
                one(name, folder)

        start = time.perf_counter()
        with ThreadPoolExecutor(len(names)) as pool:
            list(pool.map(finished, names, folders))
        return time.perf_counter() - start

    def _timed(self, argv: Sequence[str]) -> float:
        start = time.perf_counter()
        self._run(argv, {})
        return time.perf_counter() - start

    def _run(self, argv: Sequence[str], more: dict[str, str]) -> None:
        done = subprocess.run(argv, env=self.environ | more, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{argv[0]} ended with {done.returncode}: {done.stderr.decode(errors='replace')[-500:]}")

    def within(self, pairs: int) -> Iterator[Row]:
        """What an order is made of: how much of it is waiting, and fifty by a worker."""
        self.worker([self.name()])
        shares = []
        for _ in range(pairs):
            with _waiting() as waited:
                took = self.worker([self.name()])
            shares.append(waited() / took)
        what = "the share of one order that waits for the CA or for DNS"
        yield alone(what, "the whole of it", 1.0, shares, unit="of 1")
        spent = _processor()
        took = self.worker(self.names(MANY))
        note = f"processor time {_processor() - spent:.2f} s, with making the orders"
        yield alone(f"{MANY} orders at once, by a worker that runs", "itself", 5.0, [took], unit="s", note=note)

    def _ordered(self, backend: LocalBackend, name: str, status: OrderStatus = OrderStatus.COMPLETE) -> None:
        draft = backend.orders.save(OrderForm("pebble", SubjectFields(name), (f"DNS:{name}",)))
        order = backend.orders.submit(draft.id, draft.version)
        assert order.row.status is status, order.steps


def _later(backend: LocalBackend) -> Callable[[], Any]:  # Any: the instant that the clock gives
    from datetime import timedelta

    real = backend._store.clock.now
    return lambda: real() + timedelta(seconds=60)


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


@contextmanager
def _waiting() -> Iterator[Callable[[], float]]:
    """Seconds in which at least one answer of the CA or of a name server, or a pause between two questions, was waited for."""
    import dns.query

    from certtui.authorities.acme import advance
    from certtui.authorities.acme.connection import Connection

    guard = threading.Lock()
    under_way, since, total = 0, 0.0, 0.0

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:  # Any: as they are
        def call(*args: Any, **more: Any) -> Any:
            nonlocal under_way, since, total
            with guard:
                under_way += 1
                if under_way == 1:
                    since = time.perf_counter()
            try:
                return real(*args, **more)
            finally:
                with guard:
                    under_way -= 1
                    if not under_way:
                        total += time.perf_counter() - since

        return call

    with (
        mock.patch.object(Connection, "_send", counted(Connection._send)),
        mock.patch.object(dns.query, "udp_with_fallback", counted(dns.query.udp_with_fallback)),
        mock.patch.object(dns.query, "tcp", counted(dns.query.tcp)),
        mock.patch.object(advance.time, "sleep", counted(time.sleep)),
    ):
        yield lambda: total
