"""TXT records by acme-dns: a small name server that gives each domain a name of its own, registered once (its HTTP API).

It keeps the two newest values of a name and removes none: a proof ages out. Two are what an apex and its wildcard need.
A registration is on record before anything depends on it; one whose answer was lost is made anew, and nobody misses it.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from certtui.authorities.acme.connection import host_of, proxy_for, trusting
from certtui.authorities.acme.dns_ask import Resolver, Silence, at_each, servers_of
from certtui.authorities.acme.dns_spread import texts_at
from certtui.authorities.settings import words_of
from certtui.errors import CerttuiError, Invalid, Unreachable
from certtui.model.secret import Secret
from certtui.record import dataclass
from certtui.text import clipped

if TYPE_CHECKING:
    from certtui.authorities.acme.books import Books

FOR_TESTS = ""
"""The domain whose registration is used by *save and test*: there is no such name to be proved."""

_MOST_BYTES = 100_000
_MOST_SHOWN = 200
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Registration:
    """What a domain was given at an acme-dns server: `target` is where its CNAME leads (there it is the `fulldomain`)."""

    domain: str
    target: str
    subdomain: str

    @property
    def zone(self) -> str:
        """The zone that the server serves."""
        return self.target.partition(".")[2]


@dataclass(frozen=True, slots=True)
class Login:
    """By what a registration is changed; sealed in the store together with whom it may be told."""

    username: str
    password: Secret

    @classmethod
    def opened(cls, kept: Secret, server: str, domain: str) -> Login:
        """As it was sealed for this server and domain. Raises `Unreachable` where the database says another one by now."""
        username, password, *meant = json.loads(kept.reveal())
        if meant != [server, domain]:
            raise Unreachable(
                f"The registration of {domain or 'the test'} was changed from outside of certtui, so its password is not sent.",
                "Look at who can write the database; then import the registration again.",
            )
        return cls(username, Secret(password))

    def sealed(self, server: str, domain: str) -> Secret:
        """As it is to be sealed."""
        return Secret(json.dumps([self.username, self.password.reveal().decode(), server, domain]))


@dataclass(frozen=True, slots=True)
class Server:
    """An acme-dns server by its address. `ca_file` names roots to trust besides the system's; `seconds` is for each answer."""

    url: str
    ca_file: str = ""
    seconds: float = 15.0

    @property
    def host(self) -> str:
        """For a sentence."""
        return host_of(self.url)

    def health(self) -> None:
        """That it answers; one before 0.8 has no such page. Raises `Unreachable`."""
        status, body = self._ask("GET", "/health")
        if status not in (200, 404):
            raise Unreachable(f"acme-dns at {self.host} answered {status}{_words(body)}.", "See its log.")

    def register(self, domain: str, allow_from: Sequence[str] = ()) -> tuple[Registration, Login]:
        """A new name for a domain. Raises `Unreachable`, `Invalid`."""
        status, body = self._ask("POST", "/register", {"allowfrom": list(allow_from)} if allow_from else None)
        if status == 404:
            raise Unreachable(
                f"acme-dns at {self.host} registers nobody (404): that is switched off there, or it is no acme-dns.",
                "Let it register names, or import registrations; the page on ACME says how.",
            )
        if status == 400 and "allowfrom" in _words(body):
            raise Invalid(
                f"acme-dns at {self.host} does not take the networks{_words(body)}.",
                "Write them as 192.0.2.0/24.",
                field="acmedns_allow_from",
            )
        if status not in (200, 201):
            raise Unreachable(f"acme-dns at {self.host} answered {status}{_words(body)}.", "It is tried again.")
        try:
            return registration_of(domain, json.loads(body))
        except (ValueError, RecursionError):
            raise Unreachable(
                f"acme-dns at {self.host} answered a registration in no form that can be used.", "Check its address."
            ) from None

    def update(self, login: Login, registration: Registration, value: str) -> None:
        """Let a value be one of the two. Raises `Unreachable`."""
        status, body = self._ask(
            "POST",
            "/update",
            {"subdomain": registration.subdomain, "txt": value},
            {"X-Api-User": login.username, "X-Api-Key": login.password.reveal().decode()},
        )
        if status == 401:
            raise Unreachable(
                f"acme-dns at {self.host} does not accept the registration of {registration.domain or 'its test'} (401).",
                "Either this machine's address is not in its allowfrom, or the server has forgotten it: then import one.",
            )
        if status != 200:
            raise Unreachable(f"acme-dns at {self.host} answered {status}{_words(body)}.", "It is tried again.")

    def _ask(
        self, method: str, path: str, body: Mapping[str, object] | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Status and body. An answer's words may repeat what was asked, so they are shown only where they name an error."""
        import httpx

        try:
            with (
                httpx.Client(
                    verify=_trusted(self.ca_file), timeout=self.seconds, trust_env=False, proxy=proxy_for(self.url)
                ) as client,
                client.stream(method, self.url + path, json=body, headers=headers) as answer,
            ):
                read = b""
                for chunk in answer.iter_bytes():
                    read += chunk
                    if len(read) > _MOST_BYTES:
                        raise Unreachable(f"acme-dns at {self.host} answers too much.", "Check its address.")
                return answer.status_code, read
        except httpx.TimeoutException:
            raise Unreachable(
                f"acme-dns at {self.host} did not answer within {self.seconds:g} seconds.", "It is tried again."
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as error:
            raise Unreachable(
                f"acme-dns at {self.host} could not be reached: {clipped(error, _MOST_SHOWN) or type(error).__name__}.",
                "Check its address, the network, and its TLS certificate.",
            ) from None


@dataclass(frozen=True, slots=True)
class AcmeDns:
    """The `Records` of the names that are registered at one server."""

    server: Server
    books: Books
    resolver: Resolver

    def add(self, name: str, value: str) -> None:
        found = next((each for each in self.books.registrations(self.server.url).values() if each.target == name), None)
        login = None if found is None else self.books.registration_login(self.server.url, found.domain)
        if found is None or login is None:
            raise Unreachable(f"{name} is not registered at {self.server.host}.", "Send the order again.")
        # Said twice, it would drive out the other of the two.
        if not self._is_there(found, value):
            self.server.update(login, found, value)

    def remove(self, name: str, value: str) -> None:
        """Nothing: there is no way to; newer values take its place."""

    def _is_there(self, registration: Registration, value: str) -> bool:
        try:
            servers = servers_of(self.resolver, registration.zone)
        except CerttuiError:
            return False
        found = at_each(servers, lambda server: texts_at(self.resolver, server, registration.target))
        return all(not isinstance(each, Silence) and value in each for each in found)


def server_of(settings: Mapping[str, str]) -> Server:
    """The server of a profile."""
    return Server(settings.get("acmedns_url", ""), settings.get("ca_file", ""), float(settings.get("timeout") or 15))


def register(
    books: Books, server: Server, domains: Sequence[str], allow_from: Sequence[str] = ()
) -> dict[str, Registration]:
    """Let each domain have its name, kept before anything depends on it. Raises `Unreachable`, `Invalid`, `Locked`."""
    there = dict(books.registrations(server.url))
    for domain in domains:
        if domain not in there:
            registration, login = server.register(domain, allow_from)
            there[domain] = books.keep_registration(server.url, registration, login)
    return there


def registration_of(domain: str, given: object) -> tuple[Registration, Login]:
    """From what the server answers, and what its clients keep in their files. Raises `ValueError` for anything else."""
    from certtui.pki.sans import host_name

    if not isinstance(given, dict):
        raise ValueError("no object")
    texts = [given.get(key) for key in ("username", "password", "subdomain", "fulldomain")]
    if not all(
        isinstance(each, str) and 0 < len(each) <= 253 and each.isascii() and each.isprintable() for each in texts
    ):
        raise ValueError("not its four texts")
    username, password, subdomain, full = map(str, texts)
    try:
        target = host_name(full)
    except Invalid as error:
        raise ValueError(error.message) from None
    if target.startswith("*.") or not target.startswith(subdomain.lower() + ".") or target.count(".") < 2:
        raise ValueError("a name that is not the subdomain's")
    return Registration(domain, target, subdomain), Login(username, Secret(password))


def imported(text: Secret, url: str) -> dict[str, tuple[Registration, Login] | None]:
    """Registrations as other clients keep them: JSON, by domain; null forgets one. Raises `Invalid` (field `acmedns_import`)."""
    from certtui.pki.sans import host_name

    try:
        given = json.loads(text.reveal())
        if not isinstance(given, dict):
            raise ValueError("no object")
        found: dict[str, tuple[Registration, Login] | None] = {}
        for typed, each in given.items():
            domain = host_name(typed.removeprefix("*.")) if typed else FOR_TESTS
            if each is not None and _address(each.get("server_url") or url) != _address(url):
                raise Invalid(
                    f"The registration of {domain} is one of another server.",
                    f"This profile uses {url}.",
                    field="acmedns_import",
                )
            found[domain] = None if each is None else registration_of(domain, each)
    except Invalid as error:
        raise Invalid(error.message, error.hint, field="acmedns_import") from None
    except (ValueError, AttributeError, TypeError, RecursionError):
        raise Invalid(
            "What is to be imported are no registrations of acme-dns.",
            'They are JSON: {"example.com": {"username": …, "password": …, "subdomain": …, "fulldomain": …}}.',
            field="acmedns_import",
        ) from None
    return found


def checked_settings(settings: Mapping[str, str]) -> dict[str, str]:
    """The settings that are acme-dns's own, as they are kept. Raises `Invalid` naming the setting."""
    import ipaddress

    typed = settings.get("acmedns_url", "").strip()
    if not typed:
        raise Invalid("The address of acme-dns is missing.", "Give its https:// address.", field="acmedns_url")
    networks = words_of(settings, "acmedns_allow_from")
    for each in networks:
        try:
            if "/" not in each:
                raise ValueError
            ipaddress.ip_network(each, strict=False)
        except ValueError:
            raise Invalid(
                f"“{each}” is no network.", "Write it as 192.0.2.0/24 or 2001:db8::/32.", field="acmedns_allow_from"
            ) from None
    return {
        "acmedns_url": checked_address(typed),
        **({"acmedns_allow_from": ",".join(networks)} if networks else {}),
    }


def checked_address(url: str) -> str:
    """The address of an API: HTTPS, or HTTP to this machine itself. Raises `Invalid` (field `acmedns_url`)."""
    try:
        parts = urlsplit(url)
        safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
        usable = safe and bool(parts.hostname) and (parts.port or 443) > 0 and not (parts.query or parts.fragment)
    except ValueError:
        usable = False
    if not usable or parts.username is not None or any(ord(c) <= 32 or ord(c) > 126 for c in url):
        raise Invalid(
            f"“{clipped(url, _MOST_SHOWN)}” is no address that acme-dns is asked at.",
            "It is https://HOST, or http:// on this machine itself: passwords go there.",
            field="acmedns_url",
        )
    return _address(url)


def _address(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}"


def _trusted(ca_file: str) -> ssl.SSLContext:
    context = trusting("")
    if ca_file:
        trusting(ca_file)  # that it can be read, or a sentence
        context.load_verify_locations(ca_file)
    return context


def _words(body: bytes) -> str:
    """What it calls the error, where it does."""
    try:
        said = json.loads(body).get("error")
    except (ValueError, AttributeError, RecursionError):
        return ""
    return f": {clipped(said, _MOST_SHOWN)}" if isinstance(said, str) and said else ""
