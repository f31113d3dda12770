"""Where a PostgreSQL store is: the address that libpq gets, and the one that people see, without a password."""

from __future__ import annotations

from certtui.errors import Invalid, Unsupported
from certtui.record import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

SCHEMES = ("postgresql", "postgres")
_SECRET = ("password", "sslpassword", "scram_client_key", "scram_server_key", "oauth_client_secret")


@dataclass(frozen=True, slots=True)
class Address:
    """A connection URI of libpq (PostgreSQL documentation, 34.1.1.2); what it leaves out, libpq's own defaults,
    `PG…` variables, service and password files give."""

    uri: str = field(repr=False)
    shown: str
    """The same without anything secret."""


def address_of(url: str) -> Address:
    """From `postgresql://user@host:port/db?…`. Raises `Invalid`, and `Unsupported` where the driver is missing."""
    import re

    if "\0" in url or any(ord(char) < 32 for char in url):
        raise _invalid()
    scheme, _, rest = url.partition("://")
    hosts, slash, path = rest.partition("/")
    if "?" in hosts:
        hosts, _, path = rest.partition("?")
        slash, path = "", "?" + path
    user, at, host = hosts.rpartition("@")
    database, question, query = path.partition("?")
    kept = [part for part in query.split("&") if part and part.partition("=")[0].lower() not in _SECRET]
    shown = (
        f"postgresql://{user.partition(':')[0]}{at}{host}{slash}{database}{question if kept else ''}{'&'.join(kept)}"
    )
    driver = psycopg()
    try:
        parts = driver.conninfo.conninfo_to_dict(url)
    except (driver.Error, ValueError):
        # What libpq says of it may quote a part of the password.
        raise _invalid() from None
    # Of a password with a `/` in it, libpq takes the rest for the database, and its beginning for a port.
    if "@" in database or not re.fullmatch(r"[\d,]*", str(parts.get("port", ""))):
        raise _invalid()
    return Address(re.sub(f"^{scheme}", "postgresql", url), shown)


def psycopg() -> ModuleType:
    """The driver. Raises `Unsupported` with the command that installs it."""
    try:
        import psycopg
    except ImportError:
        raise Unsupported(
            "A store on PostgreSQL needs the driver psycopg, which is not installed here.",
            "Install it with `pip install 'certtui[postgres]'`.",
        ) from None
    return psycopg


def _invalid() -> Invalid:
    return Invalid(
        "The address of the PostgreSQL store can't be read.",
        "Write it as postgresql://user@host:5432/database; a `@`, `/` or `:` in a password is written as %40, %2F, %3A.",
        field="store",
    )
