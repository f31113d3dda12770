"""The settings of an ACME profile: what a form shows, and what they come to."""

from __future__ import annotations

from collections.abc import Mapping

from certtui.authorities.acme import acme_dns
from certtui.authorities.acme.connection import checked_url
from certtui.authorities.acme.dns_ask import resolver_of
from certtui.authorities.acme.dns_hook import checked_hook
from certtui.authorities.acme.dns_update import ALGORITHMS
from certtui.authorities.acme.jose import KEY_TYPES
from certtui.authorities.acme.listen_at import address_of
from certtui.authorities.settings import TAKE_OVER, check_flag, folder_of, number_of, words_of
from certtui.errors import Invalid
from certtui.model.authority import AuthorityType, AuthorityTypeInfo, SettingField, When

OTHER = "other"
SERVERS = {
    "letsencrypt": "https://acme-v02.api.letsencrypt.org/directory",
    "letsencrypt-staging": "https://acme-staging-v02.api.letsencrypt.org/directory",
    "zerossl": "https://acme.zerossl.com/v2/DV90",
    "google": "https://dv.acme-v02.api.pki.goog/directory",
    "google-staging": "https://dv.acme-v02.test-api.pki.goog/directory",
    "buypass": "https://api.buypass.com/acme/directory",
    "buypass-staging": "https://api.test4.buypass.no/acme/directory",
    "sslcom": "https://acme.ssl.com/sslcom-dv-ecc",
}
"""Directories of public CAs by a short name; another one is named by its address."""

DELEGATED, DNS, HTTP, TLS_ALPN, MANUAL = "delegated", "dns", "http", "tls-alpn", "manual"
PROOFS = (DELEGATED, DNS, HTTP, TLS_ALPN, MANUAL)
"""How names are proved."""

STAGING = {"letsencrypt": "letsencrypt-staging", "google": "google-staging", "buypass": "buypass-staging"}
"""Which server one can try an order at."""

BY_WEB_ROOT, BY_LISTENER = "web-root", "listener"
BY_DNS, BY_HTTP = "dns", "http"
DEFAULT_HTTP, DEFAULT_TLS = ":80", ":443"

BY_UPDATE, BY_ACME_DNS, BY_LEXICON, BY_HOOK = "update", "acme-dns", "lexicon", "hook"
WAYS = (BY_UPDATE, BY_ACME_DNS, BY_LEXICON, BY_HOOK)
"""How records are made."""

CAA_CHECK, CAA_IGNORE = "check", "ignore"
DEFAULT_TIMEOUT = 15
DEFAULT_SPREAD = 300
_MOST_SECONDS = 3_600

_OTHER_SERVER = (When("server", (OTHER,)),)
_EXTERNAL_ACCOUNTS = (
    When("server", tuple(each for each in (*SERVERS, OTHER) if not each.startswith(("letsencrypt", "buypass")))),
)
_UNKNOWN_STAGING = (When("server", ("zerossl", "sslcom", OTHER)),)
_STAGING_ACCOUNTS = (When("server", ("google", "zerossl", "sslcom", OTHER)),)
_BY_RECORDS = (When("proof", (DELEGATED, DNS)),)
_BY_ITSELF = (When("proof", tuple(each for each in PROOFS if each != MANUAL)),)
_BY_DNS, _SPREADS = (When("proof", (DELEGATED, DNS, MANUAL)),), (When("proof", (DELEGATED, DNS, HTTP)),)
_BY_UPDATE, _BY_ACME_DNS = (When("dns", (BY_UPDATE,)),), (When("dns", (BY_ACME_DNS,)),)
_BY_LEXICON = (When("dns", (BY_LEXICON,)),)
_OWN_ZONE = (When("dns", tuple(each for each in WAYS if each != BY_ACME_DNS)),)

