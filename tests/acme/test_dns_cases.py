"""DNS as it is met outside: SERVFAIL, domains that nobody knows, large answers, split views; and answers made to do harm."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rrset
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certtui.authorities.acme import dns_ask, dns_look, dns_spread, proof_delegated
from certtui.authorities.acme.dns_ask import NameServer, Resolver, Silence, ask, zone_of
from certtui.authorities.acme.dns_look import look
from certtui.authorities.acme.dns_names import Delegation, challenge_name, delegations, for_consoles, token
from certtui.authorities.acme.dns_public import hidden_because, told
from certtui.authorities.acme.dns_spread import not_yet_at, texts_at
from certtui.authorities.acme.dns_update import DynamicUpdate
from certtui.errors import Unreachable
from certtui.model.secret import Secret
from certtui.pki.sans import host_name
from certtui.text import shown
from tests.acme.test_orders import backend, clock
from tests.bind import CUSTOMER, KEY, KEY_NAME, TECH, Bind, also_at, bind, records
from tests.lab import Lab
from tests.pebble import Pebble

__all__ = ["backend", "clock"]
NAME, TARGET = f"_acme-challenge.shop.{CUSTOMER}", f"k3v9.{TECH}"
WANTED = Delegation(NAME, TARGET)
real_bind = pytest.mark.real("named")


@pytest.fixture(scope="module")
def server() -> Iterator[Bind]:
    """Both zones, and one that is delegated to a server that is not there."""
    above = records("test", "dead IN NS ns.dead", "ns.dead IN A 127.0.0.9")
    with bind({CUSTOMER: records(CUSTOMER), TECH: records(TECH), "test": above}) as made:
        yield made


@real_bind
def test_a_domain_whose_servers_are_dead_is_servfail_at_the_resolver(server: Bind) -> None:
    looked = look(server.resolver, Delegation("_acme-challenge.shop.dead.test", TARGET))
    assert looked.verdict == dns_look.UNKNOWN
    assert looked.sentence == (
        "The resolver can't look up _acme-challenge.shop.dead.test: 127.0.0.1: SERVFAIL. Where it says SERVFAIL, the "
        "domain's own servers don't answer it, or its DNSSEC is broken."
    )
    assert hidden_because(server.resolver, "dead.test").startswith(
        "dead.test can't be found: The resolver can't look up"
    )


@real_bind
def test_a_domain_that_nobody_knows_lies_in_no_zone(server: Bind) -> None:
    with pytest.raises(Unreachable, match=r"nowhere\.invalid lies in no zone: the resolver knows no invalid\."):
        zone_of(server.resolver, "nowhere.invalid")
    assert "lies in no zone" in look(server.resolver, Delegation("_acme-challenge.nowhere.invalid", TARGET)).sentence


@real_bind
def test_twenty_long_values_do_not_fit_into_udp_and_are_read_by_tcp(server: Bind) -> None:
    keeper = DynamicUpdate(server.address, server.port, TECH, KEY_NAME, Secret(KEY))
    # The longest have several strings, of 255 octets at most (RFC 1035, 3.3.14).
    values = {f"{number:02}-" + "v" * (20 * number) for number in range(20)}
    for value in values:
        keeper.add(TARGET, value)
    question = dns.message.make_query(TARGET, "TXT", use_edns=0, payload=1232)
    by_udp = dns.query.udp(question, server.address, port=server.port, timeout=5)
    assert by_udp.flags & dns.flags.TC
    assert texts_at(server.resolver, NameServer("ns1", server.address), TARGET) == values
    assert not_yet_at(server.resolver, TARGET, frozenset(values), TECH) == ()
    server.take(TECH, TARGET)


@real_bind
def test_a_tech_zone_whose_servers_differ_is_said_by_save_and_test(
    monkeypatch: pytest.MonkeyPatch, backend: object
) -> None:
    """The second server never hears of changes."""
    both = {"ns1": "127.0.0.1", "ns2": "127.0.0.2"}
    zones = {TECH: records(TECH, servers=both), CUSTOMER: records(CUSTOMER)}
    monkeypatch.setattr(proof_delegated, "_LOOKS", 1)
    with (
        bind(zones) as first,
        bind({TECH: zones[TECH]}, recursive=False) as second,
        also_at("127.0.0.2", first.port, second),
    ):
        made = Lab(Pebble("https://127.0.0.1:1/dir", "", 0, 0, ""), first, False).authority(backend, ca_file="")  # type: ignore[arg-type]
        lines = {line.label: line for line in backend.authorities.test(made.row.id).lines}  # type: ignore[attr-defined]
        assert lines["Tech zone"].text == f"{TECH} is served by ns1.{TECH}, ns2.{TECH}."
        assert lines["Records"].text == (
            f"A record was written; not yet seen everywhere: ns2.{TECH} (127.0.0.2) has it not yet."
        )


@real_bind
def test_a_tech_zone_is_found_or_not_in_words(server: Bind, monkeypatch: pytest.MonkeyPatch) -> None:
    assert hidden_because(server.resolver, TECH) == ""
    assert told(server.resolver, TECH) == (
        f"{TECH} is resolvable through 127.0.0.1, and its name servers answer. That resolver is of this network: the CA may "
        "see less than it does."
    )
    assert hidden_because(server.resolver, f"sub.{TECH}") == (
        f"sub.{TECH} can't be found: its parent zone {TECH} does not delegate it."
    )
    monkeypatch.setattr(dns_spread, "ask", lambda *_: Silence("no answer within 3 seconds"))
    assert hidden_because(server.resolver, TECH) == (
        f"{TECH} can't be found: its name servers don't serve it: ns1.{TECH} (127.0.0.1): no answer within 3 seconds."
    )


# -- answers that were made to do harm --------------------------------------------------------------------------------


@contextmanager
def answering(make) -> Iterator[int]:  # type: ignore[no-untyped-def]  # bytes of a question to bytes of an answer
    """A name server of a stranger at 127.0.0.1 (UDP); its port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as front:
        front.bind(("127.0.0.1", 0))
        port = int(front.getsockname()[1])

        def serve() -> None:
            while True:
                question, asker = front.recvfrom(65_535)
                if not question:
                    return
                front.sendto(make(question), asker)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield port
        finally:
            front.sendto(b"", ("127.0.0.1", port))
            thread.join(5)


