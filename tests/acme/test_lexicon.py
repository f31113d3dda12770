"""Records by a provider of dns-lexicon: its `ddns` against a real BIND for a whole order, and what it may never do or say."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certtui.authorities.acme import dns_lexicon
from certtui.authorities.acme.dns_bound import bound_by
from certtui.authorities.acme.dns_lexicon import (
    Lexicon,
    checked_settings,
    options_of,
    providers,
    redacted,
    secrets_of,
    touches_files,
)
from certtui.backend.local.backend import LocalBackend
from certtui.errors import Denied, Invalid, Unreachable
from certtui.model.access import Access, Identity, Role
from certtui.model.audit import Actor
from certtui.model.authority import Authority, AuthorityForm, AuthorityType
from certtui.model.order import OrderStatus
from certtui.model.secret import Secret
from tests.acme.test_orders import backend, clock, delegate, left_behind, ordered
from tests.bind import KEY, KEY_NAME, at_port_53
from tests.lab import CUSTOMER, TECH, Lab, lab

__all__ = ["backend", "clock"]
CANARY = "c4n4ry-of-the-provider"


@dataclass(frozen=True)
class LabAt53(Lab):
    """Lexicon's `ddns` knows port 53 alone, so BIND answers there as well."""

    at_53: str


@pytest.fixture(scope="module")
def server() -> Iterator[LabAt53]:
    with lab() as made:
        try:
            with at_port_53(made.dns) as address:
                yield LabAt53(made.acme, made.dns, made.external, address)
        except OSError:
            pytest.skip("port 53 of loopback can't be had: that takes root, and nobody who has all of it")


def profile(server: LabAt53, backend: LocalBackend, *, secret: str = "", **more: str) -> Authority:
    settings = {**server.settings, "dns": "lexicon", "lexicon_provider": "ddns", **more}
    settings.setdefault("lexicon_options", f"--ddns-server={server.at_53}")
    words = Secret(secret or f"auth_token=hmac-sha256:{KEY_NAME}:{KEY}")
    secrets = {**server.secrets, "lexicon_secrets": words}
    return backend.authorities.add(AuthorityForm("pebble", AuthorityType.ACME, settings=settings, secrets=secrets))


@pytest.mark.real("pebble", "named")
def test_from_a_name_to_a_certificate_by_lexicon(server: LabAt53, backend: LocalBackend) -> None:
    authority = profile(server, backend)
    assert authority.settings["lexicon_options"] == f"ddns_server={server.at_53}"
    assert authority.secrets_set == ("as_set", "eab_key", "lexicon_secrets", "tsig_key")
    test = backend.authorities.test(authority.row.id)
    assert test.ok, test.lines
    assert test.lines[-1].text == "A record was written, read at every name server, and removed."
    delegate(server, backend, CUSTOMER)
    assert ordered(backend, CUSTOMER, f"*.{CUSTOMER}").row.status is OrderStatus.COMPLETE
    assert left_behind(backend) == []


@pytest.mark.real("pebble", "named")
def test_what_was_changed_in_the_database_gets_no_secret(server: LabAt53, backend: LocalBackend) -> None:
    authority = profile(server, backend)
    with backend._store.changing() as change:
        change.session.connection().exec_driver_sql(
            f"UPDATE authority SET settings = replace(settings, '{server.at_53}', '192.0.2.1') WHERE id = 1"
        )
    said = backend.authorities.test(authority.row.id).lines[-1]
    assert (said.ok, "The provider was changed from outside of certtui" in said.text) == (False, True)


@pytest.mark.real("pebble", "named")
def test_over_a_server_a_provider_reads_and_writes_no_files(server: LabAt53, backend: LocalBackend) -> None:
    admin = backend.acting(Identity(Actor("eve"), Access(Role.ADMIN)))
    for more in (
        {"lexicon_provider": "localzone", "lexicon_options": "filename=zone"},
        {"lexicon_provider": "oci", "lexicon_options": "auth_config_file=/etc/passwd"},
    ):
        with pytest.raises(Denied, match="is set there"):
            profile(server, admin, **more)
    assert profile(server, admin).row.name == "pebble"