INFO = AuthorityTypeInfo(
    AuthorityType.ACME,
    AuthorityType.ACME.title,
    "A CA that is asked by ACME: Let's Encrypt and others, or one of your own.",
    (
        SettingField(
            "server", "Server", "choice", help="Whom to ask.", choices=(*SERVERS, OTHER), default="letsencrypt"
        ),
        SettingField("directory", "Directory", help="The https:// address of its directory.", when=_OTHER_SERVER),
        SettingField("agree", "Agree to terms", "flag", help="To the CA's terms of service; the test names them.", default="no"),
        SettingField("email", "E-mail", help="Whom the CA writes to; commas separate. May be empty."),
        SettingField("eab_kid", "EAB key id", help="External account: what the CA's page gives its customers.", when=_EXTERNAL_ACCOUNTS),
        SettingField(
            "eab_key", "EAB MAC key", "secret", help="External account: the key that belongs to the id.", when=_EXTERNAL_ACCOUNTS
        ),
        SettingField(
            "proof", "Names proved by", "choice", choices=PROOFS, default=DELEGATED,
            help="How control of them is shown to the CA.",
            said=(
                "One CNAME for each name, made once, leads to a zone of your own.",
                "TXT records come and go in each name's own zone.",
                "Port 80 of each name leads to a web root, or a port here.",
                "Port 443 of each name leads to a port here.",
                "A person makes what each order shows: records, or files.",
            ),
        ),
        SettingField(
            "manual_by", "Made by hand", "choice", choices=(BY_DNS, BY_HTTP), default=BY_DNS, when=(When("proof", (MANUAL,)),),
            help="TXT records, or files of a web server.",
        ),
        SettingField(
            "http_by", "Answered by", "choice", choices=(BY_WEB_ROOT, BY_LISTENER), default=BY_WEB_ROOT, when=(When("proof", (HTTP,)),),
            help="A file in the folder of a web server, or a port of this machine.",
        ),
        SettingField(
            "web_root", "Web root", "folder", help="Whose .well-known/acme-challenge port 80 serves.", required=True,
            when=(When("http_by", (BY_WEB_ROOT,)),),
        ),
        SettingField(
            "http_listen", "Listens on", help="Where port 80 of the names leads: :PORT, or ADDRESS:PORT.",
            default=DEFAULT_HTTP, when=(When("http_by", (BY_LISTENER,)),),
        ),
        SettingField(
            "tls_listen", "Listens on", help="Where port 443 of the names leads: :PORT, ADDRESS:PORT.",
            default=DEFAULT_TLS, when=(When("proof", (TLS_ALPN,)),),
        ),
        SettingField(
            "tech_zone", "Tech zone", help="A zone of your own for proofs, as acme.example.net.", required=True,
            when=(When("proof", (DELEGATED,)), *_OWN_ZONE),
        ),
        SettingField(
            "dns", "Records by", "choice", help="How records are made.", choices=WAYS, default=BY_UPDATE, when=_BY_RECORDS
        ),
        SettingField("dns_server", "Update server", help="ADDRESS or ADDRESS:PORT; empty for the zone's primary.", when=_BY_UPDATE),
        SettingField("dns_zone", "Update zone", help="The zone to update, where it is not the one that is found.", when=_OWN_ZONE),
        SettingField("tsig_name", "TSIG key name", help="As in the server's configuration.", when=_BY_UPDATE),
        SettingField(
            "tsig_algorithm", "TSIG algorithm", "choice", choices=ALGORITHMS, default=ALGORITHMS[0], help="Of that key.",
            when=_BY_UPDATE,
        ),
        SettingField("tsig_key", "TSIG key", "secret", help="In base64, as in the server's configuration.", when=_BY_UPDATE),
        SettingField(
            "hook", "Hook", help="A program; called with add or remove, name, value.", when=(When("dns", (BY_HOOK,)),)
        ),
        SettingField(
            "lexicon_provider", "Provider", help="As dns-lexicon calls it: cloudflare, ovh, powerdns …", required=True, when=_BY_LEXICON
        ),
        SettingField(
            "lexicon_options", "Its options", "lines", help="key=value on each line, as auth_username=ada; no secrets.", when=_BY_LEXICON
        ),
        SettingField(
            "lexicon_secrets", "Its secrets", "secret", help="As auth_token=…; blanks between several.", when=_BY_LEXICON
        ),
        SettingField("acmedns_url", "acme-dns", help="The https:// address of its API.", required=True, when=_BY_ACME_DNS),
        SettingField(
            "acmedns_allow_from", "Changed from", help="Networks that may change records; empty for all.", when=_BY_ACME_DNS
        ),
        SettingField(
            "acmedns_import", "Its accounts", "secret", help="Registrations made elsewhere, as JSON of its clients.", when=_BY_ACME_DNS
        ),
        SettingField("resolvers", "Resolvers", help="Whom to ask the way; empty for this machine's own."),
        SettingField("wildcard", "Allow wildcards", "flag", help="Whether *.example.com may be ordered.", default="no", when=_BY_DNS),
        SettingField("profile", "ACME profile", help="As classic, tlsserver, shortlived; empty for its default."),
        SettingField("chain", "Preferred chain", help="The common name of the root that the chain should lead to."),
        SettingField(
            "caa", "CAA records", "choice", choices=(CAA_CHECK, CAA_IGNORE), default=CAA_CHECK,
            help="Whether an order waits while one forbids the CA; ignore where a CA of your own sees other records.",
        ),
        SettingField(
            "staging_directory", "Staging server", help="The https:// address of a server to try orders at.", when=_UNKNOWN_STAGING
        ),
        SettingField("staging_eab_kid", "Staging EAB id", help="External account at the staging server.", when=_STAGING_ACCOUNTS),
        SettingField(
            "staging_eab_key", "Staging EAB key", "secret", help="The MAC key that belongs to it.", when=_STAGING_ACCOUNTS
        ),
        SettingField(
            "preflight", "Staging first", "flag", help="Whether each order runs at the staging server first.", default="no",
            when=_BY_ITSELF,
        ),
        TAKE_OVER,
        SettingField(
            "ask_revoked", "Ask if revoked", "flag", help="OCSP or CRL, daily: what the CA revoked is replaced.", default="yes"
        ),
        SettingField(
            "account_key_type", "Account key", "choice", choices=KEY_TYPES, default=KEY_TYPES[0], help="For a new account."
        ),
        SettingField("ca_file", "Trusted roots", help="A PEM file; empty for the roots of the system."),
        SettingField(
            "timeout", "Answer within (s)", "number", help="Seconds for each question.", default=str(DEFAULT_TIMEOUT)
        ),
        SettingField(
            "spread_seconds",
            "Spread within (s)",
            "number",
            help="Seconds that a proof may take to be seen.",
            when=_SPREADS,
            default=str(DEFAULT_SPREAD),
        ),
    ),
)  # fmt: skip