labels = st.binary(min_size=1, max_size=63)
strange_names = st.lists(labels, min_size=1, max_size=6).map(
    lambda found: found if sum(len(each) + 1 for each in found) < 250 else found[:3]
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(target=strange_names, ttl=st.integers(0, 2**31 - 1), case=st.booleans())
def test_a_cname_to_any_labels_is_a_sentence_that_can_be_drawn(target: list[bytes], ttl: int, case: bool) -> None:
    """Labels may hold anything, ESC and dots too (RFC 2181, 11)."""
    led = dns.name.Name((*target, b""))

    def made(question: bytes) -> bytes:
        asked = dns.message.from_wire(question)
        answer = dns.message.make_response(asked)
        answer.flags |= dns.flags.AA
        asked_name = asked.question[0].name
        answer.answer.append(dns.rrset.from_text_list(asked_name, ttl, "IN", "CNAME", [led.to_text()]))
        return answer.to_wire()

    with answering(made) as port, pytest.MonkeyPatch.context() as patch:
        resolver = Resolver(("127.0.0.1",), port)
        patch.setattr(dns_look, "zone_of", lambda *_: CUSTOMER)
        patch.setattr(dns_look, "servers_of", lambda *_: (NameServer("ns1", "127.0.0.1"),))
        looked = look(resolver, Delegation(NAME.upper() if case else NAME, TARGET))
    assert not looked.ok
    for text in (looked.sentence, *(each.text for each in looked.seen)):
        assert text.isprintable()
        assert shown(text) == text


@settings(max_examples=80)
@given(garbage=st.binary(max_size=300), like=st.booleans())
def test_garbage_is_no_answer_and_no_crash(garbage: bytes, like: bool) -> None:
    with (
        answering(lambda question: question[:2] + b"\x84" + garbage if like else garbage or b"x") as port,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(dns_ask, "SECONDS", 0.05)
        answer = ask("127.0.0.1", port, NAME, "TXT")
        assert isinstance(answer, Silence | dns.message.Message)
        found = texts_at(Resolver(("127.0.0.1",), port), NameServer("ns1", "127.0.0.1"), NAME)
    assert isinstance(found, Silence | set)


@settings(max_examples=60)
@given(strings=st.lists(st.binary(max_size=255), min_size=1, max_size=8))
def test_the_strings_of_a_txt_record_are_one_value_whatever_is_in_them(strings: list[bytes]) -> None:
    from dns.rdtypes.ANY.TXT import TXT

    def made(question: bytes) -> bytes:
        answer = dns.message.make_response(dns.message.from_wire(question))
        answer.flags |= dns.flags.AA
        found = dns.rrset.RRset(answer.question[0].name, 1, 16)
        found.update_ttl(1)
        found.add(TXT(1, 16, strings))
        answer.answer.append(found)
        return answer.to_wire(max_size=65_000)

    with answering(made) as port:
        found = texts_at(Resolver(("127.0.0.1",), port), NameServer("ns1", "127.0.0.1"), NAME)
    assert found == {b"".join(strings).decode("ascii", "replace")}


host_labels = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True).filter(
    lambda label: not label.startswith("xn--") and label[2:4] != "--"
)
hosts = (
    st.lists(host_labels, min_size=2, max_size=5).map(".".join).filter(lambda host: not host.split(".")[-1].isdigit())
)


@settings(max_examples=40)
@given(domain=hosts, tech=hosts, seed=st.text(max_size=40), star=st.booleans(), upper=st.booleans())
def test_a_delegation_is_one_line_for_any_host_and_the_same_however_it_is_written(
    domain: str, tech: str, seed: str, star: bool, upper: bool
) -> None:
    typed = ("*." if star else "") + (domain.upper() if upper else domain)
    (made,) = delegations((f"DNS:{typed}",), tech, seed)
    assert made == delegations((f"DNS:{domain}.",), tech + ".", seed)[0]
    assert re.fullmatch(r"[a-z2-7]{16}", token(seed, typed))
    assert host_name(made.target) == made.target
    assert made.name == challenge_name(typed) == f"_acme-challenge.{domain}"
    line = dns.rrset.from_text(*_columns(made.zone_line))
    assert (str(line.name), str(line[0].target)) == (f"{made.name}.", f"{made.target}.")
    zone = domain.partition(".")[2]
    for known in (zone, domain, "", "else.example"):
        for console, text in for_consoles(made, known):
            assert text.isprintable(), console
            assert made.target in text
        written = dict(for_consoles(made, known))
        change = json.loads(written["Route 53"])["ResourceRecordSet"]
        assert change["ResourceRecords"] == [{"Value": made.target}]
        host = written["Host, value"].split(",")[0].removeprefix("host ")
        inside = bool(known) and (domain == known or domain.endswith("." + known))
        assert (f"{host}.{known}" if inside else host) == made.name


def _columns(line: str) -> tuple[str, int, str, str, str]:
    name, ttl, kind, record, target = line.split(" ")
    return name, int(ttl), kind, record, target