def test_a_provider_that_fails_is_quoted_without_what_it_was_given(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """`ddns` refuses a key that is no base64; its words may quote it."""
    seen: list[list[str]] = []
    real = subprocess.Popen

    def started(argv: list[str], **more: object) -> object:
        seen.append([*argv, *more["env"].values()])  # type: ignore[attr-defined]  # the environment
        return real(argv, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "Popen", started)
    monkeypatch.setenv("LEXICON_DDNS_AUTH_TOKEN", "hmac-sha256:other:QUJD")
    secrets = {"auth_token": Secret(f"hmac-{CANARY}:{CANARY}:{CANARY}")}
    with pytest.raises(Unreachable) as met:
        Lexicon("ddns", TECH, {"ddns_server": "127.0.0.1"}, secrets).add(f"x.{TECH}", "value")
    assert str(met.value).startswith(f"The provider ddns did not create the record x.{TECH}: ")
    out, err = capfd.readouterr()
    for place in (str(met.value), str(seen), caplog.text, out, err):
        assert CANARY not in place
    assert "LEXICON" not in str(seen)
    assert sys.executable in seen[0]


def test_a_provider_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/sleep")
    monkeypatch.setattr(dns_lexicon, "_ARGUMENTS", ("30",))
    with pytest.raises(Unreachable, match="did not end within"):
        Lexicon("ddns", TECH, {}, {}, seconds=0.2).add(f"x.{TECH}", "value")


def test_a_provider_that_dies_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(Unreachable, match="ended with status 1 and said nothing"):
        Lexicon("ddns", TECH, {}, {}).remove(f"x.{TECH}", "value")


def test_nothing_of_it_is_imported_here() -> None:
    code = (
        "import sys; from certtui.authorities.acme.dns_lexicon import Lexicon, providers; from certtui.model.secret import Secret\n"
        "assert len(providers()) > 80\n"
        "try: Lexicon('ddns', 'a.test', {}, {'auth_token': Secret('x')}).add('b.a.test', 'v')\n"
        "except Exception as error: print(type(error).__name__)\n"
        "print([each for each in ('lexicon', 'requests', 'bs4', 'yaml') if each in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["Unreachable", "[]"]


def test_without_the_extra_one_sentence_says_how_to_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dns_lexicon, "providers", lambda: ())
    for act in (
        lambda: checked_settings({"lexicon_provider": "ddns"}),
        lambda: Lexicon("ddns", TECH, {}, {}).add("x", "y"),
    ):
        with pytest.raises(Invalid) as met:
            act()
        assert str(met.value) == (
            "dns-lexicon is not installed here. Install it on this host: pip install 'certtui[lexicon]'."
        )


def test_a_provider_that_is_misspelt_has_its_neighbours_named() -> None:
    assert {"cloudflare", "powerdns", "route53", "ddns"} <= set(providers())
    with pytest.raises(Invalid, match="There are cloudflare"):
        checked_settings({"lexicon_provider": "cloudfare"})


@pytest.mark.parametrize("line", ["auth_token=x", "--auth-password=x", "api_key=1", "no equals", "=x", "a b=c"])
def test_what_is_secret_is_no_option(line: str) -> None:
    with pytest.raises(Invalid) as met:
        options_of({"lexicon_options": line})
    assert met.value.field == "lexicon_options"


def test_secrets_are_read_as_a_shell_reads_words() -> None:
    found = secrets_of(Secret("auth_username=ada --auth-password='two words'\nauth_secret=a=b"))
    assert {key: value.reveal() for key, value in found.items()} == {
        "auth_username": b"ada", "auth_password": b"two words", "auth_secret": b"a=b",
    }  # fmt: skip
    assert secrets_of(None) == {}


@pytest.mark.parametrize(
    "typed", [CANARY, f"auth_token='{CANARY}", f"{CANARY} x=y", f"x=file:{CANARY}", f"{CANARY}!=1"]
)
def test_secrets_that_can_not_be_read_are_not_said_again(typed: str) -> None:
    with pytest.raises(Invalid) as met:
        secrets_of(Secret(typed))
    assert met.value.field == "lexicon_secrets"
    assert CANARY not in str(met.value)


@pytest.mark.parametrize(
    ("provider", "options", "expected"),
    [
        ("cloudflare", "zone_id=12", False),
        ("powerdns", "pdns_server=https://dns.example.net/api", False),
        ("localzone", "", True),
        ("oci", "auth_config_file=/root/.oci/config", True),
        ("googleclouddns", "auth_service_account_info=file::/etc/key.json", True),
        ("any", "file=~/x", True),
        ("any", "file=x/../../etc/passwd", True),
    ],
)
def test_which_providers_are_bound_to_their_host(provider: str, options: str, expected: bool) -> None:
    typed = {"dns": "lexicon", "lexicon_provider": provider, "lexicon_options": options}
    assert touches_files(typed) is expected
    assert bound_by(typed).of_host is expected


@settings(max_examples=40)
@given(
    secret=st.text(min_size=3, max_size=40).filter(lambda text: text.strip() == text),
    before=st.text(max_size=30),
    after=st.text(max_size=30),
    style=st.sampled_from(["plain", "quoted", "plus", "base64", "query"]),
)
def test_no_secret_is_left_in_the_words(secret: str, before: str, after: str, style: str) -> None:
    from base64 import b64encode
    from urllib.parse import quote, quote_plus

    raw = secret.encode("utf-8", "replace").decode()
    written = {
        "plain": raw,
        "quoted": quote(raw, safe=""),
        "plus": quote_plus(raw),
        "base64": b64encode(raw.encode()).decode(),
        "query": f"https://dns.example/api?key={quote(raw, safe='')}",
    }[style]
    said = redacted(f"{before} {written} {after}", [Secret(raw)])
    assert written not in said
    assert said.isprintable()
    assert len(said) <= 300


def test_the_words_that_remain_say_what_happened() -> None:
    said = redacted(
        f"HTTPError: 401 Client Error: Unauthorized for url: https://api.x/v4/zones?tok={CANARY}\x1b[31m", []
    )
    assert said == "HTTPError: 401 Client Error: Unauthorized for url: https://api.x/v4/zones?…"
    assert redacted("bad\x1b]52;c;x\x07", [Secret("zzz")]) == "bad␛]52;c;x␇"
