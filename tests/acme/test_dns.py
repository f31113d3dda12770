"""Looking at CNAMEs, and keeping TXT records, with real name servers: BIND at 127.0.0.1 and at 127.0.0.2."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from certtui.authorities.acme import dns_ask, dns_look
from certtui.authorities.acme.dns_ask import Resolver, Silence, ask, resolver_of, servers_of, zone_of
from certtui.authorities.acme.dns_hook import Hook
from certtui.authorities.acme.dns_look import Looked, look
from certtui.authorities.acme.dns_names import Delegation, delegations, for_consoles, token
from certtui.authorities.acme.dns_spread import not_yet_at
from certtui.authorities.acme.dns_update import DynamicUpdate
from certtui.errors import CerttuiError, Invalid, Unreachable
from certtui.model.secret import Secret
from tests.bind import CUSTOMER, KEY, KEY_NAME, TECH, Bind, also_at, bind, records

pytestmark = pytest.mark.real("named")
NAME, TARGET = f"_acme-challenge.shop.{CUSTOMER}", f"k3v9.{TECH}"
WANTED = Delegation(NAME, TARGET)


@pytest.fixture(scope="module")
def server() -> Iterator[Bind]:
    """Both zones on one server."""
    with bind() as made:
        yield made


@pytest.fixture(scope="module")
def two() -> Iterator[tuple[Bind, Bind]]:
    """The customer's zone on two servers that may differ; the first one is the resolver too."""
    both = {"ns1": "127.0.0.1", "ns2": "127.0.0.2"}
    zones = {CUSTOMER: records(CUSTOMER, servers=both), TECH: records(TECH)}
    with (
        bind(zones) as first,
        bind({CUSTOMER: zones[CUSTOMER]}, recursive=False) as second,
        also_at("127.0.0.2", first.port, second),
    ):
        yield first, second


@pytest.fixture
def clean(server: Bind) -> Iterator[Bind]:
    yield server
    server.take(CUSTOMER, NAME)
    server.take(TECH, TARGET)


def _verdict(looked: Looked) -> tuple[str, str]:
    return looked.verdict, looked.sentence


def test_a_cname_that_is_not_there_then_wrong_then_right(clean: Bind) -> None:
    looked = look(clean.resolver, WANTED)
    assert looked.verdict == dns_look.MISSING
    assert looked.sentence == (
        f"{NAME} leads nowhere yet: ns1.{CUSTOMER} (127.0.0.1) has no such name. Caches may keep that for 1 second."
    )
    clean.put(CUSTOMER, NAME, "CNAME", "k3v9.acme.example.org.", ttl=240)
    looked = look(clean.resolver, WANTED)
    assert looked.verdict == dns_look.WRONG
    assert looked.sentence == (
        f"{NAME} leads to the wrong target: k3v9.acme.example.org, not to {TARGET}. Caches may keep that for 240 seconds."
    )
    clean.put(CUSTOMER, NAME, "CNAME", TARGET + ".")
    looked = look(clean.resolver, WANTED)
    assert _verdict(looked) == (dns_look.FOUND, f"{NAME} leads to {TARGET}.")
    assert looked.zone == CUSTOMER
    # A record that was just made is seen at once: no cache is asked.
    clean.take(CUSTOMER, NAME)
    assert not look(clean.resolver, WANTED).ok


def test_a_txt_record_in_the_place_of_the_cname_is_no_cname(clean: Bind) -> None:
    clean.put(CUSTOMER, NAME, "TXT", "left-behind")
    looked = look(clean.resolver, WANTED)
    assert looked.verdict == dns_look.MISSING
    assert "the name, but no CNAME" in looked.sentence


def test_a_chain_of_cnames_is_followed_and_a_loop_is_named(clean: Bind) -> None:
    clean.put(CUSTOMER, NAME, "CNAME", f"a.{CUSTOMER}.")
    clean.put(CUSTOMER, f"a.{CUSTOMER}", "CNAME", TARGET + ".")
    looked = look(clean.resolver, WANTED)
    assert looked.ok
    assert looked.seen[0].text == f"CNAME a.{CUSTOMER} → {TARGET}"
    clean.put(CUSTOMER, f"a.{CUSTOMER}", "CNAME", f"b.{CUSTOMER}.")
    clean.put(CUSTOMER, f"b.{CUSTOMER}", "CNAME", NAME + ".")
    looked = look(clean.resolver, WANTED)
    assert looked.verdict == dns_look.LOOP
    assert f"a loop: {NAME} → a.{CUSTOMER} → b.{CUSTOMER} → {NAME}" in looked.sentence
    clean.put(CUSTOMER, f"b.{CUSTOMER}", "CNAME", "nowhere.dead.test.")
    assert look(clean.resolver, WANTED).seen[0].text == f"CNAME a.{CUSTOMER} → b.{CUSTOMER} → nowhere.dead.test"
    for name in ("a", "b"):
        clean.take(CUSTOMER, f"{name}.{CUSTOMER}")