def completed(settings: Mapping[str, str]) -> dict[str, str]:
    """With what goes without saying: who names a directory means another server."""
    return {"server": OTHER, **settings} if settings.get("directory") else dict(settings)


def checked_settings(settings: Mapping[str, str]) -> dict[str, str]:
    """The settings as they are kept. Raises `Invalid` naming the setting."""
    kept = dict(settings)
    directory_of(settings)
    for key in ("tech_zone", "dns_zone"):
        if settings.get(key):
            kept[key] = _zone(settings[key], key)
    if settings.get("dns") == BY_ACME_DNS:
        if settings.get("proof") == DNS:
            raise Invalid(
                "acme-dns keeps names of its own, not of the domains' zones.",
                f"Choose {DELEGATED}: each name leads there by a CNAME.",
                field="dns",
            )
        kept |= acme_dns.checked_settings(settings)
        if settings.get("proof") == DNS:
            raise Invalid(
                "acme-dns keeps names of its own only, so CNAMEs lead there.", f"Choose {DELEGATED}.", field="proof"
            )
    if settings.get("dns") == BY_LEXICON:
        from certtui.authorities.acme import dns_lexicon

        kept |= dns_lexicon.checked_settings(settings)
    zone, tech = kept.get("dns_zone", ""), kept.get("tech_zone", "")
    if zone and tech and tech != zone and not tech.endswith("." + zone):
        raise Invalid(f"The tech zone does not lie in {zone}.", "Give the zone that it is a part of.", field="dns_zone")
    known_words = {
        "proof": PROOFS,
        "http_by": (BY_WEB_ROOT, BY_LISTENER),
        "manual_by": (BY_DNS, BY_HTTP),
        "dns": WAYS,
        "tsig_algorithm": ALGORITHMS,
        "account_key_type": KEY_TYPES,
        "caa": (CAA_CHECK, CAA_IGNORE),
    }
    for key, known in known_words.items():
        if settings.get(key) and settings[key] not in known:
            raise Invalid(f"There is no “{settings[key]}” here.", f"There are {', '.join(known)}.", field=key)
    if settings.get("dns") == BY_HOOK:
        if not settings.get("hook"):
            raise Invalid("The hook is missing.", "Give the path of a program.", field="hook")
        kept["hook"] = checked_hook(settings["hook"])
    if settings.get("dns_server"):
        server_of(settings["dns_server"])
    resolver_of(settings["resolvers"]) if settings.get("resolvers") else None
    if settings.get("staging_directory"):
        try:
            kept["staging_directory"] = checked_url(settings["staging_directory"])
        except Invalid as error:
            raise Invalid(error.message, error.hint, field="staging_directory") from None
    if settings.get("preflight") == "yes":
        staging_of(settings)
    for key in ("agree", "wildcard", "take_over", "ask_revoked", "preflight"):
        check_flag(settings, key)
    for address in emails_of(settings):
        _check_email(address)
    for key in ("ca_file", "web_root"):
        if found := folder_of(settings, key):
            kept[key] = str(found)
    for key in ("http_listen", "tls_listen"):
        if settings.get(key):
            kept[key] = str(address_of(settings[key], key))
    kept["timeout"] = str(max(number_of(settings, "timeout", DEFAULT_TIMEOUT, 120), 1))
    if settings.get("proof") not in (TLS_ALPN, MANUAL):
        kept["spread_seconds"] = str(number_of(settings, "spread_seconds", DEFAULT_SPREAD, _MOST_SECONDS))
    return kept


