"""From a profile's settings to who keeps the records of a zone: one `Records` for each provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.authorities.acme.dns_bound import bound_by
from certtui.authorities.acme.profile import BY_ACME_DNS, BY_HOOK, BY_LEXICON, server_of
from certtui.errors import Invalid, Unreachable
from certtui.model.secret import Secret

if TYPE_CHECKING:
    from certtui.authorities.acme.authority import AcmeCa
    from certtui.authorities.acme.dns_records import Records
    from certtui.authorities.acme.dns_update import DynamicUpdate


def records_of(ca: AcmeCa, zone: str) -> Records:
    """Who keeps the records of this zone. Raises `Locked`, `Invalid`, `Unreachable`."""
    match ca.settings.get("dns"):
        case provider if provider == BY_HOOK:
            from certtui.authorities.acme.dns_hook import Hook

            ca.books.require_bound(bound_by(ca.settings))
            return Hook(ca.settings.get("hook", ""))
        case provider if provider == BY_ACME_DNS:
            from certtui.authorities.acme import acme_dns

            return acme_dns.AcmeDns(acme_dns.server_of(ca.settings), ca.books, ca.resolver())
        case provider if provider == BY_LEXICON:
            from certtui.authorities.acme.dns_lexicon import Lexicon, options_of, secrets_of

            ca.books.require_bound(bound_by(ca.settings))
            secrets = secrets_of(ca.books.secret("lexicon_secrets"))
            return Lexicon(ca.settings.get("lexicon_provider", ""), zone, options_of(ca.settings), secrets)
        case _:
            return _by_update(ca, zone)


def server_with(ca: AcmeCa, zone: str) -> str:
    """The update server as the profile names it, if it has the zone, be it delegated or not; else ""."""
    from certtui.authorities.acme.dns_public import serves

    typed = ca.settings.get("dns_server", "")
    if not typed:
        return ""
    host, port = server_of(typed)
    return typed if serves(_address(host), port, zone) else ""


def _by_update(ca: AcmeCa, zone: str) -> DynamicUpdate:
    from certtui.authorities.acme.dns_update import DynamicUpdate, primary_of

    typed = ca.settings.get("dns_server", "")
    host, port = server_of(typed) if typed else primary_of(ca.resolver(), zone)
    key_name = ca.settings.get("tsig_name", "")
    key = ca.books.secret("tsig_key") if key_name else None
    if key_name and key is None:
        raise Invalid(f"The TSIG key “{key_name}” has no key.", "Put it into the profile.", field="tsig_key")
    return DynamicUpdate(
        _address(host), port, zone, key_name, key or Secret(""), ca.settings.get("tsig_algorithm") or "hmac-sha256"
    )


def _address(host: str) -> str:
    """An address of a host that takes updates."""
    import socket

    try:
        return str(socket.getaddrinfo(host, 53, type=socket.SOCK_STREAM)[0][4][0])
    except OSError:
        raise Unreachable(f"The name server {host} is not known.", "Check how it is written.") from None