def test_name_servers_that_differ_are_each_quoted(two: tuple[Bind, Bind]) -> None:
    first, second = two
    first.put(CUSTOMER, NAME, "CNAME", TARGET + ".")
    looked = look(first.resolver, WANTED)
    assert looked.verdict == dns_look.SPLIT
    assert looked.sentence.startswith(
        f"The name servers of {CUSTOMER} don't agree on {NAME}: ns1.{CUSTOMER} (127.0.0.1): CNAME {TARGET}; "
        f"ns2.{CUSTOMER} (127.0.0.2): no such name."
    )
    second.put(CUSTOMER, NAME, "CNAME", TARGET + ".")
    assert look(first.resolver, WANTED).ok
    assert [each.address for each in servers_of(first.resolver, CUSTOMER)] == ["127.0.0.1", "127.0.0.2"]


def _beside(body: str | None) -> tuple[str, Looked]:
    """Look while the second server has this for a zone file (None: no such zone there)."""
    both = {"ns1": "127.0.0.1", "ns2": "127.0.0.2"}
    cname = f"_acme-challenge.shop IN CNAME {TARGET}."
    zones = {"other.test": records("other.test"), **({} if body is None else {CUSTOMER: body})}
    with (
        bind({CUSTOMER: records(CUSTOMER, cname, servers=both), TECH: records(TECH)}) as first,
        bind(zones, recursive=False) as second,
        also_at("127.0.0.2", first.port, second),
    ):
        looked = look(first.resolver, WANTED)
    return next(each.text for each in looked.seen if "127.0.0.2" in each.server), looked


def test_a_lame_and_a_broken_server_are_named_and_do_not_hold_up_a_good_one() -> None:
    lame, looked = _beside(None)
    assert lame == "REFUSED: it does not serve the zone that is delegated to it (lame)"
    assert looked.ok
    assert looked.sentence.endswith(f"ns2.{CUSTOMER} (127.0.0.2) gives no good answer: {lame}.")
    broken, looked = _beside("this is no zone file\n")
    assert broken == "SERVFAIL"
    assert looked.ok


def test_servers_that_are_all_dead_and_a_zone_that_is_not_there(server: Bind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dns_ask, "SECONDS", 0.1)
    dead = {CUSTOMER: records(CUSTOMER, servers={"ns1": "127.0.0.9"})}
    with bind(dead) as made:
        looked = look(made.resolver, WANTED)
    assert looked.verdict == dns_look.UNKNOWN
    assert looked.sentence.startswith(f"No name server of {CUSTOMER} answers for {NAME}: ns1.{CUSTOMER} (127.0.0.9): ")
    nobody = Resolver(("127.0.0.9",), server.port)
    assert "The resolver can't look up" in look(nobody, WANTED).sentence
    assert isinstance(ask("127.0.0.9", server.port, NAME, "TXT"), Silence)


def test_the_zone_of_a_name_is_found_through_cnames_and_empty_names(clean: Bind) -> None:
    clean.put(CUSTOMER, NAME, "CNAME", TARGET + ".")
    assert zone_of(clean.resolver, NAME) == CUSTOMER
    assert zone_of(clean.resolver, f"a.b.c.{CUSTOMER}") == CUSTOMER
    assert zone_of(clean.resolver, TARGET) == TECH


def _updates(server: Bind, **more: object) -> DynamicUpdate:
    given = {"zone": TECH, "key_name": KEY_NAME, "key": Secret(KEY), **more}
    return DynamicUpdate(server.address, server.port, **given)  # type: ignore[arg-type]


def test_values_come_and_go_one_by_one_and_twice_is_as_good_as_once(clean: Bind) -> None:
    keeper = _updates(clean)
    values = [f"value-{number:02}-" + "x" * 30 for number in range(20)]
    for value in [*values, values[0]]:
        keeper.add(TARGET, value)
    assert clean.texts(TARGET) == set(values)
    assert not_yet_at(clean.resolver, TARGET, frozenset(values)) == ()
    for value in [*values[1:], values[1]]:
        keeper.remove(TARGET, value)
    assert clean.texts(TARGET) == {values[0]}
    keeper.add(TARGET, 'quotes " and \\ are text')
    assert 'quotes " and \\ are text' in clean.texts(TARGET)


