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


def shown(url: str) -> str:
    """An address without anything secret; also one that can't be read."""
    rest = url.partition("://")[2]
    before, question, query = rest.partition("?")
    hosts, slash, database = before.partition("/")
    if "@" in database:
        # A `/` in the password: only what follows the last `@` is surely no part of it.
        hosts, slash, database = database.rpartition("@")[2], "", ""
    user, at, host = hosts.rpartition("@")
    kept = [part for part in query.split("&") if part and part.partition("=")[0].lower() not in _SECRET]
    options = f"{question}{'&'.join(kept)}" if kept else ""
    return f"postgresql://{user.partition(':')[0]}{at}{host}{slash}{database}{options}"


def address_of(url: str) -> Address:
    """From `postgresql://user@host:port/db?…`. Raises `Invalid`, and `Unsupported` where the driver is missing."""
    import re

    if any(ord(char) < 32 for char in url):
        raise _invalid()
    driver = psycopg()
    try:
        parts = driver.conninfo.conninfo_to_dict(url)
    except (driver.Error, ValueError):
        # What libpq says of it may quote a part of the password.
        raise _invalid() from None
    # Of a password with a `/` in it, libpq takes the rest for the database, and its beginning for a port.
    database = url.partition("://")[2].partition("?")[0].partition("/")[2]
    if "@" in database or not re.fullmatch(r"[\d,]*", str(parts.get("port", ""))):
        raise _invalid()
    return Address(re.sub("^postgres(ql)?:", "postgresql:", url), shown(url))


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
