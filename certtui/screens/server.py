"""From a running server: what HOST:PORT presents, whether a client would trust it, and taking it in as discovered."""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.widgets import Input

from certtui.errors import CerttuiError, Invalid
from certtui.model.certificate import NewCertificate, Source
from certtui.model.resource import ResourceForm
from certtui.screens.add.screen import what_became
from certtui.screens.add.sentence import already_there, title_of, validity
from certtui.screens.add.verdict import World
from certtui.screens.form import FormScreen
from certtui.screens.verdict import Typed, Verdict
from certtui.widgets.choice_row import ChoiceRow
from certtui.widgets.facts import Facts
from certtui.widgets.form_field import Field, Pair
from certtui.widgets.line_input import LineInput
from certtui.widgets.safe_text import SafeText

if TYPE_CHECKING:
    from certtui.backend.base import Backend
    from certtui.backend.inspect import Inspect, Pairing
    from certtui.model.certificate import AddOutcome

TIMEOUT = 10.0
"""Seconds that the server gets to answer."""


@dataclass(frozen=True, slots=True)
class Presented:
    """What a server showed: for which place as typed, the certificate with its chain, and what a client would say of it."""

    target: tuple[str, int, str]
    """Host, port and the name that was asked for."""
    pairing: Pairing
    trusted: bool
    lines: tuple[tuple[str, str], ...]

    @property
    def place(self) -> str:
        """HOST:PORT, as a resource's endpoint."""
        host, port, _ = self.target
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


@dataclass(frozen=True, slots=True)
class ServerVerdict(Verdict):
    """A verdict with what was seen, while it is what the fields ask for."""

    presented: Presented | None = None


class ServerScreen(FormScreen):
    """Looks only when it is asked to: nothing is sent while one types."""

    TITLE = "From a running server"
    KIND = "server"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "form", "server")

    DEFAULT_CSS = """
    ServerScreen Field, ServerScreen Pair { margin-bottom: 0; }
    ServerScreen #presented { height: auto; margin: 1 0; }
    """

    def __init__(self, target: str = "") -> None:
        super().__init__()
        self._target = target
        self._presented: Presented | None = None
        self._looking = threading.Lock()

    def fields(self) -> ComposeResult:
        yield Field("host", "Server", LineInput(placeholder="HOST:PORT, as in www.example.com:443; enter looks"))
        yield Field("server_name", "Ask for", LineInput(placeholder="another name (SNI), if it serves several"))
        yield Facts(id="presented")
        yield Field("resource", "Used by", ChoiceRow([("yes", "a host with this address"), ("no", "nothing yet")]))
        yield Pair(Field("name", "Name", LineInput()), Field("group", "Group", LineInput()))
        yield Pair(Field("description", "Description", LineInput()), Field("contact", "Contact", LineInput()))

    def begin(self) -> None:
        if self._target:
            self.field("host").put(self._target)
        self.field("host").focus_editor()

    # -- looking -------------------------------------------------------------------------------------------------

    def entered(self, line: Input) -> bool:
        if line is not self.field("host").editor or not line.value.strip():
            return False
        self.do_server_look()
        return True

    def do_server_look(self) -> None:
        """Ask the server; what it presents is shown, nothing is stored."""
        self._look_then(None)

    def _look_then(self, then: str | None) -> None:
        typed = self.typed()
        if not typed.value("host"):
            self.resume()
            self.say("Name the server first.", "warn")
            self.field("host").focus_editor()
            return
        inspect = self._inspect()
        now = self.console_app.clock.now()
        self.query_one(Facts).tell([("", f"Asking {typed.value('host')} …")])

        def done(presented: Presented) -> None:
            self._presented = presented
            self.query_one(Facts).tell(presented.lines)
            if then is None:
                self.changed(at_once=True)
            else:
                self._saving = False
                self.do_form_save()

        self.work(lambda: look(inspect, typed, now), done=done, failed=self._unseen, key="look")

    def _unseen(self, error: CerttuiError) -> None:
        self._presented = None
        self._saving = False
        self.query_one(Facts).tell([])
        name = error.field if isinstance(error, Invalid) and error.field == "server_name" else "host"
        self.field(name).say(str(error), problem=True)
        self.field(name).focus_editor()
        self.query_one("#sentence", SafeText).say("Nothing was seen, nothing is changed.")

    def _inspect(self) -> Inspect:
        inspect = self.console_app.inspect
        assert inspect is not None, "it opens with the backend"  # noqa: S101
        return inspect

    # -- checking ------------------------------------------------------------------------------------------------

    def judge(self, typed: Typed) -> Verdict:
        inspect = self._inspect()
        seen = self._presented
        key = self.console_app.keys.label("server.look")
        try:
            asked = _target_of(inspect, typed) if typed.value("host") else None
        except Invalid as error:
            return ServerVerdict("Nothing is asked yet.", problems={"host": str(error)})
        if asked is None:
            return ServerVerdict(
                "Takes the certificate and chain that a running TLS server presents, as discovered.",
                missing={"host": "Name the server."},
            )
        if seen is None or seen.target != asked:
            return ServerVerdict(
                f"{key} asks {asked[0]}, port {asked[1]}, what it presents; nothing is stored by that."
            )
        from certtui.given import Reader

        world = World(inspect, Reader(inspect), self.backend.certificates, (), self.console_app.clock.now())
        leaf = seen.pairing.leaf
        about = f"{title_of(leaf)} ({leaf.key_algorithm}, {validity(leaf, world.now)})"
        there = already_there(leaf, world)
        used = f"; a host at {seen.place} is recorded as using it" if typed.value("resource") == "yes" else ""
        if there is not None:
            return ServerVerdict(f"{about} is in the inventory already, as “{there.name}”{used}.", presented=seen)
        return ServerVerdict(f"Will add {about} as discovered, without its key{used}.", presented=seen)

    # -- saving --------------------------------------------------------------------------------------------------

    def save(self, verdict: Verdict) -> None:
        assert isinstance(verdict, ServerVerdict)  # noqa: S101  # made by judge
        seen = verdict.presented
        if seen is None:
            # What is saved must have been seen: look first, then go on.
            self._look_then("save")
            return
        self._store(seen)

    def _store(self, seen: Presented, reason: str = "") -> None:
        typed = self.typed()
        new = NewCertificate(
            x509=seen.pairing.leaf,
            chain=seen.pairing.chain,
            labels=typed.labels,
            source=Source.DISCOVERED,
            reason=reason,
        )
        backend, place = self.backend, seen.place if typed.value("resource") == "yes" else ""

        def add() -> tuple[AddOutcome, str]:
            outcome = backend.certificates.add([new])[0]
            return outcome, associate_host(backend, outcome.id, place) if place else ""

        def done(both: tuple[AddOutcome, str]) -> None:
            outcome, used = both
            self.saved(f"{what_became(outcome)} {used}".strip(), outcome.id)

        def refused(error: CerttuiError) -> None:
            from certtui.screens.policy_reason import stopped_by_policy

            def again(why: str) -> None:
                self._store(seen, why)

            if not stopped_by_policy(self, error, again=again, cancelled=self.resume, label="Add"):
                self.refused(error)

        self.work(add, done=done, failed=refused)