def directory_of(settings: Mapping[str, str]) -> str:
    """The address of the directory. Raises `Invalid` (field `server` or `directory`)."""
    server = settings.get("server", "") or (OTHER if settings.get("directory") else "letsencrypt")
    if server == OTHER:
        if not settings.get("directory"):
            raise Invalid("The directory is missing.", "Give its https:// address.", field="directory")
        return checked_url(settings["directory"])
    if server not in SERVERS:
        raise Invalid(
            f"No server is called “{server}” here.", f"Choose one of {', '.join(SERVERS)}, {OTHER}.", field="server"
        )
    if settings.get("directory"):
        raise Invalid(f"{server} has a directory of its own.", f"Leave it empty, or choose {OTHER}.", field="directory")
    return SERVERS[server]


def staging_of(settings: Mapping[str, str]) -> dict[str, str]:
    """The settings of the same profile at its staging server. Raises `Invalid` (field `staging_directory`) where none is known."""
    server = settings.get("server", "") or (OTHER if settings.get("directory") else "letsencrypt")
    found = {key: value for key, value in settings.items() if key not in ("directory", "eab_kid", "chain", "preflight")}
    if settings.get("staging_eab_kid"):
        found["eab_kid"] = settings["staging_eab_kid"]
    if server in STAGING:
        return {**found, "server": STAGING[server]}
    if settings.get("staging_directory"):
        return {**found, "server": OTHER, "directory": checked_url(settings["staging_directory"])}
    raise Invalid(
        f"No staging server of {server if server != OTHER else 'this CA'} is known.",
        "Give the address of its directory in the profile.",
        field="staging_directory",
    )


def emails_of(settings: Mapping[str, str]) -> tuple[str, ...]:
    """Whom the CA writes to."""
    return words_of(settings, "email")


def server_of(typed: str) -> tuple[str, int]:
    """Host and port of the server that takes updates. Raises `Invalid` (field `dns_server`)."""
    from certtui.pki.fetch import parse_target

    try:
        return parse_target(typed, 53)
    except Invalid as error:
        raise Invalid(error.message, "Write ADDRESS or ADDRESS:PORT.", field="dns_server") from None


def _zone(typed: str, key: str) -> str:
    from certtui.pki.sans import host_name

    try:
        found = host_name(typed)
    except Invalid as error:
        raise Invalid(error.message, "Write a zone as acme.example.net.", field=key) from None
    if found.startswith("*."):
        raise Invalid("A zone has no star.", "Write it as acme.example.net.", field=key)
    return found


def _check_email(address: str) -> None:
    from certtui.pki.sans import normalise

    try:
        normalise(f"EMAIL:{address}")
    except Invalid as error:
        raise Invalid(error.message, "Write it as ops@example.com.", field="email") from None