def test_a_value_that_one_server_lacks_is_waited_for(two: tuple[Bind, Bind]) -> None:
    first, second = two
    name = f"txt.{CUSTOMER}"
    first.put(CUSTOMER, name, "TXT", '"one" "two"')
    (said,) = not_yet_at(first.resolver, name, frozenset({"onetwo"}))
    assert said == f"ns2.{CUSTOMER} (127.0.0.2) has it not yet"
    second.put(CUSTOMER, name, "TXT", '"onetwo"')
    assert not_yet_at(first.resolver, name, frozenset({"onetwo"})) == ()


@pytest.mark.parametrize(
    ("more", "kind", "said"),
    [
        ({"key_name": "stranger"}, Invalid, "does not know the TSIG key “stranger”"),
        ({"key": Secret("AAAA" * 8)}, Invalid, "does not accept the signature"),
        ({"key": Secret("no base64 at all!")}, Invalid, "no base64"),
        ({"key_name": ""}, Unreachable, "REFUSED"),
        ({"zone": "tech.test"}, Unreachable, "NOTAUTH"),
    ],
)
def test_an_update_that_is_refused_says_why(
    server: Bind, more: dict[str, object], kind: type[CerttuiError], said: str
) -> None:
    with pytest.raises(kind, match=said) as met:
        _updates(server, **more).add(TARGET, "value")
    assert KEY not in str(met.value)


def test_nobody_who_takes_updates() -> None:
    with pytest.raises(Unreachable, match="could not be reached by TCP on port 1"):
        DynamicUpdate("127.0.0.1", 1, TECH).add(TARGET, "value")


def test_a_hook_gets_act_name_and_value_and_is_quoted_when_it_fails(tmp_path: Path) -> None:
    hook = tmp_path / "hook"
    hook.write_text(
        f'#!/bin/sh\necho "$1 $2 $3" >>{tmp_path}/seen\n[ "$3" = good ] || {{ echo "no such zone"; exit 3; }}\n'
    )
    hook.chmod(0o755)
    made = Hook(str(hook))
    made.add(TARGET, "good")
    made.remove(TARGET, "good")
    assert (tmp_path / "seen").read_text().splitlines() == [f"add {TARGET} good", f"remove {TARGET} good"]
    with pytest.raises(Unreachable, match="ended with status 3: no such zone"):
        made.add(TARGET, "$(id)")
    with pytest.raises(Unreachable, match="could not be started"):
        Hook(str(tmp_path / "none")).add(TARGET, "x")


def test_a_hook_that_does_not_end_is_ended_with_what_it_started(tmp_path: Path) -> None:
    hook = tmp_path / "hook"
    hook.write_text("#!/bin/sh\nsleep 300 & wait\n")
    hook.chmod(0o755)
    with pytest.raises(Unreachable, match="ended after 1 seconds"):
        Hook(str(hook), seconds=1).add(TARGET, "x")


def test_a_wildcard_and_its_apex_share_one_cname_that_stays() -> None:
    sans = ("DNS:Example.com", "DNS:*.example.com", "DNS:www.example.com", "IP:192.0.2.1")
    made = delegations(sans, "acme.example.net.", "a store")
    assert [each.name for each in made] == ["_acme-challenge.example.com", "_acme-challenge.www.example.com"]
    assert made == delegations(tuple(reversed(sans)), "ACME.example.net", "a store")
    assert made[0].target == f"{token('a store', '*.example.com')}.acme.example.net"
    assert token("a store", "example.com") != token("another", "example.com")
    assert made[0].zone_line == f"_acme-challenge.example.com. 300 IN CNAME {made[0].target}."
    written = dict(for_consoles(made[1], "example.com"))
    assert "host _acme-challenge.www, type CNAME" in written["Host, value"]
    assert json.loads(written["Route 53"])["ResourceRecordSet"]["Name"] == "_acme-challenge.www.example.com"


def test_a_zone_line_is_one_that_bind_takes(tmp_path: Path) -> None:
    (made,) = delegations(("DNS:www.example.com",), "acme.example.net", "a store")
    zone = tmp_path / "zone"
    zone.write_text(
        f"$TTL 60\n@ IN SOA ns.example.com. h.example.com. 1 1 1 1 1\n@ IN NS ns\nns IN A 192.0.2.1\n{made.zone_line}\n"
    )
    done = subprocess.run(["named-checkzone", "example.com", str(zone)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("typed", ["dns.example", "9.9.9.9:0", "9.9.9.9:99999", "9.9.9.9:53,1.1.1.1:54", "1.2.3"])
def test_a_resolver_is_an_address(typed: str) -> None:
    with pytest.raises(Invalid) as met:
        resolver_of(typed)
    assert met.value.field == "resolvers"


def test_resolvers_as_they_are_typed() -> None:
    assert resolver_of("9.9.9.9, 2620:fe::fe") == Resolver(("9.9.9.9", "2620:fe::fe"))
    assert resolver_of("[::1]:5353 127.0.0.1:5353") == Resolver(("::1", "127.0.0.1"), 5353)