def look(inspect: Inspect, typed: Typed, now: datetime) -> Presented:
    """Ask the server. Raises `Unreachable`, `Invalid`."""
    host, port, name = _target_of(inspect, typed)
    material = inspect.fetch(host, port, server_name=name if name != host else "", timeout=TIMEOUT)
    # The server's first certificate is its own (RFC 8446, 4.4.2), whatever else it sends.
    leaf, rest = material.certificates[0], material.certificates[1:]
    from dataclasses import replace

    pairing = inspect.pair([replace(material, certificates=(leaf,))])
    report = inspect.trust(leaf, rest, now)
    best = report.paths[0] if report.paths else None
    chain = tuple(each for each in rest if each.fingerprint_sha256 != leaf.fingerprint_sha256)
    names = [] if covers(leaf.sans, name) else [f"its names do not cover {name}"]
    trusted = bool(best and best.trusted) and not names
    why = "; ".join(
        [
            *names,
            *([report.summary[:1].lower() + report.summary[1:].rstrip(".")] if not (best and best.trusted) else []),
        ]
    )
    names_of = [each.partition(":")[2] for each in leaf.sans]
    lines = [
        (
            "Presents",
            f"{title_of(leaf)} ({leaf.key_algorithm}, {validity(leaf, now)}), by {leaf.issuer_name or 'nobody'}",
        ),
        ("Names", ", ".join(names_of[:6]) + (f" and {len(names_of) - 6} more" if len(names_of) > 6 else "") or "none"),
        ("Chain", ", ".join(title_of(each) for each in chain[:5]) or "it sent none"),
        ("Verified", f"yes. {report.summary}" if trusted else f"no: {why}."),
        *(("Unread", each) for each in material.unread),
    ]
    return Presented((host, port, name), replace(pairing, chain=chain), trusted, tuple(lines))


def covers(sans: Sequence[str], host: str) -> bool:
    """Whether these names cover a host, as a client decides it (RFC 9525: a star stands for one whole first label)."""
    try:
        address = ipaddress.ip_address(host)
        return any(each == f"IP:{address.compressed}" or each == f"IP:{host}" for each in sans)
    except ValueError:
        wanted = _a_label(host).rstrip(".").lower()
    rest = wanted.partition(".")[2]
    for each in sans:
        kind, _, value = each.partition(":")
        value = value.rstrip(".").lower()
        if kind == "DNS" and (value == wanted or (value.startswith("*.") and rest and value[2:] == rest)):
            return True
    return False


def associate_host(backend: Backend, certificate_id: int, place: str) -> str:
    """Say that a host at this endpoint uses the certificate, making the resource where there is none; what was done, in a sentence."""
    from certtui.errors import Conflict
    from certtui.model.query import Query

    try:
        listing = backend.resources.search(Query(place))
        try:
            found = [row for row in listing.rows(0, 50) if getattr(row, "endpoint", "") == place]
        finally:
            listing.close()
        if found:
            resource_id, name = found[0].id, getattr(found[0], "name", place)
        else:
            try:
                made = backend.resources.add(ResourceForm(name=place, type="host", endpoint=place)).row
                resource_id, name = made.id, made.name
            except Conflict:
                resource_id, name = backend.resources.resolve(place), place
        backend.resources.associate(certificate_id, [resource_id])
    except CerttuiError as error:
        return f"The host could not be recorded: {error.message}"
    return f"{name} is recorded as using it."


def _target_of(inspect: Inspect, typed: Typed) -> tuple[str, int, str]:
    host, port = inspect.target(typed.value("host"))
    return host, port, typed.value("server_name") or host


def _a_label(host: str) -> str:
    if host.isascii():
        return host
    try:
        import idna

        return idna.encode(host, uts46=True).decode("ascii")
    except (UnicodeError, ValueError):
        return host
